package main

import (
	"context"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"qslbox/qso/qsotest"
	"qslbox/syncers/lotw/lotwtest"
)

// exits are the lines of the documents that are to end with something else than
// 0 where the tests run, and why.
var exits = map[string]int{
	"curl -s https://log.example.org/api/health": 6, // there is no such host
	`curl -sf -H "X-API-Key: $KEY" -H "Content-Type: application/json" -d '{"action":"ignore"}' http://localhost:3001/api/sync/lotw/unmatched/ID`: 22, // there is none of that ID
	`curl -sf -H "X-API-Key: $KEY" -X POST http://localhost:3001/api/edits/ID/undo`:                                                               22,
	`curl -sf -H "X-API-Key: $KEY" -X DELETE http://localhost:3001/api/keys/ID`:                                                                   22,
	`curl -sf -H "X-API-Key: $KEY" http://localhost:3001/api/rejects/ID`:                                                                          22,
	`curl -sf -H "X-API-Key: $KEY" -X DELETE http://localhost:3001/api/accounts/dcl`:                                                              22, // no account there
	`sudo curl -sf --unix-socket /var/lib/qslbox/qslbox.sock -X POST http://localhost/api/setup/code`:                                             22, // there is an administrator already
	"sudo qslbox user add anna":                                        1,  // there is one of that name already
	"qslbox health --max-slow 10 --min-hit-rate 80 --max-sync-age 48h": -1, // what it says depends on what ran before
}

// elsewhere are the beginnings of lines that need a machine of their own: the
// tests of the package run them (make deb-test, make boot-test).
var elsewhere = []string{"curl -fLO https://RELEASE/", "sudo systemctl", "podman", "sudo cp /var/lib/private", "sudo install -m 0400"}

// commandLines finds the lines with qslbox or curl in the indented blocks of a
// document.
func commandLines(text string) []string {
	var lines []string
	command := regexp.MustCompile(`^( {4}|      )((?:sudo |\*/10 \* \* \* \* |watch -n5 ")?(?:bin/)?(?:qslbox|curl) .*|podman .* qslbox .*)$`)
	for line := range strings.Lines(text) {
		if m := command.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil {
			lines = append(lines, regexp.MustCompile(`  +#.*$`).ReplaceAllString(m[2], ""))
		}
	}
	return lines
}

// workshop is a directory in which the lines of the documents work as they
// stand: the program, a log, a service, a LoTW.
type workshop struct {
	t   *testing.T
	dir string
	env []string
	to  *strings.Replacer
}

func newWorkshop(t *testing.T) *workshop {
	t.Helper()
	lotw := lotwtest.New(lotwtest.Options{Login: "DK9XYZ", Password: "not a real one", Now: time.Now})
	upstream := httptest.NewServer(lotw)
	t.Cleanup(upstream.Close)
	w := &workshop{t: t, dir: t.TempDir()}
	program := built(t)
	log := string(qsotest.ADIF(qsotest.Options{N: 50, Seed: 5, End: time.Now()}))
	for name, text := range map[string]string{"mylog.adi": log, "today.adi": log, "FILE": "not a real one\n"} {
		if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, err := range []error{os.Mkdir(filepath.Join(w.dir, "bin"), 0o700), os.Mkdir(filepath.Join(w.dir, "usb"), 0o700), os.Rename(program, filepath.Join(w.dir, "bin", "qslbox"))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w.env = append(os.Environ(), "PATH="+filepath.Join(w.dir, "bin")+":"+os.Getenv("PATH"), "QSLBOX_DATA="+filepath.Join(w.dir, "data"), "QSLBOX_LOTW_URL="+upstream.URL, "no_proxy=*")
	t.Setenv("QSLBOX_LOTW_URL", upstream.URL)
	address := start(t, filepath.Join(w.dir, "bin", "qslbox"), "serve", "--data", filepath.Join(w.dir, "data"), "--listen", "127.0.0.1:0")
	w.to = strings.NewReplacer("http://localhost:3001", address, "http://logbox.local:3001", address, "watch -n5 ", "bash -c ", "sudo ", "", "*/10 * * * * ", "",
		"/mnt/usb/", filepath.Join(w.dir, "usb")+"/", "/var/lib/qslbox/qslbox.sock", filepath.Join(w.dir, "data", "qslbox.sock"), "/tmp/qslbox.health", filepath.Join(w.dir, "usb", "health"), "column -t", "cat; true -t")
	if out, code := w.run("echo 'a long enough password' >pass && qslbox user add anna --password-file pass"); code != 0 {
		t.Fatal(out)
	}
	key, code := w.run("qslbox key add --name docs --scope read,write,metrics,admin --json | sed 's/.*\"key\":\"\\([^\"]*\\)\".*/\\1/'")
	if code != 0 || !strings.HasPrefix(key, "qslbox_") {
		t.Fatalf("key: %s", key)
	}
	w.env = append(w.env, "KEY="+strings.TrimSpace(key))
	return w
}

// run runs a line in a shell and returns what it printed and its exit code.
func (w *workshop) run(line string) (string, int) {
	w.t.Helper()
	ctx, stop := context.WithTimeout(w.t.Context(), time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, "bash", "-o", "pipefail", "-c", line)
	cmd.Dir, cmd.Env = w.dir, w.env
	cmd.Stdin = strings.NewReader("a long enough password\na long enough password\n")
	out, _ := cmd.CombinedOutput()
	return string(out), cmd.ProcessState.ExitCode()
}

// adapt makes a line of a document fit the workshop.
func (w *workshop) adapt(line string) string {
	switch {
	case strings.HasSuffix(line, "qslbox serve"):
		return "timeout --preserve-status 5 " + line + " --data other --listen 127.0.0.1:0"
	case line == "qslbox setup":
		return line + " <<<1" // only this machine
	case strings.Contains(line, "db restore"):
		line = strings.ReplaceAll(line, "--data /var/lib/private/qslbox", "--data restored")
	}
	return w.to.Replace(line)
}

// TestRoutesInDocs finds each route of the API in its documents, as a call.
func TestRoutesInDocs(t *testing.T) {
	sources, err := filepath.Glob("webui/*.go")
	if err != nil {
		t.Fatal(err)
	}
	calls, n := commandLines(document(t, "docs/api.md")), 0
	route := regexp.MustCompile(`method: http\.Method(\w+), path: "((?:/api/|/metrics)[^"]*)"`)
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		for _, m := range route.FindAllStringSubmatch(document(t, source), -1) {
			n++
			method, path := strings.ToUpper(m[1]), regexp.MustCompile(`[:*]\w+`).ReplaceAllString(m[2], `[^/ ?']+`)
			if strings.Contains(m[2], "*") {
				path = strings.ReplaceAll(path, `[^/ ?']+`, `[^ ?']+`)
			}
			here := regexp.MustCompile(`http://localhost(:3001)?` + path + `(['? ]|$)`)
			if !slices.ContainsFunc(calls, func(call string) bool {
				explicit := regexp.MustCompile(`-X ([A-Z]+)`).FindStringSubmatch(call)
				does := "GET"
				switch {
				case explicit != nil:
					does = explicit[1]
				case strings.Contains(call, " -d ") || strings.Contains(call, "--data-binary"):
					does = "POST"
				}
				return does == method && here.MatchString(call)
			}) {
				t.Errorf("docs/api.md has no call of %s %s", method, m[2])
			}
		}
	}
	if n < 40 {
		t.Errorf("%d routes found, want 40 at least", n)
	}
}

// TestDocuments runs every line with qslbox or curl in the documents, as it
// stands but for addresses and names of files.
func TestDocuments(t *testing.T) {
	for _, tool := range []string{"bash", "curl", "jq"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(tool + " is not on this machine")
		}
	}
	files, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	w, n := newWorkshop(t), 0
	for _, file := range append([]string{"README.md"}, files...) {
		for _, line := range commandLines(document(t, file)) {
			if slices.ContainsFunc(elsewhere, func(begin string) bool { return strings.HasPrefix(line, begin) }) {
				continue
			}
			n++
			out, code := w.run(w.adapt(line))
			if want := exits[line]; code != want && want >= 0 {
				t.Errorf("%s: %s\nexit %d, want %d: %.500s", file, line, code, want, out)
			}
		}
	}
	if n < 45 {
		t.Errorf("%d lines in the documents, want 45 at least", n)
	}
}
