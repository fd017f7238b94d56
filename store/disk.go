package store

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
)

// What keeps the disk from taking a write. Nothing of the write was stored;
// reading goes on, and so does writing as soon as the disk takes it again.
var (
	// ErrDiskFull says that there is no room.
	ErrDiskFull = errors.New("the disk is full, so nothing of this was stored: make room and do it again")
	// ErrReadOnly says that the file system takes no writes, as the kernel makes
	// it when a disk begins to fail.
	ErrReadOnly = errors.New("the disk takes no writes (it is read-only), so nothing of this was stored: see the kernel's log, and replace a disk that fails")
	// ErrNotOurs says that the file may not be written by who runs the program.
	ErrNotOurs = errors.New("the data file may be read but not written by the user that runs qslbox, so nothing of this was stored: make that user its owner (chown), with mode 600")
	// ErrDisk says that the disk failed.
	ErrDisk = errors.New("the disk failed, so nothing of this was stored: see the kernel's log, and replace it if this comes back")
)

// diskErrors are the kernel's words for them. bbolt keeps only the text of some
// errors.
var diskErrors = []struct {
	errno syscall.Errno
	is    error
}{
	{syscall.ENOSPC, ErrDiskFull}, {syscall.EDQUOT, ErrDiskFull}, {syscall.EFBIG, ErrDiskFull}, {syscall.EROFS, ErrReadOnly}, {syscall.EIO, ErrDisk},
}

// diskError names what the disk has against a write; other errors come back as
// they are.
func diskError(err error) error {
	if err == nil {
		return nil
	}
	for _, d := range diskErrors {
		if errors.Is(err, d.errno) || strings.HasSuffix(err.Error(), d.errno.Error()) {
			return fmt.Errorf("%w (%w)", d.is, err)
		}
	}
	return err
}
