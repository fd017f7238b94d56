package monitor_test

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/monitor"
)

func ExampleSeries() {
	s := monitor.NewSeries(3)
	for i := range 5 {
		s.Add(started.Add(time.Duration(i)*time.Minute), float64(10*i))
	}
	for _, p := range s.Points() {
		fmt.Println(p.At.Format(time.TimeOnly), p.Value)
	}
	// Output:
	// 15:02:00 20
	// 15:03:00 30
	// 15:04:00 40
}

// running starts a monitor's Run inside a bubble and ends it with the test.
func running(t *testing.T, m *monitor.Monitor) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { m.Run(ctx) })
	t.Cleanup(func() { stop(); wg.Wait() })
	synctest.Wait()
}

// bubble makes a monitor on the clock of a bubble.
func bubble(t *testing.T) *monitor.Monitor {
	t.Helper()
	m, err := monitor.New(monitor.Config{Now: time.Now, Elapsed: monitor.Monotonic(time.Now()), Version: "1.0"})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestRunSamplesGauges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := bubble(t)
		base := time.Now().UTC()
		value := 0.0
		if err := m.Gauge("bytes", func() float64 { value++; return value }); err != nil {
			t.Fatal(err)
		}
		if err := m.Gauge("none", func() float64 { return math.NaN() }); err != nil {
			t.Fatal(err)
		}
		running(t, m)
		time.Sleep(2*time.Minute + 30*time.Second)
		var want []monitor.Point
		for i := range 3 {
			want = append(want, monitor.Point{At: base.Add(time.Duration(i) * time.Minute).Truncate(time.Second), Value: float64(i + 1)})
		}
		if diff := cmp.Diff(want, m.Series("bytes")); diff != "" {
			t.Errorf("Series(bytes) (-want +got):\n%s", diff)
		}
		if got := append(m.Series("none"), m.Series("unknown")...); len(got) != 0 {
			t.Errorf("series without values: %v, want nothing", got)
		}
		time.Sleep(30 * time.Hour)
		if n := len(m.Series("bytes")); n != monitor.SeriesSize {
			t.Errorf("%d points after 30 hours, want %d", n, monitor.SeriesSize)
		}
	})
}

func TestGauges(t *testing.T) {
	m, _ := newMonitor(t)
	zero := func() float64 { return 0 }
	var want []string
	for i := range 64 {
		name := fmt.Sprintf("g%02d", 63-i)
		want = append(want, name)
		if err := m.Gauge(name, zero); err != nil {
			t.Fatal(err)
		}
	}
	if m.Gauge("g05", zero) == nil || m.Gauge("one more", zero) == nil {
		t.Error("a gauge twice, or one too many: no error")
	}
	if diff := cmp.Diff(want, m.Gauges()); diff != "" {
		t.Errorf("Gauges() (-want +got):\n%s", diff)
	}
}

// TestRunFindsRegressions has Run look every second, so that since when is
// known although nobody asked.
func TestRunFindsRegressions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := bubble(t)
		running(t, m)
		op := m.Operation(monitor.Query, "q")
		for range 600 {
			op.Observe(20*time.Millisecond, nil)
			time.Sleep(100 * time.Millisecond)
		}
		slower := time.Now()
		for range 600 {
			op.Observe(60*time.Millisecond, nil)
			time.Sleep(100 * time.Millisecond)
		}
		list := m.Regressions()
		if len(list) != 1 || list[0].Since.Sub(slower) > 5*time.Second {
			t.Errorf("Regressions() = %+v, want one since at most 5 s after %v", list, slower)
		}
	})
}

// TestRunTellsTime sees that calls are counted at the right time while Run
// spares them the clock.
func TestRunTellsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := bubble(t)
		running(t, m)
		op := m.Operation(monitor.Query, "q")
		time.Sleep(10*time.Minute + time.Second/2)
		op.Observe(time.Second, nil)
		time.Sleep(4 * time.Minute)
		if s := op.Stats(); s.Last5Min != 1 {
			t.Errorf("4 minutes on: %d calls in 5, want 1", s.Last5Min)
		}
		time.Sleep(2 * time.Minute)
		if s := op.Stats(); s.Last5Min != 0 || s.LastHour != 1 {
			t.Errorf("6 minutes on: %d calls in 5, %d in the hour, want 0, 1", s.Last5Min, s.LastHour)
		}
		lag := m.Find(monitor.TickLag)
		if s := lag[0].Stats(); s.Count < 900 || s.Max != 0 || lag[0].Kind() != monitor.Job {
			t.Errorf("lag of the ticker: %+v, want 16 minutes of none", s)
		}
	})
}

// TestRunWatchesTheCollector has Run record the pauses that were made.
func TestRunWatchesTheCollector(t *testing.T) {
	m := bubble(t)
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { m.Run(ctx) })
	defer func() { stop(); wg.Wait() }()
	for range 500 {
		runtime.GC()
		if time.Sleep(20 * time.Millisecond); m.Find(monitor.GCPause) != nil {
			break
		}
	}
	if m.Find(monitor.GCPause) == nil {
		t.Error("no pause was recorded")
	}
	if c := m.CheckPauses(); c.Severity != monitor.OK {
		t.Errorf("CheckPauses() = %v, want ok", c)
	}
}

func TestCheckPauses(t *testing.T) {
	m, _ := newMonitor(t)
	m.Observe(monitor.Query, monitor.GCPause, time.Second, nil) // somebody else's
	if c := m.CheckPauses(); c.Severity != monitor.OK {
		t.Errorf("no pauses: %v, want ok", c)
	}
	for i := range 20 {
		if c := m.CheckPauses(); c.Severity != monitor.OK {
			t.Errorf("%d long pauses: %v, want ok: they are few", i, c)
		}
		m.Observe(monitor.Job, monitor.GCPause, 200*time.Millisecond+time.Duration(i)*time.Microsecond, nil)
	}
	if c := m.CheckPauses(); c.Severity != monitor.Degraded {
		t.Errorf("long pauses: %v, want degraded", c)
	}
}

func TestMonotonic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		elapsed := monitor.Monotonic(time.Now())
		time.Sleep(3 * time.Second)
		if got := elapsed(); got != 3*time.Second {
			t.Errorf("after 3 s: %v", got)
		}
	})
}
