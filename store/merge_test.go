package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/qso/intake"
	"qslbox/qso/qsotest"
	"qslbox/store"
)

func TestImportTwice(t *testing.T) {
	const n = 12_000
	s, l := mainBook(t)
	text := qsotest.ADIF(qsotest.Options{N: n, Seed: 3})
	before := s.Generation(store.MainLogbook)
	if got := counts(importADIF(t, l, text)); got != "read 12000, added 12000, updated 0, unchanged 0, skipped 0, rejected 0" {
		t.Error(got)
	}
	if got := s.Generation(store.MainLogbook); got != before+3 {
		t.Errorf("generation moved by %d with 3 transactions", got-before)
	}
	size, commits, wantStored, wantImage := blocks(t, s), s.Commits(), stored(t, l), image(t, l)
	if got := counts(importADIF(t, l, text)); got != "read 12000, added 0, updated 0, unchanged 12000, skipped 0, rejected 0" {
		t.Error("again:", got)
	}
	if got := blocks(t, s); got != size {
		t.Errorf("the file grew from %d to %d bytes", size, got)
	}
	if got := s.Commits(); got != commits {
		t.Errorf("%d commits by an import that changed nothing", got-commits)
	}
	if s.Generation(store.MainLogbook) != before+3 || stored(t, l) != wantStored || image(t, l) != wantImage {
		t.Error("an import that changed nothing changed something")
	}
	for i, q := range allQSOs(t, l) {
		if q.ID != uint64(i+1) || q.Rev != 1 {
			t.Fatalf("QSO %d has id %d and revision %d", i, q.ID, q.Rev)
		}
	}
}

func TestMergeRules(t *testing.T) {
	dl := func(more ...string) []byte { return contactWith("DL1ABC", "1015", more...) }
	const own = "STATION_CALLSIGN"
	cases := []struct {
		name  string
		files [][]byte
		want  []string // counts of each file
		size  int
	}{
		{"the same twice in one file", [][]byte{slices.Concat(dl(own, "DK9XYZ"), dl(own, "DK9XYZ"))},
			[]string{"read 2, added 1, updated 0, unchanged 1, skipped 0, rejected 0"}, 1},
		{"the second fills a blank of the first", [][]byte{slices.Concat(dl(own, "DK9XYZ"), dl(own, "DK9XYZ", "NAME", "Eva"))},
			[]string{"read 2, added 1, updated 1, unchanged 0, skipped 0, rejected 0"}, 1},
		{"another own call is another QSO", [][]byte{dl(own, "DK9XYZ"), dl(own, "DK9XYZ/P")},
			[]string{"read 1, added 1, updated 0, unchanged 0, skipped 0, rejected 0", "read 1, added 1, updated 0, unchanged 0, skipped 0, rejected 0"}, 2},
		{"the own call fills a blank one", [][]byte{dl(), dl(own, "DK9XYZ"), dl()},
			[]string{"read 1, added 1, updated 0, unchanged 0, skipped 0, rejected 0", "read 1, added 0, updated 1, unchanged 0, skipped 0, rejected 0", "read 1, added 0, updated 0, unchanged 1, skipped 0, rejected 0"}, 1},
		{"two own calls for one blank", [][]byte{dl(), slices.Concat(dl(own, "DK9XYZ"), dl(own, "DL0XYZ"))},
			[]string{"read 1, added 1, updated 0, unchanged 0, skipped 0, rejected 0", "read 2, added 1, updated 1, unchanged 0, skipped 0, rejected 0"}, 2},
		{"a rover has two QSOs in a minute", [][]byte{slices.Concat(dl("MY_GRIDSQUARE", "JO31"), dl("MY_GRIDSQUARE", "JO32")), dl("MY_GRIDSQUARE", "JO32")},
			[]string{"read 2, added 2, updated 0, unchanged 0, skipped 0, rejected 0", "read 1, added 0, updated 0, unchanged 1, skipped 0, rejected 0"}, 2},
		{"the next minute is another QSO", [][]byte{slices.Concat(dl(), contactWith("DL1ABC", "1016"))},
			[]string{"read 2, added 2, updated 0, unchanged 0, skipped 0, rejected 0"}, 2},
		{"seconds do not matter", [][]byte{dl(), contactWith("DL1ABC", "101559"), dl()},
			[]string{"read 1, added 1, updated 0, unchanged 0, skipped 0, rejected 0", "read 1, added 0, updated 1, unchanged 0, skipped 0, rejected 0", "read 1, added 0, updated 0, unchanged 1, skipped 0, rejected 0"}, 1},
		{"a difference is noted once", [][]byte{dl("NAME", "Eva"), dl("NAME", "Ewa"), dl("NAME", "Ewa")},
			[]string{"read 1, added 1, updated 0, unchanged 0, skipped 0, rejected 0", "read 1, added 0, updated 1, unchanged 0, skipped 0, rejected 0", "read 1, added 0, updated 0, unchanged 1, skipped 0, rejected 0"}, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, l := mainBook(t)
			var got []string
			for _, file := range c.files {
				got = append(got, counts(importADIF(t, l, file)))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if l.Size() != c.size || len(allQSOs(t, l)) != c.size {
				t.Errorf("size %d, stored %d, want %d", l.Size(), len(allQSOs(t, l)), c.size)
			}
		})
	}
}

func TestMergeDryRun(t *testing.T) {
	s, l := mainBook(t)
	before := s.Commits()
	q := &qso.QSO{Call: "DL1ABC", Start: qso.TimeOf(noon), Band: qso.BandOf(14_050_000_000_000), Mode: qso.Mode{Name: "CW"}}
	out, err := l.Merge(context.Background(), []*qso.QSO{q}, intake.MergeOptions{DryRun: true})
	if err != nil || len(out) != 1 || out[0].Result != intake.Added || out[0].ID != 0 {
		t.Errorf("%+v, %v", out, err)
	}
	if l.Size() != 0 || s.Commits() != before {
		t.Error("a dry run changed something")
	}
	if _, err := l.Merge(context.Background(), make([]*qso.QSO, store.MaxBatch+1), intake.MergeOptions{}); err == nil {
		t.Error("a batch that is too large was taken")
	}
}

// TestDryRunFarDuplicates holds a dry run to what the import then does, with
// duplicates in other batches than the first of each.
func TestDryRunFarDuplicates(t *testing.T) {
	_, l := mainBook(t)
	var b strings.Builder
	for i := range 11_000 {
		fmt.Fprintf(&b, "<CALL:6>DL1ABC<BAND:3>20m<MODE:2>CW<STATION_CALLSIGN:6>DK9XYZ<QSO_DATE:8>%s<TIME_ON:4>%02d%02d<EOR>\n",
			time.Date(2020, 1, 1+i/1440, 0, 0, 0, 0, time.UTC).Format("20060102"), i/60%24, i%60)
	}
	b.WriteString("<CALL:6>dl1abc<BAND:3>20M<MODE:2>CW<STATION_CALLSIGN:6>DK9XYZ<QSO_DATE:8>20200101<TIME_ON:4>0000<EOR>\n")
	b.WriteString("<CALL:6>DL1ABC<BAND:3>20m<MODE:2>CW<STATION_CALLSIGN:6>DK9XYZ<QSO_DATE:8>20200101<TIME_ON:4>0001<NAME:2>Al<EOR>\n")
	run := func(dry bool) intake.Account {
		opt := intake.Options{Config: intake.Config{Now: now}, Merge: intake.MergeOptions{By: "test", DryRun: dry}}
		account, err := intake.File(t.Context(), strings.NewReader(b.String()), opt, l)
		if err != nil {
			t.Fatal(err)
		}
		return account
	}
	dry, real := run(true), run(false)
	if dry.Outcome = "imported"; dry.Added != 11_000 || dry.Unchanged != 1 || dry.Updated != 1 {
		t.Errorf("%+v", dry)
	}
	if diff := cmp.Diff(real, dry); diff != "" {
		t.Errorf("import and dry run differ (-import +dry run):\n%s", diff)
	}
}

func TestChangedIsCalledWithoutLocks(t *testing.T) {
	var s *store.Store
	calls := 0
	s = openWith(t, store.Config{Dir: t.TempDir(), Now: now, Create: true, Changed: func(name string) {
		calls++
		if l, err := s.Logbook(name); err != nil || l.Damaged() != nil {
			t.Errorf("%v, %v", l, err)
		}
	}})
	l := book(t, s, store.MainLogbook)
	importADIF(t, l, contactWith("DL1ABC", "1015"))
	if err := l.Touch(context.Background()); err != nil {
		t.Fatal(err)
	}
	if calls != 2 {
		t.Errorf("%d calls", calls)
	}
}

func TestDeletedStaysDeleted(t *testing.T) {
	clock := noon
	s := openWith(t, store.Config{Dir: t.TempDir(), Now: func() time.Time { return clock }, Create: true})
	l := book(t, s, store.MainLogbook)
	ctx, text := context.Background(), contactWith("DL1ABC", "1015", "STATION_CALLSIGN", "DK9XYZ", "NAME", "Eva")
	importADIF(t, l, text)
	if err := l.Delete(ctx, 1, 1, "me"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Get(1); !errors.Is(err, qso.ErrNoQSO) || l.Size() != 0 {
		t.Errorf("got %v, size %d", err, l.Size())
	}
	const skipped = "read 1, added 0, updated 0, unchanged 0, skipped 1, rejected 0"
	if got := counts(importADIF(t, l, text)); got != skipped {
		t.Error("after the deletion:", got)
	}
	clock = clock.Add(store.Kept + time.Second)
	trash, err := l.Trash()
	if err != nil || len(trash) != 1 || trash[0].By != "me" || trash[0].QSO.Get(qso.FieldName) != "Eva" {
		t.Errorf("%+v, %v", trash, err)
	}
	if n, err := l.EmptyTrash(ctx); n != 1 || err != nil {
		t.Errorf("emptied %d, %v", n, err)
	}
	if n, err := l.EmptyTrash(ctx); n != 0 || err != nil {
		t.Errorf("emptied %d again, %v", n, err)
	}
	if _, err := l.Restore(ctx, 1, "me"); !errors.Is(err, qso.ErrNoQSO) {
		t.Errorf("restore after 30 days: %v", err)
	}
	dir := s.Dir()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	l = book(t, open(t, dir), store.MainLogbook)
	if got := counts(importADIF(t, l, text)); got != skipped {
		t.Error("after the trash was emptied and a restart:", got)
	}
	if got := importADIF(t, l, contactWith("DL1ABC", "1016")); got.Added != 1 {
		t.Error("another QSO:", counts(got))
	}
	if q := allQSOs(t, l); len(q) != 1 || q[0].ID != 2 {
		t.Errorf("an id came back: %+v", q)
	}
}

func TestRestore(t *testing.T) {
	s, l := mainBook(t)
	ctx := context.Background()
	importLog(t, l, 100)
	before, err := l.Get(50)
	if err != nil {
		t.Fatal(err)
	}
	want, generation := image(t, l), s.Generation(store.MainLogbook)
	if err := l.Delete(ctx, 50, 0, "me"); err != nil {
		t.Fatal(err)
	}
	got, err := l.Restore(ctx, 50, "you")
	if err != nil {
		t.Fatal(err)
	}
	before.Rev = 3
	if diff := cmp.Diff(before, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, image(t, l)); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	if got := s.Generation(store.MainLogbook); got != generation+2 {
		t.Errorf("generation %d, want %d", got, generation+2)
	}
	history, err := l.History(50)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]qso.HistoryEntry{{Rev: 3, At: noon, By: "you", Action: "restore"}, {Rev: 2, At: noon, By: "me", Action: "delete"}}, history); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	if trash, err := l.Trash(); len(trash) != 0 || err != nil {
		t.Errorf("%+v, %v", trash, err)
	}
	if got := importLog(t, l, 100); got.Unchanged != 100 {
		t.Error(counts(got))
	}
}

func TestRestoreWhatIsThereAgain(t *testing.T) {
	_, l := mainBook(t)
	ctx := context.Background()
	importADIF(t, l, contactWith("DL1ABC", "1015"))
	if err := l.Delete(ctx, 1, 0, "me"); err != nil {
		t.Fatal(err)
	}
	q := &qso.QSO{Call: "DL1ABC", Start: qso.TimeOf(time.Date(2025, 3, 14, 10, 15, 0, 0, time.UTC)), Band: qso.BandOf(14_050_000_000_000), Mode: qso.Mode{Name: "CW"}}
	q.Band, _ = qso.ParseBand("20m")
	if _, err := l.Add(ctx, q, "me"); err != nil {
		t.Fatal(err)
	}
	var duplicate *qso.DuplicateError
	if _, err := l.Restore(ctx, 1, "me"); !errors.As(err, &duplicate) || duplicate.ID != 2 {
		t.Errorf("got %v", err)
	}
	if _, err := l.Add(ctx, q, "me"); !errors.As(err, &duplicate) || duplicate.ID != 2 {
		t.Errorf("got %v", err)
	}
}

func TestEdit(t *testing.T) {
	s, l := mainBook(t)
	ctx := context.Background()
	importADIF(t, l, slices.Concat(contactWith("DL1ABC", "1015", "NAME", "Eva"), contactWith("DL1ABC", "1016")))
	generation := s.Generation(store.MainLogbook)
	q, err := l.Edit(ctx, 1, 1, "me", func(q *qso.QSO) error { q.Set(qso.FieldName, "Ewa"); q.Set(qso.FieldQTH, "Bonn"); return nil })
	if err != nil || q.Rev != 2 || q.Get(qso.FieldName) != "Ewa" {
		t.Fatalf("%+v, %v", q, err)
	}
	if got := s.Generation(store.MainLogbook); got != generation+1 {
		t.Errorf("generation %d, want %d", got, generation+1)
	}
	var stale *qso.StaleError
	if _, err := l.Edit(ctx, 1, 1, "me", func(*qso.QSO) error { return nil }); !errors.As(err, &stale) || stale.Current.Rev != 2 {
		t.Errorf("an old revision: %v", err)
	}
	if err := l.Delete(ctx, 1, 1, "me"); !errors.Is(err, qso.ErrStale) {
		t.Errorf("an old revision: %v", err)
	}
	minute := q.Start + 60
	var duplicate *qso.DuplicateError
	if _, err := l.Edit(ctx, 1, 2, "me", func(q *qso.QSO) error { q.Start = minute; return nil }); !errors.As(err, &duplicate) || duplicate.ID != 2 {
		t.Errorf("a time that another QSO has: %v", err)
	}
	if _, err := l.Edit(ctx, 9, 0, "me", func(*qso.QSO) error { return nil }); !errors.Is(err, qso.ErrNoQSO) {
		t.Errorf("no such QSO: %v", err)
	}
	commits := s.Commits()
	if q, err := l.Edit(ctx, 1, 0, "me", func(*qso.QSO) error { return nil }); err != nil || q.Rev != 2 || s.Commits() != commits {
		t.Errorf("an edit that changes nothing: %+v, %v", q, err)
	}
	history, err := l.History(1)
	if err != nil {
		t.Fatal(err)
	}
	want := []qso.HistoryEntry{{Rev: 2, At: noon, By: "me", Action: "edit", Fields: []qso.FieldChange{
		{ID: qso.FieldName, From: "Eva", To: "Ewa"}, {ID: qso.FieldQTH, To: "Bonn"},
	}}}
	if diff := cmp.Diff(want, history); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	if got := importADIF(t, l, contactWith("DL1ABC", "1015", "NAME", "Eva")); got.Unchanged+got.Updated != 1 {
		t.Error(counts(got))
	}
	if q, err := l.Get(1); err != nil || q.Get(qso.FieldName) != "Ewa" {
		t.Errorf("an import replaced what a person typed: %+v, %v", q, err)
	}
}
