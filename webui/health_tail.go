package webui

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"time"

	"qslbox/monitor"
	"qslbox/syncers"
)

// ms is a duration that JSON shows in milliseconds.
type ms time.Duration

// MarshalJSON writes the number, exact to the microsecond.
func (d ms) MarshalJSON() ([]byte, error) { return appendMS(nil, time.Duration(d)), nil }

// problemJSON is a finding of a check, as /api/health tells it.
type problemJSON struct {
	Check    string           `json:"check"`
	Severity monitor.Severity `json:"severity"`
	Since    time.Time        `json:"since"`
	Message  string           `json:"message"`
}

// operationJSON is how fast one operation is; times are in milliseconds.
type operationJSON struct {
	Name   string         `json:"name"`
	Kind   monitor.Kind   `json:"kind"`
	Count  uint64         `json:"count"`
	Errors uint64         `json:"errors"`
	Mean   ms             `json:"mean"`
	P50    ms             `json:"p50"`
	P95    ms             `json:"p95"`
	P99    ms             `json:"p99"`
	Max    ms             `json:"max"`
	Rating monitor.Rating `json:"rating"`
}

// regressionJSON is an operation that became slower; times in milliseconds.
type regressionJSON struct {
	Operation string       `json:"operation"`
	Kind      monitor.Kind `json:"kind"`
	Factor    float64      `json:"factor"`
	Since     time.Time    `json:"since"`
	Baseline  ms           `json:"baseline"`
	Now       ms           `json:"now"`
	Version   string       `json:"version,omitempty"` // that was faster
}

// syncJSON is where the sync with one source stands.
type syncJSON struct {
	LastSuccess *time.Time    `json:"last_success"` // null: never
	Age         *float64      `json:"age"`          // seconds since then
	Next        *time.Time    `json:"next"`         // null: not by the schedule
	Class       syncers.Class `json:"class"`        // of the last run; empty before the first
	Running     bool          `json:"running"`
}

// current returns the tail, put together anew if it is too old.
func (h *healthWriter) current(s *Server, v *monitor.Verdict) []byte {
	now := s.Now()
	last := h.tail.Load()
	if last != nil {
		if age := now.Sub(last.at); 0 <= age && age < tailEvery || !h.busy.CompareAndSwap(false, true) {
			return last.text
		}
		defer h.busy.Store(false)
	}
	t := &healthTail{at: now, text: s.tailText(v, now)}
	h.tail.Store(t)
	return t.text
}

// tailText writes the members behind the fixed ones, with a comma in front.
func (s *Server) tailText(v *monitor.Verdict, now time.Time) []byte {
	problems := []problemJSON{}
	for _, p := range v.Problems {
		problems = append(problems, problemJSON{p.Name, p.Severity, p.Since, p.Message})
	}
	members := []struct {
		name  string
		value any
	}{
		{"rating", s.Monitor.Rating()},
		{"problems", problems},
		{"operations", operationsJSON(s.Monitor.Operations())},
		{"regressions", regressionsJSON(s.Monitor.Regressions())},
		{"sync", s.syncStates(now)},
	}
	if s.Doctor != nil {
		facts := s.Doctor.Facts()
		for _, name := range slices.Sorted(maps.Keys(facts)) {
			members = append(members, struct {
				name  string
				value any
			}{name, facts[name]})
		}
	}
	members = append(members, struct {
		name  string
		value any
	}{"version", s.Version})
	var text []byte
	for _, m := range members {
		data, err := json.Marshal(m.value)
		if err != nil {
			s.Log.Error("a member of the health document cannot be written", "member", m.name, "error", err)
			data = []byte("null")
		}
		text = append(text, ',', '"')
		text = append(text, m.name...)
		text = append(text, '"', ':')
		text = append(text, data...)
	}
	return text
}

func operationsJSON(list []monitor.Stats) []operationJSON {
	out := make([]operationJSON, 0, len(list))
	for i := range list {
		if list[i].Count > 0 {
			out = append(out, operationOf(&list[i]))
		}
	}
	return out
}

func operationOf(o *monitor.Stats) operationJSON {
	return operationJSON{o.Name, o.Kind, o.Count, o.Errors, ms(o.Mean), ms(o.P50), ms(o.P95), ms(o.P99), ms(o.Max), o.Rating}
}

func regressionsJSON(list []monitor.Regression) []regressionJSON {
	out := make([]regressionJSON, 0, len(list))
	for _, r := range list {
		out = append(out, regressionJSON{r.Operation, r.Kind, math.Round(r.Factor*100) / 100, r.Since, ms(r.Baseline), ms(r.Now), r.Version})
	}
	return out
}

// syncStates tells of each account how its syncs go: by source for the first
// logbook, by "logbook/source" for the others.
func (s *Server) syncStates(now time.Time) map[string]syncJSON {
	out := map[string]syncJSON{}
	for _, name := range s.Books.Logbooks() {
		book, err := s.Books.Logbook(name)
		if err != nil {
			continue
		}
		accounts, err := book.Accounts()
		if err != nil {
			continue
		}
		for i := range accounts {
			key := accounts[i].Source.String()
			if name != mainLogbook {
				key = syncers.JobName(name, accounts[i].Source)
			}
			out[key] = s.syncState(name, book, &accounts[i], now)
		}
	}
	return out
}

func (s *Server) syncState(name string, book Logbook, account *syncers.Account, now time.Time) (out syncJSON) {
	if run, err := book.LastRun(account.Source); err == nil && run.Run > 0 {
		out.Class = run.Class
		if !run.LastOK.IsZero() {
			last := run.LastOK.UTC()
			age := math.Round(now.Sub(last).Seconds())
			out.LastSuccess, out.Age = &last, &age
		}
	}
	if s.Scheduler == nil {
		return out
	}
	if state, ok := s.Scheduler.State(syncers.JobName(name, account.Source)); ok {
		out.Running = state.Running
		if !state.Next.IsZero() {
			next := state.Next.UTC()
			out.Next = &next
		}
	}
	return out
}
