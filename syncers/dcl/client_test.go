package dcl_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"qslbox/qso"
	"qslbox/syncers"
	"qslbox/syncers/dcl"
	"qslbox/syncers/dcl/dcltest"
	"qslbox/syncers/syncerstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 2, 11, 12, 0, 0, 0, time.UTC)

func atNoon() time.Time { return noon }

// key is a canary: it must be found nowhere but in the request.
const key = "K3y&#+% ü\"canary"

func Example() {
	service := dcltest.New(dcltest.Options{Key: "K1", Now: atNoon})
	service.Add(dcltest.QSO{Own: "DK9XYZ", Call: "DL1ABC", Start: noon.Add(-time.Hour), Band: "80m", Mode: "SSB", DOK: "B36", Confirmed: noon})
	server := httptest.NewServer(service)
	defer server.Close()

	book := syncerstest.NewBook()
	book.SetAccount(syncers.Account{Source: qso.DCL, Secret: qso.NewSecret("K1")})
	client, err := dcl.New(dcl.Config{Now: atNoon, Gate: syncers.NewGate(atNoon), Agent: "qslbox/test", Override: server.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	run, _ := syncers.NewSyncer(client, atNoon, slog.New(slog.DiscardHandler)).Run(context.Background(), book, syncers.Options{})
	fmt.Println(run.Class, run.Added, run.Cursor.QSL, run.New.DOKs)
	fmt.Println(run.Message)
	// Output:
	// ok 1 2026-02-11 [B36]
	// 1 records: 1 added to the log, 1 new DOKs.
}

// syncer returns what runs DCL at an address.
func syncer(t *testing.T, cfg dcl.Config) *syncers.Syncer {
	t.Helper()
	if cfg.Now == nil {
		cfg.Now = atNoon
	}
	cfg.Gate, cfg.Agent, cfg.Dir = syncers.NewGate(cfg.Now), "qslbox/test", t.TempDir()
	client, err := dcl.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return syncers.NewSyncer(client, cfg.Now, slog.New(slog.NewTextHandler(t.Output(), nil)))
}

func run(t *testing.T, s *syncers.Syncer, book *syncerstest.Book, opt syncers.Options) syncers.Run {
	t.Helper()
	r, err := s.Run(context.Background(), book, opt)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "canary") {
		t.Errorf("the run holds the key: %s", text)
	}
	if r.Fetched != r.Added+r.Matched+r.Unmatched+r.Rejected+r.Repeated || r.Matched != r.Updated+r.Unchanged {
		t.Errorf("the numbers do not add up: %s", text)
	}
	if r.Message == "" || r.Class != syncers.OK && r.Code == "" {
		t.Errorf("class %s, code %q, message %q", r.Class, r.Code, r.Message)
	}
	return r
}

func newBook(cursor string) *syncerstest.Book {
	book := syncerstest.NewBook()
	book.SetAccount(syncers.Account{Source: qso.DCL, Secret: qso.NewSecret(key), Cursor: syncers.Cursor{QSL: cursor}})
	return book
}

func service(t *testing.T, n int) (*dcltest.Server, string) {
	t.Helper()
	s := dcltest.New(dcltest.Options{Key: key, Now: atNoon})
	for i := range n {
		start := noon.AddDate(0, 0, -i)
		s.Add(dcltest.QSO{
			Own: "DK9XYZ", Call: fmt.Sprintf("DL%d%c%c%c", i%10, 'A'+i%26, 'A'+i/26%26, 'A'+i/7%26), Start: start.Add(-time.Hour), Band: "80m", Mode: "SSB",
			DOK: fmt.Sprintf("B%02d", 1+i%60), Name: "Jürgen 😀 \"x\"", Confirmed: start,
		})
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server.URL
}

func TestTwiceChangesNothing(t *testing.T) {
	s, address := service(t, 12)
	book := newBook("")
	sync := syncer(t, dcl.Config{Override: address})
	if r := run(t, sync, book, syncers.Options{}); r.Added != 12 || r.Cursor.QSL != "2026-02-11" {
		t.Fatalf("first run: %+v", r)
	}
	before, changes := book.Dump(t), book.Changes
	r := run(t, sync, book, syncers.Options{})
	if r.Class != syncers.OK || r.Added+r.Updated != 0 || book.Changes != changes || book.Dump(t) != before {
		t.Errorf("second run: %+v\n%s", r, cmp.Diff(before, book.Dump(t)))
	}
	if r := run(t, sync, book, syncers.Options{Full: true}); r.Matched != 12 || book.Dump(t) != before {
		t.Errorf("full run: %+v", r)
	}
	want := []any{"1945-01-01", "2026-02-10", "1945-01-01"}
	for i, q := range s.Requests() {
		body := map[string]any{"key": key, "cnf_only": "T", "limit": 400000.0, "qsl_since": want[i]}
		if diff := cmp.Diff(body, q.Body); diff != "" || q.Method != "POST" || q.Header.Get("User-Agent") != "qslbox/test" {
			t.Errorf("request %d: %s, (-want +got):\n%s", i, q.Method, diff)
		}
	}
}

func TestFaults(t *testing.T) {
	for _, test := range []struct {
		fault dcltest.Fault
		class syncers.Class
		code  string
		kept  int // confirmations stored nevertheless
	}{
		{dcltest.BadKey(401), syncers.Auth, "wrong-key", 0},
		{dcltest.BadKey(403), syncers.Auth, "wrong-key", 0},
		{dcltest.Fault{Name: "bad key inside 200", Body: `{"status":"error","message":"Invalid key ` + strings.ReplaceAll(key, `"`, `\"`) + `"}`}, syncers.Auth, "wrong-key", 0},
		{dcltest.Fault{Name: "key quoted", Body: `{"message":"no ` + strings.ReplaceAll(key, `"`, `\"`) + `","status":"error"}`}, syncers.Down, "error-inside", 0},
		{dcltest.Status(429, 600), syncers.Rate, "request-limit", 0},
		{dcltest.Status(503, 600), syncers.Down, "http-503", 0},
		{dcltest.Status(400, 0), syncers.Protocol, "http-400", 0},
		{dcltest.Status(404, 0), syncers.Protocol, "moved", 0},
		{dcltest.Status(302, 0), syncers.Protocol, "redirect", 0},
		{dcltest.ErrorInside(), syncers.Down, "error-inside", 0},
		{dcltest.HTML(), syncers.Down, "maintenance", 0},
		{dcltest.Fault{Name: "portal", Body: "<html><body>Please sign in</body></html>"}, syncers.Protocol, "web-page", 0},
		{dcltest.Fault{Name: "text", Body: "hello"}, syncers.Protocol, "not-json", 0},
		{dcltest.Fault{Name: "list", Body: `["x"]`}, syncers.Protocol, "not-json", 0},
		{dcltest.Fault{Name: "no status", Body: `{"adif":""}`}, syncers.Protocol, "interface-changed", 0},
		{dcltest.Fault{Name: "bad escape", Body: `{"status":"ok","adif":"\q"}`}, syncers.Protocol, "not-json", 0},
		{dcltest.Fault{Name: "no ADIF", Body: `{"status":"ok","adif":"nothing for you"}`}, syncers.Protocol, "not-adif", 0},
		{dcltest.Empty(), syncers.Down, "empty", 0},
		{dcltest.Changed(), syncers.Protocol, "interface-changed", 0},
		{dcltest.WrongType(), syncers.Protocol, "interface-changed", 0},
		{dcltest.Null(), syncers.OK, "", 0},
		{dcltest.Refuse(), syncers.Down, "unreachable", 0},
		{dcltest.Cut(700), syncers.Truncated, "truncated", 0},
		{dcltest.CutRecord(3), syncers.Truncated, "truncated", 3},
		{dcltest.WrongLength(5), syncers.Truncated, "cut", 9},
		{dcltest.WrongLength(-5), syncers.Truncated, "truncated", 0},
		{dcltest.Fault{Name: "bad records", Extra: "<CALL:5>F5AAA<QSO_DATE:8>20250230<EOR><CALL:999999>x<EOR>"}, syncers.OK, "", 9},
		{dcltest.Fault{Name: "members", Members: `, "next": {"a":["}",1.5e3,true]}, "took": -1`}, syncers.OK, "", 9},
		{dcltest.Fault{Name: "stalled", StallAt: 900, StallFor: time.Minute}, syncers.Truncated, "stalled", 0},
		{dcltest.Fault{Name: "silent", Delay: time.Minute}, syncers.Down, "silent", 0},
	} {
		t.Run(test.fault.Name+" "+test.code, func(t *testing.T) {
			s, address := service(t, 9)
			clean := newBook("")
			cfg := dcl.Config{Override: address}
			if test.fault.Delay+test.fault.StallFor >= time.Minute {
				cfg.Limits.Idle = time.Second
			}
			run(t, syncer(t, cfg), clean, syncers.Options{})

			book := newBook("")
			s.Play(test.fault)
			r := run(t, syncer(t, cfg), book, syncers.Options{})
			if r.Class != test.class || r.Code != test.code || len(book.QSOs) != test.kept {
				t.Errorf("class %s, code %s, %d kept: %s; want %s, %s, %d", r.Class, r.Code, len(book.QSOs), r.Message, test.class, test.code, test.kept)
			}
			if test.class != syncers.OK && (r.Cursor != syncers.Cursor{} || !r.NotBefore.After(r.Ended)) {
				t.Errorf("cursor %+v, next try at %v", r.Cursor, r.NotBefore)
			}
			if r := run(t, syncer(t, cfg), book, syncers.Options{}); r.Class != syncers.OK || book.Dump(t) != clean.Dump(t) {
				t.Errorf("after a good run: %s %s (-clean +got):\n%s", r.Class, r.Message, cmp.Diff(clean.Dump(t), book.Dump(t)))
			}
		})
	}
}

// Any sequence of faults followed by a good run leaves what a clean run leaves.
func TestAnyFaultsThenGood(t *testing.T) {
	for seed := range syncerstest.Seeds(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		s, address := service(t, 8)
		cfg := dcl.Config{Override: address}
		clean, book := newBook(""), newBook("")
		run(t, syncer(t, cfg), clean, syncers.Options{})
		var names []string
		for range 1 + r.IntN(4) {
			f := dcltest.Any(r)
			names = append(names, f.Name)
			s.Play(f)
			run(t, syncer(t, cfg), book, syncers.Options{Full: r.IntN(4) == 0})
		}
		if good := run(t, syncer(t, cfg), book, syncers.Options{}); good.Class != syncers.OK || clean.Dump(t) != book.Dump(t) {
			t.Fatalf("seed %d, %v: %s (-clean +got):\n%s", seed, names, good.Message, cmp.Diff(clean.Dump(t), book.Dump(t)))
		}
	}
}

func TestFullAnswers(t *testing.T) {
	for _, test := range []struct {
		name    string
		oldest  bool // DCL sends the oldest confirmation first
		limit   int
		cap     int // DCL never sends more
		added   int
		cursor  string
		warning bool
	}{
		{"less than the limit", false, 30, 0, 20, "2026-02-11", false},
		{"more records are asked for", false, 6, 0, 20, "2026-02-11", false},
		{"in order: goes on", true, 6, 6, 20, "2026-02-11", false},
		{"no order and no more: the cursor stays", false, 6, 6, 6, "", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := dcltest.New(dcltest.Options{Key: key, Now: atNoon})
			for i := range 20 {
				day := i
				if test.oldest {
					day = 19 - i
				}
				s.Add(dcltest.QSO{Own: "DK9XYZ", Call: fmt.Sprintf("DL1A%c", 'A'+day), Start: noon.AddDate(0, 0, -day), Band: "80m", Mode: "SSB", Confirmed: noon.AddDate(0, 0, -day)})
			}
			server := httptest.NewServer(capped(s, test.cap))
			defer server.Close()
			book := newBook("")
			r := run(t, syncer(t, dcl.Config{Override: server.URL, Limit: test.limit}), book, syncers.Options{})
			if r.Class != syncers.OK || r.Added != test.added || r.Cursor.QSL != test.cursor || (len(r.Warnings) > 0) != test.warning {
				t.Errorf("%+v", r)
			}
		})
	}
}

// capped is a DCL that sends at most so many records.
func capped(s *dcltest.Server, most int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body map[string]any
		_ = json.NewDecoder(r.Body).Decode(&body)
		if limit, _ := body["limit"].(float64); most > 0 && limit > float64(most) {
			body["limit"] = most
		}
		text, _ := json.Marshal(body)
		r.Body = io.NopCloser(bytes.NewReader(text))
		s.ServeHTTP(w, r)
	})
}

func TestOwnCall(t *testing.T) {
	s, address := service(t, 3)
	s.Add(dcltest.QSO{Own: "DL0AAA", Call: "DL9ZZZ", Start: noon, Band: "80m", Mode: "CW", Confirmed: noon})
	book := newBook("")
	book.SetAccount(syncers.Account{Source: qso.DCL, Secret: qso.NewSecret(key), OwnCall: "DK9XYZ/P"})
	if r := run(t, syncer(t, dcl.Config{Override: address}), book, syncers.Options{}); r.Added != 3 || !slices.Equal(r.OwnCalls, []string{"DK9XYZ"}) {
		t.Errorf("%+v", r)
	}
}

func TestCheck(t *testing.T) {
	s, address := service(t, 3)
	client, err := dcl.New(dcl.Config{Override: address, Now: atNoon, Gate: syncers.NewGate(atNoon), Agent: "t", Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	account := syncers.Account{Secret: qso.NewSecret(key)}
	if err := client.Check(t.Context(), account); err != nil {
		t.Errorf("good key: %v", err)
	}
	if s.Requests()[0].Body["limit"] != 1.0 {
		t.Error("the check asks for more than a record")
	}
	account.Secret = qso.NewSecret("canary")
	if e := syncers.AsError(client.Check(t.Context(), account)); e == nil || e.Class != syncers.Auth {
		t.Errorf("wrong key: %v", e)
	}
}

func TestMemory(t *testing.T) {
	s, address := service(t, 0)
	s.Many(100_000)
	book := newBook("")
	book.Discard = true
	var r syncers.Run
	heap := syncerstest.Heap(t, func() { r = run(t, syncer(t, dcl.Config{Override: address}), book, syncers.Options{}) })
	if r.Class != syncers.OK || r.Added != 100_000 || heap > 64<<20 {
		t.Errorf("%s %s: %d added, %d MB of heap", r.Class, r.Message, r.Added, heap>>20)
	}
	t.Logf("%d MB of heap", heap>>20)
}
