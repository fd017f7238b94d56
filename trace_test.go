package main_test

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A recording is what the program asked the kernel for, in order: strace sees
// every write, sync and rename, also those of libraries.
type recording []call

// call is one system call. A sync counts when it is over; everything else when
// it begins, since it may have happened from then on.
type call struct {
	name string
	path string // of its file; for renames where it was
	to   string // for renames
	data []byte // written
	at   int64  // where it was written, or the new size
}

// traced calls are those that change files, and those that answer.
const traced = "trace=write,pwrite64,copy_file_range,sendfile,fsync,fdatasync,ftruncate,fallocate,rename,renameat,renameat2,link,linkat"

// strace returns the command that records into a file, or skips the test.
func strace(tb testing.TB, output string) []string {
	tb.Helper()
	program, err := exec.LookPath("strace")
	if err != nil {
		tb.Skip("strace records what is written, and is not on this machine")
	}
	command := []string{program, "-f", "--seccomp-bpf", "-qq", "-y", "-xx", "-s", "100000000", "-e", traced, "-e", "signal=none", "-o", output}
	if err := exec.Command(program, "-qq", "-o", os.DevNull, "true").Run(); err != nil {
		tb.Skipf("strace may not work here: %v", err)
	}
	return command
}

var (
	callForm    = regexp.MustCompile(`^(\d+) +(\w+)\((.*)$`)
	resumedForm = regexp.MustCompile(`^(\d+) +<\.\.\. (\w+) resumed>.*= 0$`)
	fileForm    = regexp.MustCompile(`^-?\w+<([^>]*)>`)
	quotedForm  = regexp.MustCompile(`"((?:\\x[0-9a-f]{2})*)"`)
	numberForm  = regexp.MustCompile(`, (\d+)(?:\) += \d+| <unfinished \.\.\.>)$`)
)

// readRecording reads what strace wrote.
func readRecording(tb testing.TB, file string) (all recording) {
	tb.Helper()
	f, err := os.Open(file)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	syncing := map[string]call{} // by thread
	for r := bufio.NewReaderSize(f, 1<<20); ; {
		line, err := r.ReadString('\n')
		if err == io.EOF {
			return all
		} else if err != nil {
			tb.Fatal(err)
		}
		line = strings.TrimSuffix(line, "\n")
		if m := resumedForm.FindStringSubmatch(line); m != nil {
			if c, ok := syncing[m[1]]; ok && c.name == m[2] {
				all = append(all, c)
				delete(syncing, m[1])
			}
			continue
		}
		m := callForm.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		c := call{name: m[2]}
		c.read(tb, m[3])
		switch waits := strings.HasSuffix(line, "<unfinished ...>"); {
		case strings.HasSuffix(c.name, "sync") && waits:
			syncing[m[1]] = c
		case waits || !strings.Contains(line, ") = -1"):
			all = append(all, c)
		}
	}
}

// read reads the arguments of a call.
func (c *call) read(tb testing.TB, text string) {
	if m := fileForm.FindStringSubmatch(text); m != nil {
		c.path = unhex(tb, m[1])
	}
	quoted := quotedForm.FindAllStringSubmatch(text, 2)
	switch {
	case strings.HasPrefix(c.name, "rename") || strings.HasPrefix(c.name, "link"):
		if len(quoted) == 2 {
			c.path, c.to = unhex(tb, quoted[0][1]), unhex(tb, quoted[1][1])
		}
	case len(quoted) > 0:
		c.data = []byte(unhex(tb, quoted[0][1]))
	}
	if m := numberForm.FindStringSubmatch(text); m != nil {
		c.at, _ = strconv.ParseInt(m[1], 10, 64)
	}
}

func unhex(tb testing.TB, text string) string {
	b, err := hex.DecodeString(strings.ReplaceAll(text, `\x`, ""))
	if err != nil {
		return text // strace leaves some names as they are
	}
	return string(b)
}

// answers reports whether the program says something to somebody with it.
func (c *call) answers(text string) bool {
	return c.name == "write" && strings.Contains(string(c.data), text)
}

// stop ends a service as systemd does, also one under strace.
func (r *running) stop(tb testing.TB) {
	tb.Helper()
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", r.cmd.Process.Pid, r.cmd.Process.Pid))
	if err != nil {
		tb.Fatal(err)
	}
	if len(children) == 0 {
		_ = r.cmd.Process.Signal(syscall.SIGTERM)
	}
	for _, pid := range strings.Fields(string(children)) {
		if n, err := strconv.Atoi(pid); err == nil {
			_ = syscall.Kill(n, syscall.SIGTERM)
		}
	}
	select {
	case <-r.ended:
	case <-time.After(30 * time.Second):
		r.kill()
		tb.Fatalf("it does not end:\n%s", r.text())
	}
}

// TestNamesAreGivenLast lets the program make, back up, restore and compact
// data: a file gets the name under which it is looked for only when all that
// was written to it is on the disk, and the directory follows.
func TestNamesAreGivenLast(t *testing.T) {
	output := filepath.Join(t.TempDir(), "calls")
	v := &victim{TB: t, binary: build(t), dir: filepath.Join(t.TempDir(), "data"), under: strace(t, output)}
	v.withLoTW()
	r := v.start()
	v.healthy(r)
	v.account()
	if _, err := r.call("POST", "/api/import", v.batch(50)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.call("POST", "/api/db/backup", nil); err != nil {
		t.Fatal(err)
	}
	r.stop(t)
	checkNames(t, v.dir, readRecording(t, output), ".db", ".adi", "seal.key", "qslbox.db")
	backups, err := filepath.Glob(filepath.Join(v.dir, "backup", "qslbox-*.db"))
	if err != nil || len(backups) != 1 {
		t.Fatal(backups, err)
	}
	copied := filepath.Join(v.dir, "copy.db")
	for _, c := range [][]string{{"db", "backup", copied}, {"db", "restore", copied}, {"db", "compact"}, {"db", "salvage", copied, "-o", filepath.Join(v.dir, "salvaged.db")}} {
		args := append(slices.Clone(v.under[1:]), append([]string{v.binary, "--data", v.dir}, c...)...)
		if out, err := exec.Command(v.under[0], args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", c, err, out)
		}
		checkNames(t, v.dir, readRecording(t, output), ".db")
	}
}

// checkNames looks at every name that was given in a directory. The first of
// want have to be among them by their ends.
func checkNames(t *testing.T, dir string, all recording, want ...string) {
	t.Helper()
	unsynced := map[string]bool{}
	given := []string{}
	for i, c := range all {
		switch {
		case strings.HasSuffix(c.name, "sync"):
			delete(unsynced, c.path)
		case c.to != "" && strings.HasPrefix(filepath.Base(c.to), "."): // not a name that is looked for
			unsynced[c.to] = unsynced[c.path]
		case c.to != "" && strings.HasPrefix(c.to, dir+"/"):
			given = append(given, c.to)
			if unsynced[c.path] {
				t.Errorf("%s becomes %s before what was written to it is on the disk", c.path, c.to)
			}
			if !slices.ContainsFunc(all[i:], func(c call) bool { return c.name == "fsync" && c.path == filepath.Dir(all[i].to) }) {
				t.Errorf("the directory of %s is never brought to the disk", c.to)
			}
		case c.to == "":
			unsynced[c.path] = true
		}
	}
	for _, end := range want {
		if !slices.ContainsFunc(given, func(name string) bool { return strings.HasSuffix(name, end) }) {
			t.Errorf("no name %s was given, only %q", end, given)
		}
	}
}
