package webui_test

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// everyPage are the pages that are looked at.
var everyPage = []string{
	"/", "/?band=20m&mode=CW", "/log", "/log?call=*1A*", "/log?call=JA1ZZZ", "/log?band=13parsec&from=never", "/log/new", "/log/new?call=JA1ZZZ&band=20m&mode=CW&rst_sent=",
	"/log/trash", "/log/bulk?band=20m&field=operator&value=DK9XYZ", "/log/bulk?edit=1", "/log/bulk?edit=2", "/stations", "/cards/list", "/qso/12", "/qso/12/edit", "/import", "/nothing",
	"/cards", "/cards?call=SO4UM", "/cards?show=queue", "/awards", "/awards/dxcc", "/awards/wpx?show=open", "/awards/dld?slots=class",
	"/awards/dxcc?view=map", "/awards/was?view=map&sources=qsl", "/awards/vucc?view=map", "/awards/dxcc?view=growth", "/awards/was?as_of=2024-12-31", "/awards/dxcc/qsos?key=230",
	"/map", "/map?show=grids", "/map?show=grids&view=EU", "/map?show=zones", "/map?show=states", "/map?view=OC", "/sync", "/sync/lotw/runs/2", "/monitor", "/settings", "/account", "/audit", "/help",
}

// TestLooks opens every page in both languages, with and without scripts, and
// looks at each on a desktop and on a phone, in light and dark: nothing is wider
// than the screen, nothing is refused or asked of others, everything has a
// name, text stands out. Pages are looked at side by side in the tabs of one
// browser. Screenshots go where QSLBOX_SHOTS says, pages are chosen by
// QSLBOX_PAGES.
func TestLooks(t *testing.T) {
	f := filled(t, 600)
	b := newBrowser(t, f)
	check, err := os.ReadFile("testdata/look.js")
	if err != nil {
		t.Fatal(err)
	}
	b.check, b.told = string(check), map[string]bool{}
	for _, path := range []string{"/setup", "/setup?code=no"} {
		b.lookAt(path)
	}
	f.withPeople()
	b.lookAt("/signin?problem=denied&name=op")
	b.enter(f, "admin")
	pages := append(slices.Clone(everyPage), f.books.book("main").told())
	paths := make(chan string, len(pages))
	for _, path := range pages {
		if only := os.Getenv("QSLBOX_PAGES"); only == "" || strings.Contains(only+" ", path+" ") {
			paths <- path
		}
	}
	close(paths)
	var done sync.WaitGroup
	for range tabs {
		tab := b.tab()
		done.Go(func() {
			for path := range paths {
				tab.lookAt(path)
			}
		})
	}
	done.Wait()
}

// TestLooksEmpty looks at the pages of an empty log, which everybody sees first.
func TestLooksEmpty(t *testing.T) {
	f := newFixture(t, overNetwork).withPeople()
	b := newBrowser(t, f)
	check, err := os.ReadFile("testdata/look.js")
	if err != nil {
		t.Fatal(err)
	}
	b.check, b.told = string(check), map[string]bool{}
	b.enter(f, "admin")
	for _, path := range []string{"/", "/log", "/cards", "/cards/list", "/stations", "/map", "/sync"} {
		b.lookAt(path)
	}
}

// tabs is how many pages are looked at side by side.
const tabs = 4

// looks are the ways in which a page is looked at.
var looks = []struct {
	name   string
	width  int64
	scheme string
}{{"desktop-light", 1280, "light"}, {"desktop-dark", 1280, "dark"}, {"phone-dark", 390, "dark"}, {"phone-light", 390, "light"}}

func nameOf(path string) string {
	name := strings.Trim(strings.NewReplacer("/", "-", "?", "-", "=", "-", "&", "-", "*", "").Replace(path), "-")
	if name == "" {
		return "dashboard"
	}
	return name
}

// lookAt opens a page and looks at it in every way.
func (b *browser) lookAt(path string) {
	b.t.Helper()
	looks := slices.Clone(looks)
	for _, lang := range []string{"en", "de"} {
		call(b, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": lang}})
		for _, scripts := range []string{"", "without-scripts-"} {
			b.runScripts(scripts == "")
			b.open(path)
			b.runScripts(true) // for the script that looks
			b.unfold()
			for _, look := range looks {
				b.look(look.width, look.scheme)
				b.judge(nameOf(path) + "-" + lang + "-" + scripts + look.name)
			}
			slices.Reverse(looks) // the next page begins as this one ends
		}
	}
}

// unfold lays out what is far down on the page, as the page's script does when
// there is time.
func (b *browser) unfold() {
	b.t.Helper()
	find(b, chromedp.Evaluate[bool](`document.querySelectorAll(".later").forEach((e) => e.classList.remove("later")), true`))
}

// judge looks at the page as it stands.
func (b *browser) judge(name string) {
	b.t.Helper()
	b.shoot(name)
	for _, wrong := range find(b, chromedp.Evaluate[[]string](b.check)) {
		b.tell(name, wrong)
	}
	b.calm(name)
}
