package webui_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"qslbox/qso"
)

// twoStations fills main with a QSO of the club from Sylt in a contest, with
// Japan on 40 m, and one from home with Italy on 20 m in FT8. Both were
// confirmed by card, and both wait for a reply.
func (f *fixture) twoStations() {
	club, home := contact("JA1ZZZ", "40m", "CW", started), contact("I1ABC", "20m", "FT8", started.AddDate(0, 0, 2))
	club.DXCC, home.DXCC, club.CQZ, home.CQZ = 339, 248, 25, 15
	club.Own = "DL0XYZ"
	club.Set(qso.FieldOperator, "DL1ABC")
	club.Set(qso.FieldContestID, "CQ-WW-CW")
	home.Set(qso.FieldOperator, "DK9XYZ")
	home.Set(qso.FieldContestID, "DARC-WAG")
	for _, q := range []*qso.QSO{club, home} {
		q.Set(qso.FieldRSTSent, "599")
		q.Set(qso.FieldQSLSent, "Q")
		q.Confirmations = []qso.Confirmation{{Source: qso.Card, Status: 'Y'}}
	}
	main := f.books.book("main")
	main.add(club, home)
	day := qso.TimeOf(started.Truncate(24 * time.Hour))
	_ = main.SetSettings(qso.Settings{DefaultOwn: "DK9XYZ", Locations: []qso.Location{{Name: "Sylt", Grid: "JO44", From: day, To: day + 24*3600}}})
}

// TestFilterEverywhere asks every page, file and answer about QSOs for those of
// one own call, operator, contest and location, and for those without FT8; the
// pages offer each of these filters.
func TestFilterEverywhere(t *testing.T) {
	f := newFixture(t).withPeople()
	f.twoStations()
	cookie := f.cookie("owner")
	filters := []string{"own=DL0XYZ", "operator=DL1ABC", "contest=CQ-WW-CW", "location=Sylt", "mode=-FT8"}
	for _, page := range []struct{ path, in, out string }{
		{"/", ">Japan<", ">Italy<"},
		{"/log", "JA1ZZZ", "I1ABC"},
		{"/log/bulk?field=comment&value=x", "JA1ZZZ", "I1ABC"},
		{"/stations", `">DL0XYZ</a>`, `">DK9XYZ</a>`},
		{"/map", ">Japan<", ">Italy<"},
		{"/map?show=zones", "Zone 25", ""},
		{"/awards", `<p class="big">1<small> / 1</small>`, `<p class="big">2<small> / 2</small>`},
		{"/awards/dxcc", "key=339", "key=248"},
		{"/awards/dxcc/qsos?key=339", "JA1ZZZ", "I1ABC"},
		{"/cards?call=*1*", "JA1ZZZ", "I1ABC"},
		{"/cards?show=queue", "JA1ZZZ", "I1ABC"},
		{"/cards/queue.adi", "JA1ZZZ", "I1ABC"},
		{"/cards/list", "JA1ZZZ", "I1ABC"},
		{"/api/export.adi", "JA1ZZZ", "I1ABC"},
		{"/api/export.csv", "JA1ZZZ", "I1ABC"},
		{"/api/export.json", "JA1ZZZ", "I1ABC"},
		{"/api/qsos", "JA1ZZZ", "I1ABC"},
		{"/api/stats", `"total":1`, `"total":2`},
		{"/api/awards/dxcc", `"worked":1`, `"worked":2`},
	} {
		for _, filter := range filters {
			path := page.path + "?" + filter
			if strings.Contains(page.path, "?") {
				path = page.path + "&" + filter
			}
			got := f.visit(cookie, path)
			if got.status != http.StatusOK || !strings.Contains(got.body, page.in) || page.out != "" && strings.Contains(got.body, page.out) {
				t.Errorf("%s: %d, %q in it: %v, %q: %v", path, got.status, page.in, strings.Contains(got.body, page.in), page.out, strings.Contains(got.body, page.out))
			}
			if strings.Contains(got.body, "<html") && !strings.HasPrefix(page.path, "/awards/dxcc/qsos") {
				f.offersFilters(path, got.body)
			}
		}
	}
}

// offersFilters fails for a page without the fields of the usual filters, the
// one that is set, and the tap that hides FT8 or shows it again.
func (f *fixture) offersFilters(path, page string) {
	f.t.Helper()
	for _, want := range []string{`name="own"`, `name="operator"`, `name="contest"`, `name="location"`, `<ul class="chips"`, `<a class="quick"`} {
		if !strings.Contains(page, want) {
			f.t.Errorf("%s: no %s", path, want)
		}
	}
}

// TestCardsFilter carries the filter of the queue through its file, the step of
// the ticked cards and what takes it back, and that of a pile from card to card.
func TestCardsFilter(t *testing.T) {
	f := newFixture(t).withPeople()
	f.twoStations()
	main, cookie := f.books.book("main"), f.cookie("owner")
	page := f.visit(cookie, "/cards?show=queue&own=DL0XYZ").body
	for _, want := range []string{
		`href="/cards/queue.adi?own=DL0XYZ"`, `href="/cards?own=DL0XYZ"`, `href="/cards/list?own=DL0XYZ"`, `<input type="hidden" name="own" value="DL0XYZ">`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in %s", want, page[strings.Index(page, "<main"):])
		}
	}
	got := f.send(cookie, "/cards/queue", "step", "sent", "id", "1", "own", "DL0XYZ")
	if to := got.header.Get("Location"); to != "/cards?edit=1&own=DL0XYZ&show=queue" {
		t.Fatalf("%d to %s", got.status, to)
	}
	for id, want := range []string{"Y", "Q"} {
		if q, _ := main.Get(uint64(id + 1)); q.Get(qso.FieldQSLSent) != want {
			t.Errorf("QSO %d: %q, want %q", id+1, q.Get(qso.FieldQSLSent), want)
		}
	}
	page = f.visit(cookie, got.header.Get("Location")).body
	if !strings.Contains(page, `<a href="/cards?show=queue" aria-label`) {
		t.Errorf("the filter cannot be taken out of %s", page[strings.Index(page, "<main"):])
	}
	got = f.send(cookie, "/log/edits/1/undo", "back", "cards", "own", "DL0XYZ")
	if to := got.header.Get("Location"); to != "/cards?edit=1&own=DL0XYZ&show=queue" {
		t.Errorf("taken back: %d to %s", got.status, to)
	}

	got = f.send(cookie, "/cards/1", "step", "not_received", "own", "DL0XYZ")
	if to := got.header.Get("Location"); to != "/cards?call=JA1ZZZ&done=saved&own=DL0XYZ" {
		t.Errorf("the pile: %d to %s", got.status, to)
	}
	if got := f.visit(cookie, "/cards/queue.adi?operator=DL1ABC&band=11m"); got.status != http.StatusBadRequest || strings.Contains(got.body, "JA1ZZZ") {
		t.Errorf("a file for a filter that cannot be understood: %d", got.status)
	}
}

// TestOwnCallOfFilter names whose QSOs are shown: on the dashboard, and on the
// list that somebody gets who checks cards.
func TestOwnCallOfFilter(t *testing.T) {
	f := newFixture(t).withPeople()
	f.twoStations()
	main, cookie := f.books.book("main"), f.cookie("viewer")
	settings := main.Settings()
	settings.Holders = []qso.Holder{{Name: "Club", Calls: []qso.Call{"DL0XYZ", "DK0XYZ"}}}
	_ = main.SetSettings(settings)
	for path, want := range map[string]string{
		"/": `<p class="call">DK9XYZ</p>`, "/?own=DL0XYZ": `<p class="call">DL0XYZ</p>`, "/?own=DL0XYZ,DK9XYZ": `<p class="call">DL0XYZ, DK9XYZ</p>`, "/?holder=Club": `<p class="call">Club</p>`,
		"/cards/list": "<small>DK9XYZ, DL0XYZ ·", "/cards/list?operator=DL1ABC": "<small>DL0XYZ ·",
	} {
		page := f.visit(cookie, path).body
		if !strings.Contains(page, want) {
			t.Errorf("%s: no %q in %s", path, want, page[strings.Index(page, "<main"):])
		}
		if column := strings.Contains(page, "<th>Own call</th>"); strings.HasPrefix(path, "/cards") && column != (path == "/cards/list") {
			t.Errorf("%s: a column of own calls: %v", path, column)
		}
	}
}

// TestCardNewsOfOwn says what a card brings to the own calls of the filter: an
// award counts what one holder has.
func TestCardNewsOfOwn(t *testing.T) {
	f := newFixture(t).withPeople()
	mine, clubs := contact("DL1ABC", "20m", "CW", started), contact("DL2ABC", "20m", "CW", started)
	clubs.Own = "DL0XYZ"
	clubs.Confirmations = []qso.Confirmation{{Source: qso.LoTW, Status: 'Y'}}
	f.books.book("main").add(mine, clubs)
	cookie := f.cookie("viewer")
	if page := f.visit(cookie, "/cards?call=DL1ABC").body; !strings.Contains(page, "nothing new, but welcome") {
		t.Errorf("to everybody: %s", page[strings.Index(page, "<main"):])
	}
	if page := f.visit(cookie, "/cards?call=DL1ABC&own=DK9XYZ").body; !strings.Contains(page, "New:</a></b> Federal Republic of Germany") {
		t.Errorf("to the own call: %s", page[strings.Index(page, "<main"):])
	}
	if page := f.visit(cookie, "/cards?call=1ABC").body; !strings.Contains(page, `<a href="/cards?call=%2A1ABC%2A">Find *1ABC*</a>`) {
		t.Errorf("an unknown call: %s", page[strings.Index(page, "<main"):])
	}
}
