package stats

import (
	"math"
	"runtime"
	"slices"
	"sync"

	"qslbox/qso"
	"qslbox/qso/columns"
)

// headline are the sources whose confirmations the dashboard counts.
const headline = uint8(1<<qso.LoTW | 1<<qso.Card)

// counters are what one pass over the columns gathers.
type counters struct {
	firstDay uint32 // of days
	modes    int    // of bands

	confirmed [256]uint32 // QSOs by set of confirming sources
	days      []pair      // 4*day + class
	week      [168]pair   // hour of the week, from Wednesday 00:00
	bands     []pair      // modes*band + mode
	entities  [2048]pair  // entity; from 1024 on those whose place says no continent
	places    []pair
	sessions  []pair
	calls     []uint64 // sets, one bit each
	grids     [512]uint64
	min, max  uint32 // time; min > max: no rows

	words [3][]pair // room for byPlace
}

// pair counts QSOs in its low half and confirmed ones in its high half: one
// addition for both.
type pair uint64

// pairOf is what a QSO with a set of confirming sources adds.
func pairOf(set uint8) pair { return 1 | pair(uint32(set&headline)+255)>>8<<32 }

// tally returns the two numbers.
func (p pair) tally() Tally { return Tally{int(uint32(p)), int(p >> 32)} }

const hoursADay = 24

// reset empties the counters and makes room for what the view may hold between
// two times.
func (c *counters) reset(v *columns.View, from, to uint32) {
	days := 0
	if from <= to {
		days = int(to/86400-from/86400) + 1
	}
	*c = counters{
		firstDay: from / 86400, modes: len(v.Modes), min: math.MaxUint32,
		days: cleared(c.days, 4*days), bands: cleared(c.bands, 64*len(v.Modes)), places: cleared(c.places, len(v.Places)),
		sessions: cleared(c.sessions, len(v.Sessions)), calls: cleared(c.calls, v.Calls()/64+1), words: c.words,
	}
}

// cleared returns n zeros, in the memory of s if that is enough. There is room
// for 64 at least, so that no two goroutines count in one line of the cache.
func cleared[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, max(n+n/8, 64))
	}
	s = s[:n]
	clear(s)
	return s
}

// block is how many rows are looked at together: what one loop reads of them
// stays in the first level cache for the next.
const block = 1024

// alone is up to how many rows one goroutine counts.
const alone = 30_000

// count gathers the counters of the rows that pass the filter. They belong into
// the pool when they have been read.
func count(v *columns.View, m *columns.Matches, pool *sync.Pool) *counters {
	from, to := v.TimeRange()
	conts, n := noContinent(v, nil), v.Rows()
	fresh := func() *counters {
		c, ok := pool.Get().(*counters)
		if !ok {
			c = &counters{}
		}
		c.reset(v, from, to)
		return c
	}
	a := fresh()
	if n <= alone || runtime.GOMAXPROCS(0) < 2 {
		a.fold(v, m, conts, 0, n)
		return a
	}
	b := fresh()
	defer pool.Put(b)
	var other sync.WaitGroup
	other.Go(func() { b.fold(v, m, conts, n/2, n) })
	a.fold(v, m, conts, 0, n/2)
	other.Wait()
	a.add(b)
	return a
}

// noContinent says of each place whether the log names no continent: 1024, the
// offset in counters.entities, or 0. The list may have the first ones already.
func noContinent(v *columns.View, list []uint16) []uint16 {
	list = slices.Grow(list, len(v.Places)-len(list))
	named := make([]uint8, v.Words()) // what a word was found to be: 1 = a continent, 2 = none
	for i := len(list); i < len(v.Places); i++ {
		word := v.Places[i].Cont
		if named[word] == 0 {
			if named[word] = 2; continents[v.Text(word)] != 0 {
				named[word] = 1
			}
		}
		list = append(list, uint16(named[word]-1)<<10)
	}
	return list
}

// batch is a block of rows: what is counted of them.
type batch struct {
	time, call, session, place []uint32
	mode, dxcc, grid           []uint16
	band, confirmed            []uint8
	class                      []qso.Class // of each mode of the log
	conts                      []uint16    // see noContinent
}

// fold counts the rows from one up to another.
func (c *counters) fold(v *columns.View, m *columns.Matches, conts []uint16, from, to int) {
	b := batch{class: v.Class, conts: conts}
	if m.All() {
		for ; from < to; from += block {
			b.slice(v, from, min(block, to-from))
			c.count(&b)
		}
		return
	}
	var rows [block]uint32
	var room gathered
	walk := m.Rows(from, to)
	for n := walk.Next(rows[:]); n > 0; n = walk.Next(rows[:]) {
		room.gather(&b, v, rows[:n])
		c.count(&b)
	}
}

// slice takes n rows that stand together.
func (b *batch) slice(v *columns.View, from, n int) {
	b.time, b.call, b.session, b.place = v.Time[from:][:n], v.Call[from:][:n], v.Session[from:][:n], v.Place[from:][:n]
	b.mode, b.dxcc, b.grid = v.Mode[from:][:n], v.DXCC[from:][:n], v.Grid[from:][:n]
	b.band, b.confirmed = v.Band[from:][:n], v.Confirmed[from:][:n]
}

// gathered is room for a batch of rows that stand apart.
type gathered struct {
	time, call, session, place [block]uint32
	mode, dxcc, grid           [block]uint16
	band, confirmed            [block]uint8
}

// gather copies the rows, at most a block, and makes them the batch.
func (g *gathered) gather(b *batch, v *columns.View, rows []uint32) {
	n := len(rows)
	b.time, b.call, b.session, b.place = g.time[:n], g.call[:n], g.session[:n], g.place[:n]
	b.mode, b.dxcc, b.grid, b.band, b.confirmed = g.mode[:n], g.dxcc[:n], g.grid[:n], g.band[:n], g.confirmed[:n]
	pick(b.time, v.Time, rows)
	pick(b.call, v.Call, rows)
	pick(b.session, v.Session, rows)
	pick(b.place, v.Place, rows)
	pick(b.mode, v.Mode, rows)
	pick(b.dxcc, v.DXCC, rows)
	pick(b.grid, v.Grid, rows)
	pick(b.band, v.Band, rows)
	pick(b.confirmed, v.Confirmed, rows)
}

func pick[T any](to, column []T, rows []uint32) {
	to = to[:len(rows)]
	for i, row := range rows {
		to[i] = column[row]
	}
}

// count counts the rows of a batch. Loops with few counters each take half the
// time of one with all: the processor has too few registers for that.
func (c *counters) count(b *batch) {
	var room [block]pair
	add := room[:len(b.time)] // what each row adds to a pair
	confirmed := &c.confirmed
	for i, set := range b.confirmed[:len(add)] {
		confirmed[set]++
		add[i] = pairOf(set)
	}
	c.times(b, add)
	c.stations(b, add)
	calls, call := c.calls, b.call
	for _, n := range call {
		calls[n>>6] |= 1 << (n & 63)
	}
	grids := &c.grids
	for _, n := range b.grid {
		grids[n>>6&511] |= 1 << (n & 63)
	}
}

// times counts days by class, and hours of the week.
func (c *counters) times(b *batch, add []pair) {
	days, week, first, class := c.days, &c.week, c.firstDay, b.class
	time, mode := b.time[:len(add)], b.mode[:len(add)]
	least, most := c.min, c.max
	for i, one := range add {
		t := time[i]
		least, most = min(least, t), max(most, t)
		hour := t / 3600
		days[(hour/hoursADay-first)<<2|uint32(class[mode[i]])] += one
		week[hour%168] += one
	}
	c.min, c.max = least, most
}

// stations counts bands, sessions, entities and places.
func (c *counters) stations(b *batch, add []pair) {
	bands, modes, sessions := c.bands, uint32(c.modes), c.sessions
	band, mode, session := b.band[:len(add)], b.mode[:len(add)], b.session[:len(add)]
	for i, one := range add {
		bands[uint32(band[i]&63)*modes+uint32(mode[i])] += one
		sessions[session[i]] += one
	}
	entities, places, conts := &c.entities, c.places, b.conts
	dxcc, place := b.dxcc[:len(add)], b.place[:len(add)]
	for i, one := range add {
		p := place[i]
		places[p] += one
		entities[dxcc[i]&1023|conts[p]] += one
	}
}

// add adds the counters of other rows of the same view.
func (c *counters) add(o *counters) {
	c.min, c.max = min(c.min, o.min), max(c.max, o.max)
	for set, n := range o.confirmed {
		c.confirmed[set] += n
	}
	for _, lists := range [...][2][]pair{
		{c.days, o.days}, {c.week[:], o.week[:]}, {c.bands, o.bands}, {c.entities[:], o.entities[:]}, {c.places, o.places}, {c.sessions, o.sessions},
	} {
		to := lists[0]
		for i, n := range lists[1] {
			to[i] += n
		}
	}
	for i, set := range o.calls {
		c.calls[i] |= set
	}
	for i, set := range o.grids {
		c.grids[i] |= set
	}
}
