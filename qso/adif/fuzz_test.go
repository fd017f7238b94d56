package adif_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso/adif"
)

// FuzzReader holds what must be true of any input: no panic, the same result
// whatever the buffer, and a copy of what was read reads like it.
func FuzzReader(f *testing.F) {
	for _, c := range readerCases {
		f.Add(c.in)
	}
	files, err := filepath.Glob("testdata/corpus/*.adi")
	if err != nil || len(files) == 0 {
		f.Fatalf("no corpus: %v", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Fuzz(func(t *testing.T, in string) {
		caps := []adif.Option{adif.MaxField(600), adif.MaxRecord(3000)}
		small := append(caps, adif.BufferSize(256))
		want := dump(t, strings.NewReader(in), caps...)
		got := dump(t, iotest.HalfReader(strings.NewReader(in)), small...)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("a small buffer changes the result (-want +got):\n%s", diff)
		}
		once := copyOf(t, in)
		if twice := copyOf(t, once); twice != once {
			t.Fatalf("copy of a copy differs (-want +got):\n%s", cmp.Diff(once, twice))
		}
	})
}
