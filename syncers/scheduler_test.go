package syncers_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/syncers"
)

// clock is a clock that can be set apart from the bubble's.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead).UTC()
}

func (c *clock) jump(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// journal notes when a job ran, and why.
type journal struct {
	mu   sync.Mutex
	runs []entry
}

type entry struct {
	At      time.Duration // since the bubble's begin
	Trigger syncers.Trigger
}

var bubble = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // where synctest begins

func (j *journal) note(now time.Time, trigger syncers.Trigger) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.runs = append(j.runs, entry{now.Sub(bubble), trigger})
}

func (j *journal) list() []entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.runs)
}

// every returns a job that is due a distance after its last run.
func every(name string, distance time.Duration, last time.Time, c *clock, j *journal) syncers.Job {
	return syncers.Job{
		Name: name,
		Due:  func(time.Time) syncers.Due { return syncers.Due{At: last.Add(distance)} },
		Do: func(_ context.Context, start syncers.Start) (syncers.Run, error) {
			last = c.now()
			j.note(last, start.Trigger)
			return syncers.Run{Class: syncers.OK}, nil
		},
	}
}

// scheduled runs a scheduler while body does.
func scheduled(t *testing.T, cfg syncers.SchedulerConfig, body func(*syncers.Scheduler, *clock)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := &clock{}
		cfg.Now = c.now
		if cfg.Log == nil {
			cfg.Log = slog.New(slog.DiscardHandler)
		}
		s := syncers.NewScheduler(cfg)
		ctx, cancel := context.WithCancel(context.Background())
		var running sync.WaitGroup
		running.Go(func() { s.Run(ctx) })
		synctest.Wait()
		body(s, c)
		cancel()
		running.Wait()
	})
}

func TestSchedule(t *testing.T) {
	scheduled(t, syncers.SchedulerConfig{}, func(s *syncers.Scheduler, c *clock) {
		var missed, plain, never journal
		s.Set(every("main/lotw", 6*time.Hour, bubble.Add(-20*time.Hour), c, &missed))
		s.Set(every("main/dcl", 6*time.Hour, bubble.Add(-time.Hour), c, &plain))
		s.Set(syncers.Job{Name: "main/scrub", Do: func(context.Context, syncers.Start) (syncers.Run, error) {
			never.note(c.now(), "")
			return syncers.Run{}, nil
		}})
		time.Sleep(13 * time.Hour)
		if diff := cmp.Diff([]entry{{time.Minute, syncers.ByStart}, {6*time.Hour + time.Minute, syncers.ByCron}, {12*time.Hour + time.Minute, syncers.ByCron}}, missed.list()); diff != "" {
			t.Errorf("missed while it was off: once, then as usual (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]entry{{5 * time.Hour, syncers.ByCron}, {11 * time.Hour, syncers.ByCron}}, plain.list()); diff != "" {
			t.Errorf("plain (-want +got):\n%s", diff)
		}
		if len(never.list()) != 0 {
			t.Error("a job without a schedule ran")
		}
	})
}

func TestClockJumps(t *testing.T) {
	for _, test := range []struct {
		name string
		jump time.Duration
		want []entry // times as the clock shows them
	}{
		{"forward over three runs: one", 20 * time.Hour, []entry{{22*time.Hour + 59*time.Second, syncers.ByCron}, {28*time.Hour + 59*time.Second, syncers.ByCron}}},
		{"back: it waits until it is due", -20 * time.Hour, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			scheduled(t, syncers.SchedulerConfig{}, func(s *syncers.Scheduler, c *clock) {
				var j journal
				s.Set(every("main/lotw", 6*time.Hour, bubble, c, &j))
				time.Sleep(2*time.Hour + time.Second)
				c.jump(test.jump - time.Second)
				time.Sleep(7 * time.Hour)
				if diff := cmp.Diff(test.want, j.list()); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestUntrustedClock(t *testing.T) {
	var trusted sync.Map
	cfg := syncers.SchedulerConfig{Trusted: func() bool { _, ok := trusted.Load("yes"); return ok }}
	scheduled(t, cfg, func(s *syncers.Scheduler, c *clock) {
		var j journal
		s.Set(every("main/lotw", time.Hour, bubble, c, &j))
		time.Sleep(3 * time.Hour)
		if len(j.list()) != 0 {
			t.Error("a job ran by a clock that nobody trusts")
		}
		trusted.Store("yes", true)
		time.Sleep(time.Minute + time.Second)
		if len(j.list()) != 1 {
			t.Errorf("after the clock was set: %v", j.list())
		}
	})
}

func TestStart(t *testing.T) {
	scheduled(t, syncers.SchedulerConfig{}, func(s *syncers.Scheduler, c *clock) {
		var shown []string
		s.Set(syncers.Job{
			Name:   "main/lotw",
			Number: func() int { return 7 },
			Do: func(ctx context.Context, start syncers.Start) (syncers.Run, error) {
				start.Progress(syncers.Progress{Phase: "downloading", Bytes: 42})
				if err := syncers.Sleep(ctx, time.Minute); err != nil {
					return syncers.Run{Class: syncers.Local}, nil
				}
				return syncers.Run{Run: 7, Class: syncers.OK, Trigger: start.Trigger, Full: start.Full}, nil
			},
		})
		ticket, err := s.Start("main/lotw", syncers.Start{Trigger: syncers.ByButton, Full: true, Progress: func(p syncers.Progress) { shown = append(shown, p.Phase) }})
		if err != nil || ticket.Run != 7 {
			t.Fatalf("%+v, %v", ticket, err)
		}
		synctest.Wait()
		want := syncers.JobState{Name: "main/lotw", Running: true, Run: 7, Trigger: syncers.ByButton, Since: bubble, Progress: syncers.Progress{Phase: "downloading", Bytes: 42}}
		if state, ok := s.State("main/lotw"); !ok || cmp.Diff(want, state) != "" {
			t.Errorf("state (-want +got):\n%s", cmp.Diff(want, state))
		}
		time.Sleep(time.Second)
		var busy *syncers.BusyError
		if _, err := s.Start("main/lotw", syncers.Start{}); !errors.As(err, &busy) || busy.Run != 7 || !strings.Contains(err.Error(), "run 7") {
			t.Errorf("a second start: %v", err)
		}
		run, err := ticket.Wait(context.Background())
		if err != nil || !run.Full || run.Trigger != syncers.ByButton || !slices.Equal(shown, []string{"downloading"}) {
			t.Errorf("%+v, %v, progress %v", run, err, shown)
		}
		if _, err := s.Start("main/dcl", syncers.Start{}); !errors.Is(err, syncers.ErrUnknownJob) {
			t.Errorf("no such job: %v", err)
		}
		again, err := s.Start("main/lotw", syncers.Start{})
		if err != nil {
			t.Fatal(err)
		}
		s.Cancel("main/lotw")
		if run, err := again.Wait(context.Background()); err != nil || run.Class != syncers.Local {
			t.Errorf("cancelled: %+v, %v", run, err)
		}
	})
}

func TestWaitEndsWithItsContext(t *testing.T) {
	scheduled(t, syncers.SchedulerConfig{}, func(s *syncers.Scheduler, c *clock) {
		s.Set(syncers.Job{Name: "slow", Do: func(ctx context.Context, _ syncers.Start) (syncers.Run, error) {
			<-ctx.Done()
			return syncers.Run{}, ctx.Err()
		}})
		ticket, err := s.Start("slow", syncers.Start{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := ticket.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("wait: %v", err)
		}
		s.Remove("slow")
		if _, err := ticket.Wait(context.Background()); !errors.Is(err, context.Canceled) {
			t.Errorf("removed: %v", err)
		}
	})
}

func TestDeadlineAndPanic(t *testing.T) {
	var log strings.Builder
	cfg := syncers.SchedulerConfig{Log: slog.New(slog.NewTextHandler(&log, nil))}
	scheduled(t, cfg, func(s *syncers.Scheduler, c *clock) {
		s.Set(syncers.Job{Name: "hangs", Timeout: time.Hour, Do: func(ctx context.Context, _ syncers.Start) (syncers.Run, error) {
			<-ctx.Done()
			return syncers.Run{}, ctx.Err()
		}})
		s.Set(syncers.Job{Name: "panics", Do: func(context.Context, syncers.Start) (syncers.Run, error) { panic("canary") }})
		hangs, err := s.Start("hangs", syncers.Start{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := hangs.Wait(context.Background()); !errors.Is(err, context.DeadlineExceeded) || c.now().Sub(bubble) != time.Hour {
			t.Errorf("after %v: %v", c.now().Sub(bubble), err)
		}
		panics, err := s.Start("panics", syncers.Start{})
		if err != nil {
			t.Fatal(err)
		}
		if run, err := panics.Wait(context.Background()); err == nil || run.Class != syncers.Local || run.Code != "panic" {
			t.Errorf("%+v, %v", run, err)
		}
		if _, err := s.Start("panics", syncers.Start{}); err != nil {
			t.Errorf("after the panic: %v", err)
		}
	})
	if strings.Contains(log.String(), "canary") || !strings.Contains(log.String(), "a job panicked") {
		t.Errorf("log: %s", log.String())
	}
}

func TestStopped(t *testing.T) {
	s := syncers.NewScheduler(syncers.SchedulerConfig{Now: func() time.Time { return bubble }})
	s.Set(syncers.Job{Name: "a", Do: func(context.Context, syncers.Start) (syncers.Run, error) { return syncers.Run{}, nil }})
	if _, err := s.Start("a", syncers.Start{}); !errors.Is(err, syncers.ErrStopped) {
		t.Errorf("not running: %v", err)
	}
}

// Jitter is the same for the same appliance, job and time, and spreads others.
func TestJitter(t *testing.T) {
	next := func(seed uint64, name string) time.Time {
		s := syncers.NewScheduler(syncers.SchedulerConfig{Now: func() time.Time { return bubble }, Seed: seed})
		s.Set(syncers.Job{Name: name, Jitter: 10 * time.Minute, Due: func(time.Time) syncers.Due { return syncers.Due{At: bubble.Add(time.Hour)} }})
		state, _ := s.State(name)
		return state.Next
	}
	seen := map[time.Time]bool{}
	for seed := range uint64(50) {
		at := next(seed, "main/lotw")
		if at != next(seed, "main/lotw") {
			t.Fatal("the same twice is not the same")
		}
		if late := at.Sub(bubble.Add(time.Hour)); late < 0 || late >= 10*time.Minute {
			t.Errorf("seed %d: put off by %v", seed, late)
		}
		seen[at] = true
	}
	if len(seen) < 30 {
		t.Errorf("50 appliances share %d times", len(seen))
	}
}
