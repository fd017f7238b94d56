package monitor

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Other is the name of the operation, one for each kind, that takes the calls
// whose own name does not fit into the table.
const Other = "other"

// longestName is the longest name in bytes that gets an operation of its own.
const longestName = 200

// Config says how a [Monitor] measures. Only Now is needed; a zero in another
// field means the default named there.
type Config struct {
	// Now is the wall clock, for the times that people read.
	Now func() time.Time
	// Elapsed is the clock that measures: the time since any fixed moment,
	// never falling. Default: from Now. [Monotonic] is faster.
	Elapsed func() time.Duration

	Slow     time.Duration // a longer call is slow; 100 ms
	Critical time.Duration // a longer call is critical too; 500 ms
	// Keep is the shortest call that may be listed among the slowest, at most
	// Slow; 1 ms or Slow, whichever is less.
	Keep time.Duration
	// MaxOperations bounds the number of operations of each kind; 128.
	MaxOperations int

	// Version is the version of the program, to which baselines belong.
	Version string
	// Apart is the least difference of two medians that can be a regression;
	// 1 ms.
	Apart time.Duration
}

// A Monitor measures the operations of a program. Its methods may be called
// from any goroutine; on a nil Monitor they measure nothing.
type Monitor struct {
	now                  func() time.Time
	elapsed              func() time.Duration
	slow, critical, keep time.Duration
	maxOperations        int

	adding sync.Mutex // held to add an operation
	table  atomic.Pointer[table]
	others [kinds]*Op

	// ticked is the time of the last tick while Run is running, else 0.
	ticked atomic.Int64

	slowest                  [kinds]slowest
	slowCalls, criticalCalls [kinds]window

	regressions detector
	gauges      gauges
}

// A table of operations is never changed, only replaced by a longer one.
type table struct {
	byName [kinds]map[string]*Op
	byKind [kinds][]*Op // sorted by name, with the kind's Other once used
}

// New makes a Monitor. The error names the field of cfg that makes no sense.
func New(cfg Config) (*Monitor, error) {
	if cfg.Now == nil {
		return nil, errors.New("monitor: Now is missing")
	}
	if cfg.Elapsed == nil {
		base := cfg.Now()
		cfg.Elapsed = func() time.Duration { return cfg.Now().Sub(base) }
	}
	cfg.Slow = cmp.Or(cfg.Slow, 100*time.Millisecond)
	cfg.Critical = cmp.Or(cfg.Critical, max(500*time.Millisecond, 5*cfg.Slow))
	cfg.Keep = cmp.Or(cfg.Keep, min(time.Millisecond, cfg.Slow))
	cfg.MaxOperations = cmp.Or(cfg.MaxOperations, 128)
	cfg.Apart = cmp.Or(cfg.Apart, time.Millisecond)
	switch {
	case cfg.Slow < 0:
		return nil, fmt.Errorf("monitor: Slow is %v, must be above 0", cfg.Slow)
	case cfg.Critical <= cfg.Slow:
		return nil, fmt.Errorf("monitor: Critical is %v, must be above Slow (%v)", cfg.Critical, cfg.Slow)
	case cfg.Keep < 0 || cfg.Keep > cfg.Slow:
		return nil, fmt.Errorf("monitor: Keep is %v, must be above 0 and at most Slow (%v)", cfg.Keep, cfg.Slow)
	case cfg.MaxOperations < 0:
		return nil, fmt.Errorf("monitor: MaxOperations is %d, must be above 0", cfg.MaxOperations)
	case cfg.Apart < 0:
		return nil, fmt.Errorf("monitor: Apart is %v, must be above 0", cfg.Apart)
	}
	m := &Monitor{
		now: cfg.Now, elapsed: cfg.Elapsed, maxOperations: cfg.MaxOperations,
		slow: cfg.Slow, critical: cfg.Critical, keep: cfg.Keep,
	}
	m.regressions.init(cfg.Version, cfg.Apart)
	for k := range m.others {
		m.others[k] = &Op{monitor: m, kind: Kind(k), name: Other}
	}
	m.table.Store(&table{})
	return m, nil
}

// Operation gives the handle of an operation and adds it at its first use. A
// kind's operations beyond Config.MaxOperations, those without a name and those
// with a name over 200 bytes share the one called [Other].
func (m *Monitor) Operation(kind Kind, name string) *Op {
	if m == nil {
		return nil
	}
	kind = min(kind, Job)
	t := m.table.Load()
	if op := t.byName[kind][name]; op != nil {
		return op
	}
	if other := t.byName[kind][Other]; other != nil && !m.fits(t, kind, name) {
		return other
	}
	return m.add(kind, name)
}

// fits tells whether a new name gets an operation of its own.
func (m *Monitor) fits(t *table, kind Kind, name string) bool {
	named := len(t.byName[kind])
	if t.byName[kind][Other] != nil {
		named--
	}
	return named < m.maxOperations && name != "" && name != Other && len(name) <= longestName
}

func (m *Monitor) add(kind Kind, name string) *Op {
	m.adding.Lock()
	defer m.adding.Unlock()
	old := m.table.Load()
	op := &Op{monitor: m, kind: kind, name: strings.Clone(name)}
	if !m.fits(old, kind, name) {
		op = m.others[kind]
	}
	if known := old.byName[kind][op.name]; known != nil {
		return known
	}
	next := *old
	next.byName[kind] = maps.Clone(old.byName[kind])
	if next.byName[kind] == nil {
		next.byName[kind] = map[string]*Op{}
	}
	next.byName[kind][op.name] = op
	next.byKind[kind] = slices.SortedFunc(maps.Values(next.byName[kind]),
		func(a, b *Op) int { return cmp.Compare(a.name, b.name) })
	m.table.Store(&next)
	return op
}

// Observe records a call of the named operation that took d and ended now. A
// hot path keeps the handle of [Monitor.Operation] instead.
func (m *Monitor) Observe(kind Kind, name string, d time.Duration, err error) {
	m.Operation(kind, name).Observe(d, err)
}

// Track runs fn as one call of the named operation and returns its error.
func (m *Monitor) Track(kind Kind, name string, fn func() error) error {
	return m.Operation(kind, name).Track(fn)
}

// Find lists the operations with the given name: none, or one of each kind
// that has it.
func (m *Monitor) Find(name string) []*Op {
	var found []*Op
	if m == nil {
		return nil
	}
	for _, byName := range m.table.Load().byName {
		if op := byName[name]; op != nil {
			found = append(found, op)
		}
	}
	return found
}

// All lists the operations by kind and name.
func (m *Monitor) All() []*Op {
	if m == nil {
		return nil
	}
	t := m.table.Load()
	return slices.Concat(t.byKind[:]...)
}

// coarse is the time for an observation that did not read the clock itself:
// while [Monitor.Run] is running the time of its last tick, which is true to a
// second and saves a third of the price.
func (m *Monitor) coarse() time.Duration {
	if t := m.ticked.Load(); t != 0 {
		return time.Duration(t)
	}
	return m.elapsed()
}
