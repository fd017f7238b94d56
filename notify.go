package main

import (
	"context"

	"qslbox/systemd"
)

// ready tells the service manager that we serve, and keeps its watchdog content
// while our loops turn, until ctx ends; while the data are not open there are
// none. Neither is a reason not to serve.
func (sv *service) ready(ctx context.Context, text string) {
	if sv.told {
		sv.status(text)
		return
	}
	sv.told = true
	if err := systemd.Ready(text); err != nil {
		sv.log.Warn("the service manager does not hear that we are ready", "err", err)
	}
	stuck := func() []string {
		if a := sv.app.Load(); a != nil {
			return a.liveness.Stuck()
		}
		return nil
	}
	go func() {
		if err := systemd.Watch(ctx, stuck, sv.log); err != nil {
			sv.log.Warn("the watchdog gets no sign of life", "err", err)
		}
	}()
}

// status sets the line that the service manager shows.
func (sv *service) status(text string) {
	if err := systemd.Status(text); err != nil {
		sv.log.Debug("the service manager does not hear how we are", "err", err)
	}
}

// stopping tells it that we end. If it does not hear that, it sees it soon.
func stopping() {
	_ = systemd.Stopping("finishing what is under way")
}
