package webui_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"qslbox/qso/qsotest"
)

// discard is a response that goes nowhere.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(status int) {
	if status != http.StatusOK {
		panic(http.StatusText(status))
	}
}

// benchmarkFixture has a log of some size, an answer of GET /api/stats, and a
// key that may have it.
func benchmarkFixture(b *testing.B) (f *fixture, body, key string) {
	f = newFixture(b, overNetwork)
	f.command(http.MethodPost, "/api/import", string(qsotest.ADIF(qsotest.Options{N: 2000})))
	return f, f.command(http.MethodGet, "/api/stats", "").body, f.key("main", "read", "metrics")
}

// BenchmarkHandler compares, without a network, what an answer from a snapshot
// and the health document cost beside a static text.
func BenchmarkHandler(b *testing.B) {
	f, body, key := benchmarkFixture(b)
	static := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
	for _, bb := range []struct {
		name, path string
		handler    http.Handler
	}{{"static", "/", static}, {"stats", "/api/stats", f.server.Handler()}, {"health", "/api/health", f.server.Handler()}} {
		b.Run(bb.name, func(b *testing.B) {
			req := httptest.NewRequest(http.MethodGet, "http://localhost"+bb.path, nil)
			req.RemoteAddr = "127.0.0.1:5"
			req.Header.Set("X-API-Key", key)
			b.ReportAllocs()
			for b.Loop() {
				bb.handler.ServeHTTP(&discard{http.Header{}}, req)
			}
		})
	}
}

// BenchmarkNetwork measures the budget of DESIGN.md section 10: requests a
// second from a snapshot and of the health document, against a static answer of
// the same size in a server like it, 16 connections.
func BenchmarkNetwork(b *testing.B) {
	f, body, key := benchmarkFixture(b)
	static := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }))
	defer static.Close()
	for _, bb := range []struct{ name, url string }{{"static", static.URL}, {"stats", f.url + "/api/stats"}, {"health", f.url + "/api/health"}} {
		b.Run(bb.name, func(b *testing.B) {
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
			defer client.CloseIdleConnections()
			b.SetParallelism(8)
			begin := time.Now()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					req, _ := http.NewRequest(http.MethodGet, bb.url, nil)
					req.Header.Set("X-API-Key", key)
					resp, err := client.Do(req)
					if err != nil || resp.StatusCode != http.StatusOK {
						b.Error(resp, err)
						return
					}
					_, _ = io.Copy(io.Discard, resp.Body)
					_ = resp.Body.Close()
				}
			})
			b.ReportMetric(float64(b.N)/time.Since(begin).Seconds(), "req/s")
		})
	}
}
