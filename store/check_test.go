package store_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"qslbox/monitor"
	"qslbox/qso"
	"qslbox/qso/intake"
	"qslbox/stats"
	"qslbox/store"
)

// aFile is a closed data file with n QSOs.
func aFile(tb testing.TB, n int) (path string) {
	tb.Helper()
	s, l := mainBook(tb)
	importLog(tb, l, n)
	if err := l.Delete(context.Background(), 1, 0, "me"); err != nil {
		tb.Fatal(err)
	}
	if err := s.Close(); err != nil {
		tb.Fatal(err)
	}
	return filepath.Join(s.Dir(), store.FileName)
}

func TestCheckFile(t *testing.T) {
	path := aFile(t, 3000)
	r, err := store.CheckFile(path)
	if err != nil || !r.OK() || r.QSOs != 2999 || r.Values < 3000 || r.Bytes == 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := store.CheckFile(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.CheckFile(empty); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("empty file: %v", err)
	}
}

// flip damages one byte of each QSO's value, wherever the file has it (pages
// that are free now may hold the same value), and returns how many there are.
func flip(tb testing.TB, path string, data []byte) (values int) {
	tb.Helper()
	s := open(tb, filepath.Dir(path))
	defer func() { _ = s.Close() }()
	data = bytes.TrimRight(data, "\x00") // what was never written
	random := rand.New(rand.NewPCG(1, 2))
	if err := s.EachValue(store.MainLogbook, "qso", func(_, value []byte) {
		values++
		offset, bits := random.IntN(len(value)), byte(1+random.IntN(255))
		for from := 0; ; {
			at := bytes.Index(data[from:], value)
			if at < 0 {
				return
			}
			data[from+at+offset] ^= bits
			from += at + len(value)
		}
	}); err != nil {
		tb.Fatal(err)
	}
	return values
}

func TestCheckFindsEveryFlippedByteOfAValue(t *testing.T) {
	path := aFile(t, 500)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	values := flip(t, path, data)
	if values != 499 {
		t.Fatalf("%d values found", values)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := store.CheckFile(path)
	if err != nil || r.Count != values || len(r.Damaged) != 100 {
		t.Fatalf("%d of %d found, %v", r.Count, values, err)
	}
	s := open(t, filepath.Dir(path))
	if r, err = s.Scrub(context.Background(), nil); err != nil || r.Count != values || !s.LastScrub().IsZero() {
		t.Errorf("scrub: %+v, %v", r, err)
	}
	l := book(t, s, store.MainLogbook)
	if image(t, l); len(l.Damaged()) != values {
		t.Errorf("%d damaged QSOs are known", len(l.Damaged()))
	}
	if _, err := l.Get(2); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("a damaged QSO: %v", err)
	}
}

// TestCheckSurvivesAnyDamage flips bits anywhere: nothing may fall over, and
// what is opened nevertheless is no worse than before.
func TestCheckSurvivesAnyDamage(t *testing.T) {
	path := aFile(t, 300)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var pages []int // that were ever written
	for at := 0; at+4096 <= len(data); at += 4096 {
		if id := int(binary.NativeEndian.Uint64(data[at:])); id != 0 && id*4096 == at {
			pages = append(pages, at)
		}
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	random := rand.New(rand.NewPCG(3, 4))
	found, rounds := 0, 600
	for range rounds {
		at := pages[random.IntN(len(pages))] + random.IntN(200) // headers and elements
		if _, err := f.WriteAt([]byte{data[at] ^ 1<<random.IntN(8)}, int64(at)); err != nil {
			t.Fatal(err)
		}
		if r, err := store.CheckFile(path); err != nil || !r.OK() {
			found++
		}
		if _, err := f.WriteAt(data[at:at+1], int64(at)); err != nil {
			t.Fatal(err)
		}
	}
	if found < rounds/4 { // about half of the pages are free
		t.Errorf("%d of %d damages found", found, rounds)
	}
	t.Logf("%d of %d damages found", found, rounds)
}

func TestScrub(t *testing.T) {
	s, l := mainBook(t)
	importLog(t, l, 100)
	r, err := s.Scrub(context.Background(), nil)
	if err != nil || !r.OK() || r.QSOs != 100 || !s.LastScrub().Equal(noon) {
		t.Errorf("%+v, %v, last %v", r, err, s.LastScrub())
	}
}

// TestCrashBackupUnderWrites makes backups while somebody writes, restores each,
// and compares what it exports with what the log held at that moment: QSOs are
// only added, so that is the beginning of what it holds at the end.
func TestCrashBackupUnderWrites(t *testing.T) {
	n := 5
	if os.Getenv("QSLBOX_CRASH") != "" {
		n = 200
	}
	s, l := mainBook(t)
	ctx := context.Background()
	importLog(t, l, 1000)
	stop, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- writeOn(ctx, l, stop) }()
	dir := t.TempDir()
	for i := range n {
		path := filepath.Join(dir, fmt.Sprint(i))
		r, err := s.Backup(ctx, path)
		if err != nil || !r.OK() || r.QSOs < 1000 || r.File != fmt.Sprint(i) {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	close(stop)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if !s.LastBackup().Equal(noon) {
		t.Errorf("last backup %v", s.LastBackup())
	}
	if _, err := s.Backup(ctx, filepath.Join(s.Dir(), store.FileName)); err == nil {
		t.Error("a backup onto the data file")
	}
	whole := exported(t, l)
	for i := range n {
		restored := filepath.Join(t.TempDir(), "restored")
		if _, err := store.Restore(filepath.Join(dir, fmt.Sprint(i)), restored, noon); err != nil {
			t.Fatal(err)
		}
		b := book(t, open(t, restored), store.MainLogbook)
		if got := exported(t, b); len(got) < 1000 || len(got) > len(whole) || !slices.Equal(got, whole[:len(got)]) {
			t.Errorf("backup %d: %d QSOs, which are not the first of the log", i, len(got))
		}
		closeOf(t, b)
		_ = os.RemoveAll(restored)
	}
	if r, err := s.Scrub(ctx, nil); err != nil || !r.OK() {
		t.Errorf("%+v, %v", r, err)
	}
	t.Logf("%d backups of up to %d QSOs, all the same as the log", n, len(whole))
}

// writeOn adds one QSO after the other.
func writeOn(ctx context.Context, l *store.Logbook, stop <-chan struct{}) error {
	q := &qso.QSO{Call: "DL1ABC", Start: qso.TimeOf(noon), Mode: qso.Mode{Name: "CW"}}
	for {
		select {
		case <-stop:
			return nil
		default:
		}
		q.Start += 60
		if _, err := l.Merge(ctx, []*qso.QSO{q.Clone()}, intake.MergeOptions{}); err != nil {
			return err
		}
	}
}

// exported is a logbook as ADIF, one text a QSO.
func exported(tb testing.TB, l *store.Logbook) (out []string) {
	tb.Helper()
	for _, q := range allQSOs(tb, l) {
		var b strings.Builder
		for f := range q.ADIF() {
			fmt.Fprintf(&b, "%v ", f)
		}
		out = append(out, b.String())
	}
	return out
}

func TestRestoreBackup(t *testing.T) {
	s, l := mainBook(t)
	ctx := context.Background()
	importLog(t, l, 100)
	backup := filepath.Join(t.TempDir(), "backup")
	if _, err := s.Backup(ctx, backup); err != nil {
		t.Fatal(err)
	}
	importADIF(t, l, contactWith("DL1ABC", "1015"))
	if _, err := store.Restore(backup, s.Dir(), noon); !errors.Is(err, store.ErrLocked) {
		t.Errorf("onto data in use: %v", err)
	}
	closeOf(t, l)
	kept, err := store.Restore(backup, s.Dir(), noon)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := store.CheckFile(kept); err != nil || r.QSOs != 101 {
		t.Errorf("what was there before: %+v, %v", r, err)
	}
	if got := book(t, open(t, s.Dir()), store.MainLogbook).Size(); got != 100 {
		t.Errorf("%d QSOs after the restore", got)
	}
	fresh := filepath.Join(t.TempDir(), "new")
	if kept, err := store.Restore(backup, fresh, noon); err != nil || kept != "" {
		t.Errorf("into an empty place: %q, %v", kept, err)
	}
	data, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(backup, data[:len(data)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Restore(backup, fresh, noon); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("half a backup: %v", err)
	}
	if got := book(t, open(t, fresh), store.MainLogbook).Size(); got != 100 {
		t.Errorf("%d QSOs after a refused restore", got)
	}
}

func TestSnapshots(t *testing.T) {
	s, _ := mainBook(t)
	want := stats.Snapshot{Logbook: "main", Name: "dashboard", Generation: 7, Computed: noon, Expires: noon.Add(time.Hour), Hash: "abc", Body: []byte(`{"total":1}`)}
	if _, found, err := s.LoadSnapshot("main", "dashboard"); found || err != nil {
		t.Errorf("%v, %v", found, err)
	}
	if err := s.SaveSnapshot(want); err != nil {
		t.Fatal(err)
	}
	dir := s.Dir()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	got, found, err := s.LoadSnapshot("main", "dashboard")
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(stats.Snapshot{})); diff != "" || !found || err != nil {
		t.Errorf("%v, %v (-want +got):\n%s", found, err, diff)
	}
	if _, _, err := s.LoadSnapshot("other", "dashboard"); !errors.Is(err, qso.ErrNoLogbook) {
		t.Errorf("no such logbook: %v", err)
	}
}

func TestRecords(t *testing.T) {
	s, _ := mainBook(t)
	for _, id := range []string{"eva", "adam"} {
		if err := s.PutRecord("user", id, []byte("data of "+id)); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	each := func(id string, data []byte) error {
		if _, _, err := s.GetRecord("user", id); err != nil { // the store may be used meanwhile
			return err
		}
		got = append(got, id+": "+string(data))
		return s.PutRecord("user", id, nil)
	}
	if err := s.EachRecord("user", each); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"adam: data of adam", "eva: data of eva"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if data, found, err := s.GetRecord("user", "eva"); data != nil || found || err != nil {
		t.Errorf("%q, %v, %v", data, found, err)
	}
	commits := s.Commits()
	if err := s.PutRecord("user", "eva", nil); err != nil || s.Commits() != commits {
		t.Errorf("removed twice: %v, %d commits", err, s.Commits()-commits)
	}
	if err := s.PutRecord("log", "x", []byte("y")); err == nil {
		t.Error("a record among the logbooks")
	}
	if err := s.PutRecord("nonsense", "x", []byte("y")); err == nil {
		t.Error("a record of no kind")
	}
}

func TestBaselines(t *testing.T) {
	s, _ := mainBook(t)
	a, b := monitor.Baseline{Operation: "one"}, monitor.Baseline{Operation: "two"}
	if err := s.SaveBaselines([]monitor.Baseline{a, b}, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveBaselines(nil, []monitor.Baseline{a}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Baselines()
	if diff := cmp.Diff([]monitor.Baseline{b}, got, cmpopts.IgnoreUnexported(monitor.Baseline{})); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestFileIsCutWhileOpen takes the pages away under an open store: reading
// fails with an error, and the process lives.
func TestFileIsCutWhileOpen(t *testing.T) {
	s, l := mainBook(t)
	importLog(t, l, 3000)
	dir := s.Dir()
	closeOf(t, l)
	l = book(t, open(t, dir), store.MainLogbook)
	if err := os.Truncate(filepath.Join(dir, store.FileName), 8<<10); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	calls := map[string]func() error{
		"columns": func() error { _, err := l.Columns(ctx); return err },
		"get":     func() error { _, err := l.Get(1500); return err },
		"scan":    func() error { return l.Scan(ctx, 0, func(*qso.QSO) bool { return true }) },
		"scrub":   func() error { _, err := l.Store().Scrub(ctx, nil); return err },
		"probe":   func() error { return l.Store().Probe() },
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, store.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for range 2 { // a write, too, comes back, and again
		if err := l.Touch(ctx); !errors.Is(err, store.ErrDamaged) {
			t.Errorf("touch: %v", err)
		}
	}
	if err := l.Store().Probe(); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("probe: %v", err)
	}
}
