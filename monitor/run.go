package monitor

import (
	"context"
	"runtime/debug"
	"time"
)

// Names of the operations, of kind [Job], that Run itself records.
const (
	GCPause = "runtime gc pause" // the collector stopped the program
	TickLag = "runtime tick lag" // Run's timer came late: the machine is overloaded
)

// Run keeps the monitor going until ctx ends: each second it looks for
// regressions and at the garbage collector, each minute it samples the gauges.
// A monitor works without it too, but then keeps no series, judges regressions
// only when asked, and reads the clock once more for each [Op.Observe].
func (m *Monitor) Run(ctx context.Context) {
	if m == nil {
		<-ctx.Done()
		return
	}
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	defer m.ticked.Store(0)
	start := m.elapsed()
	m.ticked.Store(max(int64(start), 1))
	m.sample()
	var pauses pauses
	pauses.read() // those before Run are not ours to tell
	lag := m.Operation(Job, TickLag)
	last, sampled := start, start
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := m.elapsed()
		m.ticked.Store(max(int64(now), 1))
		lag.Observe(now-last-time.Second, nil)
		last = now
		for _, pause := range pauses.read() {
			m.Observe(Job, GCPause, pause, nil)
		}
		m.regressions.mu.Lock()
		m.judge()
		m.regressions.mu.Unlock()
		if now-sampled >= time.Minute {
			sampled += time.Minute * ((now - sampled) / time.Minute)
			m.sample()
		}
	}
}

// pauses reads the pauses of the garbage collector one after the other.
type pauses struct {
	stats debug.GCStats
	seen  int64
}

// read gives the pauses since the last read, at most the 256 that the runtime
// remembers.
func (p *pauses) read() []time.Duration {
	debug.ReadGCStats(&p.stats)
	n := min(p.stats.NumGC-p.seen, int64(len(p.stats.Pause)))
	p.seen = p.stats.NumGC
	return p.stats.Pause[:n]
}
