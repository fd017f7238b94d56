package webui

import (
	"slices"
	"strconv"
	"strings"

	"qslbox/qso"
	"qslbox/qso/columns"
)

// cardsPage is for a pile of QSL cards: type a call, mark the card, go on.
type cardsPage struct {
	Form  filterForm
	Call  string
	QSOs  []cardLine // with the station, newest first
	Older bool       // there are more QSOs with the station than are shown
	Owns  bool       // the log has more than one own call
	Show  string
	Undo  *cardUndo
	Done  *manyEditLine // cards of the queue that were marked just now

	Queue   []*qso.QSO // cards to send
	Lacking []*qso.QSO // of them those without a report, which no QSL service takes
	More    bool       // the queue holds more than is shown
}

// cardLine is a QSO with what a card of it would bring.
type cardLine struct {
	*qso.QSO
	News []string // what is not confirmed yet: entity, band, DOK
	By   string   // who confirms it already; empty: nobody who counts
}

// cardUndo takes the last step back.
type cardUndo struct{ ID, Step string }

// Bounds of the page.
const (
	shownCards = 50
	shownQueue = 500
)

// getCardsPage answers GET /cards.
func getCardsPage(c *call) error {
	d := cardsPage{Show: c.query.Get("show")}
	if id, step, ok := strings.Cut(c.query.Get("undo"), "."); ok && cardSteps[step] != nil {
		d.Undo = &cardUndo{id, step}
	}
	if d.Show == "queue" {
		edits, err := c.manyEdits("cards")
		if err != nil {
			return err
		}
		d.Done = c.editOfQuery(edits)
	}
	f, err := c.cardsFilter(&d)
	if err != nil {
		return err
	}
	log, err := c.book.Columns(c.ctx())
	if err != nil {
		return err
	}
	switch {
	case d.Show == "queue":
		err = c.showQueue(&d, log, f)
	case f.Call != "":
		err = c.showCards(&d, log, f)
	}
	if err != nil {
		return err
	}
	return c.render("cards", &d)
}

// showCards lists the QSOs with a station and what a card would bring to the
// own calls of the filter.
func (c *call) showCards(d *cardsPage, log *columns.Log, f columns.Filter) (err error) {
	var page columns.Page
	log.View(func(v *columns.View) {
		page, err = v.Page(f, columns.Sort{Descending: true}, "", shownCards)
	})
	if err != nil {
		return err
	}
	d.Older = page.Next != ""
	qsos, err := c.book.GetMany(page.IDs)
	if err != nil {
		return err
	}
	var have proven
	log.View(func(v *columns.View) { have = provenBy(v, qsos, columns.Filter{Own: f.Own, Holder: f.Holder}) })
	for _, q := range qsos {
		d.QSOs = append(d.QSOs, c.cardLine(q, &have))
	}
	return nil
}

// proven is what is confirmed already of what some QSOs stand for.
type proven struct {
	entities map[uint16]bool
	slots    map[slot]bool
	doks     map[string]bool
}

type slot struct {
	entity uint16
	band   qso.Band
}

// provenBy looks through the log once, as far as it counts, for entities, band
// slots and DOKs of the QSOs that are confirmed by anyone of them or others.
func provenBy(v *columns.View, qsos []*qso.QSO, counts columns.Filter) proven {
	have := proven{map[uint16]bool{}, map[slot]bool{}, map[string]bool{}}
	asked := [1 << 16]bool{}
	doks := map[string]bool{}
	for _, q := range qsos {
		asked[q.DXCC] = true
		if dok := dokOf(q); dok != "" {
			doks[dok] = true
		}
	}
	wanted := make([]bool, len(v.Places))
	for i := range v.Places {
		wanted[i] = doks[v.Text(v.Places[i].DOK)]
	}
	counts.ConfirmedBy = headline | qso.SourceSet(qso.DCL)
	eachRow(v, counts, func(row uint32) {
		if asked[v.DXCC[row]] && standingOf(v, row, headline) == columns.Confirmed {
			have.entities[v.DXCC[row]] = true
			have.slots[slot{v.DXCC[row], qso.Band(v.Band[row])}] = true
		}
		if wanted[v.Place[row]] {
			have.doks[v.Text(v.Places[v.Place[row]].DOK)] = true
		}
	})
	return have
}

func dokOf(q *qso.QSO) string {
	dok, kind := qso.FoldDOK(q.Get(qso.FieldDARCDOK))
	if kind == qso.NoDOK {
		return ""
	}
	return dok
}

// cardLine says what a card of a QSO would bring.
func (c *call) cardLine(q *qso.QSO, have *proven) cardLine {
	v, line := &view{c: c, p: c.words()}, cardLine{QSO: q}
	for _, name := range (q.Confirmed() & headline).Names() {
		line.By = v.T("source." + name)
	}
	if line.By != "" {
		return line
	}
	entity := v.Entity(q.DXCC)
	switch {
	case entity == "":
	case !have.entities[q.DXCC]:
		line.News = append(line.News, entity)
	case !have.slots[slot{q.DXCC, q.Band}]:
		line.News = append(line.News, q.Band.String())
	}
	if dok := dokOf(q); dok != "" && !have.doks[dok] {
		line.News = append(line.News, "DOK "+dok)
	}
	return line
}

// cardSteps are what may happen to a card: the fields that it sets, where
// "today" and "via" stand for themselves.
var cardSteps = map[string][]qso.Field{
	"received":     {{ID: qso.FieldQSLRcvd, Value: "Y"}, {ID: qso.FieldQSLRDate, Value: "today"}, {ID: qso.FieldQSLRcvdVia, Value: "via"}},
	"not_received": {{ID: qso.FieldQSLRcvd}, {ID: qso.FieldQSLRDate}, {ID: qso.FieldQSLRcvdVia}},
	"queue":        {{ID: qso.FieldQSLSent, Value: "Q"}, {ID: qso.FieldQSLSentVia, Value: "via"}, {ID: qso.FieldQSLSDate}},
	"sent":         {{ID: qso.FieldQSLSent, Value: "Y"}, {ID: qso.FieldQSLSDate, Value: "today"}},
	"not_sent":     {{ID: qso.FieldQSLSent}, {ID: qso.FieldQSLSDate}, {ID: qso.FieldQSLSentVia}},
}

// takeBack names the step that takes another one back.
var takeBack = map[string]string{"received": "not_received", "queue": "not_sent", "sent": "queue", "not_sent": "queue"}

// postCardPage answers POST /cards/{id}: a step of a card, then back to where
// the reader was. The id "queue" is for those of the form.
func postCardPage(c *call) error {
	form, err := c.form()
	if err != nil {
		return err
	}
	name, via, _ := strings.Cut(form.Get("step"), " ") // a button says both
	if via == "" {
		via = form.Get("via")
	}
	step, ok := cardSteps[name]
	if !ok {
		return invalid("step: %q is nothing that happens to a card", name)
	}
	patch := c.cardPatch(step, via)
	if c.params.ByName("id") == "queue" {
		return c.stepOfMany(form, name, patch)
	}
	id, err := c.qsoID()
	if err != nil {
		return err
	}
	stored, err := c.edit(id, 0, patch)
	if err != nil {
		return err
	}
	query := filtersOf(form)
	query.Set("done", "saved")
	if form.Get("show") == "queue" {
		query.Set("show", "queue")
	} else if query.Get("call") == "" {
		query.Set("call", string(stored.Call))
	}
	if back := takeBack[name]; back != "" && form.Get("undo") == "" {
		query.Set("undo", strconv.FormatUint(id, 10)+"."+back)
	}
	return c.redirect("/cards", query)
}

// cardPatch fills day and way into a step.
func (c *call) cardPatch(step []qso.Field, via string) []qso.Field {
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
	return patch
}

// CardHere reports whether a card of the QSO was received.
func (v *view) CardHere(q *qso.QSO) bool { return q.Confirmed().Has(qso.Card) }

// CardSent returns the letter of QSL_SENT.
func (v *view) CardSent(q *qso.QSO) string { return q.Get(qso.FieldQSLSent) }
