package webui

import (
	"net/url"
	"slices"
	"strings"

	"qslbox/qso"
	"qslbox/qso/columns"
)

// cardsPage is for a pile of QSL cards: type a call, mark the card, go on.
type cardsPage struct {
	Call  string
	QSOs  []*qso.QSO // with the station, newest first
	Queue []*qso.QSO // cards to send
	More  bool       // the queue holds more than is shown
	Show  string
}

// Bounds of the page.
const (
	shownCards = 50
	shownQueue = 500
)

// getCardsPage answers GET /cards.
func getCardsPage(c *call) error {
	d := cardsPage{Call: strings.ToUpper(strings.TrimSpace(c.query.Get("call"))), Show: c.query.Get("show")}
	switch {
	case d.Show == "queue":
		err := c.book.Scan(c.ctx(), 0, func(q *qso.QSO) bool {
			if wanted := q.Get(qso.FieldQSLSent); wanted == "Q" || wanted == "R" {
				d.Queue = append(d.Queue, q)
			}
			return len(d.Queue) <= shownQueue
		})
		if err != nil {
			return err
		}
		if d.More = len(d.Queue) > shownQueue; d.More {
			d.Queue = d.Queue[:shownQueue]
		}
		slices.SortStableFunc(d.Queue, func(a, b *qso.QSO) int { return strings.Compare(string(a.Call), string(b.Call)) })
	case d.Call != "":
		log, err := c.book.Columns(c.ctx())
		if err != nil {
			return err
		}
		var page columns.Page
		log.View(func(v *columns.View) {
			page, err = v.Page(columns.Filter{Call: d.Call}, columns.Sort{Descending: true}, "", shownCards)
		})
		if err != nil {
			return err
		}
		if d.QSOs, err = c.book.GetMany(page.IDs); err != nil {
			return err
		}
	}
	return c.render("cards", &d)
}

// cardSteps are what may happen to a card: the fields that it sets, where
// "today" and "via" stand for themselves.
var cardSteps = map[string][]qso.Field{
	"received":     {{ID: qso.FieldQSLRcvd, Value: "Y"}, {ID: qso.FieldQSLRDate, Value: "today"}, {ID: qso.FieldQSLRcvdVia, Value: "via"}},
	"not_received": {{ID: qso.FieldQSLRcvd}, {ID: qso.FieldQSLRDate}, {ID: qso.FieldQSLRcvdVia}},
	"queue":        {{ID: qso.FieldQSLSent, Value: "Q"}, {ID: qso.FieldQSLSentVia, Value: "via"}},
	"sent":         {{ID: qso.FieldQSLSent, Value: "Y"}, {ID: qso.FieldQSLSDate, Value: "today"}},
	"not_sent":     {{ID: qso.FieldQSLSent}, {ID: qso.FieldQSLSDate}, {ID: qso.FieldQSLSentVia}},
}

// postCardPage answers POST /cards/{id}: a step of a card, then back to where
// the reader was.
func postCardPage(c *call) error {
	id, err := c.qsoID()
	if err != nil {
		return err
	}
	form, err := c.form()
	if err != nil {
		return err
	}
	step, ok := cardSteps[form.Get("step")]
	if !ok {
		return invalid("step: %q is nothing that happens to a card", form.Get("step"))
	}
	via := form.Get("via")
	if via != "B" && via != "D" {
		via = "B"
	}
	patch := slices.Clone(step)
	for i := range patch {
		switch patch[i].Value {
		case "today":
			patch[i].Value = c.time().Format("20060102")
		case "via":
			patch[i].Value = via
		}
	}
	stored, err := c.edit(id, 0, patch)
	if err != nil {
		return err
	}
	if form.Get("show") == "queue" {
		return c.redirect("/cards", url.Values{"show": {"queue"}})
	}
	return c.redirect("/cards", url.Values{"call": {string(stored.Call)}, "done": {"saved"}})
}

// CardHere reports whether a card of the QSO was received.
func (v *view) CardHere(q *qso.QSO) bool { return q.Confirmed().Has(qso.Card) }

// CardSent returns the letter of QSL_SENT.
func (v *view) CardSent(q *qso.QSO) string { return q.Get(qso.FieldQSLSent) }
