package qso

import (
	"errors"
	"fmt"
	"strings"
)

// ErrBadCall says that a text cannot be a call sign.
var ErrBadCall = errors.New("not a call sign")

// Call is a call sign in its one spelling: upper case A-Z, digits and
// slashes, at least three characters with a letter and a digit. The zero
// value means "no call".
type Call string

// ParseCall reads a call sign as people and programs write it: letter case,
// blanks and the slashed zero are folded. It returns ErrBadCall (wrapped, with
// the text) for anything that cannot be a call.
func ParseCall(s string) (Call, error) {
	if callIsClean(s) {
		return Call(s), nil
	}
	folded := foldCall(s)
	if !callIsClean(folded) {
		return "", fmt.Errorf("%w: %q", ErrBadCall, clip(s, 40))
	}
	return Call(folded), nil
}

// callIsClean reports whether s is already the one spelling of a call.
func callIsClean(s string) bool {
	var letter, digit bool
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case 'A' <= c && c <= 'Z':
			letter = true
		case '0' <= c && c <= '9':
			digit = true
		case c != '/':
			return false
		}
	}
	return letter && digit && len(s) >= 3
}

// foldCall upper-cases, drops blanks and turns a slashed zero into a zero.
func foldCall(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\u00a0', '\r', '\n':
			return -1
		case 'Ø', 'ø':
			return '0'
		}
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, s)
}

// String returns the call as written on the air.
func (c Call) String() string { return string(c) }

// Base returns the call without what stands before and after it: its longest
// part between slashes, the first of equals ("DL/W1AAA/P" gives "W1AAA").
func (c Call) Base() Call {
	_, base, _ := c.Parts()
	return base
}

// Parts splits a call at its slashes into what stands before its longest
// part, that part, and what follows it; the outer parts may be empty or hold
// slashes of their own.
func (c Call) Parts() (prefix, base, suffix Call) {
	start, end := 0, 0
	for from := 0; from <= len(c); {
		to := len(c)
		if i := strings.IndexByte(string(c[from:]), '/'); i >= 0 {
			to = from + i
		}
		if to-from > end-start {
			start, end = from, to
		}
		from = to + 1
	}
	return Call(strings.Trim(string(c[:start]), "/")), c[start:end], Call(strings.Trim(string(c[end:]), "/"))
}

// clip shortens s for an error text without cutting a letter in two.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
