package monitor

import (
	"sync/atomic"
	"time"
)

// The last hour is counted in periods of 15 seconds.
const (
	period  = 15 * time.Second
	periods = int64(time.Hour / period)
)

// A window counts events of the last hour. Each place holds the number of its
// period in the upper half and the count in the lower, so that an old period
// is replaced and a current one added to by a single atomic operation.
type window struct {
	places [periods]atomic.Uint64
}

// add counts one event that happened at the given time since the start.
func (w *window) add(at time.Duration) {
	n := number(at)
	place := &w.places[n%uint64(periods)]
	for {
		old := place.Load()
		if old>>32 == n {
			place.Add(1)
			return
		}
		if place.CompareAndSwap(old, n<<32|1) {
			return
		}
	}
}

// count is the number of events in the last span (up to an hour) before now,
// to the period.
func (w *window) count(now, span time.Duration) uint64 {
	n, sum := number(now), uint64(0)
	back := uint64(min(span/period, time.Duration(periods)))
	for i := range w.places {
		v := w.places[i].Load()
		if p := v >> 32; p+back > n && p <= n {
			sum += v & (1<<32 - 1)
		}
	}
	return sum
}

// number is the period of a time since the start. It begins at 1: an empty
// place belongs to no period that can be asked for.
func number(at time.Duration) uint64 {
	return uint64(max(at, 0)/period) + 1
}
