package store

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"go.etcd.io/bbolt"

	"qslbox/qso"
	"qslbox/qso/columns"
)

// Logbook is one log of the store. Its methods may be called by any number of
// goroutines; writers wait for each other.
type Logbook struct {
	s      *Store
	name   string
	number uint16

	generation atomic.Uint64
	size       atomic.Int64 // QSOs
	settings   atomic.Pointer[qso.Settings]
	log        atomic.Pointer[columns.Log]

	removed atomic.Bool

	loading sync.Mutex
	load    *load // under way or failed; nil before the first

	write   sync.Mutex              // the writer lock: over look-up, transaction and columns, and all below
	made    [qso.SourceCount]int    // QSOs by what made them; those of NoSource are not counted
	deleted map[qso.Call][]*qso.QSO // whole or only their keys, by call
	listed  map[qso.Call]int        // records not in the log, by call
	known   *known
	damaged []uint64 // ids of QSOs that the load could not read
}

// openLogbook reads what a logbook knows of itself.
func (s *Store) openLogbook(tx *Tx, name string) (*Logbook, error) {
	l := &Logbook{s: s, name: name}
	for i := range buckets {
		if buckets[i].PerLogbook && !buckets[i].late && l.bucket(tx, buckets[i].Name) == nil {
			return nil, fmt.Errorf("%w: logbook %s lacks its bucket %s", ErrDamaged, name, buckets[i].Name)
		}
	}
	meta := l.bucket(tx, logMeta)
	number, err := getValue(meta, []byte("number"))
	if err != nil || len(number) != 2 {
		return nil, errors.Join(fmt.Errorf("%w: logbook %s: its number", ErrDamaged, name), err)
	}
	l.number = binary.BigEndian.Uint16(number)
	state, err := getValue(meta, []byte("generation"))
	if err != nil {
		return nil, fmt.Errorf("logbook %s: %w", name, err)
	}
	generation, n := binary.Uvarint(state)
	size, _ := binary.Uvarint(state[max(n, 0):])
	l.generation.Store(generation)
	l.size.Store(int64(size))
	settings := &qso.Settings{}
	text, err := getValue(l.bucket(tx, logMeta), []byte("settings"))
	if err != nil {
		return nil, fmt.Errorf("logbook %s: %w", name, err)
	}
	if text != nil {
		if err := json.Unmarshal(text, settings); err != nil {
			return nil, fmt.Errorf("%w: logbook %s: settings: %v", ErrDamaged, name, err)
		}
	}
	l.settings.Store(settings)
	return l, nil
}

// Name returns the logbook's name.
func (l *Logbook) Name() string { return l.name }

// Size returns how many QSOs the logbook holds, without waiting for the
// columns.
func (l *Logbook) Size() int { return int(l.size.Load()) }

// Settings returns what the logbook is told about itself.
func (l *Logbook) Settings() qso.Settings { return *l.settings.Load() }

// SetSettings stores them.
func (l *Logbook) SetSettings(settings qso.Settings) error {
	text, err := json.Marshal(settings)
	if err != nil {
		return fmt.Errorf("store: settings: %w", err)
	}
	l.write.Lock()
	defer l.write.Unlock()
	err = l.update("settings", func(tx *Tx) error { return l.put(tx, logMeta, []byte("settings"), text) })
	if err == nil {
		l.settings.Store(&settings)
		l.s.writes.Add(1) // only now they are read
	}
	return err
}

// view runs fn in a reading transaction, unless the logbook was removed.
func (l *Logbook) view(fn func(tx *Tx) error) error {
	return l.s.view(func(tx *Tx) error {
		if err := l.exists(tx); err != nil {
			return err
		}
		return fn(tx)
	})
}

// update is view for a writing transaction.
func (l *Logbook) update(what string, fn func(tx *Tx) error) error {
	return l.s.update(what, func(tx *Tx) error {
		if err := l.exists(tx); err != nil {
			return err
		}
		return fn(tx)
	})
}

// exists returns qso.ErrNoLogbook if the logbook is not in the file any more.
func (l *Logbook) exists(tx *Tx) error {
	if l.removed.Load() || tx.Bucket([]byte(logBucket)).Bucket([]byte(l.name)) == nil {
		return fmt.Errorf("%w: %q", qso.ErrNoLogbook, l.name)
	}
	return nil
}

// bucket returns one of the logbook's buckets, inside view or update.
func (l *Logbook) bucket(tx *Tx, name string) *bbolt.Bucket {
	b := tx.Bucket([]byte(logBucket)).Bucket([]byte(l.name))
	if b == nil {
		return nil
	}
	return b.Bucket([]byte(name))
}

// put stores a value in one of the logbook's buckets.
func (l *Logbook) put(tx *Tx, bucket string, key, payload []byte) error {
	b := l.bucket(tx, bucket)
	if b == nil {
		return fmt.Errorf("%w: %q was removed", qso.ErrNoLogbook, l.name)
	}
	return putValue(b, key, header{kindOf(bucket, true), l.number, l.generation.Load()}, payload)
}

// Touch adds 1 to the generation: every snapshot is computed anew.
func (l *Logbook) Touch(ctx context.Context) error {
	if err := l.touch(ctx); err != nil {
		return fmt.Errorf("store: logbook %s: %w", l.name, err)
	}
	l.changed()
	return nil
}

func (l *Logbook) touch(ctx context.Context) error {
	l.write.Lock()
	defer l.write.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	next := l.generation.Load() + 1
	if err := l.update("generation", func(tx *Tx) error { return l.putState(tx, next, l.Size()) }); err != nil {
		return err
	}
	l.generation.Store(next)
	return nil
}

// putState stores generation and number of QSOs.
func (l *Logbook) putState(tx *Tx, generation uint64, size int) error {
	return l.put(tx, logMeta, []byte("generation"), binary.AppendUvarint(binary.AppendUvarint(nil, generation), uint64(size)))
}

func (l *Logbook) changed() {
	if l.s.cfg.Changed != nil {
		l.s.cfg.Changed(l.name)
	}
}
