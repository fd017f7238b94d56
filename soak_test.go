package main_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"qslbox/syncers/lotw/lotwtest"
)

// How much memory may rise in the three quarters that are judged and still
// count as flat: what a collector that runs now and then leaves uncertain.
const (
	soakMargin     = 5       // percent of the mean, for anonymous memory by its straight line
	soakHeapMargin = 1 << 20 // of the least live heap of a quarter, which is told in MB
)

// soak is the service at work, and what was seen of it.
type soak struct {
	*victim
	r    *running
	fake *lotwtest.Server

	rest     sync.RWMutex // held by what is being asked; who holds it alone sees the service at rest
	mu       sync.Mutex
	count    map[string]int // what was asked, and how syncs ended
	samples  []soakSample   // at work, every 10 seconds
	resting  []soakSample   // nothing asked for a while, 12 times
	quarters []int          // where each begins in what the service said
}

// soakSample is what must not grow.
type soakSample struct {
	Goroutines, Files   int
	Resident, Anonymous int
}

// TestSoakService lets the service work at speed for an hour, or for
// QSLBOX_SOAK_MINUTES: pages, filters, imports, syncs with an upstream full of
// faults, bad files, broken connections, backups and scrubs. The log stays as
// large as it is: what is imported is there already, the partners confirm the
// same QSOs again, and what is added is added to a second logbook that is
// removed and made anew. In the last three quarters goroutines and open files
// at rest have to be the same, and memory may not rise.
func TestSoakService(t *testing.T) {
	minutes, err := strconv.Atoi(os.Getenv("QSLBOX_SOAK_MINUTES"))
	switch {
	case os.Getenv("QSLBOX_SOAK") == "":
		t.Skip("long; set QSLBOX_SOAK=1")
	case err != nil:
		minutes = 60
	}
	s := newSoak(t)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	s.loops(&wg, stop)
	for n := range 12 {
		if n%3 == 0 {
			s.quarters = append(s.quarters, len(s.r.text()))
		}
		for range minutes * 60 / 12 / 10 {
			time.Sleep(10 * time.Second)
			s.samples = append(s.samples, s.sample(s.r))
		}
		s.resting = append(s.resting, s.atRest())
	}
	close(stop)
	wg.Wait()
	if out, err := s.command("db", "scrub"); err != nil {
		t.Errorf("scrub: %v\n%s", err, out)
	}
	s.judge(minutes)
}

// newSoak starts the service with 22,000 QSOs.
func newSoak(t *testing.T) *soak {
	v := &victim{TB: t, binary: build(t), dir: filepath.Join(t.TempDir(), "data"), env: []string{"GOMEMLIMIT=256MiB", "GODEBUG=gctrace=1"}}
	s := &soak{victim: v, count: map[string]int{}}
	s.fake = lotwtest.New(lotwtest.Options{Login: "w1aaa", Password: "secret", Now: time.Now})
	for i := range soakConfirmed {
		s.fake.Add(lotwtest.QSO{Own: "W1AAA", Call: callOf("DL", i), Start: base.Add(time.Duration(i) * time.Minute), Band: "20m", Mode: "CW", Received: base, Confirmed: base})
	}
	v.atLoTW(s.upstream)
	s.r = v.start()
	t.Cleanup(s.r.kill)
	v.healthy(s.r)
	v.account()
	if _, err := s.r.call(http.MethodPost, "/api/import", v.large(20_000)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.r.call(http.MethodPost, "/api/import", v.batch(soakConfirmed)); err != nil {
		t.Fatal(err)
	}
	return s
}

// soakConfirmed is how many QSOs of the log LoTW has.
const soakConfirmed = 2000

// upstream is LoTW: every third answer suffers a fault, and some partners
// confirm anew, each time from another grid.
func (s *soak) upstream(w http.ResponseWriter, r *http.Request) {
	random := rand.New(rand.NewPCG(rand.Uint64(), 0))
	for range 3 {
		i := random.IntN(soakConfirmed)
		q := lotwtest.QSO{Own: "W1AAA", Call: callOf("DL", i), Start: base.Add(time.Duration(i) * time.Minute), Band: "20m", Mode: "CW"}
		s.fake.Confirm(q.Key(), lotwtest.Partner{DXCC: 230, Country: "FEDERAL REPUBLIC OF GERMANY", Grid: fmt.Sprintf("JO%02d", random.IntN(100))})
	}
	if random.IntN(3) == 0 {
		s.fake.Play(lotwtest.Any(random))
	}
	s.fake.ServeHTTP(w, r)
}

// loops starts what keeps the service busy.
func (s *soak) loops(wg *sync.WaitGroup, stop chan struct{}) {
	loop := func(name string, wait time.Duration, do func()) {
		wg.Go(func() {
			for until(stop) {
				s.rest.RLock()
				do()
				s.rest.RUnlock()
				s.counted(name)
				select {
				case <-stop:
				case <-time.After(wait):
				}
			}
		})
	}
	loop("pages", 50*time.Millisecond, func() {
		s.get([]string{"/", "/log", "/awards", "/awards/dxcc", "/map", "/monitor", "/sync", "/cards", "/qso/17", "/settings"}[rand.IntN(10)])
	})
	loop("filters never asked for", 50*time.Millisecond, func() { s.get(fmt.Sprintf("/api/stats?call=DL%d*&band=20m", rand.IntN(100_000))) })
	loop("imports", time.Second, func() {
		s.next = rand.IntN(soakConfirmed - 60)
		_, _ = s.r.call(http.MethodPost, "/api/import", s.batch(1+rand.IntN(60)))
	})
	loop("bad files", 2*time.Second, func() {
		_, _ = s.r.call(http.MethodPost, "/api/import", bytes.NewBufferString("<html>"))
		_, _ = s.r.call(http.MethodPost, "/api/import", bytes.NewBufferString("<CALL:99999999>X <EOR><QSO_DATE:8>00000000<EOR>"))
	})
	loop("broken connections", time.Second, s.breakOff)
	loop("syncs", 3*time.Second, func() { s.sync("main") })
	loop("second logbooks", 2*time.Second, s.guest)
	loop("exports", 10*time.Second, func() { s.get("/api/export.adi") })
	loop("backups", 30*time.Second, func() { _, _ = s.r.call(http.MethodPost, "/api/db/backup", nil) })
	loop("scrubs", 45*time.Second, func() { _, _ = s.r.call(http.MethodPost, "/api/db/scrub", nil) })
}

func (s *soak) get(path string) { _, _ = s.r.call(http.MethodGet, path, nil) }

func (s *soak) counted(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count[what]++
}

// sync runs a sync and counts how it ended. A wrong password, which upstream
// feigns, stops the schedule until somebody sets it again.
func (s *soak) sync(logbook string) {
	text, err := s.r.call(http.MethodPost, "/api/sync/lotw?wait=1&logbook="+logbook, nil)
	var run struct{ Class string }
	if err == nil {
		err = json.Unmarshal(text, &run)
	}
	if err != nil {
		run.Class = "not begun"
	}
	s.counted("sync " + run.Class)
	if run.Class == "auth" {
		s.setAccount(logbook)
	}
}

func (s *soak) setAccount(logbook string) {
	if _, err := s.r.call(http.MethodPut, "/api/accounts/lotw?logbook="+logbook, strings.NewReader(`{"login":"w1aaa","secret":"secret"}`)); err != nil {
		s.Errorf("account: %v", err)
	}
}

// guest makes a logbook, works with it and removes it again.
func (s *soak) guest() {
	ask := func(method, path, body string) {
		if _, err := s.r.call(method, path, strings.NewReader(body)); err != nil {
			s.Errorf("%s %s: %v", method, path, err)
		}
	}
	ask(http.MethodPost, "/api/logbooks", `{"name":"guest","own":"W1AAA"}`)
	if _, err := s.r.call(http.MethodPost, "/api/import?logbook=guest", (&victim{TB: s}).batch(500)); err != nil {
		s.Errorf("import: %v", err)
	}
	s.setAccount("guest")
	s.sync("guest")
	for id := range 5 {
		path := fmt.Sprintf("/api/qsos/%d", id+1)
		ask(http.MethodPatch, path+"?logbook=guest", `{"comment":"typed"}`)
		ask(http.MethodDelete, path+"?logbook=guest", "")
		ask(http.MethodPost, path+"/restore?logbook=guest", "")
	}
	for _, path := range []string{"/", "/log", "/awards/dxcc", "/sync", "/api/stats", "/api/export.adi", "/api/trash"} {
		ask(http.MethodGet, path+"?logbook=guest", "")
	}
	ask(http.MethodDelete, "/api/logbooks/guest", "")
}

// breakOff begins an import or a download and leaves.
func (s *soak) breakOff() {
	c, err := net.Dial("unix", filepath.Join(s.dir, "qslbox.sock"))
	if err != nil {
		s.Errorf("dial: %v", err)
		return
	}
	defer c.Close()
	if rand.IntN(2) == 0 {
		_, _ = fmt.Fprint(c, "GET /api/export.json HTTP/1.1\r\nHost: localhost\r\n\r\n")
		_, _ = c.Read(make([]byte, 1000))
		return
	}
	_, _ = fmt.Fprint(c, "POST /api/import HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n<CALL:6>DL0AAA <QSO_DATE:8>200")
	time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
}

func (v *victim) sample(r *running) soakSample {
	v.Helper()
	text, err := r.call(http.MethodGet, "/api/health", nil)
	var doc struct{ Memory soakSample }
	if err != nil || json.Unmarshal(text, &doc) != nil {
		v.Errorf("health: %v: %.300s", err, text)
	}
	return doc.Memory
}

// atRest lets everything that is asked come to its end, and returns the least
// that is seen in the 20 seconds after that.
func (s *soak) atRest() soakSample {
	s.rest.Lock()
	defer s.rest.Unlock()
	least := s.sample(s.r)
	for range 10 {
		time.Sleep(2 * time.Second)
		now := s.sample(s.r)
		least.Goroutines, least.Files = min(least.Goroutines, now.Goroutines), min(least.Files, now.Files)
		least.Resident, least.Anonymous = min(least.Resident, now.Resident), min(least.Anonymous, now.Anonymous)
	}
	return least
}

// judge looks at the last three quarters.
func (s *soak) judge(minutes int) {
	heap := s.liveHeap()
	asked, _ := json.Marshal(s.count)
	s.Logf("%d minutes: %s", minutes, asked)
	s.Logf("at rest: %+v", s.resting)
	judged := s.samples[len(s.samples)/4:]
	for i := range 4 {
		of := s.samples[len(s.samples)*i/4 : len(s.samples)*(i+1)/4]
		s.Logf("quarter %d: anonymous memory %d KiB in the median, live heap %d MB at least", i+1, median(of)>>10, heap[i]>>20)
	}
	rise, mean := rising(judged)
	s.Logf("in the last three quarters the straight line of anonymous memory rises by %.0f KiB, of %.0f KiB in the mean", rise/1024, mean/1024)
	for _, at := range s.resting[4:] {
		if first := s.resting[3]; at.Goroutines != first.Goroutines || at.Files != first.Files {
			s.Errorf("at rest there were %d goroutines and %d files, later %d and %d", first.Goroutines, first.Files, at.Goroutines, at.Files)
		}
	}
	if s.Failed() {
		s.Logf("what runs at rest: %s", s.running())
	}
	if rise > mean*soakMargin/100 {
		s.Error("anonymous memory rises")
	}
	if heap[3] > heap[1]+soakHeapMargin {
		s.Error("the live heap rises")
	}
}

// running lets the service end with all its goroutines told.
func (s *soak) running() string {
	before := len(s.r.text())
	_ = s.r.cmd.Process.Signal(syscall.SIGQUIT)
	<-s.r.ended
	return s.r.text()[before:]
}

// liveHeap returns the least live heap of each quarter, by what the collector
// says.
func (s *soak) liveHeap() (least [4]int) {
	said := regexp.MustCompile(`(?m)^gc \d+ @.* \d+->\d+->(\d+) MB`)
	text := s.r.text()
	ends := append(slices.Clone(s.quarters[1:]), len(text))
	for i := range least {
		var all []int
		for _, m := range said.FindAllStringSubmatch(text[s.quarters[i]:ends[i]], -1) {
			n, _ := strconv.Atoi(m[1])
			all = append(all, n<<20)
		}
		if len(all) == 0 {
			s.Fatal("the collector says nothing")
		}
		least[i] = slices.Min(all)
	}
	return least
}

func median(samples []soakSample) int {
	sorted := slices.SortedFunc(slices.Values(samples), func(a, b soakSample) int { return cmp.Compare(a.Anonymous, b.Anonymous) })
	return sorted[len(sorted)/2].Anonymous
}

// rising fits a straight line through anonymous memory and returns by how much
// it rises from the first sample to the last, and the mean.
func rising(samples []soakSample) (rise, mean float64) {
	n := float64(len(samples))
	for _, s := range samples {
		mean += float64(s.Anonymous) / n
	}
	var products, squares float64
	for i, s := range samples {
		x := float64(i) - (n-1)/2
		products += x * (float64(s.Anonymous) - mean)
		squares += x * x
	}
	return products / squares * (n - 1), mean
}
