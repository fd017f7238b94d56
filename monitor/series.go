package monitor

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"time"
)

// SeriesSize is the number of points of the series that [Monitor.Gauge] makes:
// a day of minutes.
const SeriesSize = 24 * 60

// maxGauges bounds the gauges of a monitor.
const maxGauges = 64

// A Point is one value of a series.
type Point struct {
	At    time.Time // UTC, whole seconds
	Value float64
}

// A Series keeps the last values of a figure in the order in which they came.
type Series struct {
	mu     sync.Mutex
	size   int
	next   int
	times  []int64 // Unix seconds
	values []float64
}

// NewSeries makes a series of the last size values, at least 1.
func NewSeries(size int) *Series { return &Series{size: max(size, 1)} }

// Add adds a value. NaN and infinities say that there is no value: they are
// left out.
func (s *Series) Add(at time.Time, value float64) {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.times) < s.size {
		s.times, s.values = append(s.times, at.Unix()), append(s.values, value)
		return
	}
	s.times[s.next], s.values[s.next] = at.Unix(), value
	s.next = (s.next + 1) % s.size
}

// Points lists the values, oldest first.
func (s *Series) Points() []Point {
	s.mu.Lock()
	defer s.mu.Unlock()
	points := make([]Point, len(s.times))
	for i := range points {
		j := (s.next + i) % len(s.times)
		points[i] = Point{time.Unix(s.times[j], 0).UTC(), s.values[j]}
	}
	return points
}

// gauges are the figures that Run samples.
type gauges struct {
	mu   sync.Mutex
	list []gauge
}

type gauge struct {
	name   string
	read   func() float64
	series *Series
}

// Gauge has a figure sampled once a minute while [Monitor.Run] is running and
// keeps a day of it. read answers NaN when there is nothing to tell. It is an
// error to add a name twice, or more than 64.
func (m *Monitor) Gauge(name string, read func() float64) error {
	if m == nil {
		return nil
	}
	m.gauges.mu.Lock()
	defer m.gauges.mu.Unlock()
	if slices.ContainsFunc(m.gauges.list, func(g gauge) bool { return g.name == name }) {
		return fmt.Errorf("monitor: gauge %q exists", name)
	}
	if len(m.gauges.list) == maxGauges {
		return fmt.Errorf("monitor: gauge %q: %d are the most", name, maxGauges)
	}
	m.gauges.list = append(m.gauges.list, gauge{name, read, NewSeries(SeriesSize)})
	return nil
}

// Series gives the day of a gauge, oldest value first; nothing for a name that
// is not known.
func (m *Monitor) Series(name string) []Point {
	for _, g := range m.gaugeList() {
		if g.name == name {
			return g.series.Points()
		}
	}
	return nil
}

// Gauges names the gauges in the order in which they were added.
func (m *Monitor) Gauges() []string {
	var names []string
	for _, g := range m.gaugeList() {
		names = append(names, g.name)
	}
	return names
}

func (m *Monitor) gaugeList() []gauge {
	if m == nil {
		return nil
	}
	m.gauges.mu.Lock()
	defer m.gauges.mu.Unlock()
	return slices.Clone(m.gauges.list)
}

// sample reads every gauge once.
func (m *Monitor) sample() {
	for _, g := range m.gaugeList() {
		g.series.Add(m.now(), g.read())
	}
}
