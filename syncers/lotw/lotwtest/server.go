package lotwtest

import (
	"io"
	"iter"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Path is where LoTW's report lives.
const Path = "/lotwuser/lotwreport.adi"

// Options say who may ask, and what time it is.
type Options struct {
	Login, Password string
	Now             func() time.Time // the server's clock; needed
	// TinyFull is for how long after one full download a second of the same
	// kind gets a handful of records only, as LoTW has been seen to do; zero:
	// never.
	TinyFull time.Duration
}

// Server is a fake LoTW. It is an http.Handler, safe for concurrent use.
type Server struct {
	opt Options

	mu       sync.Mutex
	log      []QSO
	many     iter.Seq[QSO] // instead of log: see Many
	faults   []Fault
	always   Fault
	requests []Request
	fullAt   time.Time
	active   int
	most     int
}

// Request is one request as it came in, decoded.
type Request struct {
	At       time.Time
	Method   string
	Path     string
	RawQuery string
	Query    url.Values
	Header   http.Header
	Fault    string // name of the fault that was played, if any
}

// New returns a server with an empty log.
func New(opt Options) *Server { return &Server{opt: opt} }

func (s *Server) now() time.Time { return s.opt.Now().UTC().Truncate(time.Second) }

// Play lets the next requests suffer the given faults, one each, in order; a
// zero Fault is a good answer.
func (s *Server) Play(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Always lets every request suffer a fault from now on for which Play has
// none; a zero Fault ends that.
func (s *Server) Always(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.always = f
}

// Calm drops the faults still to come.
func (s *Server) Calm() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults, s.always = nil, Fault{}
}

// SetPassword changes the password, as a user does at ARRL.
func (s *Server) SetPassword(password string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opt.Password = password
}

// Requests returns all requests so far, oldest first.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// MostAtOnce returns the largest number of requests that were answered at the
// same time.
func (s *Server) MostAtOnce() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.most
}

// ServeHTTP answers one request: with the fault that is due, else as LoTW
// would.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fault, answer := s.begin(r)
	end := sync.OnceFunc(s.end)
	defer end()
	if fault.Delay > 0 && !wait(r.Context().Done(), fault.Delay) {
		return
	}
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		http.Error(w, "no connection to play with", http.StatusInternalServerError)
		return
	}
	conn, _, err := hijacker.Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	if fault.Refuse {
		return
	}
	gone := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, conn) // ends when the client leaves, or with Close
		close(gone)
	}()
	_ = send(conn, gone, fault, answer, end)
}

// begin notes the request and decides the answer.
func (s *Server) begin(r *http.Request) (Fault, answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active++
	s.most = max(s.most, s.active)
	fault := s.always
	if len(s.faults) > 0 {
		fault, s.faults = s.faults[0], s.faults[1:]
	}
	s.requests = append(s.requests, Request{
		At: s.now(), Method: r.Method, Path: r.URL.Path, RawQuery: r.URL.RawQuery,
		Query: r.URL.Query(), Header: r.Header.Clone(), Fault: fault.Name,
	})
	if fault.Page != "" || fault.Empty || fault.Status != 0 {
		return fault, answer{status: fault.Status, kind: "text/html", body: text(fault.Page)}
	}
	return fault, s.answer(r, fault)
}

func (s *Server) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active--
}

// answer is what is sent: status, type and a body that writes itself.
type answer struct {
	status int
	kind   string
	body   func(io.Writer) error
}

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// answer answers as LoTW would; the lock is held.
func (s *Server) answer(r *http.Request, fault Fault) answer {
	html := func(status int, f Fault) answer { return answer{status, "text/html", text(f.Page)} }
	v := r.URL.Query()
	switch {
	case r.URL.Path != Path:
		return html(http.StatusNotFound, Status(http.StatusNotFound, 0))
	case r.Method != http.MethodGet:
		return html(http.StatusMethodNotAllowed, Status(http.StatusMethodNotAllowed, 0))
	case v.Get("login") != s.opt.Login || v.Get("password") != s.opt.Password:
		return html(http.StatusOK, WrongPassword())
	}
	q, err := parseQuery(v, s.now())
	if err != nil {
		return html(http.StatusBadRequest, Status(http.StatusBadRequest, 0))
	}
	if q.since.After(s.now()) {
		return html(http.StatusOK, Fault{Page: page("Error", "<p>The date lies in the future.</p>")})
	}
	rep := &report{query: q, login: s.opt.Login, now: s.now(), fault: fault}
	rep.records, rep.total, rep.first = s.matching(q)
	tiny := fault.Tiny
	if full := q.since.Year() < 1950 && q.from.IsZero(); full && s.opt.TinyFull > 0 {
		if !s.fullAt.IsZero() && s.now().Sub(s.fullAt) < s.opt.TinyFull {
			tiny = 5
		}
		s.fullAt = s.now()
	}
	if tiny > 0 {
		rep.total = min(tiny, rep.total)
	}
	return answer{http.StatusOK, "application/x-arrl-adif", rep.write}
}
