package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestWhichBackupsAreKept makes one a day for a year: the last days, weeks and
// months stay, and what a wrong clock dated.
func TestWhichBackupsAreKept(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 6, 17, 3, 0, 0, 0, time.UTC) // a Wednesday
	names := []string{"qslbox-20380101-000000.db", "qslbox-letter.db"}
	for day := range 365 {
		names = append(names, backupName(now.AddDate(0, 0, -day)))
	}
	names = append(names, backupName(now.Add(-2*time.Hour))) // a second one today
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // a second look finds nothing more to remove
		for _, b := range redundant(backupsIn(dir), now) {
			if err := os.Remove(b.path); err != nil {
				t.Fatal(err)
			}
		}
	}
	var left []string
	for _, b := range backupsIn(dir) {
		left = append(left, b.made.Format(time.DateOnly))
	}
	want := []string{
		"2038-01-01", "2026-06-17", "2026-06-16", "2026-06-15", "2026-06-14", "2026-06-13", "2026-06-12", "2026-06-11", // a week
		"2026-06-07", "2026-05-31", // Sundays end weeks
		"2026-04-30", "2026-03-31", "2026-02-28", "2026-01-31",
	}
	if diff := cmp.Diff(want, left); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	if _, err := os.Stat(filepath.Join(dir, "qslbox-letter.db")); err != nil {
		t.Error("a file that is no backup was removed")
	}
}

// handClock is a clock that a test moves.
type handClock struct{ at atomic.Int64 }

func clockAt(at time.Time) *handClock {
	c := &handClock{}
	c.set(at)
	return c
}

func (c *handClock) now() time.Time       { return time.Unix(0, c.at.Load()) }
func (c *handClock) set(at time.Time)     { c.at.Store(at.UnixNano()) }
func (c *handClock) move(d time.Duration) { c.at.Add(int64(d)) }

// keeping is an appliance whose clock a test moves.
func (b *box) keeping(clock *handClock) *appliance {
	b.t.Helper()
	env := b.environment("", &buffer{}, &buffer{})
	env.now = clock.now
	a, err := openAppliance(b.t.Context(), applianceConfig{dir: b.dir, env: env, create: true, address: func() string { return "" }})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = a.close() })
	return a
}

// TestScheduledBackup makes a backup when something has changed, and else
// checks the last one anew.
func TestScheduledBackup(t *testing.T) {
	b := newBox(t)
	b.ok("import", b.sample(100))
	clock := clockAt(time.Now())
	a := b.keeping(clock)
	dir := filepath.Join(b.dir, "backup")
	step := func(name string, files int) {
		t.Helper()
		clock.move(25 * time.Hour)
		if err := a.backups.scheduled(t.Context()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if n := len(backupsIn(dir)); n != files {
			t.Errorf("%s: %d backups, want %d", name, n, files)
		}
		if last := a.store.LastBackup(); !last.Equal(clock.now().UTC().Truncate(time.Second)) {
			t.Errorf("%s: the last backup is of %v, want %v", name, last, clock.now())
		}
	}
	step("the first", 1)
	step("nothing has changed", 1)
	if _, err := a.store.Logbook("main"); err != nil {
		t.Fatal(err)
	}
	if err := a.store.PutRecord("user", "eva", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	step("a user more", 2)
	newest := backupsIn(dir)[0].path
	if err := os.Truncate(newest, 20_000); err != nil {
		t.Fatal(err)
	}
	step("the last one is damaged", 3)
	if err := os.Remove(backupsIn(dir)[0].path); err != nil {
		t.Fatal(err)
	}
	step("the last one is gone", 3)
	adi, err := os.ReadFile(filepath.Join(dir, "main.adi"))
	if err != nil || bytes.Count(bytes.ToLower(adi), []byte("<eor>")) != 100 {
		t.Errorf("the plain copy: %v, %d bytes", err, len(adi))
	}
}

// TestBackupThatFails shows it in health until one is made.
func TestBackupThatFails(t *testing.T) {
	b := newBox(t)
	b.ok("import", b.sample(20))
	if err := os.WriteFile(filepath.Join(b.dir, "backup"), []byte("in the way"), 0o600); err != nil {
		t.Fatal(err)
	}
	clock := clockAt(time.Now())
	a := b.keeping(clock)
	problem := func() string {
		for _, p := range a.health.Verdict().Problems {
			if p.Name == "backup" {
				return p.Message
			}
		}
		return ""
	}
	if err := a.backups.scheduled(t.Context()); err == nil || !strings.Contains(problem(), "backup: the last one was not made") {
		t.Errorf("%v, health says %q", err, problem())
	}
	if err := os.Remove(filepath.Join(b.dir, "backup")); err != nil {
		t.Fatal(err)
	}
	if err := a.backups.scheduled(t.Context()); err != nil {
		t.Fatal(err)
	}
	clock.move(time.Minute) // checks are asked once a second
	if now := problem(); now != "" {
		t.Errorf("health still says %q", now)
	}
}

// TestScrubFindingsAreShown damages a value under a service.
func TestScrubFindingsAreShown(t *testing.T) {
	b := newBox(t)
	b.ok("import", b.sample(50))
	file := filepath.Join(b.dir, dataFileName)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.LastIndex(data, []byte("DL"))
	if at < 0 {
		t.Fatal("no call in the file")
	}
	for from := 0; ; { // wherever the page of it is
		i := bytes.Index(data[from:], data[at-8:at+8])
		if i < 0 {
			break
		}
		data[from+i+8] ^= 0x10
		from += i + 16
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	address, _ := b.serve()
	out, _, code := b.run("", "db", "scrub")
	if code != exitDamaged || !strings.Contains(out, "1 damaged") {
		t.Fatalf("scrub: exit %d, %s", code, out)
	}
	eventually(t, "health says so", func() bool {
		resp, body := get(t, address+"/api/health", "")
		var h recoveryHealth
		if err := json.Unmarshal([]byte(body), &h); err != nil {
			t.Fatal(err)
		}
		for _, p := range h.Problems {
			if p.Check == "scrub" && strings.Contains(p.Message, "restore a backup") {
				return resp.StatusCode == http.StatusOK && h.Status == "degraded"
			}
		}
		return false
	})
}
