package monitor

import (
	"slices"
	"time"
)

// Stats describes one operation at one moment.
type Stats struct {
	Name string
	Kind Kind

	// Since the start.
	Count     uint64
	Errors    uint64
	Sum       time.Duration
	LastError time.Time // UTC; zero if none

	// In the last 5 minutes and in the last hour, to 15 seconds.
	Last5Min, LastHour uint64
	ErrorsLastHour     uint64
	SlowLastHour       uint64 // over Config.Slow, critical ones included
	CriticalLastHour   uint64 // over Config.Critical

	// Of the last calls, up to RingSize: exact, by nearest rank.
	Samples        int
	Min, Max, Mean time.Duration
	P50, P95, P99  time.Duration
	Rating         Rating
}

// Stats computes the operation's figures. It sorts the ring, so it is for
// pages that are put together once a second at most.
func (o *Op) Stats() Stats {
	if o == nil {
		return Stats{}
	}
	var buf [RingSize]time.Duration
	return o.stats(buf[:0])
}

func (o *Op) stats(buf []time.Duration) Stats {
	now := o.monitor.elapsed()
	s := Stats{
		Name: o.name, Kind: o.kind,
		Count: o.ring.claimed.Load(), Errors: o.errors.Load(), Sum: time.Duration(o.ring.sum.Load()),
		Last5Min: o.calls.count(now, 5*time.Minute), LastHour: o.calls.count(now, time.Hour),
		ErrorsLastHour:   o.failed.count(now, time.Hour),
		SlowLastHour:     o.slow.count(now, time.Hour),
		CriticalLastHour: o.critical.count(now, time.Hour),
	}
	if ns := o.lastError.Load(); ns != 0 {
		s.LastError = time.Unix(0, ns).UTC()
	}
	ds := o.ring.all(buf[:0])
	if s.Samples = len(ds); s.Samples == 0 {
		return s
	}
	slices.Sort(ds)
	s.Min, s.Max, s.Mean = ds[0], ds[len(ds)-1], mean(ds)
	s.P50, s.P95, s.P99 = Percentile(ds, 50), Percentile(ds, 95), Percentile(ds, 99)
	if o.kind != Job {
		s.Rating = Rate(s.Mean)
	}
	return s
}

// Recent appends the durations of the last calls, up to [RingSize], oldest
// first, to buf.
func (o *Op) Recent(buf []time.Duration) []time.Duration {
	if o == nil {
		return buf
	}
	return o.ring.all(buf)
}

// Operations describes every operation, by kind and name.
func (m *Monitor) Operations() []Stats {
	buf := make([]time.Duration, 0, RingSize)
	ops := m.All()
	list := make([]Stats, len(ops))
	for i, op := range ops {
		list[i] = op.stats(buf)
	}
	return list
}

// Totals are the figures of all operations of one kind.
type Totals struct {
	Count uint64        // since the start
	Time  time.Duration // since the start
	// In the last hour, to 15 seconds; critical calls are slow ones too.
	Slow, Critical uint64
}

// Totals sums up the operations of one kind. It only reads atomics: no lock, no
// allocation, however much is recorded meanwhile.
func (m *Monitor) Totals(kind Kind) Totals {
	if m == nil {
		return Totals{}
	}
	kind, now := min(kind, Job), m.elapsed()
	t := Totals{
		Slow:     m.slowCalls[kind].count(now, time.Hour),
		Critical: m.criticalCalls[kind].count(now, time.Hour),
	}
	for _, op := range m.table.Load().byKind[kind] {
		t.Count += op.ring.claimed.Load()
		t.Time += time.Duration(op.ring.sum.Load())
	}
	return t
}

// Rating rates all queries together, by the mean of their last calls; without
// any call it is [Excellent].
func (m *Monitor) Rating() Rating {
	if m == nil {
		return Excellent
	}
	var sum time.Duration
	var n int
	buf := make([]time.Duration, 0, RingSize)
	for _, op := range m.table.Load().byKind[Query] {
		ds := op.ring.all(buf[:0])
		sum += mean(ds) * time.Duration(len(ds))
		n += len(ds)
	}
	return Rate(sum / time.Duration(max(n, 1)))
}

// mean does not overflow: 1,024 calls of half a year each would be needed.
func mean(ds []time.Duration) time.Duration {
	var sum time.Duration
	for _, d := range ds {
		sum += d
	}
	return sum / time.Duration(max(len(ds), 1))
}
