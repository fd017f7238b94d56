package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/google/renameio/v2"
)

const (
	compactStep   = 4 << 20 // bytes that are copied in one transaction
	compactGrowth = 1 << 20 // bytes by which the new file grows
)

// Compact writes the data file of a directory anew, without the pages that
// nothing uses, checks the copy, and puts it in the file's place. No process
// may have the file open (ErrLocked), and it must be whole (ErrDamaged). It
// returns the sizes before and after in bytes.
func Compact(dir string) (before, after int64, err error) {
	path := filepath.Join(dir, FileName)
	defer recovered(path, &err)
	r, err := CheckFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, 0, fmt.Errorf("%w in %s", ErrNoData, dir)
	case err != nil:
		return 0, 0, fmt.Errorf("store: compact: %w", err)
	case !r.OK():
		return 0, 0, fmt.Errorf("store: compact: %w: %s", ErrDamaged, r.Damaged[0])
	}
	src, err := bbolt.Open(path, 0o600, options(false)) // for itself: nobody may write meanwhile
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return 0, 0, fmt.Errorf("%w (%s)", ErrLocked, path)
	case err != nil:
		return 0, 0, fmt.Errorf("store: compact: %w", diskError(err))
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	temp := filepath.Join(dir, ".compact.db")
	defer os.Remove(temp)
	if err := copyCompact(temp, src); err != nil {
		return 0, 0, fmt.Errorf("store: compact: %w", diskError(err))
	}
	copied, err := CheckFile(temp)
	switch {
	case err != nil:
		return 0, 0, fmt.Errorf("store: compact: the new file does not pass its check: %w", err)
	case !copied.OK() || copied.Values != r.Values || copied.QSOs != r.QSOs:
		return 0, 0, fmt.Errorf("store: compact: the new file is not the same: %d values of %d, %d damaged", copied.Values, r.Values, copied.Count)
	}
	if err := os.Rename(temp, path); err != nil {
		return 0, 0, fmt.Errorf("store: compact: %w", err)
	}
	return r.Bytes, copied.Bytes, SyncDir(dir)
}

// copyCompact copies all values into a new file, which is durable then.
func copyCompact(to string, src *bbolt.DB) error {
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	o := options(false)
	o.NoSync = true // once at the end
	dst, err := bbolt.Open(to, 0o600, o)
	if err != nil {
		return err
	}
	dst.AllocSize = compactGrowth
	err = bbolt.Compact(dst, src, compactStep)
	if err == nil {
		err = dst.Sync()
	}
	return errors.Join(err, dst.Close())
}

// SalvageReport is what Salvage found.
type SalvageReport struct {
	Pages    int      `json:"pages"`    // that were looked at
	Values   int      `json:"values"`   // that were kept
	QSOs     int      `json:"qsos"`     // among them
	Logbooks []string `json:"logbooks"` // their names; log-N where the name is lost
	Damaged  int      `json:"damaged"`  // values that fail their checksum, copies included
	Older    int      `json:"older"`    // values of which a newer one was found
	Unread   int      `json:"unread"`   // pages that are in use and cannot be read
	NewFile  string   `json:"new_file"` // what was written
	// MaybeDeleted are ids of kept QSOs, the first of them, that hang in no part
	// of the tree that could be read: they were deleted, or lay below the damage.
	MaybeDeleted []uint64 `json:"maybe_deleted"`
	Complete     bool     `json:"complete"`  // nothing in use was damaged or unreadable
	Check        *Report  `json:"new_check"` // of the new file
}

// Salvage reads a damaged data file page by page, without relying on how they
// hang together, and writes each value that passes its checksum, in its newest
// version, to a new file, which must not exist yet. The old one is left as it
// is. It fails only if nothing can be read or the new file cannot be written.
func Salvage(from, to string) (report *SalvageReport, err error) {
	defer recovered(from, &err)
	free, err := lock(from)
	if err != nil {
		return nil, fmt.Errorf("store: salvage: %w", err)
	}
	defer free()
	f, err := os.Open(from)
	if err != nil {
		return nil, fmt.Errorf("store: salvage: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("store: salvage: %w", err)
	}
	if _, err := os.Lstat(to); err == nil {
		return nil, fmt.Errorf("store: salvage: %s is there already", to)
	}
	found := newSalvage(f)
	found.read(info.Size())
	if found.schema > newest() {
		return nil, fmt.Errorf("store: salvage: %w: its schema is %d, this version knows %d: salvage it with that version", ErrNewerSchema, found.schema, newest())
	}
	if found.report.QSOs = found.count(); found.report.Values == 0 {
		return nil, fmt.Errorf("store: salvage: %w: %s holds no value of qslbox", ErrDamaged, from)
	}
	pending, err := renameio.NewPendingFile(to, renameio.WithPermissions(0o600), renameio.WithTempDir(filepath.Dir(to)))
	if err != nil {
		return nil, fmt.Errorf("store: salvage: %w", err)
	}
	defer func() { _ = pending.Cleanup() }()
	if err := found.write(pending.Name()); err != nil {
		return nil, fmt.Errorf("store: salvage: %w", err)
	}
	check, err := CheckFile(pending.Name())
	if err != nil {
		return nil, fmt.Errorf("store: salvage: the new file does not pass its check: %w", err)
	}
	r := &found.report
	r.NewFile, r.Check = to, check
	r.Complete = r.Unread == 0 && r.Damaged == 0 && found.rooted
	if err := pending.CloseAtomicallyReplace(); err != nil {
		return nil, fmt.Errorf("store: salvage: %w", err)
	}
	return r, SyncDir(filepath.Dir(to))
}
