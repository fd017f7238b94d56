package store

import (
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"

	"qslbox/monitor"
)

// bucketOf returns the bucket of a kind of records, or an error for a kind
// that is not in the table of buckets.
func bucketOf(tx *Tx, kind string) (*bbolt.Bucket, header, error) {
	k := kindOf(kind, false)
	b := tx.Bucket([]byte(kind))
	if k == 0 || b == nil {
		return nil, header{}, fmt.Errorf("store: no bucket %q", kind)
	}
	return b, header{kind: k}, nil
}

// GetRecord returns a record of the appliance (user, session, key, audit,
// settings, meta), or false.
func (s *Store) GetRecord(kind, id string) (data []byte, found bool, err error) {
	err = s.view(func(tx *Tx) error {
		b, _, err := bucketOf(tx, kind)
		if err != nil {
			return err
		}
		payload, err := getValue(b, []byte(id))
		if err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		data, found = append([]byte(nil), payload...), payload != nil
		return nil
	})
	return data, found, err
}

// PutRecord stores a record; nil removes it.
func (s *Store) PutRecord(kind, id string, data []byte) error {
	return s.update("record", func(tx *Tx) error {
		b, h, err := bucketOf(tx, kind)
		if err != nil {
			return err
		}
		if data == nil {
			if b.Get([]byte(id)) == nil {
				return errUnchanged
			}
			return b.Delete([]byte(id))
		}
		return putValue(b, []byte(id), h, data)
	})
}

// EachRecord calls fn for every record of a kind, in the order of ids. fn may
// use the store.
func (s *Store) EachRecord(kind string, fn func(id string, data []byte) error) error {
	type record struct {
		id   string
		data []byte
	}
	var all []record
	err := s.view(func(tx *Tx) error {
		b, _, err := bucketOf(tx, kind)
		if err != nil {
			return err
		}
		return b.ForEach(func(k, v []byte) error {
			_, payload, err := openValue(k, v)
			if err != nil {
				return fmt.Errorf("%s %q: %w", kind, k, err)
			}
			all = append(all, record{string(k), append([]byte(nil), payload...)})
			return nil
		})
	})
	for i := range all {
		if err != nil {
			break
		}
		err = fn(all[i].id, all[i].data)
	}
	return err
}

// Baselines returns the long-run durations that were saved. Damaged ones are
// left out: they are learned anew.
func (s *Store) Baselines() ([]monitor.Baseline, error) {
	var out []monitor.Baseline
	err := s.view(func(tx *Tx) error {
		return tx.Bucket([]byte(baselineBucket)).ForEach(func(k, v []byte) error {
			var b monitor.Baseline
			if _, payload, err := openValue(k, v); err == nil && json.Unmarshal(payload, &b) == nil {
				out = append(out, b)
			}
			return nil
		})
	})
	return out, err
}

// SaveBaselines saves long-run durations and forgets others.
func (s *Store) SaveBaselines(changed, forget []monitor.Baseline) error {
	if len(changed)+len(forget) == 0 {
		return nil
	}
	return s.update(writeBaselines, func(tx *Tx) error {
		bucket, h := tx.Bucket([]byte(baselineBucket)), header{kind: kindOf(baselineBucket, false)}
		for i := range forget {
			if err := bucket.Delete([]byte(forget[i].Key())); err != nil {
				return err
			}
		}
		for i := range changed {
			text, err := json.Marshal(changed[i])
			if err != nil {
				return err
			}
			if err := putValue(bucket, []byte(changed[i].Key()), h, text); err != nil {
				return err
			}
		}
		return nil
	})
}
