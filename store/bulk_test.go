package store_test

import (
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/store"
)

// TestEditMany changes many QSOs in one transaction, with history, or none.
func TestEditMany(t *testing.T) {
	s, l := mainBook(t)
	importADIF(t, l, slices.Concat(
		contactWith("DL1ABC", "1015", "STATION_CALLSIGN", "DK9XYZ"), contactWith("W1AAA", "1020", "STATION_CALLSIGN", "DK9XYZ"), contactWith("JA1ZZZ", "1030", "STATION_CALLSIGN", "DK9XYZ")))
	set := func(q *qso.QSO) error { q.Set(qso.FieldOperator, "DL1ABC"); return nil }
	operators := func() (list []string) {
		_ = l.Scan(t.Context(), 0, func(q *qso.QSO) bool { list = append(list, q.Get(qso.FieldOperator)); return true })
		return list
	}
	before := s.Generation("main")

	_, err := l.EditMany(t.Context(), []qso.Ref{{ID: 1, Rev: 1}, {ID: 2, Rev: 7}}, "anna", "operator", "DL1ABC", set)
	if !errors.Is(err, qso.ErrStale) || !slices.Equal(operators(), []string{"", "", ""}) {
		t.Fatalf("a revision that is not there: %v, operators %q", err, operators())
	}
	_, err = l.EditMany(t.Context(), []qso.Ref{{ID: 1}, {ID: 2}}, "anna", "call", "DL1ABC", func(q *qso.QSO) error { q.Call, q.Start = "DL1ABC", 1_741_947_300; return nil })
	if !errors.Is(err, qso.ErrDuplicate) || s.Generation("main") != before {
		t.Fatalf("two QSOs made the same: %v, generation %d", err, s.Generation("main"))
	}
	if id, err := l.EditMany(t.Context(), []qso.Ref{{ID: 1, Rev: 1}, {ID: 3, Rev: 1}}, "anna", "operator", "DL1ABC", set); err != nil || id != 1 {
		t.Fatal(id, err)
	}
	if got := operators(); !slices.Equal(got, []string{"DL1ABC", "", "DL1ABC"}) || s.Generation("main") != before+1 {
		t.Errorf("operators %q, generation %d, want %d", got, s.Generation("main"), before+1)
	}
	history, err := l.History(3)
	if err != nil || len(history) != 1 || history[0].By != "anna" || history[0].Action != "edit" {
		t.Errorf("history %+v, %v", history, err)
	}
	if _, err := l.EditMany(t.Context(), make([]qso.Ref, 10_001), "anna", "operator", "DL1ABC", set); err == nil {
		t.Error("more than a batch was taken")
	}
}

// manyBook is a logbook of four QSOs on 20 m, and a clock to move.
func manyBook(t *testing.T) (*store.Store, *store.Logbook, *time.Time) {
	t.Helper()
	clock := noon
	s := openWith(t, store.Config{Dir: t.TempDir(), Now: func() time.Time { return clock }, Create: true})
	l := book(t, s, store.MainLogbook)
	importADIF(t, l, slices.Concat(contactWith("DL1ABC", "1015", "OPERATOR", "DL1OLD"), contactWith("W1AAA", "1020"), contactWith("JA1ZZZ", "1030"), contactWith("VK2ZZZ", "1040")))
	return s, l, &clock
}

// toBand moves QSOs to another band, which is part of what tells them apart.
func toBand(name string) func(*qso.QSO) error {
	return func(q *qso.QSO) error {
		q.Band, _ = qso.ParseBand(name)
		q.Set(qso.FieldOperator, "DL1ABC")
		return nil
	}
}

// TestUndoMany takes a change of many back: all that nothing else has touched
// is as it was, with where each value came from; the rest is named.
func TestUndoMany(t *testing.T) {
	s, l, clock := manyBook(t)
	ctx, before := t.Context(), allQSOs(t, l)
	id, err := l.EditMany(ctx, []qso.Ref{{ID: 1}, {ID: 2}, {ID: 3}, {ID: 4}}, "anna", "band", "40m", toBand("40m"))
	if err != nil {
		t.Fatal(err)
	}
	*clock = clock.Add(time.Hour)
	if _, err := l.Edit(ctx, 2, 0, "bert", func(q *qso.QSO) error { q.Set(qso.FieldName, "Joe"); return nil }); err != nil {
		t.Fatal(err)
	}
	if err := l.Delete(ctx, 3, 0, "bert"); err != nil {
		t.Fatal(err)
	}
	importADIF(t, l, contactWith("VK2ZZZ", "1040")) // what the fourth was
	dir, generation := s.Dir(), s.Generation("main")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openWith(t, store.Config{Dir: dir, Now: func() time.Time { return *clock }})
	l = book(t, s, store.MainLogbook)

	got, err := l.UndoMany(ctx, id, "bert")
	if err != nil {
		t.Fatal(err)
	}
	start := func(i int) qso.Time { return before[i].Start }
	want := qso.ManyEdit{ID: id, At: noon, By: "anna", Field: "band", Value: "40m", QSOs: 4, Until: noon.Add(store.Kept), Undone: &qso.Undone{
		At: *clock, By: "bert", QSOs: 1, Left: []qso.LeftOut{
			{ID: 2, Call: "W1AAA", Start: start(1), Why: qso.LeftChanged},
			{ID: 3, Call: "JA1ZZZ", Start: start(2), Why: qso.LeftDeleted},
			{ID: 4, Call: "VK2ZZZ", Start: start(3), Why: qso.LeftDuplicate},
		},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	q, _ := l.Get(1)
	before[0].Rev = 3
	if diff := cmp.Diff(before[0], q); diff != "" {
		t.Errorf("the QSO (-before +after):\n%s", diff)
	}
	if other, _ := l.Get(2); other.Band.String() != "40m" || other.Get(qso.FieldName) != "Joe" {
		t.Errorf("what bert changed was taken back: %v", other)
	}
	history, err := l.History(1)
	if err != nil || history[0].Action != "undo" || history[0].By != "bert" || len(history[0].Fields) != 2 {
		t.Errorf("history %+v, %v", history, err)
	}
	if s.Generation("main") != generation+1 {
		t.Errorf("the generation moved by %d", s.Generation("main")-generation)
	}
	if _, err := l.UndoMany(ctx, id, "bert"); !errors.Is(err, qso.ErrNoEdit) {
		t.Errorf("taken back twice: %v", err)
	}
	if list, err := l.ManyEdits(); err != nil || len(list) != 1 || list[0].Undone == nil {
		t.Errorf("the list %+v, %v", list, err)
	}
	if r, err := s.Scrub(ctx, nil); err != nil || !r.OK() {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestManyEditsAreForgotten keeps changes for 30 days, and the newest only.
func TestManyEditsAreForgotten(t *testing.T) {
	_, l, clock := manyBook(t)
	ctx := t.Context()
	edit := func(name string) uint64 {
		t.Helper()
		id, err := l.EditMany(ctx, []qso.Ref{{ID: 1}}, "anna", "name", name, func(q *qso.QSO) error { q.Set(qso.FieldName, name); return nil })
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	if id := edit(""); id != 0 {
		t.Errorf("a change of nothing is change %d", id)
	}
	edit("Otto")
	*clock = clock.Add(store.Kept + time.Second)
	last := edit("Eva")
	if _, err := l.EmptyTrash(ctx); err != nil {
		t.Fatal(err)
	}
	if list, err := l.ManyEdits(); err != nil || len(list) != 1 || list[0].ID != last {
		t.Errorf("after 30 days: %+v, %v", list, err)
	}
	if _, err := l.UndoMany(ctx, 1, "anna"); !errors.Is(err, qso.ErrNoEdit) {
		t.Errorf("undone after 30 days: %v", err)
	}
	for i := range store.KeptEdits {
		edit(strconv.Itoa(i))
	}
	if list, err := l.ManyEdits(); err != nil || len(list) != store.KeptEdits || list[0].Value != strconv.Itoa(store.KeptEdits-1) {
		t.Errorf("%d are kept, %v", len(list), err)
	}
}
