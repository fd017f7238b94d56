package webui

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"qslbox/webui/access"
)

// maxSources bounds how many addresses are remembered.
const maxSources = 4096

// sources lets each address ask so often a second (limit) and so many times at
// once (burst).
type sources struct {
	limit rate.Limit
	burst int

	mu   sync.Mutex
	list map[string]*rate.Limiter
}

// take counts a request of a source; the error says how long to wait.
func (s *sources) take(source string, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.list[source]
	if l == nil {
		if s.list == nil || len(s.list) >= maxSources {
			s.forget(now)
		}
		l = rate.NewLimiter(s.limit, s.burst)
		s.list[source] = l
	}
	r := l.ReserveN(now, 1)
	if wait := r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		return &access.TooManyError{Wait: wait}
	}
	return nil
}

// forget makes room: sources that may ask as if they were new are dropped; if
// that does not help, all are.
func (s *sources) forget(now time.Time) {
	for source, l := range s.list {
		if l.TokensAt(now) >= float64(s.burst) {
			delete(s.list, source)
		}
	}
	if s.list == nil || len(s.list) >= maxSources {
		s.list = map[string]*rate.Limiter{}
	}
}
