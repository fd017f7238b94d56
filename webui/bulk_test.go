package webui_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"qslbox/qso"
)

// TestBulk changes a filtered set: the preview says what will be, what is left
// out and why, and nothing else is changed.
func TestBulk(t *testing.T) {
	f := newFixture(t).withPeople()
	main := f.books.book("main")
	for i, call := range []string{"DL1ABC", "W1AAA", "JA1ZZZ"} {
		q := contact(call, "20m", "CW", started.Add(time.Duration(i)*time.Hour))
		q.Set(qso.FieldOperator, "DL1OLD")
		main.add(q)
	}
	main.add(contact("DL1ABC", "40m", "CW", started))
	cookie := f.cookie("owner")
	path := "/log/bulk?band=20m&field=operator&value=DK9XYZ"
	page := f.visit(cookie, path).body
	for _, want := range []string{"3 QSOs will be changed", "<del>DL1OLD</del>", "<ins>DK9XYZ</ins>"} {
		if !strings.Contains(page, want) {
			t.Fatalf("no %q in the preview: %s", want, page)
		}
	}
	seen := regexp.MustCompile(`name="seen" value="([^"]+)"`).FindStringSubmatch(page)[1]

	got := f.send(cookie, path, "seen", "0")
	if got.status != http.StatusConflict || !strings.Contains(got.body, "changed meanwhile") {
		t.Errorf("another preview was applied: %d", got.status)
	}
	got = f.send(cookie, path, "seen", seen)
	if got.status != http.StatusSeeOther || got.header.Get("Location") != "/log/bulk?band=20m&edit=1" {
		t.Fatalf("%d %s %s", got.status, got.header.Get("Location"), got.body)
	}
	for id, want := range []string{"DK9XYZ", "DK9XYZ", "DK9XYZ", ""} {
		if q, _ := main.Get(uint64(id + 1)); q.Get(qso.FieldOperator) != want {
			t.Errorf("QSO %d: operator %q, want %q", id+1, q.Get(qso.FieldOperator), want)
		}
	}
	if page := f.visit(cookie, "/log/bulk?band=20m&edit=1").body; !strings.Contains(page, "3 QSOs were changed") || !strings.Contains(page, "Undo this change of 3 QSOs") {
		t.Error("the page does not say what was done, or offers no way back")
	}
}

// TestBulkProblems says what cannot be changed, and why.
func TestBulkProblems(t *testing.T) {
	cases := []struct{ name, query, want string }{
		{"nothing changes", "field=station_callsign&value=DK9XYZ", "none of them would change"},
		{"not a call", "field=station_callsign&value=nothing", "2 QSOs are left out"},
		{"not a field of the form", "field=call&value=W1AAA", "is no field that can be changed"},
		{"nothing chosen", "", "What is to be changed?"},
		{"nothing found", "band=2m&field=operator&value=DK9XYZ", "No QSO passes this filter."},
		{"a field is taken out", "field=comment&value=", "<ins>nothing</ins>"},
	}
	f := newFixture(t).withPeople()
	q := contact("W1AAA", "20m", "CW", started)
	q.Set(qso.LookupField([]byte("comment")), "old")
	f.books.book("main").add(q, contact("JA1ZZZ", "40m", "CW", started))
	cookie := f.cookie("owner")
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if page := f.visit(cookie, "/log/bulk?"+c.query).body; !strings.Contains(page, c.want) {
				t.Errorf("no %q in %s", c.want, page[strings.Index(page, "<main"):])
			}
		})
	}
	if got := f.visit(f.cookie("viewer"), "/log/bulk"); got.status != http.StatusForbidden {
		t.Errorf("a viewer: %d", got.status)
	}
}
