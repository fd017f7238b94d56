package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/store"
	"qslbox/syncers"
	"qslbox/syncers/lotw/lotwtest"
)

// killPassword is what the account is set with.
const killPassword = "k&i#l+l %ü"

// killSize is how many QSOs LoTW holds: enough for several transactions.
const killSize = 6_500

// stopwatch is a fake LoTW that says when it is first asked.
type stopwatch struct {
	*lotwtest.Server
	mu    sync.Mutex
	asked chan time.Time
}

// arm returns a channel that gets the time of the next request.
func (s *stopwatch) arm() <-chan time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = make(chan time.Time, 1)
	return s.asked
}

func (s *stopwatch) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	select {
	case s.asked <- time.Now():
	default:
	}
	s.mu.Unlock()
	s.Server.ServeHTTP(w, r)
}

// TestKilledInASync kills the program at random points of a sync and starts it
// again: what it leaves in the end is what a run without kills leaves, nothing
// that was stored is lost, and nothing is there twice.
func TestKilledInASync(t *testing.T) {
	kills := 3
	if os.Getenv("QSLBOX_CRASH") != "" {
		kills = 200
	}
	now := time.Now().UTC().Truncate(time.Hour)
	fake := &stopwatch{Server: lotwtest.New(lotwtest.Options{Login: "dk9xyz", Password: killPassword, Now: time.Now})}
	fake.Add(slices.Collect(lotwtest.Generate(killSize, "DK9XYZ", 1, 50, now.Add(-time.Hour)))...)
	server := httptest.NewServer(fake)
	defer server.Close()

	victim := newVictim(t, server.URL, fake.Log())
	whole := victim.duration(fake)
	random := rand.New(rand.NewPCG(uint64(now.Unix()), 0))
	t.Logf("a sync takes %v, seed %d", whole, now.Unix())
	took := whole
	size, hit := 0, 0
	for n := 0; n < kills || hit == 0 && n < 10*kills; n++ {
		if n%20 == 19 { // from the beginning again
			victim, size, took = newVictim(t, server.URL, fake.Log()), 0, whole
		}
		if ended, killed := victim.killed(fake, time.Duration(random.Int64N(int64(took)))); killed {
			hit++
		} else {
			took = max(ended/2, time.Millisecond) // the machine is faster than it was
		}
		fake.ConfirmNext(random.IntN(40))
		r, err := store.CheckFile(filepath.Join(victim.dir, store.FileName))
		if err != nil || !r.OK() || r.QSOs < size {
			t.Fatalf("kill %d: %+v, %v; there were %d QSOs before", n, r, err, size)
		}
		size = r.QSOs
	}
	if hit == 0 {
		t.Error("no sync was still under way when it was to be killed")
	}
	if left, err := filepath.Glob(filepath.Join(victim.dir, "*.tmp")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
	clean := newVictim(t, server.URL, fake.Log())
	want := clean.synced()
	if diff := cmp.Diff(want, victim.synced()); diff != "" || len(want) < killSize {
		t.Errorf("%d lines (-never killed +killed %d times):\n%s", len(want), hit, diff)
	}
	if diff := cmp.Diff(want, victim.synced()); diff != "" {
		t.Errorf("once more (-want +got):\n%s", diff)
	}
}

// victim is a data directory with some of LoTW's QSOs in its log and an
// account, for the program in a process of its own.
type victim struct {
	*box
	self string
}

func newVictim(t *testing.T, address string, log []lotwtest.QSO) *victim {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	v := &victim{newBox(t), self}
	v.env["QSLBOX_LOTW_URL"] = address
	file := filepath.Join(t.TempDir(), "log.adi")
	if err := os.WriteFile(file, partOf(log), 0o600); err != nil {
		t.Fatal(err)
	}
	v.ok("import", file)
	if _, errs, code := v.run(killPassword+"\n", "account", "set", "lotw", "--login", "dk9xyz", "--password-file", "-"); code != 0 {
		t.Fatalf("account: exit %d, %s", code, errs)
	}
	return v
}

// partOf writes some of LoTW's QSOs as the log has them: as they are, some
// minutes off, and under another own call.
func partOf(log []lotwtest.QSO) []byte {
	var b bytes.Buffer
	for i, q := range log {
		own, start := q.Own, q.Start
		switch i % 12 {
		case 0:
		case 1:
			start = start.Add(7 * time.Minute)
		case 2:
			own += "/P"
		default:
			continue
		}
		for _, f := range [][2]string{
			{"CALL", q.Call}, {"STATION_CALLSIGN", own}, {"QSO_DATE", start.Format("20060102")}, {"TIME_ON", start.Format("150405")}, {"BAND", q.Band}, {"MODE", q.Mode},
		} {
			fmt.Fprintf(&b, "<%s:%d>%s", f[0], len(f[1]), f[1])
		}
		b.WriteString("<EOR>\n")
	}
	return b.Bytes()
}

// start starts a sync as a process of its own.
func (v *victim) start() (*exec.Cmd, *bytes.Buffer) {
	v.t.Helper()
	said := &bytes.Buffer{}
	cmd := exec.Command(v.self, "--data", v.dir, "sync", "lotw", "--json")
	cmd.Env = append(os.Environ(), asProgram+"=1", "QSLBOX_LOTW_URL="+v.env["QSLBOX_LOTW_URL"])
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	return cmd, said
}

// duration returns how long a whole sync of a copy takes from its first request
// on.
func (v *victim) duration(fake *stopwatch) time.Duration {
	v.t.Helper()
	copied := &victim{newBox(v.t), v.self}
	copied.env = v.env
	if err := os.CopyFS(copied.dir, os.DirFS(v.dir)); err != nil {
		v.t.Fatal(err)
	}
	asked := fake.arm()
	cmd, said := copied.start()
	if err := cmd.Wait(); err != nil {
		v.t.Fatalf("%v: %s", err, said)
	}
	return time.Since(<-asked)
}

// killed starts a sync and kills it some time after its first request; it
// reports whether it was still under way, and else how long it took.
func (v *victim) killed(fake *stopwatch, after time.Duration) (time.Duration, bool) {
	v.t.Helper()
	asked := fake.arm()
	cmd, said := v.start()
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	var begin time.Time
	select {
	case begin = <-asked:
	case err := <-done:
		v.t.Fatalf("it ended without asking: %v, %s", err, said)
	}
	select {
	case err := <-done:
		if err != nil {
			v.t.Fatalf("%v: %s", err, said)
		}
		return time.Since(begin), false
	case <-time.After(after):
	}
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		v.t.Fatal(err)
	}
	return time.Since(begin), <-done != nil
}

// synced makes a sync and returns what is there then, sorted: QSOs without their
// numbers, the records that are not in the log, and the cursor.
func (v *victim) synced() []string {
	v.t.Helper()
	var run syncers.Run
	if err := json.Unmarshal([]byte(v.ok("sync", "lotw", "--json")), &run); err != nil || run.Class != syncers.OK {
		v.t.Fatalf("sync: %+v, %v", run, err)
	}
	lines := []string{"cursor " + run.Cursor.QSL + ", " + run.Cursor.QSO}
	for line := range strings.Lines(v.ok("export", "--format", "json")) {
		var q map[string]any
		if err := json.Unmarshal([]byte(line), &q); err != nil {
			v.t.Fatal(err)
		}
		delete(q, "id")
		delete(q, "rev")
		text, err := json.Marshal(q)
		if err != nil {
			v.t.Fatal(err)
		}
		lines = append(lines, string(text))
	}
	s, err := store.Open(v.t.Context(), store.Config{Dir: v.dir, Now: time.Now})
	if err != nil {
		v.t.Fatal(err)
	}
	defer s.Close()
	book, err := s.Logbook(store.MainLogbook)
	if err != nil {
		v.t.Fatal(err)
	}
	listed, err := book.Listed(qso.LoTW)
	if err != nil {
		v.t.Fatal(err)
	}
	for i := range listed {
		lines = append(lines, fmt.Sprint("listed ", listed[i].ID, listed[i].Reason, listed[i].OtherOwn != 0, len(listed[i].Ambiguous)))
	}
	slices.Sort(lines)
	return lines
}
