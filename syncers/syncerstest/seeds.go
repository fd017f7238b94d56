package syncerstest

import (
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"testing"
	"time"
)

// soak is how many sequences `make soak` tries.
const soak = 10_000

// Seeds returns how many random sequences a test tries: n, or many more if the
// environment asks for a soak.
func Seeds(n uint64) uint64 {
	if os.Getenv("QSLBOX_SOAK") != "" {
		return soak
	}
	return n
}

// Heap runs do and returns the most memory, in bytes, that the heap took
// meanwhile, garbage included, with the collector running as it does under a
// limit.
func Heap(tb testing.TB, do func()) uint64 {
	tb.Helper()
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	runtime.GC()
	var most atomic.Uint64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		var m runtime.MemStats
		for {
			runtime.ReadMemStats(&m)
			most.Store(max(most.Load(), m.HeapInuse))
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}()
	do()
	close(stop)
	<-stopped
	return most.Load()
}
