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

// load is one attempt to build the columns.
type load struct {
	done chan struct{}
	err  error
}

// openLogbook reads what a logbook knows of itself.
func (s *Store) openLogbook(tx *Tx, name string) (*Logbook, error) {
	l := &Logbook{s: s, name: name}
	for i := range buckets {
		if buckets[i].PerLogbook && l.bucket(tx, buckets[i].Name) == nil {
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
	err = l.update(func(tx *Tx) error { return l.put(tx, logMeta, []byte("settings"), text) })
	if err == nil {
		l.settings.Store(&settings)
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
func (l *Logbook) update(fn func(tx *Tx) error) error {
	return l.s.update(func(tx *Tx) error {
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

// Columns returns the log in memory, and waits until it is loaded.
func (l *Logbook) Columns(ctx context.Context) (*columns.Log, error) {
	if log := l.log.Load(); log != nil {
		return log, nil
	}
	under := l.startLoad()
	select {
	case <-under.done:
		if under.err != nil {
			return nil, under.err
		}
		return l.log.Load(), nil
	case <-ctx.Done():
		return nil, fmt.Errorf("store: wait for logbook %s: %w", l.name, ctx.Err())
	}
}

// startLoad begins to build the columns unless that is under way or done; a
// failed load is begun anew.
func (l *Logbook) startLoad() *load {
	l.loading.Lock()
	defer l.loading.Unlock()
	if l.load != nil {
		select {
		case <-l.load.done:
			if l.load.err == nil {
				return l.load
			}
		default:
			return l.load
		}
	}
	under := &load{done: make(chan struct{})}
	l.load = under
	l.s.mu.RLock() // Close waits for loads, so none may begin after it
	defer l.s.mu.RUnlock()
	if l.s.closing.Err() != nil {
		under.err = errClosed
		close(under.done)
		return under
	}
	l.s.loads.Go(func() {
		defer close(under.done)
		under.err = l.build()
	})
	return under
}

// LoadError returns why the last attempt to load the columns failed; nil while
// there was none, one is under way, or it went well.
func (l *Logbook) LoadError() error {
	l.loading.Lock()
	defer l.loading.Unlock()
	if l.load == nil {
		return nil
	}
	select {
	case <-l.load.done:
		return l.load.err
	default:
		return nil
	}
}

// build reads every QSO into new columns. Nobody writes to the logbook before
// it is done.
func (l *Logbook) build() (err error) {
	defer recovered(l.s.path, &err)
	log := columns.New()
	log.Reserve(l.Size())
	var made [qso.SourceCount]int
	var damaged []uint64
	deleted, listed := map[qso.Call][]*qso.QSO{}, map[qso.Call]int{}
	err = l.view(func(tx *Tx) error {
		var q qso.QSO
		c, n := l.bucket(tx, logQSO).Cursor(), 0
		for k, v := c.First(); k != nil; k, v = c.Next() {
			if n++; n%4096 == 0 && l.s.closing.Err() != nil {
				return errClosed
			}
			if err := readQSO(k, v, &q, decodeShared); err != nil {
				damaged = append(damaged, binary.BigEndian.Uint64(k))
				continue
			}
			log.Put(&q)
			made[q.MadeBy]++
		}
		if err := l.eachDeleted(tx, func(d *trashed) error {
			q := d.q.Clone()
			deleted[q.Call] = append(deleted[q.Call], q)
			return nil
		}); err != nil {
			return err
		}
		return l.eachListed(tx, func(_ []byte, e *listedRecord) error {
			if e.Resolution.zero() {
				listed[e.record.Call]++
			}
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("store: load logbook %s: %w", l.name, err)
	}
	made[qso.NoSource] = 0
	l.write.Lock()
	defer l.write.Unlock()
	l.made, l.deleted, l.listed, l.damaged = made, deleted, listed, damaged
	l.size.Store(int64(log.Len()))
	if len(damaged) > 0 {
		l.s.cfg.Log.Error("QSOs cannot be read: they are kept as they are; restore a backup, or try qslbox db salvage",
			"logbook", l.name, "count", len(damaged), "first", damaged[0])
	}
	l.log.Store(log)
	return nil
}

// Damaged returns the ids of QSOs that could not be read when the log was
// loaded.
func (l *Logbook) Damaged() []uint64 {
	l.write.Lock()
	defer l.write.Unlock()
	return append([]uint64(nil), l.damaged...)
}

// readQSO checks and decodes a stored QSO.
func readQSO(key, value []byte, q *qso.QSO, decode func(uint64, []byte, *qso.QSO) error) error {
	if len(key) != 8 {
		return fmt.Errorf("%w: a key of %d bytes", ErrDamaged, len(key))
	}
	id := binary.BigEndian.Uint64(key)
	_, payload, err := openValue(key, value)
	if err != nil {
		return fmt.Errorf("QSO %d: %w", id, err)
	}
	return decode(id, payload, q)
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
	if err := l.update(func(tx *Tx) error { return l.putState(tx, next, l.Size()) }); err != nil {
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
