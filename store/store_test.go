package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/qso/intake"
	"qslbox/store"
)

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "qslbox")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	s, err := store.Open(ctx, store.Config{Dir: dir, Now: now, Create: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	log, err := s.Logbook(store.MainLogbook)
	if err != nil {
		fmt.Println(err)
		return
	}
	text := contactWith("DL1ABC", "1015", "STATION_CALLSIGN", "DK9XYZ")
	account, err := intake.File(ctx, bytes.NewReader(text), intake.Options{Config: intake.Config{Now: now}}, log)
	if err != nil {
		fmt.Println(err)
		return
	}
	q, err := log.Get(1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(account.Added, q.Call, q.Start, s.Generation(store.MainLogbook))
	// Output: 1 DL1ABC 2025-03-14T10:15:00Z 2
}

func TestOpenWhatIsThere(t *testing.T) {
	cases := []struct {
		name    string
		content []byte // nil: no file
		create  bool
		want    error
	}{
		{"nothing, may not be made", nil, false, store.ErrNoData},
		{"empty file", []byte{}, true, store.ErrDamaged},
		{"a few bytes", []byte("not a database"), true, store.ErrDamaged},
		{"pages of garbage", bytes.Repeat([]byte("garbage!"), 4096), true, store.ErrDamaged},
		{"pages of zeros", make([]byte, 64<<10), true, store.ErrDamaged},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, store.FileName)
			if c.content != nil {
				if err := os.WriteFile(path, c.content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			s, err := store.Open(context.Background(), store.Config{Dir: dir, Now: now, Create: c.create})
			if !errors.Is(err, c.want) || s != nil {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if after, err := os.ReadFile(path); err == nil && !bytes.Equal(after, c.content) {
				t.Error("the file was changed")
			}
		})
	}
}

func TestOpenForeignDatabase(t *testing.T) {
	dir := t.TempDir()
	db, err := bbolt.Open(filepath.Join(dir, store.FileName), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(context.Background(), store.Config{Dir: dir, Now: now}); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("got %v", err)
	}
}

func TestOpenLocked(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	start := time.Now()
	_, err := store.Open(context.Background(), store.Config{Dir: dir, Now: now})
	if !errors.Is(err, store.ErrLocked) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
	if _, err := store.CheckFile(filepath.Join(dir, store.FileName)); !errors.Is(err, store.ErrLocked) {
		t.Errorf("check: got %v", err)
	}
}

func TestOpenNewerSchema(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.SetSchema("2"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(context.Background(), store.Config{Dir: dir, Now: now}); !errors.Is(err, store.ErrNewerSchema) {
		t.Errorf("got %v", err)
	}
	after, err := os.ReadFile(filepath.Join(dir, store.FileName))
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was changed (%v)", err)
	}
}

func TestClosed(t *testing.T) {
	s, l := mainBook(t)
	importLog(t, l, 10)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Get(1); err == nil {
		t.Error("Get after Close: no error")
	}
	if err := l.Delete(context.Background(), 1, 0, "me"); err == nil {
		t.Error("Delete after Close: no error")
	}
}

func TestRestartKeepsEverything(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	l := book(t, s, store.MainLogbook)
	settings := qso.Settings{DefaultOwn: "DK9XYZ", Grid: "JO31"}
	if err := l.SetSettings(settings); err != nil {
		t.Fatal(err)
	}
	importLog(t, l, 2000)
	wantImage, wantStored, wantGeneration := image(t, l), stored(t, l), s.Generation(store.MainLogbook)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	l = book(t, s, store.MainLogbook)
	if l.Size() != 2000 {
		t.Errorf("size %d before the columns are loaded", l.Size())
	}
	if diff := cmp.Diff(wantImage, image(t, l)); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	if stored(t, l) != wantStored {
		t.Error("the stored QSOs differ")
	}
	if got := s.Generation(store.MainLogbook); got != wantGeneration {
		t.Errorf("generation %d, want %d", got, wantGeneration)
	}
	if diff := cmp.Diff(settings, l.Settings()); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestLogbooksDoNotSeeEachOther(t *testing.T) {
	s, l := mainBook(t)
	if err := s.CreateLogbook("club"); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateLogbook("club"); !errors.Is(err, qso.ErrLogbookExists) {
		t.Errorf("again: %v", err)
	}
	if err := s.CreateLogbook("Club"); !errors.Is(err, qso.ErrLogbookName) {
		t.Errorf("bad name: %v", err)
	}
	club := book(t, s, "club")
	importADIF(t, l, contactWith("DL1ABC", "1015"))
	before := s.Generation(store.MainLogbook)
	if got := counts(importADIF(t, club, append(contactWith("DL1ABC", "1015"), contactWith("W1AAA", "1016")...))); got != "read 2, added 2, updated 0, unchanged 0, skipped 0, rejected 0" {
		t.Error(got)
	}
	if l.Size() != 1 || club.Size() != 2 || s.Generation(store.MainLogbook) != before {
		t.Errorf("sizes %d and %d, generation %d, want 1, 2, %d", l.Size(), club.Size(), s.Generation(store.MainLogbook), before)
	}
	if diff := cmp.Diff([]string{"main", "club"}, s.Logbooks()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := s.RemoveLogbook("club"); err != nil {
		t.Fatal(err)
	}
	checkRemoved(t, club)
	if err := s.RemoveLogbook(store.MainLogbook); err == nil {
		t.Error("main was removed")
	}
}

// checkRemoved calls what a handler might still call on a removed logbook.
func checkRemoved(t *testing.T, l *store.Logbook) {
	t.Helper()
	ctx := context.Background()
	calls := map[string]func() error{
		"get":      func() error { _, err := l.Get(1); return err },
		"history":  func() error { _, err := l.History(1); return err },
		"trash":    func() error { _, err := l.Trash(); return err },
		"empty":    func() error { _, err := l.EmptyTrash(ctx); return err },
		"listed":   func() error { _, err := l.Listed(qso.LoTW); return err },
		"runs":     func() error { _, err := l.Runs(qso.LoTW, 1); return err },
		"run":      func() error { _, _, err := l.Run(qso.LoTW, 1); return err },
		"edits":    func() error { _, err := l.ManyEdits(); return err },
		"undo":     func() error { _, err := l.UndoMany(ctx, 1, "me"); return err },
		"delete":   func() error { return l.Delete(ctx, 1, 0, "me") },
		"touch":    func() error { return l.Touch(ctx) },
		"settings": func() error { return l.SetSettings(qso.Settings{}) },
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, qso.ErrNoLogbook) {
			t.Errorf("%s of a removed logbook: %v", name, err)
		}
	}
}
