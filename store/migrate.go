package store

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"go.etcd.io/bbolt"
)

// migrations are the steps from each schema to the next, the first from an
// empty file. A step, once released, never changes.
var migrations = []func(tx *Tx) error{firstSchema}

// newest is the schema that this program writes.
func newest() int { return len(migrations) }

// upgrade brings an old file to the newest schema. A checked copy of it as it
// was stays beside it, for who has to go back to the older version. All steps
// are one transaction: whatever ends it leaves the file as it was.
func (s *Store) upgrade(version int) error {
	if _, err := s.copyTo(s.closing, beforeSchema(s.path, newest())); err != nil {
		return fmt.Errorf("store: migrate from schema %d: the copy that is kept for going back could not be made: %w", version, err)
	}
	if err := s.guard(s.db.Update, func(tx *bbolt.Tx) error { return migrate(&Tx{Tx: tx, now: s.cfg.Now().UTC()}, version) }); err != nil {
		return fmt.Errorf("store: migrate from schema %d: %w", version, err)
	}
	s.cfg.Log.Info("the data were brought to a newer schema", "from", version, "to", newest(), "copy", beforeSchema(s.path, newest()))
	return nil
}

// beforeSchema is the name of the copy that is made before a file comes to a
// schema.
func beforeSchema(path string, to int) string { return fmt.Sprintf("%s.before-schema-%d", path, to) }

// migrate takes the steps from a version to the present one.
func migrate(tx *Tx, from int) error {
	for v := from; v < newest(); v++ {
		if err := migrations[v](tx); err != nil {
			return fmt.Errorf("step %d: %w", v+1, err)
		}
	}
	return putValue(tx.Bucket([]byte(metaBucket)), []byte("schema"), header{kind: kindOf(metaBucket, false)}, []byte(strconv.Itoa(newest())))
}

// firstSchema makes the buckets, the appliance's id and the logbook main.
func firstSchema(tx *Tx) error {
	if err := createBuckets(tx, false); err != nil {
		return err
	}
	meta := tx.Bucket([]byte(metaBucket))
	h := header{kind: kindOf(metaBucket, false)}
	if err := putValue(meta, []byte("appliance"), h, randomID()); err != nil {
		return err
	}
	return makeLogbook(tx, MainLogbook)
}

// schemaOf reads the schema of a file.
func schemaOf(tx *bbolt.Tx) (int, error) {
	meta := tx.Bucket([]byte(metaBucket))
	if meta == nil {
		return 0, fmt.Errorf("%w: this is no data file of qslbox", ErrDamaged)
	}
	payload, err := getValue(meta, []byte("schema"))
	if err != nil {
		return 0, err
	}
	version, err := strconv.Atoi(string(payload))
	if err != nil || version < 1 {
		return 0, fmt.Errorf("%w: the schema version cannot be read", ErrDamaged)
	}
	return version, nil
}

// makeLogbook creates a logbook's buckets and gives it its number.
func makeLogbook(tx *Tx, name string) error {
	logs := tx.Bucket([]byte(logBucket))
	b, err := logs.CreateBucket([]byte(name))
	if err != nil {
		return err
	}
	if err := createBuckets(b, true); err != nil {
		return err
	}
	number, err := logs.NextSequence()
	if err != nil {
		return err
	}
	meta, h := b.Bucket([]byte(logMeta)), header{kind: kindOf(logMeta, true), logbook: uint16(number)}
	if err := putValue(meta, []byte("number"), h, binary.BigEndian.AppendUint16(nil, uint16(number))); err != nil {
		return err
	}
	if err := putValue(meta, []byte("name"), h, []byte(name)); err != nil { // for salvage
		return err
	}
	return putValue(meta, []byte("generation"), h, binary.AppendUvarint(nil, 1))
}

// putValue stores a payload with header and checksum.
func putValue(b *bbolt.Bucket, key []byte, h header, payload []byte) error {
	return b.Put(key, appendValue(make([]byte, 0, len(payload)+24), key, h, payload))
}

// getValue returns a payload, valid during the transaction; nil if there is
// none.
func getValue(b *bbolt.Bucket, key []byte) ([]byte, error) {
	value := b.Get(key)
	if value == nil {
		return nil, nil
	}
	_, payload, err := openValue(key, value)
	if err != nil {
		return nil, fmt.Errorf("key %q: %w", key, err)
	}
	return payload, nil
}
