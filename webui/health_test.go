package webui_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/monitor"
)

// TestHealthFormat holds the members that monitoring scripts read for ever.
func TestHealthFormat(t *testing.T) {
	f := newFixture(t)
	f.clock.advanceTo(3028732291 * time.Nanosecond)
	got := f.do(ask{path: "/api/health", from: "127.0.0.1:5"})
	const want = `{"status":"ok","timestamp":"2025-01-21T06:37:58.109Z","uptime":3.028732291,` +
		`"performance":{"totalQueries":0,"totalTime":0,"avgTime":"0ms","slowQueries":0,"criticalQueries":0,"topSlowest":[]},` +
		`"cache":{"total":0,"valid":0,"expired":0,"ttl":300000,"hitRate":"0%",` +
		`"awardCache":{"size":0,"hits":0,"misses":0},"statsCache":{"size":0,"hits":0,"misses":0}},"rating":"EXCELLENT",`
	if got.status != http.StatusOK || !strings.HasPrefix(got.body, want) {
		t.Errorf("health of a fresh installation (-want +got):\n%s", cmp.Diff(want, got.body[:min(len(want), len(got.body))]))
	}
	members := decode[map[string]any](t, got.body)
	for _, name := range []string{"problems", "operations", "regressions", "sync", "version"} {
		if members[name] == nil {
			t.Errorf("member %q is missing", name)
		}
	}
}

// TestHealthNumbers checks how times and rates are written.
func TestHealthNumbers(t *testing.T) {
	f := newFixture(t)
	op := f.monitor.Operation(monitor.Query, "award/dxcc")
	for _, d := range []time.Duration{1 * time.Millisecond, 2500 * time.Microsecond, 600 * time.Millisecond} {
		op.ObserveDetail(d, nil, `main "x"`)
	}
	for range 12 {
		f.command(http.MethodGet, "/api/stats", "")
	}
	type slow struct {
		Operation string
		MS        float64
		At        string
		Detail    string
	}
	doc := decode[struct {
		Performance struct {
			TotalQueries, SlowQueries, CriticalQueries int
			TotalTime                                  float64
			AvgTime                                    string
			TopSlowest                                 []slow
		}
		Cache struct{ HitRate string }
	}](t, f.command(http.MethodGet, "/api/health", "").body)
	p := doc.Performance
	if p.SlowQueries != 1 || p.CriticalQueries != 1 || p.TotalTime != 603.5 {
		t.Errorf("performance: %+v", p)
	}
	if want := fmt.Sprintf("%.4g", 603.5/float64(p.TotalQueries)); !strings.HasPrefix(p.AvgTime, want[:3]) || !strings.HasSuffix(p.AvgTime, "ms") {
		t.Errorf("avgTime %s, want about %sms", p.AvgTime, want)
	}
	if diff := cmp.Diff(slow{"award/dxcc", 600, "2025-01-21T06:37:55.080Z", `main "x"`}, p.TopSlowest[0]); diff != "" {
		t.Errorf("slowest (-want +got):\n%s", diff)
	}
	if doc.Cache.HitRate != "91.67%" {
		t.Errorf("hitRate %s after 11 hits of 12, want 91.67%%", doc.Cache.HitRate)
	}
}

// TestHealthVerdict shows that trouble is told, and that 503 says that we
// cannot serve.
func TestHealthVerdict(t *testing.T) {
	f := newFixture(t)
	severity := monitor.Degraded
	f.health.Add("backup", func() monitor.Check {
		return monitor.Check{Severity: severity, Message: "no backup for 9 days: see Settings"}
	})
	got := f.do(ask{path: "/api/health", full: true})
	if got.status != http.StatusOK || !strings.HasPrefix(got.body, `{"status":"degraded"`) || !strings.Contains(got.body, "no backup for 9 days") {
		t.Errorf("degraded: %d %s", got.status, got.body)
	}
	severity = monitor.Error
	f.clock.advance(2 * time.Second)
	if got := f.do(ask{path: "/api/health"}); got.status != http.StatusServiceUnavailable || !strings.HasPrefix(got.body, `{"status":"error"`) {
		t.Errorf("error: %d %s", got.status, got.body)
	}
}

// TestHealthPublic shows that strangers learn whether we are well, and no more,
// and not too often.
func TestHealthPublic(t *testing.T) {
	f := newFixture(t).withPeople()
	f.clock.advance(time.Second)
	got := f.do(ask{path: "/api/health"})
	if want := `{"status":"ok","timestamp":"2025-01-21T06:37:56.080Z","uptime":1}` + "\n"; got.body != want {
		t.Errorf("public view (-want +got):\n%s", cmp.Diff(want, got.body))
	}
	for range 59 {
		got = f.do(ask{path: "/api/health"})
	}
	if got.status != http.StatusOK {
		t.Fatalf("60th request within a minute: %d", got.status)
	}
	if got = f.do(ask{path: "/api/health"}); got.status != http.StatusTooManyRequests || got.header.Get("Retry-After") != "1" {
		t.Errorf("61st request: %d, Retry-After %q", got.status, got.header.Get("Retry-After"))
	}
	if got = f.do(ask{path: "/api/health", from: "192.0.2.8:1"}); got.status != http.StatusOK {
		t.Errorf("another source: %d", got.status)
	}
	f.clock.advance(2 * time.Second)
	if got = f.do(ask{path: "/api/health"}); got.status != http.StatusOK {
		t.Errorf("two seconds later: %d", got.status)
	}
}

// TestPerformance checks the figures of operations.
func TestPerformance(t *testing.T) {
	f := newFixture(t)
	f.monitor.Observe(monitor.Store, "commit", 250*time.Millisecond, errors.New("disk"))
	f.monitor.Observe(monitor.Store, "commit", 50*time.Millisecond, nil)
	type operation struct {
		Name, Kind     string
		Count, Errors  int
		Min, P50, Max  float64
		Recent         []float64
		SlowLastHour   int `json:"slow_last_hour"`
		ErrorsLastHour int `json:"errors_last_hour"`
	}
	got := decode[struct {
		Items []operation
		Slow  []struct{ MS float64 }
	}](t, f.command(http.MethodGet, "/api/performance/commit?over=200ms", "").body)
	want := operation{Name: "commit", Kind: "store", Count: 2, Errors: 1, Min: 50, P50: 50, Max: 250, Recent: []float64{250, 50}, SlowLastHour: 1, ErrorsLastHour: 1}
	if diff := cmp.Diff([]operation{want}, got.Items); diff != "" {
		t.Errorf("operation (-want +got):\n%s", diff)
	}
	if len(got.Slow) != 1 || got.Slow[0].MS != 250 {
		t.Errorf("slow calls over 200 ms: %v", got.Slow)
	}
	all := f.command(http.MethodGet, "/api/performance", "").body
	if !strings.Contains(all, `"name":"commit"`) || !strings.Contains(all, `"regressions":[]`) {
		t.Errorf("performance: %s", all)
	}
	if got := f.do(ask{path: "/api/performance/none", full: true}); got.status != http.StatusNotFound {
		t.Errorf("unknown operation: %d", got.status)
	}
	if got := f.do(ask{path: "/api/performance?over=long", full: true}); got.status != http.StatusBadRequest {
		t.Errorf("bad over: %d", got.status)
	}
}

// TestMetrics reads what Prometheus would.
func TestMetrics(t *testing.T) {
	f := newFixture(t)
	f.monitor.Observe(monitor.Query, "stats", 2*time.Millisecond, nil)
	f.books.book("club").add(contact("DL1ABC", "20m", "CW", started))
	got := f.command(http.MethodGet, "/metrics", "").body
	for _, line := range []string{
		`qslbox_operation_duration_seconds_bucket{kind="query",operation="stats",le="0.0025"} 1`,
		`qslbox_operation_duration_seconds_bucket{kind="query",operation="stats",le="0.001"} 0`,
		`qslbox_operation_duration_seconds_count{kind="query",operation="stats"} 1`,
		`qslbox_health_status 0`, `qslbox_info{version="1.2.3"} 1`, `qslbox_logbook_qsos{logbook="club"} 1`,
		`qslbox_cache_hits_total{cache="stats"} 0`, `go_goroutines`,
	} {
		if !strings.Contains(got, line) {
			t.Errorf("no line %s", line)
		}
	}
}
