package columns

import (
	"math/bits"
	"slices"
	"strings"

	"qslbox/qso"
)

// Matches are the rows of a view that pass a filter, deleted ones left out. It
// is as valid as the view and serves any number of goroutines.
type Matches struct {
	v     *View
	tests []test
	// few are the only rows that may pass, ascending, if few is not nil: the
	// call index knew them.
	few []uint32
}

// test looks at n rows (at most 64) from a first one and returns those that
// pass, one bit each.
type test func(first, n int) uint64

// Match compiles a filter for the view. A condition on a field of a dictionary
// costs one look at each of its entries; then a row takes about a nanosecond a
// condition.
func (v *View) Match(f Filter) *Matches {
	m := &Matches{v: v}
	m.flags(&f)
	m.numbers(&f)
	m.dictionaries(&f)
	if f.Call != "" {
		m.call(strings.ToUpper(f.Call))
	}
	return m
}

// All reports whether every row passes: none is deleted and nothing is asked.
func (m *Matches) All() bool { return len(m.tests) == 0 && m.few == nil }

// Has reports whether a row passes.
func (m *Matches) Has(row uint32) bool {
	if m.few != nil {
		if _, found := slices.BinarySearch(m.few, row); !found {
			return false
		}
	}
	return m.word(int(row), 1) != 0
}

// word returns which of n rows pass the tests.
func (m *Matches) word(first, n int) uint64 {
	w := ^uint64(0) >> (64 - n)
	for _, t := range m.tests {
		if w &= t(first, n); w == 0 {
			return 0
		}
	}
	return w
}

// Bits returns the rows that pass as a bit set: row i is bit i%64 of word i/64.
func (m *Matches) Bits() []uint64 {
	set := make([]uint64, (m.v.Rows()+63)/64)
	if m.few != nil {
		for _, row := range m.few {
			if m.word(int(row), 1) != 0 {
				set[row/64] |= 1 << (row % 64)
			}
		}
		return set
	}
	for w := range set {
		set[w] = m.word(64*w, min(64, m.v.Rows()-64*w))
	}
	return set
}

// Count returns how many rows pass.
func (m *Matches) Count() int {
	if m.All() {
		return m.v.Rows()
	}
	n := 0
	for _, w := range m.Bits() {
		n += bits.OnesCount64(w)
	}
	return n
}

// Rows returns a walk over the rows that pass, from one row up to, but not
// including, another.
func (m *Matches) Rows(from, to int) Walk {
	w := Walk{m: m, at: from, end: to}
	if m.few != nil {
		w.at, _ = slices.BinarySearch(m.few, uint32(from))
	}
	return w
}

// Walk hands out rows in blocks.
type Walk struct {
	m       *Matches
	at, end int // rows, or places in m.few
	left    uint64
	base    int // row of the first bit of left
}

// Next fills the slice with the next rows, ascending, and returns how many; 0
// at the end. The slice must not be empty.
func (w *Walk) Next(rows []uint32) int {
	if w.m.few != nil {
		return w.nextOfFew(rows)
	}
	n := 0
	for {
		for ; w.left != 0; w.left &= w.left - 1 {
			if n == len(rows) {
				return n
			}
			rows[n] = uint32(w.base + bits.TrailingZeros64(w.left))
			n++
		}
		if w.at >= w.end {
			return n
		}
		size := min(64, w.end-w.at)
		w.base, w.left = w.at, w.m.word(w.at, size)
		w.at += size
	}
}

func (w *Walk) nextOfFew(rows []uint32) int {
	n := 0
	for few := w.m.few; w.at < len(few) && n < len(rows) && int(few[w.at]) < w.end; w.at++ {
		if w.m.word(int(few[w.at]), 1) != 0 {
			rows[n] = few[w.at]
			n++
		}
	}
	return n
}

// flags adds what the flags answer.
func (m *Matches) flags(f *Filter) {
	v := m.v
	mask, want := Flag(0), Flag(0)
	if v.Len() < v.Rows() {
		mask |= Dead
	}
	switch {
	case f.Sat == "":
	case strings.EqualFold(f.Sat, "none"):
		mask |= Satellite
	default:
		mask, want = mask|Satellite, want|Satellite
	}
	if mask != 0 {
		m.tests = append(m.tests, func(first, n int) (w uint64) {
			for i, flags := range v.Flags[first:][:n] {
				w |= bit(flags&mask == want) << (i & 63)
			}
			return w
		})
	}
}

// bit is 1 for true.
func bit(is bool) uint64 {
	if is {
		return 1
	}
	return 0
}

// numbers adds what columns answer without a dictionary.
func (m *Matches) numbers(f *Filter) {
	v := m.v
	if f.From.Given() || f.To.Given() {
		from, end := ToColumn(epoch), uint64(1)<<32
		if f.From.Given() {
			from = ToColumn(f.From)
		}
		if f.To.Given() {
			end = uint64(max(f.To-epoch, 0))
		}
		span := uint64(0)
		if end > uint64(from) {
			span = end - uint64(from)
		}
		m.tests = append(m.tests, func(first, n int) (w uint64) {
			for i, t := range v.Time[first:][:n] {
				w |= bit(uint64(t-from) < span && t >= from) << (i & 63)
			}
			return w
		})
	}
	if f.Hours != 0 || f.Weekdays != 0 {
		m.tests = append(m.tests, duringWeek(v.Time, f))
	}
	if f.Above != 0 {
		row, found := v.log.ids.find(f.Above)
		if found {
			row++
		}
		m.tests = append(m.tests, rowsFrom(row))
	}
	if f.ConfirmedBy != 0 || f.Confirmed != nil {
		set, want := uint8(f.ConfirmedBy), f.Confirmed == nil || *f.Confirmed
		if set == 0 {
			set = 0xff
		}
		m.tests = append(m.tests, func(first, n int) (w uint64) {
			for i, c := range v.Confirmed[first:][:n] {
				w |= bit(c&set != 0 == want) << (i & 63)
			}
			return w
		})
	}
	if f.Entity != 0 {
		m.tests = append(m.tests, equal(v.DXCC, f.Entity))
	}
	if f.Square != "" {
		m.tests = append(m.tests, equal(v.Grid, PackGrid(strings.ToUpper(f.Square))))
	}
	if len(f.Bands) > 0 {
		allowed := make([]bool, 256)
		for _, b := range f.Bands {
			allowed[b] = true
		}
		m.tests = append(m.tests, among(v.Band, allowed))
	}
}

func equal(column []uint16, value uint16) test {
	return func(first, n int) (w uint64) {
		for i, x := range column[first:][:n] {
			w |= bit(x == value) << (i & 63)
		}
		return w
	}
}

// rowsFrom passes a row and those behind it.
func rowsFrom(row int) test {
	return func(first, n int) uint64 {
		switch {
		case row <= first:
			return ^uint64(0)
		case row >= first+n:
			return 0
		}
		return ^uint64(0) << (row - first)
	}
}

// duringWeek tests the hour and the day of the week of the start.
func duringWeek(times []uint32, f *Filter) test {
	const hoursADay = 24
	allowed := make([]bool, 7*hoursADay)
	for h := range allowed {
		day := (h/hoursADay + 2) % 7 // the columns begin with 1930-01-01, a Wednesday
		allowed[h] = (f.Hours == 0 || f.Hours>>(h%hoursADay)&1 != 0) && (f.Weekdays == 0 || f.Weekdays>>day&1 != 0)
	}
	return func(first, n int) (w uint64) {
		for i, t := range times[first:][:n] {
			w |= bit(allowed[t/3600%uint32(len(allowed))]) << (i & 63)
		}
		return w
	}
}

// among tests a column against a table of its values.
func among[T uint8 | uint16 | uint32](column []T, allowed []bool) test {
	return func(first, n int) (w uint64) {
		for i, x := range column[first:][:n] {
			w |= bit(allowed[x]) << (i & 63)
		}
		return w
	}
}

// dictionaries adds what is decided once an entry.
func (m *Matches) dictionaries(f *Filter) {
	v := m.v
	if len(f.Modes) > 0 {
		m.tests = append(m.tests, among(v.Mode, table(v.Modes, func(i int, mode *qso.Mode) bool {
			return wanted(f.Modes, func(name string) bool {
				return strings.EqualFold(name, mode.Name) || strings.EqualFold(name, mode.Sub) || strings.EqualFold(name, v.Class[i].String())
			})
		})))
	}
	if len(f.Own) > 0 || f.Holder != "" || f.Operator != "" || f.Contest != "" || f.Grid != "" {
		grid := strings.ToUpper(f.Grid)
		m.tests = append(m.tests, among(v.Session, table(v.Sessions, func(_ int, s *Session) bool {
			return (len(f.Own) == 0 && f.Holder == "" || slices.Contains(f.Own, s.Own)) &&
				(f.Operator == "" || strings.EqualFold(f.Operator, s.Operator)) &&
				(f.Contest == "" || strings.EqualFold(f.Contest, s.Contest)) && strings.HasPrefix(s.MyGrid, grid)
		})))
	}
	if f.Sat != "" && !strings.EqualFold(f.Sat, "none") && !strings.EqualFold(f.Sat, "any") {
		m.tests = append(m.tests, among(v.Place, table(v.Places, func(_ int, p *PlaceWords) bool { return strings.EqualFold(f.Sat, v.texts[p.SatName]) })))
	}
	if f.Prop != "" {
		m.tests = append(m.tests, among(v.Place, table(v.Places, func(_ int, p *PlaceWords) bool { return strings.EqualFold(f.Prop, v.texts[p.PropMode]) })))
	}
	if f.Continent != "" {
		m.tests = append(m.tests, m.continent(f))
	}
}

// Continents are the continents of ADIF.
func Continents() []string { return []string{"AF", "AN", "AS", "EU", "NA", "OC", "SA"} }

// continent tests what the log says, else where the entity is.
func (m *Matches) continent(f *Filter) test {
	v := m.v
	named := table(v.Places, func(_ int, p *PlaceWords) bool { return strings.EqualFold(f.Continent, v.texts[p.Cont]) })
	silent := table(v.Places, func(_ int, p *PlaceWords) bool { return !slices.Contains(Continents(), v.texts[p.Cont]) })
	there := make([]bool, 1<<16)
	for _, code := range f.Entities {
		there[code] = true
	}
	return func(first, n int) (w uint64) {
		entities := v.DXCC[first:][:n]
		for i, place := range v.Place[first:][:n] {
			w |= bit(named[place] || silent[place] && there[entities[i]]) << (i & 63)
		}
		return w
	}
}

// wanted reports whether names choose what is called so: one of those without
// - in front, if there are any, and none of those with it.
func wanted(names []string, called func(string) bool) bool {
	asked, found := false, false
	for _, name := range names {
		if not, out := strings.CutPrefix(name, "-"); out {
			if called(not) {
				return false
			}
			continue
		}
		asked, found = true, found || called(name)
	}
	return found || !asked
}

func table[T any](entries []T, allowed func(int, *T) bool) []bool {
	t := make([]bool, len(entries))
	for i := range entries {
		t[i] = allowed(i, &entries[i])
	}
	return t
}
