package monitor

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Severity says how bad a finding is.
type Severity uint8

// The severities, and so the values of a verdict's status.
const (
	OK       Severity = iota // nothing to do
	Degraded                 // works, but a person should look
	Error                    // cannot serve
)

var severityNames = [...]string{"ok", "degraded", "error"}

// String is "ok", "degraded" or "error".
func (s Severity) String() string { return severityNames[min(s, Error)] }

// MarshalText writes the severity as its name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what [Severity.MarshalText] writes.
func (s *Severity) UnmarshalText(text []byte) error {
	i := slices.Index(severityNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("monitor: no such severity: %q", text)
	}
	*s = Severity(i)
	return nil
}

// A Check is what one check found.
type Check struct {
	Name     string // set by Health
	Severity Severity
	// Since is when the trouble began, in UTC. A check that does not know
	// leaves it zero: then it is when Health first saw it.
	Since   time.Time
	Message string // one sentence for a person: what is wrong, and what to do
}

// A Verdict joins all checks at one moment.
type Verdict struct {
	Status   Severity // the worst of all
	Problems []Check  // those that are not OK, the worst first, then by name
	Checks   []Check  // all, in the order in which they were added
	At       time.Time
}

// How often checks run at most, and how long they are waited for.
const (
	freshness = time.Second
	patience  = 2 * time.Second
)

// Health runs named checks and joins them into a verdict.
type Health struct {
	now    func() time.Time
	cached atomic.Pointer[Verdict]

	mu      sync.Mutex // held to evaluate
	checks  []*check
	running sync.WaitGroup
}

// A check is a function and what is known of it.
type check struct {
	name  string
	fn    func() Check
	since time.Time // of the trouble, zero when OK
	// started is when the call began that has not come back; only Health's
	// evaluation reads and writes it.
	started time.Time
	answer  chan Check
}

// NewHealth makes a Health without checks, whose verdict is OK.
func NewHealth(now func() time.Time) *Health { return &Health{now: now} }

// Add adds a check. It is called at most once a second, never twice at the same
// time, and should answer at once from what is known. One that does not answer
// within 2 s, or panics, is a problem of its own, and keeps no other check from
// being seen.
func (h *Health) Add(name string, fn func() Check) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.checks = append(h.checks, &check{name: name, fn: fn, answer: make(chan Check, 1)})
}

// Verdict answers from the last evaluation if that is less than a second old or
// if another one is under way. The answer is shared: do not change it.
func (h *Health) Verdict() *Verdict {
	now := h.now()
	last := h.cached.Load()
	if last.fresh(now) {
		return last
	}
	if last == nil {
		h.mu.Lock()
	} else if !h.mu.TryLock() {
		return last
	}
	defer h.mu.Unlock()
	if last = h.cached.Load(); !last.fresh(now) {
		last = h.evaluate(now.UTC())
		h.cached.Store(last)
	}
	return last
}

// Wait returns when no check is running any more. Ask for no verdict meanwhile.
func (h *Health) Wait() { h.running.Wait() }

func (v *Verdict) fresh(now time.Time) bool {
	if v == nil {
		return false
	}
	age := now.Sub(v.At)
	return 0 <= age && age < freshness
}

// evaluate runs all checks side by side and waits for them, but not for one
// that is still busy with an earlier evaluation.
func (h *Health) evaluate(now time.Time) *Verdict {
	late := make([]bool, len(h.checks))
	for i, c := range h.checks {
		if late[i] = !c.started.IsZero(); !late[i] {
			c.started = now
			h.running.Go(c.run)
		}
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	v := &Verdict{At: now}
	for i, c := range h.checks {
		found := c.wait(timer, late[i])
		found.Name = c.name
		c.date(&found, now)
		v.Checks = append(v.Checks, found)
		if found.Severity != OK {
			v.Problems = append(v.Problems, found)
		}
		v.Status = max(v.Status, found.Severity)
	}
	slices.SortStableFunc(v.Problems, func(a, b Check) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.Name, b.Name))
	})
	return v
}

// run calls the check and hands over what it found.
func (c *check) run() {
	found := Check{}
	defer func() {
		if r := recover(); r != nil {
			found = Check{Severity: Degraded, Message: fmt.Sprintf("the check itself broke: %v", r)}
		}
		c.answer <- found
	}()
	found = c.fn()
}

// wait takes the answer of a check, for as long as the timer runs if it began
// now.
func (c *check) wait(timer *time.Timer, late bool) Check {
	select {
	case found := <-c.answer:
		c.started = time.Time{}
		return found
	default:
	}
	if !late {
		select {
		case found := <-c.answer:
			c.started = time.Time{}
			return found
		case <-timer.C:
			timer.Reset(0) // for those after it
		}
	}
	return Check{
		Severity: Degraded, Since: c.started,
		Message: fmt.Sprintf("the check has not answered since %s: what it looks at hangs", c.started.Format(time.TimeOnly)+" UTC"),
	}
}

// date fills in since when there is trouble.
func (c *check) date(found *Check, now time.Time) {
	switch {
	case found.Severity == OK:
		c.since = time.Time{}
		found.Since = time.Time{}
		return
	case !found.Since.IsZero():
		c.since = found.Since.UTC()
	case c.since.IsZero():
		c.since = now
	}
	found.Since = c.since
}
