package webui

import (
	"net/url"
	"strconv"

	"qslbox/qso"
	"qslbox/qso/columns"
)

// logPage lists QSOs.
type logPage struct {
	Form     filterForm
	Columns  []logColumn
	Choices  []columnChoice
	QSOs     []*qso.QSO
	Total    int    // that pass the filter
	Next     string // place of the next page, "" at the end
	Sort     string
	First    bool // this is the first page
	Searched bool
	Card     *callCard
	Again    string // the address to come back to
}

// getLogPage answers GET /log. A filter that cannot be understood is marked and
// left out; the rest of it still counts.
func getLogPage(c *call) error { return c.share("", c.logPage) }

func (c *call) logPage() error {
	d := logPage{First: c.query.Get("after") == ""}
	f, err := c.filter()
	if err != nil {
		return err
	}
	d.Searched = !f.Empty()
	all, err := c.statistics(columns.Filter{})
	if err != nil {
		return err
	}
	d.Form = c.newFilterForm("/log", all, "sort")
	order, err := columns.ParseSort(c.query.Get("sort"))
	if err != nil {
		order = columns.Sort{Descending: true} // the list as it comes without
	}
	d.Sort = order.String()
	query := c.query
	c.query = url.Values{"sort": {d.Sort}, "after": {query.Get("after")}, "limit": {"50"}, "count": {"1"}}
	page, total, err := c.page(f)
	c.query = query
	if err != nil {
		return err
	}
	d.Next, d.Total = page.Next, total
	if d.QSOs, err = c.book.GetMany(page.IDs); err != nil {
		return err
	}
	if d.Card, err = c.callCard(c.query); err != nil {
		return err
	}
	d.Columns = c.logColumns()
	d.Choices = columnChoices(d.Columns)
	d.Again = c.r.URL.RequestURI()
	return c.render("log", &d)
}

// SortLink returns the address of the list in the order of a column; a second
// time it is turned round.
func (v *view) SortLink(key string, now string) string {
	next := key
	switch {
	case now == key:
		next = "-" + key
	case now != "-"+key && key == "time":
		next = "-time"
	}
	return v.Here("sort", next)
}

// SortMark returns the value of aria-sort of a column.
func (v *view) SortMark(key, now string) string {
	switch now {
	case key:
		return "ascending"
	case "-" + key:
		return "descending"
	}
	return "none"
}

// Entity returns the name of a DXCC entity, "" for none.
func (v *view) Entity(code uint16) string {
	e, ok := v.c.Table.Entity(code)
	if !ok {
		return ""
	}
	return e.Name
}

// entityText returns the name of an entity by the text of its number.
func (v *view) entityText(text string) string {
	code, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return ""
	}
	return v.Entity(uint16(code))
}

// Field returns a field of a QSO by its name in lower case.
func (v *view) Field(q *qso.QSO, name string) string { return q.Text(qso.LookupField([]byte(name))) }

// Clock writes the time of a QSO in UTC, to the minute.
func (v *view) Clock(t qso.Time) string { return t.Std().Format("15:04") }

// Sources returns who confirms a QSO, as short words.
func (v *view) Sources(q *qso.QSO) []string { return q.Confirmed().Names() }

// worth shows what of a station was worked before; for the form of a new QSO.
func (c *call) worth(call qso.Call) (columns.Before, error) {
	var before columns.Before
	log, err := c.book.Columns(c.ctx())
	if err != nil {
		return before, err
	}
	log.View(func(v *columns.View) {
		before = v.Before(columns.Filter{Call: string(call)}, 0, qso.Mode{}, qso.SourceSet(qso.LoTW, qso.Card))
	})
	return before, nil
}

// trashPage lists deleted QSOs.
type trashPage struct{ Deleted []qso.Deleted }

// getTrashPage answers GET /log/trash.
func getTrashPage(c *call) error {
	deleted, err := c.book.Trash()
	if err != nil {
		return err
	}
	return c.render("trash", trashPage{deleted})
}
