package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"qslbox/store"
)

// TestRestoreRefuses gives the command files that are no backup: each is refused
// by name with what is wrong with it, and nothing is touched.
func TestRestoreRefuses(t *testing.T) {
	b := newBox(t)
	b.ok("import", b.sample(30))
	dir := t.TempDir()
	good := filepath.Join(dir, "good.db")
	b.ok("db", "backup", good)
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, says string
		make       func(path string) error
	}{
		{"foreign.db", "this is no data file of qslbox", func(path string) error {
			db, err := bbolt.Open(path, 0o600, nil)
			if err != nil {
				return err
			}
			err = db.Update(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("other")); return err })
			if err != nil {
				return err
			}
			return db.Close()
		}},
		{"page.html", "HTML page", func(path string) error {
			return os.WriteFile(path, bytes.Repeat([]byte("<!DOCTYPE html><html><body>sign in</body></html>\n"), 400), 0o600)
		}},
		{"empty.db", "is empty", func(path string) error { return os.WriteFile(path, nil, 0o600) }},
		{"newer.db", "newer version", func(path string) error { return newerSchema(t, good, path) }},
		{"truncated.db", "cut off", func(path string) error { return os.WriteFile(path, whole[:len(whole)/2], 0o600) }},
		{"log.adi", "qslbox import reads it", func(path string) error {
			return os.WriteFile(path, []byte(strings.Repeat("<CALL:6>DL1ABC <EOR>\n", 1000)), 0o600)
		}},
		{"missing.db", "no such file", func(string) error { return nil }},
		{"directory", "is a directory", func(path string) error { return os.Mkdir(path, 0o700) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(dir, c.name)
			if err := c.make(path); err != nil {
				t.Fatal(err)
			}
			before := b.everyFile()
			_, errs, code := b.run("", "db", "restore", path)
			if want := map[bool]int{true: exitFailed, false: exitDamaged}[c.name == "missing.db" || c.name == "directory"]; code != want || !strings.Contains(errs, path) || !strings.Contains(errs, c.says) {
				t.Errorf("exit %d, want %d; it says %q, want %s and %q in it", code, want, errs, path, c.says)
			}
			if after := b.everyFile(); after != before {
				t.Error("something was touched")
			}
		})
	}
	b.ok("db", "restore", good)
}

// newerSchema makes a backup that a newer version wrote.
func newerSchema(t *testing.T, good, path string) error {
	dir := t.TempDir()
	if _, err := store.Restore(good, dir, time.Now()); err != nil {
		return err
	}
	s, err := store.Open(t.Context(), store.Config{Dir: dir, Now: time.Now})
	if err != nil {
		return err
	}
	if err := s.PutRecord("meta", "schema", []byte("99")); err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	return os.Rename(filepath.Join(dir, dataFileName), path)
}

// everyFile shows what is in the data directory, to the byte.
func (b *box) everyFile() string {
	b.t.Helper()
	var all strings.Builder
	entries, err := os.ReadDir(b.dir)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(b.dir, e.Name()))
		if err == nil {
			all.WriteString(e.Name() + " " + string(data) + "\n")
		}
	}
	return all.String()
}
