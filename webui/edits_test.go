package webui_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
)

// EditMany changes all or none, and remembers what they were.
func (b *book) EditMany(ctx context.Context, refs []qso.Ref, by, field, value string, edit func(*qso.QSO) error) (uint64, error) {
	for _, ref := range refs { // all or none: tried first
		if q, err := b.Get(ref.ID); err != nil {
			return 0, err
		} else if ref.Rev != 0 && ref.Rev != q.Rev {
			return 0, &qso.StaleError{Current: q}
		} else if err := edit(q); err != nil {
			return 0, err
		}
	}
	var former []*qso.QSO
	for _, ref := range refs {
		old, _ := b.Get(ref.ID)
		q, err := b.Edit(ctx, ref.ID, 0, by, edit)
		if err != nil {
			return 0, err
		}
		old.Rev = q.Rev
		former = append(former, old)
	}
	id := uint64(len(b.edits) + 1)
	b.edits = append(b.edits, qso.ManyEdit{ID: id, At: started, By: by, Field: field, Value: value, QSOs: len(refs), Until: started.Add(30 * 24 * time.Hour)})
	b.former = append(b.former, former)
	return id, nil
}

func (b *book) UndoMany(ctx context.Context, id uint64, by string) (qso.ManyEdit, error) {
	if id == 0 || id > uint64(len(b.edits)) || b.edits[id-1].Undone != nil {
		return qso.ManyEdit{}, qso.ErrNoEdit
	}
	undone := &qso.Undone{At: started, By: by}
	for _, old := range b.former[id-1] {
		_, err := b.Edit(ctx, old.ID, old.Rev, by, func(q *qso.QSO) error { rev := q.Rev; *q = *old.Clone(); q.Rev = rev; return nil })
		if err != nil {
			undone.Left = append(undone.Left, qso.LeftOut{ID: old.ID, Call: old.Call, Start: old.Start, Why: qso.LeftChanged})
			continue
		}
		undone.QSOs++
	}
	b.edits[id-1].Undone = undone
	return b.edits[id-1], nil
}

func (b *book) ManyEdits() (out []qso.ManyEdit, _ error) {
	for i := len(b.edits) - 1; i >= 0; i-- {
		out = append(out, b.edits[i])
	}
	return out, nil
}

// operators returns who operated in each QSO of a logbook.
func (b *book) operators() (list []string) {
	for id := uint64(1); id <= b.last; id++ {
		q, _ := b.Get(id)
		list = append(list, q.Get(qso.FieldOperator))
	}
	return list
}

// manyOperators is a fixture whose three QSOs just got another operator, all in
// one change; the second was changed again since.
func manyOperators(t *testing.T, f *fixture) *book {
	t.Helper()
	main := f.books.book("main")
	for i, call := range []string{"DL1ABC", "W1AAA", "JA1ZZZ"} {
		q := contact(call, "20m", "CW", started.Add(time.Duration(i)*time.Hour))
		q.Set(qso.FieldOperator, "DL1OLD")
		main.add(q)
	}
	set := func(value string) func(*qso.QSO) error {
		return func(q *qso.QSO) error { q.Set(qso.FieldOperator, value); return nil }
	}
	if _, err := main.EditMany(t.Context(), []qso.Ref{{ID: 1}, {ID: 2}, {ID: 3}}, "owner", "operator", "DK9XYZ", set("DK9XYZ")); err != nil {
		t.Fatal(err)
	}
	if _, err := main.Edit(t.Context(), 2, 0, "owner", set("DL1NEW")); err != nil {
		t.Fatal(err)
	}
	return main
}

// TestUndoByAPI lists changes of many and takes one back; what was changed
// since is named and left.
func TestUndoByAPI(t *testing.T) {
	f := newFixture(t).withPeople()
	main := manyOperators(t, f)
	ask := func(method, path, scope string) answer {
		return f.do(ask{method: method, path: path, header: map[string]string{"X-API-Key": f.key("main", scope)}})
	}
	type edit struct {
		ID     int
		Field  string
		Value  string
		QSOs   int
		Undone *struct {
			QSOs int
			Left []struct{ Call, Reason string }
		}
	}
	list := decode[struct{ Items []edit }](t, ask(http.MethodGet, "/api/edits", "read").body)
	if diff := cmp.Diff([]edit{{ID: 1, Field: "operator", Value: "DK9XYZ", QSOs: 3}}, list.Items); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := ask(http.MethodPost, "/api/edits/1/undo", "read"); got.status != http.StatusForbidden {
		t.Errorf("with a key that reads: %d", got.status)
	}
	got := decode[edit](t, ask(http.MethodPost, "/api/edits/1/undo", "write").body)
	if got.Undone == nil || got.Undone.QSOs != 2 || len(got.Undone.Left) != 1 || got.Undone.Left[0].Call != "W1AAA" || got.Undone.Left[0].Reason != "changed" {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff([]string{"DL1OLD", "DL1NEW", "DL1OLD"}, main.operators()); diff != "" {
		t.Errorf("operators (-want +got):\n%s", diff)
	}
	for _, path := range []string{"/api/edits/1/undo", "/api/edits/7/undo", "/api/edits/x/undo"} {
		if got := ask(http.MethodPost, path, "write"); got.status != http.StatusNotFound || code(got.body) != "no_edit" {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

// TestUndoByPage takes a change back in a browser, and reads what was left;
// whoever comes second sees the same.
func TestUndoByPage(t *testing.T) {
	f := newFixture(t, overNetwork).withPeople()
	main := manyOperators(t, f)
	b := newBrowser(t, f)
	b.enter(f, "owner")
	b.open("/log/bulk")
	b.says("main", "Operator: DK9XYZ")
	b.run(chromedp.Click(`form[action="/log/edits/1/undo"] button`))
	b.goneTo("/log/bulk?edit=1")
	b.says(".note", "2 QSOs are again as they were.")
	b.says(".note", "1 QSO stays as it is")
	b.says(".note li", "W1AAA")
	b.says(".note li", "changed since")
	if diff := cmp.Diff([]string{"DL1OLD", "DL1NEW", "DL1OLD"}, main.operators()); diff != "" {
		t.Errorf("operators (-want +got):\n%s", diff)
	}
	b.calm("undo")
	got := f.send(f.cookie("owner"), "/log/edits/1/undo", "back", "log")
	if got.status != http.StatusSeeOther || got.header.Get("Location") != "/log/bulk?edit=1" {
		t.Errorf("again: %d %s", got.status, got.header.Get("Location"))
	}
	if got := f.send(f.cookie("viewer"), "/log/edits/1/undo"); got.status != http.StatusForbidden {
		t.Errorf("a viewer: %d", got.status)
	}
	if page := f.visit(f.cookie("owner")+"; lang=de", "/log/bulk?edit=1").body; !strings.Contains(page, "seitdem geändert") {
		t.Error("the reason is not in German")
	}
}
