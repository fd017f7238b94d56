package systemd_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qslbox/systemd"
)

func ExampleReady() {
	// The service listens and can serve its first page:
	if err := systemd.Ready("serving 2 logbooks on http://127.0.0.1:3001"); err != nil {
		fmt.Println(err) // worth a warning; the service goes on
	}
	// Without a service manager nothing happens.
	// Output:
}

// manager is the receiving end of a service manager.
type manager struct {
	t  *testing.T
	fd int
}

// newManager makes a datagram socket and has NOTIFY_SOCKET name it.
func newManager(t *testing.T) *manager {
	t.Helper()
	dir, err := os.MkdirTemp("", "notify") // short: a socket's path has 108 bytes at most
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	path := filepath.Join(dir, "socket")
	if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: path}); err != nil {
		t.Fatal(err)
	}
	t.Setenv("NOTIFY_SOCKET", path)
	return &manager{t, fd}
}

// received lists the datagrams that came since the last call. It never waits,
// so that it can be used in a bubble with a clock of its own.
func (m *manager) received() []string {
	m.t.Helper()
	var list []string
	buf := make([]byte, 64<<10)
	for {
		n, _, err := syscall.Recvfrom(m.fd, buf, syscall.MSG_DONTWAIT)
		if err == syscall.EAGAIN {
			return list
		}
		if err != nil {
			m.t.Fatal(err)
		}
		list = append(list, string(buf[:n]))
	}
}

func TestNotify(t *testing.T) {
	tests := []struct {
		name string
		call func() error
		want string
	}{
		{"ready", func() error { return systemd.Ready("") }, "READY=1"},
		{"ready with status", func() error { return systemd.Ready("serving") }, "READY=1\nSTATUS=serving"},
		{"reloading", systemd.Reloading, "RELOADING=1\nMONOTONIC_USEC=N"},
		{"stopping", func() error { return systemd.Stopping("") }, "STOPPING=1"},
		{"stopping with status", func() error { return systemd.Stopping("finishing an import") }, "STOPPING=1\nSTATUS=finishing an import"},
		{"status", func() error { return systemd.Status("importing 12,000 QSOs") }, "STATUS=importing 12,000 QSOs"},
		{"status gone", func() error { return systemd.Status("") }, "STATUS="},
		{"no second assignment", func() error { return systemd.Status("bad\nREADY=1\r\x00x") }, "STATUS=bad READY=1  x"},
		{"no text", func() error { return systemd.Ready("\xffDL1ABC für") }, "READY=1\nSTATUS=\uFFFDDL1ABC für"},
	}
	m := newManager(t)
	usec := regexp.MustCompile(`MONOTONIC_USEC=[1-9][0-9]*`)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.call(); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, datagram := range m.received() {
				got = append(got, usec.ReplaceAllString(datagram, "MONOTONIC_USEC=N"))
			}
			if diff := cmp.Diff([]string{tt.want}, got); diff != "" {
				t.Errorf("datagrams (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNotifyNobody(t *testing.T) {
	calls := map[string]func() error{
		"ready": func() error { return systemd.Ready("") }, "reloading": systemd.Reloading,
		"stopping": func() error { return systemd.Stopping("") }, "status": func() error { return systemd.Status("x") },
	}
	t.Run("no socket is named", func(t *testing.T) {
		t.Setenv("NOTIFY_SOCKET", "")
		for name, call := range calls {
			if err := call(); err != nil {
				t.Errorf("%s: %v, want no error", name, err)
			}
		}
	})
	t.Run("the socket is gone", func(t *testing.T) {
		t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "gone"))
		for name, call := range calls {
			if err := call(); err == nil || !strings.HasPrefix(err.Error(), "systemd: "+name+": ") {
				t.Errorf("%s: %v, want an error that names it", name, err)
			}
		}
	})
}
