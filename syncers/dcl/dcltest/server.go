package dcltest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Path is where DCL's export lives.
const Path = "/api/adiexport"

// QSO is one contact as DCL holds it.
type QSO struct {
	Own, Call         string
	Start             time.Time
	Band, Mode        string
	PropMode, SatName string
	DOK, MyDOK        string
	Name              string
	Confirmed         time.Time // day of the confirmation; zero = not confirmed
	NoDate            bool      // confirmed, but DCL gives no date
	Extra             string    // raw ADIF fields added to the record
}

// Options say who may ask, and what time it is.
type Options struct {
	Key string
	Now func() time.Time
}

// Request is one request as it came in.
type Request struct {
	At     time.Time
	Method string
	Path   string
	Header http.Header
	Body   map[string]any // decoded; nil if it was no JSON object
	Fault  string
}

// Server is a fake DCL. It is an http.Handler, safe for concurrent use.
type Server struct {
	opt Options

	mu       sync.Mutex
	log      []QSO
	many     int
	faults   []Fault
	always   Fault
	requests []Request
}

// New returns a server with an empty log.
func New(opt Options) *Server { return &Server{opt: opt} }

// Add puts QSOs into the log.
func (s *Server) Add(qsos ...QSO) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, qsos...)
}

// ConfirmNext confirms up to n QSOs that are not confirmed yet, the latest
// first, and returns them.
func (s *Server) ConfirmNext(n int) []QSO {
	s.mu.Lock()
	defer s.mu.Unlock()
	var done []QSO
	slices.SortStableFunc(s.log, func(a, b QSO) int { return b.Start.Compare(a.Start) })
	for i := range s.log {
		if s.log[i].Confirmed.IsZero() && len(done) < n {
			s.log[i].Confirmed = s.opt.Now().UTC()
			done = append(done, s.log[i])
		}
	}
	return done
}

// Many makes the log n confirmed QSOs that are never held in memory.
func (s *Server) Many(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.many = n
}

// Play lets the next requests suffer the given faults, one each; a zero Fault
// is a good answer.
func (s *Server) Play(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Always lets every request suffer a fault for which Play has none.
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

// Requests returns all requests so far, oldest first.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// ServeHTTP answers one request: with the fault that is due, else as DCL
// would.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body map[string]any
	raw, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	_ = json.Unmarshal(raw, &body)
	fault, answer := s.answer(r, body)
	if fault.Delay > 0 {
		select {
		case <-time.After(fault.Delay):
		case <-r.Context().Done():
			return
		}
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
	if !fault.Refuse {
		send(conn, fault, answer)
	}
}

// answer decides what is sent.
func (s *Server) answer(r *http.Request, body map[string]any) (Fault, answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fault := s.always
	if len(s.faults) > 0 {
		fault, s.faults = s.faults[0], s.faults[1:]
	}
	s.requests = append(s.requests, Request{s.opt.Now(), r.Method, r.URL.Path, r.Header.Clone(), body, fault.Name})
	fail := func(status int, message string) answer {
		text, _ := json.Marshal(map[string]string{"status": "error", "message": message})
		return answer{status: status, body: func(w io.Writer) error { return write(w, string(text)) }}
	}
	switch key, _ := body["key"].(string); {
	case fault.Status != 0 || fault.Body != "" || fault.Empty:
		return fault, answer{fault.Status, func(w io.Writer) error { return write(w, fault.Body) }}
	case r.URL.Path != Path:
		return fault, fail(http.StatusNotFound, "not found")
	case r.Method != http.MethodPost || body == nil:
		return fault, fail(http.StatusBadRequest, "no JSON")
	case key != s.opt.Key:
		return fault, fail(http.StatusUnauthorized, "invalid key")
	}
	return fault, answer{body: func(w io.Writer) error { return s.export(w, body, fault) }}
}

// export writes the JSON with the ADIF text inside.
func (s *Server) export(w io.Writer, body map[string]any, fault Fault) error {
	since, _ := body["qsl_since"].(string)
	limit := 400_000
	if n, ok := body["limit"].(float64); ok {
		limit = int(n)
	}
	if err := write(w, `{"status": "ok", "adif": "`); err != nil {
		return err
	}
	text := jsonText{w}
	if _, err := io.WriteString(text, "DCL ADIF export\n<ADIF_VER:5>3.1.4 <PROGRAMID:3>DCL <EOH>\n"); err != nil {
		return err
	}
	n := 0
	for q := range s.records() {
		if n == limit || fault.CutRecord > 0 && n == fault.CutRecord {
			break
		}
		if body["cnf_only"] == "T" && q.Confirmed.IsZero() || !q.NoDate && q.Confirmed.UTC().Format(time.DateOnly) < since {
			continue
		}
		if _, err := io.WriteString(text, record(&q)); err != nil {
			return err
		}
		n++
	}
	if fault.CutRecord > 0 {
		_, _ = io.WriteString(text, "<CALL:6>DL9ZZZ <QSO_DATE:8>20260110 <TIME_ON:6>1217")
	}
	_, _ = io.WriteString(text, fault.Extra)
	return write(w, `"`+fault.Members+"}")
}

// records yields the log, the latest QSO first.
func (s *Server) records() func(func(QSO) bool) {
	s.mu.Lock()
	n := s.many
	log := slices.Clone(s.log)
	s.mu.Unlock()
	return func(yield func(QSO) bool) {
		for _, q := range log {
			if !yield(q) {
				return
			}
		}
		day := s.opt.Now().UTC().Truncate(24 * time.Hour)
		for i := range n {
			if !yield(generated(i, day)) {
				return
			}
		}
	}
}

// generated makes the i-th QSO of a large log.
func generated(i int, day time.Time) QSO {
	start := day.Add(-time.Duration(i+1) * 10 * time.Minute)
	return QSO{
		Own: "DK9XYZ", Call: fmt.Sprintf("DL%d%c%c%c", i%10, 'A'+i/10%26, 'A'+i/260%26, 'A'+i/6760%26), Start: start,
		Band: []string{"80m", "40m", "2m"}[i%3], Mode: []string{"SSB", "CW", "FM"}[i/3%3],
		DOK: fmt.Sprintf("%c%02d", 'A'+i%25, 1+i%60), Confirmed: start.AddDate(0, 0, 3),
	}
}

func record(q *QSO) string {
	var b strings.Builder
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "<%s:%d>%s ", name, len(value), value)
		}
	}
	field("CALL", q.Call)
	field("QSO_DATE", q.Start.UTC().Format("20060102"))
	field("TIME_ON", q.Start.UTC().Format("150405"))
	field("BAND", strings.ToUpper(q.Band))
	field("MODE", q.Mode)
	field("STATION_CALLSIGN", q.Own)
	field("PROP_MODE", q.PropMode)
	field("SAT_NAME", q.SatName)
	field("NAME", q.Name)
	if q.Confirmed.IsZero() {
		field("DCL_QSL_RCVD", "N")
	} else {
		field("DCL_QSL_RCVD", "Y")
		if !q.NoDate {
			field("DCL_QSLRDATE", q.Confirmed.UTC().Format("20060102"))
		}
	}
	field("DARC_DOK", q.DOK)
	field("MY_DARC_DOK", q.MyDOK)
	return b.String() + q.Extra + "<EOR>\n"
}

func write(w io.Writer, s string) error {
	_, err := io.WriteString(w, s)
	return err
}

// jsonText writes text as the inside of a JSON string.
type jsonText struct{ w io.Writer }

func (j jsonText) Write(b []byte) (int, error) {
	var quoted strings.Builder
	e := json.NewEncoder(&quoted)
	e.SetEscapeHTML(false)
	if err := e.Encode(string(b)); err != nil {
		return 0, err
	}
	text := strings.TrimSuffix(quoted.String(), "\n")
	return len(b), write(j.w, text[1:len(text)-1])
}
