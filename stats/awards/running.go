package awards

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"

	"qslbox/qso/columns"
)

// running is how far awards have been counted in one log, as their issuers see
// the whole of it. QSOs that were added since are all that has to be looked at
// then. A change or a deletion of one that was there means to begin again: a
// key may have lost what it had.
type running struct {
	mu    sync.Mutex
	long  atomic.Bool // while it counts from the first row
	edits uint64      // see columns.View.Edits
	tally sessionTally
	kept  map[*Award]*kept
	last  uint64 // edition
	said  sayings
}

// kept is one award of them.
type kept struct {
	fold     *fold
	rows     int // counted
	sessions int // known then
	table    *Table
	// edition stands for what the table shows: it is another one when that may
	// have changed, and never comes back.
	edition uint64
}

const (
	// maxTail is how many rows are counted one by one: with more, counting all
	// anew in blocks takes no longer.
	maxTail = 1000
	// maxKeptWords bounds the states that are kept of an award, 512 KiB. Of one
	// with more keys only the counts are kept, and it is counted anew when a QSO
	// matters to it.
	maxKeptWords = 1 << 15
	// maxRunning and maxKept bound how many logs and how many awards are kept;
	// definitions that were replaced are among these.
	maxRunning = 4
	maxKept    = 128
)

// Resume is Progress of the whole log without options. It goes on from where it
// was for this log, so that one more QSO costs as little as it matters. What it
// returns must not be changed.
func Resume(v *columns.View, list []*Award) []*Table {
	if len(list) == 0 {
		return nil
	}
	r := list[0].facts.atlases.running(v.Log())
	if r.long.Load() { // for somebody who may want more than is asked for here
		return Progress(v, list, Options{})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	tables := make([]*Table, len(list))
	for i, k := range r.resume(v, list) {
		tables[i] = k.table
	}
	return tables
}

// Resume is Count without options for who has seen an edition of the table
// already: there is no table if it would show the same. The edition says which
// one it is, 0 if that is not known.
func (a *Award) Resume(v *columns.View, seen uint64) (t *Table, edition uint64) {
	r := a.facts.atlases.running(v.Log())
	if r.long.Load() {
		return a.Count(v, Options{}), 0
	}
	edition = r.edition(v, a)
	if edition == seen && seen != 0 {
		return nil, seen
	}
	return a.Count(v, Options{}), edition
}

// edition brings an award up to the view and says which edition that is.
func (r *running) edition(v *columns.View, a *Award) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.resume(v, []*Award{a})[0].edition
}

// resume brings awards up to the view.
func (r *running) resume(v *columns.View, list []*Award) []*kept {
	if r.kept == nil || r.edits != v.Edits() || len(r.kept) > maxKept {
		r.kept, r.tally, r.edits = map[*Award]*kept{}, sessionTally{}, v.Edits()
	}
	c := newCounting(v, &Options{})
	c.tally = &r.tally
	all, anew := make([]*kept, len(list)), []*kept(nil)
	for i, a := range list {
		k := r.kept[a]
		if k == nil || !r.goOn(k, c) {
			k = &kept{fold: c.newFold(a)}
			r.kept[a] = k
			anew = append(anew, k)
		}
		all[i] = k
	}
	r.begin(c, anew)
	return all
}

// begin counts awards from the first row.
func (r *running) begin(c *counting, anew []*kept) {
	if len(anew) == 0 {
		return
	}
	folds := make([]*fold, len(anew))
	for i, k := range anew {
		folds[i] = k.fold
	}
	r.long.Store(true)
	defer r.long.Store(false)
	c.gather(folds)
	for _, k := range anew {
		k.rows, k.sessions = c.v.Rows(), len(c.v.Sessions)
		r.settle(k)
	}
}

// settle makes the table of what was counted, and keeps of the fold what more
// QSOs need.
func (r *running) settle(k *kept) {
	f := k.fold
	r.last++
	k.edition = r.last
	k.table = f.standing()
	if f.n*f.stride > maxKeptWords {
		f.probe, f.worked, f.confirmed, f.granted, f.submitted, f.used, f.years = true, nil, nil, nil, nil, nil, nil
	}
	f.notCountable, f.without, f.sayings, f.news = nil, nil, nil, false
	f.v, f.c = nil, nil // the log may go
}

// standing makes a table of the counts and levels of a fold that stays open.
func (f *fold) standing() *Table {
	done := *f
	if f.stride > 1 {
		for _, state := range [...]*[]uint64{&done.worked, &done.confirmed, &done.granted, &done.submitted} {
			*state = slices.Clone(*state)
		}
		done.finish()
	}
	t := done.newTable()
	t.Levels = t.levelStates(&done)
	t.worked, t.confirmed, t.granted, t.submitted, t.groups = nil, nil, nil, nil, nil
	return t
}

// goOn counts the rows that an award has not seen; false if it has to be
// counted from the first row.
func (r *running) goOn(k *kept, c *counting) bool {
	v, f := c.v, k.fold
	n := v.Rows()
	if n == k.rows {
		return true
	}
	if n-k.rows > maxTail || !k.extend(c) {
		return false
	}
	f.sayings = &r.said
	for row := uint32(k.rows); int(row) < n; row++ {
		f.row(row, f.keyOf(row))
		if f.probe && f.news {
			return false
		}
	}
	k.rows, k.sessions = n, len(v.Sessions)
	if f.news {
		r.settle(k)
	}
	f.v, f.c, f.sayings = nil, nil, nil
	return true
}

// extend gives the fold room for what the log has got since, and what it must
// know of that; false if rows that were counted count otherwise now.
func (k *kept) extend(c *counting) bool {
	v, f := c.v, k.fold
	sessions, entity := f.sessions, f.ownEntity
	f.v, f.c = v, f.facts.atlases.of(v.Log()).chart(f.Award, v)
	keys := f.keyCount(v, f.c)
	f.news = f.news || keys != f.n && f.kind != byCall
	f.n = keys
	if !f.probe {
		f.worked, f.confirmed = grown(f.worked, keys*f.stride), grown(f.confirmed, keys*f.stride)
	}
	f.sessions = nil
	f.prepare(c)
	for at := range k.sessions {
		if f.ours(at) != (sessions == nil || sessions[at]) {
			return false
		}
	}
	return f.ownEntity == entity
}

// running finds what is kept of a log, and drops that of the log not asked
// about for the longest time if there are too many.
func (a *atlases) running(log *columns.Log) *running {
	at := a.of(log)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked++
	at.asked = a.asked
	if at.running != nil {
		return at.running
	}
	at.running = &running{last: a.asked << 32} // editions are not those of one that was dropped
	var all []*atlas
	for _, other := range a.byLog {
		if other.running != nil {
			all = append(all, other)
		}
	}
	if len(all) > maxRunning {
		slices.MinFunc(all, func(x, y *atlas) int { return cmp.Compare(x.asked, y.asked) }).running = nil
	}
	return at.running
}
