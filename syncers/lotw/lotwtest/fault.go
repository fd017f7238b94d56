package lotwtest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// Framing is how the end of an answer's body is told.
type Framing uint8

// The framings.
const (
	Chunked Framing = iota // chunked transfer: a cut shows
	ByClose                // neither length nor chunks: a cut looks like the end
	ByLength
)

// Fault is one way to misbehave, as knobs. The zero value is none. The numbers
// in comments are the faults of RELIABILITY.md section (ii).
type Fault struct {
	Name string // for failure texts of tests

	Status int         // instead of 200
	Header http.Header // added to the answer's
	Page   string      // body instead of a report, as HTML
	Empty  bool        // no body at all (F13)
	Refuse bool        // close the connection without an answer (F5)

	Delay    time.Duration // before the answer
	StallAt  int           // after so many bytes of the body ... (F8)
	StallFor time.Duration // ... nothing comes for so long; the client may leave

	Framing   Framing
	CutAt     int // the body ends after so many bytes, the connection closes (F10); negative: so many before its end
	CutAfter  int // the body ends after so many records (F11)
	LengthOff int // Content-Length is wrong by so much; needs ByLength (F12)
	Gzip      bool

	Latin1 bool // texts in ISO-8859-1 (F22)
	LF     bool // lines end in LF
	Garble uint64
	// seed != 0: bytes of the body are flipped, the first line stays

	NoEnd        bool   // no end mark (F15)
	CountOff     int    // NUMREC is wrong by so much (F11)
	Last         string // LASTQSL or LASTQSORX says this (F33, F35)
	NoLast       bool   // ... is missing (F14)
	DefaultSince bool   // the header claims a system supplied default
	Unconfirmed  bool   // confirmations say QSL_RCVD N (F46)
	Twice        bool   // each record comes twice (F26)
	Extra        string // raw records behind the others (F21-F25, F45)
	Endless      bool   // records without end (F20)
	Tiny         int    // only the newest so many records, as if nothing else were there
}

func page(title, body string) string {
	return "<!DOCTYPE HTML>\r\n<html><head><title>" + title + "</title></head>\r\n<body>\r\n" + body + "\r\n</body></html>\r\n"
}

// WrongPassword is LoTW's page for a wrong login or password: HTTP 200 (F1).
func WrongPassword() Fault {
	return Fault{Name: "wrong password", Page: page("Logbook of the World", "<h3>Logon</h3>\r\n<p><I>Username/password incorrect</I></p>")}
}

// RequestLimit is LoTW's page for too many requests: HTTP 200 (F4).
func RequestLimit() Fault {
	return Fault{Name: "request limit", Page: page("Logbook of the World", "<B>Page Request Limit!</B>")}
}

// Maintenance is a page that says the system is offline: HTTP 200 (F16).
func Maintenance() Fault {
	return Fault{Name: "maintenance", Page: page("LoTW", "<h1>The system is temporarily offline for maintenance</h1>")}
}

// CaptivePortal is the sign-in page of a foreign network (F16).
func CaptivePortal() Fault {
	return Fault{Name: "captive portal", Page: page("Guest network", "<p>Please accept the terms.</p><EOH>")}
}

// Status answers with a bare status (F6, F7); retryAfter in seconds is sent if
// it is not zero.
func Status(code, retryAfter int) Fault {
	f := Fault{Name: fmt.Sprintf("status %d", code), Status: code, Page: page("Error", http.StatusText(code)), Header: http.Header{}}
	if retryAfter > 0 {
		f.Header.Set("Retry-After", fmt.Sprint(retryAfter))
	}
	return f
}

// Redirect sends the client elsewhere (F41).
func Redirect(to string) Fault {
	return Fault{Name: "redirect", Status: http.StatusFound, Header: http.Header{"Location": {to}}, Empty: true}
}

// Empty is HTTP 200 without a body (F13).
func Empty() Fault { return Fault{Name: "empty", Empty: true, Framing: ByLength} }

// Refuse closes the connection without an answer (F5).
func Refuse() Fault { return Fault{Name: "refused", Refuse: true} }

// Stall sends n bytes and then nothing for d (F8).
func Stall(n int, d time.Duration) Fault {
	return Fault{Name: "stall", StallAt: n, StallFor: d}
}

// Cut ends the body after n bytes and closes the connection; it looks like the
// end of the answer (F10). Negative n counts from the end.
func Cut(n int) Fault { return Fault{Name: fmt.Sprintf("cut at %d", n), CutAt: n, Framing: ByClose} }

// CutChunk cuts a chunked body after n bytes (F12).
func CutChunk(n int) Fault {
	return Fault{Name: fmt.Sprintf("chunk cut at %d", n), CutAt: n, Framing: Chunked}
}

// CutAfter ends the body exactly between two records (F11).
func CutAfter(records int) Fault {
	return Fault{Name: fmt.Sprintf("cut after %d records", records), CutAfter: records, Framing: ByClose}
}

// WrongLength says a Content-Length that is wrong by n bytes (F12).
func WrongLength(n int) Fault {
	return Fault{Name: fmt.Sprintf("length off by %d", n), Framing: ByLength, LengthOff: n}
}

// BadRecords adds records that no log can take: impossible dates, wrong
// lengths, no call, hostile texts (F21 to F25, F45).
func BadRecords() Fault {
	var b strings.Builder
	for _, text := range []string{
		"<CALL:5>F5AAA<BAND:3>20M<MODE:2>CW<QSO_DATE:8>20250230<TIME_ON:6>101500<QSL_RCVD:1>Y",
		"<CALL:5>F5AAB<BAND:3>20M<MODE:2>CW<QSO_DATE:8>00000000<TIME_ON:6>101500<QSL_RCVD:1>Y",
		"<BAND:3>20M<MODE:2>CW<QSO_DATE:8>20250203<TIME_ON:6>101500<QSL_RCVD:1>Y",
		"<CALL:5>F5AAC<BAND:3>20M<MODE:2>CW<QSO_DATE:8>20250203<TIME_ON:6>996100<QSL_RCVD:1>Y",
		"<CALL:5>F5AAD<NAME:99999999>x<BAND:3>20M<MODE:2>CW<QSO_DATE:8>20250203<TIME_ON:6>101500",
		"<CALL:5>F5AAE<RST_RCVD:-16>-05<MODE:2>CW<QSO_DATE:8>20250203<TIME_ON:6>101500<QSL_RCVD:1>Y",
	} {
		b.WriteString(text + "\r\n<eor>\r\n\r\n")
	}
	return Fault{Name: "bad records", Extra: b.String()}
}

// Any returns one of the faults that a report can suffer, chosen by the
// random numbers.
func Any(r *rand.Rand) Fault {
	faults := []func() Fault{
		WrongPassword, RequestLimit, Maintenance, CaptivePortal, Empty, Refuse,
		func() Fault { return Status([]int{400, 403, 404, 405, 429, 500, 502, 503}[r.IntN(8)], r.IntN(2)*600) },
		func() Fault { return Redirect("http://198.51.100.7/elsewhere") },
		func() Fault { return Cut(1 + r.IntN(4000)) },
		func() Fault { return Cut(-1 - r.IntN(400)) },
		func() Fault { return CutChunk(1 + r.IntN(4000)) },
		func() Fault { return CutAfter(1 + r.IntN(6)) },
		func() Fault { return WrongLength(1 + r.IntN(3000)) },
		func() Fault { return WrongLength(-1 - r.IntN(1500)) },
		func() Fault { return Fault{Name: "no end mark", NoEnd: true} },
		func() Fault { return Fault{Name: "count off", CountOff: 1 + r.IntN(5)} },
		func() Fault { return Fault{Name: "twice", Twice: true} },
		func() Fault { return Fault{Name: "last in the future", Last: "2099-01-01 00:00:00"} },
		func() Fault { return Fault{Name: "last long ago", Last: "1990-01-01 00:00:00"} },
		func() Fault { return Fault{Name: "no last", NoLast: true} },
		func() Fault { return Fault{Name: "default since", DefaultSince: true, Tiny: 1} },
		func() Fault { return Fault{Name: "LF only", LF: true} },
		func() Fault { return Fault{Name: "gzip", Gzip: true} },
	}
	return faults[r.IntN(len(faults))]()
}
