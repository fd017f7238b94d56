package monitor_test

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"qslbox/monitor"
)

func ExampleCheckMemory() {
	c := monitor.CheckMemory(monitor.Process{Anonymous: 245 << 20, Limit: 256 << 20})
	fmt.Println(c.Severity, c.Message)
	// Output: degraded memory: 245 MiB of 256 MiB allowed are in use: raise the limit of the service, or give it less to do at once
}

const procStatus = `Name:	qslbox
VmPeak:	 2000000 kB
VmRSS:	   90112 kB
RssAnon:	   61440 kB
RssFile:	   28672 kB
Threads:	9
voluntary_ctxt_switches:	17
nonsense without a colon
`

// system makes a file system with the files of a process and those given.
func system(files map[string]string) fstest.MapFS {
	root := fstest.MapFS{
		"proc/self/status": {Data: []byte(procStatus)},
		"proc/self/fd/0":   {}, "proc/self/fd/1": {}, "proc/self/fd/9": {},
	}
	for name, text := range files {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return root
}

func TestReadProcess(t *testing.T) {
	const group2, group1 = "0::/system.slice/qslbox.service\n", "7:cpu,cpuacct:/x\n4:memory:/system.slice/qslbox.service\n"
	tests := []struct {
		name  string
		files map[string]string
		limit uint64
	}{
		{"no control groups", nil, 0},
		{"no limit", map[string]string{"proc/self/cgroup": group2, "sys/fs/cgroup/system.slice/qslbox.service/memory.max": "max\n"}, 0},
		{"of the service", map[string]string{"proc/self/cgroup": group2, "sys/fs/cgroup/system.slice/qslbox.service/memory.max": "268435456\n"}, 256 << 20},
		{"of the slice above", map[string]string{"proc/self/cgroup": group2,
			"sys/fs/cgroup/system.slice/qslbox.service/memory.max": "268435456\n", "sys/fs/cgroup/system.slice/memory.max": "1048576"}, 1 << 20},
		{"inside a container", map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "1048576\n"}, 1 << 20},
		{"version 1", map[string]string{"proc/self/cgroup": group1, "sys/fs/cgroup/memory/system.slice/qslbox.service/memory.limit_in_bytes": "2097152\n"}, 2 << 20},
		{"version 1 without a limit", map[string]string{"proc/self/cgroup": group1, "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"}, 0},
		{"upwards out of the tree", map[string]string{"proc/self/cgroup": "0::/../../x\nrubbish\n", "sys/fs/cgroup/memory.max": "4194304"}, 4 << 20},
		{"no number", map[string]string{"proc/self/cgroup": group2, "sys/fs/cgroup/system.slice/qslbox.service/memory.max": "much"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := monitor.ReadProcess(system(tt.files))
			if err != nil || got.Goroutines < 1 {
				t.Errorf("error %v, %d goroutines", err, got.Goroutines)
			}
			got.Goroutines = 0
			want := monitor.Process{Resident: 88 << 20, Anonymous: 60 << 20, Threads: 9, Files: 3, Limit: tt.limit}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("ReadProcess() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadProcessGOMEMLIMIT(t *testing.T) {
	old := debug.SetMemoryLimit(1 << 40)
	defer debug.SetMemoryLimit(old)
	if p, err := monitor.ReadProcess(system(nil)); err != nil || p.Limit != 1<<40 {
		t.Errorf("limit %d, error %v, want that of the runtime, 1 TiB", p.Limit, err)
	}
}

func TestReadProcessWithoutProc(t *testing.T) {
	if p, err := monitor.ReadProcess(fstest.MapFS{}); err == nil || p.Goroutines < 1 {
		t.Errorf("without /proc: error %v, %d goroutines; want an error and some", err, p.Goroutines)
	}
	root := system(nil)
	for _, name := range []string{"0", "1", "9"} {
		delete(root, "proc/self/fd/"+name)
	}
	if p, err := monitor.ReadProcess(root); err == nil || p.Resident == 0 {
		t.Errorf("without descriptors: error %v, %d bytes; want an error and some", err, p.Resident)
	}
}

// TestThisProcess reads the real files.
func TestThisProcess(t *testing.T) {
	p, err := monitor.ReadProcess(os.DirFS("/"))
	if err != nil {
		t.Fatal(err)
	}
	if p.Resident < 1<<20 || p.Anonymous > p.Resident || p.Files < 3 || p.Threads < 2 {
		t.Errorf("this process: %+v, want at least a MiB, 3 files and 2 threads", p)
	}
}

func TestCheckMemory(t *testing.T) {
	tests := []struct {
		name string
		p    monitor.Process
		want monitor.Severity
	}{
		{"no limit", monitor.Process{Anonymous: 9 << 30}, monitor.OK},
		{"below 90 %", monitor.Process{Anonymous: 899, Limit: 1000}, monitor.OK},
		{"90 %", monitor.Process{Anonymous: 900, Limit: 1000}, monitor.Degraded},
		{"mapped files do not count", monitor.Process{Resident: 2000, Anonymous: 10, Limit: 1000}, monitor.OK},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := monitor.CheckMemory(tt.p); got.Severity != tt.want {
				t.Errorf("CheckMemory() = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestCheckDisk(t *testing.T) {
	dir := t.TempDir()
	d, err := monitor.ReadDisk(dir)
	if err != nil || d.Size == 0 || d.Free > d.Size {
		t.Fatalf("ReadDisk() = %+v, %v", d, err)
	}
	tests := []struct {
		name, path string
		need       uint64
		want       monitor.Severity
		message    string
	}{
		{"room", dir, 1, monitor.OK, ""},
		{"no room", dir, d.Size + 1, monitor.Degraded, "make room"},
		{"no such path", dir + "/missing", 1, monitor.Degraded, "no such file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := monitor.CheckDisk(tt.path, tt.need); got.Severity != tt.want || !strings.Contains(got.Message, tt.message) {
				t.Errorf("CheckDisk() = %v, want %v with %q", got, tt.want, tt.message)
			}
		})
	}
}
