package main_test

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestTwoProcessesAndACrash lets a second service and commands want the data of
// a service that is then killed: the second is refused while the first lives,
// takes over when it is dead, and every QSO that anybody was told is stored is.
func TestTwoProcessesAndACrash(t *testing.T) {
	v := &victim{TB: t, binary: build(t), dir: filepath.Join(t.TempDir(), "data")}
	r := v.start()
	v.healthy(r)
	refused := func() {
		t.Helper()
		second := exec.Command(v.binary, "serve", "--data", v.dir, "--listen", "127.0.0.1:0")
		second.Env = withoutOurs(second.Environ())
		out, err := second.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 3 || !strings.Contains(string(out), "in use by another qslbox") {
			t.Errorf("a second service: %v: %s", err, out)
		}
	}
	for round := range rounds(t, "QSLBOX_TAKEOVERS", 1, 50) {
		refused()
		stop := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			for until(stop) && v.importSome(r) {
			}
		})
		wg.Go(func() { // through the service, then by itself
			for until(stop) {
				_, _ = v.command("stats")
			}
		})
		time.Sleep(200 * time.Millisecond)
		r.kill()
		close(stop)
		wg.Wait()
		if out, err := v.command("stats"); err != nil {
			t.Errorf("round %d: a command after the crash: %v: %s", round, err, out)
		}
		r = v.start()
		v.healthy(r)
	}
	refused()
	if lost := v.lost(); lost > 0 || v.stored == 0 {
		t.Errorf("%d of %d acknowledged QSOs were lost", lost, v.stored)
	}
	r.kill()
	v.checked()
}
