package main_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// repair is a command that mends data, on a disk whose power can be cut.
type repair struct {
	*victim
	disk     *disk
	backup   string
	damaged  string
	salvaged string
	cut      map[string]int
	done     map[string]int // rounds that had ended before the cut
}

const (
	repairQSOs  = 3000 // in the backup
	repairSince = 100  // added afterwards
)

// TestCrashPowerCutInARepair cuts the power while db restore, db compact and db
// salvage work: afterwards the data file is the old one or the new one, whole;
// what was kept, the backup and the damaged file are as they were, and what
// bears the name of the salvaged file is whole.
func TestCrashPowerCutInARepair(t *testing.T) {
	n := rounds(t, "QSLBOX_REPAIR_CUTS", 0, 60)
	if n == 0 {
		t.Skip("long; set QSLBOX_CRASH=1")
	}
	for _, kind := range []string{"ext4", "xfs"} {
		t.Run(kind, func(t *testing.T) {
			r := newRepair(t, newDisk(t, kind))
			commands := map[string][]string{
				"restore": {"db", "restore", r.backup}, "compact": {"db", "compact"}, "salvage": {"db", "salvage", r.damaged, "-o", r.salvaged},
			}
			for name, args := range commands {
				began := time.Now()
				if _, err := r.command(args...); err != nil {
					t.Fatal(err)
				}
				took := time.Since(began)
				for i := range n {
					r.tidy()
					r.cutIn(name, args, time.Duration(rand.Int64N(int64(took)*5/4)))
					if t.Failed() {
						t.Fatalf("%s, cut %d", name, i)
					}
				}
			}
			t.Logf("%s: power cuts in repairs %v, of which the command had ended %v; each file old or new, and whole", kind, r.cut, r.done)
		})
	}
}

func newRepair(t *testing.T, d *disk) *repair {
	t.Helper()
	at := func(name string) string { return filepath.Join(d.dir, name) }
	r := &repair{
		victim: &victim{TB: t, binary: build(t), dir: at("data")}, disk: d, backup: at("backup.db"), damaged: at("damaged.db"), salvaged: at("salvaged.db"),
		cut: map[string]int{}, done: map[string]int{},
	}
	service := r.start()
	r.healthy(service)
	if _, err := service.call(http.MethodPost, "/api/import", r.large(repairQSOs)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.command("db", "backup", r.backup); err != nil {
		t.Fatal(err)
	}
	if !r.importOf(service, repairSince) {
		t.Fatal("nothing was imported")
	}
	service.stop(t)
	data, err := os.ReadFile(filepath.Join(r.dir, "qslbox.db"))
	if err != nil {
		t.Fatal(err)
	}
	clear(data[:2*os.Getpagesize()])
	if err := os.WriteFile(r.damaged, data, 0o600); err != nil {
		t.Fatal(err)
	}
	d.flush()
	return r
}

// tidy removes what a round left.
func (r *repair) tidy() {
	r.Helper()
	kept, _ := filepath.Glob(filepath.Join(r.dir, "*.before-restore-*"))
	for _, name := range append(kept, r.salvaged) {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			r.Error(err)
		}
	}
	r.disk.flush()
}

// flush writes what the file system has not written yet.
func (d *disk) flush() {
	d.Helper()
	f, err := os.Open(d.dir)
	if err != nil {
		d.Fatal(err)
	}
	defer f.Close()
	if err := unix.Syncfs(int(f.Fd())); err != nil {
		d.Fatal(err)
	}
}

// cutIn starts a command, cuts the power after some time, and looks at what is
// left.
func (r *repair) cutIn(name string, args []string, after time.Duration) {
	r.Helper()
	file := filepath.Join(r.dir, "qslbox.db")
	before, sums := r.count(file), r.sums()
	cmd := exec.Command(r.binary, append([]string{"--data", r.dir}, args...)...)
	cmd.Env = withoutOurs(os.Environ())
	if err := cmd.Start(); err != nil {
		r.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	time.Sleep(after)
	r.disk.cut()
	_ = cmd.Process.Kill()
	if <-ended == nil {
		r.done[name]++
	}
	r.cut[name]++
	r.disk.again()
	if got := r.count(file); got != before && (name != "restore" || got != repairQSOs) {
		r.Errorf("%d QSOs, there were %d", got, before)
	}
	kept, _ := filepath.Glob(file + ".before-restore-*")
	for _, other := range kept {
		if got := r.count(other); got != before {
			r.Errorf("%s holds %d QSOs, want %d", filepath.Base(other), got, before)
		}
	}
	if _, err := os.Stat(r.salvaged); err == nil && r.count(r.salvaged) < repairQSOs {
		r.Errorf("the salvaged file holds %d QSOs", r.count(r.salvaged))
	}
	if r.sums() != sums {
		r.Error("the backup or the damaged file is not what it was")
	}
}

// count checks a data file and returns how many QSOs it holds.
func (r *repair) count(path string) int {
	r.Helper()
	out, err := r.command("db", "check", "--json", path)
	var report struct{ QSOs int }
	if err != nil || json.NewDecoder(bytes.NewReader(out)).Decode(&report) != nil {
		r.Errorf("%v: %s", err, out)
	}
	return report.QSOs
}

// sums returns the checksums of the files that no repair may touch.
func (r *repair) sums() (sums [2][sha256.Size]byte) {
	r.Helper()
	for i, name := range []string{r.backup, r.damaged} {
		data, err := os.ReadFile(name)
		if err != nil {
			r.Fatal(err)
		}
		sums[i] = sha256.Sum256(data)
	}
	return sums
}
