package monitor

import (
	"bytes"
	"fmt"
	"io/fs"
	"math"
	"path"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
)

// A Process is what the kernel and the runtime say of this process. Figures
// that cannot be had are 0.
type Process struct {
	Resident   uint64 // bytes in memory, mapped files included
	Anonymous  uint64 // bytes in memory that are no file: what a limit is about
	Limit      uint64 // bytes: the least of the control groups' limits and GOMEMLIMIT; 0 = none
	Threads    int
	Files      int // open file descriptors
	Goroutines int
}

// ReadProcess looks at this process. root is the root of the file system,
// os.DirFS("/"), of which it reads /proc/self and /sys/fs/cgroup. Where there
// is no /proc the error says so, and what the runtime knows is filled in.
func ReadProcess(root fs.FS) (Process, error) {
	p := Process{Goroutines: runtime.NumGoroutine(), Limit: memoryLimit(root)}
	status, err := fs.ReadFile(root, "proc/self/status")
	if err != nil {
		return p, fmt.Errorf("monitor: process: %w", err)
	}
	for line := range bytes.Lines(status) {
		name, value, _ := strings.Cut(string(line), ":")
		number, kilo := strings.CutSuffix(strings.TrimSpace(value), " kB")
		n, err := strconv.ParseUint(number, 10, 53)
		switch {
		case err != nil:
		case name == "VmRSS" && kilo:
			p.Resident = n << 10
		case name == "RssAnon" && kilo:
			p.Anonymous = n << 10
		case name == "Threads":
			p.Threads = int(n)
		}
	}
	fds, err := fs.ReadDir(root, "proc/self/fd")
	if err != nil {
		return p, fmt.Errorf("monitor: process: %w", err)
	}
	p.Files = len(fds)
	return p, nil
}

// memoryLimit is the least limit that applies to this process, 0 without any.
func memoryLimit(root fs.FS) uint64 {
	limit := uint64(debug.SetMemoryLimit(-1))
	groups, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		groups = nil
	}
	for line := range strings.Lines(string(groups)) {
		// number:controllers:path; version 2 has one line without controllers.
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		base, file := "sys/fs/cgroup", "memory.max"
		switch parts[1] {
		case "":
		case "memory":
			base, file = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
		default:
			continue
		}
		// Seen from inside a container the path may not exist: the group's own
		// files are at the top then, and so every directory upwards is asked.
		for dir := path.Join("/", parts[2]); ; dir = path.Dir(dir) {
			if text, err := fs.ReadFile(root, path.Join(base, dir, file)); err == nil {
				if n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64); err == nil {
					limit = min(limit, n)
				}
			}
			if dir == "/" {
				break
			}
		}
	}
	if limit >= math.MaxInt64>>1 { // "max", or version 1's way to say so
		return 0
	}
	return limit
}

// CheckMemory finds a process that uses 90 % or more of what it may.
func CheckMemory(p Process) Check {
	if p.Limit == 0 || p.Anonymous < p.Limit/10*9 {
		return Check{}
	}
	return Check{Severity: Degraded, Message: fmt.Sprintf(
		"memory: %s of %s allowed are in use: raise the limit of the service, or give it less to do at once",
		mebibytes(p.Anonymous), mebibytes(p.Limit))}
}

func mebibytes(n uint64) string { return strconv.FormatUint(n>>20, 10) + " MiB" }
