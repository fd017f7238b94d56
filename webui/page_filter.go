package webui

import (
	"slices"
	"strings"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/stats"
)

// filterForm is the filter bar of a page: a form that a browser sends without
// scripts, and the filters that are set, each with a link that takes it out.
type filterForm struct {
	Action string // path of the page
	Active []chip
	Fields []filterField
	Wrong  int      // how many fields cannot be understood
	Quick  []choice // one tap: the log without what is most of it
	Keep   []pair   // parameters of the page that the form sends along
	// Instant: what passes is shown while the filter is being set, where scripts run.
	Instant bool
}

// chip is one filter that is set.
type chip struct{ Param, Name, Value, Without string }

// pair is a name and its value.
type pair struct{ Name, Value string }

// filterField is one field of the form.
type filterField struct {
	Name, Label, Value string
	Kind               string   // select, date or text
	Hint               string   // an example
	Options            []option // of a select; of a text they are suggestions
	Wrong              string   // why the value was left out
}

// option is one entry of a select.
type option struct {
	Value, Text string
	Chosen      bool
}

// newFilterForm offers what the whole log (all) holds.
func (c *call) newFilterForm(path string, all *stats.Statistics, keep ...string) filterForm {
	f := filterForm{Action: path, Wrong: len(c.wrong), Instant: path == "/log"}
	v := &view{c: c, p: c.words()}
	for _, name := range filterParams {
		value := strings.Join(values(c.query, name), ", ")
		if value == "" {
			continue
		}
		f.Active = append(f.Active, chip{name, v.T("filter." + name), v.filterText(name, value), v.Here(name, "")})
	}
	for _, name := range keep {
		if value := strings.Join(c.query[name], ","); value != "" {
			f.Keep = append(f.Keep, pair{name, value})
		}
	}
	if all != nil {
		f.Fields = c.filterFields(v, path, all)
		if slices.Contains(keysOf(all.ByMode), mostlyMode) {
			f.Quick = append(f.Quick, c.withoutMode(v, mostlyMode))
		}
	}
	if c.name != "" && c.name != mainLogbook {
		f.Keep = append(f.Keep, pair{"logbook", c.name})
	}
	return f
}

// mostlyMode is the mode that fills logs, and that some want to look past.
const mostlyMode = "FT8"

// withoutMode is the link that hides a mode, or shows it again.
func (c *call) withoutMode(v *view, mode string) choice {
	if c.query.Get("mode") == "-"+mode {
		return choice{v.T("filter.show", mode), v.Here("mode", ""), true}
	}
	return choice{v.T("filter.hide", mode), v.Here("mode", "-"+mode), false}
}

// filterText writes the value of a parameter for people.
func (v *view) filterText(name, value string) string {
	switch name {
	case "confirmed_by":
		return sourceNames(v, values(v.c.query, name))
	case "confirmed":
		return v.T("filter." + map[bool]string{true: "yes", false: "no"}[v.c.on(name)])
	case "mode":
		return v.modeText(value)
	case "from", "to":
		return v.DayOf(value)
	case "continent":
		return v.continentText(value)
	case "hour", "weekday":
		return v.weekText(name, value)
	case "sat":
		if v.Has("filter.sat_" + value) {
			return v.T("filter.sat_" + value)
		}
	case "entity":
		if e := v.entityText(value); e != "" {
			return e
		}
	}
	return value
}

func (v *view) continentText(code string) string {
	if code == "AN" {
		return v.T("continent.AN")
	}
	if key := "map.view." + code; v.Has(key) {
		return v.T(key)
	}
	return code
}

func (v *view) modeText(value string) string {
	if not, out := strings.CutPrefix(value, "-"); out {
		return v.T("filter.not", v.modeText(not))
	}
	if v.Has("class." + value) {
		return v.T("class." + value)
	}
	return value
}

// filterFields lists the fields of the form. Choices that would be the only
// one are left out.
func (c *call) filterFields(v *view, path string, all *stats.Statistics) []filterField {
	var fields []filterField
	add := func(name, kind, hint string, options []option) {
		field := filterField{Name: name, Label: v.T("filter." + name), Value: c.query.Get(name), Kind: kind, Hint: hint, Options: options}
		if wrong, ok := c.wrong[name]; ok {
			field.Value, field.Wrong = wrong.value, wrong.message
			if key := "wrong." + name; v.Has(key) {
				field.Wrong = v.T(key, wrong.value)
			}
			if kind == "select" {
				field.Options = append(field.Options, option{wrong.value, wrong.value, true})
			}
		}
		fields = append(fields, field)
	}
	settings := c.book.Settings()
	own := keysOf(all.ByOwn)
	if len(own) > 1 {
		add("own", "select", "", v.options("own", "filter.all", own))
	}
	if len(settings.Holders) > 0 {
		add("holder", "select", "", v.options("holder", "filter.all", holderNames(settings.Holders)))
	}
	if len(settings.Locations) > 0 {
		add("location", "select", "", v.options("location", "filter.all", locationNames(settings.Locations)))
	}
	add("band", "select", "", v.options("band", "filter.all", keysOf(all.ByBand)))
	add("mode", "select", "", v.modeOptions(keysOf(all.ByMode)))
	if sats := keysOf(all.BySatellite); len(sats) > 0 {
		add("sat", "select", "", v.options("sat", "filter.all", append([]string{"none", "any"}, sats...)))
	}
	add("from", "date", "", nil)
	add("to", "date", "", nil)
	add("confirmed", "select", "", v.options("confirmed", "filter.all", []string{"yes", "no"}))
	add("confirmed_by", "select", "", v.options("confirmed_by", "filter.anyone", confirming))
	if path == "/log" || strings.HasPrefix(path, "/log/") || path == "/cards" && c.query.Get("show") == "queue" {
		add("call", "text", "DL*", nil)
		add("square", "text", "JO31", nil)
		add("entity", "text", "230", nil)
	}
	c.rareFields(v, path, add)
	if props := keysOf(all.ByPropMode); len(props) > 0 || c.query.Has("prop") {
		add("prop", "select", "", v.options("prop", "filter.all", props))
	}
	if operators := keysOf(all.ByOperator); len(operators) > 0 {
		add("operator", "text", "", v.options("operator", "", operators))
	}
	if contests := keysOf(all.ByContest); len(contests) > 0 {
		add("contest", "text", "", v.options("contest", "", contests))
	}
	add("grid", "text", "JO31", v.options("grid", "", c.ownGrids()))
	for _, name := range filterParams { // what cannot be understood is shown, whether the page has the field or not
		if _, wrong := c.wrong[name]; wrong && !slices.ContainsFunc(fields, func(f filterField) bool { return f.Name == name }) {
			add(name, "text", "", nil)
		}
	}
	return fields
}

// rareFields adds what the log asks for, and other pages if it is set.
func (c *call) rareFields(v *view, path string, add func(name, kind, hint string, options []option)) {
	if path == "/log" || c.query.Has("continent") {
		add("continent", "select", "", v.options("continent", "filter.all", columns.Continents()))
	}
	if path == "/log" || c.query.Has("hour") || c.query.Has("weekday") {
		add("weekday", "select", "", v.options("weekday", "filter.all", numbersFrom(1, 7)))
		add("hour", "select", "", v.options("hour", "filter.all", numbersFrom(0, 23)))
	}
	if c.query.Has("id_above") {
		add("id_above", "text", "1", nil)
	}
}

// confirming are the sources that can confirm, as queries name them.
var confirming = qso.SourceSet(qso.LoTW, qso.Card, qso.DCL, qso.EQSL, qso.QRZ, qso.ClubLog).Names()

// options turns values into entries of a select, after one for all.
func (v *view) options(name, all string, list []string) []option {
	now := v.c.query.Get(name)
	var out []option
	if all != "" {
		out = append(out, option{"", v.T(all), now == ""})
	}
	for _, value := range list {
		text := value
		switch name {
		case "confirmed_by":
			text = v.T("source." + value)
		case "confirmed":
			text = v.T("filter." + value)
		case "continent":
			text = v.continentText(value)
		case "hour", "weekday":
			text = v.weekText(name, value)
		case "sat":
			if value == "none" || value == "any" {
				text = v.T("filter.sat_" + value)
			}
		}
		out = append(out, option{value, text, value == now})
	}
	return out
}

func (v *view) modeOptions(modes []string) []option {
	now := v.c.query.Get("mode")
	out := []option{{"", v.T("filter.all"), now == ""}}
	list := []string{"CW", "PHONE", "DIGITAL"}
	if strings.HasPrefix(now, "-") {
		list = append(list, now)
	}
	for _, m := range append(list, modes...) {
		if !slices.ContainsFunc(out, func(o option) bool { return o.Value == m }) {
			out = append(out, option{m, v.modeText(m), m == now})
		}
	}
	return out
}

// ownGrids returns the locators that we were in, as far as the log says so.
func (c *call) ownGrids() []string {
	log, err := c.book.Columns(c.ctx())
	if err != nil {
		return nil // the page says so where it matters
	}
	var grids []string
	log.View(func(v *columns.View) {
		for i := range v.Sessions {
			if g := v.Sessions[i].MyGrid; g != "" && !slices.Contains(grids, g) && len(grids) < stats.MaxGroups {
				grids = append(grids, g)
			}
		}
	})
	slices.Sort(grids)
	return grids
}

func holderNames(holders []qso.Holder) (names []string) {
	for _, h := range holders {
		names = append(names, h.Name)
	}
	return names
}

func locationNames(locations []qso.Location) (names []string) {
	for _, l := range locations {
		names = append(names, l.Name)
	}
	return names
}

func sourceNames(v *view, keys []string) string {
	for i, k := range keys {
		keys[i] = v.T("source." + strings.ToLower(k))
	}
	return strings.Join(keys, ", ")
}

func keysOf(groups []stats.Group) []string {
	var keys []string
	for _, g := range groups {
		if g.Key != "" {
			keys = append(keys, g.Key)
		}
	}
	return keys
}
