package webui_test

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"qslbox/qso"
)

// figure is what a number looks like that counts something.
var figure = regexp.MustCompile(`<t[dh] class="num[^"]*">[^<]*(?:<a [^>]*>)?\d|<dd>(?:<a [^>]*>)?\d|class="big">|class="news"|class="verdict`)

var (
	meaning = regexp.MustCompile(`<a class="what[^"]*" href="/help#([a-z]+)"`)
	parted  = regexp.MustCompile(`<(?:section|form)[ >]`)
)

// TestNumbersLeadToTheirMeaning wants a link to what it means in each part of
// a page that holds a number, or at the head of the page, and the explanation
// at its end.
func TestNumbersLeadToTheirMeaning(t *testing.T) {
	f := withTrouble(t)
	cookie := f.cookie("admin")
	main := f.books.book("main")
	queued := contact("W1AAA", "20m", "CW", started)
	queued.Set(qso.FieldQSLSent, "Q")
	main.add(queued)
	help := f.visit(cookie, "/help").body
	read := f.upload(cookie, adif("CALL", "DL2ABC", "QSO_DATE", "20241399", "TIME_ON", "1015", "BAND", "20m", "MODE", "CW"))
	pages := map[string]string{"import": read.body}
	for _, path := range []string{
		"/", "/log", "/log?call=DL1ABC", "/log/bulk", "/stations", "/map", "/map?show=grids", "/map?show=zones", "/map?show=states", "/awards", "/awards/dxcc", "/awards/dld",
		"/awards/dxcc/qsos?key=230", "/cards?call=DL*", "/cards?show=queue", "/cards/list", "/sync", "/sync/lotw/runs/1", "/sync/lotw/runs/2", "/monitor", "/qso/12",
	} {
		got := f.visit(cookie, path)
		if got.status != http.StatusOK {
			t.Fatalf("%s: %d", path, got.status)
		}
		pages[path] = got.body
	}
	for path, body := range pages {
		content := body[strings.Index(body, "<main"):strings.Index(body, "<footer")]
		parts := parted.Split(content, -1)
		head := meaning.MatchString(parts[0])
		for _, part := range parts[1:] {
			if figure.MatchString(part) && !head && !meaning.MatchString(part) {
				t.Errorf("%s: the numbers of this part lead nowhere: %s", path, html.UnescapeString(part[:min(400, len(part))]))
			}
		}
		for _, m := range meaning.FindAllStringSubmatch(content, -1) {
			if !strings.Contains(help, `<dt id="`+m[1]+`">`) {
				t.Errorf("%s leads to #%s, of which the help says nothing", path, m[1])
			}
		}
		if strings.Count(content, `class="what`) == 0 {
			t.Errorf("%s: nothing leads to a meaning", path)
		}
	}
}
