package webui

import (
	"fmt"
	"net/url"
	"slices"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/syncers"
	"qslbox/webui/words"
)

// qsoPage shows one QSO with all that is known of it.
type qsoPage struct {
	QSO     *qso.QSO
	Fields  []fieldLine
	History []qso.HistoryEntry
	Km      float64 // from our locator to theirs, 0 = not known
	Bearing float64 // degrees
	Before  columns.Before
	Listed  []listedLine // records of services about the station that fit no QSO
	Near    []*qso.QSO   // QSOs with the station within half an hour
}

// fieldLine is one field, and where its value came from if not from a logger.
type fieldLine struct{ Name, Value, Origin string }

func (d *qsoPage) title(p *words.Printer) string {
	return p.Text("title.qso.of", string(d.QSO.Call), p.Minute(d.QSO.Start.Std()))
}

// getQSOPage answers GET /qso/{id}.
func getQSOPage(c *call) error {
	q, err := c.qsoOfPath()
	if err != nil {
		return err
	}
	d := qsoPage{QSO: q, Fields: fieldLines(q)}
	if d.History, err = c.book.History(q.ID); err != nil {
		return err
	}
	if d.Before, err = c.worth(q.Call); err != nil {
		return err
	}
	settings := c.book.Settings()
	d.Km, d.Bearing = distance(q, settings.GridAt(q.Own, q.Start))
	if err := c.findNear(&d); err != nil {
		return err
	}
	return c.render("qso", &d)
}

// findNear finds what a service or somebody may take for this QSO: records
// that are not in the log, and QSOs close in time.
func (c *call) findNear(d *qsoPage) error {
	for _, source := range []qso.Source{qso.LoTW, qso.DCL} {
		listed, err := c.book.Listed(source)
		if err != nil {
			return err
		}
		for i := range listed {
			l := &listed[i]
			if l.Record.Call != d.QSO.Call || l.Resolution != (syncers.Resolution{}) || len(d.Listed) == shownNear {
				continue
			}
			line, err := c.listedLine(l)
			if err != nil {
				return err
			}
			line.Likely = []*qso.QSO{d.QSO}
			d.Listed = append(d.Listed, line)
		}
	}
	log, err := c.book.Columns(c.ctx())
	if err != nil {
		return err
	}
	const window = 30 * 60 // seconds: LoTW's own
	var ids []uint64
	for _, k := range log.Near(nil, d.QSO.Call, d.QSO.Start-window, d.QSO.Start+window) {
		if k.ID != d.QSO.ID && len(ids) < shownNear {
			ids = append(ids, k.ID)
		}
	}
	d.Near, err = c.book.GetMany(ids)
	return err
}

// shownNear bounds the lists of findNear.
const shownNear = 10

func (c *call) qsoOfPath() (*qso.QSO, error) {
	id, err := c.qsoID()
	if err != nil {
		return nil, err
	}
	return c.book.Get(id)
}

// shownElsewhere are fields that the page shows in a place of their own.
var shownElsewhere = []qso.FieldID{
	qso.FieldCall, qso.FieldQSODate, qso.FieldTimeOn, qso.FieldBand, qso.FieldMode, qso.FieldSubmode, qso.FieldStationCallsign,
	qso.FieldRSTSent, qso.FieldRSTRcvd, qso.FieldAppQSLBoxOrigin,
}

func fieldLines(q *qso.QSO) (lines []fieldLine) {
	for f := range q.ADIF() {
		if source, _ := qso.SourceOfField(f.ID); source != qso.NoSource || f.ID != qso.NoField && slices.Contains(shownElsewhere, f.ID) {
			continue
		}
		line := fieldLine{Name: f.Key(), Value: f.Value}
		if o := q.Origin(f.ID, f.Name); o != qso.Imported {
			line.Origin = o.String()
		}
		lines = append(lines, line)
	}
	return lines
}

// distance returns how far and in which direction the other side was.
func distance(q *qso.QSO, home qso.Grid) (km, bearing float64) {
	own, err := qso.ParseGrid(q.Text(qso.FieldMyGridsquare))
	if err != nil {
		own = home
	}
	theirs, err := qso.ParseGrid(q.Text(qso.FieldGridsquare))
	if err != nil || own == "" {
		return 0, 0
	}
	lat1, lon1 := own.Center()
	lat2, lon2 := theirs.Center()
	return qso.Distance(lat1, lon1, lat2, lon2)
}

// Round writes a number without decimals.
func (v *view) Round(f float64) string { return v.p.Decimal(f, 0) }

// postDeletePage answers POST /qso/{id}/delete.
func postDeletePage(c *call) error {
	id, err := c.qsoID()
	if err != nil {
		return err
	}
	if err := c.book.Delete(c.ctx(), id, 0, c.by()); err != nil {
		return err
	}
	c.audit("qso-deleted", fmt.Sprintf("%s QSO %d", c.name, id))
	return c.redirect("/log/trash", url.Values{"done": {"deleted"}})
}

// postRestorePage answers POST /qso/{id}/restore.
func postRestorePage(c *call) error {
	id, err := c.qsoID()
	if err != nil {
		return err
	}
	if _, err := c.book.Restore(c.ctx(), id, c.by()); err != nil {
		return err
	}
	c.audit("qso-restored", fmt.Sprintf("%s QSO %d", c.name, id))
	return c.redirect(qsoPath(id), url.Values{"done": {"restored"}})
}
