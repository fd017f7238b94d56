package webui

import (
	"strings"

	"qslbox/qso"
	"qslbox/stats"
)

// filterForm is the filter bar of a page: a form that a browser sends without
// scripts, and the filters that are set, each with a link that takes it out.
type filterForm struct {
	Action string // path of the page
	Active []chip
	Own    []string
	Holder []string
	Bands  []string
	Modes  []string
	Sats   []string
	Keep   []pair // parameters of the page that the form sends along
}

// chip is one filter that is set.
type chip struct{ Name, Value, Without string }

// pair is a name and its value.
type pair struct{ Name, Value string }

// newFilterForm offers what the whole log (all) holds.
func (c *call) newFilterForm(path string, all *stats.Statistics, keep ...string) filterForm {
	f := filterForm{Action: path}
	v := &view{c: c, p: c.words()}
	for _, name := range filterParams {
		value := strings.Join(values(c.query, name), ", ")
		if value == "" {
			continue
		}
		shown := value
		switch {
		case name == "confirmed_by":
			shown = sourceNames(v, values(c.query, name))
		case name == "confirmed":
			shown = v.T("filter." + map[bool]string{true: "yes", false: "no"}[c.on(name)])
		case name == "mode" && v.Has("class."+value), name == "sat" && v.Has("filter.sat_"+value):
			shown = map[bool]string{true: v.T("class." + value), false: v.T("filter.sat_" + value)}[name == "mode"]
		}
		f.Active = append(f.Active, chip{c.words().Text("filter." + name), shown, v.Here(name, "")})
	}
	for _, name := range keep {
		if value := c.query.Get(name); value != "" {
			f.Keep = append(f.Keep, pair{name, value})
		}
	}
	if all != nil {
		f.Own, f.Bands, f.Modes, f.Sats = keysOf(all.ByOwn), keysOf(all.ByBand), keysOf(all.ByMode), keysOf(all.BySatellite)
	}
	if c.book != nil {
		settings := c.book.Settings()
		for _, h := range settings.Holders {
			f.Holder = append(f.Holder, h.Name)
		}
	}
	if c.name != "" && c.name != mainLogbook {
		f.Keep = append(f.Keep, pair{"logbook", c.name})
	}
	return f
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

// Sources lists what can confirm, as queries name it.
func (f filterForm) Sources() []string {
	return qso.SourceSet(qso.LoTW, qso.Card, qso.DCL, qso.EQSL, qso.QRZ, qso.ClubLog).Names()
}
