package webui_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"qslbox/qso"
)

// everything fills a logbook with what makes pages heavy: every entity on
// every band in every mode class, each QSO with a prefix, square, state, zone
// and DOK of its own as far as there are so many, half of them confirmed.
func (f *fixture) everything() {
	main := f.books.book("main")
	main.mu.Lock()
	at, n := started.AddDate(-12, 0, 0), 0
	for _, entity := range f.server.Table.Entities() {
		for _, band := range qso.Bands() {
			for _, mode := range []string{"CW", "SSB", "FT8"} {
				q := contact(fmt.Sprintf("%c%c%dXYZ", 'A'+n%26, 'A'+n/26%26, n/676%10), band.String(), mode, at)
				q.DXCC, q.CQZ, q.ITUZ = entity.Code, uint8(n%40+1), uint8(n%75+1)
				q.Set(qso.FieldGridsquare, fmt.Sprintf("%c%c%02d", 'A'+n/100%18, 'A'+n/1800%18, n%100))
				q.SetNamed("STATE", states[n%len(states)])
				q.SetNamed("DARC_DOK", fmt.Sprintf("%c%02d", 'A'+n/99%26, n%99+1))
				q.SetNamed("CONTEST_ID", fmt.Sprintf("CONTEST-%d", n%30))
				q.SetNamed("OPERATOR", fmt.Sprintf("DL%dABC", n%20))
				if n%2 == 0 {
					q.Confirmations = []qso.Confirmation{{Source: qso.LoTW, Status: 'Y'}}
				}
				main.last++
				q.ID, q.Rev = main.last, 1
				main.put(q)
				at, n = at.Add(4*time.Hour), n+1
			}
		}
	}
	main.mu.Unlock()
	main.synced()
}

var states = strings.Fields("AK AL AR AZ CA CO CT DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM NV NY OH OK OR PA RI SC SD TN TX UT VA VT WA WI WV WY")

// TestWeight holds what a browser has to fetch for a page, with a cold cache,
// below 150 kB, and for the dashboard below 100 kB: on this machine and from
// another, with a log that has everything.
func TestWeight(t *testing.T) {
	f := newFixture(t, overNetwork)
	f.withPeople().everything()
	cookie := f.cookie("admin")
	for _, from := range []string{"127.0.0.1:1234", "192.0.2.7:1234"} {
		fetch := func(path string) answer {
			return f.do(ask{path: path, from: from, header: map[string]string{"Cookie": cookie, "Accept": "text/html", "Accept-Encoding": "gzip"}})
		}
		static := 0
		for name := range strings.FieldsSeq("style.css main.js icon.svg qslbox.webmanifest cards.js entry.js filter.js live.js local.js map.js upload.js sw.js") {
			static += len(fetch("/static/x/" + name).body)
		}
		t.Logf("from %s: styles, scripts and icon: %d bytes", from, static)
		for _, path := range append([]string{"/signin", "/log?band=20m", "/awards/dxcc?show=all", "/awards/dxcc?slots=both", "/awards/wpx", "/awards/dld", "/awards/vucc", "/awards/waz", "/cards/list?limit=1000"}, everyPage...) {
			most := 150_000
			if path == "/" {
				most = 100_000
			}
			weight := static + len(fetch(path).body)
			if weight > most {
				t.Errorf("from %s: %s weighs %d bytes, more than %d", from, path, weight, most)
			}
			if testing.Verbose() {
				fmt.Printf("%7d %s\n", weight, path)
			}
		}
	}
}
