package store

import (
	"fmt"

	"go.etcd.io/bbolt"
)

// Buckets at the top of the file.
const (
	metaBucket     = "meta"
	settingsBucket = "settings"
	logBucket      = "log"
	baselineBucket = "baseline"
)

// Buckets of one logbook.
const (
	logMeta      = "meta"
	logQSO       = "qso"
	logHistory   = "history"
	logTrash     = "trash"
	logUnmatched = "unmatched"
	logAccount   = "account"
	logRun       = "run"
	logSnapshot  = "snapshot"
	logEdits     = "edits"
)

// BucketInfo documents one bucket.
type BucketInfo struct {
	Name string // under log/<name>/ if PerLogbook
	// PerLogbook says that each logbook has one of its own.
	PerLogbook bool
	Key, Value string
	kind       byte // of its values: part of the header
	late       bool // a file may lack it: it is made when it is needed
}

// buckets is the one table of all buckets: it creates them, prints the
// documentation and drives tests. Kinds are stored: never renumber.
var buckets = []BucketInfo{
	{metaBucket, false, "name", "schema version, appliance id, marks", 1, false},
	{settingsBucket, false, "name", "settings of the appliance (JSON)", 2, false},
	{"user", false, "name", "user with password hash (JSON)", 3, false},
	{"session", false, "hash of the token", "session (JSON)", 4, false},
	{"key", false, "id", "API key with its hash (JSON)", 5, false},
	{"audit", false, "sequence", "who did what (JSON), the last ones", 6, false},
	{baselineBucket, false, "operation, version, log-size step", "long-run durations (JSON)", 7, false},
	{logBucket, false, "logbook", "a bucket for each logbook", 0, false},
	{logMeta, true, "name", "generation, number, settings", 16, false},
	{logQSO, true, "id, 8 bytes big endian", "QSO record", 17, false},
	{logHistory, true, "id, sequence", "earlier values, who and when (JSON)", 18, false},
	{logTrash, true, "id", "deleted QSO for 30 days, then its key", 19, false},
	{logUnmatched, true, "source, record hash", "upstream record and the reason", 20, false},
	{logAccount, true, "source", "settings (JSON), sealed secret, cursors, revision", 21, false},
	{logRun, true, "source, sequence", "one sync (JSON), the last 200 a source", 22, false},
	{logSnapshot, true, "name", "snapshot: generation, computed, expires, hash, body", 23, false},
	{logEdits, true, "sequence", "a change of many QSOs, and what they were before, for 30 days", 24, true},
}

// Buckets returns the table of all buckets, for documentation.
func Buckets() []BucketInfo { return append([]BucketInfo(nil), buckets...) }

func kindOf(name string, perLogbook bool) byte {
	for i := range buckets {
		if buckets[i].Name == name && buckets[i].PerLogbook == perLogbook {
			return buckets[i].kind
		}
	}
	return 0
}

// createBuckets makes the top buckets, or those of one logbook.
func createBuckets(parent interface {
	CreateBucketIfNotExists(name []byte) (*bbolt.Bucket, error)
}, perLogbook bool) error {
	for i := range buckets {
		if buckets[i].PerLogbook != perLogbook {
			continue
		}
		if _, err := parent.CreateBucketIfNotExists([]byte(buckets[i].Name)); err != nil {
			return fmt.Errorf("bucket %s: %w", buckets[i].Name, err)
		}
	}
	return nil
}
