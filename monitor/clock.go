package monitor

import "time"

// Monotonic is a fast clock for Config.Elapsed: the time since base, which has
// to come straight from time.Now.
func Monotonic(base time.Time) func() time.Duration {
	return func() time.Duration { return time.Since(base) }
}
