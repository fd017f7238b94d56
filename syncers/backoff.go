package syncers

import "time"

// Bounds of the pauses after failures.
const (
	longestPause = 24 * time.Hour
	refusals     = 2 // wrong passwords in a row that pause the schedule
)

// pauses are the first pause after a failed run, by class. Each further failure
// in a row doubles it.
var pauses = map[Class]time.Duration{
	Auth:      time.Hour,
	Rate:      3 * time.Hour, // "Page Request Limit": hours
	Down:      10 * time.Minute,
	Truncated: 15 * time.Minute,
	Protocol:  time.Hour,
	Local:     10 * time.Minute,
}

// Backoff returns how long to leave a service alone after the n-th failure in
// a row, at most a day, but never shorter than it asked for.
func Backoff(class Class, n int, retryAfter time.Duration) time.Duration {
	pause := pauses[class]
	for ; n > 1 && pause < longestPause; n-- {
		pause *= 2
	}
	return max(min(pause, longestPause), min(retryAfter, 7*longestPause))
}

// early reports whether a failure is worth another try before the schedule's
// next time.
func early(class Class) bool { return class == Down || class == Truncated || class == Local }

// Due is when the schedule runs an account next, and why not before.
type Due struct {
	At     time.Time // zero: not by the schedule
	Retry  bool      // it is another try after a failure
	Paused string    // why the schedule does not run it; empty if it does
}

// NextDue says when an account is due by its schedule, given its last run. It
// may lie in the past: then a run was missed, and is made up for once.
func NextDue(schedule Schedule, account Account, last Run, now time.Time) Due {
	switch {
	case account.Paused:
		return Due{Paused: "switched off"}
	case last.Refusals >= refusals && last.Revision == account.Revision:
		return Due{Paused: "login refused"}
	}
	if last.Run == 0 {
		return Due{At: now}
	}
	at := schedule.Next(last.Started)
	if last.Class == OK || last.Class == "" {
		return Due{At: at}
	}
	switch {
	case early(last.Class) && last.NotBefore.Before(at):
		return Due{At: last.NotBefore, Retry: true}
	case at.Before(last.NotBefore):
		return Due{At: schedule.notBefore(last.NotBefore)}
	}
	return Due{At: at}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
