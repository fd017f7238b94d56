package monitor_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/monitor"
)

func ExamplePercentile() {
	sorted := []time.Duration{1, 2, 3, 4, 5, 6, 7, 8, 9, 100}
	fmt.Println(monitor.Percentile(sorted, 50), monitor.Percentile(sorted, 90), monitor.Percentile(sorted, 91))
	// Output: 5ns 9ns 100ns
}

// nearestRank is the definition: the least value of which at least p percent
// of all are no greater.
func nearestRank(all []time.Duration, p int) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	for _, v := range sorted {
		notGreater := 0
		for _, w := range sorted {
			if w <= v {
				notGreater++
			}
		}
		if notGreater*100 >= p*len(sorted) {
			return v
		}
	}
	return 0
}

// reference computes what Stats says of the last calls, slowly.
func reference(all []time.Duration) monitor.Stats {
	last := all[max(len(all)-monitor.RingSize, 0):]
	s := monitor.Stats{Count: uint64(len(all)), Samples: len(last)}
	for _, d := range all {
		s.Sum += d
	}
	if len(last) == 0 {
		return s
	}
	var sum time.Duration
	for _, d := range last {
		sum += d
	}
	s.Mean = sum / time.Duration(len(last))
	s.Min, s.Max = slices.Min(last), slices.Max(last)
	s.P50, s.P95, s.P99 = nearestRank(last, 50), nearestRank(last, 95), nearestRank(last, 99)
	return s
}

// figures are the members of Stats that reference knows.
func figures(s monitor.Stats) monitor.Stats {
	return monitor.Stats{
		Count: s.Count, Samples: s.Samples, Sum: s.Sum, Mean: s.Mean, Min: s.Min, Max: s.Max, P50: s.P50, P95: s.P95, P99: s.P99,
	}
}

func TestPercentileOfFew(t *testing.T) {
	for n := range 130 {
		var sorted []time.Duration
		for i := range n {
			sorted = append(sorted, time.Duration(i/3+1)) // with equal ones
		}
		for p := range 101 {
			if got, want := monitor.Percentile(sorted, p), nearestRank(sorted, p); got != want {
				t.Fatalf("Percentile(%d of %d) = %d, want %d", p, n, got, want)
			}
		}
	}
	if lo, hi := monitor.Percentile([]time.Duration{1, 2}, -4), monitor.Percentile([]time.Duration{1, 2}, 104); lo != 1 || hi != 2 {
		t.Errorf("outside 0 to 100: %d and %d, want the ends 1 and 2", lo, hi)
	}
}

// TestPercentilesOfAMillion compares the ring with a sorted reference on the
// way through a million random durations, from nanoseconds to minutes.
func TestPercentilesOfAMillion(t *testing.T) {
	m, _ := newMonitor(t)
	op := m.Operation(monitor.Query, "q")
	random := rand.New(rand.NewPCG(1, 2))
	all := make([]time.Duration, 0, 1_000_000)
	for len(all) < cap(all) {
		d := time.Duration(math.Exp(random.Float64() * 25))
		op.Observe(d, nil)
		all = append(all, d)
		if n := len(all); n < 40 || n%50_000 < 2 || n == monitor.RingSize || n == monitor.RingSize+1 {
			if diff := cmp.Diff(reference(all), figures(op.Stats())); diff != "" {
				t.Fatalf("after %d calls (-want +got):\n%s", n, diff)
			}
		}
	}
}

// TestPercentilesUnderWriters has eight goroutines record while one reads: no
// value is torn or lost, and afterwards the figures are those of the ring.
func TestPercentilesUnderWriters(t *testing.T) {
	const writers, each = 8, 20_000
	m, _ := newMonitor(t)
	op := m.Operation(monitor.Query, "q")
	var writing, reading sync.WaitGroup
	done := make(chan struct{})
	reading.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			s := op.Stats()
			if s.Samples > 0 && (s.Min < 1 || s.Max > writers || s.P50 > s.P95 || s.P95 > s.P99) {
				t.Errorf("while writing: %+v, want only durations from 1 to %d", s, writers)
				return
			}
			_, _ = m.Regressions(), m.Totals(monitor.Query)
		}
	})
	for w := range writers {
		writing.Go(func() {
			for range each {
				op.Observe(time.Duration(w+1), nil)
			}
		})
	}
	writing.Wait()
	close(done)
	reading.Wait()
	got := figures(op.Stats())
	want := reference(op.Recent(nil))
	want.Count, want.Sum = writers*each, each*writers*(writers+1)/2
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("afterwards (-want +got):\n%s", diff)
	}
	if h := op.Histogram(); h.Count != writers*each || h.Buckets[0] != writers*each || op.Stats().LastHour != writers*each {
		t.Errorf("%d in the histogram, %d in the last hour, want %d", h.Count, op.Stats().LastHour, writers*each)
	}
}

func FuzzPercentiles(f *testing.F) {
	f.Add([]byte{}, uint16(0))
	f.Add([]byte{1, 0, 0, 0, 255, 255, 255, 127, 0, 0, 0, 0}, uint16(700))
	f.Add([]byte("a few bytes that are durations"), uint16(3))
	f.Fuzz(func(t *testing.T, data []byte, repeat uint16) {
		m, _ := newMonitor(t)
		op := m.Operation(monitor.Query, "q")
		var all []time.Duration
		for range int(repeat)%300 + 1 {
			for chunk := range slices.Chunk(data[:min(len(data)/4*4, 64)], 4) {
				d := time.Duration(binary.LittleEndian.Uint32(chunk)) << (chunk[0] % 8)
				op.Observe(d, nil)
				all = append(all, d)
			}
		}
		if diff := cmp.Diff(reference(all), figures(op.Stats())); diff != "" {
			t.Errorf("%d calls (-want +got):\n%s", len(all), diff)
		}
	})
}

func TestHistogram(t *testing.T) {
	m, _ := newMonitor(t)
	op := m.Operation(monitor.Query, "q")
	bounds := monitor.Bounds()
	if bounds[0] != time.Microsecond || bounds[len(bounds)-1] != 500*time.Second || !slices.IsSorted(bounds) {
		t.Fatalf("Bounds() = %v, want 1 µs to 500 s", bounds)
	}
	var all []time.Duration
	observe := func(d time.Duration) { op.Observe(d, nil); all = append(all, d) }
	for _, b := range bounds {
		observe(b - 1)
		observe(b)
		observe(b + 1)
	}
	for shift := range 40 {
		observe(1<<shift - 1)
		observe(1 << shift)
	}
	want := monitor.Histogram{Count: uint64(len(all)), Buckets: make([]uint64, len(bounds))}
	for _, d := range all {
		want.Sum += d
		for i, b := range bounds {
			if d <= b {
				want.Buckets[i]++
			}
		}
	}
	if diff := cmp.Diff(want, op.Histogram()); diff != "" {
		t.Errorf("Histogram() (-want +got):\n%s", diff)
	}
}
