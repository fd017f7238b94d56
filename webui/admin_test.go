package webui_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qslbox/webui"
)

// TestUsersAndKeys does what the commands user and key do.
func TestUsersAndKeys(t *testing.T) {
	f := newFixture(t)
	link := decode[struct{ Link string }](t, f.command(http.MethodPost, "/api/setup/code", "").body).Link
	if !strings.HasPrefix(link, "http://localhost:3001/setup?code=") {
		t.Errorf("link of the first start: %s", link)
	}
	f.command(http.MethodPost, "/api/users", `{"name":"admin","role":"admin","password":"`+password+`"}`)
	f.command(http.MethodPost, "/api/users?logbook=club", `{"name":"clubber","role":"owner","password":"`+password+`"}`)
	users := decode[struct {
		Items []struct {
			Name, Role, Created string
			Logbooks            []string
		}
	}](t, f.command(http.MethodGet, "/api/users", "").body)
	if len(users.Items) != 2 || !cmp.Equal(users.Items[1].Logbooks, []string{"club"}) || users.Items[0].Role != "admin" {
		t.Errorf("users: %+v", users)
	}
	for body, want := range map[string]string{
		`{"name":"admin","role":"owner","password":"` + password + `"}`:                     "exists",
		`{"name":"x","role":"king","password":"` + password + `"}`:                          "invalid",
		`{"name":"x","role":"viewer","password":"short"}`:                                   "weak_password",
		`{"name":"x","role":"viewer","logbooks":["nothing"],"password":"` + password + `"}`: "no_logbook",
	} {
		if got := f.do(ask{method: http.MethodPost, path: "/api/users", body: body, full: true}); code(got.body) != want {
			t.Errorf("%s: %d %s, want %s", body, got.status, got.body, want)
		}
	}
	cookie := f.cookie("clubber")
	f.command(http.MethodPut, "/api/users/clubber/password", `{"password":"another `+password+`"}`)
	if got := f.do(ask{path: "/api/stats", header: map[string]string{"Cookie": cookie}}); got.status != 401 {
		t.Errorf("a session after the password was set: %d", got.status)
	}
	if got := f.do(ask{method: http.MethodDelete, path: "/api/users/admin", full: true}); code(got.body) != "last_admin" {
		t.Errorf("the last administrator: %d %s", got.status, got.body)
	}
	key := decode[struct{ ID, Key string }](t, f.command(http.MethodPost, "/api/keys?logbook=club", `{"name":"wsjtx","scopes":["read","write"]}`).body)
	if got := f.do(ask{path: "/api/settings", header: map[string]string{"X-API-Key": key.Key}}); got.status != 200 {
		t.Errorf("the key: %d %s", got.status, got.body)
	}
	if list := f.command(http.MethodGet, "/api/keys?logbook=club", "").body; !strings.Contains(list, key.ID) || strings.Contains(list, key.Key) {
		t.Errorf("keys: %s", list)
	}
	f.command(http.MethodDelete, "/api/keys/"+key.ID, "")
	if got := f.do(ask{path: "/api/settings", header: map[string]string{"X-API-Key": key.Key}}); got.status != 401 {
		t.Errorf("the revoked key: %d", got.status)
	}
	trail := f.command(http.MethodGet, "/api/audit", "").body
	for _, what := range []string{"user-added", "password-set", "key-added", "key-revoked"} {
		if !strings.Contains(trail, what) {
			t.Errorf("the audit trail has no %s", what)
		}
	}
	if strings.Contains(trail, password) || strings.Contains(trail, key.Key) {
		t.Error("the audit trail holds a secret")
	}
}

// TestForeignKey shows that a key with the right admin revokes no key of
// another logbook.
func TestForeignKey(t *testing.T) {
	f := newFixture(t)
	id := decode[struct{ ID string }](t, f.command(http.MethodPost, "/api/keys?logbook=club", `{"name":"a","scopes":["read"]}`).body).ID
	if got := f.do(ask{method: http.MethodDelete, path: "/api/keys/" + id, header: map[string]string{"X-API-Key": f.key("main", "admin")}}); got.status != 404 {
		t.Errorf("revoked by a foreign key: %d", got.status)
	}
}

// TestLogbooks makes and removes logbooks.
func TestLogbooks(t *testing.T) {
	f := newFixture(t)
	f.command(http.MethodPost, "/api/logbooks", `{"name":"portable","own":"dk9xyz/p"}`)
	if got := f.command(http.MethodGet, "/api/logbooks", "").body; got != `{"items":[{"name":"main","qsos":0},{"name":"club","qsos":0},{"name":"portable","qsos":0}]}`+"\n" {
		t.Errorf("logbooks: %s", got)
	}
	if got := f.command(http.MethodGet, "/api/settings?logbook=portable", "").body; !strings.HasPrefix(got, `{"default_own":"DK9XYZ/P","holders":[],`) {
		t.Errorf("settings: %s", got)
	}
	f.command(http.MethodDelete, "/api/logbooks/portable", "")
	for _, tt := range []struct{ method, path, body, want string }{
		{"POST", "/api/logbooks", `{"name":"club"}`, "exists"}, {"POST", "/api/logbooks", `{"name":"Club!"}`, "invalid"},
		{"POST", "/api/logbooks", `{"name":"x","own":"no"}`, "invalid"}, {"DELETE", "/api/logbooks/main", "", "invalid"},
		{"DELETE", "/api/logbooks/nothing", "", "no_logbook"}, {"GET", "/api/stats?logbook=portable", "", "no_logbook"},
	} {
		if got := f.do(ask{method: tt.method, path: tt.path, body: tt.body, full: true}); code(got.body) != tt.want {
			t.Errorf("%s %s %s: %d %s, want %s", tt.method, tt.path, tt.body, got.status, got.body, tt.want)
		}
	}
}

// TestSettings changes what a logbook is told about itself.
func TestSettings(t *testing.T) {
	f := newFixture(t)
	before := f.books.book("main").generation.Load()
	got := f.command(http.MethodPut, "/api/settings", `{"holders":[{"name":"me","calls":["dk9xyz","DK9XYZ/P"]}],"grid":"jo31lk","public":true}`).body
	want := `{"default_own":"","holders":[{"name":"me","calls":["DK9XYZ","DK9XYZ/P"]}],"grid":"JO31LK","public":true}` + "\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if f.books.book("main").generation.Load() == before {
		t.Error("the snapshots are still good although a holder changed")
	}
	for name, body := range map[string]string{
		"call of two": `{"holders":[{"name":"a","calls":["DK9XYZ"]},{"name":"b","calls":["DK9XYZ"]}]}`, "no calls": `{"holders":[{"name":"a","calls":[]}]}`,
		"no name": `{"holders":[{"name":" ","calls":["DK9XYZ"]}]}`, "twice": `{"holders":[{"name":"a","calls":["DK9XYZ"]},{"name":"a","calls":["DL0XYZ"]}]}`,
		"bad call": `{"default_own":"no"}`, "bad grid": `{"grid":"nowhere"}`, "unknown": `{"confirm":["lotw"]}`, "bad type": `{"public":"yes"}`, "two values": `{"public":true}{}`,
	} {
		if got := f.do(ask{method: http.MethodPut, path: "/api/settings", body: body, full: true}); got.status != 400 || code(got.body) != "invalid" {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	if got := f.do(ask{method: http.MethodPut, path: "/api/settings", body: `{}`, header: map[string]string{"Content-Type": "text/plain"}, full: true}); got.status != 415 {
		t.Errorf("as text: %d", got.status)
	}
}

var errBusy = errors.New("a backup runs already")

// maintenance is webui.Maintenance in memory.
type maintenance struct{}

func (maintenance) Maintain(_ context.Context, operation string) (any, error) {
	switch operation {
	case "check":
		return map[string]int{"records": 7}, nil
	case "backup":
		return nil, fmt.Errorf("store: %w", errBusy)
	}
	return nil, errors.New("at page 17: /var/lib/qslbox/secret")
}

func (maintenance) WriteBackup(_ context.Context, w io.Writer) error {
	_, err := io.WriteString(w, "the file")
	return err
}

// TestMaintenance shows reports and errors of the data file, which only main
// knows how to answer.
func TestMaintenance(t *testing.T) {
	f := newFixture(t, func(c *webui.Config) {
		c.Maintenance = maintenance{}
		c.Errors = map[error]webui.ErrorEntry{errBusy: {Status: http.StatusConflict, Code: "busy"}}
	})
	if got := f.command(http.MethodPost, "/api/db/check", "").body; got != `{"records":7}`+"\n" {
		t.Errorf("check: %s", got)
	}
	if got := f.do(ask{method: http.MethodPost, path: "/api/db/backup", full: true}); got.status != 409 || code(got.body) != "busy" || !strings.Contains(got.body, "a backup runs already") {
		t.Errorf("backup: %d %s", got.status, got.body)
	}
	if got := f.do(ask{method: http.MethodPost, path: "/api/db/scrub", full: true}); got.status != 500 || strings.Contains(got.body, "secret") {
		t.Errorf("an inner error is told: %d %s", got.status, got.body)
	}
	if got := f.command(http.MethodGet, "/api/backup", ""); got.body != "the file" || !strings.Contains(got.header.Get("Content-Disposition"), "qslbox-20250121-0637.db") {
		t.Errorf("backup: %q %v", got.body, got.header)
	}
}

// post sends a form.
func (f *fixture) post(path string, header map[string]string, fields ...string) answer {
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	all := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	for name, value := range header {
		all[name] = value
	}
	return f.do(ask{method: http.MethodPost, path: path, body: form.Encode(), header: all})
}

// TestSignIn goes in and out by the forms.
func TestSignIn(t *testing.T) {
	f := newFixture(t).withPeople()
	for _, who := range []string{"admin", "nobody"} {
		got := f.post("/signin", nil, "name", who, "password", "wrong", "next", "/awards?band=20m")
		if want := "/signin?name=" + who + "&next=%2Fawards%3Fband%3D20m&problem=denied"; got.status != 303 || got.header.Get("Location") != want || got.header.Get("Set-Cookie") != "" {
			t.Errorf("%s with a wrong password: %d %v", who, got.status, got.header)
		}
	}
	got := f.post("/signin", nil, "name", "admin", "password", password, "next", "/awards?band=20m")
	cookie, attributes, _ := strings.Cut(got.header.Get("Set-Cookie"), ";")
	if got.status != 303 || got.header.Get("Location") != "/awards?band=20m" || !strings.HasPrefix(cookie, "qslbox_session=") {
		t.Fatalf("sign-in: %d %v", got.status, got.header)
	}
	for _, want := range []string{"HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(attributes, want) {
			t.Errorf("the cookie lacks %s: %s", want, attributes)
		}
	}
	header := map[string]string{"Cookie": cookie}
	if got := f.do(ask{path: "/api/users", header: header}); got.status != 200 {
		t.Errorf("signed in: %d", got.status)
	}
	if got := f.post("/signout", header); got.status != 303 || !strings.Contains(got.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("sign-out: %d %v", got.status, got.header)
	}
	if got := f.do(ask{path: "/api/users", header: header}); got.status != 401 || got.header.Get("Www-Authenticate") == "" {
		t.Errorf("signed out: %d %v", got.status, got.header)
	}
	for range 30 {
		got = f.post("/signin", nil, "name", "admin", "password", "wrong")
	}
	if to := got.header.Get("Location"); !strings.Contains(to, "problem=too_many") || !strings.Contains(to, "wait=") {
		t.Errorf("after 30 wrong passwords: %s", to)
	}
}

// TestSetup makes the first administrator by the link.
func TestSetup(t *testing.T) {
	f := newFixture(t, func(c *webui.Config) {
		c.BasePath = "/box"
		c.Address = func() string { return "http://192.168.1.20:3001" }
	})
	link, err := f.server.SetupLink()
	address, code, _ := strings.Cut(link, "?code=")
	if err != nil || address != "http://192.168.1.20:3001/box/setup" || code == "" {
		t.Fatalf("link %q, %v", link, err)
	}
	if got := f.post("/setup", nil, "code", "wrong", "name", "anna", "password", password); got.header.Get("Location") != "/box/setup?name=anna&problem=bad_code" {
		t.Errorf("wrong code: %v", got.header)
	}
	if to := f.post("/setup", nil, "code", code, "name", "anna", "password", "short").header.Get("Location"); !strings.Contains(to, "problem=weak_password") || !strings.Contains(to, "code="+url.QueryEscape(code)) {
		t.Errorf("weak password: %s", to)
	}
	got := f.post("/box/setup", nil, "code", code, "name", "anna", "password", password)
	cookie, _, _ := strings.Cut(got.header.Get("Set-Cookie"), ";")
	if got.header.Get("Location") != "/box/" || f.do(ask{path: "/api/users", header: map[string]string{"Cookie": cookie}}).status != 200 {
		t.Errorf("set-up: %v", got.header)
	}
	if link, err := f.server.SetupLink(); link != "" || err != nil {
		t.Errorf("a link although there is an administrator: %q, %v", link, err)
	}
}

// TestLocalPath shows where sign-in may lead.
func TestLocalPath(t *testing.T) {
	for text, want := range map[string]string{
		"/awards?band=20m": "/awards?band=20m", "": "/", "awards": "/", "//evil.example": "/", "https://evil.example/": "/", `/\evil.example`: "/",
		"/signout": "/", "/log#x": "/log", "javascript:alert(1)": "/", "/a\r\nSet-Cookie: x": "/",
	} {
		if got := webui.LocalPath(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestSecretsStaySecret sends secrets into every error that could tell them.
func TestSecretsStaySecret(t *testing.T) {
	f, _ := newSyncFixture(t, false)
	const secret = `kanarie & #"%+ ü`
	for _, a := range []ask{
		{method: http.MethodPut, path: "/api/accounts/lotw", body: `{"secret":"kanarie & #\"%+ ü"}`},
		{method: http.MethodPut, path: "/api/accounts/lotw", body: `{"login":"DK9XYZ","secret":"kanarie & #\"%+ ü"}`},
		{path: "/api/accounts"}, {method: http.MethodPost, path: "/api/accounts/lotw/test"}, {path: "/api/health"}, {path: "/api/audit"}, {path: "/api/performance"},
		{method: http.MethodPut, path: "/api/accounts/lotw", body: `{"secret":"kanarie & #\"%+ ü"`},
	} {
		a.full = true
		got := f.do(a)
		if strings.Contains(got.body, "kanarie") || strings.Contains(got.body, secret) {
			t.Errorf("%s %s: %s", a.method, a.path, got.body)
		}
	}
}
