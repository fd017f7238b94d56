package webui

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"qslbox/qso"
	"qslbox/qso/columns"
)

// stationsPage shows what we were on the air as: own calls with their holders,
// and the places.
type stationsPage struct {
	Form    filterForm
	Calls   []ownCallLine
	Places  []ownPlace // found in the log, most QSOs first
	More    int        // places that are not shown
	Entered []enteredPlace
	New     enteredPlace // what the form holds
	Problem string
}

// span counts QSOs and says from when to when they were.
type span struct {
	QSOs        int
	First, Last qso.Time
}

func (s *span) add(t qso.Time) {
	if s.QSOs == 0 || t < s.First {
		s.First = t
	}
	if s.QSOs == 0 || t > s.Last {
		s.Last = t
	}
	s.QSOs++
}

func (s *span) join(more span) {
	if more.QSOs > 0 {
		s.First, s.Last = cmp.Or(min(s.First, more.First), more.First), max(s.Last, more.Last)
		if s.QSOs == 0 {
			s.First, s.Last = more.First, more.Last
		}
		s.QSOs += more.QSOs
	}
}

// ownCallLine is one own call.
type ownCallLine struct {
	Call, Holder string
	span
}

// ownPlace is a place as the MY_ fields of the log name it.
type ownPlace struct {
	Own, Grid string
	Entity    string
	What      []string // state, county, island, DOK, park, summit
	span
}

// enteredPlace is a location that somebody entered: texts as the form has them.
type enteredPlace struct{ Name, Own, Grid, From, To string }

// shownOwnPlaces bounds the list of places.
const shownOwnPlaces = 200

// getStationsPage answers GET /stations.
func getStationsPage(c *call) error {
	return c.stations(http.StatusOK, &stationsPage{New: enteredPlace{Own: string(c.book.Settings().DefaultOwn)}})
}

func (c *call) stations(status int, d *stationsPage) error {
	f, err := c.filter()
	if err != nil {
		return err
	}
	all, err := c.statistics(columns.Filter{})
	if err != nil {
		return err
	}
	d.Form = c.newFilterForm("/stations", all)
	log, err := c.book.Columns(c.ctx())
	if err != nil {
		return err
	}
	settings := c.book.Settings()
	log.View(func(v *columns.View) { c.foldStations(d, v, f, &settings) })
	for _, l := range settings.Locations {
		e := enteredPlace{Name: l.Name, Own: string(l.Own), Grid: string(l.Grid), From: dayText(l.From)}
		if l.To.Given() {
			e.To = dayText(l.To - 1)
		}
		d.Entered = append(d.Entered, e)
	}
	return c.renderStatus(status, "stations", d)
}

func dayText(t qso.Time) string {
	if !t.Given() {
		return ""
	}
	return t.Std().Format("2006-01-02")
}

// foldStations counts the QSOs of each session, then joins them to calls and
// places.
func (c *call) foldStations(d *stationsPage, v *columns.View, f columns.Filter, settings *qso.Settings) {
	sessions := make([]span, len(v.Sessions))
	eachRow(v, f, func(row uint32) { sessions[v.Session[row]].add(columns.TimeOf(v.Time[row])) })
	calls, places := map[string]*ownCallLine{}, map[string]*ownPlace{}
	for i := range sessions {
		s := &v.Sessions[i]
		if sessions[i].QSOs == 0 {
			continue
		}
		own := string(s.Own)
		if calls[own] == nil {
			calls[own] = &ownCallLine{Call: own, Holder: holderOf(settings, s.Own)}
		}
		calls[own].join(sessions[i])
		place := c.ownPlace(s)
		key := strings.Join([]string{own, place.Grid, place.Entity}, "\x00")
		if places[key] == nil {
			places[key] = &ownPlace{Own: own, Grid: place.Grid, Entity: place.Entity}
		}
		places[key].join(sessions[i])
		for _, what := range place.What {
			if at := places[key]; !slices.Contains(at.What, what) {
				at.What = append(at.What, what)
			}
		}
	}
	for _, line := range calls {
		d.Calls = append(d.Calls, *line)
	}
	for _, place := range places {
		d.Places = append(d.Places, *place)
	}
	slices.SortFunc(d.Calls, func(a, b ownCallLine) int { return cmp.Or(b.QSOs-a.QSOs, cmp.Compare(a.Call, b.Call)) })
	slices.SortFunc(d.Places, func(a, b ownPlace) int {
		return cmp.Or(b.QSOs-a.QSOs, cmp.Compare(a.Grid, b.Grid), cmp.Compare(a.First, b.First))
	})
	if d.More = max(0, len(d.Places)-shownOwnPlaces); d.More > 0 {
		d.Places = d.Places[:shownOwnPlaces]
	}
}

func (c *call) ownPlace(s *columns.Session) ownPlace {
	p := ownPlace{Own: string(s.Own), Grid: s.MyGrid, Entity: (&view{c: c}).entityText(s.MyDXCC)}
	for _, text := range []string{s.MyState, s.MyCnty, s.MyIOTA, s.MyDOK, s.MyPOTA, s.MySOTA, s.MyWWFF, strings.Trim(s.MySIG, ":")} {
		if text != "" {
			p.What = append(p.What, text)
		}
	}
	return p
}

func holderOf(settings *qso.Settings, own qso.Call) string {
	for _, h := range settings.Holders {
		if slices.Contains(h.Calls, own) {
			return h.Name
		}
	}
	return ""
}

// postLocation answers POST /stations/locations: one location more, or the one
// of that name anew; with remove it goes.
func postLocation(c *call) error {
	form, err := c.form()
	if err != nil {
		return err
	}
	settings := c.book.Settings()
	var list []locationJSON
	for _, l := range locationsOf(settings.Locations) {
		if l.Name != strings.TrimSpace(form.Get("name")) {
			list = append(list, l)
		}
	}
	done := "removed"
	if form.Get("remove") == "" {
		list = append(list, locationJSON{form.Get("name"), form.Get("own"), form.Get("grid"), form.Get("from"), form.Get("to")})
		done = "saved"
	}
	err = c.setSettings(&settingsChange{Locations: &list})
	if err == nil {
		return c.redirect("/stations", url.Values{"done": {done}})
	}
	entry, message := c.explain(err)
	if entry.Status >= http.StatusInternalServerError {
		return err
	}
	return c.stations(entry.Status, &stationsPage{
		Problem: message, New: enteredPlace{form.Get("name"), form.Get("own"), form.Get("grid"), form.Get("from"), form.Get("to")},
	})
}
