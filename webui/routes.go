package webui

import (
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/julienschmidt/httprouter"

	"qslbox/monitor"
	"qslbox/webui/access"
)

// route is one line of the table of everything that is answered.
type route struct {
	method, path string
	needs        access.Action // what the reader must be allowed to do; 0 = anybody
	perLogbook   bool          // about one logbook: call.book is set
	public       bool          // readable by anybody where the logbook's public page is switched on
	page         bool          // errors are pages, and a stranger is sent to sign in
	body         int64         // most bytes of the request's body; 0 = defaultBody, negative = any number
	stream       bool          // a long way in or out: time limits are for each piece, not for the whole
	heavy        string        // one at a time of this kind, in each logbook
	handler      handlerFunc
}

const (
	defaultBody  = 1 << 20
	requestLimit = 60 * time.Second // for reading a request and writing its answer
	pieceLimit   = 60 * time.Second // for each piece of a stream
)

// routes is the table, made ready to answer.
type routes struct {
	s      *Server
	table  []route // as listed, without the added HEAD routes
	router *httprouter.Router
	origin *http.CrossOriginProtection
	hosts  hostList
}

// newRoutes joins the routes of API and pages. A GET route answers HEAD too.
func newRoutes(s *Server) *routes {
	r := &routes{s: s, router: httprouter.New(), origin: http.NewCrossOriginProtection(), hosts: allowedHosts(s.Hosts)}
	r.router.RedirectTrailingSlash = false
	r.router.RedirectFixedPath = false
	r.router.HandleOPTIONS = false
	r.table = append(r.table, apiRoutes()...)
	r.table = append(r.table, pageRoutes()...)
	r.table = append(r.table, staticRoutes()...)
	for _, route := range r.table {
		kind := monitor.Request
		if route.stream {
			kind = monitor.Job
		}
		// made when it is needed: most of the rings stay empty for ever
		op := sync.OnceValue(func() *monitor.Op { return s.Monitor.Operation(kind, route.method+" "+route.path) })
		serve := func(w http.ResponseWriter, req *http.Request, params httprouter.Params) {
			r.serve(w.(*writer), req, params, &route, op())
		}
		r.router.Handle(route.method, route.path, serve)
		if route.method == http.MethodGet {
			r.router.Handle(http.MethodHead, route.path, serve)
		}
	}
	return r
}

// handler answers requests; full says that they come from a command of this
// machine, with full rights.
func (r *routes) handler(full bool) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		w := &writer{ResponseWriter: rw, full: full}
		// a connection keeps the limit of the request before
		_ = http.NewResponseController(rw).SetWriteDeadline(r.s.Now().Add(requestLimit))
		setSecurityHeaders(rw.Header(), req.TLS != nil)
		if !full && !r.hosts.allows(req.Host) {
			r.reject(w, req, errHost)
			return
		}
		if r.s.BasePath != "" {
			req = withoutBase(req, r.s.BasePath)
		}
		handle, params := r.find(req)
		if handle == nil {
			r.reject(w, req, r.unknown(req))
			return
		}
		handle(w, req, params)
	})
}

// find looks a request up: as it is, then with the spellings of /api paths
// that other programs use (letter case, trailing slash, doubled slashes).
func (r *routes) find(req *http.Request) (httprouter.Handle, httprouter.Params) {
	at := req.URL.Path
	if handle, params, _ := r.router.Lookup(req.Method, at); handle != nil {
		return handle, params
	}
	for _, other := range spellings(at) {
		if handle, params, _ := r.router.Lookup(req.Method, other); handle != nil {
			return handle, params
		}
	}
	return nil, nil
}

// spellings returns what a path of the API may have been meant to be.
func spellings(at string) []string {
	if at == "" || at[0] != '/' {
		return nil
	}
	clean := path.Clean(at)
	lower := strings.ToLower(clean)
	switch {
	case lower == "/metrics":
		return []string{lower}
	case lower != "/api" && !strings.HasPrefix(lower, "/api/"):
		return nil
	}
	list := []string{clean}
	// the first segments are names of ours, what follows may be a name of yours
	if parts := strings.SplitN(clean, "/", 4); len(parts) == 4 {
		list = append(list, strings.ToLower(strings.Join(parts[:3], "/"))+"/"+parts[3])
	}
	return append(list, lower)
}

// unknown says why no route fits: another method is meant, or there is no
// such thing.
func (r *routes) unknown(req *http.Request) error {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := *req
		other.Method = method
		if handle, _ := r.find(&other); handle != nil {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		return errNoRoute
	}
	return &methodError{allowed: strings.Join(allowed, ", ")}
}

// withoutBase takes the path under which a reverse proxy serves us off the
// request; a proxy may also have done so itself.
func withoutBase(req *http.Request, base string) *http.Request {
	rest, ok := strings.CutPrefix(req.URL.Path, base)
	if !ok || rest != "" && rest[0] != '/' {
		return req
	}
	if rest == "" {
		rest = "/"
	}
	inner := *req
	u := *req.URL
	u.Path, u.RawPath = rest, ""
	inner.URL = &u
	return &inner
}

// setSecurityHeaders sets what every answer carries. Referrer-Policy is
// same-origin, since with no-referrer browsers send "Origin: null" from plain
// http and our own forms would be refused. Where we speak TLS ourselves browsers
// are told to stay with it; behind a proxy that is the proxy's to say.
func setSecurityHeaders(h http.Header, tls bool) {
	if tls {
		h["Strict-Transport-Security"] = headerHSTS
	}
	h["Content-Security-Policy"] = headerCSP
	h["X-Content-Type-Options"] = headerNosniff
	h["X-Frame-Options"] = headerDeny
	h["Referrer-Policy"] = headerReferrer
	h["Cross-Origin-Opener-Policy"] = headerSameOrigin
	h["Cross-Origin-Resource-Policy"] = headerSameOrigin
	h["Permissions-Policy"] = headerPermissions
}

// The values are shared by all answers: nothing appends to them.
var (
	headerCSP = []string{"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
		"manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"}
	headerNosniff     = []string{"nosniff"}
	headerDeny        = []string{"DENY"}
	headerReferrer    = []string{"same-origin"}
	headerSameOrigin  = []string{"same-origin"}
	headerPermissions = []string{"camera=(), geolocation=(), microphone=()"}
	headerNoStore     = []string{"no-store"}
	headerHSTS        = []string{"max-age=31536000"}
)
