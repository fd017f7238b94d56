package main

import (
	"runtime/debug"
	"sync"
)

// thrift lets the collector run twice as often while syncs run: a first
// download of a large log makes much garbage, and nobody waits for it.
type thrift struct {
	mu    sync.Mutex
	users int
	usual int
}

// begin starts being thrifty; the function it returns ends that.
func (t *thrift) begin() (end func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.users++; t.users == 1 {
		if t.usual = debug.SetGCPercent(50); t.usual >= 0 && t.usual < 50 {
			debug.SetGCPercent(t.usual) // somebody wants it thriftier still
		}
	}
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.users--; t.users == 0 {
			debug.SetGCPercent(t.usual)
		}
	}
}
