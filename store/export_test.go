package store

import (
	"encoding/binary"
	"strconv"
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

// LaterSchemas makes this program one that writes schema 4, as a later version
// may: its steps store every QSO in another form, then back in the present one,
// counted, then each value of the trash anew. Each step says its number to at before it begins, and the last of
// them when all is done but not yet stored. It returns what takes that back.
func LaterSchemas(at func(step int)) (undo func()) {
	each := func(bucket string, fn func(key, payload []byte) []byte) func(*Tx) error {
		return func(tx *Tx) error {
			logs := tx.Bucket([]byte(logBucket))
			return logs.ForEachBucket(func(name []byte) error {
				b := logs.Bucket(name).Bucket([]byte(bucket))
				changed := map[string][]byte{}
				if err := b.ForEach(func(k, v []byte) error {
					h, payload, err := openValue(k, v)
					changed[string(k)] = appendValue(nil, k, header{h.kind, h.logbook, h.generation + 1}, fn(k, payload))
					return err
				}); err != nil {
					return err
				}
				for k, v := range changed {
					if err := b.Put([]byte(k), v); err != nil {
						return err
					}
				}
				return nil
			})
		}
	}
	same := func(_, payload []byte) []byte { return payload }
	n := 0
	released := migrations
	migrations = append(migrations[:1:1],
		func(tx *Tx) error {
			at(2)
			return each(logQSO, func(_, payload []byte) []byte { return append([]byte{'2'}, payload...) })(tx)
		},
		func(tx *Tx) error {
			at(3)
			if err := each(logQSO, func(_, payload []byte) []byte { n++; return payload[1:] })(tx); err != nil {
				return err
			}
			return putValue(tx.Bucket([]byte(settingsBucket)), []byte("counted"), header{kind: kindOf(settingsBucket, false)}, []byte(strconv.Itoa(n)))
		},
		func(tx *Tx) error { at(4); err := each(logTrash, same)(tx); at(5); return err },
	)
	return func() { migrations = released }
}
