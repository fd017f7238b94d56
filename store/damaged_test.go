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
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"qslbox/store"
)

const pageSize = 4096

// damagedFile is a way to spoil a data file.
type damagedFile struct {
	name string
	data func(good []byte) []byte
	// whole says that nothing that counts is lost: the file may be found clean,
	// but then has to hold what it held.
	whole bool
}

// page returns a page of a file.
func page(data []byte, i int) []byte { return data[i*pageSize : (i+1)*pageSize] }

// cutFiles end too early.
func cutFiles() (list []damagedFile) {
	for _, size := range []int{0, 1, 15, 511, 512, 4095, 4096, 4097, 8191, 8192, 12288, 16384, 20480, 24576} {
		list = append(list, damagedFile{fmt.Sprintf("cut off after %d bytes", size), func(good []byte) []byte { return good[:size] }, false})
	}
	for _, part := range []int{10, 25, 50, 75, 90, 99} {
		list = append(list, damagedFile{fmt.Sprintf("%d %% of it", part), func(good []byte) []byte { return good[:len(good)*part/100] }, true})
	}
	return list
}

// emptiedFiles lack pages.
func emptiedFiles() (list []damagedFile) {
	for _, pages := range [][]int{{0}, {1}, {0, 1}, {2}, {3}, {0, 2}, {4, 5, 6, 7}, {0, 1, 2, 3}} {
		list = append(list, damagedFile{fmt.Sprintf("pages %v empty", pages), func(good []byte) []byte {
			for _, i := range pages {
				clear(page(good, i))
			}
			return good
		}, true})
	}
	for seed := range uint64(8) {
		list = append(list, damagedFile{fmt.Sprintf("some pages empty, %d", seed), func(good []byte) []byte {
			random := rand.New(rand.NewPCG(seed, 7))
			for range 4 {
				clear(page(good, random.IntN(len(good)/pageSize)))
			}
			return good
		}, true})
	}
	return list
}

// field overwrites bytes of both meta pages, checksums not mended.
func field(at int, value []byte) func([]byte) []byte {
	return func(good []byte) []byte {
		copy(page(good, 0)[16+at:], value)
		copy(page(good, 1)[16+at:], value)
		return good
	}
}

// spoiltFiles have wrong bytes where the file says how it is to be read.
func spoiltFiles() []damagedFile {
	ones := bytes.Repeat([]byte{0xff}, 8)
	return []damagedFile{
		{"meta pages swapped", func(good []byte) []byte {
			first := bytes.Clone(page(good, 0))
			copy(page(good, 0), page(good, 1))
			copy(page(good, 1), first)
			return good
		}, true},
		{"the first meta page twice", func(good []byte) []byte { copy(page(good, 1), page(good, 0)); return good }, true},
		{"the second meta page twice", func(good []byte) []byte { copy(page(good, 0), page(good, 1)); return good }, true},
		{"no magic number", field(0, ones[:4]), false},
		{"another version of bbolt", field(4, ones[:4]), false},
		{"page size 0", field(8, make([]byte, 4)), false},
		{"giant page size", field(8, ones[:4]), false},
		{"root page beyond the end", field(16, ones), false},
		{"freelist beyond the end", field(32, ones), false},
		{"more pages than there are", field(40, ones), false},
		{"checksum of the meta pages", field(56, ones), false},
		{"one byte too many in front", func(good []byte) []byte { return append([]byte{0}, good...) }, false},
		{"one byte missing in front", func(good []byte) []byte { return good[1:] }, false},
		{"lines ended as by a text transfer", func(good []byte) []byte {
			return bytes.ReplaceAll(good, []byte("\n"), []byte("\r\n"))
		}, true},
		{"as text, eighth bit lost", func(good []byte) []byte {
			for i := range good {
				good[i] &= 0x7f
			}
			return good
		}, false},
		{"twice in one file", func(good []byte) []byte { return append(good, good...) }, true},
		{"rubbish at the end", func(good []byte) []byte { return append(good, bytes.Repeat([]byte("rubbish "), 999)...) }, true},
		{"backwards", func(good []byte) []byte {
			for i, j := 0, len(good)-1; i < j; i, j = i+1, j-1 {
				good[i], good[j] = good[j], good[i]
			}
			return good
		}, false},
		{"page numbers one off", func(good []byte) []byte {
			for i := range len(good) / pageSize {
				binary.NativeEndian.PutUint64(page(good, i), uint64(i)+1)
			}
			return good
		}, false},
		{"every page a branch", func(good []byte) []byte {
			for i := 2; i < len(good)/pageSize; i++ {
				binary.NativeEndian.PutUint16(page(good, i)[8:], 1)
			}
			return good
		}, false},
		{"every page full to bursting", func(good []byte) []byte {
			for i := 2; i < len(good)/pageSize; i++ {
				binary.NativeEndian.PutUint16(page(good, i)[10:], 0xfffe)
			}
			return good
		}, false},
		{"every page with a giant overflow", func(good []byte) []byte {
			for i := 2; i < len(good)/pageSize; i++ {
				binary.NativeEndian.PutUint32(page(good, i)[12:], 1<<30)
			}
			return good
		}, false},
	}
}

// strangeFiles are something else.
func strangeFiles() (list []damagedFile) {
	for name, text := range map[string]string{
		"a page of the router": "<!DOCTYPE html><html><body>sign in</body></html>", "a database of SQLite": "SQLite format 3\x00" + strings.Repeat("\x10\x00", 4096),
		"an archive": "PK\x03\x04" + strings.Repeat("x", 9000), "a packed file": "\x1f\x8b\x08" + strings.Repeat("\x00\xff", 9000),
		"an ADIF file": "<CALL:6>DL1ABC <QSO_DATE:8>20250314 <EOR>\n", "zeros": strings.Repeat("\x00", 1<<20), "one page of zeros": strings.Repeat("\x00", pageSize),
		"ones": strings.Repeat("\xff", 1<<20),
	} {
		list = append(list, damagedFile{name, func([]byte) []byte { return []byte(text) }, false})
	}
	return append(list, damagedFile{"noise", func([]byte) []byte {
		noise := make([]byte, 1<<20)
		random := rand.New(rand.NewPCG(1, 1))
		for i := range noise {
			noise[i] = byte(random.Uint32())
		}
		return noise
	}, false})
}

// rewrittenFiles are whole for bbolt, but not ours, or not any more.
func rewrittenFiles(t *testing.T) (list []damagedFile) {
	t.Helper()
	for name, change := range map[string]func(tx *bbolt.Tx) error{
		"a newer schema": func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("meta")).Put([]byte("schema"), store.ValueOfKind(1, []byte("schema"), []byte("99")))
		},
		"a schema that is no number": func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("meta")).Put([]byte("schema"), store.ValueOfKind(1, []byte("schema"), []byte("new")))
		},
		"no schema":          func(tx *bbolt.Tx) error { return tx.Bucket([]byte("meta")).Delete([]byte("schema")) },
		"no bucket meta":     func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte("meta")) },
		"no bucket log":      func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte("log")) },
		"no bucket user":     func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte("user")) },
		"a logbook's bucket": func(tx *bbolt.Tx) error { return mainOf(tx).DeleteBucket([]byte("qso")) },
		"a QSO's key":        func(tx *bbolt.Tx) error { return mainOf(tx).Bucket([]byte("qso")).Put([]byte("x"), []byte("y")) },
		"values changed round": func(tx *bbolt.Tx) error {
			b := mainOf(tx).Bucket([]byte("qso"))
			one, two := bytes.Clone(b.Get(store.IDKey(2))), bytes.Clone(b.Get(store.IDKey(3)))
			return errors.Join(b.Put(store.IDKey(2), two), b.Put(store.IDKey(3), one))
		},
		"a value of another kind": func(tx *bbolt.Tx) error {
			return mainOf(tx).Bucket([]byte("qso")).Put(store.IDKey(2), store.ValueOfKind(19, store.IDKey(2), nil))
		},
		"another program's buckets": func(tx *bbolt.Tx) error {
			err := errors.Join(tx.DeleteBucket([]byte("meta")), tx.DeleteBucket([]byte("log")))
			b, make := tx.CreateBucket([]byte("photos"))
			return errors.Join(err, make, b.Put([]byte("a"), []byte("b")))
		},
		"the count of QSOs": func(tx *bbolt.Tx) error {
			return mainOf(tx).Bucket([]byte("meta")).Put([]byte("generation"), []byte{})
		},
	} {
		list = append(list, damagedFile{name, func(good []byte) []byte {
			path := filepath.Join(t.TempDir(), "f")
			if err := os.WriteFile(path, good, 0o600); err != nil {
				t.Fatal(err)
			}
			db, err := bbolt.Open(path, 0o600, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(db.Update(change), db.Close()); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			return data
		}, false})
	}
	return list
}

func mainOf(tx *bbolt.Tx) *bbolt.Bucket { return tx.Bucket([]byte("log")).Bucket([]byte("main")) }

// TestDamagedFiles goes through a corpus of damaged files. Each has to end in a
// defined state with a sentence: the check says what is wrong, opening it says
// so too or gives what is there, restoring it is refused and touches nothing.
func TestDamagedFiles(t *testing.T) {
	s, l := mainBook(t)
	importLog(t, l, 400)
	want := stored(t, l)
	closeOf(t, l)
	good, err := os.ReadFile(filepath.Join(s.Dir(), store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	target := filepath.Dir(aFile(t, 5))
	all := append(append(append(append(cutFiles(), emptiedFiles()...), spoiltFiles()...), strangeFiles()...), rewrittenFiles(t)...)
	if len(all) < 60 {
		t.Errorf("only %d files", len(all))
	}
	states := map[string]int{}
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, store.FileName)
			data := c.data(bytes.Clone(good))
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			state := checkDamaged(t, path, c, want)
			states[state]++
			if state != "clean" {
				restoreDamaged(t, path, target)
			}
			if now, err := os.ReadFile(path); err != nil || state != "clean" && !bytes.Equal(now, data) {
				t.Errorf("the file was touched (%v)", err)
			}
		})
	}
	t.Logf("%d files: %v", len(all), states)
}

// checkDamaged returns the state that a file is found to be in.
func checkDamaged(t *testing.T, path string, c damagedFile, want string) string {
	t.Helper()
	r, err := store.CheckFile(path)
	state := "clean"
	switch {
	case errors.Is(err, store.ErrNewerSchema):
		state = "newer schema"
	case errors.Is(err, store.ErrDamaged):
		state = "cannot be opened"
	case err != nil:
		t.Errorf("neither clean nor damaged: %v", err)
		return "?"
	case !r.OK():
		if state = "damaged"; len(r.Damaged[0]) < 10 {
			t.Errorf("no sentence: %q", r.Damaged)
		}
	}
	if err != nil && len(err.Error()) < 20 {
		t.Errorf("no sentence: %v", err)
	}
	s, openErr := store.Open(context.Background(), store.Config{Dir: filepath.Dir(path), Now: now})
	if openErr != nil {
		if state == "clean" {
			t.Errorf("found clean, but: %v", openErr)
		}
		return state
	}
	defer func() { _ = s.Close() }()
	if state == "clean" {
		if got := stored(t, book(t, s, store.MainLogbook)); got != want || !c.whole {
			t.Errorf("found clean, but the QSOs differ from what was there (expected whole: %v)", c.whole)
		}
	} else if state == "newer schema" || state == "cannot be opened" {
		t.Errorf("%s, and yet it was opened", state)
	}
	return state
}

// restoreDamaged tries to restore from a file that is not clean.
func restoreDamaged(t *testing.T, path, target string) {
	t.Helper()
	file := filepath.Join(target, store.FileName)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Restore(path, target, noon); !errors.Is(err, store.ErrDamaged) && !errors.Is(err, store.ErrNewerSchema) {
		t.Errorf("restore: %v", err)
	}
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
		t.Errorf("a refused restore touched the data (%v)", err)
	}
	if files, _ := filepath.Glob(filepath.Join(target, "*")); len(files) > 2 { // the file and the sealing key
		t.Errorf("left behind: %v", files)
	}
	r, err := store.Salvage(path, filepath.Join(t.TempDir(), "new"))
	if err == nil && !r.Check.OK() || err != nil && !errors.Is(err, store.ErrDamaged) && !errors.Is(err, store.ErrNewerSchema) {
		t.Errorf("salvage: %+v, %v", r, err)
	}
}
