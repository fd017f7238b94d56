package store_test

import (
	"errors"
	"slices"
	"testing"

	"qslbox/qso"
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

	err := l.EditMany(t.Context(), []qso.Ref{{ID: 1, Rev: 1}, {ID: 2, Rev: 7}}, "anna", set)
	if !errors.Is(err, qso.ErrStale) || !slices.Equal(operators(), []string{"", "", ""}) {
		t.Fatalf("a revision that is not there: %v, operators %q", err, operators())
	}
	err = l.EditMany(t.Context(), []qso.Ref{{ID: 1}, {ID: 2}}, "anna", func(q *qso.QSO) error { q.Call, q.Start = "DL1ABC", 1_741_947_300; return nil })
	if !errors.Is(err, qso.ErrDuplicate) || s.Generation("main") != before {
		t.Fatalf("two QSOs made the same: %v, generation %d", err, s.Generation("main"))
	}
	if err := l.EditMany(t.Context(), []qso.Ref{{ID: 1, Rev: 1}, {ID: 3, Rev: 1}}, "anna", set); err != nil {
		t.Fatal(err)
	}
	if got := operators(); !slices.Equal(got, []string{"DL1ABC", "", "DL1ABC"}) || s.Generation("main") != before+1 {
		t.Errorf("operators %q, generation %d, want %d", got, s.Generation("main"), before+1)
	}
	history, err := l.History(3)
	if err != nil || len(history) != 1 || history[0].By != "anna" || history[0].Action != "edit" {
		t.Errorf("history %+v, %v", history, err)
	}
	if err := l.EditMany(t.Context(), make([]qso.Ref, 10_001), "anna", set); err == nil {
		t.Error("more than a batch was taken")
	}
}
