package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/store"
)

// mostlyFree is a box whose data file has more than 64 MB, nearly all of it
// free, and what its log is.
func mostlyFree(t *testing.T) (b *box, log string) {
	t.Helper()
	b = newBox(t)
	b.ok("import", b.sample(300))
	b.ok("logbook", "add", "large")
	var large bytes.Buffer
	comment := strings.Repeat("x", 100_000)
	for i := range 700 {
		at := time.Date(2025, 1, 1, 0, i, 0, 0, time.UTC)
		large.WriteString("<CALL:6>DL1ABC <QSO_DATE:8>" + at.Format("20060102") + " <TIME_ON:4>" + at.Format("1504") + " <BAND:3>20m <MODE:2>CW <COMMENT:100000>" + comment + " <EOR>\n")
	}
	file := filepath.Join(t.TempDir(), "large.adi")
	if err := os.WriteFile(file, large.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	b.ok("--logbook", "large", "import", file)
	b.ok("logbook", "remove", "--yes", "large")
	if size := b.size(); size < compactFrom {
		t.Fatalf("the file has only %d bytes", size)
	}
	return b, b.ok("export", "--format", "json")
}

// size returns the size of the data file.
func (b *box) size() int64 {
	b.t.Helper()
	info, err := os.Stat(filepath.Join(b.dir, dataFileName))
	if err != nil {
		b.t.Fatal(err)
	}
	return info.Size()
}

// TestCompactionAtStart starts the service on a file of which more than half is
// free: the space is given back and nothing else changes. Where that cannot be
// done the file stays as it is, and the service starts all the same.
func TestCompactionAtStart(t *testing.T) {
	b, log := mostlyFree(t)
	inTheWay := filepath.Join(b.dir, ".compact.db", "x")
	if err := os.MkdirAll(inTheWay, 0o700); err != nil {
		t.Fatal(err)
	}
	before := b.size()
	_, stop := b.serve()
	if got := b.ok("export", "--format", "json"); got != log || b.size() != before {
		t.Errorf("where it cannot be done: %d bytes before, %d after (-want +got):\n%s", before, b.size(), cmp.Diff(log, got))
	}
	stop()
	if err := os.RemoveAll(filepath.Dir(inTheWay)); err != nil {
		t.Fatal(err)
	}
	_, stop = b.serve()
	defer stop()
	if got := b.ok("export", "--format", "json"); got != log {
		t.Errorf("(-want +got):\n%s", cmp.Diff(log, got))
	}
	if after := b.size(); after > before/4 {
		t.Errorf("%d bytes before, %d after", before, after)
	}
}

// TestKilledInACompaction kills it at any moment: the data are there under their
// name, the old ones or the new ones, and both are the same.
func TestKilledInACompaction(t *testing.T) {
	b := newBox(t)
	b.ok("import", b.sample(3000))
	log := b.ok("export", "--format", "json")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	compact := func(kill time.Duration) (whole bool) {
		cmd := exec.Command(self, "--data", b.dir, "db", "compact")
		cmd.Env = append(os.Environ(), asProgram+"=1")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(kill, func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
		return cmd.Wait() == nil
	}
	began := time.Now()
	if !compact(time.Minute) {
		t.Fatal("it does not even work without a kill")
	}
	took, kills, left := time.Since(began), 8, 0
	if os.Getenv("QSLBOX_CRASH") != "" {
		kills = 200
	}
	for n := range kills {
		compact(time.Duration(rand.Int64N(int64(took))))
		if _, err := os.Stat(filepath.Join(b.dir, ".compact.db")); err == nil {
			left++
		}
		r, err := store.CheckFile(filepath.Join(b.dir, dataFileName))
		if err != nil || !r.OK() || r.QSOs != 3000 {
			t.Fatalf("kill %d: %+v, %v", n, r, err)
		}
	}
	if got := b.ok("export", "--format", "json"); got != log {
		t.Errorf("(-want +got):\n%s", cmp.Diff(log, got))
	}
	if _, err := os.Stat(filepath.Join(b.dir, ".compact.db")); err == nil {
		t.Error("the half copy is still there")
	}
	t.Logf("%d kills in %v, %d of them left a half copy", kills, took, left)
}
