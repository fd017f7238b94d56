package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"qslbox/qso/qsotest"
)

func TestFreeAddress(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().(*net.TCPAddr).Port
	var said bytes.Buffer
	addr, err := freeAddress(taken, &said)
	if err != nil {
		t.Fatal(err)
	}
	if addr == l.Addr().String() {
		t.Errorf("got %s, which is taken", addr)
	}
	if !strings.Contains(said.String(), "is taken") {
		t.Errorf("said %q", said.String())
	}
}

// TestFakes asks both as a client does: each report brings more confirmations.
func TestFakes(t *testing.T) {
	f, err := startFakes(qsotest.Options{N: 400, Seed: 1, End: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	query := url.Values{"login": {lotwLogin}, "password": {f.password}, "qso_query": {"1"}, "qso_qsl": {"yes"}, "qso_qslsince": {"1945-11-15"}}
	lotw := func() int {
		return strings.Count(body(t, http.MethodGet, f.lotwURL+"/lotwuser/lotwreport.adi?"+query.Encode(), ""), "<eor>")
	}
	first := lotw()
	if second := lotw(); first < 100 || second != first+newPerSync {
		t.Errorf("LoTW: %d confirmations, then %d", first, second)
	}
	dcl := body(t, http.MethodPost, f.dclURL+"/api/adiexport", `{"key":"`+f.key+`","limit":50000,"cnf_only":"T","qsl_since":"1945-11-15"}`)
	if n := strings.Count(strings.ToLower(dcl), "<eor>"); n < newPerSync {
		t.Errorf("DCL: %d confirmations in %.300s", n, dcl)
	}
}

// TestRun starts the whole demo with a small log, follows its link, and stops
// it; nothing may be left.
func TestRun(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stdout, stderr := &buffer{}, &buffer{}
	done := make(chan error, 1)
	go func() { done <- run(ctx, options{size: 300, port: 0}, stdout, stderr) }()
	link := regexp.MustCompile(`http://127\.0\.0\.1:\d+/\S*`)
	for link.FindString(stdout.String()) == "" {
		select {
		case err := <-done:
			t.Fatalf("ended before it was ready: %v\n%s", err, stderr.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
	address := link.FindString(stdout.String())
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	if strings.Count(stdout.String(), "\n") != 1 {
		t.Errorf("said more than one line:\n%s", stdout.String())
	}
	for _, again := range []string{"first click", "second click"} {
		resp, err := browser.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		page, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK || resp.Request.URL.Path != "/" || !strings.Contains(string(page), `class="figures"`) {
			t.Errorf("%s: %s at %s, want the dashboard: %.500s", again, resp.Status, resp.Request.URL, page)
		}
	}
	if page := body(t, http.MethodGet, address, ""); strings.Contains(page, `class="figures"`) {
		t.Error("the link signs in a second browser")
	}
	origin := address[:strings.Index(address, "/signin")]
	if health := body(t, http.MethodGet, origin+"/api/health", ""); !strings.Contains(health, `"hitRate"`) {
		t.Errorf("curl from this machine sees no health detail: %s", health)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "qslbox-demo-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := http.Get(address); err == nil {
		t.Error("the service still answers")
	}
}

func body(t *testing.T, method, address, text string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v, %.300s", address, resp.Status, err, b)
	}
	return string(b)
}

// buffer is a bytes.Buffer for two goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
