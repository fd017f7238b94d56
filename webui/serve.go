package webui

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/julienschmidt/httprouter"

	"qslbox/monitor"
	"qslbox/qso"
	"qslbox/webui/access"
)

// writer notes whether an answer has begun, and how.
type writer struct {
	http.ResponseWriter
	full   bool // the request came in with full rights
	status int  // 0 while nothing was sent
}

// Unwrap lets http.ResponseController reach the connection.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader notes the status and sends the header.
func (w *writer) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write sends a piece of the body.
func (w *writer) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// serve carries one request through: who asks, may he, limits, the handler,
// and an answer whatever happens.
func (r *routes) serve(w *writer, req *http.Request, params httprouter.Params, route *route, op *monitor.Op) {
	c := &call{Server: r.s, w: w, r: req, params: params, route: route}
	timer := op.Start()
	defer func() {
		if v := recover(); v != nil {
			if v == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so
				timer.Stop(http.ErrAbortHandler)
				panic(v)
			}
			r.s.Log.Error("a request panicked", "route", op.Name(), "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			timer.StopDetail(errPanic, req.URL.Path)
			if w.status != 0 {
				panic(http.ErrAbortHandler) // half an answer must not look whole
			}
			c.fail(errPanic)
		}
	}()
	err := r.answer(c)
	if err != nil {
		c.fail(err)
	}
	if w.status < http.StatusInternalServerError {
		err = nil // refusing is no failure of the route
	} else if err == nil {
		err = errStatus
	}
	timer.StopDetail(err, req.URL.Path)
}

// answer runs the handler of a call that may be answered.
func (r *routes) answer(c *call) error {
	full := c.w.(*writer).full
	if !full && unsafeMethod(c.r.Method) {
		if err := r.origin.Check(c.r); err != nil {
			return errOrigin
		}
	}
	if err := c.identify(full); err != nil {
		return err
	}
	if err := c.allowKey(); err != nil {
		return err
	}
	if c.r.URL.RawQuery != "" {
		c.query = c.r.URL.Query()
	}
	if err := c.admit(); err != nil {
		return err
	}
	c.limit()
	c.rememberLogbook()
	if c.route.heavy == "" || c.r.Method == http.MethodHead {
		return c.route.handler(c)
	}
	leave, err := c.heavy.enter(c.ctx(), c.route.heavy+" "+c.name, full)
	if err != nil {
		return err
	}
	defer leave()
	return c.route.handler(c)
}

func unsafeMethod(method string) bool {
	return method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions
}

// admit chooses the logbook and decides whether the caller may do what the
// route does. A logbook that the caller has no part in is answered like one
// that does not exist.
func (c *call) admit() error {
	if c.route.perLogbook {
		c.name = c.chosenLogbook()
		if c.id.SignedIn() && c.route.needs != 0 && !c.id.May(c.route.needs, c.name) &&
			!c.id.May(access.Read, c.name) && !c.id.May(access.Write, c.name) {
			return qso.ErrNoLogbook
		}
		if !c.id.SignedIn() && !c.route.public && c.route.needs != 0 {
			return errSignIn // before anybody learns which logbooks there are
		}
		var err error
		if c.book, err = c.Books.Logbook(c.name); err != nil {
			if !c.id.SignedIn() {
				return errSignIn
			}
			return err
		}
	}
	whole := c.route.needs == access.Admin && !c.route.perLogbook
	switch {
	case whole && c.id.Kind == access.ByKey:
		return errWhole
	case c.route.needs == 0, c.id.May(c.route.needs, c.name):
		return nil
	case c.route.public && c.book != nil && c.book.Settings().Public:
		return nil
	case !c.id.SignedIn():
		return errSignIn
	}
	return &scopeError{c.route.needs}
}

// chosenLogbook returns the name of the logbook a call is about: the one
// asked for, the key's, the user's last, else main.
func (c *call) chosenLogbook() string {
	if name := c.query.Get("logbook"); name != "" {
		return name
	}
	if last := c.lastLogbook(); last != "" && c.r.URL.Path == "/" {
		return last
	}
	return c.id.Logbook()
}

// logbookCookie holds the logbook that a user looked at last. It decides where
// the first page leads, and nothing else: the links of a page keep to the
// page's own logbook, whatever happens in another tab.
const logbookCookie = "qslbox_logbook"

// lastLogbook returns the logbook a user looked at last, if it can still be
// read.
func (c *call) lastLogbook() string {
	if c.id.Kind != access.BySession {
		return ""
	}
	cookie, err := c.r.Cookie(logbookCookie)
	if err != nil || !c.id.May(access.Read, cookie.Value) {
		return ""
	}
	if _, err := c.Books.Logbook(cookie.Value); err != nil {
		return ""
	}
	return cookie.Value
}

// rememberLogbook notes the logbook of a page that is shown.
func (c *call) rememberLogbook() {
	if !c.route.page || !c.route.perLogbook || c.r.Method != http.MethodGet || c.id.Kind != access.BySession {
		return
	}
	last := c.lastLogbook()
	if last == c.name || last == "" && c.name == c.id.Logbook() {
		return
	}
	http.SetCookie(c.w, &http.Cookie{
		Name: logbookCookie, Value: c.name, Path: "/", HttpOnly: true, Secure: c.secure(), SameSite: http.SameSiteLaxMode, MaxAge: 365 * 24 * 3600,
	})
}

// limit sets the limits of the route on body and time; handler has set the one
// on the answer.
func (c *call) limit() {
	control := http.NewResponseController(c.w)
	deadline := func(d time.Duration) time.Time { return c.Now().Add(d) }
	if c.r.Body != nil && c.r.Body != http.NoBody {
		size := c.route.body
		if size == 0 {
			size = defaultBody
		}
		if size > 0 {
			c.r.Body = http.MaxBytesReader(c.w, c.r.Body, size)
		}
		c.r.Body = brokenBody{c.r.Body}
		_ = control.SetReadDeadline(deadline(requestLimit))
		if c.route.stream {
			c.r.Body = &pieceReader{ReadCloser: c.r.Body, limit: func(d time.Duration) {
				at := time.Time{}
				if d > 0 {
					at = deadline(d)
				}
				_ = control.SetReadDeadline(at)
			}}
		}
	}
	if c.route.stream {
		c.w = &pieceWriter{ResponseWriter: c.w, before: func() { _ = control.SetWriteDeadline(deadline(pieceLimit)) }}
	}
}

// brokenBody marks errors of the connection, so that they are not taken for
// ours.
type brokenBody struct{ io.ReadCloser }

// Read reads on.
func (b brokenBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	var large *http.MaxBytesError
	if err != nil && !errors.Is(err, io.EOF) && !errors.As(err, &large) {
		err = &bodyError{err}
	}
	return n, err
}

// bodyError says that the body of a request did not arrive as a whole.
type bodyError struct{ err error }

// Error says so.
func (e *bodyError) Error() string {
	return "the request broke off or is no proper HTTP; send it again"
}

// Unwrap returns what the connection said.
func (e *bodyError) Unwrap() error { return e.err }

// pieceReader gives each piece of a long body a time limit of its own. At its
// end the limit goes: the work on what was read may take longer.
type pieceReader struct {
	io.ReadCloser
	limit func(time.Duration) // for reading from the connection; 0 = none
}

// Read reads one piece.
func (r *pieceReader) Read(b []byte) (int, error) {
	r.limit(pieceLimit)
	n, err := r.ReadCloser.Read(b)
	if err != nil {
		r.limit(0)
	}
	return n, err
}

// pieceWriter gives each piece of a long answer a time limit of its own.
type pieceWriter struct {
	http.ResponseWriter
	before func()
}

// Unwrap lets http.ResponseController reach the connection.
func (w *pieceWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Write writes one piece.
func (w *pieceWriter) Write(b []byte) (int, error) {
	w.before()
	return w.ResponseWriter.Write(b)
}

// WriteHeader sends the header.
func (w *pieceWriter) WriteHeader(status int) {
	w.before()
	w.ResponseWriter.WriteHeader(status)
}

// mayRead reports whether the caller may read a logbook, for what is found by
// an id and not by the logbook's name.
func (c *call) mayRead(logbook string) bool { return c.id.May(access.Read, logbook) }
