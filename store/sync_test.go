package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/store"
	"qslbox/syncers"
)

// synced is a logbook with an account at LoTW.
func synced(tb testing.TB) (*store.Store, *store.Logbook, syncers.Account) {
	tb.Helper()
	s, l := mainBook(tb)
	if err := l.SetAccount(context.Background(), syncers.Account{Source: qso.LoTW, Login: "dk9xyz", Secret: qso.NewSecret("canary-secret")}); err != nil {
		tb.Fatal(err)
	}
	a, err := l.Account(qso.LoTW)
	if err != nil {
		tb.Fatal(err)
	}
	return s, l, a
}

func own(call, clock, kind string) syncers.Record {
	c := contact{Own: "DK9XYZ", Call: call, Time: "2025-03-14T" + clock + ":00Z", Band: "20m", Mode: "CW", Source: "lotw", Kind: kind}
	return c.record()
}

func TestSyncIsOneTransaction(t *testing.T) {
	s, l, a := synced(t)
	ctx := context.Background()
	commits, generation := s.Commits(), s.Generation(store.MainLogbook)
	cursor := syncers.Cursor{QSL: "2026-02-01 10:00:00", QSO: "2026-02-01 11:00:00", Resume: "2019"}
	run := syncers.Run{Run: 1, Source: "lotw", Class: syncers.OK, Cursor: cursor}
	batch := syncers.Batch{Source: qso.LoTW, Revision: a.Revision, Run: 1, Cursor: &cursor, Last: &run,
		Records: []syncers.Record{own("DL1ABC", "10:15", "own"), own("DL1ABC", "10:15", "confirmation"), own("W1AAA", "10:16", "confirmation")}}
	result, err := l.MergeSync(ctx, batch)
	if err != nil {
		t.Fatal(err)
	}
	if result.Added != 2 || result.Updated != 1 || s.Commits() != commits+1 || s.Generation(store.MainLogbook) != generation+1 {
		t.Errorf("%+v, %d commits, generation moved by %d", result, s.Commits()-commits, s.Generation(store.MainLogbook)-generation)
	}
	if a, err := l.Account(qso.LoTW); err != nil || a.Cursor != cursor || a.Secret.Reveal() != "canary-secret" {
		t.Errorf("%+v, %v", a, err)
	}
	last, err := l.LastRun(qso.LoTW)
	if err != nil || last.Added != 2 || last.Fetched != 3 || last.Cursor != cursor {
		t.Errorf("%+v, %v", last, err)
	}
	// the same again: one commit for run and cursor, no generation
	commits, run.Run = s.Commits(), 2
	if _, err := l.MergeSync(ctx, batch); err != nil {
		t.Fatal(err)
	}
	if s.Commits() != commits+1 || s.Generation(store.MainLogbook) != generation+1 || l.Size() != 2 {
		t.Errorf("%d commits, generation moved by %d, %d QSOs", s.Commits()-commits, s.Generation(store.MainLogbook)-generation-1, l.Size())
	}
	// nothing at all to say: no commit
	commits = s.Commits()
	if _, err := l.MergeSync(ctx, syncers.Batch{Source: qso.LoTW, Revision: a.Revision, Run: 3, Cursor: &cursor}); err != nil || s.Commits() != commits {
		t.Errorf("%v, %d commits", err, s.Commits()-commits)
	}
}

func TestSyncOfAChangedAccount(t *testing.T) {
	s, l, a := synced(t)
	ctx := context.Background()
	b := a
	b.Login = "dl0xyz"
	if err := l.SetAccount(ctx, b); err != nil {
		t.Fatal(err)
	}
	commits := s.Commits()
	batch := syncers.Batch{Source: qso.LoTW, Revision: a.Revision, Run: 1, Records: []syncers.Record{own("DL1ABC", "10:15", "own")}, Last: &syncers.Run{Run: 1}}
	if _, err := l.MergeSync(ctx, batch); !errors.Is(err, syncers.ErrAccountChanged) {
		t.Errorf("got %v", err)
	}
	batch.Source = qso.DCL
	if _, err := l.MergeSync(ctx, batch); !errors.Is(err, syncers.ErrNoAccount) {
		t.Errorf("got %v", err)
	}
	if s.Commits() != commits || l.Size() != 0 {
		t.Error("something was stored")
	}
}

func TestSyncHistoryIsTrimmed(t *testing.T) {
	_, l, a := synced(t)
	ctx := context.Background()
	for n := 1; n <= store.KeptRuns+5; n++ {
		if _, err := l.MergeSync(ctx, syncers.Batch{Source: qso.LoTW, Revision: a.Revision, Run: n, Last: &syncers.Run{Run: n, Class: syncers.OK}}); err != nil {
			t.Fatal(err)
		}
	}
	runs, err := l.Runs(qso.LoTW, 1000)
	if err != nil || len(runs) != store.KeptRuns || runs[0].Run != store.KeptRuns+5 || runs[len(runs)-1].Run != 6 {
		t.Errorf("%d runs, %v", len(runs), err)
	}
	if _, found, err := l.Run(qso.LoTW, 5); found || err != nil {
		t.Errorf("run 5: %v, %v", found, err)
	}
	if run, found, err := l.Run(qso.LoTW, 6); !found || err != nil || run.Run != 6 {
		t.Errorf("run 6: %v, %v", found, err)
	}
}

func TestSyncLeavesDeletedDeleted(t *testing.T) {
	_, l, a := synced(t)
	ctx := context.Background()
	importADIF(t, l, contactWith("DL1ABC", "1017", "STATION_CALLSIGN", "DK9XYZ"))
	if err := l.Delete(ctx, 1, 0, "me"); err != nil {
		t.Fatal(err)
	}
	for run, kind := range []string{"own", "confirmation"} {
		result, err := l.MergeSync(ctx, syncers.Batch{Source: qso.LoTW, Revision: a.Revision, Run: run + 1, Records: []syncers.Record{own("DL1ABC", "10:15", kind)}})
		if err != nil || result.Added != 0 || result.Unmatched != 1 || l.Size() != 0 {
			t.Errorf("%s: %+v, %v, %d QSOs", kind, result, err, l.Size())
		}
	}
}

func TestNewOfARun(t *testing.T) {
	_, l, a := synced(t)
	rec := own("DL1ABC", "10:15", "confirmation")
	rec.QSO.DXCC = 230
	rec.QSO.Set(qso.FieldGridsquare, "JO31")
	var got []string
	for run := 1; run <= 2; run++ {
		result, err := l.MergeSync(context.Background(), syncers.Batch{Source: qso.LoTW, Revision: a.Revision, Run: run, Records: []syncers.Record{rec}})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(result.New.Entities, result.New.Slots, result.New.Grids))
	}
	if diff := cmp.Diff([]string{"[230] [230/20m] [JO31]", "[] [] []"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestComparisonWithLoTW(t *testing.T) {
	s, l, a := synced(t)
	ctx := context.Background()
	records := []syncers.Record{own("DL1ABC", "10:15", "own"), own("W1AAA", "10:16", "own"), own("JA1ZZZ", "10:17", "confirmation")}
	if _, err := l.MergeSync(ctx, syncers.Batch{Source: qso.LoTW, Revision: a.Revision, Run: 1, Records: records}); err != nil {
		t.Fatal(err)
	}
	generation := s.Generation(store.MainLogbook)
	result, err := l.MergeSync(ctx, syncers.Batch{Source: qso.LoTW, Revision: a.Revision, Run: 2, Records: records[:1], Gone: &syncers.IDSet{}})
	if err != nil || result.Unchanged != 1 || !slices.Equal(result.Vanished, []uint64{2}) || s.Generation(store.MainLogbook) != generation+1 {
		t.Errorf("%+v, %v", result, err)
	}
	var got []bool
	for _, q := range allQSOs(t, l) {
		got = append(got, q.AtLoTW.Given())
	}
	if diff := cmp.Diff([]bool{true, false}, got[:2]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestListedRecords(t *testing.T) {
	s, l, a := synced(t)
	ctx := context.Background()
	no := false
	a.ImportMissing = &no
	if err := l.SetAccount(ctx, a); err != nil {
		t.Fatal(err)
	}
	records := []syncers.Record{own("DL1ABC", "10:15", "confirmation"), own("W1AAA", "10:16", "confirmation"), own("JA1ZZZ", "10:17", "confirmation")}
	batch := syncers.Batch{Source: qso.LoTW, Revision: a.Revision, Run: 1, Records: records}
	if result, err := l.MergeSync(ctx, batch); err != nil || result.Unmatched != 3 {
		t.Fatalf("%+v, %v", result, err)
	}
	list, err := l.Listed(qso.LoTW)
	if err != nil || len(list) != 3 || list[0].Record.Call != "JA1ZZZ" {
		t.Fatalf("%+v, %v", list, err)
	}
	// the same again changes nothing
	commits := s.Commits()
	if _, err := l.MergeSync(ctx, batch); err != nil || s.Commits() != commits {
		t.Errorf("%v, %d commits", err, s.Commits()-commits)
	}
	// an import brings one: it is matched at once and not listed any more
	importADIF(t, l, contactWith("DL1ABC", "1020", "STATION_CALLSIGN", "DK9XYZ"))
	if q, err := l.Get(1); err != nil || !q.Confirmed().Has(qso.LoTW) {
		t.Errorf("%+v, %v", q, err)
	}
	// a person adds one and ignores one, each once
	for range 2 {
		if err := l.Resolve(ctx, list[0].ID, syncers.Resolution{Add: true}, "me"); err != nil {
			t.Fatal(err)
		}
		if err := l.Resolve(ctx, list[1].ID, syncers.Resolution{Ignore: true}, "me"); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Resolve(ctx, "00", syncers.Resolution{Ignore: true}, "me"); !errors.Is(err, qso.ErrNoQSO) {
		t.Errorf("no such record: %v", err)
	}
	if l.Size() != 2 {
		t.Errorf("%d QSOs, want 2", l.Size())
	}
	var open []qso.Call
	after, err := l.Listed(qso.LoTW)
	for _, e := range after {
		if e.Resolution == (syncers.Resolution{}) {
			open = append(open, e.Record.Call)
		}
	}
	if err != nil || len(after) != 2 || len(open) != 0 {
		t.Errorf("listed %d, open %v, %v", len(after), open, err)
	}
	result, err := l.MergeSync(ctx, batch)
	if err != nil || result.Unmatched != 1 || result.Added != 0 || l.Size() != 2 {
		t.Errorf("%+v, %v", result, err)
	}
}

func TestResolveAsThatQSO(t *testing.T) {
	_, l, a := synced(t)
	ctx := context.Background()
	importADIF(t, l, contactWith("DL1ABC", "1015", "STATION_CALLSIGN", "DK9XYZ"))
	other := own("DL1ABC", "10:16", "confirmation")
	other.QSO.Mode = qso.Mode{Name: "SSB"}
	batch := syncers.Batch{Source: qso.LoTW, Revision: a.Revision, Run: 1, Records: []syncers.Record{other}}
	if result, err := l.MergeSync(ctx, batch); err != nil || result.Unmatched != 1 {
		t.Fatalf("%+v, %v", result, err)
	}
	list, err := l.Listed(qso.LoTW)
	if err != nil || len(list) != 1 || list[0].Nearest != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	if err := l.Resolve(ctx, list[0].ID, syncers.Resolution{QSO: 1}, "me"); err != nil {
		t.Fatal(err)
	}
	q, err := l.Get(1)
	if err != nil || !q.Confirmed().Has(qso.LoTW) || q.Mode.Name != "CW" {
		t.Errorf("%+v, %v", q, err)
	}
	if result, err := l.MergeSync(ctx, batch); err != nil || result.Unchanged != 1 {
		t.Errorf("the next time: %+v, %v", result, err)
	}
}

// A QSO that one source brings settles what the other one had listed.
func TestListedByTheOtherSource(t *testing.T) {
	_, l, a := synced(t)
	ctx := context.Background()
	importADIF(t, l, contactWith("DL9ZZZ", "1015", "STATION_CALLSIGN", "DK9XYZ"))
	if err := l.SetAccount(ctx, syncers.Account{Source: qso.DCL, Secret: qso.NewSecret("x")}); err != nil {
		t.Fatal(err)
	}
	atDCL, err := l.Account(qso.DCL)
	if err != nil {
		t.Fatal(err)
	}
	c := contact{Own: "DK9XYZ", Call: "DL1ABC", Time: "2025-03-14T10:15:00Z", Band: "20m", Mode: "CW", Source: "dcl", Kind: "confirmation"}
	if result, err := l.MergeSync(ctx, syncers.Batch{Source: qso.DCL, Revision: atDCL.Revision, Run: 1, Records: []syncers.Record{c.record()}}); err != nil || result.Unmatched != 1 {
		t.Fatalf("%+v, %v", result, err)
	}
	batch := syncers.Batch{Source: qso.LoTW, Revision: a.Revision, Run: 1, Records: []syncers.Record{own("DL1ABC", "10:15", "own")}}
	if result, err := l.MergeSync(ctx, batch); err != nil || result.Added != 1 {
		t.Fatalf("%+v, %v", result, err)
	}
	listed, err := l.Listed(qso.DCL)
	if q, again := l.Get(2); err != nil || again != nil || len(listed) != 0 || !q.Confirmed().Has(qso.DCL) {
		t.Errorf("%d listed, QSO %+v, %v, %v", len(listed), q, err, again)
	}
}

// Two own calls that mean the same from now on settle what was listed because
// they differ.
func TestAlwaysUnderAnotherCall(t *testing.T) {
	s, l, a := synced(t)
	ctx := context.Background()
	importADIF(t, l, slices.Concat(contactWith("DL1ABC", "1015", "STATION_CALLSIGN", "DK9XYZ/P"), contactWith("W1AAA", "1017", "STATION_CALLSIGN", "DK9XYZ/P")))
	records := []syncers.Record{own("DL1ABC", "10:15", "confirmation"), own("W1AAA", "10:17", "own"), own("JA1ZZZ", "10:20", "own")}
	result, err := l.MergeSync(ctx, syncers.Batch{Source: qso.LoTW, Revision: a.Revision, Run: 1, Records: records})
	if err != nil || result.Added != 1 || result.Unmatched != 2 {
		t.Fatalf("%+v, %v", result, err)
	}
	generation := s.Generation(store.MainLogbook)
	a.SameOwn = map[qso.Call][]qso.Call{"DK9XYZ": {"DK9XYZ/P"}}
	if err := l.SetAccount(ctx, a); err != nil {
		t.Fatal(err)
	}
	listed, err := l.Listed(qso.LoTW)
	if err != nil || len(listed) != 0 || s.Generation(store.MainLogbook) != generation+1 {
		t.Errorf("%d listed, %v, generation moved by %d", len(listed), err, s.Generation(store.MainLogbook)-generation)
	}
	if q, err := l.Get(1); err != nil || !q.Confirmed().Has(qso.LoTW) || q.Own != "DK9XYZ/P" {
		t.Errorf("%+v, %v", q, err)
	}
}
