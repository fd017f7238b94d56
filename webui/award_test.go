package webui_test

import (
	"strings"
	"testing"
	"time"

	"qslbox/qso"
)

// awardLog puts a log into main in which each list of an award's page has an
// entry.
func awardLog(f *fixture) {
	sent := func(q *qso.QSO, s qso.Source, at time.Time) *qso.QSO {
		q.Confirmations = append(q.Confirmations, qso.Confirmation{Source: s, Status: 'Y', Date: qso.TimeOf(at)})
		return q
	}
	day := func(year int) time.Time { return time.Date(year, 5, 4, 12, 0, 0, 0, time.UTC) }
	german := sent(contact("DL1ABC", "20m", "CW", day(2021)), qso.LoTW, day(2022))
	american := contact("W1AAA", "40m", "SSB", day(2023))
	american.DXCC = 291
	american.Set(qso.FieldState, "MA")
	japanese := sent(contact("JA1ZZZ", "15m", "FT8", day(2024)), qso.EQSL, day(2024))
	japanese.DXCC = 339
	granted := sent(contact("OH2AAA", "20m", "SSB", day(2020)), qso.Card, day(2020))
	granted.DXCC = 224
	granted.Set(qso.FieldCreditGranted, "DXCC")
	submitted := sent(contact("SM5AAA", "20m", "SSB", day(2020)), qso.Card, day(2020))
	submitted.DXCC = 284
	submitted.Set(qso.FieldCreditSubmitted, "DXCC")
	repeater := contact("DL9XYZ", "70cm", "FM", day(2024))
	repeater.Set(qso.FieldPropMode, "RPT")
	square := contact("DL8XYZ", "2m", "SSB", day(2024))
	square.Set(qso.FieldGridsquare, "JO40")
	square.Confirmations = []qso.Confirmation{{Source: qso.LoTW, Status: 'Y', Date: qso.TimeOf(day(2024)), Stated: true, Record: []qso.Field{{ID: qso.FieldDXCC, Value: "230"}}}}
	unknown := contact("K1AAA", "20m", "CW", day(2024))
	unknown.DXCC = 291
	unknown.Set(qso.FieldState, "XX")
	f.books.book("main").add(german, american, japanese, granted, submitted, repeater, square, unknown)
}

// TestAwardPage reads what an award's page shows beside the figures.
func TestAwardPage(t *testing.T) {
	f := newFixture(t)
	f.withPeople()
	awardLog(f)
	cookie := f.cookie("viewer")
	for _, tt := range []struct{ name, path, want string }{
		{"a cell leads to its QSOs", "/awards/dxcc", `<a href="/awards/dxcc/qsos?key=230&amp;slot=20m">C</a>`},
		{"granted is told by letter", "/awards/dxcc", `<td class=G>`},
		{"submitted is told by letter", "/awards/dxcc", `<td class=S>`},
		{"sums per column", "/awards/dxcc", `<tfoot>`},
		{"what is unsure", "/awards/dxcc", "Not sure:"},
		{"needed", "/awards/dxcc", `<section class="card later" id="needed">`},
		{"what to chase", "/awards/dxcc?show=open", `>W1AAA</a> 2023-05-04 40m SSB`},
		{"a repeater with its reason", "/awards/dxcc", `>DL9XYZ</a> 2024-05-04 70cm FM</td><td>over a repeater`},
		{"an unknown state with its reason", "/awards/was", `>K1AAA</a> 2024-05-04 20m CW</td><td>no such state`},
		{"no grid in LoTW", "/awards/vucc", "No grid in LoTW"},
		{"the QSO without a grid", "/awards/vucc", `>DL8XYZ</a>`},
		{"confirmed otherwise", "/awards/dxcc?sources=eqsl", `Confirmed by eQSL`},
		{"links keep the choice", "/awards/dxcc?sources=eqsl&as_of=2024-12-31", `/awards/dxcc/qsos?as_of=2024-12-31&amp;sources=eqsl&amp;key=339`},
		{"the file keeps the choice", "/awards/dxcc?sources=eqsl&band=15m", `/api/awards/dxcc/table.csv?band=15m&amp;sources=eqsl`},
		{"as it stood", "/awards/dxcc?as_of=2021-12-31", "As it stood at the end of 2021-12-31."},
		{"map of entities", "/awards/dxcc?view=map", "230 Federal Republic of Germany: confirmed"},
		{"map of states", "/awards/was?view=map", `class="tile worked"`},
		{"map of zones", "/awards/waz?view=map", `<svg`},
		{"map of squares", "/awards/vucc?view=map&frame=EU", `<title>JO40: `},
		{"growth", "/awards/dxcc?view=growth", `<a href="/awards/dxcc?as_of=2022-12-31">2022</a>`},
		{"the QSOs", "/awards/dxcc/qsos?key=230&slot=20m", `DL1ABC</a>`},
		{"the QSOs of nothing", "/awards/dxcc/qsos?key=230&slot=nothing", `0 QSOs`},
	} {
		got := f.visit(cookie, tt.path)
		if got.status != 200 || !strings.Contains(got.body, tt.want) {
			t.Errorf("%s: %s: %d, without %s", tt.name, tt.path, got.status, tt.want)
		}
	}
	for path, unwanted := range map[string]string{
		"/awards/dxcc?as_of=2021-12-31":    `<td class=C><a href="/awards/dxcc/qsos?as_of=2021-12-31&amp;key=230">`, // LoTW confirmed in 2022
		"/awards/dxcc":                     `<td class=C><a href="/awards/dxcc/qsos?key=339">`,                      // eQSL only
		"/awards/dok-district?view=growth": "view=map",                                                              // districts have no place
	} {
		if got := f.visit(cookie, path); strings.Contains(got.body, unwanted) {
			t.Errorf("%s has %s", path, unwanted)
		}
	}
}
