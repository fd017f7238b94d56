package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"qslbox/store"
)

// upgradedDir tells a copy of the test program to open a directory as a later
// version does, and killStep to kill itself when the upgrade comes to a step.
const (
	upgradedDir = "QSLBOX_TEST_UPGRADED"
	killStep    = "QSLBOX_TEST_KILL_STEP"
)

func upgraded(dir string) {
	step, _ := strconv.Atoi(os.Getenv(killStep))
	store.LaterSchemas(func(at int) {
		if at == step {
			_ = unix.Kill(os.Getpid(), unix.SIGKILL)
			time.Sleep(time.Minute) // it is not at once
		}
	})
	s, err := store.Open(context.Background(), store.Config{Dir: dir, Now: now, Create: true})
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// upgrade runs it until its end, until a step, or for a while, and returns what
// it said.
func upgrade(t *testing.T, dir string, step int, wait time.Duration) (said string, whole bool) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), upgradedDir+"="+dir, killStep+"="+strconv.Itoa(step))
	var b bytes.Buffer
	cmd.Stderr = &b
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if wait > 0 {
		defer time.AfterFunc(wait, func() { _ = cmd.Process.Kill() }).Stop()
	}
	err = cmd.Wait()
	return b.String(), err == nil
}

// TestKilledInAnUpgrade opens an old file with a later version that has three
// steps to take, and kills it before each, between them, behind the last, and
// at any moment: the file is the old one, whole, or the new one, whole; the
// next start goes on; and in the end all is there that is there without kills.
func TestKilledInAnUpgrade(t *testing.T) {
	old := t.TempDir()
	unpack(t, filepath.Join("testdata", "schema-1.db.gz"), filepath.Join(old, store.FileName))
	l := book(t, open(t, old), store.MainLogbook)
	importLog(t, l, 1000)
	want := everything(t, l.Store())
	closeOf(t, l)
	dir, clean := t.TempDir(), t.TempDir()
	for _, to := range []string{dir, clean} {
		if err := os.CopyFS(to, os.DirFS(old)); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	if said, whole := upgrade(t, clean, 0, 0); !whole {
		t.Fatalf("without kills: %s", said)
	}
	took := time.Since(began)
	for _, step := range []int{2, 3, 4, 5} {
		if said, whole := upgrade(t, dir, step, 0); whole || said != "" {
			t.Errorf("it was not killed at step %d: %s", step, said)
		}
		checkUpgrade(t, dir, want, 1)
	}
	kills, hit := 3, 0
	if os.Getenv("QSLBOX_CRASH") != "" {
		kills = 200
	}
	for range kills {
		copied := t.TempDir()
		if err := os.CopyFS(copied, os.DirFS(old)); err != nil {
			t.Fatal(err)
		}
		if _, whole := upgrade(t, copied, 0, time.Duration(rand.Int64N(int64(took)))); !whole {
			hit++
		}
		checkUpgrade(t, copied, want, 0)
		if said, whole := upgrade(t, copied, 0, 0); !whole {
			t.Errorf("after a kill: %s", said)
		}
		checkUpgrade(t, copied, want, 4)
	}
	if said, whole := upgrade(t, dir, 0, 0); !whole {
		t.Errorf("after four kills: %s", said)
	}
	checkUpgrade(t, dir, want, 4)
	t.Logf("%d of %d kills at any moment came before the end", hit, kills)
	goBack(t, dir, want)
}

// checkUpgrade checks a file and looks at its content, in a copy. schema 0 is
// the old one or the new one.
func checkUpgrade(t *testing.T, dir, want string, schema int) {
	t.Helper()
	defer store.LaterSchemas(func(int) {})()
	data, err := os.ReadFile(filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	copied := t.TempDir()
	path := filepath.Join(copied, store.FileName)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if r, err := store.CheckFile(path); err != nil || !r.OK() {
		t.Errorf("check: %+v, %v", r, err)
	}
	s := open(t, copied)
	defer s.Close()
	_, upgradedNow := os.Stat(path + ".before-schema-4")
	if is := map[bool]int{true: 1, false: 4}[upgradedNow == nil]; schema != 0 && is != schema {
		t.Errorf("the file has schema %d, want %d", is, schema)
	}
	if diff := cmp.Diff(want, everything(t, s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if text, _, err := s.GetRecord("settings", "counted"); err != nil || string(text) == "" || string(text) != fmt.Sprint(strings.Count(want, "\nQSO ")) {
		t.Errorf("the steps counted %s QSOs, %v", text, err)
	}
	if r, err := s.Scrub(t.Context(), nil); err != nil || !r.OK() {
		t.Errorf("scrub: %+v, %v", r, err)
	}
}

// goBack opens the new file with the old version, which refuses it and names
// the copy that it can be restored from.
func goBack(t *testing.T, dir, want string) {
	t.Helper()
	_, err := store.Open(context.Background(), store.Config{Dir: dir, Now: now})
	copied := filepath.Join(dir, store.FileName+".before-schema-4")
	if !errors.Is(err, store.ErrNewerSchema) || !strings.Contains(err.Error(), "qslbox db restore "+copied) {
		t.Errorf("the old version says: %v", err)
	}
	if _, err := store.Restore(copied, dir, noon); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, everything(t, open(t, dir))); diff != "" {
		t.Errorf("back at the old version (-want +got):\n%s", diff)
	}
}
