package lotw_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"qslbox/qso"
	"qslbox/syncers"
	"qslbox/syncers/lotw"
	"qslbox/syncers/lotw/lotwtest"
	"qslbox/syncers/syncerstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 2, 11, 12, 0, 0, 0, time.UTC)

func atNoon() time.Time { return noon }

// password is a canary: it must be found nowhere but in the request.
const password = "p4&#+% ü\"canary"

func Example() {
	service := lotwtest.New(lotwtest.Options{Login: "dk9xyz", Password: "secret1", Now: atNoon})
	service.Add(lotwtest.QSO{Own: "DK9XYZ", Call: "JA1ZZZ", Start: noon.Add(-time.Hour), Band: "20m", Mode: "CW", Received: noon, Partner: lotwtest.Partner{DXCC: 339}})
	service.ConfirmNext(1)
	server := httptest.NewServer(service)
	defer server.Close()

	book := syncerstest.NewBook()
	book.SetAccount(syncers.Account{Source: qso.LoTW, Login: "dk9xyz", Secret: qso.NewSecret("secret1")})
	client, err := lotw.New(lotw.Config{Now: atNoon, Gate: syncers.NewGate(atNoon), Agent: "qslbox/test", Override: server.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	run, _ := syncers.NewSyncer(client, atNoon, slog.New(slog.DiscardHandler)).Run(context.Background(), book, syncers.Options{})
	fmt.Println(run.Class, run.Added, run.Cursor.QSL, run.New.Entities)
	// Output:
	// ok 1 2026-02-11 12:00:00 [339]
}

// rig is LoTW, a client and a logbook with an account.
type rig struct {
	*syncerstest.Book
	lotw   *lotwtest.Server
	syncer *syncers.Syncer
	client *lotw.Client
	now    time.Time
	log    bytes.Buffer
}

// newRig returns a rig with n QSOs at LoTW, half of them confirmed.
func newRig(t *testing.T, n int, cfg lotw.Config, opt lotwtest.Options) *rig {
	t.Helper()
	r := &rig{Book: syncerstest.NewBook(), now: noon}
	opt.Login, opt.Password, opt.Now = "dk9xyz", password, func() time.Time { return r.now }
	r.lotw = lotwtest.New(opt)
	r.lotw.Add(slices.Collect(lotwtest.Generate(n, "DK9XYZ", 1, 50, noon.Add(-time.Hour)))...)
	if cfg.Override == "" {
		server := httptest.NewServer(r.lotw)
		t.Cleanup(server.Close)
		cfg.Override = server.URL
	}
	now := func() time.Time { return r.now }
	cfg.Now, cfg.Gate, cfg.Agent, cfg.Dir = now, syncers.NewGate(now), "qslbox/test", t.TempDir()
	var err error
	if r.client, err = lotw.New(cfg); err != nil {
		t.Fatal(err)
	}
	r.syncer = syncers.NewSyncer(r.client, now, slog.New(slog.NewTextHandler(&r.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	r.SetAccount(syncers.Account{Source: qso.LoTW, Login: "dk9xyz", Secret: qso.NewSecret(password)})
	return r
}

// run makes a run and checks what holds for each.
func (r *rig) run(t *testing.T, opt syncers.Options) syncers.Run {
	t.Helper()
	run, err := r.syncer.Run(context.Background(), r.Book, opt)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(run)
	if err != nil {
		t.Fatal(err)
	}
	if all := string(text) + r.log.String(); strings.Contains(all, "canary") || strings.Contains(all, "p4%26") {
		t.Errorf("the password stands in the run or the log: %s", all)
	}
	if run.Fetched != run.Added+run.Matched+run.Unmatched+run.Rejected+run.Repeated || run.Matched != run.Updated+run.Unchanged {
		t.Errorf("the numbers do not add up: %s", text)
	}
	if run.Message == "" || run.Class != syncers.OK && (run.Code == "" || !run.NotBefore.After(run.Ended)) {
		t.Errorf("class %s, code %q, message %q, next try %v", run.Class, run.Code, run.Message, run.NotBefore)
	}
	return run
}

func TestLifeOfALog(t *testing.T) {
	r := newRig(t, 60, lotw.Config{}, lotwtest.Options{})
	first := r.run(t, syncers.Options{})
	if first.Class != syncers.OK || first.Added != 60 || first.Cursor.QSL == "" || first.Cursor.QSO == "" || len(first.New.Entities) == 0 {
		t.Fatalf("first run: %+v", first)
	}
	before, changes := r.Dump(t), r.Changes
	second := r.run(t, syncers.Options{})
	if second.Class != syncers.OK || second.Added+second.Updated != 0 || r.Changes != changes || r.Dump(t) != before {
		t.Errorf("the same again: %+v\n%s", second, cmp.Diff(before, r.Dump(t)))
	}
	r.now = noon.Add(6 * time.Hour)
	r.lotw.ConfirmNext(3)
	r.lotw.Add(lotwtest.QSO{Own: "DK9XYZ", Call: "W1AAA", Start: r.now.Add(-time.Hour), Band: "20m", Mode: "FT8", Received: r.now})
	third := r.run(t, syncers.Options{})
	if third.Added != 1 || third.Updated != 3 || third.Cursor.QSL != "2026-02-11 18:00:00" {
		t.Errorf("news: %+v", third)
	}
	if full := r.run(t, syncers.Options{Full: true}); full.Added+full.Updated != 0 || full.Class != syncers.OK || full.Cursor != third.Cursor {
		t.Errorf("everything again: %+v", full)
	}
	if r.lotw.MostAtOnce() != 1 {
		t.Errorf("%d requests at once", r.lotw.MostAtOnce())
	}
}

func TestFaults(t *testing.T) {
	for _, test := range []struct {
		fault lotwtest.Fault
		class syncers.Class
		code  string
	}{
		{lotwtest.WrongPassword(), syncers.Auth, "wrong-password"},
		{lotwtest.Status(401, 0), syncers.Auth, "wrong-password"},
		{lotwtest.RequestLimit(), syncers.Rate, "request-limit"},
		{lotwtest.Status(429, 600), syncers.Rate, "request-limit"},
		{lotwtest.Maintenance(), syncers.Down, "maintenance"},
		{lotwtest.Status(405, 0), syncers.Down, "http-405"},
		{lotwtest.Status(503, 600), syncers.Down, "http-503"},
		{lotwtest.Empty(), syncers.Down, "empty"},
		{lotwtest.Refuse(), syncers.Down, "unreachable"},
		{lotwtest.Fault{Name: "silent", Delay: time.Minute}, syncers.Down, "silent"},
		{lotwtest.CaptivePortal(), syncers.Protocol, "web-page"},
		{lotwtest.Redirect("http://127.0.0.1:1/elsewhere"), syncers.Protocol, "redirect"},
		{lotwtest.Status(400, 0), syncers.Protocol, "http-400"},
		{lotwtest.Status(403, 0), syncers.Protocol, "http-403"},
		{lotwtest.Fault{Name: "text", Page: "hello"}, syncers.Protocol, "not-a-report"},
		{lotwtest.Fault{Name: "ADIF without banner", Page: "<EOH><CALL:5>F5AAA<eor><APP_LoTW_EOF>"}, syncers.Protocol, "not-a-report"},
		{lotwtest.Cut(20), syncers.Truncated, "truncated"},
		{lotwtest.Cut(150), syncers.Truncated, "truncated"},
		{lotwtest.Cut(2000), syncers.Truncated, "truncated"},
		{lotwtest.Cut(-3), syncers.Truncated, "truncated"},
		{lotwtest.CutChunk(2000), syncers.Truncated, "cut"},
		{lotwtest.CutAfter(3), syncers.Truncated, "truncated"},
		{lotwtest.WrongLength(100), syncers.Truncated, "cut"},
		{lotwtest.WrongLength(-100), syncers.Truncated, "truncated"},
		{lotwtest.Stall(2000, time.Minute), syncers.Truncated, "stalled"},
		{lotwtest.Fault{Name: "endless", Endless: true}, syncers.Truncated, "too-large"},
		{lotwtest.Fault{Name: "no end mark", NoEnd: true}, syncers.Truncated, "truncated"},
		{lotwtest.Fault{Name: "count too large", CountOff: 2}, syncers.Truncated, "truncated"},
		{lotwtest.Fault{Name: "count too small", CountOff: -2}, syncers.Truncated, "truncated"},
		{lotwtest.BadRecords(), syncers.OK, "moves"},
		{lotwtest.Fault{Name: "gzip", Gzip: true}, syncers.OK, "moves"},
		{lotwtest.Fault{Name: "LF", LF: true}, syncers.OK, "moves"},
		{lotwtest.Fault{Name: "no last", NoLast: true}, syncers.OK, ""},
		{lotwtest.Fault{Name: "last in the future", Last: "2099-01-01 00:00:00"}, syncers.OK, ""},
		{lotwtest.Fault{Name: "default since", DefaultSince: true, Tiny: 2}, syncers.OK, ""},
		{lotwtest.Fault{Name: "nearly silent", StallAt: 900, StallFor: 100 * time.Millisecond}, syncers.OK, "moves"},
	} {
		t.Run(test.fault.Name, func(t *testing.T) {
			clean := newRig(t, 24, lotw.Config{}, lotwtest.Options{})
			clean.run(t, syncers.Options{})
			limits := syncers.Limits{Bytes: 4 << 20}
			if test.fault.Delay+test.fault.StallFor >= time.Minute {
				limits.Idle = time.Second
			}
			r := newRig(t, 24, lotw.Config{Limits: limits}, lotwtest.Options{})
			r.lotw.Play(test.fault)
			run := r.run(t, syncers.Options{})
			moves := test.code == "moves" // nothing is wrong with the answer
			if moves {
				test.code = ""
			}
			if run.Class != test.class || run.Code != test.code {
				t.Errorf("class %s, code %s: %s; want %s, %s", run.Class, run.Code, run.Message, test.class, test.code)
			}
			if (run.Cursor.QSO != "") != moves {
				t.Errorf("the cursor moved to %+v", run.Cursor)
			}
			for range 2 { // the second one for what a fault with class ok left out
				run = r.run(t, syncers.Options{})
			}
			if run.Class != syncers.OK || r.Dump(t) != clean.Dump(t) {
				t.Errorf("after good runs: %s %s (-clean +got):\n%s", run.Class, run.Message, cmp.Diff(clean.Dump(t), r.Dump(t)))
			}
		})
	}
}

func TestCheck(t *testing.T) {
	r := newRig(t, 3, lotw.Config{}, lotwtest.Options{})
	account := syncers.Account{Login: "dk9xyz", Secret: qso.NewSecret(password)}
	if err := r.client.Check(t.Context(), account); err != nil {
		t.Errorf("good password: %v", err)
	}
	account.Secret = qso.NewSecret("canary")
	if e := syncers.AsError(r.client.Check(t.Context(), account)); e == nil || e.Class != syncers.Auth {
		t.Errorf("wrong password: %v", e)
	}
}

func TestOverrideStaysHere(t *testing.T) {
	for _, address := range []string{"http://192.0.2.1", "http://lotw.arrl.org", "http://user@127.0.0.1", "http://127.0.0.1/?x=y", "ftp://127.0.0.1", "://"} {
		if _, err := lotw.New(lotw.Config{Now: atNoon, Gate: syncers.NewGate(atNoon), Override: address}); err == nil {
			t.Errorf("%s was taken", address)
		}
	}
}

func TestStopped(t *testing.T) {
	r := newRig(t, 9, lotw.Config{}, lotwtest.Options{})
	r.lotw.Play(lotwtest.Stall(900, time.Minute))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	run, err := r.syncer.Run(ctx, r.Book, syncers.Options{})
	if err != nil || run.Code != "deadline" || run.Cursor != (syncers.Cursor{}) {
		t.Errorf("%+v, %v", run, err)
	}
	if len(r.Runs[qso.LoTW]) != 1 {
		t.Error("the stopped run is not in the history")
	}
}
