package webui

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"qslbox/qso"
	"qslbox/qso/columns"
)

// Bounds of a page of the log.
const (
	defaultPage = 100
	maxPage     = 1000
)

// getQSOs answers GET /api/qsos: the QSOs that pass a filter, in an order
// (?sort=, newest first if none is given), page by page. next goes into
// ?after= of the next request.
func getQSOs(c *call) error {
	f, err := c.filter()
	if err != nil {
		return err
	}
	page, total, err := c.page(f)
	if err != nil {
		return err
	}
	qsos, err := c.book.GetMany(page.IDs)
	if err != nil {
		return err
	}
	b := []byte(`{"items":[`)
	for i, q := range qsos {
		if i > 0 {
			b = append(b, ',', '\n')
		}
		b = q.AppendJSON(b)
	}
	b = append(b, ']')
	if page.Next != "" {
		b = append(b, `,"next":`...)
		b = qso.AppendJSONString(b, page.Next)
	}
	if total >= 0 {
		b = append(b, `,"total":`...)
		b = strconv.AppendInt(b, int64(total), 10)
	}
	return c.writeBody(http.StatusOK, append(b, '}', '\n'))
}

// page finds the QSOs of one page of the log by sort, after and limit of the
// query; total is how many there are in all if ?count=1 asks for it, else -1.
func (c *call) page(f columns.Filter) (page columns.Page, total int, err error) {
	order, err := columns.ParseSort(c.query.Get("sort"))
	if err != nil {
		return page, 0, err
	}
	limit := defaultPage
	if text := c.query.Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > maxPage {
			return page, 0, invalid("limit: %q is not a number from 1 to %d", text, maxPage)
		}
	}
	log, err := c.book.Columns(c.ctx())
	if err != nil {
		return page, 0, err
	}
	total = -1
	log.View(func(v *columns.View) {
		page, err = v.Page(f, order, c.query.Get("after"), limit)
		if err == nil && c.on("count") {
			total = v.Match(f).Count()
		}
	})
	return page, total, err
}

// qsoID reads the id of the path.
func (c *call) qsoID() (uint64, error) {
	text := c.params.ByName("id")
	id, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: %q is not an id", qso.ErrNoQSO, text)
	}
	return id, nil
}

// getQSO answers GET /api/qsos/{id}: every field, and what the sources say.
func getQSO(c *call) error {
	id, err := c.qsoID()
	if err != nil {
		return err
	}
	q, err := c.book.Get(id)
	if err != nil {
		return err
	}
	return c.writeQSO(http.StatusOK, q)
}

// writeQSO answers with one QSO in detail; its entity tag is the revision.
func (c *call) writeQSO(status int, q *qso.QSO) error {
	h := c.w.Header()
	h["Cache-Control"] = headerPrivate
	etag := `"` + strconv.FormatUint(uint64(q.Rev), 10) + `"`
	if status == http.StatusOK && c.r.Method != http.MethodPatch {
		if c.fresh(etag) {
			return nil
		}
	}
	h["Etag"] = []string{etag}
	b, err := appendQSODetail(nil, q)
	if err != nil {
		return err
	}
	return c.writeBody(status, append(b, '\n'))
}

// confirmationJSON is what one source says about a QSO.
type confirmationJSON struct {
	Source    string            `json:"source"`
	Confirmed bool              `json:"confirmed"`
	Status    string            `json:"status,omitempty"` // ADIF's letter
	Date      string            `json:"date,omitempty"`
	Stated    bool              `json:"stated,omitempty"` // the source's own record came in
	Record    map[string]string `json:"record,omitempty"` // what it says of the other side
}

// differenceJSON is what a lesser belief says otherwise about a field.
type differenceJSON struct {
	Field  string `json:"field"`
	Value  string `json:"value"`
	Origin string `json:"origin"`
}

// detailMembers are the members of a QSO in detail that are no fields.
var detailMembers = []string{"confirmations", "differences", "origins", "at_lotw", "made_by"}

// appendQSODetail appends a QSO as everywhere, with what is known beside its
// fields.
func appendQSODetail(b []byte, q *qso.QSO) ([]byte, error) {
	confirmations, differences, origins := []confirmationJSON{}, []differenceJSON{}, map[string]string{}
	for i := range q.Confirmations {
		k := &q.Confirmations[i]
		one := confirmationJSON{Source: k.Source.String(), Confirmed: k.Confirms(), Date: k.Date.String(), Stated: k.Stated}
		if k.Status != 0 {
			one.Status = string(rune(k.Status))
		}
		for _, f := range k.Record {
			if one.Record == nil {
				one.Record = map[string]string{}
			}
			one.Record[jsonName(f.ID, f.Key())] = f.Value
		}
		confirmations = append(confirmations, one)
	}
	for _, d := range q.Differences {
		differences = append(differences, differenceJSON{jsonName(d.Field.ID, d.Field.Key()), d.Field.Value, d.Origin.String()})
	}
	for _, o := range q.Origins {
		origins[jsonName(o.ID, o.Name)] = o.Origin.String()
	}
	tail, err := json.Marshal(struct {
		Confirmations []confirmationJSON `json:"confirmations"`
		Differences   []differenceJSON   `json:"differences"`
		Origins       map[string]string  `json:"origins"`
		AtLoTW        string             `json:"at_lotw,omitempty"`
		MadeBy        string             `json:"made_by,omitempty"`
	}{confirmations, differences, origins, q.AtLoTW.String(), q.MadeBy.String()})
	if err != nil {
		return nil, err
	}
	b = q.AppendJSON(b)
	b[len(b)-1] = ','
	return append(b, tail[1:]...), nil
}

func jsonName(id qso.FieldID, name string) string {
	if id != qso.NoField {
		return id.JSONName()
	}
	return strings.ToLower(name)
}

// getHistory answers GET /api/qsos/{id}/history: earlier values, newest first.
func getHistory(c *call) error {
	id, err := c.qsoID()
	if err != nil {
		return err
	}
	if _, err := c.book.Get(id); err != nil {
		return err
	}
	entries, err := c.book.History(id)
	if err != nil {
		return err
	}
	type change struct {
		Field string `json:"field"`
		From  string `json:"from"`
		To    string `json:"to"`
	}
	type entry struct {
		Rev    uint32   `json:"rev"`
		At     string   `json:"at"`
		By     string   `json:"by"`
		Action string   `json:"action"`
		Fields []change `json:"fields"`
	}
	items := []entry{}
	for _, e := range entries {
		one := entry{e.Rev, rfc3339(e.At), e.By, e.Action, []change{}}
		for _, f := range e.Fields {
			one.Fields = append(one.Fields, change{jsonName(f.ID, f.Key()), f.From, f.To})
		}
		items = append(items, one)
	}
	return writeList(c, items)
}

// getTrash answers GET /api/trash: deleted QSOs that can be brought back.
func getTrash(c *call) error {
	deleted, err := c.book.Trash()
	if err != nil {
		return err
	}
	type entry struct {
		QSO   *qso.QSO `json:"qso"`
		At    string   `json:"at"`
		By    string   `json:"by"`
		Until string   `json:"until"`
	}
	items := []entry{}
	for _, d := range deleted {
		items = append(items, entry{d.QSO, rfc3339(d.At), d.By, rfc3339(d.Until)})
	}
	return writeList(c, items)
}

// postRestore answers POST /api/qsos/{id}/restore: back out of the trash.
func postRestore(c *call) error {
	id, err := c.qsoID()
	if err != nil {
		return err
	}
	q, err := c.book.Restore(c.ctx(), id, c.by())
	if err != nil {
		return err
	}
	c.audit("qso-restored", fmt.Sprintf("%s QSO %d", c.name, id))
	return c.writeQSO(http.StatusOK, q)
}
