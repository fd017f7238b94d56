package store_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/store"
)

func TestCompact(t *testing.T) {
	s, l := mainBook(t)
	ctx := context.Background()
	importLog(t, l, 5000)
	for id := range uint64(200) {
		if err := l.Delete(ctx, id+1, 0, "me"); err != nil {
			t.Fatal(err)
		}
	}
	want, dir := stored(t, l), s.Dir()
	if _, _, err := store.Compact(dir); !errors.Is(err, store.ErrLocked) {
		t.Errorf("while it is open: %v", err)
	}
	closeOf(t, l)
	before, after, err := store.Compact(dir)
	if err != nil || after > before/2 {
		t.Fatalf("%d to %d bytes, %v", before, after, err)
	}
	s = open(t, dir)
	l = book(t, s, store.MainLogbook)
	if stored(t, l) != want || l.Size() != 4800 {
		t.Error("the QSOs differ")
	}
	if got := importADIF(t, l, contactWith("DL1ABC", "1015")); got.Added != 1 {
		t.Error(counts(got))
	}
	if q, err := l.Get(5001); err != nil || q.Call != "DL1ABC" {
		t.Errorf("the next id: %+v, %v", q, err)
	}
	if _, _, err := store.Compact(t.TempDir()); !errors.Is(err, store.ErrNoData) {
		t.Errorf("no data: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".compact*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// aDamagedFile is a closed file with two logbooks, and what is in it.
func aDamagedFile(tb testing.TB, damage func(data []byte)) (path, mainQSOs, clubQSOs string) {
	tb.Helper()
	s, l := mainBook(tb)
	if err := s.CreateLogbook("club"); err != nil {
		tb.Fatal(err)
	}
	club := book(tb, s, "club")
	importLog(tb, l, 1500)
	importADIF(tb, club, contactWith("W1AAA", "1016"))
	if err := l.Delete(context.Background(), 700, 0, "me"); err != nil {
		tb.Fatal(err)
	}
	if _, err := l.Edit(context.Background(), 701, 0, "me", func(q *qso.QSO) error { q.Set(qso.FieldName, "Eva"); return nil }); err != nil {
		tb.Fatal(err)
	}
	mainQSOs, clubQSOs = stored(tb, l), stored(tb, club)
	closeOf(tb, l)
	path = filepath.Join(s.Dir(), store.FileName)
	data, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	damage(data)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path, mainQSOs, clubQSOs
}

func TestSalvage(t *testing.T) {
	page := func(data []byte, i int) []byte { return data[i*4096 : (i+1)*4096] }
	cases := []struct {
		name     string
		damage   func(data []byte)
		complete bool // all that is in use was read
	}{
		{"nothing is damaged", func([]byte) {}, true},
		{"both meta pages are lost", func(data []byte) { clear(page(data, 0)); clear(page(data, 1)) }, false},
		{"every branch page is lost", func(data []byte) {
			for i := range len(data) / 4096 {
				if p := page(data, i); binary.NativeEndian.Uint16(p[8:]) == 1 {
					clear(p)
				}
			}
		}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path, mainQSOs, clubQSOs := aDamagedFile(t, c.damage)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			r, err := store.Salvage(path, filepath.Join(dir, store.FileName))
			if err != nil {
				t.Fatal(err)
			}
			if doubt := c.name == "every branch page is lost"; doubt != (len(r.MaybeDeleted) > 0) {
				t.Errorf("may be deleted: %v", r.MaybeDeleted)
			}
			if !r.Check.OK() || r.QSOs != 1500 || r.Complete != c.complete {
				t.Errorf("%+v, check %+v", r, r.Check)
			}
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
				t.Errorf("the damaged file was changed (%v)", err)
			}
			s := open(t, dir)
			if diff := cmp.Diff(mainQSOs, stored(t, book(t, s, store.MainLogbook))); diff != "" {
				t.Errorf("main (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(clubQSOs, stored(t, book(t, s, "club"))); diff != "" {
				t.Errorf("club (-want +got):\n%s", diff)
			}
			if got := importLog(t, book(t, s, store.MainLogbook), 1500); got.Added != 0 || got.Skipped != 1 {
				t.Error("the same import:", counts(got))
			}
			if got := importADIF(t, book(t, s, store.MainLogbook), contactWith("JA1ZZZ", "1015")); got.Added != 1 {
				t.Error(counts(got))
			}
			if q, err := book(t, s, store.MainLogbook).Get(1501); err != nil || q.Call != "JA1ZZZ" {
				t.Errorf("the next id: %+v, %v", q, err)
			}
		})
	}
}

func TestSalvageRefuses(t *testing.T) {
	path, _, _ := aDamagedFile(t, func([]byte) {})
	if _, err := store.Salvage(path, path); err == nil {
		t.Error("onto itself")
	}
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, make([]byte, 8192), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Salvage(empty, filepath.Join(t.TempDir(), "new")); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("nothing to salvage: %v", err)
	}
	open(t, filepath.Dir(path))
	if _, err := store.Salvage(path, filepath.Join(t.TempDir(), "new")); !errors.Is(err, store.ErrLocked) {
		t.Errorf("while it is open: %v", err)
	}
}

// TestCompactOnAFullDisk runs out of room in the middle: the old file stays, to
// the byte, and the half copy goes.
func TestCompactOnAFullDisk(t *testing.T) {
	if !apart(t) {
		return
	}
	s, l := mainBook(t)
	importLog(t, l, 20_000)
	path := filepath.Join(s.Dir(), store.FileName)
	closeOf(t, l)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, room := range []int64{64 << 10, 1 << 20, 2 << 20} {
		free := limitFiles(t, room)
		_, _, err = store.Compact(filepath.Dir(path))
		free()
		if err == nil {
			t.Errorf("%d bytes of room were enough", room)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
			t.Errorf("with %d bytes of room the file was touched (%v)", room, err)
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".compact*")); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
	}
	if _, _, err := store.Compact(filepath.Dir(path)); err != nil {
		t.Errorf("with room again: %v", err)
	}
}
