package webui

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"qslbox/qso/columns"
	"qslbox/stats"
)

// Header values that many answers share; nothing appends to them.
var (
	headerJSON    = []string{"application/json; charset=utf-8"}
	headerPrivate = []string{"private, no-cache"}
	headerVary    = []string{"Accept-Encoding"}
	headerGzip    = []string{"gzip"}
)

// writeJSON answers with a value as JSON.
func (c *call) writeJSON(status int, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return c.writeBody(status, append(data, '\n'))
}

// writeBody answers with a JSON text that is ready.
func (c *call) writeBody(status int, data []byte) error {
	h := c.w.Header()
	h["Content-Type"] = headerJSON
	if _, ok := h["Cache-Control"]; !ok {
		h["Cache-Control"] = headerNoStore
	}
	h["Content-Length"] = []string{strconv.Itoa(len(data))}
	c.w.WriteHeader(status)
	if c.r.Method != http.MethodHead {
		_, _ = c.w.Write(data) // nobody is left to tell of an error
	}
	return nil
}

// list is a list of the API; next is empty at its end.
type list[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// writeList answers with a whole list; an empty one is [] and not null.
func writeList[T any](c *call, items []T) error {
	if items == nil {
		items = []T{}
	}
	return c.writeJSON(http.StatusOK, list[T]{Items: items})
}

// done answers that a change was made and there is nothing to say about it.
func (c *call) done() error { return c.writeJSON(http.StatusOK, map[string]bool{"done": true}) }

// readJSON decodes the request's body; members we do not know are an error, so
// that a typing mistake does not pass for a setting.
func (c *call) readJSON(v any) error {
	if kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type")); kind != "application/json" {
		return &problem{ErrorEntry: ErrorEntry{http.StatusUnsupportedMediaType, "media_type"}, message: "send the body as application/json"}
	}
	d := json.NewDecoder(c.r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return readError(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return invalid("the body holds more than one JSON value")
	}
	return nil
}

// readError tells faults of a JSON text from those of the connection.
func readError(err error) error {
	var large *http.MaxBytesError
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &large):
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return invalid("the body is no complete JSON text")
	case errors.As(err, &syntax):
		return invalid("the body is no JSON text: %v at byte %d", syntax, syntax.Offset)
	case errors.As(err, &kind):
		return invalid("%s must not be a JSON %s", kind.Field, kind.Value)
	}
	return invalid("the body: %s", strings.TrimPrefix(err.Error(), "json: "))
}

// snapshot returns a finished answer of the logbook for a filter.
func (c *call) snapshot(name string, f columns.Filter) (*stats.Snapshot, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	s, err := c.Keeper.Get(c.ctx(), c.name, name, &f)
	if c.making != nil {
		c.making.uses = append(c.making.uses, usedSnapshot{name, f, s})
	}
	return s, err
}

// writeSnapshot answers with a snapshot, or 304 if the client has that one.
// Nothing is encoded here: the text is ready.
func (c *call) writeSnapshot(s *stats.Snapshot) error {
	c.w.Header()["Cache-Control"] = headerPrivate
	if c.fresh(s.ETag()) {
		return nil
	}
	data := s.JSON()
	c.w.Header()["Vary"] = headerVary
	if len(data) >= packMin && c.takesGzip() {
		c.w.Header()["Content-Encoding"] = headerGzip
		data = c.packed.get(s)
	}
	return c.writeBody(http.StatusOK, data)
}

// fresh sets the entity tag and reports whether the client has that entity
// already; then the answer is made: 304.
func (c *call) fresh(etag string) bool {
	c.w.Header()["Etag"] = []string{etag}
	if !matches(c.r.Header.Get("If-None-Match"), etag) {
		return false
	}
	c.w.WriteHeader(http.StatusNotModified)
	return true
}

// matches compares a list of entity tags weakly (RFC 9110, 8.8.3.2).
func matches(header, etag string) bool {
	if header == "" {
		return false
	}
	opaque := strings.TrimPrefix(etag, "W/")
	for tag := range strings.SplitSeq(header, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || strings.TrimPrefix(tag, "W/") == opaque {
			return true
		}
	}
	return false
}

// wantsPage reports whether a browser asks for a page.
func wantsPage(r *http.Request) bool {
	p := strings.ToLower(r.URL.Path)
	if p == "/api" || strings.HasPrefix(p, "/api/") || strings.HasPrefix(p, "/index.php/api") || p == "/metrics" {
		return false
	}
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}
