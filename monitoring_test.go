package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/monitor"
)

// operation is a line of the operations table.
type operation struct {
	Name, Kind, Rating string
	Count              int
	Mean, Max          float64
}

// healthDocument is what these tests read of GET /api/health.
type healthDocument struct {
	Status      string
	Operations  []operation
	Problems    json.RawMessage
	Regressions []struct {
		Operation string
		Factor    float64
	}
	Performance struct{ TotalQueries int }
}

func readHealth(t *testing.T, address string) (doc healthDocument) {
	t.Helper()
	_, body := get(t, address+"/api/health", "")
	if err := json.Unmarshal([]byte(body), &doc); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return doc
}

// built is the program as it is shipped, built once for all tests; each has a
// name of its own for it.
func built(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "qslbox")
	program, err := compiled()
	if err == nil {
		err = os.Link(program, name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return name
}

var compiled = sync.OnceValues(func() (string, error) {
	name := filepath.Join(os.Getenv(programDir), "qslbox")
	cmd := exec.Command("go", "build", "-o", name, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return name, nil
})

// start runs a program that serves and returns its address.
func start(t *testing.T, name string, args ...string) (address string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // strace keeps signals from what it runs
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	found, ended := make(chan string, 1), make(chan struct{})
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		<-ended
		_ = cmd.Wait()
	})
	go func() {
		defer close(ended)
		defer close(found)
		lines, ready := bufio.NewScanner(errs), regexp.MustCompile(`address=(http://\S+)`)
		for lines.Scan() {
			if m := ready.FindStringSubmatch(lines.Text()); m != nil {
				found <- m[1]
			}
		}
	}()
	if address = <-found; address == "" {
		t.Fatal("the service did not start")
	}
	return address
}

// TestWatchdogSignal sends the service what a watchdog sends when it hangs. It
// has to end by the signal: with Go's exit status 2 it would not be started again.
func TestWatchdogSignal(t *testing.T) {
	unit := document(t, "systemd/qslbox.service")
	program, data := built(t), t.TempDir()
	cmd := exec.CommandContext(t.Context(), program, "serve", "--data", data, "--listen", "127.0.0.1:0")
	cmd.Env = os.Environ()
	for _, m := range regexp.MustCompile(`(?m)^Environment=(.+)$`).FindAllStringSubmatch(unit, -1) {
		cmd.Env = append(cmd.Env, strings.Fields(m[1])...)
	}
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(errs)
	for lines.Scan() && !strings.Contains(lines.Text(), "is ready") {
	}
	_ = cmd.Process.Signal(syscall.SIGABRT)
	_, _ = io.Copy(io.Discard, errs)
	_ = cmd.Wait()
	if status := cmd.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() {
		t.Errorf("it ends with status %d and not by the signal", status.ExitStatus())
	}
}

// TestSlowDisk runs the program on a disk that takes its time to keep what is
// written: the table of operations names what is slow.
func TestSlowDisk(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace makes the disk slow, and is not on this machine")
	}
	if err := exec.CommandContext(t.Context(), strace, "-qq", "-o", os.DevNull, "true").Run(); err != nil {
		t.Skipf("strace may not work here: %v", err)
	}
	program := built(t)
	for _, c := range []struct {
		delay  time.Duration
		rating string
	}{{120 * time.Millisecond, "SLOW"}, {600 * time.Millisecond, "CRITICAL"}} {
		t.Run(c.delay.String(), func(t *testing.T) {
			b := newBox(t)
			b.ok("import", b.sample(10))
			address := start(t, strace, "-f", "-qq", "-o", os.DevNull, "-e", "trace=fdatasync", "-e", fmt.Sprintf("inject=fdatasync:delay_exit=%d", c.delay.Microseconds()),
				program, "serve", "--data", b.dir, "--listen", "127.0.0.1:0")
			text := "<CALL:6>DL1ABC <QSO_DATE:8>20250314 <TIME_ON:4>1015 <BAND:3>20m <MODE:2>CW <EOR>\n"
			if _, errs, code := b.run(text, "import", "-"); code != 0 {
				t.Fatalf("import: exit %d: %s", code, errs)
			}
			doc, got := readHealth(t, address), operation{}
			for _, op := range doc.Operations {
				if op.Name == "write qsos" {
					got = op
				}
			}
			if got.Count != 1 || got.Kind != "store" || got.Rating != c.rating || got.Mean < float64(c.delay.Milliseconds()) {
				t.Errorf("with %v for each sync of the disk: %+v, want it %s", c.delay, got, c.rating)
			}
			if doc.Status != "ok" {
				t.Errorf("status %q: slow is not broken: %s", doc.Status, doc.Problems)
			}
			if _, page := get(t, address+"/api/performance?over=100ms", ""); !strings.Contains(page, `{"operation":"write qsos","kind":"store"`) {
				t.Errorf("the slow call is not listed: %s", page)
			}
		})
	}
}

// joined is the whole program in this process, reached as from this machine.
func joined(t *testing.T) (*appliance, string) {
	t.Helper()
	env := environment{getenv: func(string) string { return "" }, stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard, now: time.Now}
	a, err := openAppliance(context.Background(), applianceConfig{dir: t.TempDir(), env: env, create: true})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(a.handler())
	t.Cleanup(func() {
		server.Close()
		http.DefaultClient.CloseIdleConnections()
		if err := a.close(); err != nil {
			t.Error(err)
		}
	})
	return a, server.URL
}

// TestRegressionShown makes operations slower: three times shows within 40
// calls and goes within 40 after the cure, two times of next to nothing does
// not show.
func TestRegressionShown(t *testing.T) {
	a, address := joined(t)
	slow, tiny := a.monitor.Operation(monitor.Query, "award/was"), a.monitor.Operation(monitor.Query, "tiny")
	step := func(n int, of, other time.Duration) []string {
		for range n {
			slow.Observe(of, nil)
			tiny.Observe(other, nil)
		}
		time.Sleep(tailAge)
		names := []string{}
		for _, r := range readHealth(t, address).Regressions {
			names = append(names, fmt.Sprintf("%s %.1f", r.Operation, r.Factor))
		}
		return names
	}
	got := [][]string{
		step(600, 4*time.Millisecond, 2*time.Microsecond),
		step(40, 12*time.Millisecond, 4*time.Microsecond),
		step(40, 4*time.Millisecond, 2*time.Microsecond),
	}
	if diff := cmp.Diff([][]string{{}, {"award/was 3.0"}, {}}, got); diff != "" {
		t.Errorf("before, slower, cured (-want +got):\n%s", diff)
	}
}

// tailAge is how old what /api/health says behind its fixed members may be.
const tailAge = 1100 * time.Millisecond

// TestUnknownPaths floods the program with paths that do not exist: nothing is
// kept of them.
func TestUnknownPaths(t *testing.T) {
	a, _ := joined(t)
	flood := func(n int, name string) {
		for i := range n {
			w := httptest.NewRecorder()
			r := httptest.NewRequest(http.MethodGet, fmt.Sprintf("http://localhost/%s/%d/%s", name, i, strings.Repeat("x", 200)), nil)
			r.RemoteAddr = "127.0.0.1:9"
			if a.handler().ServeHTTP(w, r); w.Code != http.StatusNotFound {
				t.Fatalf("%s: %d", r.URL, w.Code)
			}
		}
	}
	used := func() (operations int, bytes uint64) {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return len(a.monitor.All()), m.HeapAlloc
	}
	flood(2000, "before")
	operations, bytes := used()
	flood(20_000, "api/flood")
	flood(5_000, "flood")
	after, grown := used()
	if after != operations || int64(grown)-int64(bytes) > 2<<20 {
		t.Errorf("25,000 unknown paths: %d operations before, %d after; the heap grew by %d kB", operations, after, (int64(grown)-int64(bytes))>>10)
	}
}

// TestMonitoringScripts runs the filters that scripts have always used on the
// health document of a service.
func TestMonitoringScripts(t *testing.T) {
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("there is no jq on this machine")
	}
	b := newBox(t)
	b.ok("import", b.sample(50))
	address, _ := b.serve()
	for range 12 {
		b.ok("stats")
	}
	_, document := get(t, address+"/api/health", "")
	for filter, want := range map[string]string{
		`jq -r .status`:                      `^ok$`,
		`jq .performance.slowQueries`:        `^\d+$`,
		`jq .performance.criticalQueries`:    `^\d+$`,
		`jq -r .performance.avgTime`:         `^\d+(\.\d{1,2})?ms$`,
		`jq -r .cache.hitRate | tr -d '%'`:   `^\d+(\.\d{1,2})?$`,
		`jq .cache.statsCache.hits`:          `^11$`,
		`jq .performance.totalQueries`:       `^\d+$`,
		`jq -r '.performance.topSlowest[0]'`: `^(null|\{)`,
		`jq -e '.cache.awardCache.size >= 0 and .cache.ttl == 300000 and .uptime > 0'`: `^true$`,
	} {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", filter)
		cmd.Stdin = strings.NewReader(document)
		out, err := cmd.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%s: %q, %v; want %s", filter, got, err, want)
		}
	}
}

// TestUnknownOperation lists the operations there are.
func TestUnknownOperation(t *testing.T) {
	_, address := joined(t)
	readHealth(t, address)
	resp, body := get(t, address+"/api/performance/warp", "")
	if resp.StatusCode != http.StatusNotFound || !strings.Contains(body, `there is no operation \"warp\"`) || !strings.Contains(body, "GET /api/health") {
		t.Errorf("%s: %s", resp.Status, body)
	}
}
