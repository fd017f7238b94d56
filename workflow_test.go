package main

import (
	"path/filepath"
	"regexp"
	"testing"
)

// TestWorkflows sees that the workflows call make targets that exist, and pin
// what they take from others.
func TestWorkflows(t *testing.T) {
	files, err := filepath.Glob(".github/workflows/*.yml")
	if err != nil || len(files) < 2 {
		t.Fatalf("workflows: %v, %v", files, err)
	}
	makefile := document(t, "Makefile")
	for _, file := range files {
		text := document(t, file)
		targets := regexp.MustCompile(`\bmake ([a-z-]+)`).FindAllStringSubmatch(text, -1)
		if len(targets) == 0 {
			t.Errorf("%s calls no make target", file)
		}
		for _, m := range targets {
			if !regexp.MustCompile(`(?m)^` + m[1] + `:`).MatchString(makefile) {
				t.Errorf("%s calls make %s, which the Makefile does not have", file, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`uses: (\S+)`).FindAllStringSubmatch(text, -1) {
			if !regexp.MustCompile(`@[0-9a-f]{40}$`).MatchString(m[1]) {
				t.Errorf("%s uses %s: pin it by its hash", file, m[1])
			}
		}
	}
}
