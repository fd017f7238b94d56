package syncers_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"qslbox/qso"
	"qslbox/syncers"
)

func upstream(t *testing.T, cfg syncers.UpstreamConfig) *syncers.Upstream {
	t.Helper()
	cfg.Now, cfg.Agent = time.Now, "qslbox/test"
	cfg.Gate = syncers.NewGate(time.Now)
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	u, err := syncers.NewUpstream(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestUpstreamAddress(t *testing.T) {
	for _, test := range []struct {
		base, override string
		good           bool
	}{
		{"https://lotw.arrl.org", "", true},
		{"http://lotw.arrl.org", "", false},
		{"https://user:pw@lotw.arrl.org", "", false},
		{"https://lotw.arrl.org?x", "", false},
		{"https://lotw.arrl.org", "http://127.0.0.1:8080", true},
		{"https://lotw.arrl.org", "http://[::1]:8080", true},
		{"https://lotw.arrl.org", "http://LOCALHOST:8080", true},
		{"https://lotw.arrl.org", "http://10.0.0.1:8080", false},
		{"https://lotw.arrl.org", "http://localhost.example.org", false},
		{"https://lotw.arrl.org", "ftp://127.0.0.1", false},
		{"https://lotw.arrl.org", "127.0.0.1:8080", false},
	} {
		u, err := syncers.NewUpstream(syncers.UpstreamConfig{Base: test.base, Override: test.override})
		if (err == nil) != test.good {
			t.Errorf("%s %s: %v", test.base, test.override, err)
		}
		if err == nil && u.Loopback() != (test.override != "") {
			t.Errorf("%s %s: on this machine: %v", test.base, test.override, u.Loopback())
		}
		if err != nil && strings.Contains(err.Error(), "pw") {
			t.Errorf("the error holds a password: %v", err)
		}
	}
}

func TestAsk(t *testing.T) {
	var got *http.Request
	var sent []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		sent, _ = io.ReadAll(r.Body)
		w.Header().Set("Retry-After", "90")
		_, _ = io.WriteString(w, "answer")
	}))
	defer server.Close()
	t.Setenv("HTTP_PROXY", "http://192.0.2.1:3128")
	var bytesSeen int64
	dir := t.TempDir()
	reply, err := upstream(t, syncers.UpstreamConfig{Override: server.URL, Dir: dir}).Ask(t.Context(), syncers.Request{
		Method: "POST", Path: "/x", RawQuery: "a=%20b", Body: []byte("body"), Type: "application/json", Received: func(n int64) { bytesSeen = n },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	text, _ := io.ReadAll(reply.Body.Reader())
	if string(text) != "answer" || string(reply.Body.Head(3)) != "ans" || reply.RetryAfter != 90*time.Second || bytesSeen != 6 || reply.Cut != nil {
		t.Errorf("%q %+v", text, reply)
	}
	if got.URL.RawQuery != "a=%20b" || string(sent) != "body" || got.Header.Get("User-Agent") != "qslbox/test" || got.Header.Get("Referer") != "" || got.Header.Get("Content-Type") != "application/json" {
		t.Errorf("request %v, body %q", got, sent)
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("the spool file has a name: %v", files)
	}
}

func TestAskFails(t *testing.T) {
	secret := qso.NewSecret("ca na+ry")
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for range 1000 {
			_, _ = io.WriteString(w, "drop ")
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	large := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(make([]byte, 3<<20)) })
	for _, test := range []struct {
		name    string
		handler http.Handler
		tls     bool
		dir     string
		class   syncers.Class
		code    string
		cut     bool // there is an answer, but not its end
	}{
		{"slow drops", slow, false, "", syncers.Truncated, "slow", true},
		{"too large", large, false, "", syncers.Truncated, "too-large", true},
		{"a certificate of nobody's", large, true, "", syncers.Protocol, "certificate", false},
		{"no room", large, false, "/nonexistent/dir", syncers.Local, "disk", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewUnstartedServer(test.handler)
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			if test.tls {
				server.StartTLS()
			} else {
				server.Start()
			}
			defer server.Close()
			limits := syncers.Limits{Bytes: 1 << 20, Idle: time.Minute, Total: time.Minute}
			if test.code == "slow" {
				limits.Idle, limits.Total = 200*time.Millisecond, 400*time.Millisecond
			}
			u := upstream(t, syncers.UpstreamConfig{Override: server.URL, Dir: test.dir, Limits: limits})
			reply, err := u.Ask(t.Context(), syncers.Request{Method: "GET", Path: "/", RawQuery: "password=" + syncers.EscapeQuery(secret.Reveal()), Secrets: []qso.Secret{secret}})
			e := syncers.AsError(err)
			if test.cut {
				if err != nil {
					t.Fatal(err)
				}
				defer reply.Body.Close()
				e = reply.Cut
			}
			if e == nil || e.Class != test.class || e.Code != test.code {
				t.Fatalf("%+v, want %s %s", e, test.class, test.code)
			}
			for cause := error(e); cause != nil; cause = errors.Unwrap(cause) {
				if strings.Contains(cause.Error(), "password=") || strings.Contains(cause.Error(), "na%2Bry") {
					t.Errorf("the error holds the query: %v", cause)
				}
			}
		})
	}
}

func TestAskEndsWithItsContext(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := upstream(t, syncers.UpstreamConfig{Override: server.URL}).Ask(ctx, syncers.Request{Method: "GET", Path: "/"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

// A redirect is an answer, not a way: the password would go along.
func TestNoRedirect(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	}))
	defer server.Close()
	reply, err := upstream(t, syncers.UpstreamConfig{Override: server.URL}).Ask(t.Context(), syncers.Request{Method: "GET", Path: "/"})
	if err != nil || reply.Status != http.StatusFound || asked != 1 {
		t.Fatalf("%v, asked %d times", err, asked)
	}
	_ = reply.Body.Close()
}

// A small compressed answer must not fill the disk.
func TestBomb(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb(t))
	}))
	defer server.Close()
	reply, err := upstream(t, syncers.UpstreamConfig{Override: server.URL, Limits: syncers.Limits{Bytes: 1 << 20}}).Ask(t.Context(), syncers.Request{Method: "GET", Path: "/"})
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	if reply.Cut == nil || reply.Cut.Code != "too-large" || reply.Body.Size() > 2<<20 {
		t.Errorf("%+v, %d bytes", reply.Cut, reply.Body.Size())
	}
}

func bomb(t *testing.T) []byte {
	t.Helper()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	for range 64 {
		if _, err := z.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}
