package stats

import (
	"math"
	"runtime"
	"sync"

	"qslbox/qso"
	"qslbox/qso/columns"
)

// headline are the sources whose confirmations the dashboard counts.
const headline = uint8(1<<qso.LoTW | 1<<qso.Card)

// counters are what one pass over the columns gathers. Each is counted apart
// for QSOs that are not confirmed and those that are: index 2*x and 2*x+1.
type counters struct {
	firstDay uint32 // of days
	modes    int    // of bands

	confirmed [256]uint32      // QSOs by set of confirming sources
	days      []uint32         // 8*day + 2*class
	week      [2 * 168]uint32  // hour of the week, from Wednesday 00:00
	bands     []uint32         // 2*(modes*band + mode)
	entities  [2 * 2048]uint32 // entity; from 1024 on those whose place says no continent
	places    []uint32
	sessions  []uint32
	calls     []uint64 // sets, one bit each
	grids     [512]uint64
	min, max  uint32 // time; min > max: no rows
}

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
		days: cleared(c.days, 8*days), bands: cleared(c.bands, 2*64*len(v.Modes)), places: cleared(c.places, 2*len(v.Places)),
		sessions: cleared(c.sessions, 2*len(v.Sessions)), calls: cleared(c.calls, v.Calls()/64+1),
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

// alone is up to how many rows one goroutine counts.
const alone = 30_000

// count gathers the counters of the rows that pass the filter. They belong into
// the pool when they have been read.
func count(v *columns.View, m *columns.Matches, pool *sync.Pool) *counters {
	from, to := v.TimeRange()
	conts, n := noContinent(v), v.Rows()
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
// offset in counters.entities, or 0.
func noContinent(v *columns.View) []uint16 {
	list := make([]uint16, len(v.Places))
	for i := range v.Places {
		if continents[v.Text(v.Places[i].Cont)] == 0 {
			list[i] = 1024
		}
	}
	return list
}

// fold counts the rows from one up to another.
func (c *counters) fold(v *columns.View, m *columns.Matches, conts []uint16, from, to int) {
	if m.All() {
		c.all(v, conts, from, to)
		return
	}
	var rows [1024]uint32
	walk := m.Rows(from, to)
	for n := walk.Next(rows[:]); n > 0; n = walk.Next(rows[:]) {
		c.some(v, conts, rows[:n])
	}
}

// all counts every row. It is some once more, for rows that need no index.
func (c *counters) all(v *columns.View, conts []uint16, from, to int) {
	if from == to {
		return
	}
	time := v.Time[from:to]
	n := len(time)
	call, session, place := v.Call[from:][:n], v.Session[from:][:n], v.Place[from:][:n]
	mode, dxcc, grid, band, confirmed := v.Mode[from:][:n], v.DXCC[from:][:n], v.Grid[from:][:n], v.Band[from:][:n], v.Confirmed[from:][:n]
	days, bands, places, sessions, calls, class := c.days, c.bands, c.places, c.sessions, c.calls, v.Class
	first, modes := c.firstDay, uint32(c.modes)
	for i, t := range time {
		set, m, p := confirmed[i], mode[i], place[i]
		c.confirmed[set]++
		k := (uint32(set&headline) + 255) >> 8 // 1 if confirmed
		hour := t / 3600
		days[(hour/hoursADay-first)<<3|uint32(class[m])<<1|k]++
		c.week[hour%168<<1|k]++
		bands[(uint32(band[i]&63)*modes+uint32(m))<<1|k]++
		c.entities[uint32(dxcc[i]&1023|conts[p])<<1|k]++
		places[p<<1|k]++
		sessions[session[i]<<1|k]++
		calls[call[i]>>6] |= 1 << (call[i] & 63)
		c.grids[grid[i]>>6&511] |= 1 << (grid[i] & 63)
	}
	c.min, c.max = span(time)
}

// some counts the given rows.
func (c *counters) some(v *columns.View, conts []uint16, rows []uint32) {
	days, bands, places, sessions, calls, class := c.days, c.bands, c.places, c.sessions, c.calls, v.Class
	first, modes := c.firstDay, uint32(c.modes)
	for _, i := range rows {
		t, set, m, p, call, grid := v.Time[i], v.Confirmed[i], v.Mode[i], v.Place[i], v.Call[i], v.Grid[i]
		c.min, c.max = min(c.min, t), max(c.max, t)
		c.confirmed[set]++
		k := (uint32(set&headline) + 255) >> 8
		hour := t / 3600
		days[(hour/hoursADay-first)<<3|uint32(class[m])<<1|k]++
		c.week[hour%168<<1|k]++
		bands[(uint32(v.Band[i]&63)*modes+uint32(m))<<1|k]++
		c.entities[uint32(v.DXCC[i]&1023|conts[p])<<1|k]++
		places[p<<1|k]++
		sessions[v.Session[i]<<1|k]++
		calls[call>>6] |= 1 << (call & 63)
		c.grids[grid>>6&511] |= 1 << (grid & 63)
	}
}

// span returns the first and the last of times.
func span(times []uint32) (from, to uint32) {
	from = math.MaxUint32
	for _, t := range times {
		from, to = min(from, t), max(to, t)
	}
	return from, to
}

// add adds the counters of other rows of the same view.
func (c *counters) add(o *counters) {
	c.min, c.max = min(c.min, o.min), max(c.max, o.max)
	for _, pair := range [...][2][]uint32{
		{c.confirmed[:], o.confirmed[:]}, {c.days, o.days}, {c.week[:], o.week[:]}, {c.bands, o.bands},
		{c.entities[:], o.entities[:]}, {c.places, o.places}, {c.sessions, o.sessions},
	} {
		to := pair[0]
		for i, n := range pair[1] {
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
