package webui

import (
	"bufio"
	"cmp"
	"slices"
	"strings"

	"qslbox/qso"
	"qslbox/qso/adif"
	"qslbox/qso/columns"
)

// serviceFields are what QSL services print on a card or sort cards by.
var serviceFields = []qso.FieldID{
	qso.FieldCall, qso.FieldQSODate, qso.FieldTimeOn, qso.FieldBand, qso.FieldFreq, qso.FieldMode, qso.FieldSubmode, qso.FieldRSTSent, qso.FieldRSTRcvd,
	qso.FieldStationCallsign, qso.FieldOperator, qso.FieldQSLVia, qso.FieldQSLSentVia, qso.FieldQSLMsg, qso.FieldQSLRcvd, qso.FieldPropMode, qso.FieldSatName,
	qso.FieldName, qso.FieldGridsquare, qso.FieldMyGridsquare, qso.FieldMyDARCDOK, qso.FieldMyIOTA, qso.FieldMyPOTARef, qso.FieldMySOTARef, qso.FieldMyWWFFRef,
}

// getQueueFile answers GET /cards/queue.adi: the cards to send that pass the
// filter, for a QSL service. QSOs without a report are left out: the page lists
// them.
func getQueueFile(c *call) error {
	f, err := c.filter()
	if err != nil {
		return err
	}
	log, err := c.book.Columns(c.ctx())
	if err != nil {
		return err
	}
	qsos, err := c.book.GetMany(queued(log, f))
	if err != nil {
		return err
	}
	c.download("text/plain; charset=utf-8", "cards-"+c.name+"-"+c.time().Format("20060102")+".adi")
	buffered := bufio.NewWriterSize(c.w, exportBuffer)
	w := adif.NewWriter(buffered, adif.FileHeader{
		Text: "cards to send of log " + c.name + ", written by qslbox", ProgramID: "qslbox", ProgramVersion: c.Version, Created: c.time(),
	})
	for _, q := range qsos {
		if q.Get(qso.FieldRSTSent) == "" {
			continue
		}
		err := w.Write(func(yield func(qso.Field) bool) {
			for f := range q.ADIF() {
				if slices.Contains(serviceFields, f.ID) && !yield(f) {
					return
				}
			}
		})
		if err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return buffered.Flush()
}

// cardListPage is a list to be printed for whoever checks cards.
type cardListPage struct {
	Form  filterForm
	Own   string
	Owns  bool       // QSOs of several own calls are listed
	QSOs  []*qso.QSO // by entity, then call, then time
	Total int
}

// maxOwnNamed is how many own calls the head of the list names.
const maxOwnNamed = 4

// ownCallsOf returns the own calls of QSOs, each once, in alphabetical order.
func ownCallsOf(list []*qso.QSO) (own []string) {
	for _, q := range list {
		if call := string(q.Own); call != "" && !slices.Contains(own, call) {
			own = append(own, call)
		}
	}
	slices.Sort(own)
	return own
}

// maxCardList bounds the printed list: some forty pages.
const maxCardList = 2000

// getCardListPage answers GET /cards/list: the QSOs that a card confirms, or
// that the filter chooses.
func getCardListPage(c *call) error {
	f, err := c.filter()
	if err != nil {
		return err
	}
	all, err := c.statistics(columns.Filter{})
	if err != nil {
		return err
	}
	d := cardListPage{Form: c.newFilterForm("/cards/list", all), Own: c.ownCall(f, all)}
	if f.ConfirmedBy == 0 && f.Confirmed == nil {
		f.ConfirmedBy = qso.SourceSet(qso.Card)
	}
	log, err := c.book.Columns(c.ctx())
	if err != nil {
		return err
	}
	var page columns.Page
	log.View(func(v *columns.View) {
		if page, err = v.Page(f, columns.Sort{By: columns.ByCall}, "", maxCardList); err == nil {
			d.Total = v.Match(f).Count()
		}
	})
	if err != nil {
		return err
	}
	if d.QSOs, err = c.book.GetMany(page.IDs); err != nil {
		return err
	}
	if own := ownCallsOf(d.QSOs); len(own) > 0 {
		d.Own, d.Owns = strings.Join(own[:min(len(own), maxOwnNamed)], ", "), len(own) > 1
	}
	v := &view{c: c, p: c.words()}
	slices.SortStableFunc(d.QSOs, func(a, b *qso.QSO) int { return cmp.Compare(v.Entity(a.DXCC), v.Entity(b.DXCC)) })
	return c.render("cardlist", &d)
}
