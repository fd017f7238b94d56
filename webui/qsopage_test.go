package webui_test

import (
	"fmt"
	"strings"
	"testing"

	"qslbox/qso"
	"qslbox/syncers"
)

// told adds a QSO of which everything is known that can be: two confirmations with
// their records, a value that a service contradicts, a history, a record of a
// service that fits no QSO, and a QSO close in time. It returns its page.
func (b *book) told() (path string) {
	q := contact("DL1ABC", "20m", "CW", started)
	q.Fields = []qso.Field{{ID: qso.FieldGridsquare, Value: "JO31"}, {Name: "APP_CLUB_NOTE", Value: "a long note about the antennas of both sides, the weather, and the pile-up"}}
	q.Confirmations = []qso.Confirmation{
		{Source: qso.LoTW, Status: 'Y', Date: qso.TimeOf(started), Record: []qso.Field{{ID: qso.FieldCall, Value: "DL1ABC"}, {Name: "APP_LOTW_RXQSO", Value: "2025-03-01 10:00:00"}}},
		{Source: qso.Card, Status: 'R'},
	}
	q.Differences = []qso.Difference{{Field: qso.Field{ID: qso.FieldGridsquare, Value: "JO32"}, Origin: qso.FromLoTW}}
	b.add(q, contact("DL1ABC", "20m", "SSB", started.Add(10*60*1e9)))
	b.history = []qso.HistoryEntry{{Rev: 2, At: started, By: "anna", Action: "edit", Fields: []qso.FieldChange{{ID: qso.FieldName, From: "Otto", To: "Anna"}, {ID: qso.FieldQTH, To: "Köln"}}}}
	b.listed = append(b.listed, syncers.Listed{ID: "b7", Source: qso.DCL, Run: 1, Seen: started, Record: contact("DL1ABC", "40m", "CW", started), Reason: syncers.ByBand})
	return fmt.Sprint("/qso/", b.last-1)
}

// TestOneQSO: the page of a QSO has its fields, its confirmations with what each
// says, what others say differently, what was changed by whom, and what else it
// may be taken for.
func TestOneQSO(t *testing.T) {
	f := newFixture(t).withPeople()
	page := f.visit(f.cookie("owner"), f.books.book("main").told()).body
	for _, want := range []string{
		`<th scope="row">GRIDSQUARE</th><td>JO31`, `<th scope="row">APP_CLUB_NOTE</th>`, // all fields
		`<th scope="row">LoTW</th><td><b class="yes">✓ confirmed</b>`, `<th scope="row">Card</th><td>not yet</td>`, // confirmations
		`<th scope="row">APP_LOTW_RXQSO</th><td>2025-03-01 10:00:00</td>`, // the raw record
		`<th scope="row">GRIDSQUARE</th><td>JO32</td><td>LoTW</td>`,       // the difference
		`<del>Otto</del> → <ins>Anna</ins>`, `anna <small>`,               // history
		`name="id" value="b7"`, `QSOs close in time`, `20m · SSB`, // match candidates
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in %s", want, page[strings.Index(page, "<main"):])
		}
	}
}
