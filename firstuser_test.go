package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"qslbox/syncers/lotw/lotwtest"
)

// TestFirstUser walks the way of somebody new in a real browser, from the link
// that the service prints to a dashboard with numbers: by LoTW, with a typing
// mistake on the way and the download seen live, and by an ADIF file.
func TestFirstUser(t *testing.T) {
	t.Run("by LoTW", func(t *testing.T) {
		fake := lotwtest.New(lotwtest.Options{Login: "dk9xyz", Password: killPassword, Now: time.Now})
		fake.Many(2_000, "DK9XYZ", 5, 60, time.Now().Add(-time.Hour))
		server := httptest.NewServer(fake)
		t.Cleanup(server.Close)
		b := newBox(t)
		b.env["QSLBOX_LOTW_URL"] = server.URL
		p := b.begin()
		p.fill(`form[action="/welcome/lotw"]`, "login", "dk9xyz", "secret", "mistyped")
		p.until("the password is refused", `document.querySelector("#first-sync")?.innerText.includes("LoTW refused login or password")`)
		stall := lotwtest.Fault{Name: "slow", StallAt: 20_000, StallFor: 4 * time.Second}
		fake.Play(stall)
		p.fill(`form[action="/welcome/lotw"]`, "login", "dk9xyz", "secret", killPassword)
		p.until("the download shows itself", `/downloading|asking/.test(document.querySelector("#first-sync")?.innerText)`)
		p.until("the dashboard stands by itself", `document.querySelector(".figures .first dd")?.innerText === "2,000"`)
		p.until("confirmations are counted", `parseInt(document.querySelectorAll(".figures dd")[1]?.innerText) > 0 || /^1,/.test(document.querySelectorAll(".figures dd")[1]?.innerText)`)
		p.until("the card bears the call", `document.querySelector(".qsl .call").innerText === "DK9XYZ"`)
	})
	t.Run("by a file", func(t *testing.T) {
		b := newBox(t)
		p := b.begin()
		if err := chromedp.Do(p.ctx, chromedp.SetUploadFiles(`form[action="/import"] input[type="file"]`, []string{b.sample(120)}), chromedp.Click(`form[action="/import"] button`)); err != nil {
			t.Fatal(err)
		}
		p.until("the account says what was read", `document.querySelector(".account .figures .first dd")?.innerText === "120"`)
		if err := chromedp.Do(p.ctx, chromedp.Click(".account .button")); err != nil {
			t.Fatal(err)
		}
		p.until("the dashboard stands", `location.pathname === "/" && document.querySelector(".figures .first dd")?.innerText === "120"`)
	})
}

// passerby is somebody with a browser.
type passerby struct {
	t   *testing.T
	ctx context.Context
}

// begin starts the service, takes the link that it prints, and becomes the
// first administrator in a browser; the empty box greets.
func (b *box) begin() *passerby {
	b.t.Helper()
	name := ""
	for _, candidate := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(candidate); err == nil {
			name = found
			break
		}
	}
	if name == "" {
		b.t.Skip("there is no browser on this machine")
	}
	address, _ := b.serve()
	link := b.setupLink()
	link = address + link[strings.Index(link, "/setup"):]
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(name), chromedp.Flag("no-sandbox", true), chromedp.Flag("lang", "en"))
	ctx, stop := chromedp.NewExecAllocator(b.t.Context(), options...)
	b.t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	b.t.Cleanup(stop)
	p := &passerby{t: b.t, ctx: ctx}
	if err := chromedp.Do(ctx, chromedp.Navigate(link), chromedp.WaitReady("main")); err != nil {
		b.t.Fatal(err)
	}
	p.fill("main form", "name", "anna", "password", "three dits four dits")
	p.until("the empty box greets", `location.pathname === "/" && document.querySelector("main h1")?.innerText.includes("An empty box")`)
	return p
}

// fill writes into the fields of a form and sends it.
func (p *passerby) fill(form string, pairs ...string) {
	p.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		field := fmt.Sprintf(`%s input[name="%s"]`, form, pairs[i])
		if err := chromedp.Do(p.ctx, chromedp.SetValue(field, pairs[i+1])); err != nil {
			p.t.Fatal(err)
		}
	}
	if err := chromedp.Do(p.ctx, chromedp.Click(form+" button")); err != nil {
		p.t.Fatal(err)
	}
}

// until waits until an expression is true in the page.
func (p *passerby) until(what, expression string) {
	p.t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if yes, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](expression)); yes && err == nil {
			return
		}
	}
	page, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
	if dir := os.Getenv("QSLBOX_SHOTS"); dir != "" {
		if png, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100)); err == nil {
			_ = os.WriteFile(filepath.Join(dir, "first-user.png"), png, 0o600)
		}
	}
	p.t.Fatalf("%s: not so on %s", what, page)
}
