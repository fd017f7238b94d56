package monitor

import (
	"fmt"
	"time"
)

// Kind says what sort of work an operation is.
type Kind uint8

// The kinds of operation. Jobs take as long as their input is large: they are
// measured, but neither rated, nor called slow, nor watched for regressions.
const (
	Query   Kind = iota // reads or computes an answer
	Request             // serves a request from outside
	Store               // a transaction of the database
	Job                 // import, synchronisation, backup
	kinds   = 4
)

var kindNames = [kinds]string{"query", "request", "store", "job"}

// Kinds lists every kind, in the order in which operations are listed.
func Kinds() []Kind { return []Kind{Query, Request, Store, Job} }

// String is the name of the kind in lower case: "query", "request", "store" or
// "job".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// MarshalText writes the kind as its name.
func (k Kind) MarshalText() ([]byte, error) {
	if int(k) >= len(kindNames) {
		return nil, fmt.Errorf("monitor: no such kind: %d", uint8(k))
	}
	return []byte(kindNames[k]), nil
}

// UnmarshalText reads what [Kind.MarshalText] writes.
func (k *Kind) UnmarshalText(text []byte) error {
	for i, name := range kindNames {
		if name == string(text) {
			*k = Kind(i)
			return nil
		}
	}
	return fmt.Errorf("monitor: no such kind: %q", text)
}

// Rating judges how fast an operation is, by the mean of its last calls.
type Rating string

// The ratings, best first.
const (
	Excellent  Rating = "EXCELLENT" // below 50 ms
	Good       Rating = "GOOD"      // below 100 ms
	Slow       Rating = "SLOW"      // below 500 ms
	Critical   Rating = "CRITICAL"  // 500 ms and more
	NotRated   Rating = ""          // a job, or never called
	excellent         = 50 * time.Millisecond
	good              = 100 * time.Millisecond
	acceptable        = 500 * time.Millisecond
)

// Rate gives the rating of a mean duration.
func Rate(mean time.Duration) Rating {
	switch {
	case mean < excellent:
		return Excellent
	case mean < good:
		return Good
	case mean < acceptable:
		return Slow
	}
	return Critical
}
