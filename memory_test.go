package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"qslbox/syncers/dcl/dcltest"
	"qslbox/syncers/lotw/lotwtest"
)

// anonymousLimit is how much memory of its own the program may take for a
// first download.
const anonymousLimit = 96 << 20

// TestMemorySoak lets the program, in a process of its own, fetch large logs
// into an empty one and watches its anonymous memory: smaller logs in go test,
// those that are promised in make soak.
func TestMemorySoak(t *testing.T) {
	if raceDetector() {
		t.Skip("the race detector takes several times the memory")
	}
	sizeLoTW, sizeDCL, long := 40_000, 25_000, 4_000
	if os.Getenv("QSLBOX_SOAK") != "" {
		sizeLoTW, sizeDCL, long = 250_000, 100_000, 20_000
	}
	atLoTW := lotwtest.New(lotwtest.Options{Login: "dk9xyz", Password: killPassword, Now: time.Now})
	atLoTW.Many(sizeLoTW, "DK9XYZ", 1, 50, time.Now().Add(-time.Hour))
	atDCL := dcltest.New(dcltest.Options{Key: killPassword, Now: time.Now})
	atDCL.Many(sizeDCL)
	for _, test := range []struct {
		name, source, url string
		service           http.Handler
		added             int
	}{
		{"LoTW", "lotw", "QSLBOX_LOTW_URL", atLoTW, sizeLoTW},
		{"DCL in one answer", "dcl", "QSLBOX_DCL_URL", atDCL, sizeDCL},
		{"DCL with a long text", "dcl", "QSLBOX_DCL_URL", longAnswer(long), long},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(test.service)
			defer server.Close()
			b := newBox(t)
			b.env[test.url] = server.URL
			account := map[string][]string{"lotw": {"--login", "dk9xyz", "--password-file", "-"}, "dcl": {"--key-file", "-"}}[test.source]
			if _, errs, code := b.run(killPassword+"\n", append([]string{"account", "set", test.source}, account...)...); code != 0 {
				t.Fatalf("account: exit %d, %s", code, errs)
			}
			begin := time.Now()
			peak, said := watched(t, b, "--data", b.dir, "sync", test.source)
			if !strings.Contains(said, fmt.Sprintf("%d added", test.added)) || peak > anonymousLimit {
				t.Errorf("%d MiB of anonymous memory, %d are allowed: %s", peak>>20, anonymousLimit>>20, said)
			}
			t.Logf("%d records: %d MiB of anonymous memory at most, %.1f s", test.added, peak>>20, time.Since(begin).Seconds())
		})
	}
}

// raceDetector reports whether this program was built with it.
func raceDetector() bool {
	info, _ := debug.ReadBuildInfo()
	return info != nil && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// watched runs the program and returns the most anonymous memory it had, and
// what it said.
func watched(t *testing.T, b *box, args ...string) (peak int64, said string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out := &bytes.Buffer{}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	for name, value := range b.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for {
		select {
		case err := <-done:
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			return peak, out.String()
		case <-time.After(5 * time.Millisecond):
			peak = max(peak, anonymous(cmd.Process.Pid))
		}
	}
}

// anonymous returns RssAnon of a process in bytes; 0 if it cannot be read.
func anonymous(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "RssAnon:")
	number, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, _ := strconv.ParseInt(number, 10, 64)
	return n << 10
}

// longComment stands between the records of a longAnswer.
var longComment = strings.Repeat("what a remark ", 750)

// longAnswer is DCL with an ADIF text of 10 kB a record: 200 MB for 20,000.
func longAnswer(records int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { writeLongAnswer(w, records) })
}

func writeLongAnswer(w io.Writer, records int) {
	_, _ = io.WriteString(w, `{"status": "ok", "adif": "DCL\n<PROGRAMID:3>DCL<EOH>\n`)
	for i := range records {
		at := time.Date(2020, 1, 1, 0, 30*i, 0, 0, time.UTC)
		fmt.Fprintf(w, `<CALL:6>DL%d%c%c%c<QSO_DATE:8>%s<TIME_ON:4>%s<BAND:3>80m<MODE:3>SSB<STATION_CALLSIGN:6>DK9XYZ<DCL_QSL_RCVD:1>Y<DCL_QSLRDATE:8>20250101<DARC_DOK:3>B36<EOR>\n%s\n`,
			i%10, 'A'+i/10%26, 'A'+i/260%26, 'A'+i/6760%26, at.Format("20060102"), at.Format("1504"), longComment)
	}
	_, _ = io.WriteString(w, `"}`)
}
