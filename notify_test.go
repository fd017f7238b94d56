package main

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestServiceManager runs the service under a service manager with a watchdog:
// it hears that we are ready, signs of life, and that we stop, in this order.
func TestServiceManager(t *testing.T) {
	dir, err := os.MkdirTemp("", "notify") // short: a socket's path has 108 bytes at most
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "socket"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { manager.Close() })
	next := func() string {
		t.Helper()
		text := make([]byte, 4096)
		if err := manager.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
			t.Fatal(err)
		}
		n, err := manager.Read(text)
		if err != nil {
			t.Fatalf("the service manager hears nothing: %v", err)
		}
		return string(text[:n])
	}
	t.Setenv("NOTIFY_SOCKET", filepath.Join(dir, "socket"))
	t.Setenv("WATCHDOG_USEC", "300000")
	t.Setenv("WATCHDOG_PID", strconv.Itoa(os.Getpid()))

	address, stop := newBox(t).serve()
	got := []string{next(), next(), next()}
	if diff := cmp.Diff([]string{"READY=1\nSTATUS=serving on " + address, "WATCHDOG=1", "WATCHDOG=1"}, got); diff != "" {
		t.Errorf("at the start (-want +got):\n%s", diff)
	}
	stop()
	last := next()
	for last == "WATCHDOG=1" {
		last = next()
	}
	if !strings.HasPrefix(last, "STOPPING=1\n") {
		t.Errorf("at the end: %q, want STOPPING=1", last)
	}
}
