package webui

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"qslbox/qso"
	"qslbox/qso/columns"
)

// bulkPage changes one field of all QSOs that a filter chooses, after it has
// shown what would become of them.
type bulkPage struct {
	Form    filterForm
	Options []option
	Field   string
	Value   string
	Total   int // QSOs that pass the filter
	Most    int // that can be changed at once
	Asked   bool
	Changes int // QSOs that will be changed
	Shown   []bulkLine
	Refused []refusal
	Seen    string // stands for the QSOs and the change that were looked at
	Problem string
	Edits   []manyEditLine
	Done    *manyEditLine // the change that was made or taken back just now

	refs  []qso.Ref
	patch []qso.Field
}

// bulkLine is one QSO of the preview.
type bulkLine struct {
	QSO      *qso.QSO
	From, To string
}

// refusal is a reason why QSOs are left out.
type refusal struct {
	Message string
	Count   int
	Example *qso.QSO
}

// Bounds of a change of many.
const (
	maxBulk   = 10_000 // one transaction
	shownBulk = 50
)

// bulkFields are the fields that make sense for many QSOs at once.
var bulkFields = []string{
	"station_callsign", "operator", "my_gridsquare", "my_dxcc", "my_state", "my_cnty", "my_iota", "my_darc_dok", "my_pota_ref", "my_sota_ref", "my_wwff_ref",
	"contest_id", "prop_mode", "sat_name", "band", "mode", "submode", "rst_sent", "rst_rcvd",
	"dxcc", "cqz", "ituz", "state", "cnty", "iota", "gridsquare", "darc_dok", "pota_ref", "sota_ref", "wwff_ref", "qsl_sent", "qsl_rcvd", "qsl_via", "comment",
}

// getBulkPage answers GET /log/bulk: what a change would do, if one is asked
// for.
func getBulkPage(c *call) error {
	d, err := c.bulk()
	if err != nil {
		return err
	}
	d.Done = c.editOfQuery(d.Edits)
	return c.render("bulk", d)
}

// postBulkPage answers POST /log/bulk: the change that was shown is made. If
// the QSOs have changed since, it is shown anew.
func postBulkPage(c *call) error {
	form, err := c.form()
	if err != nil {
		return err
	}
	d, err := c.bulk()
	if err != nil {
		return err
	}
	if form.Get("seen") != d.Seen || d.Changes == 0 {
		d.Problem = c.words().Text("bulk.stale")
		return c.renderStatus(http.StatusConflict, "bulk", d)
	}
	in := c.rules()
	id, err := c.book.EditMany(c.ctx(), d.refs, c.by(), d.Field, d.Value, func(q *qso.QSO) error { return apply(in, q, d.patch) })
	if errors.Is(err, qso.ErrStale) || errors.Is(err, qso.ErrNoQSO) {
		if d, err = c.bulk(); err != nil {
			return err
		}
		d.Problem = c.words().Text("bulk.stale")
		return c.renderStatus(http.StatusConflict, "bulk", d)
	}
	if err != nil {
		entry, message := c.explain(err)
		if entry.Status >= http.StatusInternalServerError {
			return err
		}
		d.Problem = message
		return c.renderStatus(entry.Status, "bulk", d)
	}
	c.audit("qsos-changed", fmt.Sprintf("%s: %s of %d QSOs", c.name, d.Field, d.Changes))
	v := &view{c: c, p: c.words()}
	query := v.filters()
	query.Set("edit", strconv.FormatUint(id, 10))
	return c.redirect("/log/bulk", query)
}

// bulk puts the page together: the QSOs, and the change that the query names.
func (c *call) bulk() (*bulkPage, error) {
	f, err := c.filter()
	if err != nil {
		return nil, err
	}
	all, err := c.statistics(columns.Filter{})
	if err != nil {
		return nil, err
	}
	d := &bulkPage{Form: c.newFilterForm("/log/bulk", all, "field", "value"), Field: c.query.Get("field"), Value: strings.TrimSpace(c.query.Get("value")), Most: maxBulk}
	for _, name := range bulkFields {
		d.Options = append(d.Options, option{name, c.words().Text("field." + name), name == d.Field})
	}
	if d.Edits, err = c.manyEdits("log"); err != nil {
		return nil, err
	}
	ids, err := c.chosen(f)
	if err != nil {
		return nil, err
	}
	d.Total = len(ids)
	switch {
	case d.Field == "" || d.Total == 0 || d.Total > maxBulk:
		return d, nil
	case !slices.Contains(bulkFields, d.Field):
		d.Problem = c.words().Text("bulk.nofield", d.Field)
		return d, nil
	}
	d.Asked = true
	d.patch = []qso.Field{{ID: qso.LookupField([]byte(d.Field)), Value: d.Value}}
	qsos, err := c.book.GetMany(ids)
	if err != nil {
		return nil, err
	}
	c.preview(d, qsos)
	return d, nil
}

// chosen returns the QSOs that pass a filter, newest first; one more than can
// be changed is enough.
func (c *call) chosen(f columns.Filter) (ids []uint64, err error) {
	log, err := c.book.Columns(c.ctx())
	if err != nil {
		return nil, err
	}
	log.View(func(v *columns.View) {
		var page columns.Page
		page, err = v.Page(f, columns.Sort{Descending: true}, "", maxBulk+1)
		if ids = page.IDs; page.Next != "" {
			ids = append(ids, make([]uint64, v.Match(f).Count()-len(ids))...)
		}
	})
	return ids, err
}

// preview tries the change on copies.
func (c *call) preview(d *bulkPage, qsos []*qso.QSO) {
	in, sum := c.rules(), sha256.New()
	fmt.Fprintf(sum, "%s=%q", d.Field, d.Value)
	for _, q := range qsos {
		tried := q.Clone()
		if err := apply(in, tried, d.patch); err != nil {
			_, message := c.explain(err)
			d.refuse(q, message)
			continue
		}
		from, to := textOf(q, d.Field), textOf(tried, d.Field)
		if from == to {
			continue
		}
		fmt.Fprintf(sum, " %d:%d", q.ID, q.Rev)
		d.refs = append(d.refs, qso.Ref{ID: q.ID, Rev: q.Rev})
		if len(d.Shown) < shownBulk {
			d.Shown = append(d.Shown, bulkLine{q, from, to})
		}
	}
	d.Changes, d.Seen = len(d.refs), hex.EncodeToString(sum.Sum(nil)[:16])
}

// refuse counts a QSO that the change cannot be made to.
func (d *bulkPage) refuse(q *qso.QSO, message string) {
	for i := range d.Refused {
		if d.Refused[i].Message == message {
			d.Refused[i].Count++
			return
		}
	}
	if len(d.Refused) < shownBulk {
		d.Refused = append(d.Refused, refusal{message, 1, q})
	}
}

// Left returns how many QSOs are left out.
func (d *bulkPage) Left() (n int) {
	for _, r := range d.Refused {
		n += r.Count
	}
	return n
}

// TooMany reports whether more QSOs pass the filter than can be changed at
// once.
func (d *bulkPage) TooMany() bool { return d.Total > d.Most }

// Again returns the address of the present change, for its form.
func (v *view) Again() string {
	query := url.Values{}
	for name, list := range v.filters() {
		query[name] = list
	}
	for _, name := range []string{"field", "value"} {
		query.Set(name, v.c.query.Get(name))
	}
	return v.c.url("/log/bulk", query)
}
