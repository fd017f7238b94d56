package monitor

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// A regression begins at factor times the baseline, and is over below
// factorOver times: in between it stays what it was, so that it does not come
// and go with every call.
const (
	factor     = 2.0
	factorOver = 1.5
)

// A Regression is an operation that takes much longer than it did in the long
// run, at the same size of the data.
type Regression struct {
	Operation string
	Kind      Kind
	Factor    float64       // Now / Baseline, 2 or more when found
	Since     time.Time     // when it was first found, UTC
	Baseline  time.Duration // the median in the long run
	Now       time.Duration // the median of the last 32 calls
	Version   string        // of the program that was faster
}

// A detector learns the baselines and compares the last calls with them.
type detector struct {
	mu        sync.Mutex
	version   string
	apart     time.Duration
	step      int
	baselines map[place][]*Baseline // one of each version
	total     int
	revision  uint64
	watches   map[*Op]*watch
}

// A place is what baselines of several versions have in common.
type place struct {
	kind      Kind
	operation string
	step      int
}

// A watch is what the detector knows of one operation.
type watch struct {
	from    uint64 // calls before are of another size step
	next    uint64 // the first call of the next block to learn
	judged  uint64 // calls at the last look
	learned time.Duration
	found   *Regression
}

func (d *detector) init(version string, apart time.Duration) {
	d.version, d.apart = version, apart
	d.baselines, d.watches = map[place][]*Baseline{}, map[*Op]*watch{}
}

// SetSize tells how large the data is that the operations work on. Calls are
// compared with those at the same [SizeStep] only: a growing log is no
// regression.
func (m *Monitor) SetSize(size int) {
	if m == nil {
		return
	}
	d := &m.regressions
	d.mu.Lock()
	defer d.mu.Unlock()
	if SizeStep(size) == d.step {
		return
	}
	m.judge()
	d.step = SizeStep(size)
	for op, w := range d.watches {
		w.found, w.from = nil, op.ring.claimed.Load()
	}
}

// Regressions lists the operations that are slower now than they were, the
// worst first. Each is found, and found to be over, within 32 calls.
func (m *Monitor) Regressions() []Regression {
	if m == nil {
		return nil
	}
	d := &m.regressions
	d.mu.Lock()
	defer d.mu.Unlock()
	m.judge()
	var list []Regression
	for _, w := range d.watches {
		if w.found != nil {
			list = append(list, *w.found)
		}
	}
	slices.SortFunc(list, func(a, b Regression) int {
		return cmp.Or(cmp.Compare(b.Factor, a.Factor), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Kind, b.Kind))
	})
	return list
}

// judge looks at every operation that was called since the last look. The
// detector is locked.
func (m *Monitor) judge() {
	now, elapsed := m.now().UTC(), m.elapsed()
	for _, op := range m.All() {
		if op.kind == Job || op.name == Other {
			continue
		}
		w := m.regressions.watches[op]
		if w == nil {
			w = &watch{}
			m.regressions.watches[op] = w
		}
		m.regressions.look(op, w, now, elapsed)
	}
}

// look takes the complete blocks since the last look one after the other, as
// far as the ring still has them, then the last calls whatever block they are
// of.
func (d *detector) look(op *Op, w *watch, now time.Time, elapsed time.Duration) {
	n := op.ring.claimed.Load()
	if n == w.judged {
		return
	}
	w.judged = n
	w.next = max(w.next, w.from)
	if n > RingSize {
		w.next = max(w.next, n-RingSize)
	}
	var calls [block]time.Duration
	for ; w.next+block <= n; w.next += block {
		m := median(op.ring.span(calls[:0], w.next, w.next+block))
		if !d.compare(op, w, m, now) {
			d.learn(op, w, m, now, elapsed)
		}
	}
	if n >= w.from+block {
		d.compare(op, w, median(op.ring.span(calls[:0], n-block, n)), now)
	}
}

// compare tells whether a median is a regression, and keeps book of it.
func (d *detector) compare(op *Op, w *watch, median time.Duration, now time.Time) bool {
	versions := d.baselines[d.place(op)]
	ref := d.reference(versions)
	if ref == nil {
		w.found = nil
		return false
	}
	f, apart := factor, d.apart
	if w.found != nil || !ref.Regressed.IsZero() {
		f, apart = factorOver, apart/2
	}
	if float64(median) < f*float64(ref.P50) || median-ref.P50 < apart {
		w.found = nil
		for _, b := range versions {
			if !b.Regressed.IsZero() {
				b.Regressed = time.Time{}
				d.touch(b)
			}
		}
		return false
	}
	if ref.Regressed.IsZero() {
		ref.Regressed = now
		d.touch(ref)
	}
	w.found = &Regression{
		Operation: op.name, Kind: op.kind, Since: ref.Regressed, Version: ref.Version,
		Baseline: ref.P50, Now: median, Factor: float64(median) / float64(max(ref.P50, 1)),
	}
	return true
}

// reference is the faster of the baselines of this version and of the one
// before, of those with enough behind them; nil if there is none.
func (d *detector) reference(versions []*Baseline) *Baseline {
	var own, before *Baseline
	for _, b := range versions {
		switch {
		case !b.ready():
		case b.Version == d.version:
			own = b
		case before == nil || b.Updated.After(before.Updated):
			before = b
		}
	}
	if own == nil || before != nil && before.P50 < own.P50 {
		return before
	}
	return own
}

// learn takes a block into the baseline of this version: the first ones as they
// come, later ones now and then.
func (d *detector) learn(op *Op, w *watch, median time.Duration, now time.Time, elapsed time.Duration) {
	own := d.own(op)
	if own == nil {
		return
	}
	if len(own.First) >= firstBlocks && w.learned != 0 && elapsed-w.learned < slowly {
		return
	}
	w.learned = max(elapsed, 1)
	ds := op.ring.all(make([]time.Duration, 0, RingSize))
	slices.Sort(ds)
	own.learn(median, Percentile(ds, 95), Percentile(ds, 99), now)
	d.touch(own)
}

// own is the baseline of this version, made when there is none; nil if there
// is no room.
func (d *detector) own(op *Op) *Baseline {
	at := d.place(op)
	for _, b := range d.baselines[at] {
		if b.Version == d.version {
			return b
		}
	}
	b := &Baseline{Operation: op.name, Kind: op.kind, Version: d.version, Step: at.step}
	if !d.room(*b) {
		return nil
	}
	d.put(b)
	return b
}

// room tells whether a baseline may be added.
func (d *detector) room(b Baseline) bool {
	older := 0
	for _, other := range d.baselines[place{b.Kind, b.Operation, b.Step}] {
		if other.Version == b.Version {
			return false
		}
		older += one(other.Version != d.version)
	}
	return d.total < maxBaselines && (b.Version == d.version || older < olderVersions)
}

func (d *detector) put(b *Baseline) {
	at := place{b.Kind, b.Operation, b.Step}
	d.baselines[at] = append(d.baselines[at], b)
	d.total++
	d.touch(b)
}

// touch marks a baseline as changed.
func (d *detector) touch(b *Baseline) {
	d.revision++
	b.revision = d.revision
}

func (d *detector) place(op *Op) place { return place{op.kind, op.name, d.step} }

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
