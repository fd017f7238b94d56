package webui_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// until waits until an expression is true. While the browser goes from one
// page to the next there is none to ask.
func (b *browser) until(expression string) {
	b.t.Helper()
	var last error
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		yes, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](expression))
		if yes && err == nil {
			return
		}
		last = err
	}
	b.t.Fatalf("%s did not become true (%v); the page is %s", expression, last, b.text("body"))
}

// goneTo waits until the browser stands at a path (and query).
func (b *browser) goneTo(path string) {
	b.t.Helper()
	b.until(`location.pathname + location.search === ` + quote(path) + ` && ` + b.stands())
}

// shows waits until a page has a part.
func (b *browser) shows(selector string) {
	b.t.Helper()
	b.until(b.stands() + ` && !!document.querySelector(` + quote(selector) + `)?.getClientRects().length`)
}

func quote(text string) string { return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"` }

// says wants a text in a part of the page, and gives the page time to say it.
func (b *browser) says(selector, want string) {
	b.t.Helper()
	got := ""
	for range 100 {
		if got = b.text(selector); strings.Contains(got, want) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.t.Errorf("%s says %q, want %q in it", selector, got, want)
}

// TestFirstDay walks the way of somebody new: set up, sign in, import, look,
// search, change, delete, bring back.
func TestFirstDay(t *testing.T) {
	f := newFixture(t, overNetwork)
	b := newBrowser(t, f)
	link := f.command(http.MethodPost, "/api/setup/code", "{}").body
	code := decode[struct{ Link string }](t, link).Link
	code = code[strings.Index(code, "/setup"):]

	b.open(code)
	b.run(chromedp.SendKeys(`main input[name="name"]`, "anna"), chromedp.SendKeys(`main input[name="password"]`, password), chromedp.Click(`main button`))
	b.goneTo("/")
	b.says("main h1", "An empty box")
	b.says(".user", "anna")

	b.open("/import")
	file := filepath.Join(t.TempDir(), "shack.adi")
	text := "Log\n<eoh>\n" +
		adif("CALL", "JA1ZZZ", "QSO_DATE", "20240301", "TIME_ON", "1015", "BAND", "20m", "MODE", "CW", "STATION_CALLSIGN", "DK9XYZ", "LOTW_QSL_RCVD", "Y") +
		adif("CALL", "W1AAA", "QSO_DATE", "20240302", "TIME_ON", "1200", "BAND", "40m", "MODE", "SSB", "STATION_CALLSIGN", "DK9XYZ") +
		adif("CALL", "W1AAA", "QSO_DATE", "20241399", "TIME_ON", "1200", "BAND", "40m", "MODE", "SSB")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	b.run(chromedp.SetUploadFiles(`input[type="file"]`, []string{file}), chromedp.Click(`form.upload button`))
	b.shows(".account")
	b.says(".account", "Added")
	b.says(".reasons", "no such date")
	if got := b.text(".figures .yes dd"); got != "2" {
		t.Errorf("%s added, want 2", got)
	}
	b.calm("import")

	b.open("/")
	b.says(".qsl .call", "DK9XYZ")
	if got := b.text(".figures .first dd"); got != "2" {
		t.Errorf("the dashboard shows %s QSOs, want 2", got)
	}
	b.calm("dashboard")

	b.run(chromedp.SendKeys("#callbox", "ja*\n"))
	b.goneTo("/log?call=ja*")
	b.says(".log tbody", "JA1ZZZ")
	b.run(chromedp.Click(".log .call a"))
	b.shows(".single")
	b.says(".stamps", "LoTW")
	b.run(chromedp.Click(".actions .button"))
	b.shows("form.edit")
	b.run(chromedp.SetValue(`form.edit input[name="name"]`, "Taro"), chromedp.Click("form.edit button"))
	b.shows(".note.good")
	b.says(".fields-table", "Taro")
	b.calm("change")

	b.run(chromedp.Click(".danger summary"), chromedp.Click(".danger button"))
	b.goneTo("/log/trash?done=deleted")
	b.says(".log tbody", "JA1ZZZ")
	b.run(chromedp.Click(".log tbody button"))
	b.shows(".single")
	b.says(".note.good", "Brought back")
	b.calm("bring back")
}

// TestLanguage switches to German and stays on the page.
func TestLanguage(t *testing.T) {
	f := filled(t, 50).withPeople()
	b := newBrowser(t, f)
	b.enter(f, "viewer")
	b.open("/log?band=20m")
	b.run(chromedp.Click(`header a[lang="de"]`))
	b.until(`document.documentElement.lang === "de"`) // it stands at the same path before
	b.goneTo("/log?band=20m")
	b.says("thead", "Gegenstation")
	b.calm("language")
}

// TestWithoutScripts reads a page in a browser that runs none, and looks a call
// up by a button, which is not there where the page does so by itself.
func TestWithoutScripts(t *testing.T) {
	f := filled(t, 50).withPeople()
	b := newBrowser(t, f)
	b.enter(f, "owner")
	b.open("/log/new")
	b.until(`!document.querySelector(".look").getClientRects().length`)
	b.runScripts(false)
	b.open("/")
	b.run(chromedp.Click(".filter summary"))
	b.shows(`.filter select[name="band"]`)
	b.run(chromedp.SetValue(`.filter select[name="band"]`, "20m"), chromedp.Click(".filter button"))
	b.shows(".chips")
	b.says(".chips", "20m")
	b.open("/log/new")
	b.shows(".look")
	b.run(chromedp.SetValue(`.edit input[name="call"]`, "dl1abc"), chromedp.Click(".look"))
	b.shows("#callcard")
	b.says("#callcard", "Federal Republic of Germany")
}
