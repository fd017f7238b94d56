package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
	"golang.org/x/sys/unix"
)

// options are those of every open; the mapping is made large beforehand, since
// bbolt copies all pending records each time it has to grow.
func options(readOnly bool) *bbolt.Options {
	o := *bbolt.DefaultOptions
	o.Timeout, o.ReadOnly, o.FreelistType = lockWait, readOnly, bbolt.FreelistMapType
	o.InitialMmapSize = 1 << 30
	if strconv.IntSize == 32 {
		o.InitialMmapSize = 256 << 20
	}
	return &o
}

// open opens the file. A damaged one may make bbolt panic or fault: that too
// becomes an error. One that may only be read is opened for reading.
func (s *Store) open() error {
	db, err := openBolt(s.path, false)
	if errors.Is(err, unix.EROFS) || errors.Is(err, fs.ErrPermission) {
		if db, readable := openBolt(s.path, true); readable == nil {
			why := ErrReadOnly
			if errors.Is(err, fs.ErrPermission) {
				why = ErrNotOurs
			}
			s.db, s.readOnly = db, fmt.Errorf("%w (%w)", why, err)
			s.trouble.Store(&trouble{s.readOnly, s.cfg.Now().UTC()})
			return nil
		}
	}
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("%w (%s): stop it, or let it do the work: commands reach a running service by themselves", ErrLocked, s.cfg.Dir)
	case errors.Is(err, ErrDamaged):
		return fmt.Errorf("%w; it was left as it is: try qslbox db check, or restore a backup with: qslbox db restore FILE", err)
	case err != nil:
		return fmt.Errorf("store: open %s: %w", s.path, err)
	}
	s.db = db
	removeLeftovers(s.cfg.Dir)
	return nil
}

// openBolt opens a file with bbolt. What bbolt would fall over is looked at
// before; where it falls nevertheless, the lock is given back.
func openBolt(path string, readOnly bool) (db *bbolt.DB, err error) {
	if err := openable(path); err != nil {
		return nil, err
	}
	var file *os.File
	o := options(readOnly)
	o.OpenFile = func(name string, flag int, perm fs.FileMode) (f *os.File, err error) {
		f, err = os.OpenFile(name, flag, perm)
		file = f
		return f, err
	}
	defer func() {
		if r := recover(); r != nil {
			if file != nil { // the mapping stays, and would keep the lock
				_ = unix.Flock(int(file.Fd()), unix.LOCK_UN)
				_ = file.Close()
			}
			db, err = nil, fmt.Errorf("%w: %s: %v", ErrDamaged, path, r)
		}
	}()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	if db, err = bbolt.Open(path, 0o600, o); err != nil && isDamage(err) {
		err = fmt.Errorf("%w: %s: %v", ErrDamaged, path, err)
	}
	return db, err
}

// openable finds a page that says where the data begins, and that the file is
// as long as it says.
func openable(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if _, err := openPages(f, info.Size()); err != nil {
		return fmt.Errorf("%w (%s)", err, path)
	}
	return nil
}

func isDamage(err error) bool {
	return errors.Is(err, bolterrors.ErrInvalid) || errors.Is(err, bolterrors.ErrChecksum) || errors.Is(err, bolterrors.ErrVersionMismatch) ||
		errors.Is(err, bolterrors.ErrInvalidMapping) || strings.Contains(err.Error(), "file size too small")
}

// recovered turns a panic or fault in bbolt into ErrDamaged. Use it deferred.
func recovered(path string, err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%w: %s: %v; it was left as it is: restore a backup with: qslbox db restore FILE", ErrDamaged, path, r)
	}
}

// create makes the first file under another name and moves it into place, so
// that a power cut leaves none or a whole one; if somebody else was faster,
// that file stays.
func (s *Store) create() error {
	if err := os.MkdirAll(s.cfg.Dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(s.cfg.Dir, ".new-*.db")
	if err != nil {
		return err
	}
	temp := f.Name()
	defer os.Remove(temp)
	if err := f.Close(); err != nil {
		return err
	}
	db, err := bbolt.Open(temp, 0o600, nil)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error { return migrate(&Tx{Tx: tx, now: s.cfg.Now().UTC()}, 0) })
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	err = unix.Renameat2(unix.AT_FDCWD, temp, unix.AT_FDCWD, s.path, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) {
		err = os.Link(temp, s.path)
	}
	if errors.Is(err, fs.ErrNotExist) { // who was faster has tidied up
		_, err = os.Stat(s.path)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return SyncDir(s.cfg.Dir)
}

// leftovers are the names of files that a first start, a compaction, a restore
// or a download leaves when the power is cut in the middle.
var leftovers = []string{".new-*.db", ".compact.db", "." + FileName + "[0-9]*", ".backup-*.db"}

// removeLeftovers removes them; whoever made them is gone, since we hold the
// lock of the data.
func removeLeftovers(dir string) {
	for _, pattern := range leftovers {
		names, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, name := range names {
			if info, err := os.Lstat(name); err == nil && info.Mode().IsRegular() {
				_ = os.Remove(name) // the next start tries again
			}
		}
	}
}

// SyncDir brings the names in a directory to the disk: before that a power cut
// may take the name of a file whose content is there. Where a directory cannot
// be synced at all, as on some network file systems, that is no error.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if errors.Is(err, fs.ErrPermission) {
		return nil
	} else if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, unix.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return errors.Join(err, d.Close())
}
