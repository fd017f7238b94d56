package webui_test

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"qslbox/qso"
)

var (
	notForPeople = regexp.MustCompile(`(?s)<(script|style|template|pre|code|option|textarea)\b[^>]*>.*?</(script|style|template|pre|code|option|textarea)>|<table class="fields-table">.*?</table>`)
	anyTag       = regexp.MustCompile(`<[^>]*>`)
	germanDay    = regexp.MustCompile(`\b\d{1,2}\.\d{1,2}\.\d{4}\b`)
	foreign      = regexp.MustCompile(`\d{4}-\d\d(-\d\d)?\b|(^|[^\d.:/])\d+\.\d{1,2}([^\d.]|$)|\d\.\d{4,}|\d,\d{3}($|\D)|\b\d{5,}\b`)
)

// TestGermanNumbersAndDays finds no number and no day on a German page that is
// written as English has it, also not in sentences of the program, and the
// frequency of a QSO with a comma, in the log and in its form, which takes it.
func TestGermanNumbersAndDays(t *testing.T) {
	f := filled(t, 1200).withPeople()
	cookie := f.cookie("admin") + "; lang=de"
	main := f.books.book("main")
	main.mu.Lock()
	main.runs[0].Message = "18994 records: 12 added to the log, 12007 updated."
	main.mu.Unlock()
	odd := contact("JA1ZZZ", "20m", "CW", started)
	odd.Freq, _ = qso.ParseMHz("14.0437")
	main.add(odd)
	for _, path := range []string{
		"/", "/?from=2024-01-01", "/log?sort=-call", "/log?call=JA1ZZZ", "/log/bulk?field=comment&value=x", "/log/trash", "/cards?call=*1*", "/cards?show=queue", "/cards/list", "/awards",
		"/awards/dxcc", "/awards/dxcc?as_of=2025-01-01", "/awards/vucc", "/map", "/map?show=grids", "/sync", "/sync/lotw/runs/1", "/sync/lotw/runs/2", "/monitor", "/stations", "/help", "/qso/12", "/settings", "/account", "/audit",
	} {
		got := f.visit(cookie, path)
		if got.status != http.StatusOK {
			t.Fatalf("%s: %d", path, got.status)
		}
		for line := range strings.Lines(anyTag.ReplaceAllString(notForPeople.ReplaceAllString(got.body, ""), "\n")) {
			line = strings.TrimSpace(html.UnescapeString(line))
			if !strings.HasPrefix(line, "http") && foreign.MatchString(germanDay.ReplaceAllString(line, "")) {
				t.Errorf("%s: %q", path, line)
			}
		}
	}
	german := func(path string) string { return f.visit(cookie+"; columns=freq.km", path).body }
	if page := german("/log?call=JA1ZZZ"); !strings.Contains(page, `>14,0437</td>`) {
		t.Errorf("the log: %s", page[strings.Index(page, "<main"):])
	}
	if page := german("/qso/1201/edit"); !strings.Contains(page, `name="freq" value="14,0437"`) {
		t.Errorf("the form: %s", page[strings.Index(page, "<main"):])
	}
	got := f.send(cookie, "/qso/1201/edit", "rev", "1", "call", "JA1ZZZ", "qso_date", "2025-01-21", "time_on", "06:37", "band", "20m", "mode", "CW", "station_callsign", "DK9XYZ", "freq", "14,0441")
	if q, _ := main.Get(1201); got.status != http.StatusSeeOther || q.Freq.String() != "14.0441" {
		t.Errorf("with a comma: %d, %s", got.status, q.Freq)
	}
}
