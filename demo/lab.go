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
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"qslbox/qso/qsotest"
)

// lab is the program under measurement, as anybody runs it: the built binary,
// its data in a temporary directory, and a fake LoTW.
type lab struct {
	p     program
	fakes *fakes
	url   string
	ended <-chan error
	key   string // for requests
	http  *http.Client
}

// newLab builds the program.
func newLab(ctx context.Context, small bool, stderr io.Writer) (*lab, error) {
	dir, err := os.MkdirTemp("", "qslbox-lab-")
	if err != nil {
		return nil, err
	}
	l := &lab{p: program{dir: dir, binary: filepath.Join(dir, "qslbox"), log: io.Discard}}
	l.http = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1000}, Timeout: 5 * time.Minute}
	if small {
		l.p.cage = newCage(dir)
	}
	fmt.Fprintln(stderr, "building qslbox ...")
	if err := l.p.build(ctx); err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

// close removes what was made; the service has been told to end.
func (l *lab) close() error {
	if l.ended != nil {
		<-l.ended
	}
	if l.fakes != nil {
		l.fakes.close()
	}
	l.p.cage.close()
	return os.RemoveAll(l.p.dir)
}

// furnish gives the program a log and an account with the fake LoTW.
func (l *lab) furnish(ctx context.Context, size int, stderr io.Writer) (err error) {
	log := qsotest.Options{N: size, Seed: 1, End: time.Now()}
	if l.fakes, err = startFakes(log); err != nil {
		return err
	}
	l.p.env = append(l.fakes.environment(), l.p.cage.environment()...)
	fmt.Fprintf(stderr, "making a log of %d QSOs ...\n", size)
	if _, err := l.p.fill(ctx, log, l.fakes); err != nil {
		return err
	}
	return l.unlock(ctx)
}

// unlock makes a key for what is asked from now on.
func (l *lab) unlock(ctx context.Context) error {
	out, err := l.p.prepare(ctx, "key", "add", "--name", "lab", "--scope", "read,write,metrics", "--json").Output()
	if err != nil {
		return fmt.Errorf("key add: %w", err)
	}
	var made struct{ Key string }
	if err := json.Unmarshal(out, &made); err != nil {
		return err
	}
	l.key = made.Key
	return nil
}

// start starts the service and waits until it answers.
func (l *lab) start(ctx context.Context) error {
	addr, err := freeAddress(0, io.Discard)
	if err != nil {
		return err
	}
	l.url = "http://" + addr
	if l.ended, err = l.p.serve(ctx, addr); err != nil {
		return err
	}
	return l.p.waitReady(ctx, l.url+"/api/health", l.ended)
}

// stop ends the service as systemd does, and waits for it.
func (l *lab) stop() error {
	if err := l.p.service.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := <-l.ended
	l.ended = nil
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return err
	}
	return nil
}

// get asks and returns the answer.
func (l *lab) get(ctx context.Context, path string) ([]byte, error) {
	return l.ask(ctx, http.MethodGet, path, nil)
}

func (l *lab) ask(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, l.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if l.key != "" {
		req.Header.Set("X-API-Key", l.key)
	}
	resp, err := l.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s: %.200s", method, path, resp.Status, text)
	}
	return text, err
}

// post adds a QSO of this moment; n makes it one of its own.
func (l *lab) post(ctx context.Context, n int) error {
	call := "DL" + string(rune('0'+n%10)) + letters(n/10)
	_, err := l.ask(ctx, http.MethodPost, "/api/qsos", fmt.Appendf(nil, `{"time":%q,"call":%q,"station_callsign":%q,"band":"20m","mode":"CW","rst_sent":"599","rst_rcvd":"599"}`,
		time.Now().UTC().Format(time.RFC3339), call, qsotest.OwnCall))
	return err
}

// letters counts AAA, AAB, AAC ...
func letters(n int) string {
	return string([]byte{byte('A' + n/676%26), byte('A' + n/26%26), byte('A' + n%26)})
}

// runs returns the number of the last sync with LoTW, and what it did.
type syncRun struct {
	Run, Updated, Matched, Added int
	Class, Message               string
}

func (l *lab) lastRun(ctx context.Context) (syncRun, error) {
	body, err := l.get(ctx, "/api/sync/lotw?limit=1")
	if err != nil {
		return syncRun{}, err
	}
	var list struct{ Items []syncRun }
	if err := json.Unmarshal(body, &list); err != nil || len(list.Items) == 0 {
		return syncRun{}, err
	}
	return list.Items[0], nil
}

// sync has LoTW asked now and waits for the end of the run.
func (l *lab) sync(ctx context.Context) error {
	before, err := l.lastRun(ctx)
	if err != nil {
		return err
	}
	for { // one that is just ending refuses the next
		_, err := l.ask(ctx, http.MethodPost, "/api/sync/lotw", nil)
		if err == nil {
			break
		}
		if !strings.Contains(err.Error(), "409") {
			return err
		}
		wait(ctx, 5*time.Millisecond)
	}
	for {
		after, err := l.lastRun(ctx)
		if err != nil {
			return err
		}
		if after.Run > before.Run {
			if after.Class != "ok" {
				return fmt.Errorf("sync %d: %s: %s", after.Run, after.Class, after.Message)
			}
			return nil
		}
		wait(ctx, 5*time.Millisecond)
	}
}

func bytesText(n int64) string {
	switch {
	case n >= 10<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 10<<10:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}
