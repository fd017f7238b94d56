package webui_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"qslbox/qso/qsotest"
)

var (
	linked  = regexp.MustCompile(`<a (?:class="[^"]*" )?href="([^"]*)"[^>]*>(?:<b>)?([\d,]+)(?:</b>)?</a>`)
	address = regexp.MustCompile(`(?:href|action|src)="([^"]*)"`)
	row     = regexp.MustCompile(`(?s)<tr[^>]*>.*?</tr>`)
	bare    = regexp.MustCompile(`<td[^>]*class="num[^"]*"[^>]*>[1-9][\d,]*</td>`)
)

// TestNumbersLead follows each number of the dashboard, under several filters:
// the log shows as many QSOs.
func TestNumbersLead(t *testing.T) {
	f := newFixture(t).withPeople()
	f.command(http.MethodPost, "/api/import", string(qsotest.ADIF(qsotest.Options{N: 900, Seed: 7, End: started})))
	cookie := f.cookie("viewer")
	year := started.Format("2006")
	for _, filter := range []string{"", "?band=20m", "?mode=-FT8", "?mode=DIGITAL&confirmed=yes", "?from=" + year + "-01-01", "?continent=EU", "?confirmed_by=lotw", "?prop=SAT", "?weekday=6,7", "?hour=5"} {
		t.Run(filter, func(t *testing.T) {
			page := f.visit(cookie, "/"+filter).body
			page = page[strings.Index(page, "<main"):]
			followed := 0
			for _, m := range linked.FindAllStringSubmatch(page, -1) {
				to, number := html.UnescapeString(m[1]), strings.ReplaceAll(m[2], ",", "")
				if !strings.HasPrefix(to, "/log?") && to != "/log" || strings.Contains(to, "sort=call") {
					continue
				}
				followed++
				if got := f.countAt(to); got != number {
					t.Errorf("the dashboard says %s, %s has %s", number, to, got)
				}
			}
			if followed < 10 && filter != "?prop=SAT" || filter == "" && followed < 150 {
				t.Errorf("only %d numbers lead to the log", followed)
			}
		})
	}
}

// TestNoNumberAlone wants each line of a table of numbers to lead somewhere.
func TestNoNumberAlone(t *testing.T) {
	f := filled(t, 400).withPeople()
	cookie := f.cookie("admin")
	for _, path := range []string{"/", "/?band=20m", "/awards", "/awards/dxcc", "/awards/wpx", "/awards/dld?slots=class", "/awards/dxcc?view=growth", "/stations", "/map", "/map?show=grids", "/sync"} {
		page := f.visit(cookie, path).body
		for _, line := range row.FindAllString(page[strings.Index(page, "<main"):], -1) {
			if bare.MatchString(line) && !strings.Contains(line, "<a ") {
				t.Errorf("%s: a line of numbers leads nowhere: %s", path, line)
			}
		}
	}
}

// countAt asks the API how many QSOs pass the filter of an address of the log.
func (f *fixture) countAt(to string) string {
	f.t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		f.t.Fatal(err)
	}
	query := u.Query()
	query.Set("limit", "1")
	query.Set("count", "1")
	got := f.do(ask{path: "/api/qsos?" + query.Encode(), full: true})
	if got.status != http.StatusOK {
		f.t.Fatalf("%s: %d %s", to, got.status, got.body)
	}
	return fmt.Sprint(decode[struct{ Total int }](f.t, got.body).Total)
}

// TestNoDeadLinks follows every link of every page: each leads somewhere.
func TestNoDeadLinks(t *testing.T) {
	f := withTrouble(t)
	cookie := f.cookie("admin")
	main := f.books.book("main")
	main.mu.Lock()
	main.runs[1].Altered, main.runs[1].Gone = []uint64{12}, []uint64{13}
	main.mu.Unlock()
	seen := map[string]bool{}
	for _, path := range everyPage {
		for _, m := range address.FindAllStringSubmatch(f.visit(cookie, path).body, -1) {
			to, _, _ := strings.Cut(html.UnescapeString(m[1]), "#")
			if seen[pattern(to)] || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "/language") || strings.HasPrefix(to, "/colours") {
				continue
			}
			seen[pattern(to)] = true
			from := fmt.Sprintf("192.0.2.%d:1234", 10+len(seen)/50) // one alone may not ask that often
			got := f.do(ask{path: to, from: from, header: map[string]string{"Cookie": cookie, "Accept": "text/html"}})
			if got.status == http.StatusMethodNotAllowed && strings.Contains(got.header.Get("Allow"), "POST") {
				continue // where a form is sent to
			}
			if got.status >= 400 {
				t.Errorf("%s links to %s: %d", path, to, got.status)
			}
		}
	}
	if len(seen) < 60 {
		t.Errorf("only %d links were found", len(seen))
	}
}

var digits = regexp.MustCompile(`\d+`)

// pattern is the same for links that differ in their numbers and values only.
func pattern(to string) string {
	path, query, _ := strings.Cut(to, "?")
	values, _ := url.ParseQuery(query)
	names := ""
	for name := range strings.FieldsSeq("own holder from to band mode sat operator contest grid confirmed_by confirmed call entity square location continent prop hour weekday id_above key slot view show sort after as_of sources field") {
		if values.Has(name) {
			names += " " + name
		}
	}
	return digits.ReplaceAllString(path, "0") + names
}
