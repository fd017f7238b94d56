package syncers

import (
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// DefaultSchedule is how often an account is synced if nothing else is set.
const DefaultSchedule = "@every 6h"

// ShortestSync is the smallest distance of two scheduled syncs.
const ShortestSync = time.Hour

// Schedule says when something runs: five fields of cron, a descriptor such as
// @daily, or "@every 6h". Times are UTC.
type Schedule struct {
	text string
	cron cron.Schedule
}

// ParseSchedule reads a schedule; a blank one is DefaultSchedule. Runs closer
// together than shortest are refused, and so are time zones. The error's text
// is for a person.
func ParseSchedule(text string, shortest time.Duration) (Schedule, error) {
	text = strings.Join(strings.Fields(text), " ")
	if text == "" {
		text = DefaultSchedule
	}
	if strings.Contains(text, "TZ=") {
		return Schedule{}, fmt.Errorf("schedule %q: times are UTC; leave the time zone out", text)
	}
	parsed, err := cron.ParseStandard(text)
	if err != nil {
		return Schedule{}, fmt.Errorf("schedule %q: %w; examples: @every 6h, @daily, 15 */6 * * *", text, err)
	}
	s := Schedule{text, parsed}
	from := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC) // any start shows the pattern of a leap year
	first := s.Next(from)
	if first.IsZero() {
		return Schedule{}, fmt.Errorf("schedule %q: no such day ever comes", text)
	}
	for range 200 {
		second := s.Next(first)
		if second.IsZero() { // too far away for cron: leap days around 2100
			break
		}
		if second.Sub(first) < shortest {
			return Schedule{}, fmt.Errorf("schedule %q: runs are %s apart; at least %s is asked for", text, second.Sub(first), shortest)
		}
		first = second
	}
	return s, nil
}

// String returns the schedule's text.
func (s Schedule) String() string { return s.text }

// Next returns the first time after t, in UTC.
func (s Schedule) Next(t time.Time) time.Time { return s.cron.Next(t.UTC()) }

// notBefore returns the first time that is not before t; a schedule that only
// has a distance may run at t itself.
func (s Schedule) notBefore(t time.Time) time.Time {
	if _, distance := s.cron.(cron.ConstantDelaySchedule); distance {
		return t
	}
	return s.Next(t.Add(-time.Second))
}

// Preview returns the next n times after now.
func (s Schedule) Preview(now time.Time, n int) []time.Time {
	times := make([]time.Time, 0, n)
	for t := now; len(times) < n; {
		t = s.Next(t)
		if t.IsZero() {
			break
		}
		times = append(times, t)
	}
	return times
}

// jitter spreads equal times over a span: the same for the same name and time,
// another for each appliance (seed).
func jitter(seed uint64, name string, at time.Time, span time.Duration) time.Duration {
	if span <= 0 {
		return 0
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %s %d", seed, name, at.Unix())
	return time.Duration(h.Sum64() % uint64(span)).Truncate(time.Second)
}
