package qso_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
)

func ExampleParseCall() {
	call, err := qso.ParseCall(" dl/w1aaa/p ")
	fmt.Println(call, call.Base(), err)
	_, err = qso.ParseCall("HELLO")
	fmt.Println(err)
	// Output:
	// DL/W1AAA/P W1AAA <nil>
	// not a call sign: "HELLO"
}

func TestParseCall(t *testing.T) {
	for name, tt := range map[string]struct {
		in   string
		want qso.Call
		bad  bool
	}{
		"plain":          {"DL1ABC", "DL1ABC", false},
		"lower case":     {"dk9xyz", "DK9XYZ", false},
		"slashed zero":   {"DKØAAA", "DK0AAA", false},
		"blanks inside":  {"DL1 ABC", "DL1ABC", false},
		"portable":       {"dl1abc/p", "DL1ABC/P", false},
		"no digit":       {"ABCDEF", "", true},
		"no letter":      {"12345", "", true},
		"too short":      {"A1", "", true},
		"shortest":       {"B1A", "B1A", false},
		"foreign letter": {"DL1ÄBC", "", true},
		"dash":           {"DL1ABC-7", "", true},
		"empty":          {"", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := qso.ParseCall(tt.in)
			if got != tt.want || errors.Is(err, qso.ErrBadCall) != tt.bad {
				t.Fatalf("ParseCall(%q) = %q, %v", tt.in, got, err)
			}
		})
	}
}

func TestCallParts(t *testing.T) {
	for in, want := range map[qso.Call][3]qso.Call{
		"DL1ABC":        {"", "DL1ABC", ""},
		"DL1ABC/P":      {"", "DL1ABC", "P"},
		"KH6/W1AAA":     {"KH6", "W1AAA", ""},
		"KH6/W1AAA/QRP": {"KH6", "W1AAA", "QRP"},
		"W1AAA/KH6":     {"", "W1AAA", "KH6"},
		"AB1/CD2":       {"", "AB1", "CD2"},
		"/W1AAA/":       {"", "W1AAA", ""},
	} {
		prefix, base, suffix := in.Parts()
		if diff := cmp.Diff(want, [3]qso.Call{prefix, base, suffix}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", in, diff)
		}
	}
}

func FuzzParseCall(f *testing.F) {
	for _, seed := range []string{"DL1ABC", "dl1abc / p", "Ø1A", "///", "ÿ", "1A1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		call, err := qso.ParseCall(text)
		if err != nil {
			return
		}
		again, err := qso.ParseCall(call.String())
		if err != nil || again != call {
			t.Fatalf("%q: %q does not come back: %q, %v", text, call, again, err)
		}
		call.Base()
	})
}
