package main

import (
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestServeLine reads command lines by the short way of serve and by the whole
// parser: what the short way takes, it takes alike.
func TestServeLine(t *testing.T) {
	t.Setenv("QSLBOX_TTL", "7m")
	for line, short := range map[string]bool{
		"serve":                          true,
		"--data /x --logbook club serve": true,
		"serve --data=/x --listen :80 --host a,b": true,
		"serve --host a --host b --ttl 1m":        true,
		"serve --trusted-proxy 10.0.0.0/8":        true,
		"serve --base-path /q --slow-query=20ms":  true,
		"--logbook serve stats":                   false,
		"import serve":                            false,
		"serve --help":                            false,
		"serve --ttl soon":                        false,
		"serve --unknown":                         false,
		"serve again":                             false,
		"config --ttl 1m":                         false,
	} {
		env := environment{stdout: io.Discard, stderr: io.Discard}
		var got, want commandLine
		if taken := parseServe(&got, strings.Fields(line), env) != nil; taken != short {
			t.Errorf("%s: by the short way %v, want %v", line, taken, short)
		}
		if !short {
			continue
		}
		parser, err := newParser(&want, env, func(int) {})
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := parse(parser, strings.Fields(line))
		if err != nil || parsed.Command() != "serve" {
			t.Fatalf("%s: %v", line, err)
		}
		if diff := cmp.Diff(serveLine{want.common, want.Serve}, serveLine{got.common, got.Serve}, cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
			t.Errorf("%s (-whole +short):\n%s", line, diff)
		}
	}
}
