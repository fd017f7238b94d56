package stats

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"qslbox/monitor"
	"qslbox/qso/columns"
)

// ErrUnknown says that there is no snapshot of a name.
var ErrUnknown = errors.New("no such snapshot")

// ErrClosed says that the Keeper has been closed.
var ErrClosed = errors.New("the snapshots are closed")

// Source has the logs. *store.Store satisfies it; it saves the import of the
// store.
type Source interface {
	// Counter returns what counts the changes of a logbook, nil if there is no
	// such logbook. It moves after the columns carry the change, and before the
	// change is answered; once more when the logbook is removed.
	Counter(logbook string) *atomic.Uint64
	// Columns returns a logbook's columns, and waits until they are loaded.
	Columns(ctx context.Context, logbook string) (*columns.Log, error)
	// ColumnsReady reports whether Columns would return at once.
	ColumnsReady(logbook string) bool
}

// Disk keeps snapshots over a restart. *store.Store satisfies it.
type Disk interface {
	LoadSnapshot(logbook, name string) (s Snapshot, found bool, err error)
	SaveSnapshot(s Snapshot) error
}

// Definition is a kind of snapshot.
type Definition struct {
	Name  string // "stats", "award/dxcc"
	Award bool   // counted among awards
	// Variant says that it is one of many, as a filtered one is: it is kept in
	// memory only, among those that may be dropped.
	Variant bool
	// Compute returns a JSON object without as_of and generation.
	Compute func(ctx context.Context, log *columns.Log, f columns.Filter, now time.Time) ([]byte, error)
	// Resume returns what Compute would of the whole log, and may go on from what
	// it kept of the log the last time; nil is Compute. last is what it returned
	// for this snapshot before.
	Resume func(ctx context.Context, log *columns.Log, now time.Time, last Resumed) (Resumed, error)
}

// Resumed is what a Definition's Resume returns. It may return what it did the
// last time: Body is not changed by anyone.
type Resumed struct {
	Body    []byte
	Edition uint64 // what the definition knows the body by
}

// Config is what a Keeper works with. Source, Define and Now are needed.
type Config struct {
	Source Source
	Disk   Disk // nil: memory only
	// Define returns the definition of a name: see Definitions.
	Define func(name string) (Definition, bool)
	// TTL is how long a snapshot holds at most; zero is 5 minutes.
	TTL time.Duration
	Now func() time.Time
	// Elapsed is the clock that measures: the time since any fixed moment,
	// never falling; nil takes it from Now. monitor.Monotonic is faster.
	Elapsed func() time.Duration
	// Monitor takes how long reads, misses and computations take; nil is none.
	Monitor *monitor.Monitor
	Log     *slog.Logger // nil: nothing is logged
	// MaxVariants and MaxVariantBytes bound the filtered snapshots; zero is 256
	// and 32 MiB.
	MaxVariants, MaxVariantBytes int
}

// Keeper serves snapshots. Its methods may be called by any number of
// goroutines.
type Keeper struct {
	cfg     Config
	shelf   atomic.Pointer[shelf]
	adding  sync.Mutex // over replacing the shelf, and starting computations
	classes [classes]classCounters

	slots chan struct{} // one for each computation that may run: see admit

	marks   sync.Mutex
	anew    map[string]bool // logbooks of which nothing is resumed: see Verify
	marked  map[string]bool // logbooks whose snapshots in use are due; true = even current ones
	wake    chan struct{}
	closing chan struct{}
	flights sync.WaitGroup
	shut    sync.Once
}

const (
	statsClass = iota
	awardClass
	classes
)

// NewKeeper returns a Keeper. The error names the field that is missing.
func NewKeeper(cfg Config) (*Keeper, error) {
	for name, missing := range map[string]bool{"Source": cfg.Source == nil, "Define": cfg.Define == nil, "Now": cfg.Now == nil} {
		if missing {
			return nil, fmt.Errorf("stats: %s is missing", name)
		}
	}
	if cfg.Elapsed == nil {
		base := cfg.Now()
		cfg.Elapsed = func() time.Duration { return cfg.Now().Sub(base) }
	}
	if cfg.TTL <= 0 {
		cfg.TTL = 5 * time.Minute
	}
	if cfg.MaxVariants <= 0 {
		cfg.MaxVariants = 256
	}
	if cfg.MaxVariantBytes <= 0 {
		cfg.MaxVariantBytes = 32 << 20
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	k := &Keeper{cfg: cfg, marked: map[string]bool{}, anew: map[string]bool{}, wake: make(chan struct{}, 1), closing: make(chan struct{})}
	k.slots = make(chan struct{}, runtime.GOMAXPROCS(0))
	k.shelf.Store(newShelf(map[key]*entry{}, map[key]*entry{}))
	return k, nil
}

// TTL returns how long a snapshot holds at most.
func (k *Keeper) TTL() time.Duration { return k.cfg.TTL }

// Get returns a snapshot of a logbook for a filter (nil or an empty one: of the
// whole log). The filter is not kept. One that is current comes at once; else it is computed, and all who
// want it wait for the one computation. Where the columns are still being
// loaded, a snapshot that has expired but shows the present log is returned,
// marked as stale. It returns ErrUnknown for a name that has no definition,
// and the errors of the definition.
func (k *Keeper) Get(ctx context.Context, logbook, name string, f *columns.Filter) (*Snapshot, error) {
	began, at := k.cfg.Elapsed(), key{logbook: logbook, name: name}
	if f != nil {
		at.filter = f.Key()
	}
	if e := k.shelf.Load().find(&at); e != nil {
		if h := e.current.Load(); h != nil && h.Generation == e.generation.Load() && began < h.until {
			e.hit(k, began)
			return h.Snapshot, nil
		}
	}
	if f == nil {
		f = &columns.Filter{}
	}
	return k.slow(ctx, began, at, *f)
}

// slow is Get for what is not current in memory.
func (k *Keeper) slow(ctx context.Context, began time.Duration, at key, f columns.Filter) (*Snapshot, error) {
	e, err := k.entry(ctx, at, f)
	if err != nil {
		return nil, err
	}
	e.load(k)
	gen := e.generation.Load()
	h := e.current.Load()
	current := h != nil && h.Generation == gen
	if current && began < h.until {
		e.hit(k, began)
		return h.Snapshot, nil
	}
	e.use(began)
	e.counters.misses.Add(1)
	var s *Snapshot
	if current && !k.cfg.Source.ColumnsReady(at.logbook) {
		_, _ = k.flight(ctx, e) // for the next one who asks
		s = h.stale()
	} else {
		s, err = k.compute(ctx, e, gen)
	}
	e.misses.ObserveDetail(k.cfg.Elapsed()-began, err, at.logbook+" "+at.filter)
	return s, err
}

// entry returns the entry of a key, a new one if there is none, or one of a
// logbook that was removed.
func (k *Keeper) entry(ctx context.Context, at key, f columns.Filter) (*entry, error) {
	counter := k.cfg.Source.Counter(at.logbook)
	if e := k.shelf.Load().find(&at); e != nil && e.generation == counter {
		return e, nil
	}
	def, ok := k.cfg.Define(at.name)
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrUnknown, at.name)
	}
	if counter == nil {
		if _, err := k.cfg.Source.Columns(ctx, at.logbook); err != nil {
			return nil, fmt.Errorf("stats: compute %s: %w", at.name, err)
		}
		return nil, fmt.Errorf("stats: compute %s: the logbook %s has just been made: try again", at.name, at.logbook)
	}
	k.adding.Lock()
	defer k.adding.Unlock()
	s := k.shelf.Load()
	if e := s.find(&at); e != nil && e.generation == counter {
		return e, nil
	}
	e := k.newEntry(at, def, f, counter)
	if e.variant {
		s = k.evict(s, 1)
	}
	k.shelf.Store(s.with(e))
	return e, nil
}

// drop takes entries out.
func (k *Keeper) drop(which func(*entry) bool) {
	k.adding.Lock()
	defer k.adding.Unlock()
	k.shelf.Store(k.shelf.Load().without(which))
}

// Forget drops the snapshots of a logbook that is gone.
func (k *Keeper) Forget(logbook string) {
	k.drop(func(e *entry) bool { return e.at.logbook == logbook })
}

// Close ends the computations, waits for them, and saves what a restart can
// use and the store does not have yet. Get then returns ErrClosed for what is
// not current.
func (k *Keeper) Close() {
	k.shut.Do(func() {
		k.adding.Lock()
		close(k.closing)
		k.adding.Unlock()
		k.flights.Wait()
		for e := range k.shelf.Load().all() {
			if h := e.current.Load(); h != nil && h.Generation == e.generation.Load() {
				e.save(k, h.Snapshot, true)
			}
		}
	})
}
