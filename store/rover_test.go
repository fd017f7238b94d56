package store_test

import (
	"errors"
	"slices"
	"testing"

	"qslbox/qso"
)

// TestEditOfARover moves one of two QSOs in the same minute, which differ in
// our locator only.
func TestEditOfARover(t *testing.T) {
	_, l := mainBook(t)
	importADIF(t, l, slices.Concat(contactWith("DL1ABC", "1015", "MY_GRIDSQUARE", "JO31"), contactWith("DL1ABC", "1015", "MY_GRIDSQUARE", "JO32")))
	move := func(to string) error {
		_, err := l.Edit(t.Context(), 1, 0, "me", func(q *qso.QSO) error { q.Set(qso.FieldMyGridsquare, to); return nil })
		return err
	}
	if err := move("JO33"); err != nil {
		t.Errorf("to a square of its own: %v", err)
	}
	var duplicate *qso.DuplicateError
	if err := move("JO32"); !errors.As(err, &duplicate) || duplicate.ID != 2 {
		t.Errorf("to where the other QSO was made: %v", err)
	}
	if q, err := l.Get(1); err != nil || q.Get(qso.FieldMyGridsquare) != "JO33" {
		t.Errorf("%+v, %v", q, err)
	}
}
