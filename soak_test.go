package main_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestSoakService lets the service work at speed for an hour, or for
// QSLBOX_SOAK_MINUTES: imports, pages, statistics, syncs of which some are cut
// short, bad files, backups and scrubs. Goroutines, open files and memory of
// the second half must not be above those of the first.
func TestSoakService(t *testing.T) {
	minutes, err := strconv.Atoi(os.Getenv("QSLBOX_SOAK_MINUTES"))
	switch {
	case os.Getenv("QSLBOX_SOAK") == "":
		t.Skip("long; set QSLBOX_SOAK=1")
	case err != nil:
		minutes = 60
	}
	v := &victim{TB: t, binary: build(t), dir: filepath.Join(t.TempDir(), "data"), env: []string{"GOMEMLIMIT=256MiB"}}
	v.withLoTW()
	r := v.start()
	t.Cleanup(r.kill)
	v.healthy(r)
	v.account()
	if _, err := r.call(http.MethodPost, "/api/import", v.large(20_000)); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	asked := soakLoops(v, r, &wg, stop)
	var samples []soakSample
	for range minutes * 6 {
		time.Sleep(10 * time.Second)
		samples = append(samples, v.sample(r))
	}
	close(stop)
	wg.Wait()
	first, second := soakMax(samples[len(samples)/4:len(samples)/2]), soakMax(samples[len(samples)*3/4:])
	t.Logf("%d minutes, %d requests, %d QSOs imported; second quarter %+v, last quarter %+v", minutes, asked(), v.stored, first, second)
	if second.Goroutines > first.Goroutines+10 || second.Files > first.Files+10 || second.Anonymous > first.Anonymous+first.Anonymous/4+8<<20 {
		t.Error("something grows")
	}
	if out, err := v.command("db", "scrub"); err != nil {
		t.Errorf("scrub: %v\n%s", err, out)
	}
}

// soakLoops starts what keeps the service busy, and returns how to count the
// requests.
func soakLoops(v *victim, r *running, wg *sync.WaitGroup, stop chan struct{}) func() int {
	var mu sync.Mutex
	count := 0
	loop := func(wait time.Duration, do func()) {
		wg.Go(func() {
			for until(stop) {
				do()
				mu.Lock()
				count++
				mu.Unlock()
				select {
				case <-stop:
				case <-time.After(wait):
				}
			}
		})
	}
	get := func(path string) { _, _ = r.call(http.MethodGet, path, nil) }
	loop(time.Second, func() { v.importSome(r) })
	loop(50*time.Millisecond, func() { get([]string{"/", "/log", "/awards", "/awards/dxcc", "/map", "/monitor"}[rand.IntN(6)]) })
	loop(50*time.Millisecond, func() {
		get(fmt.Sprintf("/api/stats?call=DL%d*&band=20m", rand.IntN(1000))) // a filter that was never asked for
	})
	loop(3*time.Second, func() { _, _ = r.call(http.MethodPost, "/api/sync/lotw", nil) })
	loop(2*time.Second, func() {
		_, _ = r.call(http.MethodPost, "/api/import", strings.NewReader("<html>"))
		_, _ = r.call(http.MethodPost, "/api/import", strings.NewReader("<CALL:99999999>X <EOR><QSO_DATE:8>00000000<EOR>"))
	})
	loop(30*time.Second, func() { _, _ = r.call(http.MethodPost, "/api/db/backup", nil) })
	loop(45*time.Second, func() { _, _ = r.call(http.MethodPost, "/api/db/scrub", nil) })
	return func() int { mu.Lock(); defer mu.Unlock(); return count }
}

// soakSample is what must not grow.
type soakSample struct {
	Goroutines, Files   int
	Resident, Anonymous int
}

func (v *victim) sample(r *running) (s soakSample) {
	v.Helper()
	text, err := r.call(http.MethodGet, "/api/health", nil)
	var doc struct{ Memory soakSample }
	if err != nil || json.Unmarshal(text, &doc) != nil {
		v.Errorf("health: %v: %.300s", err, text)
	}
	return doc.Memory
}

func soakMax(samples []soakSample) (m soakSample) {
	for _, s := range samples {
		m.Goroutines, m.Files = max(m.Goroutines, s.Goroutines), max(m.Files, s.Files)
		m.Resident, m.Anonymous = max(m.Resident, s.Resident), max(m.Anonymous, s.Anonymous)
	}
	return m
}
