package webui_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"qslbox/qso"
)

// TestCardNews says what a card would bring: a new entity, band slot or DOK.
func TestCardNews(t *testing.T) {
	f := newFixture(t).withPeople()
	byLoTW := func(q *qso.QSO) *qso.QSO {
		q.Confirmations = []qso.Confirmation{{Source: qso.LoTW, Status: 'Y'}}
		return q
	}
	dl := contact("DL1ABC", "20m", "CW", started)
	dl.Set(qso.FieldDARCDOK, "B36")
	ja := contact("JA1ZZZ", "20m", "CW", started)
	ja.DXCC = 339
	f.books.book("main").add(
		dl, byLoTW(contact("DL0XYZ", "40m", "CW", started)), contact("DL2ABC", "40m", "CW", started.Add(time.Hour)),
		byLoTW(contact("DL3ABC", "80m", "CW", started)), ja)
	cookie := f.cookie("owner")
	for _, c := range []struct{ name, call, want string }{
		{"band and DOK", "DL1ABC", "New:</a></b> 20m, DOK B36"},
		{"entity", "JA1ZZZ", "New:</a></b> Japan"},
		{"nothing", "DL2ABC", "nothing new, but welcome"},
		{"confirmed", "DL3ABC", "already confirmed by LoTW"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if page := f.visit(cookie, "/cards?call="+c.call).body; !strings.Contains(page, c.want) {
				t.Errorf("no %q in %s", c.want, page[strings.Index(page, "<main"):])
			}
		})
	}
}

// TestCardUndo takes a step back.
func TestCardUndo(t *testing.T) {
	f := newFixture(t).withPeople()
	main := f.books.book("main")
	main.add(contact("DL1ABC", "20m", "CW", started))
	cookie := f.cookie("owner")
	got := f.send(cookie, "/cards/1", "step", "received D")
	if q, _ := main.Get(1); !q.Confirmed().Has(qso.Card) || q.Get(qso.FieldQSLRcvdVia) != "D" {
		t.Fatalf("not received: %d", got.status)
	}
	page := f.visit(cookie, got.header.Get("Location")).body
	if !strings.Contains(page, `name="step" value="not_received"`) || !strings.Contains(page, ">Undo") {
		t.Fatalf("no undo in %s", page)
	}
	f.send(cookie, "/cards/1", "step", "not_received", "undo", "yes")
	if q, _ := main.Get(1); q.Confirmed().Has(qso.Card) {
		t.Error("still received")
	}
}

// TestQueue exports the cards to send for a QSL service, names QSOs that it
// would refuse, and marks the ticked ones as sent.
func TestQueue(t *testing.T) {
	f := newFixture(t).withPeople()
	main := f.books.book("main")
	for i, call := range []string{"DL1ABC", "W1AAA", "JA1ZZZ"} {
		q := contact(call, "20m", "CW", started.Add(time.Duration(i)*time.Hour))
		q.Set(qso.FieldQSLSent, "Q")
		q.Set(qso.LookupField([]byte("comment")), "a secret")
		if call != "JA1ZZZ" {
			q.Set(qso.FieldRSTSent, "599")
			q.Set(qso.FieldQSLMsg, "tnx")
		}
		main.add(q)
	}
	main.add(contact("DL2ABC", "20m", "CW", started))
	cookie := f.cookie("owner")
	page := f.visit(cookie, "/cards?show=queue").body
	for _, want := range []string{"1 QSO lacks the report", `href="/qso/3/edit"`, `name="id" value="1"`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in %s", want, page)
		}
	}
	file := f.visit(cookie, "/cards/queue.adi")
	if n := strings.Count(file.body, "<EOR>") + strings.Count(file.body, "<eor>"); n != 2 || !strings.Contains(file.header.Get("Content-Disposition"), "cards-main") {
		t.Errorf("%d records, %v", n, file.header)
	}
	for text, is := range map[string]bool{"DL1ABC": true, "JA1ZZZ": false, "a secret": false, ":3>tnx": true, ":3>599": true} {
		if strings.Contains(file.body, text) != is {
			t.Errorf("%q in the file: %v\n%s", text, !is, file.body)
		}
	}
	if got := f.send(cookie, "/cards/queue", "step", "sent"); got.status != http.StatusBadRequest || !strings.Contains(got.body, "No card was ticked") {
		t.Errorf("nothing ticked: %d", got.status)
	}
	if got := f.send(cookie, "/cards/queue", "step", "sent", "id", "1", "id", "2"); got.status != http.StatusSeeOther || got.header.Get("Location") != "/cards?edit=1&show=queue" {
		t.Fatalf("%d %s %s", got.status, got.header.Get("Location"), got.body)
	}
	if page := f.visit(cookie, "/cards?edit=1&show=queue").body; !strings.Contains(page, "2 QSOs were changed.") || !strings.Contains(page, `action="/log/edits/1/undo"`) {
		t.Errorf("no way back in %s", page)
	}
	for id, want := range []string{"Y", "Y", "Q", ""} {
		if q, _ := main.Get(uint64(id + 1)); q.Get(qso.FieldQSLSent) != want {
			t.Errorf("QSO %d: %q, want %q", id+1, q.Get(qso.FieldQSLSent), want)
		}
	}
}

// TestCardList lists what a card confirms, for whoever checks cards.
func TestCardList(t *testing.T) {
	f := newFixture(t).withPeople()
	card := contact("DL1ABC", "20m", "CW", started)
	card.Confirmations = []qso.Confirmation{{Source: qso.Card, Status: 'Y'}}
	card.Set(qso.FieldDARCDOK, "B36")
	card.Set(qso.FieldRSTRcvd, "579")
	f.books.book("main").add(card, contact("W1AAA", "20m", "CW", started))
	cookie := f.cookie("viewer")
	page := f.visit(cookie, "/cards/list").body
	if !strings.Contains(page, `<td>579</td><td data-label="DOK">B36</td>`) || strings.Contains(page, "W1AAA") {
		t.Errorf("the list: %s", page)
	}
	if page := f.visit(cookie, "/cards/list?confirmed=no").body; !strings.Contains(page, "W1AAA") || strings.Contains(page, "B36") {
		t.Errorf("by filter: %s", page)
	}
}
