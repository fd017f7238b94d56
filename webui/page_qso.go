package webui

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"qslbox/qso"
	"qslbox/qso/columns"
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
}

// fieldLine is one field, and where its value came from if not from a logger.
type fieldLine struct{ Name, Value, Origin string }

func (d *qsoPage) title(p *words.Printer) string {
	return p.Text("title.qso.of", string(d.QSO.Call), d.QSO.Start.Std().Format("2006-01-02 15:04"))
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
	d.Km, d.Bearing = distance(q, settings.Grid)
	return c.render("qso", &d)
}

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

// editable are the fields of the form, in its order; the first five are
// needed.
var editable = []string{
	"call", "qso_date", "time_on", "band", "mode", "submode", "freq", "station_callsign", "rst_sent", "rst_rcvd", "name", "qth", "gridsquare",
	"darc_dok", "state", "cnty", "iota", "dxcc", "prop_mode", "sat_name", "my_gridsquare", "operator", "contest_id", "pota_ref", "sota_ref",
	"qsl_rcvd", "qsl_sent", "qsl_via", "comment", "notes",
}

// editPage is the form of a QSO, new or not.
type editPage struct {
	ID      uint64 // 0: a new one
	Rev     uint32
	Fields  []input
	Bands   []qso.Band
	Problem string
	Current *qso.QSO // somebody else changed it meanwhile: this is it now
}

// input is one field of the form.
type input struct {
	Name, Value string
	Was         string // what is stored now, if somebody else changed it
	Needed      bool
}

func (d *editPage) title(p *words.Printer) string {
	if d.ID == 0 {
		return p.Text("title.new")
	}
	return p.Text("title.edit")
}

func newEditPage(value func(name string) string) *editPage {
	d := &editPage{Bands: qso.Bands()}
	for i, name := range editable {
		d.Fields = append(d.Fields, input{Name: name, Value: value(name), Needed: i < 5})
	}
	return d
}

// textOf returns a field of a QSO as the form shows it.
func textOf(q *qso.QSO, name string) string {
	text := q.Text(qso.LookupField([]byte(name)))
	switch name {
	case "qso_date":
		return q.Start.Std().Format("2006-01-02")
	case "time_on":
		return q.Start.Std().Format("15:04:05")
	}
	return text
}

// getNewPage answers GET /log/new.
func getNewPage(c *call) error {
	settings := c.book.Settings()
	now := c.time()
	return c.render("edit", newEditPage(func(name string) string {
		switch name {
		case "qso_date":
			return now.Format("2006-01-02")
		case "time_on":
			return now.Format("15:04")
		case "station_callsign":
			return string(settings.DefaultOwn)
		}
		return c.query.Get(name)
	}))
}

// getEditPage answers GET /qso/{id}/edit.
func getEditPage(c *call) error {
	q, err := c.qsoOfPath()
	if err != nil {
		return err
	}
	d := newEditPage(func(name string) string { return textOf(q, name) })
	d.ID, d.Rev = q.ID, q.Rev
	return c.render("edit", d)
}

// formFields turns the form into fields; those that are alike in q are left
// out.
func formFields(form url.Values, q *qso.QSO) (fields []qso.Field) {
	for _, name := range editable {
		value := strings.TrimSpace(form.Get(name))
		if q != nil && value == textOf(q, name) || q == nil && value == "" {
			continue
		}
		switch name {
		case "qso_date":
			value = strings.ReplaceAll(value, "-", "")
		case "time_on":
			value = strings.ReplaceAll(value, ":", "")
		}
		fields = append(fields, qso.Field{ID: qso.LookupField([]byte(name)), Value: value})
	}
	return fields
}

// postNewPage answers POST /log/new.
func postNewPage(c *call) error {
	form, err := c.form()
	if err != nil {
		return err
	}
	q := new(qso.QSO)
	if err = judge(c.rules(), formFields(form, nil), q); err == nil {
		var stored *qso.QSO
		if stored, err = c.book.Add(c.ctx(), q, c.by()); err == nil {
			return c.redirect(qsoPath(stored.ID), url.Values{"done": {"added"}})
		}
	}
	entry, message := c.lookup(err)
	if entry.Status >= http.StatusInternalServerError {
		return err
	}
	d := newEditPage(form.Get)
	d.Problem = message
	return c.renderStatus(entry.Status, "edit", d)
}

func qsoPath(id uint64) string { return "/qso/" + strconv.FormatUint(id, 10) }

// postEditPage answers POST /qso/{id}/edit. Whoever comes too late sees both
// versions.
func postEditPage(c *call) error {
	form, err := c.form()
	if err != nil {
		return err
	}
	q, err := c.qsoOfPath()
	if err != nil {
		return err
	}
	rev, err := strconv.ParseUint(form.Get("rev"), 10, 32)
	if err != nil {
		return invalid("rev: %q is not a revision", form.Get("rev"))
	}
	patch := formFields(form, q)
	if len(patch) == 0 && uint32(rev) == q.Rev {
		return c.redirect(qsoPath(q.ID), nil)
	}
	_, err = c.edit(q.ID, uint32(rev), patch)
	if err == nil {
		return c.redirect(qsoPath(q.ID), url.Values{"done": {"saved"}})
	}
	entry, message := c.lookup(err)
	if entry.Status >= http.StatusInternalServerError || errors.Is(err, qso.ErrNoQSO) {
		return err
	}
	d := newEditPage(form.Get)
	d.ID, d.Rev, d.Problem = q.ID, uint32(rev), message
	var stale *qso.StaleError
	if errors.As(err, &stale) {
		d.Current, d.Rev = stale.Current, stale.Current.Rev
		for i := range d.Fields {
			if now := textOf(stale.Current, d.Fields[i].Name); now != d.Fields[i].Value {
				d.Fields[i].Was = now
			}
		}
	}
	return c.renderStatus(entry.Status, "edit", d)
}

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
