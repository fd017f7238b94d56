package store

import (
	"encoding/binary"
	"fmt"
	"time"

	"qslbox/stats"
)

// LoadSnapshot returns a snapshot that was saved; false if there is none. A
// damaged one is an error: it is computed anew.
func (s *Store) LoadSnapshot(logbook, name string) (stats.Snapshot, bool, error) {
	l, err := s.Logbook(logbook)
	if err != nil {
		return stats.Snapshot{}, false, err
	}
	var out stats.Snapshot
	found := false
	err = s.view(func(tx *Tx) error {
		b, key := l.bucket(tx, logSnapshot), []byte(name)
		if b == nil {
			return nil
		}
		value := b.Get(key)
		if value == nil {
			return nil
		}
		_, payload, err := openValue(key, value)
		if err != nil {
			return err
		}
		d := decoder{rest: string(payload)}
		out = stats.Snapshot{
			Logbook: logbook, Name: name, Generation: d.uint(), Computed: time.Unix(d.int(), 0).UTC(), Expires: time.Unix(d.int(), 0).UTC(),
			Hash: d.text(),
		}
		out.Body = []byte(d.rest)
		if d.bad {
			return fmt.Errorf("%w: snapshot %s", ErrDamaged, name)
		}
		found = true
		return nil
	})
	return out, found && err == nil, err
}

// SaveSnapshot keeps a snapshot over a restart.
func (s *Store) SaveSnapshot(snapshot stats.Snapshot) error {
	l, err := s.Logbook(snapshot.Logbook)
	if err != nil {
		return err
	}
	b := binary.AppendUvarint(nil, snapshot.Generation)
	b = binary.AppendVarint(b, snapshot.Computed.Unix())
	b = binary.AppendVarint(b, snapshot.Expires.Unix())
	b = append(appendText(b, snapshot.Hash), snapshot.Body...)
	return s.update(writeSnapshot, func(tx *Tx) error { return l.put(tx, logSnapshot, []byte(snapshot.Name), b) })
}

var _ stats.Disk = (*Store)(nil)
var _ stats.Source = (*Store)(nil)
