package webui

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"time"

	"github.com/julienschmidt/httprouter"

	"qslbox/webui/access"
	"qslbox/webui/words"
)

// call is one request under way: all a handler needs. It lives for one request.
type call struct {
	*Server
	w      http.ResponseWriter
	r      *http.Request
	params httprouter.Params
	route  *route
	id     access.Identity
	source string // where the request comes from: an address without port, or "socket"
	local  bool   // from this machine
	query  url.Values
	name   string                // of the logbook; empty for routes that are about none
	book   Logbook               // nil for routes that are about none
	wrong  map[string]wrongParam // parameters of the filter that a page leaves out

	making  *madePage      // the page that is being made to be kept; nil: none
	printer *words.Printer // nil until Words is asked
	now     time.Time      // zero until Time is asked
}

// handlerFunc answers a call, or returns an error that errors.go turns into an
// answer: JSON for the API, a page for pages.
type handlerFunc func(c *call) error

func (c *call) ctx() context.Context { return c.r.Context() }

// by says who changes something, for history and audit.
func (c *call) by() string {
	if c.id.Kind == access.BySocket {
		return "command"
	}
	return c.id.Name
}

// time returns the moment of the request, the same throughout.
func (c *call) time() time.Time {
	if c.now.IsZero() {
		c.now = c.Now().UTC()
	}
	return c.now
}

// words returns the printer in the language of the reader: the cookie "lang"
// if set, else Accept-Language.
func (c *call) words() *words.Printer {
	if c.printer == nil {
		l := words.Match(c.r.Header.Get("Accept-Language"))
		if cookie, err := c.r.Cookie("lang"); err == nil {
			if chosen, ok := words.Parse(cookie.Value); ok {
				l = chosen
			}
		}
		c.printer = c.printers[l]
	}
	return c.printer
}

// url returns the address of a path of ours for links: with the base path of
// a reverse proxy, and the logbook unless it is the one that is meant without.
func (c *call) url(path string, query url.Values) string {
	implied := c.name == c.id.Logbook() && (path != "/" || c.lastLogbook() == "")
	if c.name != "" && !implied && query.Get("logbook") == "" {
		if query = maps.Clone(query); query == nil {
			query = url.Values{}
		}
		query.Set("logbook", c.name)
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return c.BasePath + path
}

// redirect answers a form with the page to go to.
func (c *call) redirect(path string, query url.Values) error {
	c.w.Header().Set("Location", c.url(path, query))
	c.w.WriteHeader(http.StatusSeeOther)
	return nil
}
