package awards

import (
	"math"
	"math/bits"
	"runtime"
	"sync"

	"qslbox/qso/columns"
)

// pass is one walk over a log for several folds, at most maxFolds. Looking once
// at a row tells which of them it may matter to; each fold then counts its own
// rows. All awards together cost little more than the few that count each QSO.
type pass struct {
	v     *columns.View
	match *columns.Matches
	folds []*fold
	masks *masks
}

// maxFolds is how many folds share a pass: one bit each.
const maxFolds = 64

// block is how many rows are looked at together: few enough that the lists of
// all folds stay in the first level cache.
const block = 256

// alone is up to how many rows one goroutine counts.
const alone = 30_000

// run folds the rows that pass the filter, in two goroutines if that pays.
func (p *pass) run() {
	n := p.v.Rows()
	p.masks = newMasks(p.v, p.folds)
	if n <= alone || runtime.GOMAXPROCS(0) < 2 || p.inOrder() || p.fewRows() {
		p.walk(0, n)
	} else {
		twin := &pass{v: p.v, match: p.match, masks: p.masks, folds: make([]*fold, len(p.folds))}
		for i, f := range p.folds {
			twin.folds[i] = new(*f)
		}
		var other sync.WaitGroup
		other.Go(func() {
			for _, f := range twin.folds {
				f.forget()
			}
			twin.walk(n/2, n)
		})
		p.walk(0, n/2)
		other.Wait()
		for i, f := range p.folds {
			f.join(twin.folds[i])
		}
	}
}

// inOrder reports whether a fold wants to hear of the rows one by one.
func (p *pass) inOrder() bool {
	for _, f := range p.folds {
		if f.hit != nil {
			return true
		}
	}
	return false
}

// fewRows reports whether the rows that count are so few that the memory of a
// second goroutine would cost more than it brings: satellites only.
func (p *pass) fewRows() bool { return len(p.folds) == 1 && p.folds[0].sat == satOnly }

// walk folds rows from one up to another.
func (p *pass) walk(from, to int) {
	b := newBlockOf(p)
	if p.match.All() {
		for at := from; at < to; at += block {
			n := min(block, to-at)
			for i := range b.rows[:n] {
				b.rows[i] = uint32(at + i)
			}
			b.count(b.rows[:n])
		}
		b.finish()
		return
	}
	walk := p.match.Rows(from, to)
	for n := walk.Next(b.rows[:]); n > 0; n = walk.Next(b.rows[:]) {
		b.count(b.rows[:n])
	}
	b.finish()
}

// blockOf is the rows that are looked at together, and what is known of each. A
// set of folds has a bit each.
type blockOf struct {
	p        *pass
	counting []quick
	origins  *origins
	said     sayings
	apart    rowsOf // room
	rows     [block]uint32
	masks    [block]uint64 // folds that the row may matter to
	confirm  [block]uint64 // those for which it is confirmed
	closely  [block]uint64 // those that must look closely: see fold.row
	ours     [block]uint64 // those whose rule on our side it meets
	band     [block]uint64 // bit of its band, or bitSat
	mode     [block]uint16
	codes    [block]int32            // for the fold that is counting
	lists    *[maxFolds][block]uint8 // of each fold: places in rows; nil if there is one only, for all rows
	n        [maxFolds]int           // how many
	first    uint32                  // of their times
	last     uint32
}

func newBlockOf(p *pass) *blockOf {
	b := &blockOf{p: p, counting: make([]quick, len(p.folds))}
	for i, f := range p.folds {
		f.sayings = &b.said
		b.counting[i] = f.newQuick(i)
	}
	if p.masks.all == 1 {
		b.counting[0].prepare()
	} else {
		b.lists = new([maxFolds][block]uint8)
		b.origins = newOrigins(p, b.counting)
	}
	return b
}

// count counts some rows.
func (b *blockOf) count(rows []uint32) {
	if b.lists == nil {
		b.counting[0].alone(b, rows)
		return
	}
	b.n = [maxFolds]int{}
	b.look(rows)
	listed := b.p.masks.dense
	if b.origins != nil && b.origins.rows(b, len(rows)) {
		listed &^= b.origins.bits
	}
	for left := listed; left != 0; left &= left - 1 {
		b.choose(rows, bits.TrailingZeros64(left))
	}
	for i := range b.counting {
		if list := b.lists[i][:b.n[i]]; len(list) > 0 {
			b.p.folds[i].codesOf(b, list)
			b.counting[i].rows(b, list)
		}
	}
}

// sayings remembers what LoTW says of the rows of a block: several folds ask.
type sayings [block]struct {
	row  uint32 // plus 1
	said columns.Statement
	news bool // it differs from the log
}

func (s *sayings) of(v *columns.View, row uint32) (columns.Statement, bool) {
	at := &s[row%block]
	if at.row != row+1 {
		at.row = row + 1
		at.said, at.news = v.Statement(row)
	}
	return at.said, at.news
}

// finish counts what was only added up.
func (b *blockOf) finish() {
	if b.origins != nil {
		b.origins.finish()
	}
}

// look finds out which folds each row may matter to, and puts it on the lists
// of those that few rows matter to.
func (b *blockOf) look(rows []uint32) {
	v, m := b.p.v, b.p.masks
	sparse := m.all &^ m.dense
	b.first, b.last = math.MaxUint32, 0
	for i, row := range rows[:min(len(rows), block)] {
		t, flags, mode, band := v.Time[row], v.Flags[row], v.Mode[row], v.Band[row]&satBand
		b.first, b.last = min(b.first, t), max(b.last, t)
		mask, place, closely := m.entity[v.DXCC[row]&(maxEntity-1)], m.all, m.closely
		if m.byPlace {
			place = m.place[v.Place[row]]
		}
		if m.granting != 0 && m.has[v.Place[row]]&hasCredits != 0 {
			closely |= m.granting
		}
		bit, ours := uint64(1)<<band, m.session[v.Session[row]]
		if flags&unusual != 0 {
			if flags&columns.Satellite != 0 {
				band, closely, bit = satBand, closely|m.bySat, 1<<bitSat
			}
			if flags&columns.NotCountable != 0 {
				closely |= m.refusing
			}
			if flags&columns.HasStatement != 0 {
				place |= m.stated[v.Blank[row]]
				closely |= m.placed
				if v.Blank[row]&columns.Elsewhere != 0 { // what the log says does not tell
					place, mask, closely = place|m.lotw, mask|m.lotw, closely|m.lotw
				}
			}
			closely |= m.blank[v.Blank[row]]
		}
		mask &= m.band[band] & m.mode[mode] & ours & place
		b.masks[i], b.closely[i], b.ours[i], b.mode[i], b.band[i] = mask, closely, ours, mode, bit
		b.confirm[i] = m.confirmedBy(v.Confirmed[row], flags)
		for left := mask & sparse; left != 0; left &= left - 1 {
			at := bits.TrailingZeros64(left) & (maxFolds - 1)
			b.lists[at][b.n[at]&(block-1)] = uint8(i)
			b.n[at]++
		}
	}
}

// each counts a row closely for each of some folds that it may matter to.
func (b *blockOf) each(at int, bitSet uint64) {
	for left := b.masks[at] & bitSet; left != 0; left &= left - 1 {
		f := b.p.folds[bits.TrailingZeros64(left)]
		f.row(b.rows[at], f.keyOf(b.rows[at]))
	}
}

// choose puts the rows that matter to a fold on its list.
func (b *blockOf) choose(rows []uint32, at int) {
	list, n, shift := &b.lists[at], 0, uint8(at)&(maxFolds-1)
	for i := range b.masks[:min(len(rows), block)] {
		list[n&(block-1)] = uint8(i)
		n += int(b.masks[i] >> shift & 1)
	}
	b.n[at] = n
}

// forget makes a copy of a fold one that has counted nothing, with memory of
// its own.
func (f *fold) forget() {
	for _, state := range [...]*[]uint64{&f.worked, &f.confirmed, &f.granted, &f.submitted, &f.used} {
		if *state != nil {
			*state = make([]uint64, len(*state))
		}
	}
	if f.callOK != nil {
		f.callOK = make([]int8, len(f.callOK))
	}
	if f.years != nil {
		f.years = map[yearKey][]uint64{}
	}
}

// join adds what the twin has counted.
func (f *fold) join(twin *fold) {
	for _, pair := range [...][2][]uint64{{f.worked, twin.worked}, {f.confirmed, twin.confirmed}, {f.granted, twin.granted}, {f.submitted, twin.submitted}, {f.used, twin.used}} {
		for i, set := range pair[1] {
			pair[0][i] |= set
		}
	}
	for key, bands := range twin.years {
		if have := f.years[key]; have != nil {
			have[0], have[1] = have[0]|bands[0], have[1]|bands[1]
		} else {
			f.years[key] = bands
		}
	}
	f.refused += twin.refused
	f.notCountable = append(f.notCountable, twin.notCountable...)
	f.notCountable = f.notCountable[:min(len(f.notCountable), maxRefused)]
	f.without = append(f.without, twin.without...)
}
