package webui_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"qslbox/qso"
)

// TestStations shows own calls with their holders and the places in the log.
func TestStations(t *testing.T) {
	f := newFixture(t).withPeople()
	home, away := contact("DL1ABC", "20m", "CW", started), contact("DL2ABC", "20m", "CW", started.AddDate(0, 1, 0))
	home.Set(qso.FieldMyGridsquare, "JO30OM")
	away.Own = "DK9XYZ/P"
	away.Set(qso.FieldMyGridsquare, "JO43AA")
	away.Set(qso.FieldMyIOTA, "EU-042")
	f.books.book("main").add(home, away)
	_ = f.books.book("main").SetSettings(qso.Settings{Holders: []qso.Holder{{Name: "Anna", Calls: []qso.Call{"DK9XYZ"}}}})
	page := f.visit(f.cookie("viewer"), "/stations").body
	for _, want := range []string{
		`<a href="/log?own=DK9XYZ%2FP">DK9XYZ/P</a>`, `<a href="/?holder=Anna">Anna</a>`, `<a href="/log?grid=JO43AA&amp;own=DK9XYZ%2FP">JO43AA</a>`,
		`<span class="tag">EU-042</span>`, "2025-02-21 – 2025-02-21",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in %s", want, page[strings.Index(page, "<main"):])
		}
	}
	if page := f.visit(f.cookie("viewer"), "/stations?own=DK9XYZ").body; strings.Contains(page, "EU-042") {
		t.Error("the filter does not count")
	}
}

// TestLocations enters a location, filters by it, and removes it.
func TestLocations(t *testing.T) {
	f := newFixture(t).withPeople()
	main := f.books.book("main")
	main.add(contact("DL1ABC", "20m", "CW", started), contact("DL2ABC", "20m", "CW", started.AddDate(0, 0, 1)), contact("DL3ABC", "20m", "CW", started.AddDate(0, 0, 2)))
	cookie := f.cookie("owner")
	problems := []struct{ grid, from, to, own, want string }{
		{"99", "", "", "", "is not a locator"}, {"JO43", "2025-01-22", "2025-01-21", "", "is before from"}, {"JO43", "never", "", "", "is not a day"}, {"JO43", "", "", "nothing", "is not a call sign"},
	}
	for _, p := range problems {
		got := f.send(cookie, "/stations/locations", "name", "Sylt", "grid", p.grid, "from", p.from, "to", p.to, "own", p.own)
		if got.status != http.StatusBadRequest || !strings.Contains(got.body, p.want) || !strings.Contains(got.body, `value="Sylt"`) {
			t.Errorf("%+v: %d", p, got.status)
		}
	}
	got := f.send(cookie, "/stations/locations", "name", "Sylt", "own", "dk9xyz", "grid", "jo44", "from", "2025-01-22", "to", "2025-01-22")
	if got.header.Get("Location") != "/stations?done=saved" {
		t.Fatalf("%d %s", got.status, got.body)
	}
	page := f.visit(cookie, "/log?location=Sylt").body
	if !strings.Contains(page, "DL2ABC") || strings.Contains(page, "DL1ABC") || strings.Contains(page, "DL3ABC") {
		t.Errorf("the log at the location: %s", page[strings.Index(page, "<main"):])
	}
	settings := main.Settings()
	noon := qso.TimeOf(time.Date(2025, 1, 22, 12, 0, 0, 0, time.UTC))
	if grid := settings.GridAt("DK9XYZ", noon); grid != "JO44" {
		t.Errorf("at %q", grid)
	}
	if grid := settings.GridAt("DK9XYZ", noon+24*3600); grid != "" {
		t.Errorf("a day later at %q", grid)
	}
	if api := f.command(http.MethodGet, "/api/settings", "").body; !strings.Contains(api, `"locations":[{"name":"Sylt","own":"DK9XYZ","grid":"JO44","from":"2025-01-22","to":"2025-01-22"}]`) {
		t.Errorf("the API says %s", api)
	}
	f.send(cookie, "/stations/locations", "name", "Sylt", "remove", "yes")
	if n := len(main.Settings().Locations); n != 0 {
		t.Errorf("%d locations are left", n)
	}
	if got := f.send(f.cookie("viewer"), "/stations/locations", "name", "Sylt", "grid", "JO44"); got.status != http.StatusForbidden {
		t.Errorf("a viewer: %d", got.status)
	}
}
