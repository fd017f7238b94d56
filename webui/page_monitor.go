package webui

import (
	"html/template"
	"math"
	"time"

	"qslbox/monitor"
	"qslbox/stats"
	"qslbox/webui/chart"
)

// monitorPage shows how the appliance is and how fast.
type monitorPage struct {
	Verdict     *monitor.Verdict
	Rating      monitor.Rating
	Kinds       []kindLines
	Slow        []monitor.SlowCall
	Regressions []monitor.Regression
	Cache       stats.Counters
	TTL         time.Duration
	Uptime      time.Duration
	Gauges      []gaugeLine
}

// kindLines are the operations of one kind.
type kindLines struct {
	Kind       monitor.Kind
	Operations []operationLine
}

// operationLine is one operation, with its last durations as a small line.
type operationLine struct {
	monitor.Stats
	Spark template.HTML
}

// gaugeLine is one figure over the last day.
type gaugeLine struct {
	Name  string
	Last  string
	Chart template.HTML
}

// getMonitorPage answers GET /monitor.
func getMonitorPage(c *call) error {
	d := monitorPage{
		Verdict: c.Server.Health.Verdict(), Rating: c.Monitor.Rating(), Regressions: c.Monitor.Regressions(),
		Cache: c.Keeper.Counters(), TTL: c.Keeper.TTL(), Uptime: c.Elapsed(), Slow: c.Monitor.SlowCalls(slowByDefault),
	}
	d.Slow = d.Slow[:min(len(d.Slow), 20)]
	for _, kind := range monitor.Kinds() {
		lines := kindLines{Kind: kind}
		for _, op := range c.Monitor.All() {
			if s := op.Stats(); s.Kind == kind && s.Count > 0 {
				lines.Operations = append(lines.Operations, operationLine{s, spark(op)})
			}
		}
		if len(lines.Operations) > 0 {
			d.Kinds = append(d.Kinds, lines)
		}
	}
	for _, name := range c.Monitor.Gauges() {
		if points := thinned(c.Monitor.Series(name), gaugePoints); len(points) > 0 {
			d.Gauges = append(d.Gauges, c.gaugeLine(name, points))
		}
	}
	return c.render("monitor", &d)
}

// spark draws the last durations of an operation.
func spark(op *monitor.Op) template.HTML {
	recent := op.Recent(nil)
	recent = recent[max(0, len(recent)-64):]
	list := make([]float64, len(recent))
	for i, t := range recent {
		list[i] = float64(t)
	}
	return chart.Spark(list)
}

// gaugePoints is how many points of a day are drawn.
const gaugePoints = 48

// gaugeLine draws a figure, to a tenth.
func (c *call) gaugeLine(name string, points []monitor.Point) gaugeLine {
	p := c.words()
	tenths := func(n int) string { return p.Decimal(float64(n)/10, 1) }
	line := chart.Line{ID: "gauge-" + name, Title: p.Text("gauge." + name), Class: "cw", Number: tenths}
	for _, point := range points {
		line.Points = append(line.Points, chart.Point{Label: point.At.Format("15:04"), Value: int(math.Round(10 * point.Value))})
	}
	return gaugeLine{name, tenths(line.Points[len(points)-1].Value), line.SVG()}
}

// thinned keeps at most n values, evenly spaced, the last among them.
func thinned(list []monitor.Point, n int) []monitor.Point {
	if len(list) <= n {
		return list
	}
	out := make([]monitor.Point, n)
	for i := range out {
		out[i] = list[(i+1)*len(list)/n-1]
	}
	return out
}

// Rate writes a share of 0 to 1 in percent.
func (v *view) Rate(share float64) string { return v.p.Percent(int(share*10000), 10000) }

// CheckName names a check of health.
func (v *view) CheckName(name string) string {
	if key := "check." + name; v.Has(key) {
		return v.T(key)
	}
	return v.Say(name)
}

// Span writes a stretch of time, in the form after a preposition.
func (v *view) Span(d time.Duration) string { return v.p.Span(d, true) }

// Since says for how long something has been so.
func (v *view) Since(t time.Time) string { return v.p.Span(v.c.time().Sub(t), true) }

// Decimal writes a number with at most two decimals.
func (v *view) Decimal(f float64) string { return v.p.Decimal(f, 2) }
