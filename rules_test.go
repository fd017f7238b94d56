package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// document returns a text of the project.
func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// alertRules are the rules that docs/monitoring.md offers for Prometheus.
func alertRules(t *testing.T) string {
	t.Helper()
	_, rules, found := strings.Cut(document(t, "docs/monitoring.md"), "Rules to begin with:\n\n")
	if !found {
		t.Fatal("docs/monitoring.md has no rules")
	}
	rules, _, _ = strings.Cut(rules, "\n## ")
	return regexp.MustCompile(`(?m)^    `).ReplaceAllString(rules, "")
}

// TestAlertRules has Prometheus's own tool judge the rules.
func TestAlertRules(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not on this machine (apt install prometheus)")
	}
	file := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(file, []byte(alertRules(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), promtool, "check", "rules", file).CombinedOutput(); err != nil || !strings.Contains(string(out), "8 rules found") {
		t.Errorf("promtool check rules: %v\n%s", err, out)
	}
}

// TestMetricsInDocs finds each metric that the documents name among those of
// the program.
func TestMetricsInDocs(t *testing.T) {
	b := newBox(t)
	b.ok("import", b.sample(10))
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte("not a real one\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.ok("account", "set", "lotw", "--login", "DL1ABC", "--password-file", secret)
	address, _ := b.serve()
	_, page := get(t, address+"/metrics", "")
	named := regexp.MustCompile("`?(qslbox_[a-z_]+)|`(_[a-z_]+)`")
	n := 0
	for _, m := range named.FindAllStringSubmatch(document(t, "docs/monitoring.md"), -1) {
		names := []string{m[1]}
		if m[2] != "" { // `_misses_total` after `qslbox_cache_hits_total`
			names = []string{"qslbox_cache" + m[2], "qslbox_store" + m[2]}
		}
		found := false
		for _, name := range names {
			name = strings.TrimSuffix(name, "_bucket")
			found = found || strings.Contains(page, "# TYPE "+name+" ") || name == "qslbox_operation_regression_factor"
		}
		if n++; !found {
			t.Errorf("docs/monitoring.md names %v, which /metrics does not have", names)
		}
	}
	if n < 20 {
		t.Errorf("docs/monitoring.md names %d metrics, want 20 at least", n)
	}
}
