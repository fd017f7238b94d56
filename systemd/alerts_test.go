package systemd_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
)

// document is a health document with changes to it: old, new, old, new, ...
func document(change ...string) string {
	return strings.NewReplacer(change...).Replace(`{"status":"ok","timestamp":"2026-01-21T06:37:58.109Z","uptime":3.02,
"performance":{"totalQueries":400,"totalTime":1312,"avgTime":"3.28ms","slowQueries":2,"criticalQueries":0,
"topSlowest":[{"operation":"award/dxcc","ms":120.5,"at":"2026-01-21T06:30:00Z","detail":""}]},
"cache":{"total":9,"valid":9,"expired":0,"ttl":300000,"hitRate":"91.67%",
"awardCache":{"size":8,"hits":60,"misses":10},"statsCache":{"size":1,"hits":160,"misses":10}},"problems":[]}`)
}

// TestAlerts runs the scripts against documents, broken ones too.
func TestAlerts(t *testing.T) {
	for _, tool := range []string{"curl", "jq"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("the scripts need " + tool)
		}
	}
	bad := document(`"ok"`, `"degraded"`, `"problems":[]`, `"problems":[{"message":"backup: none for 9 days"},{"message":"disk: 3 MiB free"}]`)
	tests := []struct {
		name, script string
		args         []string
		status       int // of the answer; 0 = not reachable
		body         string
		code         int
		want         string // in the one line
	}{
		{"well", "health", nil, 200, document(), 0, "OK - status ok"},
		{"public view", "health", nil, 200, `{"status":"ok","timestamp":"2026-01-21T06:37:58.109Z","uptime":3.02}`, 0, "OK - status ok"},
		{"degraded", "health", nil, 200, bad, 1, "WARNING - status degraded: backup: none for 9 days; disk: 3 MiB free"},
		{"cannot serve", "health", nil, 503, document(`"ok"`, `"error"`), 2, "CRITICAL - status error"},
		{"too often", "health", nil, 429, `{"error":{"code":"too_many","message":"at most 60 a minute"}}`, 2, "CRITICAL - status at most 60 a minute"},
		{"no JSON", "health", nil, 200, "<html>", 2, "is no document"},
		{"another JSON", "health", nil, 200, `["ok"]`, 2, "is no document"},
		{"not reachable", "health", nil, 0, "", 2, "is not reachable"},

		{"fast", "performance", nil, 200, document(), 0, "OK - mean 3.28 ms, 2 slow, 0 critical in the last hour"},
		{"decimals just below", "performance", []string{"3.3"}, 200, document(), 0, "OK"},
		{"decimals at the limit", "performance", []string{"3.28"}, 200, document(), 0, "OK"},
		{"decimals just above", "performance", []string{"3.27"}, 200, document(), 1, "WARNING - mean 3.28 ms"},
		{"many slow", "performance", []string{"100", "1"}, 200, document(), 1, "WARNING - mean 3.28 ms, 2 slow"},
		{"a critical one", "performance", nil, 200, document(`"criticalQueries":0`, `"criticalQueries":1`), 2, "1 critical in the last hour: award/dxcc 120.5 ms"},
		{"nothing measured", "performance", nil, 200, document(`"3.28ms"`, `"0ms"`), 0, "OK - mean 0 ms"},
		{"limit without sense", "performance", []string{"fast"}, 200, document(), 2, `MILLISECONDS: "fast" is no number`},
		{"figure without sense", "performance", nil, 200, document("3.28ms", "?"), 2, `avgTime: "?" is no number`},
		{"no figures", "performance", nil, 200, `{"status":"ok"}`, 2, "set QSLBOX_KEY"},
		{"performance not reachable", "performance", nil, 0, "", 2, "is not reachable"},

		{"of use", "cache", nil, 200, document(), 0, "OK - hit rate 91.67 % of 240 reads"},
		{"decimals above", "cache", []string{"91.6"}, 200, document(), 0, "OK"},
		{"decimals below", "cache", []string{"91.7"}, 200, document(), 1, "WARNING - hit rate 91.67 % of 240 reads, below 91.7 %"},
		{"too few reads", "cache", []string{"99", "241"}, 200, document(), 0, "OK"},
		{"just enough reads", "cache", []string{"99", "240"}, 200, document(), 1, "WARNING"},
		{"cache not reachable", "cache", nil, 0, "", 2, "is not reachable"},
	}
	for _, tt := range tests {
		t.Run(tt.script+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/api/health" || r.Header.Get("Authorization") != "Bearer qk_example" {
					t.Errorf("asked for %s with authorization %q", r.URL.Path, r.Header.Get("Authorization"))
				}
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.body))
			}))
			defer server.Close()
			if tt.status == 0 {
				server.Close()
			}
			env := []string{"QSLBOX_URL=" + server.URL + "/", "QSLBOX_KEY=qk_example", "no_proxy=127.0.0.1"}
			out, err := run(t, env, "sh", append([]string{"alerts/" + tt.script}, tt.args...)...)
			code := 0
			if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
				code = exit.ExitCode()
			}
			if code != tt.code || !strings.Contains(out, tt.want) || strings.Count(out, "\n") != 1 {
				t.Errorf("exit %d, %q; want exit %d and one line with %q", code, out, tt.code, tt.want)
			}
		})
	}
}
