package store

import (
	"encoding/binary"
)

// What the tests need of the stored form.
var (
	AppendRecord = appendRecord
	DecodeRecord = decodeRecord
)

// OpenValue is openValue without the header.
func OpenValue(key, value []byte) ([]byte, error) {
	_, payload, err := openValue(key, value)
	return payload, err
}

// AppendValue makes a value of the kind of QSOs.
func AppendValue(key, payload []byte) []byte {
	return appendValue(nil, key, header{kindOf(logQSO, true), 1, 7}, payload)
}

// SetSchema writes a schema version into the open file.
func (s *Store) SetSchema(version string) error {
	return s.PutRecord(metaBucket, "schema", []byte(version))
}

// EachValue calls fn with every value of a logbook's bucket as it is stored.
func (s *Store) EachValue(logbook, bucket string, fn func(key, value []byte)) error {
	l, err := s.Logbook(logbook)
	if err != nil {
		return err
	}
	return s.view(func(tx *Tx) error {
		return l.bucket(tx, bucket).ForEach(func(k, v []byte) error { fn(k, v); return nil })
	})
}

// Commits returns how many commits there were, and Reload forgets the columns,
// so that they are read anew.
func (s *Store) Commits() uint64 {
	id := uint64(0)
	_ = s.view(func(tx *Tx) error { id = uint64(tx.ID()); return nil })
	return id
}

// IDKey is the key of a QSO.
func IDKey(id uint64) []byte { return binary.BigEndian.AppendUint64(nil, id) }

// Kept is for how long a deleted QSO is kept whole.
const Kept = keepDeleted

// KeptRuns is how many runs are kept.
const KeptRuns = keptRuns

// KeptEdits is how many changes of many are kept.
const KeptEdits = keptEdits

// MaxBatch is the largest batch of Merge.
const MaxBatch = maxBatch

// Store returns the logbook's store.
func (l *Logbook) Store() *Store { return l.s }

// ValueOfKind makes a value of a kind.
func ValueOfKind(kind byte, key, payload []byte) []byte {
	return appendValue(nil, key, header{kind: kind}, payload)
}
