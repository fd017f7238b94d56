package webui_test

import (
	"regexp"
	"strings"
	"testing"
)

// TestContinents: the dashboard and the page of DXCC draw how many entities of
// each continent are worked and confirmed, and say the same in a table; each
// continent leads to its map, a filter is kept.
func TestContinents(t *testing.T) {
	f := newFixture(t).withPeople()
	awardLog(f)
	cookie := f.cookie("viewer")
	europe := regexp.MustCompile(`<tr><th scope="row"><a href="([^"]*)">Europe</a></th><td class="num">(\d+)</td><td class="num">(\d+)</td><td class="num">(\d+)</td></tr>`)
	for _, tt := range []struct{ path, leads, worked, confirmed string }{
		{"/", "/awards/dxcc?frame=EU&amp;view=map", "3", "3"},
		{"/?band=20m&mode=CW", "/awards/dxcc?band=20m&amp;frame=EU&amp;mode=CW&amp;view=map", "1", "1"},
		{"/awards/dxcc", "/awards/dxcc?frame=EU&amp;view=map", "3", "3"},
		{"/awards/dxcc?sources=lotw", "/awards/dxcc?frame=EU&amp;sources=lotw&amp;view=map", "3", "1"},
	} {
		page := f.visit(cookie, tt.path).body
		m := europe.FindStringSubmatch(page)
		if m == nil {
			t.Fatalf("%s: Europe is not in the table", tt.path)
		}
		if m[1] != tt.leads || m[2] != tt.worked || m[3] != tt.confirmed {
			t.Errorf("%s: Europe is %q, want %s worked, %s confirmed, leading to %s", tt.path, m[1:], tt.worked, tt.confirmed, tt.leads)
		}
		for _, want := range []string{
			`<title>Europe: ` + tt.worked + ` worked, ` + tt.confirmed + ` confirmed of ` + m[4] + `</title>`, // in the picture
			`<title>Antarctica: 0 worked, 0 confirmed of `,
			`<title id="continents-t">Entities per continent</title>`,
		} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %s", tt.path, want)
			}
		}
	}
	if page := f.visit(cookie, "/awards/was").body; strings.Contains(page, "continents-t") {
		t.Error("an award of states has a picture of continents")
	}
}
