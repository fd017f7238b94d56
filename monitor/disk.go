package monitor

import (
	"fmt"
	"syscall"
)

// A Disk is the file system that holds a path.
type Disk struct {
	Size uint64 // bytes
	Free uint64 // bytes this user may still write
}

// ReadDisk looks at the file system that holds path.
func ReadDisk(path string) (Disk, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(path, &st); err != nil {
		return Disk{}, fmt.Errorf("monitor: disk: %s: %w", path, err)
	}
	unit := uint64(st.Bsize)
	return Disk{Size: st.Blocks * unit, Free: st.Bavail * unit}, nil
}

// CheckDisk finds a file system that has less than need bytes free, or cannot
// be read.
func CheckDisk(path string, need uint64) Check {
	d, err := ReadDisk(path)
	switch {
	case err != nil:
		return Check{Severity: Degraded, Message: fmt.Sprintf("disk: the space in %s cannot be told (%v): look whether the disk is still there", path, err)}
	case d.Free < need:
		return Check{Severity: Degraded, Message: fmt.Sprintf("disk: %s free in %s, %s are needed: make room, or move the data to a larger disk",
			mebibytes(d.Free), path, mebibytes(need))}
	}
	return Check{}
}
