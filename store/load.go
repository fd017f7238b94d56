package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"runtime/debug"

	"qslbox/qso"
	"qslbox/qso/columns"
)

// load is one attempt to build the columns.
type load struct {
	done chan struct{}
	err  error
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
func (l *Logbook) build() error {
	b := builder{l: l, log: columns.New(), deleted: map[qso.Call][]*qso.QSO{}, listed: map[qso.Call]int{}}
	b.log.Reserve(l.Size())
	err := l.view(func(tx *Tx) error {
		if err := b.readQSOs(tx); err != nil {
			return err
		}
		if err := l.eachDeleted(tx, func(d *trashed) error {
			q := d.q.Clone()
			b.deleted[q.Call] = append(b.deleted[q.Call], q)
			return nil
		}); err != nil {
			return err
		}
		return l.eachListed(tx, func(_ []byte, e *listedRecord) error {
			if e.Resolution.zero() {
				b.listed[e.record.Call]++
			}
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("store: load logbook %s: %w", l.name, err)
	}
	b.made[qso.NoSource] = 0
	l.write.Lock()
	defer l.write.Unlock()
	l.made, l.deleted, l.listed, l.damaged = b.made, b.deleted, b.listed, b.damaged
	l.size.Store(int64(b.log.Len()))
	if len(b.damaged) > 0 {
		l.s.cfg.Log.Error("QSOs cannot be read: they are kept as they are; restore a backup, or try qslbox db salvage",
			"logbook", l.name, "count", len(b.damaged), "first", b.damaged[0])
	}
	l.log.Store(b.log)
	return nil
}

// builder is a log in memory on its way.
type builder struct {
	l       *Logbook
	log     *columns.Log
	made    [qso.SourceCount]int
	damaged []uint64
	deleted map[qso.Call][]*qso.QSO
	listed  map[qso.Call]int
}

// loadBlock is how many QSOs are handed over at a time.
const loadBlock = 256

// readQSOs checks and decodes every QSO while the columns take those before.
func (b *builder) readQSOs(tx *Tx) error {
	full, free := make(chan []qso.QSO, 2), make(chan []qso.QSO, 4)
	for range cap(free) {
		free <- make([]qso.QSO, 0, loadBlock)
	}
	put := make(chan error, 1)
	go func() { put <- b.put(full, free) }()
	err := b.decode(tx, full, free)
	close(full)
	if failed := <-put; err == nil { // the texts lie in the file: wait before the transaction ends
		err = failed
	}
	return err
}

func (b *builder) decode(tx *Tx, full chan<- []qso.QSO, free <-chan []qso.QSO) (err error) {
	defer recovered(b.l.s.path, &err)
	block := <-free
	c := b.l.bucket(tx, logQSO).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		n := len(block)
		block = block[:n+1]
		if readQSO(k, v, &block[n], decodeShared) != nil {
			b.damaged, block = append(b.damaged, binary.BigEndian.Uint64(append(k[:len(k):len(k)], make([]byte, 8)...))), block[:n]
			continue
		}
		if n+1 < loadBlock {
			continue
		}
		full <- block
		if block = (<-free)[:0]; b.l.s.closing.Err() != nil {
			return errClosed
		}
	}
	full <- block
	return nil
}

// put takes the blocks into the columns. It must drain them, whatever happens.
func (b *builder) put(full <-chan []qso.QSO, free chan<- []qso.QSO) (err error) {
	for block := range full {
		if err == nil {
			err = b.putBlock(block)
		}
		free <- block
	}
	return err
}

func (b *builder) putBlock(block []qso.QSO) (err error) {
	defer recovered(b.l.s.path, &err)
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	for i := range block {
		b.log.Put(&block[i])
		b.made[block[i].MadeBy]++
	}
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
