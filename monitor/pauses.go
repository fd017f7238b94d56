package monitor

import "fmt"

// longPause is the garbage collector's pause that a user would notice.
const longPause = good

// CheckPauses finds garbage collection that holds up the program: its pauses,
// as [Monitor.Run] records them, are over 100 ms at the 95th percentile.
func (m *Monitor) CheckPauses() Check {
	for _, op := range m.Find(GCPause) {
		if s := op.Stats(); op.Kind() == Job && s.P95 > longPause {
			return Check{Severity: Degraded, Message: fmt.Sprintf(
				"memory: cleaning up holds the program for %v at a time: the machine is overloaded or swaps; give it more memory or less to do", s.P95)}
		}
	}
	return Check{}
}
