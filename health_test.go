package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestHealthCommand compares documents with thresholds, as cron and Nagios do.
func TestHealthCommand(t *testing.T) {
	const document = `{"status":"ok","uptime":7200,"performance":{"slowQueries":3,"criticalQueries":1,"avgTime":"3.28ms"},` +
		`"cache":{"hitRate":"91.67%","statsCache":{"hits":11,"misses":1},"awardCache":{"hits":0,"misses":0}},"problems":[],` +
		`"sync":{"lotw":{"last_success":"2026-02-01T06:00:00Z"},"dcl":{"last_success":null}}}`
	now := time.Date(2026, 2, 2, 12, 0, 0, 0, time.UTC) // 30 hours later
	bad := strings.NewReplacer(`"ok"`, `"degraded"`, `"problems":[]`, `"problems":[{"check":"disk","severity":"degraded","message":"disk: 3 MiB free"}]`).Replace(document)
	for _, c := range []struct {
		name, document string
		args           []string
		code           int
		says           string
	}{
		{"well", document, nil, 0, "OK - status ok, up 2 h | slow=3 critical=1 hit_rate=91.67%"},
		{"slow at the limit", document, []string{"--max-slow", "3"}, 0, "OK"},
		{"slow", document, []string{"--max-slow", "2"}, 1, "WARNING - status ok, up 2 h: 3 slow operations in the last hour (limit 2)"},
		{"none may be slow", document, []string{"--max-slow", "0"}, 1, "(limit 0)"},
		{"hits above", document, []string{"--min-hit-rate", "91.67"}, 0, "OK"},
		{"hits below", document, []string{"--min-hit-rate", "91.68"}, 1, "cache hit rate 91.67% (limit 91.68%)"},
		{"nothing read yet", strings.NewReplacer(`"hits":11,"misses":1`, `"hits":0,"misses":0`, "91.67%", "0%").Replace(document), []string{"--min-hit-rate", "50"}, 0, "OK"},
		{"never synced", document, []string{"--max-sync-age", "48h"}, 1, "dcl has never synced"},
		{"synced long ago", document, []string{"--max-sync-age", "24h"}, 1, "last good lotw sync"},
		{"degraded", bad, nil, 1, "WARNING - status degraded, up 2 h: disk: 3 MiB free"},
		{"cannot serve", strings.Replace(document, `"ok"`, `"error"`, 1), nil, 2, "CRITICAL - status error"},
		{"degraded, for a container", bad, []string{"--only-critical"}, 0, "WARNING - status degraded"},
		{"cannot serve, for a container", strings.Replace(document, `"ok"`, `"error"`, 1), []string{"--only-critical"}, 2, "CRITICAL"},
		{"a page", "<html>", nil, 2, "CRITICAL - the answer is no health document"},
		{"JSON", document, []string{"--json"}, 0, `"hitRate":"91.67%"`},
		{"JSON with a warning", document, []string{"--json", "--max-slow", "1"}, 1, `"hitRate"`},
		{"less than none slow", document, []string{"--max-slow=-1"}, 2, "--max-slow -1"},
		{"more hits than reads", document, []string{"--min-hit-rate", "101"}, 2, "--min-hit-rate 101"},
		{"an age before now", document, []string{"--max-sync-age=-1h"}, 2, "--max-sync-age -1h"},
		{"no number", document, []string{"--max-slow", "many"}, 2, "--max-slow"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, c.document) }))
			defer server.Close()
			out := &buffer{}
			env := environment{getenv: func(string) string { return "" }, stdout: out, stderr: out, now: func() time.Time { return now }}
			err := run(context.Background(), append([]string{"health", "--url", server.URL}, c.args...), env)
			text := out.String()
			if err != nil {
				text += err.Error()
			}
			if code := exitCode(err); code != c.code || !strings.Contains(text, c.says) {
				t.Errorf("exit %d, %q; want exit %d and %q", code, text, c.code, c.says)
			}
		})
	}
}

// TestHealthUnreachable is critical, and says so in one line.
func TestHealthUnreachable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	b := newBox(t)
	for _, args := range [][]string{{"health", "--url", server.URL}, {"health"}} {
		out, _, code := b.run("", args...)
		if code != 2 || !strings.HasPrefix(out, "CRITICAL - ") || strings.Count(out, "\n") != 1 {
			t.Errorf("qslbox %v: exit %d, %q", args, code, out)
		}
	}
}

// TestThresholdsOfTheMonitor refuses limits that make no sense, by their names.
func TestThresholdsOfTheMonitor(t *testing.T) {
	b := newBox(t)
	for _, args := range [][]string{{"--slow-query", "0s"}, {"--slow-query=-1s"}, {"--slow-query", "200ms", "--critical-query", "100ms"}} {
		_, errs, code := b.run("", append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
		if code != exitUsage || !strings.Contains(errs, "--slow-query") {
			t.Errorf("%v: exit %d, %q", args, code, errs)
		}
	}
	if err := run(context.Background(), []string{"serve", "--slow-query", "soon"}, b.environment("", io.Discard, io.Discard)); !errors.As(err, new(usageError)) {
		t.Errorf("a limit that is no duration: %v", err)
	}
}
