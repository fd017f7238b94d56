package syncers

import (
	"sync"
	"time"
)

// memory is what a sync job remembers between the questions of the scheduler:
// what the history cannot say, and what would be costly to find again.
type memory struct {
	mu       sync.Mutex
	unstored time.Time // begin of a run that left no entry in the history
	run      int       // the last run, as seen from a clock that went back ...
	noticed  time.Time // ... at this time
	text     string
	schedule Schedule
	err      error
}

// begin and end enclose a run.
func (m *memory) begin(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unstored = now
}

func (m *memory) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unstored = time.Time{}
}

// due is NextDue, with two cares more: a last run in the future, because the
// clock went back, counts as made when that was noticed; a run that could not
// be stored is not repeated before an hour has passed.
func (m *memory) due(account Account, last Run, now time.Time) Due {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.schedule.cron == nil || m.text != account.Schedule {
		m.text = account.Schedule
		m.schedule, m.err = ParseSchedule(account.Schedule, ShortestSync)
	}
	if m.err != nil {
		return Due{Paused: m.err.Error()}
	}
	due := NextDue(m.schedule, account, m.settle(last, now), now)
	if m.unstored.IsZero() || due.At.IsZero() {
		return due
	}
	m.unstored = earlier(m.unstored, now)
	if at := m.unstored.Add(time.Hour); due.At.Before(at) {
		due.At = at
	}
	return due
}

// settle moves a last run that lies in the future to where that was noticed.
func (m *memory) settle(last Run, now time.Time) Run {
	if !last.Started.After(now) {
		m.noticed = time.Time{}
		return last
	}
	if m.run != last.Run || m.noticed.IsZero() || m.noticed.After(now) {
		m.run, m.noticed = last.Run, now
	}
	ahead := last.Started.Sub(m.noticed)
	last.Started = m.noticed
	if !last.NotBefore.IsZero() {
		last.NotBefore = last.NotBefore.Add(-ahead)
	}
	return last
}
