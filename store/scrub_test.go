package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"qslbox/qso"
)

// TestScrubComparesMemoryWithFile changes the log in memory behind the store's
// back.
func TestScrubComparesMemoryWithFile(t *testing.T) {
	s, l := mainBook(t)
	ctx := context.Background()
	importLog(t, l, 1300)
	log, err := l.Columns(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var told []int
	r, err := s.Scrub(ctx, func(done int) { told = append(told, done) })
	if err != nil || !r.OK() || r.Compared != 1300 || len(told) != 3 || s.ScrubFindings() != nil {
		t.Errorf("%+v, %v, told %v", r, err, told)
	}
	q, err := l.Get(600)
	if err != nil {
		t.Fatal(err)
	}
	q = q.Clone()
	q.CQZ++
	log.Put(q)
	log.Delete(700)
	r, err = s.Scrub(ctx, nil)
	if err != nil || r.Count != 3 { // the number of QSOs is wrong too
		t.Fatalf("%+v, %v", r, err)
	}
	for i, want := range []string{"QSO 600: memory and file differ in: zones", "QSO 700: memory and file differ in: row", "1299 QSOs in memory, 1300"} {
		if !strings.Contains(r.Damaged[i], want) {
			t.Errorf("%q, want %q in it", r.Damaged[i], want)
		}
	}
	if found := s.ScrubFindings(); found == nil || found.Count != 3 {
		t.Errorf("remembered: %+v", found)
	}
	dir := s.Dir()
	closeOf(t, l)
	s = open(t, dir)
	if found := s.ScrubFindings(); found == nil {
		t.Error("a restart forgets what the scrub found")
	}
	if r, err := s.Scrub(ctx, nil); err != nil || !r.OK() || s.ScrubFindings() != nil {
		t.Errorf("after a restart: %+v, %v", r, err)
	}
}

// TestScrubFindsEveryFlippedByte flips one byte in each of 1,000 values.
func TestScrubFindsEveryFlippedByte(t *testing.T) {
	path := aFile(t, 1001)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := flip(t, path, data); n != 1000 {
		t.Fatalf("%d values", n)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := open(t, filepath.Dir(path)).Scrub(context.Background(), nil)
	if err != nil || r.Count != 1000 {
		t.Errorf("%d of 1000 found, %v", r.Count, err)
	}
}

// TestFingerprint moves with what a backup is for, and with nothing else.
func TestFingerprint(t *testing.T) {
	s, l := mainBook(t)
	importLog(t, l, 50)
	last := ""
	for _, c := range []struct {
		name  string
		do    func() error
		moves bool
	}{
		{"at first", func() error { return nil }, true},
		{"nothing", func() error { return nil }, false},
		{"a mark", func() error { return s.PutRecord("meta", "scrubbed", []byte("x")) }, false},
		{"a session", func() error { return s.PutRecord("session", "x", []byte("x")) }, false},
		{"a user", func() error { return s.PutRecord("user", "eva", []byte("x")) }, true},
		{"a QSO", func() error { importADIF(t, l, contactWith("DL1ABC", "1015")); return nil }, true},
		{"a deleted QSO", func() error { return l.Delete(context.Background(), 3, 0, "me") }, true},
		{"settings", func() error { return l.SetSettings(qso.Settings{DefaultOwn: "W1AAA"}) }, true},
		{"a logbook", func() error { return s.CreateLogbook("club") }, true},
	} {
		if err := c.do(); err != nil {
			t.Fatal(err)
		}
		now, err := s.Fingerprint(context.Background())
		if err != nil || (now != last) != c.moves {
			t.Errorf("%s: %q to %q, %v", c.name, last, now, err)
		}
		last = now
	}
	if err := errors.Join(s.BackedUp("b.db "+last), s.BackedUp("")); err != nil || s.BackupOf() != "b.db "+last || !s.LastBackup().Equal(noon) {
		t.Errorf("the backup is of %q, want %q, %v", s.BackupOf(), last, err)
	}
	closeOf(t, l)
	if now, err := open(t, s.Dir()).Fingerprint(context.Background()); err != nil || now != last {
		t.Errorf("after a restart: %q, %v", now, err)
	}
}
