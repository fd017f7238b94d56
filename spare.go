package main

import (
	"runtime/debug"
	"runtime/metrics"
)

// Work that comes in bursts, an import or the first download, leaves a heap
// that Go gives back slowly, and on a Pi that is memory that others lack.
const (
	quietBytes   = 4 << 20 // allocated between two looks: nobody is at work
	worthGiving  = 8 << 20 // what is kept and not needed
	heapObjects  = "/memory/classes/heap/objects:bytes"
	heapFree     = "/memory/classes/heap/free:bytes"
	heapLive     = "/gc/heap/live:bytes"
	heapAllocate = "/gc/heap/allocs:bytes"
)

// heapFigures are bytes of the heap.
type heapFigures struct {
	allocated uint64 // since the start
	objects   uint64 // in use, or garbage by now
	live      uint64 // in use when garbage was last collected
	free      uint64 // kept for later
}

func readHeap() heapFigures {
	s := []metrics.Sample{{Name: heapAllocate}, {Name: heapObjects}, {Name: heapLive}, {Name: heapFree}}
	metrics.Read(s)
	return heapFigures{s[0].Value.Uint64(), s[1].Value.Uint64(), s[2].Value.Uint64(), s[3].Value.Uint64()}
}

// spare gives memory back to the system when the program has come to rest.
type spare struct{ allocated uint64 }

// due reports whether nothing has happened since the last look, and more is
// kept than is worth keeping.
func (s *spare) due(h heapFigures) bool {
	quiet := h.allocated-s.allocated < quietBytes
	s.allocated = h.allocated
	garbage := h.objects - min(h.live, h.objects)
	return quiet && garbage+h.free > worthGiving
}

// look collects garbage and gives memory back if that is due.
func (s *spare) look() {
	if s.due(readHeap()) {
		debug.FreeOSMemory()
	}
}
