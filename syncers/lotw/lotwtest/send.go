package lotwtest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"time"
)

// send writes the answer with whatever the fault does to it. It calls end
// before the client can know that the answer is whole.
func send(conn net.Conn, gone <-chan struct{}, fault Fault, a answer, end func()) error {
	w := bufio.NewWriter(conn)
	status := a.status
	if status == 0 {
		status = http.StatusOK
	}
	fmt.Fprintf(w, "HTTP/1.1 %d %s\r\nServer: Apache\r\nContent-Type: %s\r\nConnection: close\r\n", status, http.StatusText(status), a.kind)
	for name, values := range fault.Header {
		fmt.Fprintf(w, "%s: %s\r\n", name, strings.Join(values, ", "))
	}
	body := a.body
	if fault.Empty {
		body = text("")
	}
	if fault.Latin1 || fault.Garble != 0 || fault.Gzip || fault.CutAt < 0 || fault.Framing == ByLength {
		var buf bytes.Buffer
		if err := body(&buf); err != nil {
			return err
		}
		body = transformed(buf.Bytes(), w, &fault)
	}
	if fault.Framing == Chunked && !fault.Empty {
		fmt.Fprint(w, "Transfer-Encoding: chunked\r\n")
	}
	fmt.Fprint(w, "\r\n")
	var out io.Writer = w
	if fault.Framing == Chunked && !fault.Empty {
		out = chunks{w}
	}
	err := body(&faulty{gone: gone, out: out, flush: w.Flush, fault: fault})
	end()
	if err == nil && fault.Framing == Chunked && !fault.Empty {
		fmt.Fprint(w, "0\r\n\r\n")
	}
	return errors.Join(err, w.Flush())
}

// transformed makes a body of bytes that were changed as a whole, and writes
// the headers that go with it.
func transformed(b []byte, w io.Writer, fault *Fault) func(io.Writer) error {
	if fault.Latin1 {
		b = toLatin1(b)
	}
	if fault.Garble != 0 {
		b = garble(b, fault.Garble)
	}
	if fault.Gzip {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = z.Write(b)
		_ = z.Close()
		b = packed.Bytes()
		fmt.Fprint(w, "Content-Encoding: gzip\r\n")
	}
	if fault.CutAt < 0 {
		fault.CutAt = max(1, len(b)+fault.CutAt)
	}
	if fault.Framing == ByLength {
		fmt.Fprintf(w, "Content-Length: %d\r\n", max(0, len(b)+fault.LengthOff))
	}
	return text(string(b))
}

func toLatin1(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for _, r := range string(b) {
		if r > 255 {
			r = '?'
		}
		out = append(out, byte(r))
	}
	return out
}

// garble flips bits behind the first line.
func garble(b []byte, seed uint64) []byte {
	b = bytes.Clone(b)
	r := rand.New(rand.NewPCG(seed, 1))
	from := bytes.IndexByte(b, '\n') + 1
	for range 1 + len(b)/200 {
		if at := from + r.IntN(len(b)-from); at < len(b) {
			b[at] ^= 1 << r.IntN(8)
		}
	}
	return b
}

// chunks writes each piece as one chunk.
type chunks struct{ w io.Writer }

func (c chunks) Write(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if _, err := fmt.Fprintf(c.w, "%x\r\n%s\r\n", len(b), b); err != nil {
		return 0, err
	}
	return len(b), nil
}

// errCut ends an answer early.
var errCut = errors.New("cut")

// faulty writes a body with a cut or a stall in it.
type faulty struct {
	gone  <-chan struct{}
	out   io.Writer
	flush func() error
	fault Fault
	sent  int
}

func (f *faulty) Write(b []byte) (int, error) {
	n := len(b)
	if at := f.fault.StallAt; f.fault.StallFor > 0 && f.sent+len(b) > at {
		head := b[:max(0, at-f.sent)]
		if err := f.put(head); err != nil {
			return 0, err
		}
		b = b[len(head):]
		if err := f.flush(); err != nil || !wait(f.gone, f.fault.StallFor) {
			return 0, errCut
		}
		f.fault.StallFor = 0
	}
	if at := f.fault.CutAt; at > 0 && f.sent+len(b) >= at {
		_ = f.put(b[:max(0, at-f.sent)])
		return 0, errCut
	}
	return n, f.put(b)
}

func (f *faulty) put(b []byte) error {
	n, err := f.out.Write(b)
	f.sent += n
	return err
}

// wait sleeps and reports whether the time passed before the client left.
func wait(gone <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-gone:
		return false
	}
}
