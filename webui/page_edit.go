package webui

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/webui/words"
)

// editable are the fields of the form, in its order; the first five are
// needed.
var editable = []string{
	"call", "qso_date", "time_on", "band", "mode", "submode", "freq", "station_callsign", "rst_sent", "rst_rcvd", "name", "qth", "gridsquare",
	"darc_dok", "state", "cnty", "iota", "dxcc", "prop_mode", "sat_name", "my_gridsquare", "operator", "contest_id", "pota_ref", "sota_ref",
	"qsl_rcvd", "qsl_sent", "qsl_via", "comment", "notes",
}

// firstFields are how many of editable everybody sees at once; the others are
// a tap away.
const firstFields = 14

// editPage is the form of a QSO, new or not.
type editPage struct {
	ID      uint64 // 0: a new one
	Rev     uint32
	Fields  []input // seen at once
	More    []input // a tap away
	Open    bool    // unless one of them says something
	Modes   []string
	Card    *callCard // what the log knows of the station
	Bands   []qso.Band
	Problem string
	Current *qso.QSO // somebody else changed it meanwhile: this is it now
}

// input is one field of the form.
type input struct {
	Name, Value string
	Differs     bool   // somebody else changed the QSO, and the value differs
	Was         string // what is stored now then
	Needed      bool
}

// fieldOf is a field with the page around it, for the template.
type fieldOf struct {
	Page  *editPage
	Field input
}

// Input hands a field to its template.
func (d *editPage) Input(in input) fieldOf { return fieldOf{d, in} }

func (d *editPage) title(p *words.Printer) string {
	if d.ID == 0 {
		return p.Text("title.new")
	}
	return p.Text("title.edit")
}

// usualModes are offered while a mode is typed; any other of ADIF is taken.
var usualModes = []string{"SSB", "CW", "FT8", "FT4", "RTTY", "FM", "AM", "PSK31", "JS8", "JT65", "Q65", "MSK144", "SSTV", "DIGITALVOICE"}

func newEditPage(value func(name string) string) *editPage {
	d := &editPage{Bands: qso.Bands(), Modes: usualModes}
	for i, name := range editable {
		in := input{Name: name, Value: value(name), Needed: i < 5}
		if i < firstFields {
			d.Fields = append(d.Fields, in)
			continue
		}
		d.More = append(d.More, in)
		d.Open = d.Open || in.Value != ""
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

// getNewPage answers GET /log/new: the form of a new QSO, filled with what the
// query says, and what the log knows of the station. The form asks for it again
// while a call is typed.
func getNewPage(c *call) error {
	form := c.query
	if kept, ok := c.keptForm(); ok {
		form = kept
	}
	d, err := c.newQSO(form)
	if err != nil {
		return err
	}
	return c.render("edit", d)
}

// newQSO makes the page of a new QSO of the values of a form.
func (c *call) newQSO(form url.Values) (*editPage, error) {
	all, err := c.statistics(columns.Filter{})
	if err != nil {
		return nil, err
	}
	own, now := c.ownCall(columns.Filter{}, all), c.time()
	d := newEditPage(func(name string) string {
		if value := form.Get(name); value != "" || form.Has("rst_sent") {
			return value
		}
		switch name {
		case "qso_date":
			return now.Format("2006-01-02")
		case "time_on":
			return now.Format("15:04")
		case "station_callsign":
			return own
		}
		return ""
	})
	d.Card, err = c.callCard(form)
	return d, err
}

// getEditPage answers GET /qso/{id}/edit.
func getEditPage(c *call) error {
	q, err := c.qsoOfPath()
	if err != nil {
		return err
	}
	d := newEditPage(func(name string) string { return textOf(q, name) })
	d.ID, d.Rev = q.ID, q.Rev
	if form, ok := c.keptForm(); ok {
		typed := newEditPage(form.Get)
		d.Fields, d.More, d.Open = typed.Fields, typed.More, d.Open || typed.Open
		if rev, err := strconv.ParseUint(form.Get("rev"), 10, 32); err == nil {
			d.Rev = uint32(rev) // what was changed meanwhile shows when it is saved
		}
	}
	return c.render("edit", d)
}

// formFields turns the form into fields; those that are alike in q are left
// out.
func formFields(form url.Values, q *qso.QSO) (fields []qso.Field) {
	for _, name := range editable {
		value := strings.TrimSpace(form.Get(name))
		value = plain(name, value)
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

// plain returns a value as it is stored, from what the form shows of it: German
// writes 14,074 MHz.
func plain(name, value string) string {
	if name == "freq" {
		return strings.Replace(value, ",", ".", 1)
	}
	return value
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
	entry, message := c.explain(err)
	if entry.Status >= http.StatusInternalServerError {
		return err
	}
	d, err := c.newQSO(form)
	if err != nil {
		return err
	}
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
	entry, message := c.explain(err)
	if entry.Status >= http.StatusInternalServerError || errors.Is(err, qso.ErrNoQSO) {
		return err
	}
	d := newEditPage(form.Get)
	d.ID, d.Rev, d.Problem = q.ID, uint32(rev), message
	var stale *qso.StaleError
	if errors.As(err, &stale) {
		d.Current, d.Rev = stale.Current, stale.Current.Rev
		d.compare(d.Fields, stale.Current)
		d.Open = d.compare(d.More, stale.Current) || d.Open
	}
	return c.renderStatus(entry.Status, "edit", d)
}

// compare notes beside each field what is stored now, where that differs.
func (d *editPage) compare(fields []input, now *qso.QSO) (differs bool) {
	for i := range fields {
		f := &fields[i]
		if is := textOf(now, f.Name); is != plain(f.Name, f.Value) {
			f.Was, f.Differs, differs = is, true, true
		}
	}
	return differs
}
