package monitor_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"qslbox/monitor"
)

var sink time.Duration

// measured is a monitor as main builds it, with the fast clock.
func measured(tb testing.TB) *monitor.Monitor {
	tb.Helper()
	m, err := monitor.New(monitor.Config{Now: time.Now, Elapsed: monitor.Monotonic(time.Now())})
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func TestObservationAllocatesNothing(t *testing.T) {
	m := measured(t)
	op := m.Operation(monitor.Query, "stats.hit")
	failed := errors.New("failed")
	for name, fn := range map[string]func(){
		"Start, Stop": func() { op.Start().Stop(nil) },
		"failed":      func() { op.Start().Stop(failed) },
		"Observe":     func() { op.ObserveDetail(time.Microsecond, nil, "by band") },
		"by name":     func() { m.Observe(monitor.Query, "stats.hit", time.Microsecond, nil) },
		"Track":       func() { _ = m.Track(monitor.Query, "stats.hit", func() error { return failed }) },
		"Totals":      func() { m.Totals(monitor.Query) },
		"Slowest":     func() { m.Slowest(monitor.Query) },
	} {
		if n := testing.AllocsPerRun(1000, fn); n != 0 {
			t.Errorf("%s allocates %v times, want 0", name, n)
		}
	}
}

// BenchmarkObservation compares one observation with the two clock readings
// that it cannot do without: StartStop is to cost 1.5 times ClockPair at most,
// and 2.5 times itself when two goroutines record the same operation.
func BenchmarkObservation(b *testing.B) {
	op := measured(b).Operation(monitor.Query, "stats.hit")
	failed := errors.New("failed")
	bodies := []struct {
		name string
		fn   func()
	}{
		{"ClockPair", func() { t := time.Now(); _ = time.Since(t) }},
		{"StartStop", func() { op.Start().Stop(nil) }},
		{"StartStopFailed", func() { sink += op.Start().Stop(failed) }},
		{"PairAndObserve", func() { t := time.Now(); op.Observe(time.Since(t), nil) }},
		{"Track", func() { _ = op.Track(func() error { return nil }) }},
	}
	for _, body := range bodies {
		b.Run(body.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				body.fn()
			}
		})
	}
	for _, body := range bodies[:2] {
		b.Run(body.name+"TwoGoroutines", func(b *testing.B) {
			var wg sync.WaitGroup
			for range 2 {
				wg.Go(func() {
					for range b.N {
						body.fn()
					}
				})
			}
			wg.Wait()
		})
	}
}

func BenchmarkByName(b *testing.B) {
	m := measured(b)
	for _, name := range []string{"stats", "award/dxcc", "award/waz", "qsos"} {
		m.Operation(monitor.Query, name)
	}
	b.ReportAllocs()
	for b.Loop() {
		m.Observe(monitor.Query, "award/dxcc", time.Microsecond, nil)
	}
}

func BenchmarkTotals(b *testing.B) {
	m := measured(b)
	for i := range 40 {
		m.Observe(monitor.Query, "query"+string(rune('A'+i)), time.Microsecond, nil)
	}
	b.ReportAllocs()
	for b.Loop() {
		sink += m.Totals(monitor.Query).Time
	}
}
