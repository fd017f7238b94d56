package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/google/renameio/v2"
)

// lockStep is how often a lock is tried.
const lockStep = 50 * time.Millisecond

// Restore puts a backup in the place of a directory's data file, which no
// process may have open. The backup is checked first; what it replaces is kept
// beside it, and its path returned (empty if there was nothing).
func Restore(backup, dir string, now time.Time) (kept string, err error) {
	r, err := CheckFile(backup)
	if err != nil {
		return "", fmt.Errorf("store: restore: %w", err)
	}
	if !r.OK() {
		return "", fmt.Errorf("store: restore: %w: %s: %s", ErrDamaged, backup, r.Damaged[0])
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("store: restore: %w", err)
	}
	path := filepath.Join(dir, FileName)
	if same(backup, path) {
		return "", fmt.Errorf("store: restore: %s is the data file itself", backup)
	}
	free, err := lock(path)
	if err != nil {
		return "", fmt.Errorf("store: restore: %w", err)
	}
	defer free()
	f, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o600), renameio.WithTempDir(dir))
	if err != nil {
		return "", fmt.Errorf("store: restore: %w", diskError(err))
	}
	defer func() { _ = f.Cleanup() }()
	in, err := os.Open(backup)
	if err != nil {
		return "", fmt.Errorf("store: restore: %w", err)
	}
	defer in.Close()
	if _, err := io.Copy(f, in); err != nil {
		return "", fmt.Errorf("store: restore: %w", diskError(err))
	}
	if kept, err = keep(path, now); err != nil {
		return "", fmt.Errorf("store: restore: %w", err)
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return kept, fmt.Errorf("store: restore: %w", err)
	}
	return kept, SyncDir(dir)
}

// keep gives a file a second name that says when it was replaced; "" if there
// is no file. The first name stays, so that a power cut before the file is
// replaced leaves it in its place.
func keep(path string, now time.Time) (kept string, err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	kept = path + ".before-restore-" + now.UTC().Format("20060102-150405")
	if err := os.Link(path, kept); errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("%s is there already: move it away", kept)
	} else if err != nil { // no links on this file system
		return kept, os.Rename(path, kept)
	}
	return kept, nil
}

// lock takes the lock of a data file as bbolt does, so that no other process
// can open it; a file that is not there needs none. It returns ErrLocked if
// another one has it open.
func lock(path string) (free func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, unix.EROFS) || errors.Is(err, fs.ErrPermission) { // enough for one who only reads
		f, err = os.Open(path)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return func() {}, nil
	case err != nil:
		return nil, err
	}
	for wait := lockWait; ; wait -= lockStep {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case err == nil:
			return func() { _ = f.Close() }, nil
		case !errors.Is(err, unix.EWOULDBLOCK) || wait <= 0:
			return nil, errors.Join(fmt.Errorf("%w (%s)", ErrLocked, path), f.Close())
		}
		time.Sleep(lockStep)
	}
}
