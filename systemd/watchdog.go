package systemd

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// Interval is how often the watchdog of the service manager wants a sign of
// life at least, from WATCHDOG_USEC; 0 if it wants none, or if it wants it of
// another process.
func Interval() (time.Duration, error) {
	d, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		return 0, fmt.Errorf("systemd: watchdog: %w", err)
	}
	return d, nil
}

// Watch gives the watchdog its sign of life three times each [Interval], until
// ctx ends, as long as stuck names nothing. What it names is logged when it
// changes: if it lasts, the service manager aborts and restarts the process,
// and the log says why. Without a watchdog, Watch returns at once.
//
// stuck should say what hangs, not what is wrong: a restart heals neither
// damaged data nor a full disk. It must answer without waiting.
func Watch(ctx context.Context, stuck func() []string, log *slog.Logger) error {
	interval, err := Interval()
	if err != nil || interval == 0 {
		return err
	}
	ticker := time.NewTicker(max(interval/3, time.Millisecond))
	defer ticker.Stop()
	var before []string
	for {
		now := stuck()
		if !slices.Equal(now, before) {
			if len(now) > 0 {
				log.Error("work is stuck, the watchdog gets no sign of life", "stuck", now)
			} else {
				log.Info("work goes on")
			}
			before = slices.Clone(now)
		}
		if len(now) == 0 {
			if _, err := daemon.SdNotify(false, daemon.SdNotifyWatchdog); err != nil {
				log.Warn("the watchdog got no sign of life", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
