package monitor

import (
	"fmt"
	"sync"
	"time"
)

// How a leak is told from a burst.
const (
	growthSpan  = 10 * time.Minute // of which the least value counts
	growthSpans = 6                // that have to rise, each over the one before
	growthLeast = 50               // how much they have to rise in all
)

// Growth watches a number that should go up and down but not up alone, such as
// goroutines or open files. It finds a leak when the least value of each of
// 6 spans of 10 minutes is above the one before, and the last is at least 50
// and half as much again above the first.
type Growth struct {
	what string
	mu   sync.Mutex
	low  []low // of the spans that are over and the one that runs, oldest first
	last int
}

type low struct {
	start time.Duration
	value int
}

// NewGrowth makes a Growth. what names the number in messages: "open files".
func NewGrowth(what string) *Growth { return &Growth{what: what} }

// Add takes the number at a time since any fixed moment.
func (g *Growth) Add(at time.Duration, value int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.last = value
	n := len(g.low)
	if n == 0 || at-g.low[n-1].start >= growthSpan {
		g.low = append(g.low, low{at, value})
		g.low = g.low[max(len(g.low)-growthSpans-1, 0):]
		return
	}
	g.low[n-1].value = min(g.low[n-1].value, value)
}

// Check tells what the numbers so far say.
func (g *Growth) Check() Check {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.low) <= growthSpans {
		return Check{}
	}
	over := g.low[:growthSpans] // the span that runs says nothing yet
	for i := 1; i < len(over); i++ {
		if over[i].value <= over[i-1].value {
			return Check{}
		}
	}
	first, last := over[0].value, over[growthSpans-1].value
	if last-first < growthLeast || last*2 < first*3 {
		return Check{}
	}
	return Check{Severity: Degraded, Message: fmt.Sprintf(
		"%s: %d, and rising for an hour (from %d): restart the service soon, and report it", g.what, g.last, first)}
}
