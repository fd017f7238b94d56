package webui_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"qslbox/qso"
)

// TestCallBox types calls into the box of several pages, as people write them:
// with a slashed zero, in small letters, as a pattern. What the log knows of
// the station stands above its QSOs, with entity, zone, distance and what
// would be new.
func TestCallBox(t *testing.T) {
	f := newFixture(t, overNetwork).withPeople()
	main := f.books.book("main")
	_ = main.SetSettings(qso.Settings{DefaultOwn: "DK9XYZ", Grid: "JO30OM"})
	polar := contact("3Y0ABC", "20m", "CW", started)
	polar.DXCC = 24
	german := contact("DL0ABC", "40m", "SSB", started)
	german.Set(qso.FieldDARCDOK, "B36")
	german.Confirmations = []qso.Confirmation{{Source: qso.LoTW, Status: 'Y'}}
	main.add(polar, german)
	b := newBrowser(t, f)
	b.enter(f, "owner")
	b.look(1280, "light")
	for _, page := range []string{"/", "/map", "/awards", "/nothing"} {
		b.open(page)
		b.search("dlØabc")
		b.shows("#callcard")
		for _, want := range []string{"DL0ABC", "Federal Republic of Germany", "CQ 14", "ITU 28", " km", "worked once", "DOK B36"} {
			b.says("#callcard", want)
		}
		b.shows(".log tbody")
		b.says(".log tbody", "DL0ABC")
		b.until(`[...document.querySelectorAll("#callcard td")].some((e) => e.textContent.trim() === "C")`)
	}
	b.search("*3yØ*")
	b.until(`location.search.includes("3y") && ` + b.stands())
	b.shows(".log tbody")
	b.says(".log tbody", "3Y0ABC")
	b.search("ja1zzz")
	b.until(`!!document.querySelector("#callcard .stamp.new")`)
	b.says("#callcard", "New entity")
	b.calm("call box")
}

// search types into the call box.
func (b *browser) search(text string) {
	b.t.Helper()
	b.run(chromedp.Evaluate[chromedp.Void](`document.querySelector("#callbox").value = ""`), chromedp.SendKeys("#callbox", text+"\n"))
}

// TestStaleEditByTwo has two people change the same QSO: who comes second sees
// both versions beside each other and decides.
func TestStaleEditByTwo(t *testing.T) {
	f := newFixture(t, overNetwork).withPeople()
	main := f.books.book("main")
	main.add(contact("DL1ABC", "20m", "CW", started))
	b := newBrowser(t, f)
	b.enter(f, "owner")
	b.look(1280, "light")
	b.open("/qso/1/edit")
	if _, err := main.Edit(t.Context(), 1, 0, "anna", func(q *qso.QSO) error { q.Set(qso.FieldName, "Otto"); return nil }); err != nil {
		t.Fatal(err)
	}
	b.run(chromedp.SetValue(`form.edit input[name="name"]`, "Eva"), chromedp.Click("form.edit button"))
	b.until(`document.body.innerText.includes("stored: Otto")`)
	b.until(`document.querySelector('form.edit input[name="name"]').value === "Eva"`)
	b.run(chromedp.Click("form.edit button"))
	b.shows(".single")
	if q, _ := main.Get(1); q.Get(qso.FieldName) != "Eva" {
		t.Errorf("the name is %q", q.Get(qso.FieldName))
	}
	b.open("/nothing/here")
	b.run(chromedp.SendKeys(`main input[name="call"]`, "dl1*\n"))
	b.goneTo("/log?call=dl1*")
	b.says(".log tbody", "DL1ABC")
	b.calm("edit")
}

// TestCardPile goes through a pile of cards with one key a card, which a browser
// with a mouse shows on the buttons, sends the replies off, and takes that back.
func TestCardPile(t *testing.T) {
	f := newFixture(t, overNetwork).withPeople()
	main := f.books.book("main")
	for _, call := range []string{"JA1ZZZ", "W1AAA"} {
		q := contact(call, "20m", "CW", started)
		q.Set(qso.FieldRSTSent, "599")
		main.add(q)
	}
	b := newBrowser(t, f, chromedp.Flag("blink-settings", "primaryHoverType=2,availableHoverTypes=2"))
	b.enter(f, "owner")
	b.look(1280, "light")
	b.open("/cards")
	for _, call := range []string{"ja1zzz", "w1aaa"} {
		b.callField()
		b.press(call, kb.Enter)
		b.until(`document.activeElement.dataset.key === "b"`)
		b.shows(".qslrow kbd")
		b.says(".qslrow", strings.ToUpper(call))
		b.press("b")
		b.shows(".undo")
		b.callField()
		b.press(kb.Escape) // leaves the field, so that keys are keys
		b.until(`document.activeElement === document.body || document.activeElement.dataset.key !== undefined`)
		b.press("r")
		b.until(`location.search.includes("undo=") && document.body.innerText.includes("to be sent") && ` + b.stands())
	}
	for id := range uint64(2) {
		if q, _ := main.Get(id + 1); !q.Confirmed().Has(qso.Card) || q.Get(qso.FieldQSLSent) != "Q" || q.Get(qso.FieldQSLSentVia) != "B" {
			t.Errorf("QSO %d: %v %q %q", id+1, q.Confirmed().Names(), q.Get(qso.FieldQSLSent), q.Get(qso.FieldQSLSentVia))
		}
	}
	b.open("/cards?show=queue")
	b.run(chromedp.Click(`button[value="sent"]`))
	b.until(`document.body.innerText.includes("2 QSOs were changed")`)
	if q, _ := main.Get(1); q.Get(qso.FieldQSLSent) != "Y" {
		t.Errorf("QSO 1 after sending: %q", q.Get(qso.FieldQSLSent))
	}
	b.run(chromedp.Click(`form[action="/log/edits/1/undo"] button`))
	b.until(`location.pathname === "/cards" && document.body.innerText.includes("2 QSOs are again as they were")`)
	if q, _ := main.Get(1); q.Get(qso.FieldQSLSent) != "Q" {
		t.Errorf("QSO 1 after taking it back: %q", q.Get(qso.FieldQSLSent))
	}
	b.calm("cards")
}

// callField waits until a call can be typed on the page Cards.
func (b *browser) callField() {
	b.t.Helper()
	b.focused(`input[name="call"]`)
}

// TestLocationByHand says where QSOs were made that do not say it themselves;
// distances, filter and map follow.
func TestLocationByHand(t *testing.T) {
	f := newFixture(t, overNetwork).withPeople()
	q := contact("JA1ZZZ", "20m", "CW", started)
	q.Set(qso.FieldGridsquare, "PM95")
	f.books.book("main").add(q, contact("W1AAA", "20m", "CW", started.AddDate(1, 0, 0)))
	b := newBrowser(t, f)
	b.enter(f, "owner")
	b.look(1280, "light")
	b.open("/stations")
	b.run(chromedp.SetValue(`#entered input[name="name"]`, "Sylt"), chromedp.SetValue(`#entered input[name="grid"]`, "JO44"),
		chromedp.SetValue(`#entered input[name="from"]`, "2025-01-01"), chromedp.SetValue(`#entered input[name="to"]`, "2025-12-31"), chromedp.Click(`#entered form:last-of-type button`))
	b.until(`document.querySelector("#entered table")?.innerText.includes("Sylt")`)
	b.run(chromedp.Click(`#entered table a`))
	b.goneTo("/log?location=Sylt")
	b.says(".log tbody", "JA1ZZZ")
	if strings.Contains(b.text(".log tbody"), "W1AAA") {
		t.Error("a QSO of another year was made there")
	}
	b.run(chromedp.Click(".log .call a"))
	b.shows(".single")
	b.says("main", " km")
	b.calm("stations")
}
