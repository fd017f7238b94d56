package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"qslbox/qso/columns"
	"qslbox/stats"
)

// nowhere is a response that nobody reads.
type nowhere struct{ header http.Header }

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (n *nowhere) WriteHeader(status int) {
	if status != http.StatusOK {
		panic(http.StatusText(status))
	}
}

// TestAllocations holds what the hot paths of the joined program allocate at
// most, as the number of allocations does not depend on the machine. One that
// grows with the log, or a JSON encoder for each request, is hundreds. Paths
// that allocate nothing have their test in their own package; the monitor, the
// reader of ADIF and a snapshot's hit are among them.
func TestAllocations(t *testing.T) {
	a, key := filled(t, 3000)
	ctx := context.Background()
	log, err := a.store.Columns(ctx, "main")
	if err != nil {
		t.Fatal(err)
	}
	request := func(path string) func() {
		handler, req := a.handler(), httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
		req.RemoteAddr = "127.0.0.1:5"
		req.Header.Set("X-API-Key", key)
		w := &nowhere{http.Header{}}
		return func() { clear(w.header); handler.ServeHTTP(w, req) }
	}
	dx, _ := a.awards.set().Get("dxcc")
	board := stats.NewBoard(a.table, dx)
	var body []byte
	n := 0
	for _, tc := range []struct {
		name string
		most float64
		run  func()
	}{
		{"snapshot hit", 0, func() { _, _ = a.keeper.Get(ctx, "main", stats.Dashboard, nil) }},
		{"GET /api/stats", 60, request("/api/stats")},
		{"GET /api/awards/dxcc", 62, request("/api/awards/dxcc")},
		{"GET /api/health", 60, request("/api/health")},
		{"GET /", 60, request("/")},
		{"GET / made anew", 38_500, func() { n++; request(fmt.Sprint("/?n=", n))() }}, // 36,000 under the race detector, which empties pools
		{"dashboard from the columns", 1600, func() {
			log.View(func(v *columns.View) { body = board.Statistics(v, columns.Filter{}, time.Time{}).AppendJSON(body[:0]) })
		}},
	} {
		tc.run() // pools and snapshots are there
		runs := 200
		if tc.most > 1e4 {
			runs = 20 // they take long under the race detector
		}
		if n := testing.AllocsPerRun(runs, tc.run); n > tc.most {
			t.Errorf("%s allocates %v times, want %v at most", tc.name, n, tc.most)
		}
	}
}
