package webui_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// mainPages are what a reader opens day by day.
var mainPages = []string{"/", "/log", "/map", "/awards", "/awards/dxcc", "/cards", "/sync", "/monitor"}

// painted is what the browser says of how a page came to stand.
type painted struct {
	Answer float64 // the first byte was there
	Paint  float64 // the largest part was painted
	Moved  float64 // what moved meanwhile: cumulative layout shift
	Nodes  int
}

// painting waits until nothing more is painted and tells about it.
const painting = `new Promise((done) => {
  const out = { Paint: 0, Moved: 0 };
  new PerformanceObserver((l) => { for (const e of l.getEntries()) out.Paint = e.startTime; }).observe({ type: "largest-contentful-paint", buffered: true });
  new PerformanceObserver((l) => { for (const e of l.getEntries()) out.Moved += e.value; }).observe({ type: "layout-shift", buffered: true });
  const begun = performance.now();
  const timer = setInterval(() => {
    if (performance.now() < Math.max(out.Paint, begun) + 300 || (!out.Paint && performance.now() < 5000)) return;
    clearInterval(timer);
    out.Answer = performance.getEntriesByType("navigation")[0].responseStart;
    out.Nodes = document.getElementsByTagName("*").length;
    done(JSON.stringify(out));
  }, 50);
})`

// paint opens a page with nothing in the cache, in a browser at rest: a reader
// who comes for the first time has not just closed a table of 20,000 parts, whose
// end would take the processor from the page that is measured.
func (b *browser) paint(url string) (p painted) {
	b.t.Helper()
	call(b, network.ClearBrowserCache, cdp.Empty{})
	b.run(chromedp.Navigate("about:blank"), chromedp.Sleep(300*time.Millisecond), chromedp.Navigate(url))
	if err := json.Unmarshal([]byte(find(b, chromedp.Evaluate[string](painting, chromedp.EvalAwaitPromise))), &p); err != nil {
		b.t.Fatal(err)
	}
	return p
}

// TestStill opens the main pages over a slow line, so that they arrive piece by
// piece, on a desktop and on a phone: nothing that is seen moves.
func TestStill(t *testing.T) {
	f := filled(t, 600)
	f.withPeople()
	b := newBrowser(t, f)
	b.enter(f, "admin")
	call(b, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true})
	slow := &network.Conditions{Latency: 20, DownloadThroughput: 200_000, UploadThroughput: 200_000}
	call(b, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{slow}})
	for _, width := range []int64{1280, 390} {
		b.look(width, "light")
		for _, path := range mainPages {
			if p := b.paint(b.url + path); p.Moved > 0.005 {
				t.Errorf("%s at %d px: something moved while loading, %.4f", path, width, p.Moved)
			}
		}
	}
	b.calm("over a slow line")
}

// BenchmarkPaint measures when the largest part of a page is painted, with
// nothing in the browser's cache, beside an empty page in the same browser, in
// turn: what the machine and the browser take by themselves. Medians and
// smallest values of all rounds: -benchtime 10x makes ten.
func BenchmarkPaint(b *testing.B) {
	f := newFixture(b, overNetwork)
	f.withPeople().everything()
	empty := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!DOCTYPE html><title>empty</title><h1>Nothing</h1><p>but a line of text")
	}))
	defer empty.Close()
	br := newBrowser(b, f)
	br.enter(f, "admin")
	br.look(1280, "light")
	call(br, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true})
	pages := append([]string{empty.URL}, mainPages...)
	all := map[string][]painted{}
	for _, path := range pages { // code is loaded, templates are parsed
		br.paint(br.at(path))
	}
	for b.Loop() {
		for _, path := range pages {
			all[path] = append(all[path], br.paint(br.at(path)))
		}
	}
	for _, path := range pages {
		list := all[path]
		slices.SortFunc(list, func(a, b painted) int { return int(a.Paint - b.Paint) })
		name := strings.ReplaceAll(strings.TrimPrefix(path, "http://"), "/", ".")
		if path == empty.URL {
			name = "empty"
		}
		b.ReportMetric(list[len(list)/2].Paint, "ms:"+name)
		b.ReportMetric(list[0].Paint, "min-ms:"+name)
		if testing.Verbose() {
			fmt.Printf("%-14s %4.0f ms, at least %4.0f; the answer after %3.0f; %d nodes\n", name, list[len(list)/2].Paint, list[0].Paint, list[len(list)/2].Answer, list[0].Nodes)
		}
	}
}

// at returns the address of a page, which may be another server's.
func (b *browser) at(path string) string {
	if strings.HasPrefix(path, "/") {
		return b.url + path
	}
	return path
}
