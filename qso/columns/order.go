package columns

import (
	"cmp"
	"slices"
	"sort"
)

// Order is the rows by time, then id; dead rows are among them.
type Order struct {
	rows []uint32 // nil: as they are
	n    int
}

// Len returns how many rows there are.
func (o Order) Len() int { return o.n }

// At returns the row at a place, 0 being the oldest.
func (o Order) At(i int) uint32 {
	if o.rows == nil {
		return uint32(i)
	}
	return o.rows[i]
}

// setTime writes a time and notes what that does to the order. A log whose rows
// are in order of time, as most are, needs no other order than that.
func (l *Log) setTime(row int, t uint32) {
	times := l.v.Time
	old := times[row]
	times[row] = t
	switch {
	case !l.disorder:
		l.disorder = row > 0 && times[row-1] > t || row+1 < len(times) && t > times[row+1]
	case row < len(l.order) && old != t:
		l.shuffled = true
	}
}

// arrange brings the order up to date. New rows mostly stand where they belong
// or close to it; a change of times costs a whole sort, which is linear, and
// waits until someone asks.
func (l *Log) arrange() {
	rows := len(l.v.Time)
	if l.shuffled {
		l.order, l.shuffled = l.order[:0], false
	}
	mid := len(l.order)
	if !l.disorder || mid == rows {
		return
	}
	l.order = room(l.order, rows-mid)
	for row := mid; row < rows; row++ {
		l.order = append(l.order, uint32(row))
	}
	l.byTime(l.order[mid:])
	l.mergeTail(mid)
}

// before reports whether row a comes before row b.
func (l *Log) before(a, b uint32) bool {
	if t := l.v.Time; t[a] != t[b] {
		return t[a] < t[b]
	}
	return a < b
}

// byTime sorts rows that ascend by number.
func (l *Log) byTime(rows []uint32) {
	t := l.v.Time
	if slices.IsSortedFunc(rows, func(a, b uint32) int { return cmp.Compare(t[a], t[b]) }) {
		return
	}
	if len(rows) < 2000 {
		slices.SortStableFunc(rows, func(a, b uint32) int { return cmp.Compare(t[a], t[b]) })
		return
	}
	l.radix(rows)
}

// radix sorts rows by time in three stable rounds of eleven bits.
func (l *Log) radix(rows []uint32) {
	const bits = 11
	t := l.v.Time
	from, to := rows, make([]uint32, len(rows))
	for round := range 3 {
		var starts [1<<bits + 1]uint32
		for _, row := range from {
			starts[t[row]>>(round*bits)&(1<<bits-1)+1]++
		}
		for i := 1; i < len(starts); i++ {
			starts[i] += starts[i-1]
		}
		for _, row := range from {
			at := &starts[t[row]>>(round*bits)&(1<<bits-1)]
			to[*at] = row
			*at++
		}
		from, to = to, from
	}
	copy(rows, from)
}

// mergeTail merges the two sorted parts of the order, before and from mid.
func (l *Log) mergeTail(mid int) {
	order := l.order
	if mid == 0 || l.before(order[mid-1], order[mid]) {
		return
	}
	fresh := slices.Clone(order[mid:])
	for end := mid; len(fresh) > 0; {
		last := fresh[len(fresh)-1]
		at := sort.Search(end, func(i int) bool { return l.before(last, order[i]) })
		copy(order[at+len(fresh):], order[at:end])
		order[at+len(fresh)-1] = last
		fresh, end = fresh[:len(fresh)-1], at
	}
}
