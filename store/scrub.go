package store

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"qslbox/qso"
	"qslbox/qso/columns"
)

// Marks of the scrub in the bucket meta.
const (
	markScrubbed = "scrubbed"    // when the last one without findings ended
	markFound    = "scrub-found" // what the last one found; gone after one without findings
)

// Scrub checks every value of the open file while it is in use, then the log in
// memory against it. progress is told now and then how far it is, in QSOs or
// values; nil: nobody wants to know.
func (s *Store) Scrub(ctx context.Context, progress func(done int)) (r *Report, err error) {
	r = &Report{File: FileName, Damaged: []string{}, progress: progress}
	err = s.guard(s.db.View, func(tx *bbolt.Tx) error {
		r.Bytes = tx.Size()
		return r.values(ctx, tx)
	})
	if err != nil {
		return nil, fmt.Errorf("store: scrub: %w", err)
	}
	for _, name := range s.Logbooks() {
		l, err := s.Logbook(name)
		if err != nil || l.log.Load() == nil { // gone, or not in memory
			continue
		}
		if err := l.compare(ctx, r); err != nil {
			return nil, fmt.Errorf("store: scrub: logbook %s: %w", name, err)
		}
	}
	return r, s.Scrubbed(r)
}

// Scrubbed notes how a scrub ended.
func (s *Store) Scrubbed(r *Report) error {
	if !r.OK() {
		text, err := json.Marshal(r)
		if err != nil {
			return err
		}
		return s.PutRecord(metaBucket, markFound, text)
	}
	if _, found, _ := s.GetRecord(metaBucket, markFound); found {
		if err := s.PutRecord(metaBucket, markFound, nil); err != nil {
			return err
		}
	}
	return s.PutRecord(metaBucket, markScrubbed, []byte(s.cfg.Now().UTC().Format(time.RFC3339)))
}

// LastScrub returns when the last scrub without findings ended; the zero time
// if there was none.
func (s *Store) LastScrub() time.Time { return s.mark(markScrubbed) }

// ScrubFindings returns what the last scrub found; nil if it found nothing.
func (s *Store) ScrubFindings() *Report {
	text, found, err := s.GetRecord(metaBucket, markFound)
	if err != nil || !found {
		return nil
	}
	var r Report
	if json.Unmarshal(text, &r) != nil || len(r.Damaged) == 0 {
		return nil
	}
	return &r
}

// mark returns a time of the bucket meta; the zero time if it is not there.
func (s *Store) mark(name string) time.Time {
	text, _, err := s.GetRecord(metaBucket, name)
	if err != nil {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return time.Time{}
	}
	return t
}

// compareBlock is how many QSOs are compared while writers wait.
const compareBlock = 512

// compare holds the log in memory against what is stored, block by block:
// writers come in between.
func (l *Logbook) compare(ctx context.Context, r *Report) error {
	began, counted := l.generation.Load(), 0
	for next, more := uint64(0), true; more; {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var err error
		before := counted
		if next, more, err = l.compareFrom(next, r, &counted); err != nil {
			return err
		}
		if r.Compared += counted - before; r.progress != nil {
			r.progress(r.Values + r.Compared)
		}
	}
	l.write.Lock()
	defer l.write.Unlock()
	log := l.log.Load()
	if log == nil || l.generation.Load() != began {
		return nil
	}
	if n := log.Len(); n != counted {
		r.damage("logbook %s: %d QSOs in memory, %d are stored: restart the service", l.name, n, counted)
	}
	return nil
}

// compareFrom compares a block of QSOs, from an id on.
func (l *Logbook) compareFrom(from uint64, r *Report, counted *int) (next uint64, more bool, err error) {
	l.write.Lock()
	defer l.write.Unlock()
	log := l.log.Load()
	if log == nil || l.removed.Load() {
		return 0, false, nil
	}
	fresh, ids := columns.New(), make([]uint64, 0, compareBlock)
	err = l.view(func(tx *Tx) error {
		c := l.bucket(tx, logQSO).Cursor()
		var q qso.QSO
		k, v := c.Seek(idKey(from))
		for ; k != nil && len(ids) < compareBlock; k, v = c.Next() {
			if readQSO(k, v, &q, decodeShared) != nil {
				continue // the values were checked before
			}
			fresh.Put(&q)
			ids = append(ids, q.ID)
		}
		if more = k != nil; more && len(k) == 8 {
			next = binary.BigEndian.Uint64(k)
		} else {
			more = false
		}
		return nil
	})
	if err != nil {
		return 0, false, err
	}
	*counted += len(ids)
	fresh.View(func(f *columns.View) {
		log.View(func(v *columns.View) {
			for _, id := range ids {
				if column := v.Differs(id, f); column != "" {
					r.damage("logbook %s, QSO %d: memory and file differ in: %s; restart the service", l.name, id, column)
				}
			}
		})
	})
	return next, more, nil
}
