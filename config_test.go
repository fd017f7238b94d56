package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// configured runs qslbox config with a defaults file and returns what it says
// of each setting, as "value, source".
func configured(t *testing.T, b *box, file string, args ...string) map[string]string {
	t.Helper()
	out := b.ok(append([]string{"config", "--json", "--defaults", defaults(t, file)}, args...)...)
	var list struct{ Items []setting }
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, s := range list.Items {
		source, _, _ := strings.Cut(s.Source, " (")
		got[s.Name] = s.Value + ", " + source
	}
	return got
}

func defaults(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "defaults")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestConfig shows where each setting comes from: option before environment
// before the service's defaults file.
func TestConfig(t *testing.T) {
	b := newBox(t)
	t.Setenv("QSLBOX_TTL", "7m") // kong reads the environment itself
	t.Setenv("QSLBOX_LISTEN", "127.0.0.1:4000")
	b.env = map[string]string{"QSLBOX_TTL": "7m", "QSLBOX_LISTEN": "127.0.0.1:4000", "QSLBOX_DCL_URL": "http://127.0.0.1:4002"}
	got := configured(t, b, "# a comment\n\nQSLBOX_LISTEN=127.0.0.1:4001\nQSLBOX_HOST=\"log.example.org,club\"\nQSLBOX_LOTW_URL=http://127.0.0.1:4001\n", "--slow-query", "50ms", "--listen", "127.0.0.1:4002")
	delete(got, "data")
	want := map[string]string{
		"logbook": "main, default", "listen": "127.0.0.1:4002, option", "ttl": "7m0s, environment", "host": "log.example.org,club, file",
		"base-path": ", default", "trusted-proxy": ", default", "tls-cert": ", default", "tls-key": ", default", "backup-dir": ", default",
		"slow-query": "50ms, option", "critical-query": "500ms, default", "lotw-url": "http://127.0.0.1:4001, file", "dcl-url": "http://127.0.0.1:4002, environment",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
}

// TestWrongConfig refuses names and values that nothing could be meant by.
func TestWrongConfig(t *testing.T) {
	for _, c := range []struct{ name, environ, file, says string }{
		{"a slip in the file", "", "QSLBOX_LISTN=x", "line 1: there is no setting QSLBOX_LISTN; did you mean QSLBOX_LISTEN?"},
		{"a slip in the environment", "QSLBOX_TRUSTEDPROXY=::1", "", "environment: there is no setting QSLBOX_TRUSTEDPROXY; did you mean QSLBOX_TRUSTED_PROXY?"},
		{"like none", "QSLBOX_ANTENNA_ROTATOR=1", "", "there is no setting QSLBOX_ANTENNA_ROTATOR; qslbox config shows those there are"},
		{"no setting at all", "", "listen on all", `"listen on all" is not NAME=value`},
		{"a wrong value", "", "QSLBOX_TTL=soon", "QSLBOX_TTL: --ttl: expected duration"},
		{"another program's", "QSLBOX_URL=http://localhost", "QSLBOX_LISTEN=127.0.0.1:1", ""},
		{"not ours", "QSL=x", "PATH=/bin\nQSLBOX_TTL=1m", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := &buffer{}
			env := newBox(t).environment("", out, out)
			env.environ = func() []string { return []string{c.environ} }
			err := run(t.Context(), []string{"--data", t.TempDir(), "config", "--defaults", defaults(t, c.file)}, env)
			switch {
			case c.says == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.says != "" && (exitCode(err) != exitUsage || !strings.Contains(err.Error(), c.says)):
				t.Errorf("exit %d, %v; want %d and %q", exitCode(err), err, exitUsage, c.says)
			}
			if c.says != "" && c.environ != "" {
				if err := run(t.Context(), []string{"--data", t.TempDir(), "serve", "--listen", "127.0.0.1:0"}, env); exitCode(err) != exitUsage {
					t.Errorf("serve: %v", err)
				}
			}
		})
	}
}

// TestCompletion has bash complete a few command lines.
func TestCompletion(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("there is no bash on this machine")
	}
	b := newBox(t)
	script := defaults(t, b.ok("completion", "bash"))
	for line, want := range map[string]string{
		"qslbox ex":            "export",
		"qslbox db ba":         "backup",
		"qslbox sync l":        "lotw",
		"qslbox export --not":  "--not-at",
		"qslbox account set d": "dcl",
		"qslbox stats --da":    "--data",
		"qslbox completion f":  "fish",
	} {
		words := strings.Fields(line)
		program := `. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _qslbox qslbox "${!#}"; echo "${COMPREPLY[*]}"`
		out, err := exec.CommandContext(t.Context(), "bash", append([]string{"-c", program, "bash", script}, words...)...).CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", line, got, err, want)
		}
	}
	for _, shell := range []string{"zsh", "fish"} {
		if text := b.ok("completion", shell); !strings.Contains(text, "completion") || !strings.Contains(text, "not-at") {
			t.Errorf("%s: %.200s", shell, text)
		}
	}
}

// TestManual holds the manual page against the commands there are, and has man
// judge it.
func TestManual(t *testing.T) {
	b := newBox(t)
	page := b.ok("man")
	for _, text := range []string{".SS serve", ".SS db backup <file>", `\-\-max\-sync\-age`, "QSLBOX_TTL", ".SH EXIT STATUS"} {
		if !strings.Contains(page, text) {
			t.Errorf("the manual has no %q", text)
		}
	}
	if _, err := exec.LookPath("man"); err != nil {
		t.Skip("there is no man on this machine")
	}
	out, err := exec.CommandContext(t.Context(), "man", "--warnings", "-l", defaults(t, page)).CombinedOutput()
	if err != nil || strings.Contains(string(out), "warning:") {
		t.Errorf("man: %v\n%s", err, out)
	}
}
