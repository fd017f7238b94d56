package webui

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/stats"
	"qslbox/stats/awards"
	"qslbox/syncers"
	"qslbox/webui/access"
)

// ErrorEntry says how an error is answered.
type ErrorEntry struct {
	Status int
	Code   string // short stable word for programs
}

// errorTable is the one place that maps errors to a status and a code; Config
// adds the errors of the database. The first that matches counts.
var errorTable = []struct {
	err error
	ErrorEntry
}{
	{qso.ErrNoQSO, ErrorEntry{http.StatusNotFound, "no_qso"}},
	{qso.ErrNoEdit, ErrorEntry{http.StatusNotFound, "no_edit"}},
	{qso.ErrNoLogbook, ErrorEntry{http.StatusNotFound, "no_logbook"}},
	{qso.ErrLogbookExists, ErrorEntry{http.StatusConflict, "exists"}},
	{qso.ErrLogbookName, ErrorEntry{http.StatusBadRequest, "invalid"}},
	{qso.ErrStale, ErrorEntry{http.StatusPreconditionFailed, "stale"}},
	{qso.ErrDuplicate, ErrorEntry{http.StatusConflict, "duplicate"}},
	{qso.ErrBadJSON, ErrorEntry{http.StatusBadRequest, "invalid"}},
	{qso.ErrBadCall, ErrorEntry{http.StatusBadRequest, "invalid"}},
	{qso.ErrBadGrid, ErrorEntry{http.StatusBadRequest, "invalid"}},
	{qso.ErrBadSource, ErrorEntry{http.StatusBadRequest, "invalid"}},

	{columns.ErrBadFilter, ErrorEntry{http.StatusBadRequest, "bad_filter"}},
	{columns.ErrBadCursor, ErrorEntry{http.StatusBadRequest, "bad_cursor"}},
	{columns.ErrBadSort, ErrorEntry{http.StatusBadRequest, "bad_sort"}},
	{stats.ErrUnknown, ErrorEntry{http.StatusNotFound, "not_found"}},
	{stats.ErrClosed, ErrorEntry{http.StatusServiceUnavailable, "closing"}},
	{awards.ErrDefinition, ErrorEntry{http.StatusBadRequest, "invalid"}},

	{syncers.ErrNoAccount, ErrorEntry{http.StatusNotFound, "no_account"}},
	{syncers.ErrAccountChanged, ErrorEntry{http.StatusConflict, "changed"}},
	{syncers.ErrUnknownJob, ErrorEntry{http.StatusNotFound, "no_account"}},
	{syncers.ErrStopped, ErrorEntry{http.StatusServiceUnavailable, "closing"}},

	{access.ErrDenied, ErrorEntry{http.StatusUnauthorized, "denied"}},
	{access.ErrTooMany, ErrorEntry{http.StatusTooManyRequests, "too_many"}},
	{access.ErrNotFound, ErrorEntry{http.StatusNotFound, "not_found"}},
	{access.ErrExists, ErrorEntry{http.StatusConflict, "exists"}},
	{access.ErrPassword, ErrorEntry{http.StatusBadRequest, "weak_password"}},
	{access.ErrCode, ErrorEntry{http.StatusForbidden, "bad_code"}},
	{access.ErrLink, ErrorEntry{http.StatusForbidden, "bad_link"}},
	{access.ErrLastAdmin, ErrorEntry{http.StatusConflict, "last_admin"}},
	{access.ErrInvalid, ErrorEntry{http.StatusBadRequest, "invalid"}},

	{errSignIn, ErrorEntry{http.StatusUnauthorized, "sign_in"}},
	{errProve, ErrorEntry{http.StatusForbidden, "prove"}},
	{errWhole, ErrorEntry{http.StatusForbidden, "forbidden"}},
	{errOrigin, ErrorEntry{http.StatusForbidden, "cross_origin"}},
	{errHost, ErrorEntry{http.StatusMisdirectedRequest, "unknown_host"}},
	{errNoRoute, ErrorEntry{http.StatusNotFound, "not_found"}},

	{context.DeadlineExceeded, ErrorEntry{http.StatusServiceUnavailable, "timeout"}},
	{context.Canceled, ErrorEntry{statusClientGone, "gone"}},
	{io.ErrUnexpectedEOF, ErrorEntry{http.StatusBadRequest, "incomplete"}},
}

// statusClientGone is answered to nobody: the client has gone.
const statusClientGone = 499

var (
	errSignIn  = errors.New("sign in, or send an API key with the header Authorization: Bearer")
	errOrigin  = errors.New("this request comes from a page of another site and was refused")
	errHost    = errors.New("qslbox does not know itself by this host name; start it with --host NAME to allow it")
	errWhole   = errors.New("this concerns the whole appliance, not one logbook: an API key may not do it")
	errProve   = errors.New("a backup holds everything: take it on the settings page, with your password, or by the command qslbox db backup")
	errNoRoute = errors.New("there is nothing at this address")
	errPanic   = errors.New("a fault in the program; its log says more")
	errStatus  = errors.New("answered with a status of 500 or above")
)

// problem is an error that says itself how it is answered.
type problem struct {
	ErrorEntry
	message string
	data    map[string]any // further members of the answer's JSON, beside "error"
}

// Error returns the message.
func (p *problem) Error() string { return p.message }

// invalid says that a value of the request is not possible. The text names it
// and the remedy.
func invalid(format string, args ...any) error {
	return &problem{ErrorEntry: ErrorEntry{http.StatusBadRequest, "invalid"}, message: fmt.Sprintf(format, args...)}
}

// missing says that there is no such thing.
func missing(format string, args ...any) error {
	return &problem{ErrorEntry: ErrorEntry{http.StatusNotFound, "not_found"}, message: fmt.Sprintf(format, args...)}
}

// badFilter says that a parameter of a filter cannot be understood.
func badFilter(format string, args ...any) error {
	return &problem{ErrorEntry: ErrorEntry{http.StatusBadRequest, "bad_filter"}, message: fmt.Sprintf(format, args...)}
}

// unavailable says that this build or process lacks a part.
func unavailable(what string) error {
	return &problem{ErrorEntry: ErrorEntry{http.StatusServiceUnavailable, "unavailable"}, message: what + " is not available in this process"}
}

// methodError says which methods an address takes.
type methodError struct{ allowed string }

// Error names the methods.
func (e *methodError) Error() string { return "this address takes " + e.allowed }

// scopeError says what somebody who is known may not do.
type scopeError struct{ needs access.Action }

// Error names the right that is missing.
func (e *scopeError) Error() string {
	return fmt.Sprintf("this needs the right %q, which you do not have here", e.needs.String())
}

// inside is the part of the program an error of the store came through, which
// says nothing to a person.
var inside = regexp.MustCompile(`^(store the run: |store: ([a-z]+: )?)+`)

// lookup returns how an error is answered; the text is for a person and tells
// no inner workings.
func (s *Server) lookup(err error) (e ErrorEntry, message string) {
	var stopped *stoppedError
	if errors.As(err, &stopped) {
		e, message = s.lookup(stopped.err)
		return e, message + "; " + stopped.where()
	}
	var own *problem
	if errors.As(err, &own) {
		return own.ErrorEntry, own.message
	}
	var method *methodError
	var scope *scopeError
	var busy *syncers.BusyError
	var large *http.MaxBytesError
	var broken *bodyError
	switch {
	case errors.As(err, &broken):
		return ErrorEntry{http.StatusBadRequest, "incomplete"}, broken.Error()
	case errors.As(err, &method):
		return ErrorEntry{http.StatusMethodNotAllowed, "method"}, err.Error()
	case errors.As(err, &scope):
		return ErrorEntry{http.StatusForbidden, "forbidden"}, err.Error()
	case errors.As(err, &busy):
		return ErrorEntry{http.StatusConflict, "busy"}, busy.Error()
	case errors.As(err, &large):
		return ErrorEntry{http.StatusRequestEntityTooLarge, "too_large"}, fmt.Sprintf("the request is larger than %d bytes", large.Limit)
	}
	for sentinel, entry := range s.Errors {
		if errors.Is(err, sentinel) {
			return entry, inside.ReplaceAllString(err.Error(), "")
		}
	}
	for _, row := range errorTable {
		if errors.Is(err, row.err) {
			return row.ErrorEntry, err.Error()
		}
	}
	return ErrorEntry{http.StatusInternalServerError, "internal"}, "this did not work; the log of the service says why"
}

// explain is lookup with the text in the reader's language, for pages.
func (c *call) explain(err error) (ErrorEntry, string) {
	entry, message := c.lookup(err)
	return entry, c.words().Say(message)
}

// fail answers a call with an error: JSON for the API, a page for pages. If
// the answer has begun already the connection is cut, so that half of it does
// not look whole.
func (c *call) fail(err error) {
	entry, message := c.lookup(err)
	if entry.Status >= http.StatusInternalServerError {
		c.Log.Error("a request failed", "method", c.r.Method, "path", c.r.URL.Path, "error", err)
	}
	if w, ok := c.out(); ok && w.status != 0 {
		panic(http.ErrAbortHandler)
	}
	h := c.w.Header()
	h.Del("ETag")
	h.Del("Content-Disposition")
	h.Del("Content-Encoding")
	h["Cache-Control"] = headerNoStore
	c.failHeaders(h, err, entry.Status)
	if c.route != nil && c.route.page {
		if entry.Status == http.StatusUnauthorized && (c.signInFirst() || c.toSignIn()) {
			return
		}
		c.errorPage(entry.Status, entry.Code, message)
		return
	}
	body := map[string]any{"error": map[string]string{"code": entry.Code, "message": message}}
	c.failData(body, err)
	data, _ := json.Marshal(body)
	h["Content-Type"] = headerJSON
	h.Set("Content-Length", strconv.Itoa(len(data)+1))
	c.w.WriteHeader(entry.Status)
	_, _ = c.w.Write(append(data, '\n'))
}

// failHeaders adds what a status asks for.
func (c *call) failHeaders(h http.Header, err error, status int) {
	var many *access.TooManyError
	var method *methodError
	switch {
	case errors.As(err, &many):
		h.Set("Retry-After", strconv.Itoa(max(1, int(many.Wait.Seconds()+0.999))))
	case status == http.StatusTooManyRequests:
		h.Set("Retry-After", "60")
	case errors.As(err, &method):
		h.Set("Allow", method.allowed)
	case status == http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="qslbox"`)
	}
}

// failData adds the members that programs need beside the error.
func (c *call) failData(body map[string]any, err error) {
	var stopped *stoppedError
	if errors.As(err, &stopped) {
		body["account"] = stopped.account
	}
	var own *problem
	var stale *qso.StaleError
	var double *qso.DuplicateError
	var busy *syncers.BusyError
	switch {
	case errors.As(err, &own):
		for name, value := range own.data {
			body[name] = value
		}
	case errors.As(err, &stale):
		body["current"] = stale.Current
	case errors.As(err, &double):
		body["id"] = double.ID
	case errors.As(err, &busy):
		body["run"] = busy.Run
	}
}

// out returns the writer that knows whether the answer has begun.
func (c *call) out() (*writer, bool) {
	w := c.w
	for {
		switch t := w.(type) {
		case *writer:
			return t, true
		case interface{ Unwrap() http.ResponseWriter }:
			w = t.Unwrap()
		default:
			return nil, false
		}
	}
}

// toSignIn sends a reader of a page to the sign-in page, or to set-up while
// there is no administrator; the page asked for comes back afterwards.
func (c *call) toSignIn() bool {
	c.name = ""
	target, query := "/signin", map[string][]string{}
	next := c.r.URL.RequestURI()
	if c.r.Method != http.MethodGet { // back to the form, not to what it did
		next = "/"
		if from, err := url.Parse(c.r.Referer()); err == nil && from.Host == c.r.Host {
			next = strings.TrimPrefix(from.RequestURI(), c.BasePath)
		}
	}
	if !c.claimed() {
		target = "/setup"
	} else if next = localPath(next); next != "/" {
		query["next"] = []string{next}
	}
	_ = c.redirect(target, query)
	return true
}

// reject answers a request that reached no route: a page for browsers outside
// of /api, else JSON.
func (r *routes) reject(w *writer, req *http.Request, err error) {
	page := wantsPage(req)
	c := &call{Server: r.s, w: w, r: req, route: &route{page: page}}
	defer func() {
		if v := recover(); v != nil {
			panic(http.ErrAbortHandler)
		}
	}()
	if page && errors.Is(err, errNoRoute) && c.identify(w.full) != nil {
		c.id = access.Identity{} // the page is then that of a stranger
	}
	c.fail(err)
}
