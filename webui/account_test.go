package webui_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"qslbox/webui"
)

// hidden returns a hidden field of a form.
func hidden(page, name string) string {
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		return ""
	}
	return strings.NewReplacer("&amp;", "&", "&#43;", "+", "&#34;", `"`, "&lt;", "<", "&gt;", ">").Replace(m[1])
}

// TestExpiredForm posts forms after the session has ended: signing in brings
// each back as it was typed, secrets apart, and nothing was done meanwhile.
func TestExpiredForm(t *testing.T) {
	newQSO := []string{"call", "W1AAA", "qso_date", "2025-01-20", "time_on", "10:15", "band", "20m", "mode", "SSB", "comment", `5 & 9 + "<b>"`}
	for _, c := range []struct {
		name, who, path, shownAt string
		form                     []string
		want                     []string // in the page that comes back
		never                    string
	}{
		{"new QSO", "owner", "/log/new", "/log/new?done=again&kept=1", newQSO, []string{`value="W1AAA"`, `value="5 &amp; 9 &#43; &#34;&lt;b&gt;&#34;"`, "not saved yet"}, ""},
		{"change", "owner", "/qso/1/edit", "/qso/1/edit?done=again&kept=1", append([]string{"rev", "7", "name", "Otto", "qsl_via", "DL1ABC"}, newQSO...), []string{`value="Otto"`, `name="qsl_via" value="DL1ABC"`, `name="rev" value="7"`}, ""},
		{"settings", "admin", "/settings/logbook?logbook=club", "/again", []string{"grid", "JO30", "holders", "Anna: DK9XYZ"}, []string{`action="/settings/logbook?logbook=club"`, `value="JO30"`, `value="Anna: DK9XYZ"`}, ""},
		{"account", "admin", "/settings/account/lotw", "/again", []string{"login", "dk9xyz", "secret", "kanarie"}, []string{`value="dk9xyz"`, `type="password" name="secret"`}, "kanarie"},
		{"a button", "owner", "/qso/1/delete", "/again", nil, []string{`action="/qso/1/delete"`}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t).withPeople()
			f.books.book("main").add(contact("DL1ABC", "20m", "CW", started))
			old := f.cookie(c.who)
			f.clock.advance(15 * 24 * time.Hour)
			got := f.send(old, c.path, c.form...)
			if got.status != http.StatusUnauthorized || c.never != "" && strings.Contains(got.body, c.never) {
				t.Fatalf("posted too late: %d %s", got.status, got.body)
			}
			again, kept := hidden(got.body, "again"), hidden(got.body, "kept")
			wrong := f.send("", "/signin", "name", c.who, "password", "wrong", "again", again, "kept", kept)
			if wrong.status != http.StatusUnauthorized || hidden(wrong.body, "kept") != kept || !strings.Contains(wrong.body, "is wrong") {
				t.Errorf("a wrong password loses the form: %d %s", wrong.status, wrong.body)
			}
			got = f.send("", "/signin", "name", c.who, "password", password, "again", again, "kept", kept)
			if to := got.header.Get("Location"); got.status != http.StatusSeeOther || to != c.shownAt {
				t.Fatalf("signed in: %d to %q, want %q", got.status, to, c.shownAt)
			}
			cookie, _, _ := strings.Cut(got.header.Get("Set-Cookie"), ";")
			page := f.visit(cookie, got.header.Get("Location"))
			for _, want := range c.want {
				if page.status != http.StatusOK || !strings.Contains(page.body, want) {
					t.Errorf("no %s on the page that came back: %d %s", want, page.status, page.body)
				}
			}
			if n := f.books.book("main").Size(); n != 1 {
				t.Errorf("the log has %d QSOs", n)
			}
			if page := f.visit(f.cookie(c.who), "/again").header.Get("Location"); page != "/" {
				t.Errorf("another session sees the form: %s", page)
			}
		})
	}
}

// TestExpiredFormOfOthers shows what is not kept: what a page of another site
// posts, what is too long, and where it would lead elsewhere.
func TestExpiredFormOfOthers(t *testing.T) {
	f := newFixture(t).withPeople()
	long := f.send("", "/log/new", "comment", strings.Repeat("x", 50<<10))
	if long.status != http.StatusSeeOther || !strings.HasPrefix(long.header.Get("Location"), "/signin") {
		t.Errorf("a long form: %d %v", long.status, long.header)
	}
	got := f.post("/signin", nil, "name", "owner", "password", password, "again", "https://evil.example/", "kept", "a=b")
	if to := got.header.Get("Location"); to != "/" {
		t.Errorf("leads to %s", to)
	}
	if got := f.do(ask{method: http.MethodPost, path: "/log/new", body: "call=W1AAA", header: map[string]string{
		"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://evil.example",
	}}); got.status != http.StatusForbidden || strings.Contains(got.body, "W1AAA") {
		t.Errorf("posted by a page of another site: %d %s", got.status, got.body)
	}
}

// TestAccountPage ends sessions and changes the own password.
func TestAccountPage(t *testing.T) {
	f := newFixture(t).withPeople()
	alive := func(cookie string) bool {
		return f.do(ask{path: "/api/stats", header: map[string]string{"Cookie": cookie}}).status == http.StatusOK
	}
	session := func(cookie string) string {
		id, _ := f.gate.BySessionToken(strings.TrimPrefix(cookie, "qslbox_session="))
		return id.Session
	}
	here, phone, other := f.cookie("viewer"), f.cookie("viewer"), f.cookie("owner")
	page := f.visit(here, "/account")
	if page.status != http.StatusOK || strings.Count(page.body, `name="session"`) != 2 || strings.Contains(page.body, session(other)) {
		t.Errorf("%d %s", page.status, page.body)
	}
	if got := f.send(here, "/account/end", "session", session(other)); got.status != http.StatusNotFound || !alive(other) {
		t.Errorf("ended somebody else's: %d", got.status)
	}
	if got := f.send(here, "/account/end", "session", session(phone)); got.status != http.StatusSeeOther || alive(phone) || !alive(here) {
		t.Errorf("the phone's session: %d, phone %t, here %t", got.status, alive(phone), alive(here))
	}
	if got := f.send(here, "/account/password", "old_password", "wrong", "password", "another "+password); got.status != http.StatusUnprocessableEntity || !alive(here) {
		t.Errorf("with a wrong password: %d", got.status)
	}
	if got := f.send(here, "/account/password", "old_password", password, "password", "short"); got.status != http.StatusUnprocessableEntity || !alive(here) {
		t.Errorf("to a weak password: %d", got.status)
	}
	phone = f.cookie("viewer")
	got := f.send(here, "/account/password", "old_password", password, "password", "another "+password)
	fresh, _, _ := strings.Cut(got.header.Get("Set-Cookie"), ";")
	if got.status != http.StatusSeeOther || alive(here) || alive(phone) || !alive(fresh) {
		t.Errorf("after a change of the password: %d, before %t, phone %t, now %t", got.status, alive(here), alive(phone), alive(fresh))
	}
	if got := f.send(fresh, "/account/end"); got.header.Get("Location") != "/signin" || alive(fresh) {
		t.Errorf("everywhere: %d %v, alive %t", got.status, got.header, alive(fresh))
	}
	if to := f.visit("", "/account").header.Get("Location"); to != "/signin?next=%2Faccount" {
		t.Errorf("a stranger is sent to %s", to)
	}
}

// TestBackupNeedsProof takes a backup right after signing in, and later with
// the password only.
func TestBackupNeedsProof(t *testing.T) {
	f := newFixture(t, func(c *webui.Config) { c.Maintenance = maintenance{} }).withPeople()
	cookie := f.cookie("admin")
	header := map[string]string{"Cookie": cookie}
	if got := f.do(ask{path: "/api/backup", header: header}); got.body != "the file" {
		t.Errorf("signed in only now: %d %s", got.status, got.body)
	}
	f.clock.advance(11 * time.Minute)
	if got := f.do(ask{path: "/api/backup", header: header}); got.status != http.StatusForbidden || code(got.body) != "prove" {
		t.Errorf("signed in for a while: %d %s", got.status, got.body)
	}
	if got := f.send(cookie, "/settings/backup", "password", "wrong"); got.status != http.StatusBadRequest || !strings.Contains(got.body, "is wrong") {
		t.Errorf("a wrong password: %d %s", got.status, got.body)
	}
	if got := f.send(cookie, "/settings/backup", "password", password); got.body != "the file" {
		t.Errorf("with the password: %d %s", got.status, got.body)
	}
	if got := f.command(http.MethodGet, "/api/backup", ""); got.body != "the file" {
		t.Errorf("a command: %d %s", got.status, got.body)
	}
}

// TestAuditPage shows who came in, who did not, and nothing that would run.
func TestAuditPage(t *testing.T) {
	f := newFixture(t).withPeople()
	f.post("/signin", map[string]string{"User-Agent": "<script>alert(1)</script>\r\nsign-in op"}, "name", "admin", "password", password)
	f.post("/signin", nil, "name", "<b>nobody</b>", "password", "wrong")
	for i := range 30 {
		f.clock.advance(time.Second * 5)
		f.post("/signin", map[string]string{"X-Forwarded-For": "1.2.3.4"}, "name", "admin", "password", fmt.Sprint("wrong", i))
	}
	cookie := f.cookie("admin")
	for range 200 {
		f.command(http.MethodDelete, "/api/cache", "")
	}
	one, two := f.visit(cookie, "/audit").body, f.visit(cookie, "/audit?page=3").body
	if strings.Count(one, "cache-cleared") != 100 || !strings.Contains(one, "page=2") {
		t.Errorf("the first page: %s", one)
	}
	for _, want := range []string{"<td>sign-in</td>", "sign-in-refused", "&lt;b&gt;nobody&lt;/b&gt;", "&lt;script&gt;alert(1)"} {
		if !strings.Contains(two, want) {
			t.Errorf("no %s in the trail: %s", want, two)
		}
	}
	if n := strings.Count(two, "sign-in-refused"); n > 21 {
		t.Errorf("%d wrong passwords are noted one by one", n)
	}
	for _, page := range []string{"0", "-1", "x", "99999999999999999999", "9223372036854775807"} {
		if got := f.visit(cookie, "/audit?page="+url.QueryEscape(page)); got.status != http.StatusOK {
			t.Errorf("page %s: %d", page, got.status)
		}
	}
}

// TestSecurityText tells whom to tell, under the address it was asked at.
func TestSecurityText(t *testing.T) {
	f := newFixture(t, func(c *webui.Config) { c.BasePath = "/box" })
	got := f.do(ask{path: "/box/.well-known/security.txt", header: map[string]string{"Host": "localhost:3001"}})
	for _, want := range []string{"Contact: http://localhost:3001/box/help#security\n", "Expires: 2025-07-20T", "Preferred-Languages: en, de\n"} {
		if got.status != http.StatusOK || !strings.Contains(got.body, want) {
			t.Errorf("no %q in %d %s", want, got.status, got.body)
		}
	}
	if page := f.visit("", "/box/help"); !strings.Contains(page.body, `id="security"`) {
		t.Error("the contact leads nowhere")
	}
}
