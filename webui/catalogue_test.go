package webui_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"qslbox/webui/words"
)

// TestCatalogueUse holds the catalogue and the pages together: every text that
// a page asks for is there, and every text there is asked for.
func TestCatalogueUse(t *testing.T) {
	keys := words.For(words.English).Keys()
	used := map[string]bool{}
	var prefixes []string
	whole := regexp.MustCompile(`[.](?:T|C|Text|Count) "([a-z][\w.\-]*)"|[.](?:T|C|Text|Count)\("([a-z][\w.\-]*)"`)
	begun := regexp.MustCompile(`print "([a-z_]+\.(?:[a-z_]+\.)*)"|"([a-z_]+\.(?:[a-z_]+\.)*(?:[a-z]+_)?)" ?\+`)
	for _, pattern := range []string{"templates/*.html", "page*.go", "words/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range whole.FindAllStringSubmatch(string(data), -1) {
				used[m[1]+m[2]] = true
			}
			for _, m := range begun.FindAllStringSubmatch(string(data), -1) {
				prefixes = append(prefixes, m[1]+m[2])
			}
		}
	}
	for key := range used {
		if keys[key] == "" && keys[key+".one"] == "" && !strings.HasSuffix(key, ".") && !strings.HasSuffix(key, "_") && !strings.HasPrefix(key, "no.such") {
			t.Errorf("a page asks for %q, which is not in the catalogue", key)
		}
	}
	for key := range keys {
		base := strings.TrimSuffix(strings.TrimSuffix(key, ".one"), ".other")
		known := used[key] || used[base]
		for _, p := range prefixes {
			known = known || strings.HasPrefix(key, p)
		}
		if !known {
			t.Errorf("no page asks for %q", key)
		}
	}
}
