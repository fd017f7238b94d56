package webui_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"qslbox/qso"
	"qslbox/syncers"
	"qslbox/webui"
	"qslbox/webui/access"
)

// payloads are texts that would run, break out or spread where a page is
// careless: HTML, attributes, addresses, templates, directions, and length.
var payloads = []string{
	`<script>window.ran=1</script>`,
	`"><img src=/ran onerror="window.ran=1"><svg onload=window.ran=1>`,
	`' onmouseover='window.ran=1' style='position:fixed;inset:0' x='`,
	`javascript:window.ran=1//`,
	`{{.}}${window.ran=1}</textarea></title><base href=//evil.example/>`,
	"\u202e\u2066olleh\u0000 <!--",
	strings.Repeat("W", 3000),
}

// hostileLog is a log with every payload in every field that ADIF or we know,
// twenty a record, and some of nobody's.
func hostileLog() (string, int) {
	var b strings.Builder
	n := 0
	record := func(pairs ...string) {
		at := time.Date(2024, 1, 1, 0, n, 0, 0, time.UTC)
		n++
		b.WriteString(adif(append([]string{
			"CALL", "DL1ABC", "QSO_DATE", at.Format("20060102"), "TIME_ON", at.Format("1504"), "BAND", "20m", "MODE", "CW", "STATION_CALLSIGN", "DK9XYZ",
		}, pairs...)...))
	}
	names := []string{`APP_<B>`, "APP_X_'ONCLICK", "MY_OWN"}
	for id := qso.NoField + 1; id.String() != ""; id++ {
		names = append(names, id.String())
	}
	// what a record cannot do without stands alone, as it may be rejected
	alone := []string{"CALL", "QSO_DATE", "TIME_ON", "BAND", "MODE", "SUBMODE", "FREQ", "STATION_CALLSIGN"}
	for shift := range 2 {
		var together []string
		for i, name := range names {
			value := payloads[(i+3*shift)%len(payloads)]
			if slices.Contains(alone, name) {
				record(name, value)
				continue
			}
			if together = append(together, name, value); len(together) >= 40 {
				record(together...)
				together = nil
			}
		}
		record(together...)
	}
	return b.String(), n
}

// TestHostileFields shows a log of hostile texts on every page in a browser: no
// script runs, nothing is asked of others, nothing is wider than the screen.
func TestHostileFields(t *testing.T) {
	f := newFixture(t, overNetwork).withPeople()
	text, records := hostileLog()
	main := f.books.book("main")
	f.command(http.MethodPost, "/api/import?name="+url.QueryEscape(payloads[1]), text)
	if n := main.Size(); n < records/2 {
		t.Fatalf("%d of %d records are in the log: too few to show anything", n, records)
	}
	f.hostileSurroundings(main)
	b := newBrowser(t, f)
	b.enter(f, "admin")
	pages := append([]string{
		"/signin?name=" + url.QueryEscape(payloads[1]) + "&problem=" + url.QueryEscape(payloads[0]), "/log?call=" + url.QueryEscape(payloads[1]), "/cards?call=" + url.QueryEscape(payloads[2]),
		"/?contest=" + url.QueryEscape(payloads[1]) + "&operator=" + url.QueryEscape(payloads[0]), "/setup?code=" + url.QueryEscape(payloads[1]),
		"/sync/lotw/runs/1", "/nothing/" + url.PathEscape(payloads[1]), "/log?sort=" + url.QueryEscape(payloads[0]), "/awards/none?" + url.QueryEscape(payloads[1]),
	}, everyPage...)
	for id := 1; id <= main.Size(); id++ {
		pages = append(pages, "/qso/"+strconv.Itoa(id))
		if id%4 == 0 {
			pages = append(pages, "/qso/"+strconv.Itoa(id)+"/edit")
		}
	}
	b.look(390, "light")
	for _, page := range pages {
		b.open(page)
		b.harmless(page)
	}
}

// hostileSurroundings puts payloads where a log's surroundings come from.
func (f *fixture) hostileSurroundings(main *book) {
	f.t.Helper()
	main.synced()
	run := &main.runs[len(main.runs)-1]
	run.Message, run.Answers[0].Message = payloads[0], payloads[1]
	main.runs[0].Message = payloads[1]
	strange := contact("W1AAA", "20m", "CW", time.Now().UTC())
	for id := qso.NoField + 1; id.String() != ""; id++ {
		strange.Set(id, payloads[int(id)%len(payloads)])
	}
	strange.Call, strange.Start = "W1AAA", qso.TimeOf(time.Now().UTC())
	main.listed = append(main.listed, syncers.Listed{ID: payloads[1], Source: qso.LoTW, Run: 1, Seen: time.Now().UTC(), Record: strange, Reason: syncers.ByTime, Nearest: 1})
	main.settings.Holders = []qso.Holder{{Name: payloads[0], Calls: []qso.Call{"DK9XYZ"}}}
	for _, p := range payloads[:5] {
		if _, _, err := f.gate.AddKey(p, "main", []string{"read"}, time.Time{}); err != nil {
			f.t.Fatal(err)
		}
		if err := f.gate.Audit(access.Identity{Name: p}, p, "import", p); err != nil {
			f.t.Fatal(err)
		}
		f.post("/signin", map[string]string{"User-Agent": p}, "name", "admin", "password", password)
	}
}

// harmless fails if a payload of the page did anything.
func (b *browser) harmless(name string) {
	b.t.Helper()
	for _, wrong := range find(b, chromedp.Evaluate[[]string](`(() => {
		const wrong = [];
		if (window.ran) wrong.push("a payload ran");
		for (const e of document.querySelectorAll("script:not([src]), img, iframe, object, embed, base, style, [style], main svg[onload]")) wrong.push("an element of a payload: " + e.outerHTML.slice(0, 200));
		for (const e of document.querySelectorAll("*")) for (const a of e.attributes) if (a.name.startsWith("on")) wrong.push("a handler: " + e.outerHTML.slice(0, 200));
		for (const e of document.querySelectorAll("[href], [action], [src]")) {
			const to = e.getAttribute("href") ?? e.getAttribute("action") ?? e.getAttribute("src");
			if (to && !to.startsWith("#") && new URL(to, location.href).origin !== location.origin) wrong.push("leads elsewhere: " + to);
		}
		const width = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth > width) wrong.push("wider than the screen: " + document.documentElement.scrollWidth + ": " +
			[...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().right > width + 1).slice(0, 3).map((e) => e.outerHTML.slice(0, 100)).join(" | "));
		return wrong;
	})()`)) {
		b.t.Errorf("%s: %s", name, wrong)
	}
	b.calm(name)
}

// TestPlainHTTPForm posts a form on plain http under a name that is not
// localhost, as on a home network: the browser must send an Origin that we take.
func TestPlainHTTPForm(t *testing.T) {
	f := newFixture(t, overNetwork, func(c *webui.Config) { c.Hosts = []string{"shack.example"} }).withPeople()
	b := newBrowser(t, f, chromedp.Flag("host-resolver-rules", "MAP shack.example 127.0.0.1"))
	b.url = strings.Replace(f.url, "127.0.0.1", "shack.example", 1)
	b.open("/signin")
	if find(b, chromedp.Evaluate[bool](`isSecureContext`)) {
		t.Fatal("the browser takes this for a secure context: the test shows nothing")
	}
	b.run(chromedp.SendKeys(`main input[name="name"]`, "owner"), chromedp.SendKeys(`main input[name="password"]`, password), chromedp.Click(`main button`))
	b.goneTo("/")
	b.says(".user", "owner")
	b.run(chromedp.Click(`header form[action="/signout"] button`))
	b.goneTo("/signin")
	b.calm("plain http")
	// a browser that is told no-referrer sends "Origin: null": the test would fail
	if got := f.do(ask{path: "/signin"}).header.Get("Referrer-Policy"); got != "same-origin" {
		t.Errorf("Referrer-Policy is %q", got)
	}
}

// TestPlainWarning warns where a password would travel unencrypted.
func TestPlainWarning(t *testing.T) {
	f := newFixture(t).withPeople()
	for from, want := range map[string]bool{"192.168.1.20:5": true, "127.0.0.1:5": false} {
		if got := strings.Contains(f.do(ask{path: "/signin", from: from}).body, "not encrypted"); got != want {
			t.Errorf("from %s: warned %t", from, got)
		}
	}
}

// TestTraversal asks for what lies outside, in every spelling.
func TestTraversal(t *testing.T) {
	f := newFixture(t).withPeople()
	up := []string{"..", "%2e%2e", ".%2e", "%252e%252e", "..;", "%c0%ae%c0%ae", "%uff0e%uff0e", "..%00", "....", "%2e%2e%2f", "..%5c", `..\`, "%5c%5c", "..%252f", "%00"}
	for _, base := range []string{"/static/x/", "/static/", "/api/rejects/", "/api/awards/", "/", "/awards/", "/sync/lotw/runs/"} {
		for _, step := range up {
			for _, end := range []string{"/etc/passwd", "/page.go", "%2fqslbox.db", ""} {
				path := base + step + end
				req, err := http.NewRequest(http.MethodGet, "http://localhost"+path, nil)
				if err != nil {
					continue // no client can send it
				}
				if got := f.do(ask{path: req.URL.RequestURI(), full: true}); got.status != http.StatusNotFound && got.status != http.StatusBadRequest {
					t.Errorf("%s: %d %.80s", path, got.status, got.body)
				}
			}
		}
	}
}

// TestKeysInHeadersOnly sends a good key where logs and histories keep it.
func TestKeysInHeadersOnly(t *testing.T) {
	f := newFixture(t).withPeople()
	key := f.key("main", "read")
	for _, name := range []string{"key", "api_key", "apikey", "token", "access_token", "X-API-Key"} {
		if got := f.do(ask{path: "/api/stats?" + name + "=" + key}); got.status != http.StatusUnauthorized || strings.Contains(got.body, key) {
			t.Errorf("?%s=: %d %s", name, got.status, got.body)
		}
	}
	for _, header := range []map[string]string{{"X-API-Key": key}, {"Authorization": "Bearer " + key}, {"Authorization": "bearer  " + key}} {
		if got := f.do(ask{path: "/api/stats", header: header}); got.status != http.StatusOK {
			t.Errorf("%v: %d", header, got.status)
		}
	}
	if got := f.do(ask{path: "/api/stats", header: map[string]string{"Origin": "http://other.example", "X-API-Key": key}}); got.header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("pages of other sites may read the answer")
	}
}

// TestForeignIDs walks every route that takes an id with those of a logbook the
// asker has no part in: nothing of it is told and nothing of it changes.
func TestForeignIDs(t *testing.T) {
	f := newFixture(t).withPeople()
	club := f.books.book("club")
	for i := range 3 {
		secret := contact("K1SECRET", "20m", "CW", started.Add(time.Duration(i)*time.Hour))
		secret.Set(qso.FieldComment, "secret of the club")
		club.add(secret)
	}
	club.synced()
	f.books.book("main").add(contact("DL1ABC", "20m", "CW", started))
	rejects := decode[struct {
		Link string `json:"rejects_link"`
	}](t, f.command(http.MethodPost, "/api/import?logbook=club&dry_run=1", file).body).Link
	keyID := decode[struct{ ID string }](t, f.command(http.MethodPost, "/api/keys?logbook=club", `{"name":"secret of the club","scopes":["read"]}`).body).ID
	before := fmt.Sprint(club.Size(), club.generation.Load(), club.accounts, club.settings, len(club.runs), len(club.listed))
	askers := map[string]map[string]string{
		"key":    {"X-API-Key": f.key("main", "read", "write", "metrics", "admin")},
		"owner":  {"Cookie": f.cookie("owner")},
		"viewer": {"Cookie": f.cookie("viewer")},
	}
	for name, header := range askers {
		for _, route := range f.server.Routes() {
			if !strings.Contains(route.Path, ":") && !route.PerLogbook || strings.HasPrefix(route.Path, "/static") {
				continue
			}
			for _, id := range []string{"2", "3", keyID, "a1", "a2", "clubber", "club"} {
				path := strings.NewReplacer(":source", "lotw", ":id", id, ":name", id, ":n", "1", ":operation", "check", ":part", "timeline", "*operation", "none", ":lang", "en").Replace(route.Path)
				for _, query := range []string{"", "?logbook=club", "?logbook=main&logbook=club", "?holder=club&own=K1SECRET"} {
					got := f.do(ask{method: route.Method, path: path + query, header: header, from: "127.0.0.1:1"})
					if strings.Contains(got.body, "secret of the club") || strings.Contains(got.body, "SECRET") && !strings.Contains(query, "SECRET") || got.status >= 500 && got.status != http.StatusServiceUnavailable {
						t.Errorf("%s: %s %s%s: %d %.300s", name, route.Method, path, query, got.status, got.body)
					}
				}
			}
		}
		if got := f.do(ask{path: rejects, header: header}); got.status != http.StatusNotFound {
			t.Errorf("%s: rejected records of the club: %d", name, got.status)
		}
	}
	if after := fmt.Sprint(club.Size(), club.generation.Load(), club.accounts, club.settings, len(club.runs), len(club.listed)); after != before {
		t.Errorf("the club's logbook changed from\n%s to\n%s", before, after)
	}
	if keys, _ := f.gate.Keys("club"); len(keys) != 1 {
		t.Errorf("the club has %d keys", len(keys))
	}
}
