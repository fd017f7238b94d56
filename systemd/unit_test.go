package systemd_test

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// read gives a file of this directory.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// run runs a program and gives what it printed.
func run(t *testing.T, env []string, name string, args ...string) (string, error) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// TestUnit holds what the program counts on: ready when it says so, its exit
// codes, its data directory, and room for its memory.
func TestUnit(t *testing.T) {
	values := map[string][]string{}
	for line := range strings.Lines(read(t, "qslbox.service")) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(name, "#") {
			values[name] = append(values[name], value)
		}
	}
	want := map[string][]string{
		"Type": {"notify"}, "NotifyAccess": {"main"}, "ExecStart": {"/usr/bin/qslbox serve"},
		"EnvironmentFile": {"-/etc/default/qslbox"}, "Environment": {"GOMEMLIMIT=256MiB GOTRACEBACK=crash"}, "MemoryMax": {"384M"},
		"Restart": {"on-failure"}, "RestartPreventExitStatus": {"2 3 4"}, "WatchdogSec": {"60"}, "TimeoutStopSec": {"30"},
		"DynamicUser": {"yes"}, "StateDirectory": {"qslbox"}, "StateDirectoryMode": {"0700"}, "UMask": {"0077"},
		"LoadCredential": {"seal.key:qslbox.seal.key"}, "LimitCORE": {"0"}, "CapabilityBoundingSet": {""},
	}
	got := map[string][]string{}
	for name := range want {
		got[name] = values[name]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("qslbox.service (-want +got):\n%s", diff)
	}
	for name, list := range values {
		if len(list) > 1 && name != "SystemCallFilter" {
			t.Errorf("%s is set %d times", name, len(list))
		}
	}
}

// TestUnitInSystemd has systemd itself judge the unit, where there is one.
func TestUnitInSystemd(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("no systemd here")
	}
	program, err := exec.LookPath("true")
	if err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(t.TempDir(), "qslbox.service")
	text := strings.ReplaceAll(read(t, "qslbox.service"), "/usr/bin/qslbox", program)
	if err := os.WriteFile(unit, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := run(t, nil, "systemd-analyze", "--man=no", "verify", unit); err != nil || strings.Contains(out, "qslbox") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	out, err := run(t, nil, "systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=15", unit)
	if err != nil {
		t.Errorf("the service is exposed more than 1.5: %v\n%s", err, out)
	}
}

// TestDefaults compares the settings in the file with those of the program.
func TestDefaults(t *testing.T) {
	sources, err := filepath.Glob("../*.go")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	name := regexp.MustCompile(`"(QSLBOX_(?:[A-Z]+_)*[A-Z]+)"`)
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		for _, found := range name.FindAllStringSubmatch(read(t, source), -1) {
			known[found[1]] = true
		}
	}
	offered := map[string]bool{}
	setting := regexp.MustCompile(`^#(QSLBOX_[A-Z_]+)=\S+$`)
	for line := range strings.Lines(read(t, "qslbox.default")) {
		line = strings.TrimRight(line, "\n")
		if found := setting.FindStringSubmatch(line); found != nil {
			offered[found[1]] = true
		} else if line != "" && line != "#" && !strings.HasPrefix(line, "# ") {
			t.Errorf("%q is neither a comment nor a setting that is commented out", line)
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(known)), slices.Sorted(maps.Keys(offered))); diff != "" {
		t.Errorf("qslbox.default has other settings than the program (-program +file):\n%s", diff)
	}
}

// TestPackage sees that what the package is made of exists, and that its
// scripts are ones.
func TestPackage(t *testing.T) {
	recipe := read(t, "nfpm.yaml")
	source := regexp.MustCompile(`(?m)^ +(?:- src|preinstall|postinstall|preremove|postremove): (\S+)$`)
	found := source.FindAllStringSubmatch(recipe, -1)
	if len(found) < 9 {
		t.Errorf("%d files in the recipe, want 9 at least", len(found))
	}
	for _, f := range found {
		if strings.HasPrefix(f[1], "bin/") {
			continue // made by make cross
		}
		if files, err := filepath.Glob(filepath.Join("..", f[1])); err != nil || len(files) == 0 {
			t.Errorf("%s: no such file", f[1])
		}
	}
	scripts, err := filepath.Glob("deb/*")
	if err != nil || len(scripts) != 4 {
		t.Fatalf("scripts %v, %v; want 4", scripts, err)
	}
	for _, script := range scripts {
		if out, err := run(t, nil, "sh", "-n", script); err != nil {
			t.Errorf("%s: %v\n%s", script, err, out)
		}
		if info, err := os.Stat(script); err != nil || info.Mode().Perm()&0o111 == 0 {
			t.Errorf("%s is not executable: %v", script, err)
		}
	}
}
