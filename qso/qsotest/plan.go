package qsotest

import (
	"math"
	"slices"
	"time"
)

const daySeconds = 24 * 60 * 60

// lastDayMost bounds what is set aside for the last day, so that "today" is
// never empty and never crowded.
const lastDayMost = 25

// fastest is the fewest seconds a QSO of one operator takes in the mean.
const fastest = 12

// A day is one UTC day of the plan.
type day struct {
	start, length int64 // unix time; length in seconds, 86,400 but on the last day
	n             int
	contest       *contest
	last          bool
}

// A slot is a stretch of operating without a break, before its kind is chosen.
// No minute belongs to two slots.
type slot struct {
	start, window int64
	n             int
	contest       *contest
	last          bool // ends the log
}

// plan spreads the QSOs over the days: half of the days are quiet, weekends
// are busy, contest weekends very busy, and the operator is more active each
// year.
func (g *generator) plan() []day {
	first, end := g.o.Start.Unix()/daySeconds, g.o.End.Unix()/daySeconds
	first = min(first, end)
	days := make([]day, end-first+1)
	weight := make([]float64, len(days))
	var entered *contest
	for i := range days {
		d := &days[i]
		d.start, d.length, d.last = (first+int64(i))*daySeconds, daySeconds, i == len(days)-1
		if d.last {
			d.length = g.o.End.Unix() - d.start
		}
		at := time.Unix(d.start, 0).UTC()
		if at.Weekday() != time.Sunday {
			entered = g.contestOn(at)
		}
		d.contest = entered
		weight[i] = g.activity(at, d.contest) * (0.6 + 0.8*float64(i)/float64(len(days))) * float64(d.length) / daySeconds
	}
	g.share(days, weight)
	return days
}

// activity draws how busy a day is; 1 is an average active day.
func (g *generator) activity(at time.Time, c *contest) float64 {
	w := 0.0
	if g.r.Float64() < 0.5 {
		w = g.r.ExpFloat64()
	}
	switch {
	case c != nil:
		return 5 + 8*g.r.Float64()
	case at.Weekday() == time.Saturday, at.Weekday() == time.Sunday:
		return 1.8 * w
	}
	return w
}

// contestOn returns the contest of the weekend that begins on this Saturday, if
// the operator enters it.
func (g *generator) contestOn(at time.Time) *contest {
	if at.Weekday() != time.Saturday {
		return nil
	}
	lastOfMonth := at.AddDate(0, 0, 7).Month() != at.Month()
	for i := range g.t.contests {
		c := &g.t.contests[i]
		if c.month == at.Month() && ((at.Day()-1)/7+1 == c.weekend || c.weekend == 5 && lastOfMonth) {
			if g.r.Float64() < 0.4 {
				return c
			}
			return nil
		}
	}
	return nil
}

// share gives each day its number of QSOs by weight; their sum is N exactly.
func (g *generator) share(days []day, weight []float64) {
	last := &days[len(days)-1]
	aside := min(g.o.N, lastDayMost, 1+int(last.length/120), max(1, g.o.N/250))
	rest := g.o.N - aside
	total := 0.0
	for _, w := range weight {
		total += w
	}
	if total == 0 {
		last.n = g.o.N
		return
	}
	sum, given := 0.0, 0
	for i, w := range weight {
		sum += w
		upTo := rest
		if i < len(days)-1 {
			upTo = min(rest, int(math.Floor(float64(rest)*(sum/total))))
		}
		days[i].n = upTo - given
		given = upTo
	}
	last.n += aside
}

// hourly is how a day of operating is spread over its UTC hours in Europe.
func hourly() weights {
	share := [24]float64{2, 1, 1, 1, 2, 4, 6, 6, 5, 5, 4, 4, 5, 5, 6, 8, 10, 12, 13, 12, 11, 9, 6, 3}
	return cumulate(len(share), func(i int) float64 { return share[i] })
}

// slots cuts a day into stretches of operating, ascending, none of them empty
// but for days without QSOs.
func (g *generator) slots(d day) []slot {
	if d.n == 0 {
		return nil
	}
	starts := g.starts(d)
	out := make([]slot, 0, len(starts))
	given := 0
	for i, start := range starts {
		end := d.start + d.length
		if i < len(starts)-1 {
			end = starts[i+1]
		}
		upTo := d.n * (i + 1) / len(starts)
		if i < len(starts)-1 { // what does not fit goes to the next stretch
			upTo = min(upTo, given+int(end-start)/fastest)
		}
		if upTo <= given {
			continue
		}
		out = append(out, slot{start, end - start, upTo - given, d.contest, false})
		given = upTo
	}
	out[len(out)-1].last = d.last
	return out
}

// starts returns when the stretches of a day begin: whole minutes, ascending,
// no two the same. A contest has one an hour.
func (g *generator) starts(d day) []int64 {
	var out []int64
	if d.contest != nil {
		for h := range int64(24) {
			out = append(out, d.start+h*d.length/24)
		}
	} else {
		for range min(1+d.n/40, 12) {
			at := 0.95 * (float64(g.hourly.pick(g.r)) + g.r.Float64()) / 24
			out = append(out, d.start+int64(at*float64(d.length)))
		}
		slices.Sort(out)
	}
	for i := range out {
		out[i] -= out[i] % 60
	}
	return slices.Compact(out)
}
