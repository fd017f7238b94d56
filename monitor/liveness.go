package monitor

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Liveness says whether the loops of a program still turn. It is the answer for
// a watchdog that restarts the program, so it knows nothing of damaged data,
// full disks or upstream trouble: only of work that does not go on.
type Liveness struct {
	elapsed func() time.Duration
	mu      sync.Mutex // held to add a heartbeat and to read the list
	beats   []*Heartbeat
}

// A Heartbeat is one loop's sign of life.
type Heartbeat struct {
	name    string
	oldest  time.Duration
	elapsed func() time.Duration
	last    atomic.Int64 // elapsed plus one; 0 = nothing to do
}

// NewLiveness makes a Liveness without heartbeats, which is alive. The clock
// tells the time since any fixed moment and must not be a wall clock that can
// be set: see [Monotonic].
func NewLiveness(elapsed func() time.Duration) *Liveness { return &Liveness{elapsed: elapsed} }

// Heartbeat adds a loop that has to give a sign at least every so often. Adding
// it is the first sign.
func (l *Liveness) Heartbeat(name string, oldest time.Duration) *Heartbeat {
	b := &Heartbeat{name: name, oldest: oldest, elapsed: l.elapsed}
	b.Beat()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.beats = append(l.beats, b)
	return b
}

// Beat is the sign that the loop turns.
func (b *Heartbeat) Beat() {
	if b != nil {
		b.last.Store(int64(b.elapsed()) + 1)
	}
}

// Idle says that the loop has nothing to do: it is not missed until the next
// Beat. A queue calls Beat when work arrives and whenever some is done, and
// Idle when none is left.
func (b *Heartbeat) Idle() {
	if b != nil {
		b.last.Store(0)
	}
}

// Alive tells whether every heartbeat is young enough.
func (l *Liveness) Alive() bool { return len(l.Stuck()) == 0 }

// Stuck names the heartbeats that are too old, sorted.
func (l *Liveness) Stuck() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var names []string
	for _, b := range l.beats {
		if last := b.last.Load(); last != 0 && int64(l.elapsed())-(last-1) > int64(b.oldest) {
			names = append(names, b.name)
		}
	}
	slices.Sort(names)
	return names
}
