package store

import (
	"context"
	"encoding/binary"
	"fmt"

	"qslbox/qso"
)

// scanStep is how many QSOs are read in one transaction: a long one would keep
// pages from being used again.
const scanStep = 2000

// Get returns a QSO, or qso.ErrNoQSO.
func (l *Logbook) Get(id uint64) (*qso.QSO, error) {
	timer := l.s.reads.Start()
	var q *qso.QSO
	err := l.view(func(tx *Tx) (err error) { q, err = l.get(tx, id); return err })
	timer.Stop(nil)
	return q, err
}

func (l *Logbook) get(tx *Tx, id uint64) (*qso.QSO, error) {
	b := l.bucket(tx, logQSO)
	if b == nil {
		return nil, fmt.Errorf("%w: %q", qso.ErrNoLogbook, l.name)
	}
	key := idKey(id)
	value := b.Get(key)
	if value == nil {
		return nil, fmt.Errorf("%w: %d", qso.ErrNoQSO, id)
	}
	q := &qso.QSO{}
	if err := readQSO(key, value, q, decodeRecord); err != nil {
		return nil, err
	}
	return q, nil
}

// GetMany returns the QSOs with these ids in their order; what is gone
// meanwhile is left out.
func (l *Logbook) GetMany(ids []uint64) ([]*qso.QSO, error) {
	timer := l.s.reads.Start()
	out := make([]*qso.QSO, 0, len(ids))
	err := l.view(func(tx *Tx) error {
		b := l.bucket(tx, logQSO)
		if b == nil {
			return fmt.Errorf("%w: %q", qso.ErrNoLogbook, l.name)
		}
		for _, id := range ids {
			key := idKey(id)
			value := b.Get(key)
			if value == nil {
				continue
			}
			q := &qso.QSO{}
			if err := readQSO(key, value, q, decodeRecord); err != nil {
				return err
			}
			out = append(out, q)
		}
		return nil
	})
	timer.Stop(err)
	return out, err
}

// Scan calls fn for each QSO whose id is above after, ascending, until fn
// returns false. The QSO is fn's to keep. fn may take its time: no transaction
// is open meanwhile.
func (l *Logbook) Scan(ctx context.Context, after uint64, fn func(*qso.QSO) bool) error {
	block := make([]*qso.QSO, 0, scanStep)
	for {
		block = block[:0]
		err := l.view(func(tx *Tx) error {
			b := l.bucket(tx, logQSO)
			if b == nil {
				return fmt.Errorf("%w: %q", qso.ErrNoLogbook, l.name)
			}
			c := b.Cursor()
			for k, v := c.Seek(idKey(after + 1)); k != nil && len(block) < scanStep; k, v = c.Next() {
				q := &qso.QSO{}
				if err := readQSO(k, v, q, decodeRecord); err != nil {
					return err
				}
				block, after = append(block, q), binary.BigEndian.Uint64(k)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, q := range block {
			if !fn(q) {
				return nil
			}
		}
		if len(block) < scanStep {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}
