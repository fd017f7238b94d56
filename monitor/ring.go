package monitor

import (
	"slices"
	"sync/atomic"
	"time"
)

// RingSize is the number of last calls from which an operation's percentiles,
// mean, minimum and maximum are taken.
const RingSize = 1024

// A ring keeps the last RingSize durations. Writers claim a place with one
// atomic addition and fill it with one store; a reader that comes between the
// two finds the older value or an empty place, never a torn one.
type ring struct {
	claimed atomic.Uint64
	sum     atomic.Int64 // of all durations ever; beside claimed, in the same cache line
	places  [RingSize]atomic.Int64
}

// put adds a duration, which must not be negative. A place holds the duration
// plus one, so that 0 means empty.
func (r *ring) put(d time.Duration) {
	n := r.claimed.Add(1)
	r.sum.Add(int64(d))
	r.places[(n-1)%RingSize].Store(int64(d) + 1)
}

// span appends the calls with numbers in [from, to), oldest first.
// Numbers count from 0; those no longer in the ring are left out.
func (r *ring) span(buf []time.Duration, from, to uint64) []time.Duration {
	if to > RingSize && from < to-RingSize {
		from = to - RingSize
	}
	for i := from; i < to; i++ {
		if v := r.places[i%RingSize].Load(); v > 0 {
			buf = append(buf, time.Duration(v-1))
		}
	}
	return buf
}

// all appends everything in the ring, oldest first.
func (r *ring) all(buf []time.Duration) []time.Duration {
	return r.span(buf, 0, r.claimed.Load())
}

// Percentile is the exact nearest-rank percentile of a sorted slice: the
// smallest value such that at least p percent (0 to 100) of all are not above
// it. It is 0 for an empty slice.
func Percentile(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := (min(max(p, 0), 100)*len(sorted) + 99) / 100
	return sorted[max(rank, 1)-1]
}

// median sorts ds and gives its 50th percentile.
func median(ds []time.Duration) time.Duration {
	slices.Sort(ds)
	return Percentile(ds, 50)
}
