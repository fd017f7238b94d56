package main

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/monitor"
)

// disk is a store on a disk with a trouble of its own.
type disk struct {
	takes time.Duration // a probe; negative: for ever
	full  error         // the last write
	gone  context.Context
}

func (d *disk) Probe() error {
	takes := time.After(d.takes)
	if d.takes < 0 {
		takes = nil
	}
	select {
	case <-takes:
		return nil
	case <-d.gone.Done():
		return d.gone.Err()
	}
}

func (d *disk) Trouble() (time.Time, error) { return time.Time{}, d.full }

// TestProber has the store hang, be slow, and take nothing: only what hangs is
// an error and ends the signs of life that the watchdog waits for.
func TestProber(t *testing.T) {
	type state struct {
		Status monitor.Severity
		Stuck  []string
	}
	well := state{}
	for _, c := range []struct {
		name string
		disk disk
		want []state // after 15, 25, 45 and 120 s
	}{
		{"well", disk{takes: time.Millisecond}, []state{well, well, well, well}},
		{"slow", disk{takes: 9 * time.Second}, []state{well, well, well, well}},
		{"stuck", disk{takes: -1}, []state{well, {Status: monitor.Error}, {monitor.Error, []string{"writer"}}, {monitor.Error, []string{"writer"}}}},
		{"full", disk{full: errors.New("no space left on device")}, []state{{Status: monitor.Degraded}, {Status: monitor.Degraded}, {Status: monitor.Degraded}, {Status: monitor.Degraded}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithCancel(t.Context())
				began := time.Now()
				elapsed := monitor.Monotonic(began)
				c.disk.gone = ctx
				p := &prober{store: &c.disk, elapsed: elapsed}
				health, alive := monitor.NewHealth(time.Now), monitor.NewLiveness(elapsed)
				health.Add("writing", p.check)
				var loop sync.WaitGroup
				loop.Go(func() { p.run(ctx, alive.Heartbeat("writer", writeStuck)) })
				var got []state
				for _, at := range []time.Duration{15, 25, 45, 120} {
					time.Sleep(time.Until(began.Add(at * time.Second)))
					synctest.Wait()
					got = append(got, state{health.Verdict().Status, alive.Stuck()})
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("after 15, 25, 45 and 120 s (-want +got):\n%s", diff)
				}
				stop()
				loop.Wait()
			})
		})
	}
}
