package stats

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
)

// Snapshot is a finished answer. It never changes.
type Snapshot struct {
	Logbook, Name string
	Generation    uint64    // of the log it was computed from
	Computed      time.Time // UTC, whole seconds: the "as of" of the pages
	Expires       time.Time // UTC; from then on it is computed anew when asked for
	Hash          string    // of Body
	Body          []byte    // a JSON object, without as_of and generation
	Stale         bool      // has expired, and cannot be computed yet

	json []byte
	etag string
}

// JSON returns Body with as_of, generation and, if so, stale in front. It is
// ready, and must not be changed.
func (s *Snapshot) JSON() []byte { return s.json }

// ETag returns the entity tag of the answer: weak, since as_of and generation
// may differ where the tag does not.
func (s *Snapshot) ETag() string { return s.etag }

// sealed returns the snapshot with all that follows from its exported fields.
func (s Snapshot) sealed() *Snapshot {
	if s.Hash == "" {
		sum := sha256.Sum256(s.Body)
		s.Hash = hex.EncodeToString(sum[:12])
	}
	b := make([]byte, 0, len(s.Body)+80)
	b = s.Computed.UTC().AppendFormat(append(b, `{"as_of":"`...), time.RFC3339)
	b = strconv.AppendUint(append(b, `","generation":`...), s.Generation, 10)
	s.etag = `W/"` + s.Hash + `"`
	if s.Stale {
		b = append(b, `,"stale":true`...)
		s.etag = `W/"` + s.Hash + `-stale"`
	}
	if len(s.Body) > 2 {
		b = append(append(b, ','), s.Body[1:]...)
	} else {
		b = append(b, '}')
	}
	s.json = b
	return &s
}

// stale returns the snapshot marked as such.
func (s *Snapshot) stale() *Snapshot {
	marked := *s
	marked.Stale = true
	return marked.sealed()
}

// expiry returns until when a snapshot computed at a time holds: for ttl, but
// not beyond the day (UTC), since "today" is another one then.
func expiry(computed time.Time, ttl time.Duration) time.Time {
	y, m, d := computed.UTC().Date()
	midnight := time.Date(y, m, d+1, 0, 0, 0, 0, time.UTC)
	if by := computed.Add(ttl); by.Before(midnight) {
		return by.UTC()
	}
	return midnight
}
