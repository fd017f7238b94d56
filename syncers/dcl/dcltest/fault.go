package dcltest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"time"
)

// Fault is one way to misbehave, as knobs; the zero value is none. They are
// the faults F5 to F13, F16, F20 to F24, F41 and F43 of RELIABILITY.md.
type Fault struct {
	Name string

	Status int
	Header http.Header
	Body   string // instead of an export
	Empty  bool
	Refuse bool // close the connection without an answer

	Delay     time.Duration
	StallAt   int // after so many bytes ...
	StallFor  time.Duration
	CutAt     int    // the body ends after so many bytes, the connection closes
	LengthOff int    // Content-Length is wrong by so much
	CutRecord int    // the ADIF text breaks off inside the record behind so many
	Extra     string // ADIF text behind the records
	Members   string // more JSON behind the adif member, such as `, "next": null`
}

// BadKey is the answer to an unknown or revoked key.
func BadKey(status int) Fault {
	return Fault{Name: fmt.Sprintf("key refused with %d", status), Status: status, Body: `{"status":"error","message":"invalid key"}`}
}

// Status answers with a bare status; retryAfter in seconds is sent if it is
// not zero.
func Status(code, retryAfter int) Fault {
	f := Fault{Name: fmt.Sprintf("status %d", code), Status: code, Body: `{"status":"error"}`}
	if retryAfter > 0 {
		f.Header = http.Header{"Retry-After": {fmt.Sprint(retryAfter)}}
	}
	return f
}

// ErrorInside is an error told with HTTP 200.
func ErrorInside() Fault {
	return Fault{Name: "error inside", Body: `{"status":"error","message":"database busy"}`}
}

// HTML is a page instead of JSON.
func HTML() Fault {
	return Fault{Name: "html", Body: "<html><body><h1>Wartungsarbeiten</h1></body></html>"}
}

// Empty is HTTP 200 without a body.
func Empty() Fault { return Fault{Name: "empty", Empty: true} }

// Changed is an answer of an interface that changed: no adif member.
func Changed() Fault { return Fault{Name: "changed", Body: `{"status":"ok","count":0}`} }

// WrongType is an answer whose adif member is no text.
func WrongType() Fault { return Fault{Name: "wrong type", Body: `{"status":"ok","adif":["x"]}`} }

// Null is an answer with nothing new, said as null.
func Null() Fault { return Fault{Name: "null", Body: `{"status":"ok","adif":null}`} }

// Refuse closes the connection without an answer.
func Refuse() Fault { return Fault{Name: "refused", Refuse: true} }

// Cut ends the body after n bytes; the answer has no length, so it looks whole.
func Cut(n int) Fault { return Fault{Name: fmt.Sprintf("cut at %d", n), CutAt: n} }

// CutRecord breaks the ADIF text off inside a record; the JSON is whole.
func CutRecord(after int) Fault {
	return Fault{Name: fmt.Sprintf("ADIF cut after %d", after), CutRecord: after}
}

// WrongLength says a Content-Length that is wrong by n bytes.
func WrongLength(n int) Fault { return Fault{Name: fmt.Sprintf("length off by %d", n), LengthOff: n} }

// Any returns one of the faults, chosen by the random numbers.
func Any(r *rand.Rand) Fault {
	faults := []func() Fault{
		ErrorInside, HTML, Empty, Changed, WrongType, Null, Refuse,
		func() Fault { return BadKey(401 + 2*r.IntN(2)) },
		func() Fault { return Status([]int{400, 404, 429, 500, 503}[r.IntN(5)], 600*r.IntN(2)) },
		func() Fault { return Cut(1 + r.IntN(3000)) },
		func() Fault { return CutRecord(1 + r.IntN(6)) },
		func() Fault { return WrongLength(1 + r.IntN(900)) },
		func() Fault { return WrongLength(-1 - r.IntN(900)) },
		func() Fault { return Fault{Name: "more members", Members: `, "next": null, "took_ms": 812`} },
	}
	return faults[r.IntN(len(faults))]()
}

type answer struct {
	status int
	body   func(io.Writer) error
}

// send writes the answer with whatever the fault does to it.
func send(conn net.Conn, fault Fault, a answer) {
	gone := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, conn) // ends when the client leaves, or with Close
		close(gone)
	}()
	w := bufio.NewWriter(conn)
	status := a.status
	if status == 0 {
		status = http.StatusOK
	}
	fmt.Fprintf(w, "HTTP/1.1 %d %s\r\nServer: nginx\r\nContent-Type: application/json\r\nConnection: close\r\n", status, http.StatusText(status))
	for name, values := range fault.Header {
		fmt.Fprintf(w, "%s: %s\r\n", name, strings.Join(values, ", "))
	}
	body := a.body
	if fault.LengthOff != 0 || fault.Empty {
		var text strings.Builder
		_ = body(&text)
		fmt.Fprintf(w, "Content-Length: %d\r\n", max(0, text.Len()+fault.LengthOff))
		body = func(w io.Writer) error { return write(w, text.String()) }
	}
	fmt.Fprint(w, "\r\n")
	_ = body(&faulty{out: w, fault: fault, gone: gone})
	_ = w.Flush()
}

var errCut = errors.New("cut")

// faulty writes a body with a cut or a stall in it.
type faulty struct {
	out   *bufio.Writer
	gone  <-chan struct{}
	fault Fault
	sent  int
}

func (f *faulty) Write(b []byte) (int, error) {
	if f.fault.StallFor > 0 && f.sent+len(b) > f.fault.StallAt {
		_ = f.out.Flush()
		timer := time.NewTimer(f.fault.StallFor)
		defer timer.Stop()
		select {
		case <-timer.C:
			f.fault.StallFor = 0
		case <-f.gone:
			return 0, errCut
		}
	}
	if at := f.fault.CutAt; at > 0 && f.sent+len(b) >= at {
		_, _ = f.out.Write(b[:max(0, at-f.sent)])
		return 0, errCut
	}
	f.sent += len(b)
	return f.out.Write(b)
}
