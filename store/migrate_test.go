package store_test

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qslbox/store"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestOldFile opens a file that an earlier version wrote, schema by schema. A
// file once released is never written anew: -update only makes missing ones.
func TestOldFile(t *testing.T) {
	for _, version := range []string{"schema-1"} {
		t.Run(version, func(t *testing.T) {
			packed, golden := filepath.Join("testdata", version+".db.gz"), filepath.Join("testdata", version+".golden")
			if _, err := os.Stat(packed); err != nil && *update {
				makeOldFile(t, packed, golden)
			}
			dir := t.TempDir()
			unpack(t, packed, filepath.Join(dir, store.FileName))
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			s := open(t, dir)
			if diff := cmp.Diff(string(want), everything(t, s)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if r, err := s.Scrub(t.Context(), nil); err != nil || !r.OK() {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
}

// everything shows what a file holds.
func everything(tb testing.TB, s *store.Store) string {
	tb.Helper()
	var b bytes.Buffer
	for _, name := range s.Logbooks() {
		l := book(tb, s, name)
		trash, err := l.Trash()
		if err != nil {
			tb.Fatal(err)
		}
		fmt.Fprintf(&b, "logbook %s, generation %d, %d QSOs, %d in the trash\n", name, s.Generation(name), l.Size(), len(trash))
		for _, q := range allQSOs(tb, l) {
			fmt.Fprintf(&b, "QSO %d, revision %d:", q.ID, q.Rev)
			for f := range q.ADIF() {
				fmt.Fprintf(&b, " %s=%q", f.Key(), f.Value)
			}
			fmt.Fprintln(&b)
			history, err := l.History(q.ID)
			if err != nil {
				tb.Fatal(err)
			}
			if len(history) > 0 {
				fmt.Fprintf(&b, "history: %+v\n", history)
			}
		}
	}
	return b.String()
}

func makeOldFile(t *testing.T, packed, golden string) {
	t.Helper()
	s, l := mainBook(t)
	if err := s.CreateLogbook("club"); err != nil {
		t.Fatal(err)
	}
	importLog(t, l, 60)
	if err := l.Delete(t.Context(), 7, 0, "me"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(s.Dir(), store.FileName)
	importADIF(t, l, slices.Concat(contactWith("DL1ABC", "1015", "FREQ", "14.0251", "NAME", "Jörg", "APP_X_Y", "1"), contactWith("DL1ABC", "1015", "NAME", "Georg")))
	text := everything(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := store.Compact(filepath.Dir(path)); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{packed: b.Bytes(), golden: []byte(text)} {
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func unpack(tb testing.TB, from, to string) {
	tb.Helper()
	f, err := os.Open(from)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o600); err != nil {
		tb.Fatal(err)
	}
}
