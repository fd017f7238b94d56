package webui

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"qslbox/qso"
	"qslbox/qso/columns"
)

// filterParams are the parameters of a query that choose QSOs, in the order in
// which pages list them.
var filterParams = []string{
	"own", "holder", "from", "to", "band", "mode", "sat", "operator", "contest", "grid",
	"confirmed_by", "confirmed", "call", "entity", "square", "location", "continent", "prop",
	"hour", "weekday", "id_above",
}

// wrongParam is a parameter of a filter that cannot be understood, and why.
type wrongParam struct{ value, message string }

// filter reads the filter of the request's query. The error names the
// parameter and what it takes; a page goes on without it, but not a file, which
// would hold more than was asked for.
func (c *call) filter() (columns.Filter, error) {
	if len(c.query) == 0 {
		return columns.Filter{}, nil
	}
	var settings qso.Settings
	if c.book != nil && (c.query.Get("holder") != "" || c.query.Get("location") != "") {
		settings = c.book.Settings()
	}
	f, err := c.parseFilter(&settings)
	for err != nil && c.route != nil && c.route.page && !c.route.stream && c.leaveOut(err) {
		f, err = c.parseFilter(&settings)
	}
	return f, err
}

// parseFilter reads the filter of the query, and says which entities lie on its
// continent.
func (c *call) parseFilter(settings *qso.Settings) (columns.Filter, error) {
	f, err := parseFilter(c.query, settings)
	if err == nil {
		err = c.checkWords(&f)
	}
	if err == nil && f.Continent != "" {
		for _, e := range c.Table.Entities() {
			if e.Continent == f.Continent {
				f.Entities = append(f.Entities, e.Code)
			}
		}
	}
	return f, err
}

// leaveOut takes the parameter that an error is about out of the query: a page
// marks it beside its field, and the rest of the filter still counts.
func (c *call) leaveOut(err error) bool {
	entry, message := c.lookup(err)
	if entry.Code != "bad_filter" {
		return false
	}
	message = strings.TrimPrefix(message, columns.ErrBadFilter.Error()+": ")
	name, _, _ := strings.Cut(message, " ")
	if name = strings.TrimSuffix(name, ":"); name == "dxcc" {
		name = "entity"
	}
	value := strings.Join(values(c.query, name), ", ")
	if name == "entity" {
		value = firstOf(c.query, "entity", "dxcc")
		c.query.Del("dxcc")
	}
	if value == "" {
		return false
	}
	if c.wrong == nil {
		c.wrong = map[string]wrongParam{}
	}
	c.wrong[name] = wrongParam{value, message}
	c.query.Del(name)
	return true
}

// parseFilter reads a filter. A parameter may be given several times or hold a
// comma list where a list makes sense.
func parseFilter(q url.Values, settings *qso.Settings) (f columns.Filter, err error) {
	for _, text := range values(q, "own") {
		call, err := qso.ParseCall(text)
		if err != nil {
			return f, badFilter("own: %q is not a call sign", text)
		}
		f.Own = append(f.Own, call)
	}
	if f.Holder = strings.TrimSpace(q.Get("holder")); f.Holder != "" {
		calls := settings.CallsOf(f.Holder)
		if calls == nil {
			return f, badFilter("holder: there is no holder %q; the settings of the logbook list them", f.Holder)
		}
		f.Own = onlyOf(f.Own, calls)
	}
	for _, parse := range []func(url.Values, *columns.Filter) error{parseDays, parseWeek, parseAbove} {
		if err := parse(q, &f); err != nil {
			return f, err
		}
	}
	if name := strings.TrimSpace(q.Get("location")); name != "" {
		at := settings.Location(name)
		if at == nil {
			return f, badFilter("location: there is no location %q; the page Stations lists them", name)
		}
		atLocation(&f, at)
	}
	for _, text := range values(q, "band") {
		band, err := qso.ParseBand(text)
		if err != nil {
			return f, badFilter("band: %q is not an amateur band; write 20m or 70cm", text)
		}
		f.Bands = append(f.Bands, band)
	}
	f.Modes = values(q, "mode")
	f.Sat = strings.TrimSpace(q.Get("sat"))
	f.Operator = strings.TrimSpace(q.Get("operator"))
	f.Contest = strings.TrimSpace(q.Get("contest"))
	f.Grid = strings.TrimSpace(q.Get("grid"))
	f.Call = strings.ReplaceAll(strings.ToUpper(strings.TrimSpace(q.Get("call"))), "Ø", "0") // as zeros are written by hand
	f.Square = strings.ToUpper(strings.TrimSpace(q.Get("square")))
	f.Prop = strings.TrimSpace(q.Get("prop"))
	if f.Continent = strings.ToUpper(strings.TrimSpace(q.Get("continent"))); f.Continent != "" && !slices.Contains(columns.Continents(), f.Continent) {
		return f, badFilter("continent: %q is none of %s", f.Continent, strings.Join(columns.Continents(), " "))
	}
	if f.ConfirmedBy, err = sourcesOf(q, "confirmed_by"); err != nil {
		return f, err
	}
	if f.Confirmed, err = yesNo(q, "confirmed"); err != nil {
		return f, err
	}
	if text := firstOf(q, "entity", "dxcc"); text != "" {
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil || n == 0 {
			return f, badFilter("entity: %q is not the number of a DXCC entity, such as 230", text)
		}
		f.Entity = uint16(n)
	}
	return f, f.Check()
}

// onlyOf keeps the calls of a holder: those that were asked for too, if any
// were. Nothing passes if none is left, which a call of nobody stands for.
func onlyOf(asked, holder []qso.Call) []qso.Call {
	if len(asked) == 0 {
		return holder
	}
	var both []qso.Call
	for _, call := range asked {
		for _, own := range holder {
			if call == own {
				both = append(both, call)
			}
		}
	}
	return both
}

// atLocation narrows a filter to the QSOs made from a location.
func atLocation(f *columns.Filter, at *qso.Location) {
	if at.Own != "" {
		f.Own = onlyOf(f.Own, []qso.Call{at.Own})
		if len(f.Own) == 0 {
			f.Holder = at.Name // nothing passes
		}
	}
	if at.From.Given() && (!f.From.Given() || at.From > f.From) {
		f.From = at.From
	}
	if at.To.Given() && (!f.To.Given() || at.To < f.To) {
		f.To = at.To
	}
}

// parseDays reads from and to: days, or instants in RFC 3339. A day given as
// "to" belongs to the range.
func parseDays(q url.Values, f *columns.Filter) (err error) {
	if f.From, _, err = moment(q, "from"); err != nil {
		return err
	}
	var day bool
	if f.To, day, err = moment(q, "to"); err != nil {
		return err
	}
	if day {
		f.To += 24 * 3600
	}
	return nil
}

// moment reads a parameter that is a day (2025-03-14 or 20250314) or an
// instant; NoTime if it is not given.
func moment(q url.Values, name string) (t qso.Time, day bool, err error) {
	text := strings.TrimSpace(q.Get(name))
	if text == "" {
		return qso.NoTime, false, nil
	}
	const latest = qso.Time(1<<33 - 1)
	if plain := strings.ReplaceAll(text, "-", ""); len(plain) == 8 && len(text) <= 10 {
		if t, err = qso.ParseDate(plain, latest); err == nil {
			return t, true, nil
		}
	}
	if t, err = qso.ParseTime(text); err == nil {
		return t, false, nil
	}
	return qso.NoTime, false, badFilter("%s: %q is neither a day (2025-03-14) nor a time (2025-03-14T10:15:00Z)", name, text)
}

// values returns the texts of a parameter, comma lists taken apart.
func values(q url.Values, name string) []string {
	var out []string
	for _, v := range q[name] {
		for part := range strings.SplitSeq(v, ",") {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
	}
	return out
}

func firstOf(q url.Values, names ...string) string {
	for _, name := range names {
		if v := strings.TrimSpace(q.Get(name)); v != "" {
			return v
		}
	}
	return ""
}

// sourcesOf reads a list of sources of confirmations.
func sourcesOf(q url.Values, name string) (set qso.Sources, err error) {
	for _, text := range values(q, name) {
		s, err := qso.ParseSource(strings.ToLower(text))
		if err != nil {
			return 0, badFilter("%s: %q is not one of clublog, dcl, eqsl, lotw, qrz, qsl (card)", name, text)
		}
		set |= qso.SourceSet(s)
	}
	return set, nil
}

// yesNo reads a parameter that is yes or no; nil if it is not given.
func yesNo(q url.Values, name string) (*bool, error) {
	text := strings.TrimSpace(q.Get(name))
	if text == "" {
		return nil, nil
	}
	switch strings.ToLower(text) {
	case "1", "y", "yes", "true", "on":
		yes := true
		return &yes, nil
	case "0", "n", "no", "false", "off":
		no := false
		return &no, nil
	}
	return nil, badFilter("%s: %q is neither yes nor no", name, text)
}

// on reports whether a parameter is switched on.
func (c *call) on(name string) bool {
	yes, err := yesNo(c.query, name)
	return err == nil && yes != nil && *yes
}
