package stats_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/stats"
)

// memory is a store in memory: logs with generations, and snapshots.
type memory struct {
	mu        sync.Mutex
	books     map[string]*book
	snapshots map[[2]string]stats.Snapshot
	saves     int
	broken    bool // snapshots can be neither read nor written
}

type book struct {
	log        *columns.Log
	generation atomic.Uint64
	loaded     chan struct{} // closed when the columns are ready
}

func newMemory(names ...string) *memory {
	m := &memory{books: map[string]*book{}, snapshots: map[[2]string]stats.Snapshot{}}
	for _, name := range names {
		b := &book{log: columns.New(), loaded: make(chan struct{})}
		close(b.loaded)
		m.books[name] = b
	}
	return m
}

// put writes as the store does: columns first, then the generation.
func (m *memory) put(name string, qsos ...*qso.QSO) {
	b := m.books[name]
	for _, q := range qsos {
		b.log.Put(q)
	}
	b.generation.Add(1)
}

func (m *memory) Counter(name string) *atomic.Uint64 {
	if b := m.books[name]; b != nil {
		return &b.generation
	}
	return nil
}

var errNoLogbook = errors.New("no such logbook")

func (m *memory) Columns(ctx context.Context, name string) (*columns.Log, error) {
	b := m.books[name]
	if b == nil {
		return nil, errNoLogbook
	}
	select {
	case <-b.loaded:
		return b.log, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (m *memory) ColumnsReady(name string) bool {
	select {
	case <-m.books[name].loaded:
		return true
	default:
		return false
	}
}

var errDisk = errors.New("disk is broken")

func (m *memory) LoadSnapshot(logbook, name string) (stats.Snapshot, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		return stats.Snapshot{}, false, errDisk
	}
	s, ok := m.snapshots[[2]string{logbook, name}]
	return s, ok, nil
}

func (m *memory) SaveSnapshot(s stats.Snapshot) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		return errDisk
	}
	m.saves++
	m.snapshots[[2]string{s.Logbook, s.Name}] = stats.Snapshot{
		Logbook: s.Logbook, Name: s.Name, Generation: s.Generation, Computed: s.Computed, Expires: s.Expires, Hash: s.Hash, Body: append([]byte(nil), s.Body...),
	}
	return nil
}

func (m *memory) saved() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.saves
}

// counter defines snapshots that say how often each was computed, and for how
// many QSOs.
type counter struct {
	mu    sync.Mutex
	calls map[string]int
	order []string
	same  bool          // bodies do not say how often they were computed
	gate  chan struct{} // if not nil, computations wait for it
	err   error
}

func newCounter() *counter { return &counter{calls: map[string]int{}} }

func (c *counter) define(name string) (stats.Definition, bool) {
	award := len(name) > 5 && name[:5] == "award"
	if !award && name != "stats" && name != "large" && name != "panic" {
		return stats.Definition{}, false
	}
	return stats.Definition{Name: name, Award: award, Compute: func(ctx context.Context, log *columns.Log, f columns.Filter, _ time.Time) ([]byte, error) {
		c.mu.Lock()
		c.calls[name]++
		c.order = append(c.order, name)
		n, gate, err := c.calls[name], c.gate, c.err
		c.mu.Unlock()
		if gate != nil {
			select {
			case <-gate:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		switch {
		case err != nil:
			return nil, err
		case name == "panic":
			panic("on purpose")
		case name == "large":
			return fmt.Appendf(nil, `{"text":"%01000d"}`, n), nil
		case c.same:
			return []byte(`{"total":0}`), nil
		}
		return fmt.Appendf(nil, `{"total":%d,"computed":%d}`, log.Len(), n), nil
	}}, true
}

func (c *counter) count(name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls[name]
}

// newKeeper makes a Keeper that ends with the test. Tests run in a bubble, so
// time.Now is theirs.
func newKeeper(tb testing.TB, m *memory, c *counter, edit ...func(*stats.Config)) *stats.Keeper {
	tb.Helper()
	cfg := stats.Config{Source: m, Disk: m, Define: c.define, Now: time.Now}
	for _, e := range edit {
		e(&cfg)
	}
	k, err := stats.NewKeeper(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(k.Close)
	return k
}

// get may be called by any goroutine.
func get(tb testing.TB, k *stats.Keeper, name string) *stats.Snapshot {
	tb.Helper()
	s, err := k.Get(tb.Context(), "main", name, nil)
	if err != nil {
		tb.Errorf("get %s: %v", name, err)
		return &stats.Snapshot{}
	}
	return s
}
