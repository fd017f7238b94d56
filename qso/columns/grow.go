package columns

// room makes sure that n more rows fit into every column.
func (l *Log) room(n int) {
	v := &l.v
	v.Time, v.Call, v.Session, v.Place = room(v.Time, n), room(v.Call, n), room(v.Session, n), room(v.Place, n)
	v.Mode, v.DXCC, v.Grid, v.Flags = room(v.Mode, n), room(v.DXCC, n), room(v.Grid, n), room(v.Flags, n)
	v.LoTWDay, v.CardDay, v.DCLDay = room(v.LoTWDay, n), room(v.CardDay, n), room(v.DCLDay, n)
	v.Band, v.CQZ, v.ITUZ = room(v.Band, n), room(v.CQZ, n), room(v.ITUZ, n)
	v.Confirmed, v.Blank = room(v.Confirmed, n), room(v.Blank, n)
	l.next = room(l.next, n)
}

// small is how long columns are that grow by a twelfth.
const small = 1 << 18

// room returns s with room for n more. Columns grow by a twelfth and later an
// eighth, not by the quarter of append: memory is what a million rows are short
// of, and small logs have more different calls and places a row.
func room[T any](s []T, n int) []T {
	if cap(s)-len(s) >= n {
		return s
	}
	more := len(s)/8 + 256
	if len(s) < small {
		more = len(s)/12 + 256
	}
	out := make([]T, len(s), len(s)+max(n, more))
	copy(out, s)
	return out
}

// push appends a dead row.
func (l *Log) push(id uint64) {
	l.ids.push(id)
	l.extend()
}

func (l *Log) extend() {
	if len(l.next) == cap(l.next) {
		l.room(1)
	}
	v := &l.v
	l.next = append(l.next, noRow)
	v.Time, v.Call, v.Session, v.Place = append(v.Time, 0), append(v.Call, 0), append(v.Session, 0), append(v.Place, 0)
	v.Mode, v.DXCC, v.Grid, v.Flags = append(v.Mode, 0), append(v.DXCC, 0), append(v.Grid, 0), append(v.Flags, Dead)
	v.LoTWDay, v.CardDay, v.DCLDay = append(v.LoTWDay, 0), append(v.CardDay, 0), append(v.DCLDay, 0)
	v.Band, v.CQZ, v.ITUZ = append(v.Band, 0), append(v.CQZ, 0), append(v.ITUZ, 0)
	v.Confirmed, v.Blank = append(v.Confirmed, 0), append(v.Blank, 0)
}

// insert opens a dead row in the middle, for an id that comes back after a load
// that did not have it: rare, so everything that holds row numbers is mended.
func (l *Log) insert(at int, id uint64) {
	l.ids.insert(at, id)
	l.extend()
	l.calls.fit(uint32(l.ids.rows - 1))
	v := &l.v
	for _, c := range [][]uint32{v.Time, v.Call, v.Session, v.Place, l.next} {
		shift(c, at)
	}
	for _, c := range [][]uint16{v.Mode, v.DXCC, v.Grid, v.LoTWDay, v.CardDay, v.DCLDay} {
		shift(c, at)
	}
	for _, c := range [][]uint8{v.Band, v.CQZ, v.ITUZ, v.Confirmed} {
		shift(c, at)
	}
	shift(v.Flags, at)
	shift(v.Blank, at)
	v.Flags[at] = Dead
	move := func(row *uint32) {
		if *row != noRow && *row >= uint32(at) {
			*row++
		}
	}
	for i := range l.next {
		move(&l.next[i])
	}
	l.calls.shift(uint32(at))
	l.next[at] = noRow
	l.statements.shift(uint32(at))
	l.shuffled = true
}

// shift moves what stands from at on one place up, over the last one.
func shift[T any](s []T, at int) { copy(s[at+1:], s[at:len(s)-1]) }
