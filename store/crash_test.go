package store_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"qslbox/qso"
	"qslbox/qso/intake"
	"qslbox/qso/qsotest"
	"qslbox/store"
)

// victimDir tells a copy of the test program to import into a directory until
// it is killed.
const victimDir = "QSLBOX_TEST_VICTIM"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		if err := victim(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if dir := os.Getenv(upgradedDir); dir != "" {
		upgraded(dir)
		return
	}
	goleak.VerifyTestMain(m)
}

var crashLog = qsotest.Options{N: 6000, Seed: 8}

// victim imports a log in small batches, and says after each how many QSOs
// were acknowledged.
func victim(dir string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Config{Dir: dir, Now: now, Create: true})
	if err != nil {
		return err
	}
	l, err := s.Logbook(store.MainLogbook)
	if err != nil {
		return err
	}
	_, err = intake.File(ctx, bytes.NewReader(qsotest.ADIF(crashLog)), intake.Options{Config: intake.Config{Now: now}}, slowly{l})
	return err
}

// slowly is a Merger that cuts batches into pieces and says what was stored.
type slowly struct{ l *store.Logbook }

func (s slowly) Merge(ctx context.Context, batch []*qso.QSO, opt intake.MergeOptions) ([]intake.Outcome, error) {
	var out []intake.Outcome
	for from := 0; from < len(batch); from += 50 {
		part, err := s.l.Merge(ctx, batch[from:min(from+50, len(batch))], opt)
		if err != nil {
			return out, err
		}
		out = append(out, part...)
		fmt.Println(s.l.Size())
	}
	return out, nil
}

func TestKilledWhileWriting(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, lines := range []int{1, 7, 30, 60} {
		acknowledged := kill(t, self, dir, lines)
		r, err := store.CheckFile(filepath.Join(dir, store.FileName))
		if err != nil || !r.OK() {
			t.Fatalf("after %d lines: %+v, %v", lines, r, err)
		}
		if r.QSOs < acknowledged || r.QSOs%50 != 0 {
			t.Errorf("%d QSOs are there, %d were acknowledged", r.QSOs, acknowledged)
		}
		s := open(t, dir)
		l := book(t, s, store.MainLogbook)
		if generation := s.Generation(store.MainLogbook); l.Size() != r.QSOs || generation != uint64(1+r.QSOs/50) {
			t.Errorf("size %d, generation %d, %d QSOs", l.Size(), generation, r.QSOs)
		}
		closeOf(t, l)
	}
	l := book(t, open(t, dir), store.MainLogbook)
	importADIF(t, l, qsotest.ADIF(crashLog))
	_, whole := mainBook(t)
	importADIF(t, whole, qsotest.ADIF(crashLog))
	if l.Size() != crashLog.N || stored(t, l) != stored(t, whole) || image(t, l) != image(t, whole) {
		t.Error("what was imported in spite of the kills differs from what is imported in one go")
	}
}

// kill lets a copy of the program import, kills it after some lines, and
// returns how many QSOs it had acknowledged.
func kill(t *testing.T, self, dir string, lines int) (acknowledged int) {
	t.Helper()
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), victimDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	scanner := bufio.NewScanner(out)
	for n := 0; n < lines && scanner.Scan(); n++ {
		if acknowledged, err = strconv.Atoi(scanner.Text()); err != nil {
			t.Errorf("the victim says %q", scanner.Text())
		}
	}
	time.Sleep(time.Duration(lines) * time.Millisecond) // into the middle of something
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for scanner.Scan() {
		acknowledged, _ = strconv.Atoi(scanner.Text())
	}
	_ = cmd.Wait()
	return acknowledged
}

// TestFullDisk lets the file grow no more: nothing is half stored, reading
// goes on, and so does writing when there is room again.
func TestFullDisk(t *testing.T) {
	if !apart(t) {
		return
	}
	cases := []struct {
		name string
		room int64 // for the file; 0: as it is, so that it cannot grow
		more int
	}{
		{"a page cannot be written", 2 << 20, 20_000},
		{"the file cannot grow", 0, 20_000},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { testFullDisk(t, c.room, c.more) })
	}
}

func testFullDisk(t *testing.T, room int64, n int) {
	s, l := mainBook(t)
	ctx, dir := context.Background(), s.Dir()
	importLog(t, l, 2000)
	closeOf(t, l)
	if _, _, err := store.Compact(dir); err != nil { // a new file has 16 MB of room
		t.Fatal(err)
	}
	s = open(t, dir)
	l = book(t, s, store.MainLogbook)
	want, wantImage, generation := stored(t, l), image(t, l), s.Generation(store.MainLogbook)
	info, err := os.Stat(filepath.Join(s.Dir(), store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	if room == 0 {
		room = info.Size()
	}
	more := qsotest.ADIF(qsotest.Options{N: n, Seed: 2})
	free := limitFiles(t, room)
	account, failed := intake.File(ctx, bytes.NewReader(more), intake.Options{Config: intake.Config{Now: now}}, l)
	_, trouble := s.Trouble()
	free()
	if failed == nil || trouble == nil {
		t.Fatalf("no error on a full disk: %v, %v", failed, trouble)
	}
	if l.Size() != 2000+account.Added || len(allQSOs(t, l)) != l.Size() {
		t.Errorf("size %d, stored %d, acknowledged %d", l.Size(), len(allQSOs(t, l)), 2000+account.Added)
	}
	if account.Added == 0 && (stored(t, l) != want || image(t, l) != wantImage || s.Generation(store.MainLogbook) != generation) {
		t.Error("something is half stored")
	}
	if got := importADIF(t, l, more); got.Added != n-account.Added || got.Unchanged != account.Added {
		t.Error("with room again:", counts(got))
	}
	if _, trouble := s.Trouble(); trouble != nil {
		t.Errorf("trouble is still noted: %v", trouble)
	}
	columns := image(t, l)
	closeOf(t, l)
	if r, err := store.CheckFile(filepath.Join(dir, store.FileName)); err != nil || !r.OK() || r.QSOs != 2000+n {
		t.Errorf("%+v, %v", r, err)
	}
	if columns != image(t, book(t, open(t, dir), store.MainLogbook)) {
		t.Error("the columns differ from a rebuild")
	}
}

// apart reports whether the test runs in a copy of the test program of its own;
// if not, it lets it run in one. What limitFiles does would else befall the
// list of files that go test lets the program keep.
func apart(t *testing.T) bool {
	t.Helper()
	const name = "QSLBOX_TEST_APART"
	if os.Getenv(name) == t.Name() {
		return true
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), name+"="+t.Name())
	if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// limitFiles lets no file of this process grow beyond a size until free is
// called; see apart.
func limitFiles(t *testing.T, size int64) (free func()) {
	t.Helper()
	signal.Ignore(unix.SIGXFSZ)
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: uint64(size), Max: old.Max}); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &old); err != nil {
			t.Fatal(err)
		}
		signal.Reset(unix.SIGXFSZ)
	}
}

// TestLeftoversOfPowerCuts finds what a power cut leaves, and leaves alone what
// is not ours, or may still be wanted because somebody has the data open.
func TestLeftoversOfPowerCuts(t *testing.T) {
	s, l := mainBook(t)
	dir := s.Dir()
	ours := []string{".new-1234.db", ".compact.db", ".qslbox.db98765", ".backup-1.db"}
	others := []string{"new.db", ".new-letter.txt", "qslbox.db.before-restore-20260101-000000", ".qslbox.dbx"}
	for _, name := range append(ours, others...) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	there := func(names []string) (n int) {
		for _, name := range names {
			if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
				n++
			}
		}
		return n
	}
	if _, err := store.Open(context.Background(), store.Config{Dir: dir, Now: now}); err == nil || there(ours) != len(ours) {
		t.Errorf("opened while in use (%v), %d of %d left", err, there(ours), len(ours))
	}
	closeOf(t, l)
	open(t, dir)
	if there(ours) != 0 || there(others) != len(others) {
		t.Errorf("%d of ours, %d of %d others are there", there(ours), there(others), len(others))
	}
}
