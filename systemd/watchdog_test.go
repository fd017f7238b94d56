package systemd_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/systemd"
)

func ExampleWatch() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	stuck := func() []string { return nil } // such as monitor.Liveness.Stuck
	if err := systemd.Watch(ctx, stuck, slog.New(slog.DiscardHandler)); err != nil {
		fmt.Println(err) // WATCHDOG_USEC makes no sense
	}
	// Output:
}

// setWatchdog has the environment ask for a sign of life.
func setWatchdog(t *testing.T, usec string, pid int) {
	t.Helper()
	t.Setenv("WATCHDOG_USEC", usec)
	t.Setenv("WATCHDOG_PID", fmt.Sprint(pid))
}

func TestInterval(t *testing.T) {
	tests := []struct {
		name, usec string
		pid        int
		want       time.Duration
		bad        bool
	}{
		{"none", "", os.Getpid(), 0, false},
		{"a minute", "60000000", os.Getpid(), time.Minute, false},
		{"of another process", "60000000", os.Getpid() + 1, 0, false},
		{"no number", "a minute", os.Getpid(), 0, true},
		{"negative", "-5", os.Getpid(), 0, true},
		{"zero", "0", os.Getpid(), 0, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			setWatchdog(t, tt.usec, tt.pid)
			got, err := systemd.Interval()
			if got != tt.want || (err != nil) != tt.bad {
				t.Errorf("Interval() = %v, %v; want %v, error %v", got, err, tt.want, tt.bad)
			}
			err = systemd.Watch(canceled(t), func() []string { return nil }, slog.New(slog.DiscardHandler))
			if (err != nil) != tt.bad {
				t.Errorf("Watch() = %v, want error %v", err, tt.bad)
			}
		})
	}
}

// canceled is a context that has ended.
func canceled(t *testing.T) context.Context {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	return ctx
}

// TestWatch has a loop get stuck and go on again: meanwhile there is no sign of
// life, and the log says what hangs, once.
func TestWatch(t *testing.T) {
	m := newManager(t)
	setWatchdog(t, "30000000", os.Getpid())
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var stuck []string
		var mu sync.Mutex
		set := func(names ...string) { mu.Lock(); stuck = names; mu.Unlock() }
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			done <- systemd.Watch(ctx, func() []string { mu.Lock(); defer mu.Unlock(); return stuck },
				slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: withoutTime})))
		}()
		steps := []struct {
			name  string
			stuck []string
			signs int
		}{
			{"alive", nil, 10}, // at once, and every 10 s
			{"stuck", []string{"writer"}, 0},
			{"stuck still", []string{"writer"}, 0},
			{"both stuck", []string{"probe", "writer"}, 0},
			{"alive again", nil, 9},
		}
		for _, s := range steps {
			set(s.stuck...)
			time.Sleep(95 * time.Second)
			synctest.Wait()
			got := m.received()
			if len(got) < s.signs || len(got) > s.signs+1 || strings.Join(got, "") != strings.Repeat("WATCHDOG=1", len(got)) {
				t.Errorf("%s: received %q, want %d or %d signs of life", s.name, got, s.signs, s.signs+1)
			}
		}
		stop()
		if err := <-done; err != nil {
			t.Errorf("Watch() = %v, want no error when it ends", err)
		}
		want := []string{
			`level=ERROR msg="work is stuck, the watchdog gets no sign of life" stuck=[writer]`,
			`level=ERROR msg="work is stuck, the watchdog gets no sign of life" stuck="[probe writer]"`,
			`level=INFO msg="work goes on"`,
		}
		if diff := cmp.Diff(want, strings.Split(strings.TrimSpace(log.String()), "\n")); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
	})
}

func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// TestWatchWithoutSocket goes on when nobody listens, and says so.
func TestWatchWithoutSocket(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", t.TempDir()+"/gone")
	setWatchdog(t, "30000000", os.Getpid())
	var log bytes.Buffer
	if err := systemd.Watch(canceled(t), func() []string { return nil }, slog.New(slog.NewTextHandler(&log, nil))); err != nil {
		t.Error(err)
	}
	if !strings.Contains(log.String(), "the watchdog got no sign of life") {
		t.Errorf("log: %q, want a warning", log.String())
	}
}
