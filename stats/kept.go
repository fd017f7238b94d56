package stats

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"weak"

	"qslbox/qso/columns"
)

// maxKept is of how many logs the counters are kept.
const maxKept = 4

// maxTail is how many rows are counted besides what is kept. With more, all are
// counted anew; that uses both processors.
const maxTail = 10_000

// keptCounters are counters of whole logs, and how many rows are in them.
type keptCounters struct {
	mu    sync.Mutex
	logs  map[weak.Pointer[columns.Log]]*keptCounter
	asked uint64
}

type keptCounter struct {
	*counters
	rows  int
	edits uint64
	conts []uint16 // see noContinent
	asked uint64
}

// at brings the counters of a log up to the view. They are the caller's as long
// as the lock is.
func (l *keptCounters) at(v *columns.View, pool *sync.Pool) *counters {
	log := weak.Make(v.Log())
	k := l.logs[log]
	if k == nil {
		k = &keptCounter{}
		l.make(log, k)
	}
	l.asked++
	k.asked = l.asked
	if n := v.Rows(); k.counters == nil || k.edits != v.Edits() || n-k.rows > maxTail || !k.fits(v) {
		if k.counters != nil {
			pool.Put(k.counters)
		}
		k.counters, k.conts = count(v, v.Match(columns.Filter{}), pool), nil
	} else if n > k.rows {
		k.conts = noContinent(v, k.conts)
		k.fold(v, v.Match(columns.Filter{}), k.conts, k.rows, n)
	}
	k.rows, k.edits = v.Rows(), v.Edits()
	return k.counters
}

// make keeps one more, and drops the one not asked for since the longest time if
// there are too many.
func (l *keptCounters) make(log weak.Pointer[columns.Log], k *keptCounter) {
	if l.logs == nil {
		l.logs = map[weak.Pointer[columns.Log]]*keptCounter{}
	}
	maps.DeleteFunc(l.logs, func(log weak.Pointer[columns.Log], _ *keptCounter) bool { return log.Value() == nil })
	if len(l.logs) >= maxKept {
		delete(l.logs, slices.MinFunc(slices.Collect(maps.Keys(l.logs)), func(x, y weak.Pointer[columns.Log]) int {
			return cmp.Compare(l.logs[x].asked, l.logs[y].asked)
		}))
	}
	l.logs[log] = k
}

// fits makes room for what the log has got since; false if the counters of its
// rows have no place in these.
func (k *keptCounter) fits(v *columns.View) bool {
	if k.modes != len(v.Modes) || k.min > k.max {
		return false
	}
	last := k.firstDay + uint32(len(k.days)/4)
	for _, t := range v.Time[k.rows:] {
		if t/86400 < k.firstDay {
			return false
		}
		last = max(last, t/86400+1)
	}
	k.days = extended(k.days, 4*int(last-k.firstDay))
	k.places, k.sessions = extended(k.places, len(v.Places)), extended(k.sessions, len(v.Sessions))
	k.calls = extended(k.calls, v.Calls()/64+1)
	return true
}

// extended returns a list with zeros up to n at its end.
func extended[T any](list []T, n int) []T { return append(list, make([]T, max(0, n-len(list)))...) }
