package webui_test

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"qslbox/qso"
	"qslbox/stats/awards"
	"qslbox/webui"
)

// TestGzip shows who gets packed answers.
func TestGzip(t *testing.T) {
	f := newFixture(t)
	_ = f.books.book("main").SetSettings(qso.Settings{Public: true})
	f.withPeople()
	plain := f.do(ask{path: "/api/awards/dxcc"})
	for _, tt := range []struct {
		name, path, accept, from string
		packed                   bool
	}{
		{"a browser", "/api/awards/dxcc", "gzip, deflate, br", "", true},
		{"again", "/api/awards/dxcc", "gzip;q=0.5", "", true},
		{"nothing asked", "/api/awards/dxcc", "", "", false},
		{"not wanted", "/api/awards/dxcc", "gzip;q=0, br", "", false},
		{"small", "/api/health", "gzip", "", false},
	} {
		got := f.do(ask{path: tt.path, from: tt.from, header: map[string]string{"Accept-Encoding": tt.accept}})
		if packed := got.header.Get("Content-Encoding") == "gzip"; packed != tt.packed {
			t.Errorf("%s: packed %t", tt.name, packed)
			continue
		}
		if !tt.packed {
			continue
		}
		r, err := gzip.NewReader(strings.NewReader(got.body))
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(r); err != nil || string(text) != plain.body {
			t.Errorf("%s: %d bytes, %v; want %d", tt.name, len(text), err, len(plain.body))
		}
	}
	if got := f.do(ask{path: "/api/awards/dxcc", full: true, header: map[string]string{"Accept-Encoding": "gzip"}}); got.header.Get("Content-Encoding") != "" {
		t.Error("packed for this machine")
	}
}

// TestPanic shows that a fault costs one request and tells nothing.
func TestPanic(t *testing.T) {
	broken := false
	f := newFixture(t, func(c *webui.Config) {
		sets := c.Awards
		c.Awards = func() *awards.Set {
			if broken {
				panic("a secret")
			}
			return sets()
		}
	})
	broken = true
	got := f.do(ask{path: "/api/awards/dxcc", full: true})
	if got.status != 500 || code(got.body) != "internal" || strings.Contains(got.body, "secret") {
		t.Errorf("%d %s", got.status, got.body)
	}
	broken = false
	if got := f.do(ask{path: "/api/awards/dxcc", full: true}); got.status != 200 {
		t.Errorf("the next request: %d", got.status)
	}
}

// TestHostileHeaders sends what no browser would.
func TestHostileHeaders(t *testing.T) {
	f := newFixture(t)
	for _, a := range []ask{
		{path: "/api/stats?logbook=%00%0d%0aX:y"}, {path: "/api/stats?logbook=../../etc"}, {path: "/api/rejects/..%2f..%2fetc%2fpasswd"},
		{path: "/api/export.adi?call=%0d%0aSet-Cookie:x=y"}, {path: "/api/performance/%0d%0aX:y"}, {path: "/api/qsos?limit=99999999999999999999"},
		{path: "/api/qsos/18446744073709551616"}, {path: "/api/awards/%2e%2e%2f"}, {path: "/api/sync/lotw/runs/-1"},
		{path: "/api/health", header: map[string]string{"X-Forwarded-For": strings.Repeat("1.1.1.1,", 1000)}},
		{path: "/api/stats", header: map[string]string{"Cookie": "qslbox_session=" + strings.Repeat("x", 8000)}},
		{path: "/api/stats", header: map[string]string{"Authorization": "Bearer \x00\xff"}},
	} {
		a.from = "127.0.0.1:9"
		got := f.do(a)
		if got.status >= 500 || got.header.Get("Set-Cookie") != "" || got.header.Get("X") != "" {
			t.Errorf("%s %v: %d %s", a.path, a.header, got.status, got.body)
		}
	}
}

// TestSlowClients holds many requests half sent; others are still answered.
func TestSlowClients(t *testing.T) {
	f := newFixture(t, overNetwork)
	address := strings.TrimPrefix(f.url, "http://")
	for range 100 {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		_, _ = fmt.Fprintf(conn, "POST /api/import HTTP/1.1\r\nHost: %s\r\nContent-Length: 1000000\r\n\r\n<CALL:", address)
	}
	client := f.client()
	for range 20 {
		resp, err := client.Get(f.url + "/api/stats")
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("beside slow clients: %v, %v", resp, err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
}

// TestKeepAlive sends two requests over one connection, the second for nothing
// we know: its answer must arrive too.
func TestKeepAlive(t *testing.T) {
	f := newFixture(t, overNetwork)
	address := strings.TrimPrefix(f.url, "http://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	r, key := bufio.NewReader(conn), f.key("main", "read")
	for _, tt := range []struct {
		path string
		want int
	}{{"/api/stats", 200}, {"/api/none", 404}, {"/api/stats", 200}} {
		_, _ = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nX-API-Key: %s\r\n\r\n", tt.path, address, key)
		resp, err := http.ReadResponse(r, nil)
		if err != nil || resp.StatusCode != tt.want {
			t.Fatalf("%s: %v, %v", tt.path, resp, err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
	}
}
