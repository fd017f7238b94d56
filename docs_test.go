package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

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
	"/usr/share/qslbox/alerts/performance 100 10":                      -1, // what it says depends on what ran before
	"/usr/share/qslbox/alerts/cache 80 100":                            -1,
	"qslbox health --max-slow 10 --min-hit-rate 80 --max-sync-age 48h": -1, // what it says depends on what ran before
}

// elsewhere are the beginnings of lines that need a machine of their own, where
// .ci/boot-test and .ci/image-test run them, and of those that CI runs.
var elsewhere = []string{"sudo apt", "sudo systemctl", "sudo sed", "sudo cp", "sudo install", "systemctl", "journalctl", "install -m 06", "install -m 0755 bin/", "make image", "podman"}

// wordless are the documents without a line to be run.
var wordless = []string{"adif.md", "awards.md", "bench.md", "design.md", "reliability.md", "SECURITY.md", "syncing.md", "tested.md"}

// command is a line of an indented block that is typed into a shell.
var command = regexp.MustCompile(`^( {4}|      )((?:sudo |\*/10 \* \* \* \* |watch -n5 ")?(?:(?:bin/)?qslbox|curl|podman|make|sha256sum|apt|systemctl|journalctl|install|cp|sed|/usr/share/qslbox/alerts/[a-z]+)(?: .*)?)$`)

// commandLines finds the commands in the indented blocks of a document.
func commandLines(text string) []string {
	var lines []string
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
	release := filepath.Join(w.dir, "release") // what would be downloaded
	for _, err := range []error{
		os.Mkdir(filepath.Join(w.dir, "bin"), 0o700), os.Mkdir(release, 0o700), os.CopyFS(release, os.DirFS(filepath.Dir(program))),
		os.Rename(filepath.Join(release, "qslbox"), filepath.Join(release, "qslbox-linux-amd64")),
		os.WriteFile(filepath.Join(release, "qslbox_1.0.0_amd64.deb"), []byte("a package"), 0o600),
		os.WriteFile(filepath.Join(release, "SHA256SUMS"), fmt.Appendf(nil, "%x  qslbox_1.0.0_amd64.deb\n", sha256.Sum256([]byte("a package"))), 0o600),
		os.Mkdir(filepath.Join(w.dir, "usb"), 0o700), os.Rename(program, filepath.Join(w.dir, "bin", "qslbox")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w.env = append(os.Environ(), "PATH="+filepath.Join(w.dir, "bin")+":"+os.Getenv("PATH"), "QSLBOX_DATA="+filepath.Join(w.dir, "data"), "QSLBOX_LOTW_URL="+upstream.URL, "HOME="+w.dir, "no_proxy=*")
	t.Setenv("QSLBOX_LOTW_URL", upstream.URL)
	address := start(t, filepath.Join(w.dir, "bin", "qslbox"), "serve", "--data", filepath.Join(w.dir, "data"), "--listen", "127.0.0.1:0")
	scripts, err := filepath.Abs("systemd/alerts")
	if err != nil {
		t.Fatal(err)
	}
	w.to = strings.NewReplacer("https://RELEASE/", "file://"+release+"/", "/usr/share/qslbox/alerts/", "QSLBOX_URL="+address+" QSLBOX_KEY=$KEY "+scripts+"/",
		"http://localhost:3001", address, "http://logbox.local:3001", address, "watch -n5 ", "bash -c ", "sudo ", "", "*/10 * * * * ", "",
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
	for _, file := range append([]string{"README.md", "CONTRIBUTING.md", "SECURITY.md"}, files...) {
		lines := commandLines(document(t, file))
		if quiet := slices.Contains(wordless, filepath.Base(file)); quiet != (len(lines) == 0) {
			t.Errorf("%s: %d lines to be run; said to have none: %v", file, len(lines), quiet)
		}
		for _, line := range lines {
			if strings.HasPrefix(line, "make ") || slices.ContainsFunc(elsewhere, func(begin string) bool { return strings.HasPrefix(line, begin) }) {
				continue
			}
			n++
			out, code := w.run(w.adapt(line))
			if want := exits[line]; code != want && want >= 0 {
				t.Errorf("%s: %s\nexit %d, want %d: %.500s", file, line, code, want, out)
			}
		}
	}
	if n < 95 {
		t.Errorf("%d lines in the documents, want 95 at least", n)
	}
}

// TestDocumentsElsewhere sees that each line which needs a machine of its own is
// one of those that .ci/boot-test or .ci/image-test takes out of the documents,
// and that what is to be made can be.
func TestDocumentsElsewhere(t *testing.T) {
	taken := map[string]bool{}
	scripts := document(t, ".ci/boot-test") + document(t, ".ci/image-test")
	for _, m := range regexp.MustCompile(`(?m)(?:doc|\.ci/doc-lines) (docs/\S+) "([^"]+)"`).FindAllStringSubmatch(scripts, -1) {
		out, err := exec.CommandContext(t.Context(), ".ci/doc-lines", m[1], m[2]).CombinedOutput()
		if err != nil {
			t.Errorf("%s, %q: %s", m[1], m[2], out)
		}
		for line := range strings.Lines(string(out)) {
			taken[strings.TrimRight(line, "\n")] = true
		}
	}
	files, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	makefile := document(t, "Makefile")
	for _, file := range append([]string{"README.md", "CONTRIBUTING.md"}, files...) {
		for _, line := range commandLines(document(t, file)) {
			if target := strings.Fields(line)[1:]; strings.HasPrefix(line, "make ") {
				if !strings.Contains(makefile, "\n"+target[0]+":") {
					t.Errorf("%s: %s: there is no such target", file, line)
				}
				continue
			}
			if slices.ContainsFunc(elsewhere, func(begin string) bool { return strings.HasPrefix(line, begin) }) && !taken[line] {
				t.Errorf("%s: %s: no script runs it", file, line)
			}
		}
	}
}

// TestCommandsInProse looks at the commands that documents name in passing: each
// is one, with options there are.
func TestCommandsInProse(t *testing.T) {
	files, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	env := newBox(t).environment("", &buffer{}, &buffer{})
	span, n := regexp.MustCompile("`(?:sudo )?qslbox ([^`]+)`"), 0
	for _, file := range append([]string{"README.md", "ARCHITECTURE.md", "CHANGELOG.md", "SECURITY.md"}, files...) {
		for _, m := range span.FindAllStringSubmatch(document(t, file), -1) {
			parser, err := newParser(&commandLine{}, env, func(int) {})
			if err != nil {
				t.Fatal(err)
			}
			words := regexp.MustCompile(`"[^"]*"|\S+`).FindAllString(m[1], -1)
			n++
			if traced, err := kong.Trace(parser, words); err != nil || traced.Error != nil {
				t.Errorf("%s: qslbox %s: %v, %v", file, m[1], err, traced.Error)
			}
		}
	}
	if n < 45 {
		t.Errorf("%d commands named, want 45 at least", n)
	}
}

// TestChecksInDocs finds everything that health watches in the table of what to
// do about it.
func TestChecksInDocs(t *testing.T) {
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	table, n := document(t, "docs/monitoring.md"), 0
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(`health\.Add\("(\w+)`).FindAllStringSubmatch(document(t, source), -1) {
			row := regexp.MustCompile("(?m)^\\|[^|]*`" + m[1] + "[^|]*`[^|]*\\| [^|]{9,} \\| [^|]{9,} \\|$")
			if n++; !row.MatchString(table) {
				t.Errorf("%s: docs/monitoring.md does not say what check %q means and what to do", source, m[1])
			}
		}
	}
	if n < 14 {
		t.Errorf("%d checks found, want 14 at least", n)
	}
}
