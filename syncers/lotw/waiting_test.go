package lotw_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/syncers"
	"qslbox/syncers/lotw"
	"qslbox/syncers/lotw/lotwtest"
	"qslbox/syncers/syncerstest"
)

// detour takes requests for LoTW to a server on this machine.
type detour struct {
	to *url.URL
	by http.RoundTripper
}

func (d detour) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = d.to.Scheme, d.to.Host
	return d.by.RoundTrip(r)
}

// waiting runs fn in a bubble, where waiting takes no time, with a client that
// waits as it does in real life.
func waiting(t *testing.T, largeLog int, opt lotwtest.Options, fn func(*rig)) {
	t.Helper()
	var clock atomic.Int64 // the bubble's, for the server outside of it
	clock.Store(noon.Unix())
	opt.Login, opt.Password = "dk9xyz", password
	opt.Now = func() time.Time { return time.Unix(clock.Load(), 0).UTC() }
	fake := lotwtest.New(opt)
	server := httptest.NewServer(fake)
	defer server.Close()
	to, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		now := func() time.Time {
			at := noon.Add(time.Since(begin))
			clock.Store(at.Unix())
			return at
		}
		cfg := lotw.Config{Now: now, Gate: syncers.NewGate(now), Agent: "qslbox/test", Dir: dir, LargeLog: largeLog}
		client, err := lotw.Through(cfg, detour{to, &http.Transport{DisableKeepAlives: true}})
		if err != nil {
			t.Fatal(err)
		}
		r := &rig{Book: syncerstest.NewBook(), lotw: fake, client: client}
		r.syncer = syncers.NewSyncer(client, now, slog.New(slog.DiscardHandler))
		r.SetAccount(syncers.Account{Source: qso.LoTW, Login: "dk9xyz", Secret: qso.NewSecret(password)})
		fn(r)
	})
}

// distances returns how long after the one before each request came.
func distances(requests []lotwtest.Request) []time.Duration {
	var out []time.Duration
	for i := 1; i < len(requests); i++ {
		out = append(out, requests[i].At.Sub(requests[i-1].At))
	}
	return out
}

// The first confirmations report waits until LoTW would not answer it with a
// handful of records any more; later runs only keep the distance.
func TestPauseOfTheFirstRun(t *testing.T) {
	waiting(t, 0, lotwtest.Options{TinyFull: 10 * time.Minute}, func(r *rig) {
		r.lotw.Add(slices.Collect(lotwtest.Generate(60, "DK9XYZ", 1, 50, noon.Add(-time.Hour)))...)
		var waits []time.Duration
		run := r.run(t, syncers.Options{Progress: func(p syncers.Progress) {
			if p.Phase == "waiting" {
				waits = append(waits, p.Until.Sub(noon).Round(time.Minute))
			}
		}})
		if run.Class != syncers.OK || run.Added != 60 || run.Repeated != 31 || run.Cursor.QSL == "" || run.WaitMS < 600_000 {
			t.Errorf("first run: %+v", run)
		}
		if diff := cmp.Diff([]time.Duration{10 * time.Minute}, waits); diff != "" {
			t.Errorf("waiting as shown (-want +got):\n%s", diff)
		}
		time.Sleep(6 * time.Hour)
		r.run(t, syncers.Options{})
		want := []time.Duration{10 * time.Minute, 6 * time.Hour, 10 * time.Second}
		if diff := cmp.Diff(want, distances(r.lotw.Requests())); diff != "" {
			t.Errorf("distances of the requests (-want +got):\n%s", diff)
		}
	})
}

// A log without a confirmation has nothing that could be cut short: there is no
// pause. Downloading everything again has one like the first run.
func TestPauseOnlyWhereNeeded(t *testing.T) {
	waiting(t, 0, lotwtest.Options{TinyFull: 10 * time.Minute}, func(r *rig) {
		r.lotw.Add(slices.Collect(lotwtest.Generate(20, "DK9XYZ", 1, 0, noon.Add(-time.Hour)))...)
		r.run(t, syncers.Options{})
		r.lotw.ConfirmNext(9)
		if run := r.run(t, syncers.Options{Full: true}); run.Class != syncers.OK || run.Updated != 9 {
			t.Errorf("everything again: %+v", run)
		}
		want := []time.Duration{10 * time.Second, 10 * time.Second, 10 * time.Minute}
		if diff := cmp.Diff(want, distances(r.lotw.Requests())); diff != "" {
			t.Errorf("distances of the requests (-want +got):\n%s", diff)
		}
	})
}

// A large log comes year by year, requests apart from each other, and says how
// far it is; a run that is stopped by the service's end goes on where it was.
func TestYearsTakeTheirTime(t *testing.T) {
	waiting(t, 1, lotwtest.Options{TinyFull: 10 * time.Minute}, func(r *rig) {
		oldLog(r, 3000)
		r.Put(&qso.QSO{Own: "DL0AAA", Call: "K5AAA", Start: qso.TimeOf(noon), Band: 1, Mode: qso.Mode{Name: "CW"}})
		r.lotw.Play(slices.Concat(make([]lotwtest.Fault, 14), []lotwtest.Fault{lotwtest.Maintenance()})...)
		var notes []string
		show := func(p syncers.Progress) { notes = append(notes, p.Note) }
		if run := r.run(t, syncers.Options{Progress: show}); run.Class != syncers.Down || run.Cursor.Resume == "" {
			t.Errorf("broken off: %+v", run)
		}
		time.Sleep(time.Hour)
		run := r.run(t, syncers.Options{Progress: show})
		if run.Class != syncers.OK || run.Cursor.Resume != "" || len(r.QSOs) != 3001 {
			t.Errorf("gone on: %d QSOs, %+v", len(r.QSOs), run)
		}
		says := regexp.MustCompile(`^2\d\d\d done, [12],\d\d\d (own QSOs|confirmations)$`)
		if !slices.ContainsFunc(notes, says.MatchString) {
			t.Errorf("progress: %q", slices.Compact(notes))
		}
		asked, years := r.lotw.Requests(), map[string]int{}
		for _, q := range asked {
			if q.Query.Get("qso_startdate")+q.Query.Get("qso_enddate") != "" {
				years[fmt.Sprint(q.Query.Get("qso_qsl"), " ", q.Query.Get("qso_startdate"))]++
			}
		}
		for year, n := range years {
			if n > 1 && year != "no 2012-01-01" { // the one that broke off
				t.Errorf("%s was asked for %d times", year, n)
			}
		}
		for i, d := range distances(asked) {
			if d < 10*time.Second {
				t.Errorf("request %d came %v after the one before", i+1, d)
			}
		}
	})
}
