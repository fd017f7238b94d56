package main

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

// BenchmarkTracking asks the joined program for statistics and pages with the
// monitor on and off, in turn, so that what else the machine does falls on both:
// the medians and their ratio say what measuring costs.
func BenchmarkTracking(b *testing.B) {
	on, key := filledAs(b, 10_000, applianceConfig{create: true})
	off, other := filledAs(b, 10_000, applianceConfig{create: true, unmeasured: true})
	once := func(handler http.Handler, path, key string) time.Duration {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
		r.Header.Set("X-API-Key", key)
		began := time.Now()
		handler.ServeHTTP(w, r)
		took := time.Since(began)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code, w.Body)
		}
		return took
	}
	for _, path := range []string{"/api/stats", "/", "/log"} {
		b.Run(path, func(b *testing.B) {
			var with, without []time.Duration
			for b.Loop() {
				with = append(with, once(on.handler(), path, key))
				without = append(without, once(off.handler(), path, other))
			}
			slices.Sort(with)
			slices.Sort(without)
			x, y := with[len(with)/2], without[len(without)/2]
			b.ReportMetric(float64(x), "on-ns")
			b.ReportMetric(float64(y), "off-ns")
			b.ReportMetric(float64(x)/float64(y), "on/off")
		})
	}
}
