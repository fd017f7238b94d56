package stats

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"qslbox/monitor"
	"qslbox/qso/columns"
)

// entry is one snapshot and the way to the next one.
type entry struct {
	at       key
	def      Definition
	filter   columns.Filter
	variant  bool // may be dropped, and is not saved
	counters *classCounters

	generation *atomic.Uint64 // of the logbook

	current atomic.Pointer[held]
	resumed Resumed      // of the flight under way
	used    atomic.Int64 // seconds of the clock that measures

	hits, misses, computing *monitor.Op

	mu     sync.Mutex // over what follows
	loaded bool       // the store was asked
	flight *flight

	saving  sync.Mutex
	saved   string // hash of what the store has
	savedOf uint64 // and its generation
}

// held is a snapshot and how long it holds. Expires is a time of day; reading
// that clock for each page would cost half of the reading itself.
type held struct {
	*Snapshot
	until time.Duration // of the clock that measures
}

// hold returns a snapshot with the end of its time.
func (k *Keeper) hold(s *Snapshot) *held {
	return &held{s, k.cfg.Elapsed() + s.Expires.Sub(k.cfg.Now())}
}

// flight is one computation, for all who wait for it.
type flight struct {
	generation uint64 // the log it sees is this one or a later one
	done       chan struct{}
	snapshot   *Snapshot // once done
	err        error
}

func (k *Keeper) newEntry(at key, def Definition, f columns.Filter, generation *atomic.Uint64) *entry {
	e := &entry{at: at, def: def, filter: f, generation: generation, variant: def.Variant || at.filter != "", counters: &k.classes[statsClass]}
	if def.Award {
		e.counters = &k.classes[awardClass]
	}
	if m := k.cfg.Monitor; m != nil {
		e.hits, e.misses, e.computing = m.Operation(monitor.Query, "snapshot "+def.Name), m.Operation(monitor.Query, "snapshot "+def.Name+" miss"), m.Operation(monitor.Query, "compute "+def.Name)
	}
	return e
}

// use notes that the entry was asked for.
func (e *entry) use(now time.Duration) {
	if at := int64(now / time.Second); e.used.Load() != at {
		e.used.Store(at)
	}
}

// hit counts a read that found a current snapshot.
func (e *entry) hit(k *Keeper, began time.Duration) {
	e.use(began)
	e.counters.hits.Add(1)
	e.hits.Observe(k.cfg.Elapsed()-began, nil)
}

// load asks the store, once.
func (e *entry) load(k *Keeper) {
	if e.variant || k.cfg.Disk == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.loaded {
		return
	}
	e.loaded = true
	s, found, err := k.cfg.Disk.LoadSnapshot(e.at.logbook, e.at.name)
	switch {
	case err != nil:
		k.cfg.Log.Warn("snapshot could not be read", "logbook", e.at.logbook, "name", e.at.name, "error", err)
	case found:
		e.saving.Lock()
		e.saved, e.savedOf = s.Hash, s.Generation
		e.saving.Unlock()
		s.Logbook, s.Name, s.Stale = e.at.logbook, e.at.name, false
		e.current.CompareAndSwap(nil, k.hold(s.sealed()))
	}
}

// compute returns a snapshot of the log at a generation or later.
func (k *Keeper) compute(ctx context.Context, e *entry, generation uint64) (*Snapshot, error) {
	for {
		f, err := k.flight(ctx, e)
		if err != nil {
			return nil, err
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return nil, fmt.Errorf("stats: wait for %s: %w", e.at.name, ctx.Err())
		}
		if f.generation >= generation {
			return f.snapshot, f.err
		}
	}
}

// flight returns the computation under way, or starts one. It does not end
// with the context of the first who waits.
func (k *Keeper) flight(ctx context.Context, e *entry) (*flight, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.flight != nil {
		return e.flight, nil
	}
	k.adding.Lock()
	defer k.adding.Unlock()
	select {
	case <-k.closing:
		return nil, ErrClosed
	default:
	}
	f := &flight{generation: e.generation.Load(), done: make(chan struct{})}
	e.flight = f
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	k.flights.Go(func() {
		defer cancel()
		ended := make(chan struct{})
		defer close(ended)
		k.flights.Go(func() {
			select {
			case <-k.closing:
				cancel()
			case <-ended:
			}
		})
		k.fly(ctx, e, f)
	})
	return f, nil
}

// fly computes, hands the snapshot out, and saves it.
func (k *Keeper) fly(ctx context.Context, e *entry, f *flight) {
	f.snapshot, f.err = k.snapshot(ctx, e, f.generation)
	if f.err == nil {
		e.current.Store(k.hold(f.snapshot))
	} else {
		k.failed(e, f.err)
	}
	e.mu.Lock()
	e.flight = nil
	e.mu.Unlock()
	close(f.done)
	if f.err == nil {
		e.save(k, f.snapshot, false)
		if e.variant {
			k.adding.Lock()
			k.shelf.Store(k.evict(k.shelf.Load(), 0))
			k.adding.Unlock()
		}
	}
}

// failed takes an entry out that never was a snapshot: of a logbook or an award
// that does not exist, say.
func (k *Keeper) failed(e *entry, err error) {
	if !errors.Is(err, context.Canceled) && !errors.Is(err, ErrUnknown) {
		k.cfg.Log.Error("snapshot could not be computed", "logbook", e.at.logbook, "name", e.at.name, "error", err)
	}
	if e.current.Load() == nil {
		k.drop(func(other *entry) bool { return other == e })
	}
}

// snapshot computes one.
func (k *Keeper) snapshot(ctx context.Context, e *entry, generation uint64) (s *Snapshot, err error) {
	defer func() {
		if r := recover(); r != nil {
			k.cfg.Log.Error("snapshot panicked", "name", e.at.name, "panic", r, "stack", string(debug.Stack()))
			k.distrust(e.at.logbook) // what was kept may be half of what it should be
			err = fmt.Errorf("stats: compute %s: panic: %v", e.at.name, r)
		}
	}()
	log, err := k.cfg.Source.Columns(ctx, e.at.logbook)
	if err != nil {
		return nil, fmt.Errorf("stats: compute %s: %w", e.at.name, err)
	}
	if err := k.admit(ctx); err != nil {
		return nil, fmt.Errorf("stats: compute %s: %w", e.at.name, err)
	}
	defer k.dismiss()
	now, began := k.cfg.Now(), k.cfg.Elapsed()
	body, err := k.body(ctx, e, log, now)
	e.computing.Observe(k.cfg.Elapsed()-began, err)
	if err != nil {
		return nil, fmt.Errorf("stats: compute %s: %w", e.at.name, err)
	}
	computed := now.UTC().Truncate(time.Second)
	return Snapshot{
		Logbook: e.at.logbook, Name: e.at.name, Generation: generation, Computed: computed, Expires: expiry(now, k.cfg.TTL), Body: body,
	}.sealed(), nil
}

// body computes the body. There is one flight of an entry at a time.
func (k *Keeper) body(ctx context.Context, e *entry, log *columns.Log, now time.Time) ([]byte, error) {
	if e.def.Resume == nil || !e.filter.Empty() || k.distrusts(e.at.logbook) {
		return e.def.Compute(ctx, log, e.filter, now)
	}
	r, err := e.def.Resume(ctx, log, now, e.resumed)
	if err != nil {
		return nil, err
	}
	e.resumed = r
	return r.Body, nil
}

// save writes a snapshot whose body the store does not have; if even is true,
// also one whose body it has for an older log.
func (e *entry) save(k *Keeper, s *Snapshot, even bool) {
	if e.variant || k.cfg.Disk == nil {
		return
	}
	e.saving.Lock()
	defer e.saving.Unlock()
	if k.shelf.Load().find(&e.at) != e {
		return // forgotten
	}
	if h := e.current.Load(); h == nil || h.Snapshot != s || s.Hash == e.saved && (s.Generation == e.savedOf || !even) {
		return
	}
	if err := k.cfg.Disk.SaveSnapshot(*s); err != nil {
		k.cfg.Log.Warn("snapshot could not be saved", "logbook", e.at.logbook, "name", e.at.name, "error", err)
		return
	}
	e.saved, e.savedOf = s.Hash, s.Generation
}
