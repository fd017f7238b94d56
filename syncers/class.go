package syncers

import (
	"context"
	"errors"
	"strings"
	"time"

	"qslbox/qso"
)

// Class is how a run, or one answer of it, ended.
type Class string

// The classes (DESIGN.md section 9).
const (
	OK        Class = "ok"
	Auth      Class = "auth"      // login, password or key refused
	Rate      Class = "rate"      // too many requests
	Down      Class = "down"      // not reachable, or says it cannot answer
	Truncated Class = "truncated" // the answer stopped before its end
	Protocol  Class = "protocol"  // an answer that cannot be understood
	Local     Class = "local"     // trouble on this side: disk, clock, a change in between
	Busy      Class = "busy"      // the same account is being synced
)

// Error is why a sync could not do its work, in words for the person who reads
// the sync history. Its text never holds a URL, a login, a password or a key.
type Error struct {
	Class   Class
	Code    string // short stable word for the case, such as "wrong-password"
	Message string // a sentence: what happened, and the remedy
	// RetryAfter is how long the service asked to be left alone; zero if it
	// did not say.
	RetryAfter time.Duration
	Status     int // HTTP status, zero if there was none
	// TooLarge says that the answer was too large for one request.
	TooLarge bool
	cause    error
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause, with everything secret taken out; may be nil.
func (e *Error) Unwrap() error { return e.cause }

// Because returns a copy of e that notes err as its cause. Only the text of
// err is kept, with the secrets replaced by stars.
func (e *Error) Because(err error, secrets ...qso.Secret) *Error {
	c := *e
	if err != nil {
		c.cause = errors.New(Scrub(err.Error(), secrets...))
	}
	return &c
}

// EscapeQuery percent-encodes every byte of s but A-Z a-z 0-9 - . _ ~, once:
// a blank becomes %20, a plus %2B.
func EscapeQuery(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '.', c == '_', c == '~':
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}

// AsError returns err as an *Error: as it is if it is one, else as trouble of
// this side. It returns nil for nil.
func AsError(err error) *Error {
	var e *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		return e
	case errors.Is(err, ErrAccountChanged):
		return &Error{Class: Local, Code: "account-changed", Message: "The account was changed while the sync ran, so its result was not used; the next run uses the new settings.", cause: err}
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Class: Down, Code: "deadline", Message: "The sync took longer than it may and was stopped; the next run goes on where the last complete part ended.", cause: err}
	case errors.Is(err, context.Canceled):
		return &Error{Class: Local, Code: "stopped", Message: "The sync was stopped before its end; nothing is lost, the next run repeats it.", cause: err}
	}
	return &Error{Class: Local, Code: "local", Message: "The sync could not store what it fetched: " + err.Error() + ". Look at disk space and the Monitor page; the next run repeats it.", cause: err}
}
