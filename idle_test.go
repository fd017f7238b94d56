package main_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// idleDay is how much an idle day may write: an SD card bears it for decades.
const idleDay = 5_000_000

// TestSoakIdleHour lets a service with 12,000 QSOs and an account do nothing but
// what it does by itself, and answer a health request a minute, for
// QSLBOX_IDLE_MINUTES: 60 hold everything that runs by the hour. What that
// writes, and four syncs with three confirmations each, make an idle day.
func TestSoakIdleHour(t *testing.T) {
	minutes := rounds(t, "QSLBOX_IDLE_MINUTES", 0, 0)
	if minutes == 0 {
		t.Skip("long; set QSLBOX_IDLE_MINUTES=60")
	}
	v := &victim{TB: t, binary: build(t), dir: t.TempDir()}
	v.withLoTW()
	r := v.start()
	t.Cleanup(r.kill)
	v.healthy(r)
	v.account()
	if _, err := r.call(http.MethodPost, "/api/import", v.large(12_000)); err != nil {
		t.Fatal(err)
	}
	if class := v.syncClass(); class != "ok" {
		t.Fatalf("the first sync: %s", class)
	}
	wait := func(minutes int) (wrote int) {
		before := r.written(t)
		for range minutes {
			time.Sleep(time.Minute)
			if _, err := r.call(http.MethodGet, "/api/health", nil); err != nil {
				t.Error(err)
			}
		}
		return r.written(t) - before
	}
	first := wait(4) // the first scrub and backup
	idle := wait(minutes)
	before := r.written(t)
	if class := v.syncClass(); class != "ok" {
		t.Errorf("a sync: %s", class)
	}
	sync := r.written(t) - before
	day := idle*24*60/minutes + 4*sync
	t.Logf("written: %d kB in the first four minutes, %d kB in the %d minutes after that, %d kB by a sync: %d kB in a day", first/1000, idle/1000, minutes, sync/1000, day/1000)
	if day > idleDay {
		t.Errorf("an idle day would write %d bytes, %d are allowed", day, idleDay)
	}
}

// written returns how many bytes a service has had the disk write.
func (r *running) written(tb testing.TB) (n int) {
	tb.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", r.cmd.Process.Pid))
	if err != nil {
		tb.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "\nwrite_bytes: ")
	if _, err := fmt.Sscan(after, &n); err != nil {
		tb.Fatal(err)
	}
	return n
}
