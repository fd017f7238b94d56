package main

import (
	"runtime"
	"testing"
)

// TestSpareMemory gives memory back once the work is over, and then lets it be.
func TestSpareMemory(t *testing.T) {
	const mib = 1 << 20
	var s spare
	for _, tc := range []struct {
		name string
		heap heapFigures
		want bool
	}{
		{"an import runs", heapFigures{allocated: 400 * mib, objects: 70 * mib, live: 30 * mib, free: 10 * mib}, false},
		{"it still runs", heapFigures{allocated: 900 * mib, objects: 60 * mib, live: 30 * mib, free: 20 * mib}, false},
		{"at rest, garbage left", heapFigures{allocated: 901 * mib, objects: 61 * mib, live: 30 * mib, free: 20 * mib}, true},
		{"given back", heapFigures{allocated: 901 * mib, objects: 30 * mib, live: 30 * mib, free: 0}, false},
		{"pages now and then", heapFigures{allocated: 903 * mib, objects: 32 * mib, live: 30 * mib, free: 1 * mib}, false},
		{"many pages", heapFigures{allocated: 960 * mib, objects: 55 * mib, live: 30 * mib, free: 5 * mib}, false},
		{"collected just now", heapFigures{allocated: 961 * mib, objects: 29 * mib, live: 30 * mib, free: 4 * mib}, false},
	} {
		if got := s.due(tc.heap); got != tc.want {
			t.Errorf("%s: due %v, want %v", tc.name, got, tc.want)
		}
	}
	runtime.GC()
	if h := readHeap(); h.allocated == 0 || h.objects == 0 || h.live == 0 {
		t.Errorf("the runtime does not tell: %+v", h)
	}
}
