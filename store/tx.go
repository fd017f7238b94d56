package store

import (
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"

	"qslbox/monitor"
)

// Tx is a transaction with the one time that all it writes bears.
type Tx struct {
	*bbolt.Tx
	now time.Time
}

// errClosed says that the store was closed.
var errClosed = errors.New("store: closed")

// errBroken says that a writing transaction fell over: bbolt may have kept its
// locks, and waiting for them would last for ever.
var errBroken = fmt.Errorf("%w: a write fell over a page; stop the service and run qslbox db check", ErrDamaged)

// errUnchanged ends a write that turned out to change nothing, without commit.
var errUnchanged = errors.New("unchanged")

// What is written of what the program makes itself, out of the rest.
const (
	writeSnapshot  = "snapshot"
	writeBaselines = "baselines"
)

// Writes counts the transactions that stored something else than snapshots and
// baselines. It moves before the write is answered.
func (s *Store) Writes() uint64 { return s.writes.Load() }

// update runs fn in a writing transaction and measures it as "write " and what
// is written. If fn returns errUnchanged nothing is committed and there is no
// error.
func (s *Store) update(what string, fn func(tx *Tx) error) (err error) {
	if s.closing.Err() != nil {
		return errClosed
	}
	if s.broken.Load() {
		return errBroken
	}
	if s.readOnly != nil {
		return s.readOnly
	}
	timer := s.cfg.Monitor.Operation(monitor.Store, "write "+what).Start()
	var refused error // by fn; everything else is bbolt's
	whole := false
	err = s.guard(func(fn func(*bbolt.Tx) error) error {
		err := s.db.Update(fn)
		whole = true
		return err
	}, func(tx *bbolt.Tx) error {
		refused = fn(&Tx{tx, s.cfg.Now().UTC()})
		return refused
	})
	if !whole {
		s.broken.Store(true)
	}
	if refused == nil {
		err = diskError(err)
	}
	s.note(err, refused)
	if err == nil && what != writeSnapshot && what != writeBaselines {
		s.writes.Add(1)
	}
	if errors.Is(err, errUnchanged) {
		err = nil
	}
	timer.Stop(err)
	return err
}

// view runs fn in a reading transaction.
func (s *Store) view(fn func(tx *Tx) error) error {
	return s.read(func(tx *bbolt.Tx) error { return fn(&Tx{tx, s.cfg.Now().UTC()}) })
}

// guard runs a transaction so that a page which cannot be read, or that bbolt
// falls over, is an error of this transaction and not the end of the process.
func (s *Store) guard(run func(func(*bbolt.Tx) error) error, fn func(*bbolt.Tx) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			s.cfg.Log.Error("the data file cannot be read", "fault", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: %s: %v; run qslbox db check", ErrDamaged, s.path, r)
		}
	}()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	return run(fn)
}
