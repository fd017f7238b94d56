package webui_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"

	"qslbox/qso"
	"qslbox/syncers"
	"qslbox/webui/words"
)

// TestCallBoxEverywhere finds the box for a call on every page for somebody
// who may read the log, also where something went wrong.
func TestCallBoxEverywhere(t *testing.T) {
	f := filled(t, 50).withPeople()
	admin, viewer := f.cookie("admin"), f.cookie("viewer")
	box := func(cookie, path string, want int) {
		t.Helper()
		got := f.visit(cookie, path)
		if got.status != want || !strings.Contains(got.body, `<input id="callbox" name="call"`) {
			t.Errorf("%s: %d, want %d, with a box for a call", path, got.status, want)
		}
	}
	for _, path := range everyPage {
		if path == "/nothing" {
			continue
		}
		box(admin, path, http.StatusOK)
	}
	for path, status := range map[string]int{
		"/nothing": http.StatusNotFound, "/qso/999999": http.StatusNotFound, "/qso/x": http.StatusNotFound, "/awards/none": http.StatusNotFound,
		"/settings": http.StatusForbidden, "/log/new": http.StatusForbidden, "/log?logbook=club": http.StatusNotFound, "/cards/queue.adi?band=parsec": http.StatusBadRequest,
	} {
		box(viewer, path, status)
	}
	if got := f.visit(admin, "/log?logbook=none"); !strings.Contains(got.body, `id="callbox"`) || strings.Contains(got.body, `value="none"`) {
		t.Errorf("a logbook that is not there: %d, the box searches it", got.status)
	}
}

// TestMissingAtLoTW offers what LoTW lacks as a file, once it was asked what it
// has.
func TestMissingAtLoTW(t *testing.T) {
	f := newFixture(t).withPeople()
	main, cookie := f.books.book("main"), f.cookie("viewer")
	at, missing := contact("DL1ABC", "20m", "CW", started), contact("W1AAA", "20m", "CW", started)
	at.AtLoTW = qso.TimeOf(started)
	main.add(at, missing)
	main.accounts[qso.LoTW] = syncers.Account{Source: qso.LoTW, Login: "dk9xyz", Secret: qso.NewSecret("x")}
	const link = `<a href="/api/export.adi?not_at=lotw" download>Missing at LoTW`
	if page := f.visit(cookie, "/sync").body; strings.Contains(page, link) {
		t.Error("offered before anything is known")
	}
	main.runs = append(main.runs, syncers.Run{Run: 1, Source: "lotw", Class: syncers.OK, Started: started, Ended: started, LastOK: started})
	if page := f.visit(cookie, "/sync").body; !strings.Contains(page, link) {
		t.Errorf("not offered in %s", page[strings.Index(page, "<main"):])
	}
	if file := f.visit(cookie, "/api/export.adi?not_at=lotw").body; !strings.Contains(file, "W1AAA") || strings.Contains(file, "DL1ABC") {
		t.Errorf("the file: %s", file)
	}
}

// TestLocalTime reads when a sync ran in UTC, and behind it on the clock of
// somebody in Berlin.
func TestLocalTime(t *testing.T) {
	f := filled(t, 50).withPeople()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	b := newBrowser(t, f)
	call(b, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Europe/Berlin"})
	b.enter(f, "viewer")
	started := f.books.book("main").runs[1].Started
	for _, path := range []string{"/sync", "/sync/lotw/runs/2"} {
		b.open(path)
		b.says("main", started.UTC().Format("15:04")+"\u00a0UTC")
		b.says("main time", started.In(berlin).Format("15:04"))
	}
	b.calm("local time")
}

// TestWordsOfAmateurs finds the words of the field in the texts of the pages
// and the definitions of awards.
func TestWordsOfAmateurs(t *testing.T) {
	definitions, err := filepath.Glob("../stats/awards/definitions/*.json")
	if err != nil || len(definitions) == 0 {
		t.Fatalf("%d definitions, %v", len(definitions), err)
	}
	awards := ""
	for _, name := range definitions {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		awards += string(data)
	}
	for language, list := range map[words.Language][]string{
		words.English: {
			"Card", "Not in your log", "two QSOs fit", "This is that QSO", "Missing at LoTW", "Sync history", "download everything again", "band slot", "Granted (credit)",
			"{0}: {1} to go", "Honor Roll", "Stations worked", "Confirmed by",
		},
		words.German: {
			"DXCC-Gebiet", "Locator-Feld", "Sonder-DOK", "Sticker", "Bandpunkt", "Karte", "Gegenstation", "Eigenes Rufzeichen", "Fonie", "CW", "Digi", "Stand {0}",
			"QSO", "QSL", "DOK", "Honor Roll", "Challenge",
		},
	} {
		texts := awards
		for _, text := range words.For(language).Keys() {
			texts += "\n" + text
		}
		for _, word := range list {
			if !strings.Contains(texts, word) {
				t.Errorf("%s: no text has %q", language, word)
			}
		}
	}
}

// TestInstallable reads the manifest as a browser does that is to install the
// pages: a name, where to begin, and an icon of our own that is there.
func TestInstallable(t *testing.T) {
	f := newFixture(t).withPeople()
	page := f.do(ask{path: "/signin", header: map[string]string{"Accept": "text/html"}}).body
	_, rest, _ := strings.Cut(page, `<link rel="manifest" href="`)
	at, _, _ := strings.Cut(rest, `"`)
	got := f.do(ask{path: at})
	doc := decode[struct {
		Name, Display string
		StartURL      string `json:"start_url"`
		Icons         []struct{ Src, Type, Sizes string }
	}](t, got.body)
	if got.header.Get("Content-Type") != "application/manifest+json" || doc.Name != "qslbox" || doc.Display != "standalone" || doc.StartURL != "../../" || len(doc.Icons) == 0 {
		t.Fatalf("%s: %+v", got.header.Get("Content-Type"), doc)
	}
	for _, icon := range doc.Icons {
		image := f.do(ask{path: at[:strings.LastIndex(at, "/")+1] + icon.Src})
		if image.status != http.StatusOK || image.header.Get("Content-Type") != icon.Type || !strings.Contains(image.body, "<svg") {
			t.Errorf("icon %s: %d %s", icon.Src, image.status, image.header.Get("Content-Type"))
		}
	}
}
