package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// BenchmarkFresh measures over HTTP from posting one QSO until the dashboard
// shows it: the statistics as JSON, which DESIGN.md section 10 speaks of, and
// the page, which shows the progress of all awards too. ms/commit is the part
// until the QSO is acknowledged, ms/shown all of it, both in the median, and
// ms/least the shortest: what it takes when nothing else runs.
func BenchmarkFresh(b *testing.B) {
	for _, size := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("%dk", size/1000), func(b *testing.B) {
			a, _ := filled(b, size)
			_, key, err := a.gate.AddKey("writer", "main", []string{"read", "write"}, time.Time{})
			if err != nil {
				b.Fatal(err)
			}
			server := httptest.NewServer(a.handler())
			b.Cleanup(server.Close)
			next := 0
			for _, bb := range []struct{ name, path, before, after string }{
				{"stats", "/api/stats", `"total":`, ","}, {"page", "/", "<dd>", "</dd>"},
			} {
				b.Run(bb.name, func(b *testing.B) {
					f := fresh{b: b, client: server.Client(), url: server.URL, key: key}
					f.ask(http.MethodGet, bb.path, "") // what was never asked for is not kept current
					var commits, shown []time.Duration
					for b.Loop() {
						began := time.Now()
						next++
						at := time.Date(2001, 1, 1, 0, next, 0, 0, time.UTC).Format(time.RFC3339)
						f.ask(http.MethodPost, "/api/qsos", `{"call":"DL1ABC","station_callsign":"DK9XYZ","time":"`+at+`","band":"20m","mode":"CW"}`)
						commit := time.Since(began)
						_, rest, _ := strings.Cut(f.ask(http.MethodGet, bb.path, ""), bb.before)
						total, _, _ := strings.Cut(rest, bb.after)
						total = strings.TrimSuffix(total, "</a>")
						total = total[strings.LastIndexByte(total, '>')+1:] // the page leads from the number to the log
						if shown := strings.NewReplacer(",", "", ".", "").Replace(total); shown != fmt.Sprint(size+next) {
							b.Fatalf("%s shows %q after %d QSOs", bb.path, total, size+next)
						}
						commits, shown = append(commits, commit), append(shown, time.Since(began))
					}
					slices.Sort(commits)
					slices.Sort(shown)
					for name, took := range map[string]time.Duration{"ms/commit": commits[len(commits)/2], "ms/shown": shown[len(shown)/2], "ms/least": shown[0]} {
						b.ReportMetric(float64(took)/float64(time.Millisecond), name)
					}
				})
			}
		})
	}
}

// fresh asks a server.
type fresh struct {
	b        *testing.B
	client   *http.Client
	url, key string
}

func (f *fresh) ask(method, path, body string) string {
	req, err := http.NewRequest(method, f.url+path, strings.NewReader(body))
	if err != nil {
		f.b.Fatal(err)
	}
	req.Header.Set("X-API-Key", f.key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := f.client.Do(req)
	if err != nil {
		f.b.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		f.b.Fatalf("%s %s: %s, %v\n%s", method, path, resp.Status, err, text)
	}
	return string(text)
}
