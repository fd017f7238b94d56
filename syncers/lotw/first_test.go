package lotw_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/syncers"
	"qslbox/syncers/lotw"
	"qslbox/syncers/lotw/lotwtest"
	"qslbox/syncers/syncerstest"
)

// oldLog puts n QSOs into LoTW, spread over the years from 1998 on.
func oldLog(r *rig, n int) {
	for i := range n {
		start := time.Date(1998+i%28, 5, 1+i%27, 10, i%60, 0, 0, time.UTC)
		q := lotwtest.QSO{Own: "DK9XYZ", Call: fmt.Sprintf("F5A%c%c", 'A'+i/26%26, 'A'+i%26), Start: start, Band: "20m", Mode: "CW", Received: start.AddDate(0, 1, 0)}
		if i%3 == 0 {
			q.Confirmed = start.AddDate(0, 2, 0)
		}
		r.lotw.Add(q)
	}
}

func TestFirstDownloadByYears(t *testing.T) {
	clean := newRig(t, 0, lotw.Config{}, lotwtest.Options{})
	oldLog(clean, 200)
	clean.run(t, syncers.Options{})

	r := newRig(t, 0, lotw.Config{LargeLog: 1}, lotwtest.Options{})
	oldLog(r, 200)
	r.Put(&qso.QSO{Own: "DL0AAA", Call: "K5AAA", Start: qso.TimeOf(noon), Band: 1, Mode: qso.Mode{Name: "CW"}})
	var notes []string
	r.lotw.Play(slices.Concat(make([]lotwtest.Fault, 9), []lotwtest.Fault{lotwtest.Status(503, 0)})...)
	run := r.run(t, syncers.Options{Progress: func(p syncers.Progress) { notes = append(notes, p.Note) }})
	if run.Class != syncers.Down || run.Added == 0 || run.Added == 200 || run.Cursor.Resume == "" || run.Cursor.QSO != "" {
		t.Fatalf("the run that broke off: %+v", run)
	}
	if !slices.ContainsFunc(notes, func(n string) bool { return strings.HasSuffix(n, " own QSOs") && strings.Contains(n, "2020 done") }) {
		t.Errorf("progress notes: %q", slices.Compact(notes))
	}
	asked := len(r.lotw.Requests())
	run = r.run(t, syncers.Options{})
	if run.Class != syncers.OK || run.Cursor.Resume != "" || len(r.QSOs) != 201 {
		t.Fatalf("the run that went on: %+v, %d QSOs", run, len(r.QSOs))
	}
	if again := r.lotw.Requests()[asked].Query.Get("qso_startdate"); again != "2017-01-01" {
		t.Errorf("it went on at %s", again)
	}
	account, _ := clean.Account(qso.LoTW)
	if diff := cmp.Diff(account.Cursor, run.Cursor); diff != "" {
		t.Errorf("cursor (-in one request +by years):\n%s", diff)
	}
}

// A record that LoTW receives while the years are asked for must not be passed
// by the cursor.
func TestArrivalWhileAsking(t *testing.T) {
	r := newRig(t, 0, lotw.Config{LargeLog: 1}, lotwtest.Options{})
	oldLog(r, 30)
	r.Put(&qso.QSO{Own: "DL0AAA", Call: "K5AAA", Start: qso.TimeOf(noon), Band: 1, Mode: qso.Mode{Name: "CW"}})
	requests := 0
	r.run(t, syncers.Options{Progress: func(p syncers.Progress) {
		if p.Phase != "asking" {
			return
		}
		r.now = r.now.Add(24 * time.Hour) // slow: a day passes with each request
		if requests++; requests == 6 {
			for _, start := range []time.Time{noon.Add(-time.Hour), noon.AddDate(-20, 0, 0)} {
				r.lotw.Add(lotwtest.QSO{Own: "DK9XYZ", Call: "JA1ZZZ", Start: start, Band: "20m", Mode: "CW", Received: r.now, Confirmed: r.now})
			}
		}
	}})
	if run := r.run(t, syncers.Options{}); run.Class != syncers.OK || len(r.QSOs) != 33 {
		t.Errorf("%d QSOs, want 33: %+v", len(r.QSOs), run)
	}
}

func TestTinySecondDownload(t *testing.T) {
	r := newRig(t, 80, lotw.Config{}, lotwtest.Options{TinyFull: 10 * time.Minute})
	run := r.run(t, syncers.Options{})
	if run.Class != syncers.Truncated || run.Code != "fewer-than-own" || run.Cursor.QSL != "" || run.Cursor.QSO == "" || len(r.QSOs) != 80 {
		t.Fatalf("%+v", run)
	}
	r.now = r.now.Add(time.Hour)
	run = r.run(t, syncers.Options{})
	if run.Class != syncers.OK || run.Cursor.QSL == "" || run.Cursor.Resume != "" {
		t.Errorf("an hour later: %+v", run)
	}
	if last := r.lotw.Requests(); last[len(last)-1].Query.Get("qso_qsl") != "yes" || len(last) != 3 {
		t.Errorf("own QSOs were asked for again: %d requests", len(last))
	}
}

func TestComparison(t *testing.T) {
	r := newRig(t, 20, lotw.Config{}, lotwtest.Options{})
	r.run(t, syncers.Options{})
	altered := slices.Sorted(maps.Keys(r.QSOs))[0]
	r.QSOs[altered].AtLoTW = qso.NoTime // what LoTW says of it was missed
	r.Put(&qso.QSO{Own: "DK9XYZ", Call: "PY1AAA", Start: qso.TimeOf(noon), Band: 1, Mode: qso.Mode{Name: "CW"}, AtLoTW: qso.TimeOf(noon)})
	r.now = noon.AddDate(0, 0, 31)
	run := r.run(t, syncers.Options{})
	if run.Class != syncers.OK || len(r.Gone) != 1 || r.QSOs[r.Gone[0]].Call != "PY1AAA" {
		t.Errorf("vanished: %v, %+v", r.Gone, run)
	}
	if diff := cmp.Diff([]uint64{altered}, run.Altered); diff != "" {
		t.Errorf("changed at LoTW (-want +got):\n%s", diff)
	}
	if last := r.lotw.Requests(); last[2].Query.Get("qso_qsorxsince") != "1945-01-01" || last[3].Query.Get("qso_qslsince") == "1945-01-01" {
		t.Error("a comparison asks for all own QSOs, but for new confirmations only")
	}
}

func TestMemory(t *testing.T) {
	r := newRig(t, 0, lotw.Config{}, lotwtest.Options{})
	r.lotw.Many(60_000, "DK9XYZ", 3, 50, noon)
	r.Discard = true
	var run syncers.Run
	heap := syncerstest.Heap(t, func() { run = r.run(t, syncers.Options{}) })
	if run.Class != syncers.OK || run.Added < 85_000 || heap > 44<<20 {
		t.Errorf("%s %s: %d added, %d MB of heap", run.Class, run.Message, run.Added, heap>>20)
	}
	t.Logf("%d MB of heap", heap>>20)
}

// Any sequence of faults followed by a good run leaves what a clean run leaves.
func TestAnyFaultsThenGood(t *testing.T) {
	for seed := range syncerstest.Seeds(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		large := 1000
		if random.IntN(4) == 0 {
			large = 1 // by years, which takes many requests
		}
		clean := newRig(t, 16, lotw.Config{LargeLog: large}, lotwtest.Options{})
		r := newRig(t, 16, lotw.Config{LargeLog: large}, lotwtest.Options{})
		var names []string
		for round := range 1 + random.IntN(4) {
			if round > 0 {
				clean.lotw.ConfirmNext(2)
				r.lotw.ConfirmNext(2)
			}
			for range 1 + random.IntN(3) {
				f := lotwtest.Any(random)
				names = append(names, f.Name)
				r.lotw.Play(f)
			}
			r.run(t, syncers.Options{Full: random.IntN(4) == 0})
		}
		r.lotw.Calm()
		clean.run(t, syncers.Options{})
		run := r.run(t, syncers.Options{})
		if want, got := withoutCursors(clean.Dump(t)), withoutCursors(r.Dump(t)); run.Class != syncers.OK || want != got {
			t.Fatalf("seed %d, %q: %s (-clean +got):\n%s", seed, names, run.Message, cmp.Diff(want, got))
		}
		// a report that did not say how far it goes is asked for once more
		if r.run(t, syncers.Options{}); clean.Dump(t) != r.Dump(t) {
			t.Fatalf("seed %d, %q: one run later (-clean +got):\n%s", seed, names, cmp.Diff(clean.Dump(t), r.Dump(t)))
		}
	}
}

func withoutCursors(dump string) string {
	_, rest, _ := strings.Cut(dump, `"listed"`)
	return rest
}
