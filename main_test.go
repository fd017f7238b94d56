package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"qslbox/qso/intake"
	"qslbox/qso/qsotest"
)

// asProgram tells a copy of the test program to be qslbox.
const asProgram = "QSLBOX_TEST_AS_PROGRAM"

// programDir names the folder in which tests compile the program, once.
const programDir = "QSLBOX_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	dir, err := os.MkdirTemp("", "qslbox-program")
	if err == nil {
		err = os.Setenv(programDir, dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(dir)
		os.Exit(code)
	}))
}

// buffer is a bytes.Buffer for several goroutines.
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

// box is a data directory with the way to run commands on it.
type box struct {
	t   *testing.T
	dir string
	env map[string]string
	log *buffer // of the service
}

func newBox(t *testing.T) *box {
	t.Helper()
	return &box{t: t, dir: filepath.Join(t.TempDir(), "data"), env: map[string]string{}}
}

// run runs a command and returns what it printed and its exit code.
func (b *box) run(stdin string, args ...string) (stdout, stderr string, code int) {
	b.t.Helper()
	out, errs := &buffer{}, &buffer{}
	err := run(b.t.Context(), append([]string{"--data", b.dir}, args...), b.environment(stdin, out, errs))
	if err != nil && err.Error() != "" {
		fmt.Fprintln(errs, err)
	}
	return out.String(), errs.String(), exitCode(err)
}

func (b *box) environment(stdin string, out, errs io.Writer) environment {
	return environment{
		getenv: func(name string) string { return b.env[name] }, stdin: strings.NewReader(stdin), stdout: out, stderr: errs, now: time.Now,
	}
}

// ok runs a command that has to succeed.
func (b *box) ok(args ...string) string {
	b.t.Helper()
	out, errs, code := b.run("", args...)
	if code != 0 {
		b.t.Fatalf("qslbox %s: exit %d\n%s", strings.Join(args, " "), code, errs)
	}
	return out
}

// sample writes a made-up log.
func (b *box) sample(n int) string {
	b.t.Helper()
	var log bytes.Buffer
	if err := qsotest.Write(&log, qsotest.Options{N: n, Seed: 3, End: time.Now()}); err != nil {
		b.t.Fatal(err)
	}
	name := filepath.Join(b.t.TempDir(), "sample.adi")
	if err := os.WriteFile(name, log.Bytes(), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return name
}

// serve runs the service until the test ends, or stop is called, and returns
// its address.
func (b *box) serve(args ...string) (address string, stop func()) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	out, errs, done := &buffer{}, &buffer{}, make(chan error, 1)
	b.log = errs
	go func() {
		done <- run(ctx, append([]string{"serve", "--data", b.dir, "--listen", "127.0.0.1:0"}, args...), b.environment("", out, errs))
	}()
	ready := regexp.MustCompile(`address=(https?://\S+)`)
	for {
		if m := ready.FindStringSubmatch(errs.String()); m != nil {
			address = m[1]
			break
		}
		select {
		case err := <-done:
			b.t.Fatalf("serve ended: %v\n%s", err, errs.String())
		case <-time.After(5 * time.Millisecond):
		}
	}
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			b.t.Errorf("serve: %v\n%s", err, errs.String())
		}
		http.DefaultClient.CloseIdleConnections()
	})
	b.t.Cleanup(stop)
	return address, stop
}

// key makes an API key that may read the log and the figures.
func (b *box) key() string {
	b.t.Helper()
	var key struct{ Key string }
	if err := json.Unmarshal([]byte(b.ok("key", "add", "--name", "test", "--scope", "read,metrics", "--json")), &key); err != nil {
		b.t.Fatal(err)
	}
	return key.Key
}

// get asks with an API key, or with none.
func get(t *testing.T, address, key string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		req.Header.Set("X-API-Key", key)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

// TestOneQSO follows one QSO from a file to statistics, award, export and
// page, with and without a service.
func TestOneQSO(t *testing.T) {
	b := newBox(t)
	file := filepath.Join(t.TempDir(), "one.adi")
	text := "<CALL:6>DL1ABC <QSO_DATE:8>20250314 <TIME_ON:4>1015 <BAND:3>20m <MODE:3>FT4 <STATION_CALLSIGN:6>DK9XYZ <APP_X:2>hi <EOR>\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var account intake.Account
	if err := json.Unmarshal([]byte(b.ok("import", "--json", file)), &account); err != nil {
		t.Fatal(err)
	}
	want := intake.Account{Outcome: "imported", Read: 1, Added: 1, Rejects: []intake.Rejection{}}
	if diff := cmp.Diff(want, account); diff != "" {
		t.Errorf("account (-want +got):\n%s", diff)
	}
	var qso map[string]any
	if err := json.Unmarshal([]byte(b.ok("export", "--format", "json")), &qso); err != nil {
		t.Fatal(err)
	}
	wantQSO := map[string]any{
		"id": 1.0, "rev": 1.0, "time": "2025-03-14T10:15:00Z", "call": "DL1ABC", "station_callsign": "DK9XYZ", "band": "20m",
		"mode": "MFSK", "submode": "FT4", "dxcc": 230.0, "cqz": 14.0, "ituz": 28.0, "confirmed": []any{}, "extra": map[string]any{"APP_X": "hi"},
	}
	if diff := cmp.Diff(wantQSO, qso); diff != "" {
		t.Errorf("QSO (-want +got):\n%s", diff)
	}
	address, _ := b.serve()
	key := b.key()
	_, body := get(t, address+"/api/stats", key)
	var stats struct{ Total int }
	if err := json.Unmarshal([]byte(body), &stats); err != nil || stats.Total != 1 {
		t.Errorf("stats: %v, %s", err, body)
	}
	if out := b.ok("award", "dxcc"); !strings.Contains(out, "1 worked") {
		t.Errorf("award: %s", out)
	}
	resp, page := get(t, address+"/", key)
	if resp.StatusCode != http.StatusOK || !strings.Contains(page, "<html") {
		t.Errorf("page: %s, %.200s", resp.Status, page)
	}
}

// TestExportIsStable imports a log of odd fields, exports it, imports that into
// an empty log, and exports again: byte by byte the same. A second import adds
// nothing.
func TestExportIsStable(t *testing.T) {
	a, b := newBox(t), newBox(t)
	file := a.sample(3000)
	a.ok("import", file)
	if out := a.ok("import", file); !strings.Contains(out, " 0 added, 0 updated,") {
		t.Errorf("second import: %s", out)
	}
	first := filepath.Join(t.TempDir(), "first.adi")
	second := filepath.Join(t.TempDir(), "second.adi")
	a.ok("export", "-o", first)
	b.ok("import", first)
	b.ok("export", "-o", second)
	stamp := regexp.MustCompile(`<CREATED_TIMESTAMP:15>[^\n]*\n`)
	x, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	y, err := os.ReadFile(second)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(stamp.ReplaceAll(x, nil), stamp.ReplaceAll(y, nil)) {
		t.Error("the second export differs from the first")
	}
}

// TestOneComputation asks for the dashboard's numbers 25 times: one is
// computed, 24 are hits, and the health document says so.
func TestOneComputation(t *testing.T) {
	b := newBox(t)
	b.ok("import", b.sample(500))
	address, _ := b.serve()
	key := b.key()
	for range 25 {
		get(t, address+"/api/stats", key)
	}
	_, body := get(t, address+"/api/health", "")
	var health struct {
		Cache struct {
			HitRate    string
			StatsCache struct{ Size, Hits, Misses int }
		}
	}
	if err := json.Unmarshal([]byte(body), &health); err != nil {
		t.Fatal(err)
	}
	if c := health.Cache; c.StatsCache.Hits != 24 || c.StatsCache.Misses != 1 || c.HitRate != "96%" {
		t.Errorf("cache: %+v", c)
	}
}

// TestInbox puts a file where other programs put theirs.
func TestInbox(t *testing.T) {
	b := newBox(t)
	text := "<CALL:5>W1AAA <QSO_DATE:8>20250314 <TIME_ON:4>1015 <BAND:3>20m <MODE:2>CW <EOR>\n"
	dir := filepath.Join(b.dir, "inbox")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "log.adi"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "page.adi"), []byte("<!DOCTYPE html><html></html>"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.serve()
	for range 400 {
		done, _ := filepath.Glob(filepath.Join(dir, "done", "*-log.adi"))
		failed, _ := filepath.Glob(filepath.Join(dir, "failed", "*-page.adi.json"))
		if len(done) == 1 && len(failed) == 1 {
			if out := b.ok("stats"); !strings.Contains(out, "QSOs       1 ") {
				t.Errorf("stats: %s", out)
			}
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("the files were not taken")
}

// TestExitCodes says for scripts how commands end.
func TestExitCodes(t *testing.T) {
	served := newBox(t)
	served.serve()
	damaged := newBox(t)
	damaged.ok("import", damaged.sample(10))
	file := filepath.Join(damaged.dir, dataFileName)
	if err := os.WriteFile(file, bytes.Repeat([]byte("rubbish "), 4096), 0o600); err != nil {
		t.Fatal(err)
	}
	html := filepath.Join(t.TempDir(), "page.adi")
	if err := os.WriteFile(html, []byte("<html><body>sign in</body></html>"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		box  *box
		args []string
		code int
		says string
	}{
		{"version", newBox(t), []string{"version"}, 0, ""},
		{"help", newBox(t), []string{"--help"}, 0, ""},
		{"no such command", newBox(t), []string{"fly"}, 2, "--help"},
		{"no such option", newBox(t), []string{"stats", "--fast"}, 2, "--help"},
		{"empty directory", newBox(t), []string{"stats"}, 1, "no data"},
		{"no such file", newBox(t), []string{"import", "nowhere.adi"}, 1, "nowhere.adi"},
		{"a page", newBox(t), []string{"import", html}, 1, "HTML"},
		{"second service", served, []string{"serve", "--listen", "127.0.0.1:0"}, 3, "in use"},
		{"restore under a service", served, []string{"db", "restore", html}, 3, "stop it first"},
		{"damaged", damaged, []string{"stats"}, 4, "restore"},
		{"damaged, checked", damaged, []string{"db", "check"}, 4, "damaged"},
		{"no account", served, []string{"sync", "lotw"}, 1, "account"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, errs, code := c.box.run("", c.args...)
			if code != c.code || !strings.Contains(errs, c.says) {
				t.Errorf("exit %d, want %d; it says %q, want %q in it", code, c.code, errs, c.says)
			}
		})
	}
}

// TestRefusedChangesNothing imports what is no log.
func TestRefusedChangesNothing(t *testing.T) {
	b := newBox(t)
	b.ok("import", b.sample(20))
	before := b.ok("export", "--format", "json")
	for _, text := range []string{"", "PK\x03\x04zip", "\x00\x01\x02\x03", "<html>", "hello"} {
		if _, errs, code := b.run(text, "import", "-"); code != 1 || errs == "" {
			t.Errorf("import of %q: exit %d, %q", text, code, errs)
		}
	}
	if diff := cmp.Diff(before, b.ok("export", "--format", "json")); diff != "" {
		t.Errorf("the log changed (-want +got):\n%s", diff)
	}
}

// TestBackupAndRestore takes a backup from a running service and restores it
// elsewhere.
func TestBackupAndRestore(t *testing.T) {
	b, c := newBox(t), newBox(t)
	b.ok("import", b.sample(200))
	_, stop := b.serve()
	file := filepath.Join(t.TempDir(), "backup.db")
	b.ok("db", "backup", file)
	b.ok("db", "scrub")
	c.ok("db", "restore", file)
	stop()
	if diff := cmp.Diff(b.ok("export", "--format", "json"), c.ok("export", "--format", "json")); diff != "" {
		t.Errorf("restored (-want +got):\n%s", diff)
	}
}

func TestExitCodeOf(t *testing.T) {
	plain := errors.New("x")
	for _, c := range []struct {
		err  error
		want int
	}{{nil, 0}, {plain, 1}, {usageError{plain}, 2}, {codedError{exitAuth, plain}, 5}, {fmt.Errorf("y: %w", codedError{exitBusy, plain}), 3}} {
		if got := exitCode(c.err); got != c.want {
			t.Errorf("exitCode(%v) = %d, want %d", c.err, got, c.want)
		}
	}
}
