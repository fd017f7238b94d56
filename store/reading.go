package store

import (
	"sync"
	"time"

	"go.etcd.io/bbolt"
)

// openReads are the reading transactions that are open. While one is, the pages
// it may look at are not used again, so the file grows: health shows how many
// there are and how old the oldest is.
type openReads struct {
	mu    sync.Mutex
	next  uint64
	began map[uint64]time.Time
}

// begin notes that one begins; call the function it returns at its end.
func (o *openReads) begin(now time.Time) (end func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.began == nil {
		o.began = map[uint64]time.Time{}
	}
	id := o.next
	o.next++
	o.began[id] = now
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		delete(o.began, id)
	}
}

// oldest returns how long the oldest has been open; 0 if none is.
func (o *openReads) oldest(now time.Time) (age time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, t := range o.began {
		age = max(age, now.Sub(t))
	}
	return age
}

// read runs fn in a reading transaction of bbolt, as guard does, and keeps
// count of it.
func (s *Store) read(fn func(*bbolt.Tx) error) error {
	return s.guard(func(fn func(*bbolt.Tx) error) error {
		defer s.reading.begin(s.cfg.Now())()
		return s.db.View(fn)
	}, fn)
}

// OldestRead returns how long the oldest reading transaction has been open; 0
// if none is.
func (s *Store) OldestRead() time.Duration { return s.reading.oldest(s.cfg.Now()) }
