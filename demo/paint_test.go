package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// painted are the pages whose painting is measured, those that are opened day by
// day.
var painted = []string{"/", "/log", "/map", "/awards", "/awards/dxcc", "/cards", "/sync", "/monitor"}

// painting waits until nothing larger is painted, and says when the largest part
// was, in ms since the page was asked for.
const painting = `new Promise((done) => {
  let paint = 0;
  new PerformanceObserver((l) => { for (const e of l.getEntries()) paint = e.startTime; }).observe({ type: "largest-contentful-paint", buffered: true });
  const begun = performance.now();
  const timer = setInterval(() => {
    if (performance.now() < Math.max(paint, begun) + 300 || (!paint && performance.now() < 5000)) return;
    clearInterval(timer);
    done(paint);
  }, 50);
})`

// BenchmarkPaint measures when the largest part of a page is painted: the built
// program with 100,000 QSOs, a desktop's window, nothing in the browser's cache.
// Each page is opened in two ways: from another page of the program, as most are,
// and from a page of another host. Whether the browser begins a process for that or
// takes one it has is its own affair, and moves the figures. Beside both, in turn, an empty page with the same headers: what the
// browser and the machine take by themselves. Medians and smallest values:
// -benchtime 11x makes eleven rounds. QSLBOX_BROWSER names another browser.
func BenchmarkPaint(b *testing.B) {
	p := newPainter(b)
	ctx, cancel := context.WithCancel(b.Context())
	l, err := newLab(ctx, false, os.Stderr)
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		cancel()
		if err := l.close(); err != nil {
			b.Error(err)
		}
	}()
	if err := errors.Join(l.furnish(ctx, 100_000, os.Stderr), l.start(ctx)); err != nil {
		b.Fatal(err)
	}
	link, err := l.p.command(ctx, "user", "link", "demo")
	if err != nil {
		b.Fatal(err)
	}
	headers, err := l.http.Get(l.url + "/signin")
	if err != nil {
		b.Fatal(err)
	}
	headers.Body.Close()
	empty := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for name, values := range headers.Header {
			if name != "Content-Length" && name != "Content-Encoding" {
				w.Header()[name] = values
			}
		}
		_, _ = io.WriteString(w, "<!DOCTYPE html><title>empty</title><h1>Nothing</h1><p>but a line of text")
	}))
	defer empty.Close()

	p.do(chromedp.Navigate(link), chromedp.WaitReady("main"))
	elsewhere := strings.Replace(empty.URL, "127.0.0.1", "localhost", 1)
	var all []*opening
	for _, path := range painted {
		all = append(all, &opening{from: l.url + "/help", to: l.url + path, name: path}, &opening{from: elsewhere, to: l.url + path, name: "elsewhere:" + path})
	}
	all = append(all, &opening{from: empty.URL + "/help", to: empty.URL + "/", name: "empty"}, &opening{from: elsewhere, to: empty.URL, name: "elsewhere:empty"})
	for _, o := range all { // code is loaded, pages are made
		p.open(o)
	}
	for b.Loop() {
		for _, o := range all {
			o.took = append(o.took, p.open(o))
		}
	}
	for _, o := range all {
		slices.Sort(o.took)
		b.ReportMetric(o.took[len(o.took)/2], "ms:"+o.name)
		if testing.Verbose() {
			fmt.Printf("%-24s %4.0f ms, at least %4.0f\n", o.name, o.took[len(o.took)/2], o.took[0])
		}
	}
}

// opening is a way to open a page, and the times it took.
type opening struct {
	name, from, to string
	took           []float64 // ms
}

// painter is a browser that paints.
type painter struct {
	t   testing.TB
	ctx context.Context
}

func newPainter(t testing.TB) *painter {
	t.Helper()
	name, err := exec.LookPath(cmp.Or(os.Getenv("QSLBOX_BROWSER"), "chromium"))
	if err != nil {
		t.Skip("there is no browser on this machine: ", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(name), chromedp.Flag("no-sandbox", true), chromedp.Flag("lang", "en"))
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	p := &painter{t, ctx}
	tell(p, network.Enable, network.EnableParams{})
	tell(p, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true})
	tell(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 1280, Height: 900, DeviceScaleFactor: 1})
	return p
}

func (p *painter) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// tell gives the browser a command of its protocol.
func tell[P, R any](p *painter, command cdp.Command[P, R], params P) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, command, params); err != nil {
		p.t.Fatal(err)
	}
}

// open opens a page from another one that has come to rest, and returns when
// its largest part was painted.
func (p *painter) open(o *opening) float64 {
	p.t.Helper()
	p.do(chromedp.Navigate(o.from), chromedp.Sleep(time.Second))
	tell(p, network.ClearBrowserCache, cdp.Empty{})
	p.do(chromedp.Sleep(500*time.Millisecond), chromedp.Navigate(o.to))
	ms, err := chromedp.Run(p.ctx, chromedp.Evaluate[float64](painting, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatal(err)
	}
	return ms
}
