package webui_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"qslbox/monitor"
	"qslbox/qso"
	"qslbox/qso/dxcc"
	"qslbox/stats"
	"qslbox/stats/awards"
	"qslbox/syncers"
	"qslbox/webui"
	"qslbox/webui/access"
)

// started is when the clock of the tests begins.
var started = time.Date(2025, 1, 21, 6, 37, 55, 80_267_709, time.UTC)

// clock is a clock that tests move.
type clock struct {
	base  time.Time
	ahead atomic.Int64
}

func (c *clock) now() time.Time             { return c.base.Add(c.elapsed()) }
func (c *clock) elapsed() time.Duration     { return time.Duration(c.ahead.Load()) }
func (c *clock) advance(d time.Duration)    { c.ahead.Add(int64(d)) }
func (c *clock) advanceTo(at time.Duration) { c.ahead.Store(int64(at)) }

// fixture is a server on logbooks in memory.
type fixture struct {
	t       testing.TB
	clock   *clock
	books   *books
	gate    *access.Gate
	monitor *monitor.Monitor
	health  *monitor.Health
	server  *webui.Server
	url     string // of a listener on loopback
	web     *httptest.Server
}

// overNetwork lets the clock go with that of the machine: connections have
// time limits.
func overNetwork(c *webui.Config) { c.Now, c.Elapsed = time.Now, nil }

// newFixture builds a server with the logbooks main and club, and lets tests
// change its configuration. There is no administrator yet.
func newFixture(t testing.TB, change ...func(*webui.Config)) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: &clock{base: started}}
	f.books = newBooks("main", "club")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	table, err := dxcc.New()
	must(err)
	set, err := awards.NewSet(table)
	must(err)
	entities, _ := set.Get("dxcc")
	f.monitor, err = monitor.New(monitor.Config{Now: f.clock.now, Elapsed: f.clock.elapsed})
	must(err)
	f.health = monitor.NewHealth(f.clock.now)
	sets := func() *awards.Set { return set }
	keeper, err := stats.NewKeeper(stats.Config{
		Source: f.books, Define: stats.Definitions(stats.NewBoard(table, entities), sets), Now: f.clock.now, Elapsed: f.clock.elapsed,
	})
	must(err)
	t.Cleanup(keeper.Close)
	f.gate, err = access.New(access.Config{Table: newRecords(), Now: f.clock.now, Hashing: access.Cost{MemoryKiB: 64, Passes: 1}})
	must(err)
	cfg := webui.Config{
		Books: f.books, Keeper: keeper, Gate: f.gate, Table: table, Awards: sets, Monitor: f.monitor, Health: f.health,
		SpoolDir: t.TempDir(), Version: "1.2.3", Now: f.clock.now, Started: started, Elapsed: f.clock.elapsed,
		Log:       slog.New(slog.NewTextHandler(t.Output(), nil)),
		Scheduler: syncers.NewScheduler(syncers.SchedulerConfig{Now: f.clock.now}),
	}
	for _, fn := range change {
		fn(&cfg)
	}
	f.server, err = webui.New(cfg)
	must(err)
	web := httptest.NewServer(f.server.Handler())
	t.Cleanup(web.Close)
	f.url, f.web = web.URL, web
	return f
}

// withPeople adds an administrator, an owner and a viewer of main, and an
// owner of club.
func (f *fixture) withPeople() *fixture {
	f.t.Helper()
	for _, u := range []struct {
		name     string
		role     access.Role
		logbooks []string
	}{{"admin", access.Administrator, nil}, {"owner", access.Owner, []string{"main"}}, {"viewer", access.Viewer, []string{"main"}}, {"clubber", access.Owner, []string{"club"}}} {
		if err := f.gate.AddUser(f.t.Context(), u.name, password, u.role, u.logbooks); err != nil {
			f.t.Fatal(err)
		}
	}
	return f
}

const password = "correct horse battery staple"

// cookie signs a user in.
func (f *fixture) cookie(name string) string {
	f.t.Helper()
	token, err := f.gate.SignIn(f.t.Context(), name, password, "192.0.2.7", "test", false)
	if err != nil {
		f.t.Fatal(err)
	}
	return "qslbox_session=" + token
}

// key makes an API key for a logbook.
func (f *fixture) key(logbook string, scopes ...string) string {
	f.t.Helper()
	_, text, err := f.gate.AddKey("test", logbook, scopes, time.Time{})
	if err != nil {
		f.t.Fatal(err)
	}
	return text
}

// client asks over the network with a key that may do anything in main.
func (f *fixture) client() *http.Client {
	f.t.Helper()
	return &http.Client{Transport: keyed(f.key("main", "read", "write", "metrics", "admin")), Timeout: time.Minute}
}

// keyed sends an API key along.
type keyed string

func (k keyed) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", "Bearer "+string(k))
	return http.DefaultTransport.RoundTrip(req)
}

// ask is one request to be made.
type ask struct {
	method, path string
	body         string
	header       map[string]string
	from         string // remote address; empty: 192.0.2.7:1234
	full         bool   // as a command
}

// answer is what came of it.
type answer struct {
	status int
	header http.Header
	body   string
}

// do makes a request without a network.
func (f *fixture) do(a ask) answer {
	f.t.Helper()
	if a.method == "" {
		a.method = http.MethodGet
	}
	var body io.Reader
	if a.body != "" {
		body = strings.NewReader(a.body)
	}
	req := httptest.NewRequest(a.method, "http://localhost"+a.path, body)
	req.RemoteAddr = "192.0.2.7:1234"
	if a.from != "" {
		req.RemoteAddr = a.from
	}
	if a.body != "" && strings.HasPrefix(a.body, "{") {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range a.header {
		if name == "Host" {
			req.Host = value
			continue
		}
		req.Header.Set(name, value)
	}
	handler := f.server.Handler()
	if a.full {
		handler = f.server.CommandHandler()
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, req)
	return answer{w.Code, w.Header(), w.Body.String()}
}

// command makes a request with full rights and wants it to work.
func (f *fixture) command(method, path, body string) answer {
	f.t.Helper()
	got := f.do(ask{method: method, path: path, body: body, full: true})
	if got.status >= 300 {
		f.t.Fatalf("%s %s: %d %s", method, path, got.status, got.body)
	}
	return got
}

// decode reads a JSON answer.
func decode[T any](t testing.TB, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// code returns the error code of an answer, "" if it is none.
func code(text string) string {
	var doc struct{ Error struct{ Code string } }
	if json.Unmarshal([]byte(text), &doc) != nil {
		return ""
	}
	return doc.Error.Code
}

// contact makes a QSO for a logbook in memory.
func contact(call, band, mode string, at time.Time) *qso.QSO {
	b, _ := qso.ParseBand(band)
	m, _ := qso.ParseMode(mode, "")
	lower, _ := b.Limits()
	return &qso.QSO{Call: qso.Call(call), Own: "DK9XYZ", Band: b, Freq: lower, Mode: m, Start: qso.TimeOf(at), DXCC: 230, CQZ: 14, ITUZ: 28}
}

// adif writes one record of a file.
func adif(fields ...string) string {
	var b bytes.Buffer
	for i := 0; i < len(fields); i += 2 {
		b.WriteString("<" + fields[i] + ":")
		b.WriteString(itoa(len(fields[i+1])) + ">" + fields[i+1] + " ")
	}
	return b.String() + "<eor>\n"
}
