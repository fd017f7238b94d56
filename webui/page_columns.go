package webui

import (
	"net/http"
	"slices"
	"strings"

	"qslbox/qso"
)

// logColumn is one column of the log beside time and call, which are always
// there.
type logColumn struct {
	Key   string // as the cookie has it; the class of the cells
	Title string // in the catalogue
	Sort  string // what the list is sorted by when the title is pressed; empty: nothing
	Field string // ADIF's name in lower case; empty: the cell is put together
	usual bool   // shown until somebody chooses
}

// logColumnTable lists the columns that can be chosen, in their order.
var logColumnTable = []logColumn{
	{"band", "col.band", "band", "band", true},
	{"freq", "field.freq", "", "freq", false},
	{"mode", "col.mode", "mode", "", true},
	{"rst", "col.rst", "", "", true},
	{"where", "col.entity", "dxcc", "", true},
	{"cont", "col.continent", "", "cont", false},
	{"cqz", "field.cqz", "", "cqz", false},
	{"ituz", "field.ituz", "", "ituz", false},
	{"loc", "col.grid", "", "gridsquare", true},
	{"km", "field.distance", "", "", false},
	{"name", "field.name", "", "name", false},
	{"qth", "field.qth", "", "qth", false},
	{"dok", "field.darc_dok", "", "darc_dok", false},
	{"state", "field.state", "", "state", false},
	{"cnty", "field.cnty", "", "cnty", false},
	{"iota", "field.iota", "", "iota", false},
	{"pota", "field.pota_ref", "", "pota_ref", false},
	{"sota", "field.sota_ref", "", "sota_ref", false},
	{"prop", "field.prop_mode", "", "prop_mode", false},
	{"sat", "field.sat_name", "", "sat_name", false},
	{"contest", "field.contest_id", "", "contest_id", false},
	{"operator", "field.operator", "", "operator", false},
	{"own", "col.own", "", "station_callsign", true},
	{"myloc", "field.my_gridsquare", "", "my_gridsquare", false},
	{"via", "field.qsl_via", "", "qsl_via", false},
	{"comment", "field.comment", "", "comment", false},
	{"conf", "col.confirmed", "", "", true},
}

// Extra reports whether the column is shown only to those who chose it; on a
// phone it bears its title.
func (l logColumn) Extra() bool { return !l.usual }

// columnsCookie keeps which columns a reader has chosen.
const columnsCookie = "columns"

// logColumns returns the columns that the reader has chosen, or the usual ones.
func (c *call) logColumns() []logColumn {
	chosen := func(l logColumn) bool { return l.usual }
	if cookie, err := c.r.Cookie(columnsCookie); err == nil {
		keys := strings.Split(cookie.Value, ".")
		chosen = func(l logColumn) bool { return slices.Contains(keys, l.Key) }
	}
	var list []logColumn
	for _, l := range logColumnTable {
		if chosen(l) {
			list = append(list, l)
		}
	}
	return list
}

// columnChoice is a column in the form that chooses them.
type columnChoice struct {
	Key, Title string
	Shown      bool
}

func columnChoices(shown []logColumn) (list []columnChoice) {
	for _, l := range logColumnTable {
		is := slices.ContainsFunc(shown, func(s logColumn) bool { return s.Key == l.Key })
		list = append(list, columnChoice{l.Key, l.Title, is})
	}
	return list
}

// postColumns answers POST /log/columns: which columns the log shows in this
// browser. None at all means the usual ones.
func postColumns(c *call) error {
	form, err := c.form()
	if err != nil {
		return err
	}
	var keys []string
	for _, l := range logColumnTable {
		if slices.Contains(form["column"], l.Key) {
			keys = append(keys, l.Key)
		}
	}
	cookie := &http.Cookie{
		Name: columnsCookie, Value: strings.Join(keys, "."), Path: "/", HttpOnly: true, Secure: c.secure(), SameSite: http.SameSiteLaxMode, MaxAge: keepChoice,
	}
	if len(keys) == 0 || form.Get("usual") != "" {
		cookie.Value, cookie.MaxAge = "", -1
	}
	http.SetCookie(c.w, cookie)
	return c.back(form.Get("next"))
}

// Cell writes a column of a QSO.
func (v *view) Cell(l logColumn, q *qso.QSO) string {
	switch l.Key {
	case "mode":
		return q.Mode.String()
	case "rst":
		return strings.TrimSpace(v.Field(q, "rst_sent") + " " + v.Field(q, "rst_rcvd"))
	case "where":
		return v.Entity(q.DXCC)
	case "km":
		settings := v.c.book.Settings()
		if km, _ := distance(q, settings.GridAt(q.Own, q.Start)); km > 0 {
			return v.p.Number(int(km + 0.5))
		}
		return ""
	}
	return v.Written(l.Field, v.Field(q, l.Field))
}
