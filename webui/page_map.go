package webui

import (
	"cmp"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/qso/dxcc"
	"qslbox/stats"
	"qslbox/webui/chart"
)

// mapPage shows where the stations worked are.
type mapPage struct {
	Form    filterForm
	Show    string // what is on the map: one of mapLayers
	Choices []choice
	Frames  []choice // the Earth, or a continent; none for the tiles of states
	Extras  []choice // lines and night, to be switched
	Picture template.HTML
	Home    string // our locator
	Title   string // of the list
	Places  []placeLine
	More    int // places that the list leaves out
}

// placeLine is an entity, square, zone or state with its QSOs.
type placeLine struct {
	Key, Name, URL string
	State          string // confirmed, worked or lacking
	Count          int    // QSOs; 0: not counted here
}

// mapLayers are what the map shows; the first is meant without a word.
var mapLayers = []string{"", "grids", "zones", "states"}

const (
	maxPlaces = 120 // lines below the map
	lastWays  = 20  // QSOs whose way is drawn
)

// mapper draws one map.
type mapper struct {
	*call
	v      *view
	filter columns.Filter
	page   *mapPage
	world  chart.World
}

// getMapPage answers GET /map.
func getMapPage(c *call) error { return c.share("", c.mapPage) }

func (c *call) mapPage() error {
	f, err := c.filter()
	if err != nil {
		return err
	}
	all, err := c.statistics(columns.Filter{})
	if err != nil {
		return err
	}
	d := &mapPage{Form: c.newFilterForm("/map", all, "show", "view", "lines", "night"), Show: c.query.Get("show")}
	if !slices.Contains(mapLayers, d.Show) {
		d.Show = ""
	}
	m := mapper{call: c, v: &view{c: c, p: c.words()}, filter: f, page: d}
	m.world = chart.World{ID: "world", Title: m.v.T("title.map"), Desc: m.v.T("map.desc"), Frame: chart.Continents[c.query.Get("view")]}
	if m.world.Frame == (chart.Frame{}) {
		m.world.Frame = chart.Whole
	}
	m.choices()
	switch d.Show {
	case "zones":
		err = m.zones()
	case "states":
		err = m.states()
	default:
		err = m.logged()
	}
	if err != nil {
		return err
	}
	d.More = max(0, len(d.Places)-maxPlaces)
	d.Places = d.Places[:len(d.Places)-d.More]
	return c.render("map", d)
}

// choices lists what can be chosen: layer, frame, lines and night.
func (m *mapper) choices() {
	d := m.page
	for _, name := range mapLayers {
		d.Choices = append(d.Choices, choice{m.v.T("map.show." + name), m.v.Here("show", name), d.Show == name})
	}
	if d.Show == "states" {
		return
	}
	here := m.query.Get("view")
	if _, ok := chart.Continents[here]; !ok {
		here = ""
	}
	for _, name := range []string{"", "EU", "NA", "SA", "AF", "AS", "OC"} {
		d.Frames = append(d.Frames, choice{m.v.T("map.view." + name), m.v.Here("view", name), here == name})
	}
	for _, name := range []string{"lines", "night"} {
		next := "no"
		if m.off(name) {
			next = ""
		}
		d.Extras = append(d.Extras, choice{m.v.T("map." + name), m.v.Here(name, next), !m.off(name)})
	}
}

// off reports whether a reader has switched an extra off.
func (m *mapper) off(name string) bool { return m.query.Get(name) == "no" }

// extras draws our own place, the night, and the ways of the last QSOs.
func (m *mapper) extras() error {
	if !m.off("night") {
		sun := chart.SunAt(m.time())
		m.world.Sun = &sun
	}
	settings := m.book.Settings()
	log, err := m.book.Columns(m.ctx())
	if err != nil {
		return err
	}
	home := m.home(log)
	if home == "" {
		return nil
	}
	lat, lon := home.Center()
	m.page.Home = string(home)
	m.world.Home = &chart.Mark{Lat: lat, Lon: lon, Name: string(home), Class: "home"}
	if m.off("lines") {
		return nil
	}
	var page columns.Page
	log.View(func(v *columns.View) {
		page, err = v.Page(m.filter, columns.Sort{Descending: true}, "", lastWays)
	})
	if err != nil {
		return err
	}
	last, err := m.book.GetMany(page.IDs)
	for _, q := range last {
		if to, ok := m.whereIs(q); ok {
			from, name := cmp.Or(settings.GridAt(q.Own, q.Start), home), string(q.Call)+" "+q.Band.String()+" "+q.Mode.String()
			if g, err := qso.ParseGrid(q.Get(qso.FieldMyGridsquare)); err == nil {
				from = g
			}
			lat, lon := from.Center()
			m.world.Arcs = append(m.world.Arcs, chart.Arc{From: chart.Spot{Lat: lat, Lon: lon}, To: to, Name: name})
		}
	}
	return err
}

// whereIs returns where the other side was: its locator, else its entity.
func (m *mapper) whereIs(q *qso.QSO) (chart.Spot, bool) {
	if g, err := qso.ParseGrid(q.Get(qso.FieldGridsquare)); err == nil {
		lat, lon := g.Center()
		return chart.Spot{Lat: lat, Lon: lon}, true
	}
	e, ok := m.Table.Entity(q.DXCC)
	return chart.Spot{Lat: e.Lat, Lon: e.Lon}, ok
}

// logged draws what is counted from the log itself: entities or squares.
func (m *mapper) logged() error {
	log, err := m.book.Columns(m.ctx())
	if err != nil {
		return err
	}
	if m.page.Show == "grids" {
		m.page.Title = m.v.T("dash.grids")
		m.squares(countPlaces(log, m.filter, func(v *columns.View) []uint16 { return v.Grid }))
	} else {
		m.page.Title = m.v.T("dash.entities")
		m.entities(countPlaces(log, m.filter, func(v *columns.View) []uint16 { return v.DXCC }))
	}
	if err := m.extras(); err != nil {
		return err
	}
	m.page.Picture = m.world.SVG()
	slices.SortFunc(m.page.Places, func(a, b placeLine) int { return cmp.Or(b.Count-a.Count, cmp.Compare(a.Name, b.Name)) })
	return nil
}

// countPlaces counts the QSOs by a place of the other side: what a column holds.
func countPlaces(log *columns.Log, f columns.Filter, column func(*columns.View) []uint16) map[uint16]stats.Tally {
	places := map[uint16]stats.Tally{}
	log.View(func(v *columns.View) {
		counts, at := make([]stats.Tally, 1<<16), column(v)
		eachRow(v, f, func(row uint32) {
			c := &counts[at[row]]
			c.Worked, c.Confirmed = c.Worked+1, c.Confirmed+int(standingOf(v, row, headline))-1
		})
		for i, t := range counts {
			if i > 0 && t.Worked > 0 {
				places[uint16(i)] = t
			}
		}
	})
	return places
}

// standing is the class of a place on the map.
func standing(worked, confirmed bool) string {
	switch {
	case confirmed:
		return "confirmed"
	case worked:
		return "worked"
	}
	return "lacking"
}

// place adds a line to the list, if the place is on the map, and returns what
// the map says of it.
func (m *mapper) place(at chart.Spot, line placeLine, t stats.Tally) (text, state string) {
	name := line.Name
	state = standing(t.Worked > 0, t.Confirmed > 0)
	if line.State, line.Count = state, t.Worked; m.world.Frame == chart.Whole || m.world.Frame.Shows(at.Lat, at.Lon) {
		m.page.Places = append(m.page.Places, line)
	}
	return name + ": " + m.v.C("log.count", t.Worked) + ", " + m.v.T("map.state."+state), state
}

func (m *mapper) entities(entities map[uint16]stats.Tally) {
	for _, e := range m.Table.Entities() {
		t, ok := entities[e.Code]
		if !ok {
			continue
		}
		key := strconv.Itoa(int(e.Code))
		url := m.with("entity", key)
		text, state := m.place(chart.Spot{Lat: e.Lat, Lon: e.Lon}, placeLine{Key: key, Name: e.Name, URL: url}, t)
		m.world.Marks = append(m.world.Marks, chart.Mark{Lat: e.Lat, Lon: e.Lon, Name: text, URL: url, Class: state})
	}
}

// squares draws the squares. On the whole Earth they are drawn as one and have
// neither names nor links: there may be twenty thousand.
func (m *mapper) squares(squares map[uint16]stats.Tally) {
	address := m.url("/log", m.v.filters())
	if strings.Contains(address, "?") {
		address += "&square="
	} else {
		address += "?square="
	}
	for packed, t := range squares {
		name := columns.UnpackGrid(packed)
		lat, lon := qso.Grid(name).Center()
		area := chart.Area{South: lat - 0.5, North: lat + 0.5, West: lon - 1, East: lon + 1, Class: standing(t.Worked > 0, t.Confirmed > 0)}
		if m.world.Frame == chart.Whole {
			m.page.Places = append(m.page.Places, placeLine{Key: name, Name: name, URL: address + name, State: area.Class, Count: t.Worked})
		} else if m.world.Frame.Shows(lat, lon) {
			area.URL = address + name
			area.Name, _ = m.place(chart.Spot{Lat: lat, Lon: lon}, placeLine{Key: name, Name: name, URL: area.URL}, t)
		} else {
			continue
		}
		m.world.Areas = append(m.world.Areas, area)
	}
	slices.SortFunc(m.world.Areas, func(a, b chart.Area) int {
		return cmp.Or(cmp.Compare(b.Class, a.Class), cmp.Compare(a.North, b.North), cmp.Compare(a.West, b.West))
	})
}

// with returns the address of the log for a place, with the filter of the map.
func (m *mapper) with(name, value string) string {
	query := m.v.filters()
	query.Set(name, value)
	return m.url("/log", query)
}

// keysOfAward returns what an award counts, for the filter of the map: the map
// shows the same as the award's page.
func (m *mapper) keysOfAward(id string) ([]awardKey, error) {
	t, err := decoded[awardTable](m.call, "award/"+id, m.filter)
	if err != nil {
		return nil, err
	}
	return t.Keys, nil
}

// award adds a line for a key of an award.
func (m *mapper) award(k awardKey, name, url string) (text, state string) {
	state = standing(k.Worked, k.Confirmed)
	m.page.Places = append(m.page.Places, placeLine{k.Key, name, url, state, 0})
	return name + ": " + m.v.T("map.state."+state), state
}

func (m *mapper) zones() error {
	keys, err := m.keysOfAward("waz")
	if err != nil {
		return err
	}
	m.page.Title = m.v.T("map.show.zones")
	url := m.url("/awards/waz", m.v.filters())
	for _, k := range keys {
		at, ok := chart.ZonePlaces()[k.Key]
		text, state := m.award(k, m.v.T("map.zone", k.Key), url)
		if ok {
			m.world.Marks = append(m.world.Marks, chart.Mark{Lat: at.Lat, Lon: at.Lon, Name: text, Label: k.Key, URL: url, Class: state})
		}
	}
	if err := m.extras(); err != nil {
		return err
	}
	m.page.Picture = m.world.SVG()
	return nil
}

func (m *mapper) states() error {
	keys, err := m.keysOfAward("was")
	if err != nil {
		return err
	}
	m.page.Title = m.v.T("map.show.states")
	url := m.url("/awards/was", m.v.filters())
	s := chart.States{ID: "states", Title: m.page.Title, Desc: m.v.T("map.states.desc")}
	for _, k := range keys {
		name := k.Name
		if name == "" {
			name = stateName(m.Table, k.Key)
		}
		text, state := m.award(k, name, url)
		s.Tiles = append(s.Tiles, chart.Tile{Key: k.Key, Name: text, URL: url, Class: state})
	}
	m.page.Picture = s.SVG()
	return nil
}

// stateName returns the name of a state of the USA.
func stateName(table *dxcc.Table, code string) string {
	const usa = 291
	if s, ok := table.State(usa, code); ok {
		return s.Name
	}
	return code
}
