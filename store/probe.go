package store

import (
	"errors"
	"os"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// trouble is what keeps the store from writing, and since when.
type trouble struct {
	err   error
	since time.Time
}

// Trouble returns what kept the last write from being stored (disk full, file
// system read-only, input or output error) and since when; nil after a write
// that went well. Errors of what was to be written do not count.
func (s *Store) Trouble() (since time.Time, err error) {
	if t := s.trouble.Load(); t != nil {
		return t.since, t.err
	}
	return time.Time{}, nil
}

// ReadOnly reports whether the file could only be opened for reading. It stays
// so until the store is opened anew; Writable says when that is worth it.
func (s *Store) ReadOnly() bool { return s.readOnly != nil }

// Writable reports whether the file may be opened for writing now.
func (s *Store) Writable() bool {
	f, err := os.OpenFile(s.path, os.O_RDWR, 0)
	return err == nil && f.Close() == nil
}

// note remembers how a write went: err is its error, refused the one among
// them that came from what was to be written. bbolt does not wrap all errors of
// the disk, so whatever else a commit fails with counts as such.
func (s *Store) note(err, refused error) {
	var disk syscall.Errno
	switch {
	case err == nil:
		if s.trouble.Load() != nil {
			s.trouble.Store(nil)
		}
	case errors.As(err, &disk), refused == nil && !errors.Is(err, bolterrors.ErrDatabaseNotOpen):
		s.trouble.CompareAndSwap(nil, &trouble{err, s.cfg.Now().UTC()})
	}
}

// Probe waits until a writing transaction can begin, and a reading one has
// read: the sign that neither is stuck. It changes nothing, unless a write
// failed: then it tries one, so that it is known when writing goes again.
func (s *Store) Probe() error {
	if s.broken.Load() {
		return errBroken
	}
	if s.readOnly != nil {
		return s.read(func(tx *bbolt.Tx) error { _, err := schemaOf(tx); return err })
	}
	if s.trouble.Load() != nil {
		_ = s.PutRecord(metaBucket, "probe", []byte(s.cfg.Now().UTC().Format(time.RFC3339Nano))) // the trouble stays, or goes
	}
	tx, err := s.db.Begin(true)
	if err != nil {
		return err
	}
	if err := tx.Rollback(); err != nil {
		return err
	}
	return s.read(func(tx *bbolt.Tx) error {
		_, err := schemaOf(tx)
		return err
	})
}
