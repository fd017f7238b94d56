package monitor

import (
	"cmp"
	"math/bits"
	"slices"
	"strconv"
	"time"
)

// How a baseline is learned: first as the median of the medians of
// firstBlocks blocks, then by small steps, one at most every slowly, and never
// far above where it began: what creeps is a regression in the end, too.
const (
	block       = 32 // calls that are looked at together
	firstBlocks = 16
	enough      = 4 // blocks after which a baseline can be compared with
	slowly      = 10 * time.Minute
	smallStep   = 100 // a hundredth
)

// A baseline list is bounded: versions for each operation and size step beside
// the current one, and all in all.
const (
	olderVersions = 2
	maxBaselines  = 4096
)

// A Baseline is how long an operation takes in the long run, in one version of
// the program and at one step of its data's size. The caller stores baselines
// between two runs of the program.
type Baseline struct {
	Operation string
	Kind      Kind
	Version   string
	Step      int // see [SizeStep]

	Samples       int // calls it was learned from
	P50, P95, P99 time.Duration
	// First has the medians of the first blocks of 32 calls, up to 16.
	First   []time.Duration
	Updated time.Time // UTC
	// Regressed is when the operation was found to be slower than this, and
	// zero while it is not.
	Regressed time.Time

	revision uint64
}

// Key names what the baseline is of. No two of one list have the same.
func (b Baseline) Key() string {
	return b.Kind.String() + "\x00" + b.Operation + "\x00" + b.Version + "\x00" + strconv.Itoa(b.Step)
}

// SizeStep is the step of a data size: it grows by one whenever the size
// doubles. A size below 1 has step 0.
func SizeStep(size int) int {
	return bits.Len(uint(max(size, 0)))
}

// ready tells whether there is enough behind the baseline to compare with it.
func (b *Baseline) ready() bool { return b != nil && b.Samples >= enough*block }

// learn takes the median of one more block and the outer percentiles of the
// ring into the baseline.
func (b *Baseline) learn(median, p95, p99 time.Duration, now time.Time) {
	b.Samples += block
	b.Updated = now
	if len(b.First) < firstBlocks {
		b.First = append(slices.Clone(b.First), median)
		b.P50 = medianOf(b.First)
		n := time.Duration(len(b.First))
		b.P95 += (p95 - b.P95) / n
		b.P99 += (p99 - b.P99) / n
		return
	}
	// However slowly it came: half as much again as at first is no baseline.
	b.P50 = min(toward(b.P50, median), medianOf(b.First)*3/2)
	b.P95, b.P99 = toward(b.P95, p95), toward(b.P99, p99)
}

// medianOf leaves the list in its order.
func medianOf(ds []time.Duration) time.Duration { return median(slices.Clone(ds)) }

// toward moves a value a small step, however far away the aim is: a burst
// cannot shift what was learned in a long time.
func toward(v, aim time.Duration) time.Duration {
	step := v/smallStep + 1
	return v + min(max(aim-v, -step), step)
}

// sensible tells whether a baseline from outside can be one of ours.
func (b *Baseline) sensible() bool {
	return b.Operation != "" && len(b.Operation) <= longestName && b.Kind < Job &&
		b.Step >= 0 && b.Step <= bits.UintSize && b.Samples >= 0 &&
		b.P50 >= 0 && b.P95 >= 0 && b.P99 >= 0 && len(b.First) <= firstBlocks &&
		!slices.ContainsFunc(b.First, func(d time.Duration) bool { return d < 0 })
}

// ImportBaselines takes up what [Monitor.Baselines] gave in an earlier run. It
// returns those that are of no more use, and which the caller should forget:
// senseless ones, and those of versions long gone. What it takes up does not
// count as changed.
func (m *Monitor) ImportBaselines(list []Baseline) (surplus []Baseline) {
	if m == nil {
		return nil
	}
	d := &m.regressions
	d.mu.Lock()
	defer d.mu.Unlock()
	byUse := slices.Clone(list)
	slices.SortStableFunc(byUse, func(a, b Baseline) int {
		return cmp.Or(cmp.Compare(one(b.Version == d.version), one(a.Version == d.version)),
			b.Updated.Compare(a.Updated), cmp.Compare(a.Key(), b.Key()))
	})
	for _, b := range byUse {
		if !b.sensible() || !d.room(b) {
			surplus = append(surplus, b)
			continue
		}
		b.First = slices.Clone(b.First)
		d.put(&b)
		b.revision = 0
	}
	return surplus
}

// Baselines lists the baselines that changed after a revision, with the
// revision the list stands at. Begin with 0, and go on with the revision of the
// last list that was stored safely.
func (m *Monitor) Baselines(after uint64) (changed []Baseline, revision uint64) {
	if m == nil {
		return nil, after
	}
	d := &m.regressions
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, versions := range d.baselines {
		for _, b := range versions {
			if b.revision > after {
				c := *b
				c.First = slices.Clone(b.First)
				changed = append(changed, c)
			}
		}
	}
	slices.SortFunc(changed, func(a, b Baseline) int { return cmp.Compare(a.Key(), b.Key()) })
	return changed, d.revision
}

// ForgetBaselines drops what was learned of one operation, so that it is
// learned anew: the answer to a regression that is there to stay, such as a
// slower machine. It returns what the caller should forget too.
func (m *Monitor) ForgetBaselines(kind Kind, operation string) (forgotten []Baseline) {
	if m == nil {
		return nil
	}
	d := &m.regressions
	d.mu.Lock()
	defer d.mu.Unlock()
	for at, versions := range d.baselines {
		if at.kind != kind || at.operation != operation {
			continue
		}
		for _, b := range versions {
			forgotten = append(forgotten, *b)
		}
		d.total -= len(versions)
		delete(d.baselines, at)
	}
	for op, w := range d.watches {
		if op.kind == kind && op.name == operation {
			w.found, w.from = nil, op.ring.claimed.Load()
		}
	}
	return forgotten
}
