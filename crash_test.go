package main_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"qslbox/syncers/lotw/lotwtest"
)

// The tests of this file and of powercut_test.go drive the built program as
// systemd and a shack do, and end it in the worst moment. `make crash` runs
// them long, `make test` a few rounds.

// crashing reports whether the long tests are wanted.
func crashing() bool { return os.Getenv("QSLBOX_CRASH") != "" }

// rounds returns how many rounds a test runs: what the variable says, else the
// long or the short number.
func rounds(tb testing.TB, variable string, short, long int) int {
	tb.Helper()
	if n, err := strconv.Atoi(os.Getenv(variable)); err == nil {
		return n
	}
	if crashing() {
		return long
	}
	return short
}

// victim is the built program on a data directory that survives it.
type victim struct {
	testing.TB
	binary, dir string
	env         []string
	under       []string // a program that starts the service and its arguments
	next        int      // number of the next QSO
	stored      int      // how many were acknowledged; all below next are either stored or were never answered
	known       []bool
	syncs       int
	backups     int
}

// build returns the program, compiled once for all tests; TestMain removes it.
func build(tb testing.TB) string {
	tb.Helper()
	binary := filepath.Join(tb.TempDir(), "qslbox")
	program, err := compiled()
	if err == nil {
		err = os.Link(program, binary)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return binary
}

var compiled = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(os.Getenv("QSLBOX_TEST_PROGRAM"), "crash")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", binary, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return binary, nil
})

// running is one life of the service.
type running struct {
	cmd   *exec.Cmd
	api   http.Client
	said  *saidBuffer
	ended chan struct{}
}

// saidBuffer keeps what a service says.
type saidBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *saidBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (r *running) text() string {
	r.said.mu.Lock()
	defer r.said.mu.Unlock()
	return r.said.b.String()
}

// start starts the service.
func (v *victim) start() *running {
	v.Helper()
	r := &running{said: &saidBuffer{}, ended: make(chan struct{})}
	args := append(slices.Clone(v.under), v.binary, "serve", "--data", v.dir, "--listen", "127.0.0.1:0")
	r.cmd = exec.Command(args[0], args[1:]...)
	r.cmd.Env = append(withoutOurs(os.Environ()), v.env...)
	r.cmd.Stdout, r.cmd.Stderr = r.said, r.said
	socket := filepath.Join(v.dir, "qslbox.sock")
	r.api = http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}}
	_ = os.Remove(socket)
	if err := r.cmd.Start(); err != nil {
		v.Fatal(err)
	}
	go func() { _ = r.cmd.Wait(); close(r.ended) }()
	return r
}

// withoutOurs drops what is meant for the tests, or for another service.
func withoutOurs(env []string) []string {
	return slices.DeleteFunc(env, func(e string) bool { return strings.HasPrefix(e, "QSLBOX_") })
}

// kill ends the service as a power cut or the kernel does.
func (r *running) kill() {
	_ = r.cmd.Process.Kill()
	<-r.ended
}

// call asks the API for something; the error says what it answered.
func (r *running) call(method, path string, body io.Reader) ([]byte, error) {
	req, err := http.NewRequest(method, "http://localhost"+path, body)
	if err != nil {
		return nil, err
	}
	if text, ok := body.(*strings.Reader); ok && text.Len() > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	answer, err := r.api.Do(req)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode >= 400 {
		err = fmt.Errorf("%s: %.2000s", answer.Status, text)
	}
	return text, err
}

// healthy waits until the service says that it is well, and returns how long
// that took.
func (v *victim) healthy(r *running) time.Duration {
	v.Helper()
	began, last := time.Now(), ""
	for time.Since(began) < time.Minute {
		if text, err := r.call(http.MethodGet, "/api/health", nil); err == nil {
			var health struct {
				Status   string
				Problems []struct{ Check, Message string }
			}
			if err := json.Unmarshal(text, &health); err != nil {
				v.Fatalf("health: %v: %.300s", err, text)
			}
			if health.Status == "ok" {
				return time.Since(began)
			}
			last = fmt.Sprint(health.Status, health.Problems)
		} else {
			last = err.Error()
		}
		select {
		case <-r.ended:
			v.Fatalf("the service ended by itself:\n%s", r.text())
		case <-time.After(5 * time.Millisecond):
		}
	}
	r.kill()
	v.Fatalf("not well after a minute: %s\n%s", last, r.text())
	return 0
}

// command runs a command of the program.
func (v *victim) command(args ...string) ([]byte, error) {
	cmd := exec.Command(v.binary, append([]string{"--data", v.dir}, args...)...)
	cmd.Env = append(withoutOurs(os.Environ()), v.env...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("qslbox %s: %w: %s", strings.Join(args, " "), err, errs.String())
	}
	return out, err
}

// base is the time of QSO 0; each one is a minute later.
var base = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)

// callOf gives QSOs calls as different as in a log.
func callOf(prefix string, n int) string {
	return fmt.Sprintf("%s%d%c%c%c", prefix, n%10, 'A'+n/10%26, 'A'+n/260%26, 'A'+n/6760%26)
}

// batch is an ADIF file of n further QSOs.
func (v *victim) batch(n int) *bytes.Buffer {
	var b bytes.Buffer
	for i := range n {
		at := base.Add(time.Duration(v.next+i) * time.Minute)
		fmt.Fprintf(&b, "<CALL:6>%s <QSO_DATE:8>%s <TIME_ON:4>%s <BAND:3>20m <MODE:2>CW <STATION_CALLSIGN:5>W1AAA <COMMENT:40>%040d <EOR>\n",
			callOf("DL", v.next+i), at.Format("20060102"), at.Format("1504"), v.next+i)
	}
	return &b
}

// work imports, and lets the service sync and back up meanwhile, until stop is
// closed or the service no longer answers.
func (v *victim) work(r *running, stop <-chan struct{}) {
	var wg sync.WaitGroup
	wg.Go(func() {
		for until(stop) && v.importSome(r) {
		}
	})
	each := func(wait time.Duration, count *int, path string) {
		for until(stop) {
			_, err := r.call(http.MethodPost, path, nil)
			switch {
			case err == nil:
				*count++
			case !strings.Contains(err.Error(), "409"):
				return
			}
			select {
			case <-stop:
			case <-time.After(wait):
			}
		}
	}
	wg.Go(func() { each(40*time.Millisecond, &v.syncs, "/api/sync/lotw") })
	wg.Go(func() { each(150*time.Millisecond, &v.backups, "/api/db/backup") })
	wg.Wait()
}

func until(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return false
	default:
		return true
	}
}

// importSome imports up to 60 QSOs and notes what was acknowledged.
func (v *victim) importSome(r *running) bool { return v.importOf(r, 1+rand.IntN(60)) }

func (v *victim) importOf(r *running, n int) bool {
	text, err := r.call(http.MethodPost, "/api/import", v.batch(n))
	first := v.next
	v.next += n
	for len(v.known) < v.next {
		v.known = append(v.known, false)
	}
	if err != nil {
		return false
	}
	var account struct{ Added, Updated, Unchanged int } // a sync may have been faster
	if err := json.Unmarshal(text, &account); err != nil || account.Added+account.Updated+account.Unchanged != n {
		v.Errorf("import: %+v, %v", account, err)
		return false
	}
	for i := first; i < v.next; i++ {
		v.known[i] = true
	}
	v.stored += n
	return true
}

// lost looks for acknowledged QSOs that are not there.
func (v *victim) lost() (lost int) {
	v.Helper()
	out, err := v.command("export", "--format", "json")
	if err != nil {
		v.Fatal(err)
	}
	there := make([]bool, len(v.known))
	for s := bufio.NewScanner(bytes.NewReader(out)); s.Scan(); {
		var q struct {
			Call string
			Time time.Time
		}
		if err := json.Unmarshal(s.Bytes(), &q); err != nil {
			v.Fatal(err)
		}
		if n := int(q.Time.Sub(base) / time.Minute); strings.HasPrefix(q.Call, "DL") && n >= 0 && n < len(there) {
			there[n] = true
		}
	}
	for i, known := range v.known {
		if known && !there[i] {
			lost++
		}
	}
	return lost
}

// checked checks the data file and every backup that bears its name. A file
// that is not there yet is no damage.
func (v *victim) checked() (damaged int) {
	v.Helper()
	files, err := filepath.Glob(filepath.Join(v.dir, "backup", "qslbox-*.db"))
	if err != nil {
		v.Fatal(err)
	}
	for _, name := range append(files, filepath.Join(v.dir, "qslbox.db")) {
		if _, err := os.Stat(name); errors.Is(err, os.ErrNotExist) {
			continue
		}
		if out, err := v.command("db", "check", name); err != nil {
			damaged++
			v.Errorf("%v\n%s", err, out)
		}
	}
	return damaged
}

// withLoTW gives the victim an account at a fake LoTW that always has
// something new.
func (v *victim) withLoTW() { v.withLoTWOf(2000) }

func (v *victim) withLoTWOf(n int) {
	v.Helper()
	fake := lotwtest.New(lotwtest.Options{Login: "w1aaa", Password: "secret", Now: time.Now})
	for i := range n {
		fake.Add(lotwtest.QSO{Own: "W1AAA", Call: callOf("DL", i), Start: base.Add(time.Duration(i) * time.Minute), Band: "20m", Mode: "CW", Received: base})
	}
	v.atLoTW(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("qso_qsl") != "no" {
			fake.ConfirmNext(3)
		}
		fake.ServeHTTP(w, r)
	})
}

// atLoTW lets the victim ask a handler instead of LoTW.
func (v *victim) atLoTW(handler http.HandlerFunc) {
	v.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		v.Fatal(err)
	}
	var answers sync.WaitGroup
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answers.Add(1)
		defer answers.Done()
		handler(w, r)
	})}
	go func() { _ = server.Serve(l) }()
	v.Cleanup(func() { _ = server.Close(); answers.Wait() })
	v.env = append(v.env, "QSLBOX_LOTW_URL=http://"+l.Addr().String())
}

// account sets it on a running service.
func (v *victim) account() {
	v.Helper()
	secret := filepath.Join(v.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret\n"), 0o600); err != nil {
		v.Fatal(err)
	}
	if _, err := v.command("account", "set", "lotw", "--login", "w1aaa", "--password-file", secret); err != nil {
		v.Fatal(err)
	}
}

// TestKilledService kills the service again and again while it imports, syncs
// and backs up. Each time it has to come back by itself, well, and with every
// QSO that was acknowledged.
func TestKilledService(t *testing.T) {
	n := rounds(t, "QSLBOX_KILLS", 5, 1000)
	v := &victim{TB: t, binary: build(t), dir: filepath.Join(t.TempDir(), "data")}
	v.withLoTW()
	r := v.start()
	v.healthy(r)
	v.account()
	slowest := time.Duration(0)
	for i := range n {
		stop, done := make(chan struct{}), make(chan struct{})
		go func() { v.work(r, stop); close(done) }()
		time.Sleep(time.Duration(20+rand.IntN(300)) * time.Millisecond)
		r.kill()
		close(stop)
		<-done
		if i%20 == 0 && v.checked() > 0 {
			t.Fatalf("round %d: damaged", i)
		}
		r = v.start()
		slowest = max(slowest, v.healthy(r))
	}
	if lost := v.lost(); lost > 0 {
		t.Errorf("%d acknowledged QSOs were lost", lost)
	}
	r.kill()
	if v.checked() > 0 {
		t.Error("damaged at the end")
	}
	t.Logf("%d kills: %d QSOs acknowledged, %d syncs, %d backups; 0 damaged, 0 lost; restart to healthy %v at most",
		n, v.stored, v.syncs, v.backups, slowest.Round(time.Millisecond))
}

// large is a file of QSOs that no batch has.
func (v *victim) large(n int) io.Reader {
	var b bytes.Buffer
	b.WriteString("made for a test <EOH>\n")
	for i := range n {
		at := base.Add(-time.Duration(i+1) * time.Minute)
		fmt.Fprintf(&b, "<CALL:6>%s <QSO_DATE:8>%s <TIME_ON:4>%s <BAND:3>20m <MODE:2>CW <STATION_CALLSIGN:5>W1AAA <EOR>\n", callOf("JA", i), at.Format("20060102"), at.Format("1504"))
	}
	return &b
}
