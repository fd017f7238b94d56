package columns

import (
	"slices"
	"sort"
)

// sortedRows returns how many rows the order has taken in: they are the first
// ones of the log, as rows are appended to both.
func (l *Log) sortedRows() int { return l.sorted }

// arrange brings the order up to date. A log is mostly written in order of
// time, so that new rows stand where they belong or close to it; a change of
// times costs a whole sort, which is linear, and waits until someone asks.
func (l *Log) arrange() {
	if l.shuffled {
		for i := range l.order {
			l.order[i] = uint32(i)
		}
		l.byTime(l.order)
		l.sorted, l.shuffled = len(l.order), false
		return
	}
	if l.sorted == len(l.order) {
		return
	}
	l.byTime(l.order[l.sorted:])
	l.mergeTail(l.sorted)
	l.sorted = len(l.order)
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
	if slices.IsSortedFunc(rows, func(a, b uint32) int { return int(int64(t[a]) - int64(t[b])) }) {
		return
	}
	if len(rows) < 2000 {
		slices.SortStableFunc(rows, func(a, b uint32) int { return int(int64(t[a]) - int64(t[b])) })
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
