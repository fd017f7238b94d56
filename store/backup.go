package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/google/renameio/v2"
)

// WriteBackup writes a consistent copy of the file while it is in use. The
// copy holds everything but the sealing key.
func (s *Store) WriteBackup(ctx context.Context, w io.Writer) error {
	return s.read(func(tx *bbolt.Tx) error {
		_, err := tx.WriteTo(contextWriter{ctx, w})
		return err
	})
}

type contextWriter struct {
	ctx context.Context
	w   io.Writer
}

func (c contextWriter) Write(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.w.Write(p)
}

// Backup writes a copy to a file, checks it, and only then gives it its name.
func (s *Store) Backup(ctx context.Context, path string) (*Report, error) {
	if same(path, s.path) {
		return nil, fmt.Errorf("store: backup: %s is the data file itself; name another file", path)
	}
	r, err := s.copyTo(ctx, path)
	if err != nil {
		return r, err
	}
	return r, s.BackedUp("")
}

// copyTo is Backup without the note that there is one.
func (s *Store) copyTo(ctx context.Context, path string) (*Report, error) {
	f, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o600), renameio.WithTempDir(filepath.Dir(path)))
	if err != nil {
		return nil, fmt.Errorf("store: backup: %w", diskError(err))
	}
	defer func() { _ = f.Cleanup() }()
	if err := s.WriteBackup(ctx, f); err != nil {
		return nil, fmt.Errorf("store: backup: %w", diskError(err))
	}
	if err := f.Sync(); err != nil {
		return nil, fmt.Errorf("store: backup: %w", diskError(err))
	}
	r, err := CheckFile(f.Name())
	if err != nil {
		return nil, fmt.Errorf("store: the backup does not pass its check: %w", err)
	}
	if !r.OK() {
		return r, fmt.Errorf("store: the backup does not pass its check: %w: %s", ErrDamaged, r.Damaged[0])
	}
	r.File = filepath.Base(path)
	if err := f.CloseAtomicallyReplace(); err != nil {
		return nil, fmt.Errorf("store: backup: %w", diskError(err))
	}
	if err := SyncDir(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("store: backup: %w", diskError(err))
	}
	return r, nil
}

// Marks of the backup in the bucket meta.
const (
	markBackup   = "backup"    // when the last verified one was made, or found to be current
	markBackupOf = "backup-of" // which one that was, and of what
)

// BackedUp notes that there is a verified backup now. of says which one and of
// what (see Fingerprint), for BackupOf; "" leaves that as it is.
func (s *Store) BackedUp(of string) error {
	if of != "" && s.BackupOf() != of {
		if err := s.PutRecord(metaBucket, markBackupOf, []byte(of)); err != nil {
			return err
		}
	}
	return s.PutRecord(metaBucket, markBackup, []byte(s.cfg.Now().UTC().Format(time.RFC3339)))
}

// BackupOf returns what BackedUp was told last; "" if there was nothing.
func (s *Store) BackupOf() string {
	text, _, err := s.GetRecord(metaBucket, markBackupOf)
	if err != nil {
		return ""
	}
	return string(text)
}

// passing are buckets whose changes make no new backup worth its bytes: who is
// signed in, what ran when, how fast it was.
var passing = []string{"session", "audit", baselineBucket, logRun, logSnapshot}

// bulky are buckets that change only with their logbook's generation.
var bulky = []string{logQSO, logHistory, logTrash, logEdits}

// Fingerprint returns a text that stays the same as long as a backup made now
// would hold nothing that the last one lacks.
func (s *Store) Fingerprint(ctx context.Context) (string, error) {
	sum := sha256.New()
	add := func(path string, b *bbolt.Bucket) error {
		fmt.Fprintf(sum, "%d %s", len(path), path)
		return b.ForEach(func(k, v []byte) error {
			fmt.Fprintf(sum, "%d %s %d %s", len(k), k, len(v), v)
			return ctx.Err()
		})
	}
	err := s.guard(s.db.View, func(tx *bbolt.Tx) error {
		for i := range buckets {
			if b := &buckets[i]; !b.PerLogbook && b.Name != logBucket && b.Name != metaBucket && !slices.Contains(passing, b.Name) {
				if err := add(b.Name, tx.Bucket([]byte(b.Name))); err != nil {
					return err
				}
			}
		}
		logs := tx.Bucket([]byte(logBucket))
		return logs.ForEachBucket(func(name []byte) error {
			for i := range buckets {
				if b := &buckets[i]; b.PerLogbook && !slices.Contains(passing, b.Name) && !slices.Contains(bulky, b.Name) {
					if err := add("log/"+string(name)+"/"+b.Name, logs.Bucket(name).Bucket([]byte(b.Name))); err != nil {
						return err
					}
				}
			}
			return nil
		})
	})
	if err != nil {
		return "", fmt.Errorf("store: fingerprint: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)[:12]), nil
}

// LastBackup returns when the last verified backup was made; the zero time if
// there was none.
func (s *Store) LastBackup() time.Time { return s.mark(markBackup) }

func same(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}
