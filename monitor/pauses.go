package monitor

import (
	"fmt"
	"time"
)

// longPause is the garbage collector's pause that a user would notice.
const longPause = good

// enoughPauses keep one pause while a machine starts from being called a state.
const enoughPauses = 20

// CheckPauses finds garbage collection that holds up the program: its pauses,
// as [Monitor.Run] records them, are over 100 ms at the 95th percentile, once
// there are enough of them to say so.
func (m *Monitor) CheckPauses() Check {
	for _, op := range m.Find(GCPause) {
		if s := op.Stats(); op.Kind() == Job && s.Samples >= enoughPauses && s.P95 > longPause {
			return Check{Severity: Degraded, Message: fmt.Sprintf(
				"memory: cleaning up holds the program for %v at a time: the machine is overloaded or swaps; give it more memory or less to do", s.P95.Round(time.Millisecond))}
		}
	}
	return Check{}
}
