package webui

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"qslbox/monitor"
)

// slowJSON is one of the slowest calls of the last hour.
type slowJSON struct {
	Operation string       `json:"operation"`
	Kind      monitor.Kind `json:"kind"`
	MS        ms           `json:"ms"`
	At        time.Time    `json:"at"`
	Detail    string       `json:"detail"`
	Failed    bool         `json:"failed"`
}

// detailJSON is everything that is known of one operation.
type detailJSON struct {
	operationJSON
	Sum              ms         `json:"sum"` // since the start, as count and errors
	Last5Min         uint64     `json:"last_5min"`
	LastHour         uint64     `json:"last_hour"`
	ErrorsLastHour   uint64     `json:"errors_last_hour"`
	SlowLastHour     uint64     `json:"slow_last_hour"`
	CriticalLastHour uint64     `json:"critical_last_hour"`
	LastError        *time.Time `json:"last_error,omitempty"`
	Samples          int        `json:"samples"` // calls that the percentiles are of
	Min              ms         `json:"min"`
	Recent           []ms       `json:"recent,omitempty"` // durations of these calls, oldest first
}

// performance is the answer of GET /api/performance.
type performance struct {
	AsOf        time.Time        `json:"as_of"`
	Rating      monitor.Rating   `json:"rating"` // of all queries together
	Operations  []detailJSON     `json:"operations"`
	Regressions []regressionJSON `json:"regressions"`
	Slow        []slowJSON       `json:"slow"`
}

// slowByDefault is which calls are listed unless ?over= says otherwise.
const slowByDefault = 100 * time.Millisecond

// getPerformance answers GET /api/performance.
func getPerformance(c *call) error {
	over, err := c.over()
	if err != nil {
		return err
	}
	out := performance{
		AsOf: c.time(), Rating: c.Monitor.Rating(), Operations: []detailJSON{},
		Regressions: regressionsJSON(c.Monitor.Regressions()), Slow: c.slowCalls(over, ""),
	}
	list := c.Monitor.Operations()
	for i := range list {
		if list[i].Count > 0 {
			out.Operations = append(out.Operations, detailOf(&list[i]))
		}
	}
	return c.writeJSON(http.StatusOK, out)
}

// getOperation answers GET /api/performance/*operation: the operations of one
// name, with the durations of their last calls.
func getOperation(c *call) error {
	over, err := c.over()
	if err != nil {
		return err
	}
	name := strings.TrimPrefix(c.params.ByName("operation"), "/")
	ops := c.Monitor.Find(name)
	if len(ops) == 0 {
		return missing("there is no operation %q; there are: %s", name, strings.Join(c.operationNames(), ", "))
	}
	items := []detailJSON{}
	for _, op := range ops {
		s := op.Stats()
		d := detailOf(&s)
		for _, t := range op.Recent(nil) {
			d.Recent = append(d.Recent, ms(t))
		}
		items = append(items, d)
	}
	return c.writeJSON(http.StatusOK, struct {
		Items []detailJSON `json:"items"`
		Slow  []slowJSON   `json:"slow"`
	}{items, c.slowCalls(over, name)})
}

// operationNames lists the operations that were called, each name once.
func (c *call) operationNames() []string {
	var names []string
	for _, op := range c.Monitor.All() {
		if op.Stats().Count > 0 {
			names = append(names, op.Name())
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// over reads ?over=, such as 100ms or 2s.
func (c *call) over() (time.Duration, error) {
	text := c.query.Get("over")
	if text == "" {
		return slowByDefault, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, invalid("over: %q is no duration such as 100ms or 2s", text)
	}
	return d, nil
}

// slowCalls lists the slow calls of the last hour; of one operation if named.
func (c *call) slowCalls(over time.Duration, name string) []slowJSON {
	out := []slowJSON{}
	for _, s := range c.Monitor.SlowCalls(over) {
		if name == "" || s.Operation == name {
			out = append(out, slowJSON{s.Operation, s.Kind, ms(s.Duration), s.At, s.Detail, s.Failed})
		}
	}
	return out
}

func detailOf(s *monitor.Stats) detailJSON {
	d := detailJSON{
		operationJSON: operationOf(s),
		Sum:           ms(s.Sum), Last5Min: s.Last5Min, LastHour: s.LastHour, ErrorsLastHour: s.ErrorsLastHour,
		SlowLastHour: s.SlowLastHour, CriticalLastHour: s.CriticalLastHour, Samples: s.Samples, Min: ms(s.Min),
	}
	if !s.LastError.IsZero() {
		d.LastError = &s.LastError
	}
	return d
}
