package webui

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"qslbox/qso"
	"qslbox/qso/columns"
)

// cardsPage is for a pile of QSL cards: type a call, mark the card, go on.
type cardsPage struct {
	Call string
	QSOs []cardLine // with the station, newest first
	Show string
	Undo *cardUndo
	Done *manyEditLine // cards of the queue that were marked just now

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
	d := cardsPage{Call: strings.ToUpper(strings.TrimSpace(c.query.Get("call"))), Show: c.query.Get("show")}
	if id, step, ok := strings.Cut(c.query.Get("undo"), "."); ok && cardSteps[step] != nil {
		d.Undo = &cardUndo{id, step}
	}
	log, err := c.book.Columns(c.ctx())
	if err != nil {
		return err
	}
	switch {
	case d.Show == "queue":
		var edits []manyEditLine
		if edits, err = c.manyEdits("cards"); err != nil {
			return err
		}
		d.Done = c.editOfQuery(edits)
		err = c.showQueue(&d, log)
	case d.Call != "":
		err = c.showCards(&d, log)
	}
	if err != nil {
		return err
	}
	return c.render("cards", &d)
}

// showCards lists the QSOs with a station and what a card would bring.
func (c *call) showCards(d *cardsPage, log *columns.Log) (err error) {
	var page columns.Page
	log.View(func(v *columns.View) {
		page, err = v.Page(columns.Filter{Call: d.Call}, columns.Sort{Descending: true}, "", shownCards)
	})
	if err != nil {
		return err
	}
	qsos, err := c.book.GetMany(page.IDs)
	if err != nil {
		return err
	}
	var have proven
	log.View(func(v *columns.View) { have = provenBy(v, qsos) })
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

// provenBy looks through the log once for entities, band slots and DOKs of the
// QSOs that are confirmed by anyone of them or others.
func provenBy(v *columns.View, qsos []*qso.QSO) proven {
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
	eachRow(v, columns.Filter{ConfirmedBy: headline | qso.SourceSet(qso.DCL)}, func(row uint32) {
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

// queued returns the ids of the QSOs whose card waits to be sent, ascending.
func queued(log *columns.Log) (ids []uint64) {
	log.View(func(v *columns.View) {
		waits := make([]bool, len(v.Places))
		some := false
		for i := range v.Places {
			waits[i] = v.Places[i].CardWaits != 0
			some = some || waits[i]
		}
		if !some {
			return
		}
		for row, place := range v.Place {
			if waits[place] && v.Live(row) {
				ids = append(ids, v.ID(row))
			}
		}
	})
	return ids
}

// showQueue lists the cards to send, by call.
func (c *call) showQueue(d *cardsPage, log *columns.Log) error {
	ids := queued(log)
	if d.More = len(ids) > shownQueue; d.More {
		ids = ids[:shownQueue]
	}
	qsos, err := c.book.GetMany(ids)
	if err != nil {
		return err
	}
	slices.SortStableFunc(qsos, func(a, b *qso.QSO) int { return strings.Compare(string(a.Call), string(b.Call)) })
	for _, q := range qsos {
		if q.Get(qso.FieldRSTSent) == "" {
			d.Lacking = append(d.Lacking, q)
			continue
		}
		d.Queue = append(d.Queue, q)
	}
	return nil
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
		return c.stepOfMany(form["id"], name, patch)
	}
	id, err := c.qsoID()
	if err != nil {
		return err
	}
	stored, err := c.edit(id, 0, patch)
	if err != nil {
		return err
	}
	query := url.Values{"call": {string(stored.Call)}, "done": {"saved"}}
	if form.Get("show") == "queue" {
		query = url.Values{"show": {"queue"}, "done": {"saved"}}
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

// stepOfMany carries a step out for the ticked cards of the queue.
func (c *call) stepOfMany(ids []string, step string, patch []qso.Field) error {
	refs := make([]qso.Ref, 0, len(ids))
	for _, text := range ids {
		id, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return fmt.Errorf("%w: %q is not an id", qso.ErrNoQSO, text)
		}
		refs = append(refs, qso.Ref{ID: id})
	}
	if len(refs) == 0 {
		return &problem{ErrorEntry: ErrorEntry{http.StatusBadRequest, "invalid"}, message: c.words().Text("cards.none")}
	}
	in := c.rules()
	field, value := patch[0].ID.JSONName(), patch[0].Value
	id, err := c.book.EditMany(c.ctx(), refs, c.by(), field, value, func(q *qso.QSO) error { return apply(in, q, patch) })
	if err != nil {
		return err
	}
	c.audit("cards-"+step, fmt.Sprintf("%s: %d", c.name, len(refs)))
	return c.redirect("/cards", url.Values{"show": {"queue"}, "edit": {strconv.FormatUint(id, 10)}})
}

// CardHere reports whether a card of the QSO was received.
func (v *view) CardHere(q *qso.QSO) bool { return q.Confirmed().Has(qso.Card) }

// CardSent returns the letter of QSL_SENT.
func (v *view) CardSent(q *qso.QSO) string { return q.Get(qso.FieldQSLSent) }
