package main_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// How the log of TestKilledLargeService is made, and how often it begins anew.
const (
	largeSize   = 100_000
	largeAtLoTW = 9_000
	largeLives  = 20
)

// largeVictim is a victim with 100,000 QSOs. Its data directory is made once and
// copied, so that the log does not grow with the number of kills.
type largeVictim struct {
	*victim
	made   string // the directory that is copied
	first  int    // the first QSO that is not in it
	edited map[int]bool
	edit   int // the QSO that is changed next
	cut    [5]int
	ready  []time.Duration
}

// The work that a kill can meet.
const (
	doesImport = iota
	doesSync
	doesBackup
	doesEdit
	doesRead
)

// TestKilledLargeService kills a service with 100,000 QSOs while it imports,
// syncs, takes changes, computes awards and backs up. Each time the data file
// has to pass its check, the service has to come back by itself, and to count
// what was acknowledged; every twentieth time each QSO and change is looked
// for. How long is the service away?
func TestKilledLargeService(t *testing.T) {
	n := rounds(t, "QSLBOX_LARGE_KILLS", 0, 1000)
	if n == 0 {
		t.Skip("long; set QSLBOX_CRASH=1")
	}
	l := newLargeVictim(t)
	for i := range n {
		if i%largeLives == 0 {
			l.anew()
		}
		l.liveAndDie()
		if (i+1)%largeLives == 0 || i == n-1 {
			l.account(i + 1)
		}
		if t.Failed() {
			t.Fatalf("kill %d of %d", i+1, n)
		}
	}
}

func newLargeVictim(t *testing.T) *largeVictim {
	t.Helper()
	l := &largeVictim{victim: &victim{TB: t, binary: build(t), dir: filepath.Join(t.TempDir(), "data")}}
	l.withLoTWOf(largeAtLoTW)
	r := l.start()
	r.api.Timeout = 5 * time.Minute
	l.healthy(r)
	l.victim.account()
	if _, err := r.call(http.MethodPost, "/api/import", l.large(largeSize-largeAtLoTW)); err != nil {
		t.Fatal(err)
	}
	if !l.importOf(r, largeAtLoTW) {
		t.Fatal("the log was not imported")
	}
	r.stop(t)
	l.first, l.made, l.stored = l.next, l.dir, 0
	return l
}

// anew goes back to the log as it was made.
func (l *largeVictim) anew() {
	l.Helper()
	if l.dir != l.made {
		_ = os.RemoveAll(l.dir)
	}
	l.dir = filepath.Join(l.TempDir(), "data")
	if out, err := exec.Command("cp", "-a", "--reflink=auto", l.made, l.dir).CombinedOutput(); err != nil {
		l.Fatalf("cp: %v\n%s", err, out)
	}
	l.next, l.known = l.first, slices.Repeat([]bool{true}, l.first)
	l.edited, l.edit = map[int]bool{}, 0
}

// liveAndDie starts the service, waits until it is well, and kills it in the
// middle of its work.
func (l *largeVictim) liveAndDie() {
	l.Helper()
	r := l.start()
	l.ready = append(l.ready, l.healthy(r))
	acknowledged := largeSize
	for _, known := range l.known[l.first:] {
		if known {
			acknowledged++
		}
	}
	if total, most := l.total(r), largeSize+l.next-l.first; total < acknowledged || total > most {
		l.Errorf("%d QSOs, want from %d, which were acknowledged, to %d", total, acknowledged, most)
	}
	stop, done := make(chan struct{}), make(chan struct{})
	var doing [len(l.cut)]atomic.Bool
	go func() { l.work(r, stop, &doing); close(done) }()
	life := 400
	if rand.IntN(5) == 0 {
		life = 3000 // a whole backup
	}
	time.Sleep(time.Duration(rand.IntN(life)) * time.Millisecond)
	for i := range doing {
		if doing[i].Load() {
			l.cut[i]++
		}
	}
	r.kill()
	close(stop)
	<-done
	if out, err := l.command("db", "check", filepath.Join(l.dir, "qslbox.db")); err != nil {
		l.Errorf("%v\n%s", err, out)
	}
}

// work lets the service do everything at once until stop is closed.
func (l *largeVictim) work(r *running, stop <-chan struct{}, doing *[5]atomic.Bool) {
	var wg sync.WaitGroup
	loop := func(what int, wait time.Duration, once func() bool) {
		wg.Go(func() {
			for until(stop) {
				doing[what].Store(true)
				ok := once()
				doing[what].Store(false)
				if !ok {
					return
				}
				select {
				case <-stop:
				case <-time.After(wait):
				}
			}
		})
	}
	post := func(path string, count *int) func() bool {
		return func() bool {
			_, err := r.call(http.MethodPost, path, nil)
			if err == nil {
				*count++
			}
			return err == nil || strings.Contains(err.Error(), "409")
		}
	}
	size := 1 + rand.IntN(60)
	if rand.IntN(8) == 0 {
		size = 6000 // more than one transaction
	}
	loop(doesImport, 0, func() bool { return l.importOf(r, size) })
	loop(doesSync, 10*time.Millisecond, post("/api/sync/lotw", &l.syncs))
	loop(doesBackup, 50*time.Millisecond, post("/api/db/backup", &l.backups))
	loop(doesEdit, 0, func() bool { return l.change(r) })
	loop(doesRead, 0, func() bool {
		_, err := r.call(http.MethodGet, "/api/awards/dxcc", nil)
		return err == nil
	})
	wg.Wait()
}

// change gives one QSO a comment of its own and notes whether that was
// acknowledged.
func (l *largeVictim) change(r *running) bool {
	l.edit++
	id := l.edit
	_, err := r.call(http.MethodPatch, fmt.Sprint("/api/qsos/", id), strings.NewReader(fmt.Sprintf(`{"comment":"changed %d"}`, id)))
	if err == nil {
		l.edited[id] = true
	} else if strings.HasPrefix(err.Error(), "4") {
		l.Errorf("change of %d: %v", id, err)
	}
	return err == nil
}

// account looks for each acknowledged QSO and change, scrubs the data, checks
// the backups, and says how the service stands after n kills.
func (l *largeVictim) account(n int) {
	l.Helper()
	if lost := l.lost(); lost > 0 {
		l.Errorf("%d acknowledged QSOs were lost", lost)
	}
	out, err := l.command("export", "--format", "json")
	if err != nil {
		l.Fatal(err)
	}
	found := 0
	for s := bufio.NewScanner(bytes.NewReader(out)); s.Scan(); {
		var q struct {
			ID      int
			Comment string
		}
		if err := json.Unmarshal(s.Bytes(), &q); err != nil {
			l.Fatal(err)
		}
		if l.edited[q.ID] && q.Comment == fmt.Sprint("changed ", q.ID) {
			found++
		}
	}
	if found != len(l.edited) {
		l.Errorf("%d changes were acknowledged, %d are there", len(l.edited), found)
	}
	if out, err := l.command("db", "scrub"); err != nil {
		l.Errorf("scrub: %v\n%s", err, out)
	}
	l.checked()
	at := slices.Sorted(slices.Values(l.ready))
	l.Logf("%d kills at %d QSOs and more, during an import %d, a sync %d, a backup %d, a change %d, an award %d: %d QSOs acknowledged, %d syncs, %d backups; restart to healthy %v in the middle, P95 %v, %v at most",
		n, largeSize, l.cut[doesImport], l.cut[doesSync], l.cut[doesBackup], l.cut[doesEdit], l.cut[doesRead], l.stored, l.syncs, l.backups,
		at[len(at)/2].Round(time.Millisecond), at[len(at)*95/100].Round(time.Millisecond), at[len(at)-1].Round(time.Millisecond))
}
