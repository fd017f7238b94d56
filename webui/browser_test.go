package webui_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"qslbox/qso"
	"qslbox/qso/qsotest"
	"qslbox/syncers"
)

// filled returns a server whose logbook main holds a generated log.
func filled(t testing.TB, n int) *fixture {
	t.Helper()
	f := newFixture(t, overNetwork)
	adif := qsotest.ADIF(qsotest.Options{N: n, Seed: 7, End: time.Now().UTC().Truncate(time.Minute)})
	f.command(http.MethodPost, "/api/import", string(adif))
	f.books.book("main").synced()
	return f
}

// synced gives a logbook accounts and a history of syncs.
func (b *book) synced() {
	now := time.Now().UTC()
	b.accounts[qso.LoTW] = syncers.Account{Source: qso.LoTW, Login: "dk9xyz", Secret: qso.NewSecret("x")}
	b.settings = qso.Settings{DefaultOwn: "DK9XYZ", Grid: "JO30OM", Holders: []qso.Holder{{Name: "Anna", Calls: []qso.Call{"DK9XYZ", "DK9XYZ/P"}}}}
	b.runs = append(b.runs,
		syncers.Run{
			Run: 1, Source: "lotw", Trigger: syncers.ByButton, Class: syncers.OK, Fetched: 870, Added: 12, Matched: 856, Updated: 850, Unchanged: 6, Unmatched: 2,
			Message: "870 records, 2 are not in the log", Started: now.Add(-7 * time.Hour), Ended: now.Add(-7*time.Hour + time.Minute), Bytes: 412_000, LastOK: now.Add(-7 * time.Hour),
		},
		syncers.Run{
			Run: 2, Source: "lotw", Trigger: syncers.ByCron, Class: syncers.Auth, Code: "wrong-password", Started: now.Add(-time.Hour), Ended: now.Add(-time.Hour),
			Message: "LoTW refused login or password; set them under Settings", LastOK: now.Add(-7 * time.Hour),
			New:     syncers.New{Entities: []string{"339"}, Slots: []string{"339/20m"}, Grids: []string{"PM95"}},
			Answers: []syncers.Answer{{Query: "confirmations", Window: "since 2026-11-01", Class: syncers.Auth, Message: "LoTW answered with its sign-in page", Bytes: 2100}},
		})
	b.edits = append(b.edits,
		qso.ManyEdit{ID: 1, At: now.Add(-time.Hour), By: "anna", Field: "operator", Value: "DK9XYZ", QSOs: 12, Until: now.Add(719 * time.Hour)},
		qso.ManyEdit{ID: 2, At: now.Add(-2 * time.Hour), By: "anna", Field: "comment", QSOs: 3, Until: now.Add(718 * time.Hour), Undone: &qso.Undone{
			At: now, By: "otto", QSOs: 2, Left: []qso.LeftOut{{ID: 12, Call: "W1AAA", Start: qso.TimeOf(now), Why: qso.LeftChanged}},
		}})
	b.former = append(b.former, nil, nil)
	near := contact("JA1ZZZ", "20m", "CW", now.AddDate(0, -1, 0))
	b.listed = append(b.listed,
		syncers.Listed{ID: "a1", Source: qso.LoTW, Run: 1, Seen: now, Record: near, Reason: syncers.ByTime, Nearest: 12},
		syncers.Listed{ID: "a2", Source: qso.LoTW, Run: 1, Seen: now, Record: contact("W1AAA", "40m", "SSB", now), Ambiguous: []uint64{13, 14}})
}

// browser is a real browser on a fixture, with what went wrong in it.
type browser struct {
	t     testing.TB
	ctx   context.Context
	url   string
	check string          // the script that looks at a page
	first *browser        // whose tab this is; nil: the first tab
	told  map[string]bool // what the script said already, in any tab

	width  int64 // as look has set them
	scheme string
	plain  bool // runs no scripts, as runScripts has set it

	mu       sync.Mutex
	troubles []string
}

// newBrowser starts a browser; where there is none the test is skipped.
func newBrowser(t testing.TB, f *fixture, more ...chromedp.ExecAllocatorOption) *browser {
	t.Helper()
	name := ""
	for _, candidate := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(candidate); err == nil {
			name = found
			break
		}
	}
	if name == "" {
		t.Skip("there is no browser on this machine")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(name), chromedp.Flag("no-sandbox", true), chromedp.Flag("lang", "en"))
	ctx, stop := chromedp.NewExecAllocator(t.Context(), append(options, more...)...)
	t.Cleanup(stop)
	b := &browser{t: t, url: f.url}
	ctx, stop = chromedp.NewContext(ctx, chromedp.WithListener(b.listen))
	t.Cleanup(stop)
	b.ctx, stop = context.WithTimeout(ctx, 8*time.Minute)
	t.Cleanup(stop)
	b.watch()
	return b
}

// watch makes the browser tell of what goes wrong.
func (b *browser) watch() {
	b.t.Helper()
	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, cdp.Empty{})
	call(b, runtime.Enable, cdp.Empty{})
}

// tab opens another tab, with the same cookies.
func (b *browser) tab() *browser {
	b.t.Helper()
	tab := &browser{t: b.t, url: b.url, check: b.check, first: b}
	ctx, stop := chromedp.NewContext(b.ctx, chromedp.WithListener(tab.listen))
	b.t.Cleanup(stop)
	tab.ctx = ctx
	tab.watch()
	return tab
}

// tell fails for what is wrong with a page; the same on every page is told
// once.
func (b *browser) tell(name, wrong string) {
	b.t.Helper()
	first := b
	if b.first != nil {
		first = b.first
	}
	first.mu.Lock()
	defer first.mu.Unlock()
	if !first.told[wrong] {
		b.t.Errorf("%s: %s", name, wrong)
	}
	first.told[wrong] = true
}

// listen notes errors, violations of the content security policy, and requests
// to anybody but us.
func (b *browser) listen(event any) {
	trouble := ""
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && !strings.Contains(e.Entry.Text, "status of 4") && !strings.Contains(e.Entry.Text, "Cross-Origin-Opener-Policy header has been ignored") {
			trouble = e.Entry.Text + " " + e.Entry.URL
		}
	case *runtime.EventExceptionThrown:
		trouble = fmt.Sprint(e.ExceptionDetails.Text, " ", e.ExceptionDetails.URL)
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" {
			trouble = fmt.Sprintf("console: %s", e.Args[0].Value)
		}
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, b.url) && !strings.HasPrefix(e.Request.URL, "data:") && !strings.HasPrefix(e.Request.URL, "about:") {
			trouble = "a request to " + e.Request.URL
		}
	}
	if trouble != "" {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.troubles = append(b.troubles, trouble)
	}
}

// enter signs the browser in, as anybody but the one who tries the form.
func (b *browser) enter(f *fixture, name string) {
	b.t.Helper()
	cookie, value, _ := strings.Cut(f.cookie(name), "=")
	call(b, network.SetCookie, network.SetCookieParams{Name: cookie, Value: value, URL: b.url})
}

// run carries steps out.
func (b *browser) run(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// call gives the browser a command of its protocol.
func call[P, R any](b *browser, command cdp.Command[P, R], params P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, command, params); err != nil {
		b.t.Fatal(err)
	}
}

// find returns what an action finds. On a busy machine a question can meet the
// moment between two pages, when nothing is there to answer: it is asked again.
func find[T any](b *browser, a chromedp.Action[T]) T {
	b.t.Helper()
	var last error
	for range 20 {
		found, err := chromedp.Run(b.ctx, a)
		if err == nil {
			return found
		}
		last = err
		time.Sleep(100 * time.Millisecond)
	}
	b.t.Fatal(last)
	var none T
	return none
}

// open goes to a page and waits until it stands.
func (b *browser) open(path string) {
	b.t.Helper()
	b.run(chromedp.Navigate(b.url+path), chromedp.WaitReady("main"))
	b.until(b.stands())
}

// stands is true in a page that is there as a whole; its scripts, which run after
// its first frame, have run.
func (b *browser) stands() string {
	if b.plain {
		return `document.readyState === "complete"`
	}
	return `document.readyState === "complete" && (document.documentElement.dataset.scripts === "run" || !document.querySelector("script"))`
}

// runScripts says whether pages that are opened from now on run their scripts.
func (b *browser) runScripts(yes bool) {
	b.t.Helper()
	b.plain = !yes
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: b.plain})
}

// text returns what a part of the page says.
func (b *browser) text(selector string) string {
	b.t.Helper()
	return find(b, chromedp.Text(selector))
}

// calm fails for what went wrong since the last call.
func (b *browser) calm(where string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, trouble := range b.troubles {
		b.t.Errorf("%s: %s", where, trouble)
	}
	b.troubles = nil
}

// look sets the width of the screen and the colour scheme of the device.
func (b *browser) look(width int64, scheme string) {
	b.t.Helper()
	if width != b.width {
		call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1, Mobile: width < 600})
	}
	same := b.scheme == scheme
	if b.width, b.scheme = width, scheme; same {
		return
	}
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
}

// shoot keeps a picture of the page where QSLBOX_SHOTS says.
func (b *browser) shoot(name string) {
	b.t.Helper()
	dir := os.Getenv("QSLBOX_SHOTS")
	if dir == "" {
		return
	}
	png := find(b, chromedp.FullScreenshot(100))
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
		b.t.Fatal(err)
	}
}
