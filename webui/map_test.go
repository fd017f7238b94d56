package webui_test

import (
	"strings"
	"testing"
	"time"

	"qslbox/qso"
)

// TestMap shows each layer, in the frame that was asked for, with where it
// leads and without what was switched off.
func TestMap(t *testing.T) {
	f := newFixture(t).withPeople()
	ja := contact("JA1ZZZ", "20m", "CW", started)
	ja.DXCC, ja.CQZ = 339, 25
	ja.Confirmations = []qso.Confirmation{{Source: qso.LoTW, Status: 'Y'}}
	w1 := contact("W1AAA", "40m", "CW", started.Add(time.Hour))
	w1.DXCC, w1.CQZ = 291, 5
	w1.Set(qso.LookupField([]byte("state")), "CT")
	w1.Set(qso.FieldGridsquare, "FN31")
	f.books.book("main").add(ja, w1)
	_ = f.books.book("main").SetSettings(qso.Settings{Grid: "JO30"})
	cookie := f.cookie("viewer")
	cases := []struct{ name, path, want string }{
		{"entities", "/map", `<a href="/log?entity=339" tabindex="-1"><circle class="mark confirmed"`},
		{"what it says", "/map", "Japan: 1 QSO, confirmed"},
		{"the filter stays", "/map?band=20m", `href="/log?band=20m&amp;entity=339"`},
		{"last QSOs", "/map", `<path class="arc"`},
		{"night", "/map", `<path class="night"`},
		{"home", "/map", `<circle class="mark home"`},
		{"squares", "/map?show=grids", `<path class="area worked" d="`},
		{"a square of a continent", "/map?show=grids&view=NA", "<title>FN31: 1 QSO, worked</title>"},
		{"zones", "/map?show=zones", "<title>Zone 25: confirmed</title>"},
		{"a zone that lacks", "/map?show=zones", "<title>Zone 40: needed</title>"},
		{"states", "/map?show=states", "<title>Connecticut: worked</title>"},
		{"a list beside", "/map?show=states", `<li class="worked"><a href="/awards/was">Connecticut</a>`},
		{"no such layer", "/map?show=moon", "Japan: 1 QSO"},
		{"no such continent", "/map?view=XX", "Japan: 1 QSO"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if page := f.visit(cookie, c.path).body; !strings.Contains(page, c.want) {
				t.Errorf("no %q in %s", c.want, page[strings.Index(page, "<main"):])
			}
		})
	}
	page := f.visit(cookie, "/map?lines=no&night=no&view=EU").body
	for _, without := range []string{`class="arc"`, `class="night"`, ">Japan</a>"} {
		if strings.Contains(page, without) {
			t.Errorf("%s is there", without)
		}
	}
}
