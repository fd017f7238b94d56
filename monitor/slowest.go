package monitor

import (
	"cmp"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// SlowestKept is the number of slowest calls that are kept of each kind and
// each minute, and so the number that is exact for the whole hour.
const SlowestKept = 10

// A minute's places hold an hour before now and the minute that is running.
const minutes = 61

// longestDetail is the number of bytes of a call's detail that are kept.
const longestDetail = 200

// SlowCall is one of the slowest calls of the last hour.
type SlowCall struct {
	Operation string
	Kind      Kind
	Duration  time.Duration
	At        time.Time // when it ended, UTC
	Detail    string    // what it was about, at most 200 bytes
	Failed    bool

	end time.Duration // when it ended, by the measuring clock
}

// slowest keeps the slowest calls of each of the last minutes. A minute is
// replaced as a whole, never changed, so that nobody needs a lock.
type slowest struct {
	minutes [minutes]atomic.Pointer[minute]
	changes atomic.Uint64
	top     atomic.Pointer[top]
}

// A minute has its slowest calls, longest first.
type minute struct {
	number int64
	calls  []SlowCall
}

// top is an answer of the last hour and what it was made from.
type top struct {
	changes uint64
	number  int64
	calls   []SlowCall
}

// add enters a call if it is among the slowest of its minute.
func (s *slowest) add(c SlowCall) {
	number := int64(max(c.end, 0) / time.Minute)
	place := &s.minutes[number%minutes]
	for {
		old := place.Load()
		next := &minute{number: number}
		if old != nil && old.number == number {
			if len(old.calls) == SlowestKept && c.Duration <= old.calls[SlowestKept-1].Duration {
				return
			}
			next.calls = slices.Clone(old.calls)
		}
		i, _ := slices.BinarySearchFunc(next.calls, c, longerFirst)
		next.calls = slices.Insert(next.calls, i, c)
		next.calls = next.calls[:min(len(next.calls), SlowestKept)]
		if place.CompareAndSwap(old, next) {
			s.changes.Add(1)
			return
		}
	}
}

// since lists the calls kept that ended after the given time, longest first.
func (s *slowest) since(after time.Duration) []SlowCall {
	var all []SlowCall
	for i := range s.minutes {
		m := s.minutes[i].Load()
		if m == nil {
			continue
		}
		for _, c := range m.calls {
			if c.end > after {
				all = append(all, c)
			}
		}
	}
	slices.SortStableFunc(all, longerFirst)
	return all
}

func longerFirst(a, b SlowCall) int {
	return cmp.Or(cmp.Compare(b.Duration, a.Duration), cmp.Compare(a.end, b.end))
}

// Slowest lists the slowest calls of one kind in the last hour, at most
// [SlowestKept], longest first. The answer is kept until a slower call comes or
// a minute passes: it is shared, so do not change it.
func (m *Monitor) Slowest(kind Kind) []SlowCall {
	if m == nil {
		return nil
	}
	s, now := &m.slowest[min(kind, Job)], m.elapsed()
	changes, number := s.changes.Load(), int64(now/time.Minute)
	if t := s.top.Load(); t != nil && t.changes == changes && t.number == number {
		return t.calls
	}
	calls := s.since(now - time.Hour)
	calls = slices.Clip(calls[:min(len(calls), SlowestKept)])
	s.top.Store(&top{changes, number, calls})
	return calls
}

// SlowCalls lists the calls of all kinds in the last hour that took over the
// given time, longest first. Of each kind and minute the slowest
// [SlowestKept] are known.
func (m *Monitor) SlowCalls(over time.Duration) []SlowCall {
	if m == nil {
		return nil
	}
	var all []SlowCall
	after := m.elapsed() - time.Hour
	for k := range m.slowest {
		all = append(all, m.slowest[k].since(after)...)
	}
	all = slices.DeleteFunc(all, func(c SlowCall) bool { return c.Duration <= over })
	slices.SortStableFunc(all, longerFirst)
	return all
}

// shorten cuts a detail between two characters, and lets go of what it was cut
// from.
func shorten(s string) string {
	if len(s) <= longestDetail {
		return s
	}
	n := longestDetail
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.Clone(s[:n])
}
