package main

import (
	"context"
	"log/slog"

	"qslbox/systemd"
)

// notifyReady tells the service manager that we serve, and keeps its watchdog
// content while our loops turn, until ctx ends. Neither is a reason not to
// serve.
func notifyReady(ctx context.Context, a *appliance, log *slog.Logger) {
	if err := systemd.Ready("serving on " + a.cfg.address()); err != nil {
		log.Warn("the service manager does not hear that we are ready", "err", err)
	}
	go func() {
		if err := systemd.Watch(ctx, a.liveness.Stuck, log); err != nil {
			log.Warn("the watchdog gets no sign of life", "err", err)
		}
	}()
}

// stopping tells it that we end. If it does not hear that, it sees it soon.
func stopping() {
	_ = systemd.Stopping("finishing what is under way")
}
