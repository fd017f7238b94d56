package webui_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"qslbox/qso"
	"qslbox/webui"
	"qslbox/webui/access"
)

// pathOf fills the parameters of a route's path.
func pathOf(route webui.Route) string {
	return strings.NewReplacer(":source", "lotw", ":id", "1", ":name", "viewer", ":n", "1", ":operation", "check",
		":part", "timeline", "*operation", "none").Replace(route.Path)
}

// refused reports whether an answer says that somebody may not do this: 401,
// 403, or for a page the way to sign-in or set-up.
func refused(route webui.Route, got answer) bool {
	if route.Page && got.status == http.StatusSeeOther {
		to := got.header.Get("Location")
		return strings.HasPrefix(to, "/signin") || strings.HasPrefix(to, "/setup")
	}
	return got.status == http.StatusUnauthorized || got.status == http.StatusForbidden ||
		got.status == http.StatusTooManyRequests // after some wrong keys
}

// TestWhoMayWhat walks every route with everybody: the table of DESIGN.md
// section 7. Each asker gets a fixture of its own, as some routes change it.
func TestWhoMayWhat(t *testing.T) {
	askers := []struct {
		name string
		may  func(webui.Route) bool
		ask  func(f *fixture, a *ask)
	}{
		{"stranger", func(r webui.Route) bool { return false }, func(f *fixture, a *ask) {}},
		{"loopback", func(r webui.Route) bool { return r.Needs == access.Metrics }, func(f *fixture, a *ask) { a.from = "127.0.0.1:9" }},
		{"loopback, forwarded", func(r webui.Route) bool { return false }, func(f *fixture, a *ask) {
			a.from, a.header = "127.0.0.1:9", map[string]string{"X-Forwarded-For": "127.0.0.1"}
		}},
		{"wrong key", func(r webui.Route) bool { return false }, func(f *fixture, a *ask) {
			a.header = map[string]string{"Authorization": "Bearer qslbox_wrong"}
		}},
		{"read key", func(r webui.Route) bool { return r.Needs == access.Read }, func(f *fixture, a *ask) {
			a.header = map[string]string{"X-API-Key": f.key("main", "read")}
		}},
		{"write key", func(r webui.Route) bool { return r.Needs == access.Read || r.Needs == access.Write }, func(f *fixture, a *ask) {
			a.header = map[string]string{"Authorization": "Bearer " + f.key("main", "write")}
		}},
		{"metrics key", func(r webui.Route) bool { return r.Needs == access.Metrics }, func(f *fixture, a *ask) {
			a.header = map[string]string{"Authorization": "Bearer " + f.key("main", "metrics")}
		}},
		{"admin key", func(r webui.Route) bool { return r.Needs == access.Admin && r.PerLogbook }, func(f *fixture, a *ask) {
			a.header = map[string]string{"Authorization": "Bearer " + f.key("main", "admin")}
		}},
		{"viewer", func(r webui.Route) bool { return r.Needs == access.Read || r.Needs == access.Metrics }, func(f *fixture, a *ask) {
			a.header = map[string]string{"Cookie": f.cookie("viewer")}
		}},
		{"owner", func(r webui.Route) bool { return r.Needs != access.Admin }, func(f *fixture, a *ask) {
			a.header = map[string]string{"Cookie": f.cookie("owner")}
		}},
		{"administrator", func(r webui.Route) bool { return true }, func(f *fixture, a *ask) {
			a.header = map[string]string{"Cookie": f.cookie("admin")}
		}},
		{"command", func(r webui.Route) bool { return true }, func(f *fixture, a *ask) { a.full = true }},
	}
	for _, asker := range askers {
		t.Run(asker.name, func(t *testing.T) {
			f := newFixture(t).withPeople()
			var a ask
			asker.ask(f, &a)
			for _, route := range f.server.Routes() {
				if route.Needs == 0 || strings.Contains(route.Path, "*path") || strings.Contains(route.Path, "*filepath") {
					continue
				}
				a.method, a.path = route.Method, pathOf(route)
				got := f.do(a)
				may := asker.may(route)
				wrong := refused(route, got)
				if route.PerLogbook && got.status == http.StatusNotFound && (code(got.body) == "no_logbook" || route.Page && strings.Contains(got.body, "no_logbook")) {
					wrong = true // a key without any right here
				}
				if may == wrong {
					t.Errorf("%s %s: %d %s; want allowed %t", a.method, a.path, got.status, got.body, may)
				}
			}
		})
	}
}

// TestIsolation walks every route that is about a logbook with somebody who
// has a part in another one only: it is as if the logbook did not exist.
func TestIsolation(t *testing.T) {
	f := newFixture(t).withPeople()
	f.books.book("club").add(contact("DL1ABC", "20m", "CW", started))
	for name, header := range map[string]map[string]string{
		"key": {"X-API-Key": f.key("main", "read", "write", "metrics", "admin")}, "user": {"Cookie": f.cookie("owner")},
	} {
		for _, route := range f.server.Routes() {
			if !route.PerLogbook || route.Page {
				continue
			}
			there := f.do(ask{method: route.Method, path: pathOf(route) + "?logbook=club", header: header})
			nowhere := f.do(ask{method: route.Method, path: pathOf(route) + "?logbook=nothing", header: header})
			if there.status != http.StatusNotFound || there.body != nowhere.body {
				t.Errorf("%s: %s %s of another logbook: %d %s, of none: %d %s", name, route.Method, route.Path, there.status, there.body, nowhere.status, nowhere.body)
			}
		}
		if got := f.do(ask{path: "/api/logbooks", header: header}); got.body != `{"items":[{"name":"main","qsos":0}]}`+"\n" {
			t.Errorf("%s: logbooks %s", name, got.body)
		}
	}
}

// TestPublic shows what a public page opens: statistics and awards.
func TestPublic(t *testing.T) {
	f := newFixture(t).withPeople()
	_ = f.books.book("club").SetSettings(qso.Settings{Public: true})
	for path, want := range map[string]int{
		"/api/stats?logbook=club": 200, "/api/awards?logbook=club": 200, "/api/awards/dxcc?logbook=club": 200,
		"/api/stats": 401, "/api/qsos?logbook=club": 401, "/api/export.adi?logbook=club": 401, "/api/stats?logbook=nothing": 401,
	} {
		if got := f.do(ask{path: path}); got.status != want {
			t.Errorf("a stranger, %s: %d %s, want %d", path, got.status, got.body, want)
		}
	}
}

// TestBeforeSetup walks every route while there is no administrator: nothing is
// open, from this machine neither. It sees health and figures; others see that
// there is a service, and the way to set it up.
func TestBeforeSetup(t *testing.T) {
	for name, from := range map[string]string{"another machine": "", "this machine": "127.0.0.1:9", "this machine, IPv6": "[::1]:9"} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			for _, route := range f.server.Routes() {
				if route.Needs == 0 {
					continue
				}
				got := f.do(ask{method: route.Method, path: pathOf(route), from: from})
				if may := from != "" && route.Needs == access.Metrics; may == refused(route, got) {
					t.Errorf("%s %s: %d %s", route.Method, route.Path, got.status, got.body)
				}
			}
			if to := f.do(ask{path: "/", from: from}).header.Get("Location"); to != "/setup" {
				t.Errorf("the first page leads to %q", to)
			}
		})
	}
}

// TestForwarded shows whose forwarding headers count.
func TestForwarded(t *testing.T) {
	f := newFixture(t, func(c *webui.Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} }).withPeople()
	hit := func(peer, forwarded string) {
		for range 61 {
			f.do(ask{path: "/api/health", from: peer, header: map[string]string{"X-Forwarded-For": forwarded}})
		}
	}
	limited := func(peer, forwarded string) bool {
		return f.do(ask{path: "/api/health", from: peer, header: map[string]string{"X-Forwarded-For": forwarded}}).status == 429
	}
	hit("10.0.0.1:9", "203.0.113.5, 198.51.100.7, 10.0.0.2")
	if !limited("10.0.0.1:9", "198.51.100.7") {
		t.Error("the client behind two trusted proxies was not recognised")
	}
	if limited("10.0.0.1:9", "198.51.100.8") {
		t.Error("another client behind the proxy is taken for the same")
	}
	hit("192.0.2.9:1", "198.51.100.20")
	if limited("10.0.0.1:9", "198.51.100.20") {
		t.Error("the header of an untrusted peer counted")
	}
	if !limited("192.0.2.9:1", "198.51.100.21") {
		t.Error("an untrusted peer escapes its limit by inventing addresses")
	}
}

// TestCrossOrigin tries every route that changes something from a page of
// another site.
func TestCrossOrigin(t *testing.T) {
	f := newFixture(t).withPeople()
	cookie := f.cookie("admin")
	for _, route := range f.server.Routes() {
		if route.Method == http.MethodGet {
			continue
		}
		for _, header := range []map[string]string{
			{"Cookie": cookie, "Sec-Fetch-Site": "cross-site"}, {"Cookie": cookie, "Origin": "http://evil.example"}, {"Cookie": cookie, "Origin": "null"},
		} {
			got := f.do(ask{method: route.Method, path: pathOf(route), header: header})
			if got.status != http.StatusForbidden {
				t.Errorf("%s %s with %v: %d", route.Method, route.Path, header, got.status)
			}
		}
	}
	for _, header := range []map[string]string{
		{"Cookie": cookie, "Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, {"Cookie": cookie, "Origin": "http://localhost"}, {"Cookie": cookie},
	} {
		if got := f.do(ask{method: http.MethodDelete, path: "/api/cache", header: header}); got.status != http.StatusOK {
			t.Errorf("our own page with %v: %d %s", header, got.status, got.body)
		}
	}
}

// TestHosts shows under which names we answer.
func TestHosts(t *testing.T) {
	f := newFixture(t, func(c *webui.Config) { c.Hosts = []string{"Shack.example"} })
	for host, want := range map[string]int{
		"localhost": 200, "localhost:3001": 200, "127.0.0.1:3001": 200, "[::1]:3001": 200, "192.168.1.20": 200, "LOCALHOST.:3001": 200,
		"shack.example": 200, "shack.example:80": 200, "evil.example": 421, "localhost.evil.example": 421, "": 421, "127.0.0.1.evil.example:3001": 421,
	} {
		if got := f.do(ask{path: "/api/health", header: map[string]string{"Host": host}}); got.status != want {
			t.Errorf("host %q: %d, want %d", host, got.status, want)
		}
	}
}

// TestSecurityHeaders looks at every kind of answer.
func TestSecurityHeaders(t *testing.T) {
	f := newFixture(t)
	for _, a := range []ask{{path: "/api/health"}, {path: "/api/none"}, {path: "/api/health", header: map[string]string{"Host": "evil.example"}}, {path: "/none", header: map[string]string{"Accept": "text/html"}}} {
		h := f.do(a).header
		for name, want := range map[string]string{
			"Content-Security-Policy": "frame-ancestors 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "X-Frame-Options": "DENY",
		} {
			if !strings.Contains(h.Get(name), want) {
				t.Errorf("%s: %s is %q", a.path, name, h.Get(name))
			}
		}
		if strings.Contains(h.Get("Content-Security-Policy"), "unsafe-") {
			t.Errorf("%s: the policy allows inline code", a.path)
		}
	}
}

// TestPaths shows how paths of the API are understood, and how those that
// nothing is at are answered.
func TestPaths(t *testing.T) {
	f := newFixture(t, func(c *webui.Config) { c.BasePath = "/qslbox/" }).withPeople()
	for _, tt := range []struct {
		method, path string
		want         int
		code         string
	}{
		{"GET", "/api/stats", 200, ""}, {"HEAD", "/api/stats", 200, ""}, {"GET", "/api/stats/", 200, ""}, {"GET", "/API/Stats", 200, ""},
		{"GET", "//api//stats", 200, ""}, {"GET", "/qslbox/api/stats", 200, ""}, {"GET", "/qslboxapi/stats", 404, "not_found"},
		{"DELETE", "/API/Users/nobody/", 404, "not_found"}, {"DELETE", "/api/users/viewer", 200, ""},
		{"POST", "/api/stats", 405, "method"}, {"GET", "/api/import", 405, "method"}, {"GET", "/api/none", 404, "not_found"},
		{"GET", "/api/qso", 404, "not_found"}, {"POST", "/index.php/api/qso", 404, "not_found"}, {"GET", "/api/../etc/passwd", 404, "not_found"},
		{"GET", "/api/awards/none", 404, "not_found"}, {"GET", "/api/awards/dxcc/none", 404, "not_found"},
	} {
		got := f.do(ask{method: tt.method, path: tt.path, full: true})
		if got.status != tt.want || code(got.body) != tt.code {
			t.Errorf("%s %s: %d %q %s, want %d %q", tt.method, tt.path, got.status, code(got.body), got.body, tt.want, tt.code)
		}
		if tt.want == 405 && got.header.Get("Allow") == "" {
			t.Errorf("%s %s: no Allow", tt.method, tt.path)
		}
		if tt.method == "HEAD" && got.body != "" {
			t.Errorf("HEAD has a body: %s", got.body)
		}
	}
}
