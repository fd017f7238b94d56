package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/store"
	"qslbox/syncers"
	"qslbox/syncers/dcl/dcltest"
	"qslbox/syncers/lotw/lotwtest"
)

// clockRig is an appliance with accounts at a fake LoTW and a fake DCL, which
// know the time; the appliance's clock may be wrong.
type clockRig struct {
	*testing.T
	a         *appliance
	book      *store.Logbook
	lotw      *lotwtest.Server
	dcl       *dcltest.Server
	time      *atomic.Int64 // the right time, for the servers outside of the bubble
	begin     time.Time     // what it is when the bubble begins
	wrong     atomic.Int64  // how far the appliance's clock is ahead
	confirmed int
}

// right is what time it is.
func (r *clockRig) right() time.Time {
	at := r.begin.Add(time.Since(bubbleStart))
	r.time.Store(at.UnixNano())
	return at
}

func (r *clockRig) now() time.Time { return r.right().Add(time.Duration(r.wrong.Load())) }

// TestSyncsAcrossClockJumps lets the clock jump, stay wrong for half a day,
// and be set right, while the schedule syncs with LoTW and DCL and a
// button does once: nothing is asked for from the beginning again, no service
// is asked more often than the schedule says, the cursors are the services'
// own words, and in the end everything that was confirmed is.
func TestSyncsAcrossClockJumps(t *testing.T) {
	begin := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	for name, to := range map[string]time.Time{
		"an hour ahead":   begin.Add(9 * time.Hour),
		"an hour back":    begin.Add(7*time.Hour + time.Minute),
		"two weeks ahead": begin.Add(15 * 24 * time.Hour),
		"two weeks back":  begin.Add(-13 * 24 * time.Hour),
		"1970":            time.Unix(0, 0),
		"beyond 2038":     time.Date(2038, 1, 20, 3, 14, 8, 0, time.UTC),
	} {
		t.Run(name, func(t *testing.T) {
			if (name == "an hour ahead" || name == "two weeks back") && os.Getenv("QSLBOX_SOAK") == "" {
				t.Skip("long; set QSLBOX_SOAK=1")
			}
			r := &clockRig{T: t, time: &atomic.Int64{}, begin: begin}
			r.time.Store(begin.UnixNano())
			outside := func() time.Time { return time.Unix(0, r.time.Load()).UTC() }
			r.lotw = lotwtest.New(lotwtest.Options{Login: "dk9xyz", Password: "secret", Now: outside})
			r.dcl = dcltest.New(dcltest.Options{Key: "K1", Now: outside})
			atLoTW, atDCL := httptest.NewServer(r.lotw), httptest.NewServer(r.dcl)
			defer atLoTW.Close()
			defer atDCL.Close()
			b := newBox(t)
			b.ok("import", b.sample(30))
			synctest.Test(t, func(t *testing.T) {
				r.T = t
				r.open(b.dir, map[string]string{"QSLBOX_LOTW_URL": atLoTW.URL, "QSLBOX_DCL_URL": atDCL.URL})
				defer func() { _ = r.a.close() }()
				defer r.schedule()()
				r.hours(8)
				before := r.asked()
				r.wrong.Store(int64(to.Sub(r.right())))
				r.byHand()
				r.hours(14)
				if first := r.asked() - before; first > 3*(1+3)+1 { // the button, a run each six hours, a comparison
					r.Errorf("asked %d times in 14 hours", first)
				}
				r.wrong.Store(0)
				r.hours(32)
				compared := 0
				if to.Sub(begin) > 31*24*time.Hour {
					compared = 1
				}
				r.end(compared)
			})
		})
	}
}

// open opens the appliance and sets the accounts.
func (r *clockRig) open(dir string, env map[string]string) {
	r.Helper()
	b := &box{t: r.T, dir: dir, env: env}
	e := b.environment("", &buffer{}, &buffer{})
	e.now = r.now
	a, err := openAppliance(r.Context(), applianceConfig{dir: dir, env: e, create: true, address: func() string { return "" }})
	if err != nil {
		r.Fatal(err)
	}
	r.a = a
	if r.book, err = a.store.Logbook(store.MainLogbook); err != nil {
		r.Fatal(err)
	}
	for _, account := range []syncers.Account{
		{Source: qso.LoTW, Login: "dk9xyz", Secret: qso.NewSecret("secret")}, {Source: qso.DCL, Secret: qso.NewSecret("K1")},
	} {
		if err := r.book.SetAccount(r.Context(), account); err != nil {
			r.Fatal(err)
		}
	}
}

// schedule runs the syncs by schedule until the returned function is called.
func (r *clockRig) schedule() (stop func()) {
	s := syncers.NewScheduler(syncers.SchedulerConfig{Now: r.now, Trusted: func() bool { return r.a.clock.trusted(r.now()) }})
	for _, syncer := range r.a.sources {
		s.Set(syncer.Job(store.MainLogbook, r.book))
	}
	ctx, cancel := context.WithCancel(r.Context())
	var running sync.WaitGroup
	running.Go(func() { s.Run(ctx) })
	return func() { cancel(); running.Wait() }
}

// hours lets time pass; each hour somebody has a QSO and both confirm it.
func (r *clockRig) hours(n int) {
	for range n {
		at := r.right().Truncate(time.Minute)
		call := fmt.Sprintf("DL%d%c%c", r.confirmed%10, 'A'+r.confirmed/10%26, 'A'+r.confirmed/260)
		r.lotw.Add(lotwtest.QSO{Own: "DK9XYZ", Call: call, Start: at.Add(-time.Hour), Band: "20m", Mode: "CW", Received: at, Confirmed: at})
		r.dcl.Add(dcltest.QSO{Own: "DK9XYZ", Call: call, Start: at.Add(-time.Hour), Band: "20m", Mode: "CW", DOK: "B36", Confirmed: at})
		r.confirmed++
		for range 2 {
			time.Sleep(30 * time.Minute)
			r.a.clock.seen(r.now(), r.a.elapsed())
		}
	}
}

// byHand is somebody who presses both buttons.
func (r *clockRig) byHand() {
	r.Helper()
	for source, syncer := range r.a.sources {
		if _, err := syncer.Run(r.Context(), r.book, syncers.Options{Trigger: syncers.ByButton}); err != nil {
			r.Errorf("%s by hand: %v", source, err)
		}
	}
}

func (r *clockRig) asked() int { return len(r.lotw.Requests()) + len(r.dcl.Requests()) }

// end looks at what is left: what was asked, the cursors, and the log. Once a
// month the log is compared with all that LoTW has.
func (r *clockRig) end(compared int) {
	r.Helper()
	everything := map[string]int{}
	for _, q := range r.lotw.Requests() {
		if since := q.Query.Get("qso_qslsince") + q.Query.Get("qso_qsorxsince"); since < "2026" {
			everything["lotw "+q.Query.Get("qso_qsl")]++
		}
	}
	for _, q := range r.dcl.Requests() {
		if since, ok := q.Body["qsl_since"].(string); !ok || since < "2026" {
			everything["dcl"]++
		}
	}
	if diff := cmp.Diff(map[string]int{"lotw no": 1 + compared, "lotw yes": 1, "dcl": 1}, everything); diff != "" {
		r.Errorf("requests for everything (-want +got):\n%s", diff)
	}
	for source := range r.a.sources {
		account, err := r.book.Account(source)
		if err != nil {
			r.Fatal(err)
		}
		run, err := r.book.LastRun(source)
		if err != nil || run.Class != syncers.OK || r.right().Sub(run.Ended).Abs() > 7*time.Hour {
			r.Errorf("%s: the last run: %s %s of %v, now it is %v, %v", source, run.Class, run.Message, run.Ended, r.right(), err)
		}
		if run.Compared.After(r.right().Add(time.Hour)) {
			r.Errorf("%s: the next comparison would be in %v", source, run.Compared.AddDate(0, 1, 0))
		}
		if day := r.right().Format("2006-01-"); len(account.Cursor.QSL) < 10 || account.Cursor.QSL[:8] != day {
			r.Errorf("%s: cursor %+v, now it is %v", source, account.Cursor, r.right())
		}
	}
	both := 0
	_ = r.book.Scan(r.Context(), 0, func(q *qso.QSO) bool {
		if q.Confirmed().Has(qso.LoTW) && q.Confirmed().Has(qso.DCL) {
			both++
		}
		return true
	})
	if both < r.confirmed-7 || both > r.confirmed { // the last run was up to six hours ago
		r.Errorf("%d QSOs are confirmed by both, want %d", both, r.confirmed)
	}
}
