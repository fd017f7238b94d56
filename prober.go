package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"qslbox/monitor"
)

// The store is probed this often; a writer that does not move for so long is
// stuck: then the service cannot serve, and the watchdog restarts it.
const (
	probeEvery = 10 * time.Second
	writeSlow  = 20 * time.Second
	writeStuck = 30 * time.Second
)

// probed is what a prober looks at: the store.
type probed interface {
	Probe() error                          // waits until something could be written
	Trouble() (since time.Time, err error) // of the last write
}

// prober asks the store again and again for a sign of life.
type prober struct {
	store   probed
	elapsed func() time.Duration
	since   atomic.Int64 // when the probe under way began, plus one; 0: none is
}

// run probes the store until ctx ends. A probe that hangs keeps neither the end
// of the service nor anything else waiting. Each one that goes well is a beat;
// one that fails is no reason to restart: the check tells it.
func (p *prober) run(ctx context.Context, beat *monitor.Heartbeat) {
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for {
		ended := make(chan struct{})
		p.since.Store(int64(p.elapsed()) + 1)
		go func() {
			defer close(ended)
			if p.store.Probe() == nil {
				beat.Beat()
			}
			p.since.Store(0)
		}()
		select {
		case <-ended:
		case <-ctx.Done():
			select { // the store is closed next
			case <-ended:
			case <-time.After(stopTimeout):
			}
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// check finds a writer that is stuck, and a disk that takes nothing.
func (p *prober) check() monitor.Check {
	if began := p.since.Load(); began != 0 {
		if waits := p.elapsed() - time.Duration(began-1); waits > writeSlow {
			return monitor.Check{Severity: monitor.Error, Message: fmt.Sprintf("writing: nothing could be written for %d s: the disk hangs; see the kernel's log, and replace it if this comes back", int(waits.Seconds()))}
		}
	}
	if since, err := p.store.Trouble(); err != nil {
		return monitor.Check{Severity: monitor.Degraded, Since: since, Message: fmt.Sprintf("writing: the last write failed: %v; what is stored can still be read, and a write is tried again each 10 seconds", err)}
	}
	return monitor.Check{}
}
