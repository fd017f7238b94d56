package monitor

import (
	"math/bits"
	"slices"
	"sync/atomic"
	"time"
)

// bounds are the upper ends of the histogram's buckets. Two neighbours are a
// factor of 2 or more apart, so that a power of two holds at most one bound.
var bounds = ladder()

// firstBound tells for each length in bits the first bound that a number of
// that length may have to be compared with.
var firstBound = firstBounds()

const bucketCount = 27

// ladder is 1, 2.5, 5 times each power of ten from a microsecond to 500 seconds.
func ladder() (out [bucketCount]time.Duration) {
	unit := time.Microsecond
	for i := 0; i < bucketCount; i += 3 {
		out[i], out[i+1], out[i+2] = unit, unit*5/2, unit*5
		unit *= 10
	}
	return out
}

func firstBounds() (out [65]uint8) {
	for n := range out {
		least := uint64(0)
		if n > 0 {
			least = 1 << (n - 1)
		}
		i := slices.IndexFunc(bounds[:], func(b time.Duration) bool { return uint64(b) >= least })
		if i < 0 {
			i = bucketCount
		}
		out[n] = uint8(i)
	}
	return out
}

// buckets counts durations by size; the last one takes what is above all
// bounds.
type buckets [bucketCount + 1]atomic.Uint64

func (b *buckets) put(d time.Duration) {
	i := firstBound[bits.Len64(uint64(d))]
	if i < bucketCount && d > bounds[i] {
		i++
	}
	b[i].Add(1)
}

// Histogram is an operation's durations since the start, in the shape that
// Prometheus wants.
type Histogram struct {
	Count uint64        // all calls
	Sum   time.Duration // of all calls
	// Buckets has the number of calls that took at most the bound of the same
	// index in [Bounds], so it never falls from one to the next.
	Buckets []uint64
}

// Bounds lists the upper ends of the histogram's buckets, ascending: 1, 2.5 and
// 5 times each power of ten from 1 µs to 500 s.
func Bounds() []time.Duration { return slices.Clone(bounds[:]) }

// Histogram counts the operation's calls since the start by duration.
func (o *Op) Histogram() Histogram {
	h := Histogram{Buckets: make([]uint64, bucketCount)}
	if o == nil {
		return h
	}
	h.Sum = time.Duration(o.ring.sum.Load())
	for i := range o.buckets {
		h.Count += o.buckets[i].Load()
		if i < bucketCount {
			h.Buckets[i] = h.Count
		}
	}
	return h
}
