package webui_test

import (
	"net/http"
	"strings"
	"testing"

	"qslbox/qso"
)

// TestColours keeps the colour scheme that a reader chooses, and comes back.
func TestColours(t *testing.T) {
	cases := []struct{ name, scheme, want string }{
		{"dark", "dark", `data-colours="dark"`},
		{"light", "light", `data-colours="light"`},
		{"as the device", "system", `<html lang="en">`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t).withPeople()
			got := f.do(ask{path: "/colours/" + c.scheme + "?next=%2Flog%3Fband%3D20m"})
			cookie, _, _ := strings.Cut(got.header.Get("Set-Cookie"), ";")
			if got.status != http.StatusSeeOther || got.header.Get("Location") != "/log?band=20m" {
				t.Fatalf("%d %s", got.status, got.header.Get("Location"))
			}
			if page := f.visit(cookie, "/signin").body; !strings.Contains(page, c.want) {
				t.Errorf("no %q in %s", c.want, page[:200])
			}
		})
	}
	f := newFixture(t).withPeople()
	if got := f.do(ask{path: "/colours/pink"}); got.status != http.StatusNotFound {
		t.Errorf("pink: %d", got.status)
	}
	if page := f.visit("colours=pink", "/signin").body; strings.Contains(page, "pink") {
		t.Error("a cookie that is none of ours reached the page")
	}
}

// TestColumns shows the columns that a reader chooses.
func TestColumns(t *testing.T) {
	f := newFixture(t).withPeople()
	q := contact("DL1ABC", "20m", "CW", started)
	q.Set(qso.LookupField([]byte("darc_dok")), "B36")
	f.books.book("main").add(q)
	cookie := f.cookie("viewer")
	if page := f.visit(cookie, "/log").body; strings.Contains(page, "B36") || !strings.Contains(page, `<td class="mode">CW`) {
		t.Fatalf("the usual columns: %s", page)
	}
	got := f.send(cookie, "/log/columns", "column", "dok", "column", "nothing", "next", "/log?band=20m")
	chosen, _, _ := strings.Cut(got.header.Get("Set-Cookie"), ";")
	if got.header.Get("Location") != "/log?band=20m" || chosen != "columns=dok" {
		t.Fatalf("%d %v", got.status, got.header)
	}
	if page := f.visit(cookie+"; "+chosen, "/log").body; !strings.Contains(page, "B36") || strings.Contains(page, `<td class="mode">`) {
		t.Errorf("the chosen columns: %s", page)
	}
	if got := f.send(cookie, "/log/columns", "column", "dok", "usual", "yes"); !strings.Contains(got.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("the usual ones again: %v", got.header)
	}
}

// TestHideMode leaves a mode out with one tap, and shows it again with one.
func TestHideMode(t *testing.T) {
	f := newFixture(t).withPeople()
	f.books.book("main").add(contact("JA1ZZZ", "20m", "FT8", started), contact("W1AAA", "40m", "CW", started))
	cookie := f.cookie("viewer")
	if page := f.visit(cookie, "/").body; !strings.Contains(page, `class="quick" href="/?mode=-FT8"`) {
		t.Errorf("the dashboard does not offer it: %s", page)
	}
	page := f.visit(cookie, "/log?mode=-FT8").body
	if strings.Contains(page, "JA1ZZZ") || !strings.Contains(page, "W1AAA") || !strings.Contains(page, `class="quick" href="/log"`) {
		t.Errorf("the log without FT8: %s", page)
	}
}

// TestWrongFilterField marks a value that cannot be understood beside its
// field, in the reader's language, on every page with a filter.
func TestWrongFilterField(t *testing.T) {
	f := newFixture(t).withPeople()
	f.books.book("main").add(contact("JA1ZZZ", "20m", "CW", started))
	cookie := f.cookie("viewer") + "; lang=de"
	for _, path := range []string{"/", "/log", "/map", "/awards", "/awards/dxcc"} {
		for _, c := range []struct{ query, want string }{
			{"band=13parsec", "kein Amateurfunkband"},
			{"from=yesterday", "kein Tag"},
			{"from=2025-01-02&to=2025-01-01", "kein Tag"},
			{"holder=Otto", "Einen Inhaber"},
			{"location=Sylt", "Einen Standort"},
			{"continent=XX", "ist kein Kontinent"},
			{"entity=DL", "keine DXCC-Nummer"},
			{"square=ZZ99", "kein Locator-Feld"},
			{"confirmed_by=me", "bestätigt keine QSOs"},
			{"prop=skip", "keine Ausbreitungsart von ADIF"},
			{"mode=MORSE", "keine Betriebsart von ADIF"},
			{"hour=24", "keine Stunde"},
			{"weekday=Sunday", "kein Wochentag"},
			{"id_above=x", "keine Nummer eines QSOs"},
		} {
			got := f.visit(cookie, path+"?mode=CW&"+c.query)
			if got.status != http.StatusOK || !strings.Contains(got.body, `aria-invalid="true"`) || !strings.Contains(got.body, c.want) {
				t.Errorf("%s?%s: %d, not marked, or not with %q", path, c.query, got.status, c.want)
			}
		}
	}
	if page := f.visit(cookie, "/log?band=13parsec").body; !strings.Contains(page, "„13parsec“ ist kein Amateurfunkband") {
		t.Errorf("no sentence in %s", page)
	}
}

// TestUnknownPage offers the search.
func TestUnknownPage(t *testing.T) {
	f := newFixture(t).withPeople()
	page := f.visit(f.cookie("viewer"), "/nothing")
	if page.status != http.StatusNotFound || !strings.Contains(page.body, `class="steps lost" action="/log" role="search"`) {
		t.Errorf("%d %s", page.status, page.body)
	}
	if stranger := f.visit("", "/nothing").body; strings.Contains(stranger, `role="search"`) {
		t.Error("a stranger is offered the log")
	}
}

// TestLookup tells what the log knows of the station of a new QSO: also by the
// form without scripts.
func TestLookup(t *testing.T) {
	f := newFixture(t).withPeople()
	q := contact("JA1ZZZ", "20m", "CW", started)
	q.DXCC = 339
	f.books.book("main").add(q)
	_ = f.books.book("main").SetSettings(qso.Settings{Grid: "JO30"})
	cookie := f.cookie("owner")
	cases := []struct{ name, query, want string }{
		{"new entity", "call=W1AAA&band=20m&mode=CW", "New entity"},
		{"new band", "call=JA1AAA&band=40m&mode=CW", "New band slot: 40m"},
		{"new class", "call=JA1AAA&band=20m&mode=SSB", "First in Phone"},
		{"worked before", "call=JA1ZZZ&band=20m&mode=CW", "worked before on 20m CW"},
		{"DOK", "call=JA1ZZZ&band=20m&mode=CW&darc_dok=b36", "New DOK B36"},
		{"by locator", "call=JA1ZZZ&gridsquare=JO31", "111 km"},
		{"a call that is none", "call=%3Cb%3E", `id="lookup" aria-live="polite"></div>`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if page := f.visit(cookie, "/log/new?rst_sent=&"+c.query).body; !strings.Contains(page, c.want) {
				t.Errorf("no %q in %s", c.want, page[strings.Index(page, "<main"):])
			}
		})
	}
}

// TestNearQSOs shows on the page of a QSO what may be taken for it.
func TestNearQSOs(t *testing.T) {
	f := filled(t, 30)
	main := f.books.book("main")
	q := contact("JA1ZZZ", "20m", "CW", started)
	other := contact("JA1ZZZ", "20m", "SSB", started.Add(10*60*1e9))
	main.add(q, other)
	page := f.do(ask{path: "/qso/31", full: true, header: map[string]string{"Accept": "text/html"}}).body
	for _, want := range []string{"QSOs close in time", `href="/qso/32"`, "Not in your log, same station", `name="id" value="a1"`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in %s", want, page)
		}
	}
}
