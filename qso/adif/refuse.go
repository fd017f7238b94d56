package adif

import (
	"bytes"
	"fmt"
)

// Kind says what a refused input is.
type Kind string

// The kinds of refused inputs.
const (
	Empty   Kind = "empty"
	HTML    Kind = "html"
	Archive Kind = "archive"
	Binary  Kind = "binary"
	ADX     Kind = "adx"
	NotADIF Kind = "not-adif"
)

// RefusedError says that an input is no ADIF as a whole.
type RefusedError struct{ Kind Kind }

// Error says for a person what the input is and what to do.
func (e *RefusedError) Error() string {
	what := map[Kind]string{
		Empty:   "the file is empty",
		HTML:    "this is a web page (HTML), not a log; perhaps a sign-in page was saved instead of the log",
		Archive: "this is an archive (ZIP or the like); unpack it and import the .adi file inside",
		Binary:  "this is a binary file, not a log in ADIF",
		ADX:     "this is ADX, the XML form of ADIF; export the log as .adi instead",
		NotADIF: "this is not ADIF: the text has no ADIF tag such as <CALL:6>",
	}[e.Kind]
	return fmt.Sprintf("adif: %s: %s", e.Kind, what)
}

const (
	sniffed   = 4096 // how many bytes tell what a file is
	tarMark   = 257  // where "ustar" stands in a tar archive
	utf8Mark  = "\xEF\xBB\xBF"
	utf16Mark = "\xFF\xFE"
	utf16Big  = "\xFE\xFF"
)

// archives and binaries are the first bytes of formats that people hand over
// instead of a log.
var (
	archives = []string{"PK\x03\x04", "PK\x05\x06", "\x1F\x8B", "BZh", "7z\xBC\xAF\x27\x1C", "Rar!\x1A\x07", "\xFD7zXZ\x00", "\x28\xB5\x2F\xFD"}
	binaries = []string{"SQLite format 3\x00", "%PDF-", "\x89PNG", "\xFF\xD8\xFF", "\xD0\xCF\x11\xE0", "\x7FELF", "MZ", utf16Mark, utf16Big}
)

// sniff tells by the first bytes that an input cannot be ADIF; "" if it may be.
func sniff(b []byte) Kind {
	if hasPrefix(b, archives) || len(b) > tarMark+5 && string(b[tarMark:tarMark+5]) == "ustar" {
		return Archive
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(b, []byte(utf8Mark)), " \t\r\n")
	low := bytes.ToLower(text)
	switch {
	case len(text) == 0 && len(b) < sniffed:
		return Empty
	case hasPrefix(low, []string{"<!doctype html", "<html", "<head>", "<body"}):
		return HTML
	case hasPrefix(low, []string{"<adx"}), hasPrefix(low, []string{"<?xml"}) && bytes.Contains(low, []byte("<adx")):
		return ADX
	case hasPrefix(low, []string{"<?xml"}) && bytes.Contains(low, []byte("<html")):
		return HTML
	case isBinary(b) && !mayBeADIF(b):
		return Binary
	}
	return ""
}

// kindOfRest says what an input without any record or header is.
func (r *Reader) kindOfRest() Kind {
	if r.binary {
		return Binary
	}
	return NotADIF
}

func hasPrefix(b []byte, prefixes []string) bool {
	for _, p := range prefixes {
		if len(b) >= len(p) && string(b[:len(p)]) == p {
			return true
		}
	}
	return false
}

// isBinary reports whether b has the first bytes of a known binary format, or
// more than one control character in twenty.
func isBinary(b []byte) bool {
	control := 0
	for _, c := range b {
		if c < ' ' && !isBlank(c) && c != 0x1A && c != 0x1B {
			control++
		}
	}
	return hasPrefix(b, binaries) || control > len(b)/20
}

// mayBeADIF reports whether b has a tag with a length, EOH or EOR.
func mayBeADIF(b []byte) bool {
	for at := 0; ; {
		i := bytes.IndexByte(b[at:], '<')
		if i < 0 {
			return false
		}
		at += i
		if t, _ := parseTag(b[at:]); t.end > 0 && (t.length >= 0 || isName(t.name, "EOH") || isName(t.name, "EOR")) {
			return true
		}
		at++
	}
}
