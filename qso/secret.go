package qso

import (
	"fmt"
	"log/slog"
)

const hidden = "***"

// Secret is a password or key. However it is printed, logged or encoded, it
// shows as three stars; only Reveal gives the text.
type Secret struct{ text string }

// NewSecret hides a text.
func NewSecret(text string) Secret { return Secret{text} }

// Reveal returns the text itself, for the one place that must send it.
func (s Secret) Reveal() string { return s.text }

// Empty reports whether there is no secret.
func (s Secret) Empty() bool { return s.text == "" }

// String returns stars.
func (s Secret) String() string { return hidden }

// GoString returns stars.
func (s Secret) GoString() string { return hidden }

// Format writes stars, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// MarshalText returns stars; JSON uses it too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue returns stars.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }
