package webui_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"qslbox/monitor"
	"qslbox/qso"
	"qslbox/webui"
)

// visit asks for a page as somebody with a cookie.
func (f *fixture) visit(cookie, path string) answer {
	f.t.Helper()
	return f.do(ask{path: path, header: map[string]string{"Cookie": cookie, "Accept": "text/html"}})
}

// send posts a form as somebody with a cookie.
func (f *fixture) send(cookie, path string, pairs ...string) answer {
	f.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return f.do(ask{
		method: http.MethodPost, path: path, body: form.Encode(),
		header: map[string]string{"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded", "Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"},
	})
}

// TestPagesInBothLanguages reads every page in both languages: no text is
// missing, and nothing in the page breaks the content security policy.
func TestPagesInBothLanguages(t *testing.T) {
	f := filled(t, 200)
	f.withPeople()
	cookie := f.cookie("admin")
	bare := regexp.MustCompile(`>\s*((?:title|nav|col|dash|filter|source|short|award|sync|listed|monitor|settings|keys|users|import|reason|qso|field|edit|map|sign|origin|kind|verdict|role)\.[a-z_.]+)`)
	inline := regexp.MustCompile(`(?i)\sstyle="|<style|\son[a-z]+="|<script(?:[^>]*)>[^<]`)
	for _, lang := range []string{"en", "de"} {
		for _, path := range everyPage {
			got := f.visit(cookie+"; lang="+lang, path)
			if want := http.StatusOK; got.status != want && path != "/nothing" {
				t.Errorf("%s %s: %d", lang, path, got.status)
			}
			for _, m := range bare.FindAllStringSubmatch(got.body, -1) {
				t.Errorf("%s %s: the text %s is missing", lang, path, m[1])
			}
			if found := inline.FindString(got.body); found != "" {
				t.Errorf("%s %s: %q is refused by the content security policy", lang, path, found)
			}
			if got.status == http.StatusOK && !strings.Contains(got.body, `<html lang="`+lang+`">`) {
				t.Errorf("%s %s: not in the language", lang, path)
			}
		}
	}
}

// TestStaleEdit changes a QSO that somebody else has changed meanwhile: both
// values are shown, nothing is lost, and the second try is taken.
func TestStaleEdit(t *testing.T) {
	f := newFixture(t).withPeople()
	f.books.book("main").add(contact("DL1ABC", "20m", "CW", started))
	cookie := f.cookie("owner")
	f.command(http.MethodPatch, "/api/qsos/1", `{"name":"Otto"}`)
	form := []string{"rev", "1", "call", "DL1ABC", "qso_date", "2025-01-21", "time_on", "06:37:55", "band", "20m", "mode", "CW", "freq", "14", "station_callsign", "DK9XYZ", "name", "Anna"}
	got := f.send(cookie, "/qso/1/edit", form...)
	if got.status != http.StatusPreconditionFailed || !strings.Contains(got.body, `value="Anna"`) || !strings.Contains(got.body, "stored: Otto") {
		t.Fatalf("%d %s", got.status, got.body)
	}
	form[1] = "2"
	if got := f.send(cookie, "/qso/1/edit", form...); got.status != http.StatusSeeOther {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if q, _ := f.books.book("main").Get(1); q.Text(qso.LookupField([]byte("name"))) != "Anna" {
		t.Errorf("the name is %q", q.Text(qso.LookupField([]byte("name"))))
	}
}

// TestForms posts the other forms of the pages.
func TestForms(t *testing.T) {
	cases := []struct {
		name, who, path string
		form            []string
		status          int
		want            string // in the page, or in the address it leads to
	}{
		{"new QSO", "owner", "/log/new", []string{"call", "W1AAA", "qso_date", "2025-01-20", "time_on", "10:15", "band", "20m", "mode", "SSB"}, 303, "/qso/2?done=added"},
		{"not a call", "owner", "/log/new", []string{"call", "nothing", "qso_date", "2025-01-20", "time_on", "10:15", "band", "20m", "mode", "SSB"}, 422, `value="nothing"`},
		{"there already", "owner", "/log/new", []string{"call", "DL1ABC", "qso_date", "2025-01-21", "time_on", "06:37", "band", "20m", "mode", "CW", "station_callsign", "DK9XYZ"}, 409, "alert"},
		{"delete", "owner", "/qso/1/delete", nil, 303, "/log/trash?done=deleted"},
		{"a viewer deletes", "viewer", "/qso/1/delete", nil, 403, "403"},
		{"settings", "admin", "/settings/logbook", []string{"default_own", "dk9xyz", "grid", "JO30", "holders", "Anna: DK9XYZ DL1ABC"}, 303, "done=saved#logbook"},
		{"a faulty locator", "admin", "/settings/logbook", []string{"grid", "99"}, 400, "is not a locator"},
		{"holders without a colon", "admin", "/settings/logbook", []string{"holders", "Anna DK9XYZ"}, 400, "write each holder"},
		{"account", "admin", "/settings/account/lotw", []string{"login", "dk9xyz", "secret", "x", "schedule", "@daily"}, 303, "done=saved#accounts"},
		{"account without password", "admin", "/settings/account/lotw", []string{"login", "dk9xyz"}, 400, "needs a password"},
		{"no such source", "admin", "/settings/account/eqsl", nil, 404, "404"},
		{"key", "admin", "/settings/keys", []string{"name", "logger", "scope", "write"}, 200, "qslbox_"},
		{"user", "admin", "/settings/users", []string{"name", "otto", "password", password, "role", "viewer", "logbook_of", "main"}, 303, "done=added#users"},
		{"weak password", "admin", "/settings/users", []string{"name", "otto", "password", "x", "role", "viewer"}, 400, "at least 12"},
		{"an owner adds a user", "owner", "/settings/users", []string{"name", "otto", "password", password, "role", "admin"}, 403, "403"},
		{"logbook", "admin", "/settings/logbooks", []string{"name", "dxpedition", "own", "DL0XYZ"}, 303, "done=added#logbooks"},
		{"card", "owner", "/cards/1", []string{"step", "received", "via", "D"}, 303, "/cards?call=DL1ABC&done=saved"},
		{"no step of a card", "owner", "/cards/1", []string{"step", "eaten"}, 400, "nothing that happens"},
		{"cache", "admin", "/settings/cache", nil, 303, "done=cache"},
		{"sync without account", "owner", "/sync/lotw", nil, 404, "no_account"},
		{"decide about nothing", "owner", "/sync/lotw/resolve", []string{"id", "x", "action", "add"}, 404, "not listed any more"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t).withPeople()
			f.books.book("main").add(contact("DL1ABC", "20m", "CW", started))
			got := f.send(f.cookie(c.who), c.path, c.form...)
			where := got.header.Get("Location")
			if got.status != c.status || !strings.Contains(got.body+where, c.want) {
				t.Errorf("%d %s %s; want %d and %q", got.status, where, got.body, c.status, c.want)
			}
		})
	}
}

// TestCards marks a card as received and queues the reply.
func TestCards(t *testing.T) {
	f := newFixture(t).withPeople()
	main := f.books.book("main")
	main.add(contact("DL1ABC", "20m", "CW", started))
	cookie := f.cookie("owner")
	f.send(cookie, "/cards/1", "step", "received", "via", "D")
	f.send(cookie, "/cards/1", "step", "queue", "via", "B")
	q, _ := main.Get(1)
	if k := q.Confirmation(qso.Card); k == nil || !k.Confirms() || k.Date.Date() != "20250121" || q.Get(qso.FieldQSLRcvdVia) != "D" {
		t.Errorf("the card: %+v via %s", k, q.Get(qso.FieldQSLRcvdVia))
	}
	if page := f.visit(cookie, "/cards?show=queue").body; !strings.Contains(page, "DL1ABC") {
		t.Errorf("not in the queue: %s", page)
	}
	f.send(cookie, "/cards/1", "step", "not_received")
	f.send(cookie, "/cards/1", "step", "sent", "show", "queue")
	q, _ = main.Get(1)
	if q.Confirmed().Has(qso.Card) || q.Get(qso.FieldQSLSent) != "Y" {
		t.Errorf("confirmed by %v, sent %s", q.Confirmed().Names(), q.Get(qso.FieldQSLSent))
	}
}

// TestResolve decides about a record that is not in the log.
func TestResolve(t *testing.T) {
	f := filled(t, 50)
	f.withPeople()
	cookie := f.cookie("owner")
	if got := f.send(cookie, "/sync/lotw/resolve", "id", "a2", "action", "attach", "qso", "13"); got.status != http.StatusSeeOther {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if r := f.books.book("main").resolved["a2"]; r.QSO != 13 {
		t.Errorf("resolved as %+v, want QSO 13", r)
	}
}

// TestSignInPage shows why the form comes back, and nothing of what was typed
// into it but the name.
func TestSignInPage(t *testing.T) {
	f := newFixture(t).withPeople()
	got := f.send("", "/signin", "name", "owner", "password", "wrong <b>", "next", "/log")
	back := got.header.Get("Location")
	if got.status != http.StatusSeeOther || strings.Contains(back, "wrong") {
		t.Fatalf("%d %s", got.status, back)
	}
	page := f.visit("", back)
	for _, want := range []string{"The name or the password is wrong.", `value="owner"`, `value="/log"`} {
		if !strings.Contains(page.body, want) {
			t.Errorf("no %q in %s", want, page.body)
		}
	}
	if to := f.visit("", "/log").header.Get("Location"); to != "/signin?next=%2Flog" {
		t.Errorf("a stranger is sent to %s", to)
	}
}

// TestPublicPage shows a dashboard to strangers where that is switched on, and
// nothing else.
func TestPublicPage(t *testing.T) {
	f := newFixture(t).withPeople()
	f.books.book("main").add(contact("DL1ABC", "20m", "CW", started))
	_ = f.books.book("main").SetSettings(qso.Settings{Public: true})
	page := f.visit("", "/")
	if page.status != http.StatusOK || !strings.Contains(page.body, "dl class=\"figures\"") {
		t.Fatalf("%d %s", page.status, page.body)
	}
	for _, other := range []string{`href="/log`, `href="/settings"`, `href="/import"`} {
		if strings.Contains(page.body, other) {
			t.Errorf("a stranger is offered %s", other)
		}
	}
}

// TestEscaping shows what is in the log as it is, and never as HTML.
func TestEscaping(t *testing.T) {
	f := newFixture(t).withPeople()
	q := contact("DL1ABC", "20m", "CW", started)
	q.Set(qso.LookupField([]byte("comment")), `<script>alert(1)</script>`)
	q.SetNamed(`APP_"><IMG>`, `"><img src=x>`)
	f.books.book("main").add(q)
	page := f.visit(f.cookie("owner"), "/qso/1").body
	if strings.Contains(page, "<script>alert") || strings.Contains(strings.ToLower(page), "<img") {
		t.Error("a field of the log became HTML")
	}
	if !strings.Contains(page, "&lt;script&gt;alert(1)") {
		t.Error("the comment is not on the page")
	}
}

// TestBasePath serves the pages under a path: every address has it.
func TestBasePath(t *testing.T) {
	f := newFixture(t, func(c *webui.Config) { c.BasePath = "/radio" }).withPeople()
	f.books.book("main").add(contact("DL1ABC", "20m", "CW", started))
	cookie := f.cookie("admin")
	address := regexp.MustCompile(`(?:href|src|action)="(/[^"]*)"`)
	for _, path := range []string{"/", "/log", "/qso/1", "/awards", "/awards/dxcc", "/sync", "/settings", "/import", "/map", "/log/new"} {
		for _, m := range address.FindAllStringSubmatch(f.visit(cookie, "/radio"+path).body, -1) {
			if !strings.HasPrefix(m[1], "/radio/") {
				t.Errorf("%s leads to %s", path, m[1])
			}
		}
	}
}

// TestStatic serves what pages link to, to be kept for ever under its own
// address and not at all under one of another version.
func TestStatic(t *testing.T) {
	f := newFixture(t).withPeople()
	page := f.visit("", "/signin").body
	found := regexp.MustCompile(`(?:href|src)="(/static/[0-9a-f]{12}/([^"]+))"`).FindAllStringSubmatch(page, -1)
	if len(found) < 4 {
		t.Fatalf("%d static files in %s", len(found), page)
	}
	for _, m := range found {
		got := f.do(ask{path: m[1]})
		if got.status != http.StatusOK || got.body == "" || !strings.Contains(got.header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, %q", m[1], got.status, got.header.Get("Cache-Control"))
		}
		old := f.do(ask{path: "/static/000000000000/" + m[2]})
		if old.body != got.body || old.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s of another version: %q", m[2], old.header.Get("Cache-Control"))
		}
	}
	for _, path := range []string{"/static/x/nothing.js", "/static/x/..%2fpage.go"} {
		if got := f.do(ask{path: path}); got.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

// TestLanguageLink leads back to a page of ours and nowhere else.
func TestLanguageLink(t *testing.T) {
	cases := []struct{ name, path, want string }{
		{"back", "/language/de?next=%2Flog%3Fband%3D20m", "/log?band=20m"},
		{"signing in", "/language/de?next=/signin", "/signin"},
		{"another site", "/language/de?next=//example.org/", "/"},
		{"a whole address", "/language/de?next=https://example.org/", "/"},
		{"nothing", "/language/de", "/"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t).withPeople()
			got := f.do(ask{path: c.path})
			if where := got.header.Get("Location"); where != c.want || !strings.HasPrefix(got.header.Get("Set-Cookie"), "lang=de;") {
				t.Errorf("to %q, want %q; %s", where, c.want, got.header.Get("Set-Cookie"))
			}
		})
	}
}

// TestCallCard tells what the log knows of a station that is searched for.
func TestCallCard(t *testing.T) {
	f := newFixture(t).withPeople()
	q := contact("JA1ZZZ", "20m", "CW", started)
	q.DXCC = 339
	q.Confirmations = []qso.Confirmation{{Source: qso.LoTW, Status: 'Y'}}
	f.books.book("main").add(q)
	cookie := f.cookie("viewer")
	cases := []struct{ name, call, want string }{
		{"worked", "JA1ZZZ", "worked once"},
		{"confirmed", "JA1ZZZ", `<td class="C">C</td>`},
		{"entity worked", "JA1AAA", "never worked · 1 QSO with the entity"},
		{"new entity", "W1AAA", "New entity"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if page := f.visit(cookie, "/log?call="+c.call).body; !strings.Contains(page, c.want) {
				t.Errorf("no %q in %s", c.want, page)
			}
		})
	}
	if page := f.visit(cookie, "/log?call=JA*").body; strings.Contains(page, "callcard") {
		t.Error("a pattern has a card")
	}
}

// TestWrongFilter marks a filter that cannot be understood; the rest counts.
func TestWrongFilter(t *testing.T) {
	f := newFixture(t).withPeople()
	f.books.book("main").add(contact("JA1ZZZ", "20m", "CW", started), contact("W1AAA", "40m", "CW", started))
	got := f.visit(f.cookie("viewer"), "/log?band=13parsec&mode=CW&call=W*")
	if got.status != http.StatusOK || !strings.Contains(got.body, "13parsec") || !strings.Contains(got.body, "W1AAA") || strings.Contains(got.body, "JA1ZZZ") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// TestSignInLink opens a sign-in link in every way a browser may.
func TestSignInLink(t *testing.T) {
	signsIn := map[string]bool{"": true, "none": true, "same-origin": true, "same-site": false, "cross-site": false}
	for site, want := range signsIn {
		f := newFixture(t).withPeople()
		link := decode[struct{ Link string }](t, f.command(http.MethodPost, "/api/users/viewer/link", "").body).Link
		path := strings.TrimPrefix(link, "http://localhost:3001")
		if got := f.do(ask{method: http.MethodHead, path: path}); got.status != http.StatusOK || got.header.Get("Set-Cookie") != "" {
			t.Errorf("HEAD: %d %v", got.status, got.header)
		}
		if got := f.do(ask{path: path, header: map[string]string{"Sec-Purpose": "prefetch"}}); got.header.Get("Set-Cookie") != "" {
			t.Errorf("looking ahead: %d %v", got.status, got.header)
		}
		got := f.do(ask{path: path, header: map[string]string{"Sec-Fetch-Site": site}})
		if signed := got.header.Get("Location") == "/" && strings.HasPrefix(got.header.Get("Set-Cookie"), "qslbox_session="); signed != want {
			t.Errorf("from %q: %d %v, want signed in %t", site, got.status, got.header, want)
		}
		if want {
			continue
		}
		token := regexp.MustCompile(`name="token" value="([^"]+)"`).FindStringSubmatch(got.body)
		if token == nil {
			t.Fatalf("from %q: no button in %s", site, got.body)
		}
		if got := f.send("", "/signin/link", "token", token[1]); got.header.Get("Location") != "/" || got.header.Get("Set-Cookie") == "" {
			t.Errorf("the button: %d %v", got.status, got.header)
		}
	}
	f := newFixture(t).withPeople()
	if got := f.visit("", "/signin/link?token=x"); got.header.Get("Location") != "/signin?problem=bad_link" {
		t.Errorf("a link that is none: %d %v", got.status, got.header)
	}
	if got := f.visit(f.cookie("viewer"), "/signin/link?token=x"); got.header.Get("Location") != "/" {
		t.Errorf("a link that is none, signed in already: %d %v", got.status, got.header)
	}
}

// TestMonitorPage shows what is measured: the table of operations, the figures
// of the day, and that the page stays fresh without scripts.
func TestMonitorPage(t *testing.T) {
	f := newFixture(t).withPeople()
	op := f.monitor.Operation(monitor.Store, "write qsos")
	for _, d := range []time.Duration{90 * time.Millisecond, 90 * time.Millisecond, 480 * time.Millisecond} {
		op.Observe(d, nil)
	}
	for _, name := range []string{"hits", "memory", "file"} {
		if err := f.monitor.Gauge(name, func() float64 { return 87.54 }); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	f.monitor.Run(ctx) // samples once
	for lang, texts := range map[string][]string{
		"en": {"Memory in use, MiB <b>87.5</b>", "Hit rate of each minute, % <b>87.5</b>", "Data file, MiB", ">Mean<", "220\u00a0ms", "slow<"},
		"de": {"Belegter Speicher, MiB <b>87,5</b>", "Trefferquote je Minute", "Datendatei", ">Mittel<", "langsam<"},
	} {
		body := f.do(ask{path: "/monitor", header: map[string]string{"Cookie": f.cookie("admin"), "Accept-Language": lang}}).body
		for _, text := range append(texts, `<noscript><meta http-equiv="refresh" content="30"></noscript>`, "write qsos", `class="chart line"`) {
			if !strings.Contains(body, text) {
				t.Errorf("%s: the page has no %q", lang, text)
			}
		}
	}
}
