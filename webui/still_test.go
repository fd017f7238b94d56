package webui_test

import (
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// mainPages are what a reader opens day by day.
var mainPages = []string{"/", "/log", "/map", "/awards", "/awards/dxcc", "/cards", "/sync", "/monitor"}

// moving waits until a page has stood for a while and says how much of it moved
// meanwhile: the cumulative layout shift.
const moving = `new Promise((done) => {
  let moved = 0;
  new PerformanceObserver((l) => { for (const e of l.getEntries()) moved += e.value; }).observe({ type: "layout-shift", buffered: true });
  const end = () => setTimeout(() => done(moved), 700);
  if (document.readyState === "complete") end();
  else addEventListener("load", end);
})`

// TestStill opens the main pages over a slow line, so that they arrive piece by
// piece, on a desktop and on a phone: nothing that is seen moves.
func TestStill(t *testing.T) {
	f := filled(t, 600)
	f.withPeople()
	b := newBrowser(t, f)
	b.enter(f, "admin")
	call(b, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Europe/Berlin"}) // so that times get the reader's own beside them
	call(b, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true})
	slow := &network.Conditions{Latency: 20, DownloadThroughput: 200_000, UploadThroughput: 200_000}
	call(b, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{slow}})
	for _, width := range []int64{1280, 390} {
		b.look(width, "light")
		for _, path := range append([]string{"/cards?call=*1*", "/log/new", "/sync/lotw/runs/2"}, mainPages...) {
			call(b, network.ClearBrowserCache, cdp.Empty{})
			b.open(path)
			if moved := find(b, chromedp.Evaluate[float64](moving, chromedp.EvalAwaitPromise)); moved > 0.005 {
				t.Errorf("%s at %d px: something moved while loading, %.4f", path, width, moved)
			}
		}
	}
	b.calm("over a slow line")
}
