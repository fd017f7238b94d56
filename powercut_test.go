package main_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// shutdownFS is EXT4_IOC_SHUTDOWN and XFS_IOC_GOINGDOWN: the file system
// forgets what it has not written yet and takes nothing more, as if the power
// were cut. With noLogFlush the journal too is lost as far as it is in memory.
const (
	shutdownFS = 0x8004587d
	noLogFlush = 2
)

// disk is a file system in a file.
type disk struct {
	testing.TB
	image, dir string
}

// newDisk makes one, or skips the test where that is not possible.
func newDisk(tb testing.TB, kind string) *disk {
	tb.Helper()
	if os.Geteuid() != 0 {
		tb.Skip("mounting needs root")
	}
	if _, err := exec.LookPath("mkfs." + kind); err != nil {
		tb.Skipf("mkfs.%s is missing", kind)
	}
	d := &disk{TB: tb, image: filepath.Join(tb.TempDir(), kind), dir: filepath.Join(tb.TempDir(), "mount")}
	f, err := os.Create(d.image)
	if err != nil {
		tb.Fatal(err)
	}
	if err := f.Truncate(600 << 20); err != nil {
		tb.Fatal(err)
	}
	_ = f.Close()
	if out, err := exec.Command("mkfs."+kind, "-q", d.image).CombinedOutput(); err != nil {
		tb.Fatalf("mkfs.%s: %v\n%s", kind, err, out)
	}
	if err := os.Mkdir(d.dir, 0o700); err != nil {
		tb.Fatal(err)
	}
	if out, err := d.mount(); err != nil {
		tb.Skipf("a loop mount is not possible here: %s", out)
	}
	tb.Cleanup(func() { _ = exec.Command("umount", "-l", d.dir).Run() })
	return d
}

func (d *disk) mount() ([]byte, error) {
	return exec.Command("mount", "-o", "loop", d.image, d.dir).CombinedOutput()
}

// cut cuts the power of the file system.
func (d *disk) cut() {
	d.Helper()
	f, err := os.Open(d.dir)
	if err != nil {
		d.Fatal(err)
	}
	defer f.Close()
	if err := unix.IoctlSetPointerInt(int(f.Fd()), shutdownFS, noLogFlush); err != nil {
		d.Fatalf("shutdown: %v", err)
	}
}

// again mounts it anew: the journal is replayed.
func (d *disk) again() {
	d.Helper()
	for wait := 0; ; wait++ {
		out, err := exec.Command("umount", d.dir).CombinedOutput()
		if err == nil {
			break
		}
		if wait > 50 {
			d.Fatalf("umount: %v\n%s", err, out)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if out, err := d.mount(); err != nil {
		d.Fatalf("mount: %v\n%s", err, out)
	}
}

// TestCrashPowerCut cuts the power while the service starts for the first
// time, imports, syncs and backs up. After each cut it has to come back by
// itself, and with every QSO that was acknowledged.
func TestCrashPowerCut(t *testing.T) {
	if !crashing() {
		t.Skip("long; set QSLBOX_CRASH=1")
	}
	binary := build(t)
	for _, kind := range []string{"ext4", "xfs"} {
		t.Run(kind, func(t *testing.T) {
			d := newDisk(t, kind)
			v := &victim{TB: t, binary: binary}
			v.withLoTW()
			n, stored, first, slowest := rounds(t, "QSLBOX_CUTS", 0, 250), 0, 0, time.Duration(0)
			for i := range n {
				if i%10 == 0 { // a new directory
					stored, v.stored = stored+v.stored, 0
					_ = os.RemoveAll(v.dir)
					v.dir, v.next, v.known = filepath.Join(d.dir, fmt.Sprint("data", i)), 0, nil
					first++
				}
				slowest = max(slowest, v.cutOnce(d, i))
				if t.Failed() {
					t.Fatalf("cut %d of %d", i, n)
				}
			}
			t.Logf("%s: %d cuts, %d of them within a first start: %d QSOs acknowledged, %d syncs, %d backups; 0 damaged, 0 lost; restart to healthy %v at most",
				kind, n, first, stored+v.stored, v.syncs, v.backups, slowest.Round(time.Millisecond))
		})
	}
}

// cutOnce lets the service live until a cut, and looks at what is left. The
// first life in a directory ends within its start.
func (v *victim) cutOnce(d *disk, i int) (ready time.Duration) {
	v.Helper()
	r := v.start()
	if i%10 == 0 {
		time.Sleep(time.Duration(rand.IntN(60)) * time.Millisecond)
		d.cut()
		r.kill()
	} else {
		ready = v.healthy(r)
		if i%10 == 1 {
			v.account()
		}
		stop, done := make(chan struct{}), make(chan struct{})
		go func() { v.work(r, stop); close(done) }()
		time.Sleep(time.Duration(rand.IntN(900)) * time.Millisecond)
		d.cut()
		time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond) // what does it answer now?
		r.kill()
		close(stop)
		<-done
	}
	d.again()
	v.checked()
	if v.next > 0 {
		if lost := v.lost(); lost > 0 {
			v.Errorf("%d acknowledged QSOs are lost", lost)
		}
	}
	return ready
}
