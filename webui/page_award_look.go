package webui

import (
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"qslbox/qso"
	"qslbox/stats/awards"
	"qslbox/webui/chart"
)

// awardViews are the ways to look at an award; the first is meant without a
// word.
var awardViews = []string{"", "map", "growth"}

// termParams are the parameters that say how an award is counted.
var termParams = []string{"sources", "two_way", "deleted", "my_dxcc", "as_of"}

// awardTerms is the form that says how the award is counted: what confirms, as
// of which day, deleted keys or not.
type awardTerms struct {
	Action  string
	Sources []sourceBox
	AsOf    string
	Deleted bool
	Any     bool // keys of the award may be deleted
	Changed bool // it is not counted as the issuer does
	Hidden  []pair
	Reset   string
}

type sourceBox struct {
	Name string
	On   bool
}

func newTerms(v *view, a *awards.Award, table *awardTable) awardTerms {
	t := awardTerms{
		Action: "/awards/" + a.ID(), AsOf: v.Query("as_of"), Deleted: v.c.on("deleted"), Hidden: v.Hidden(),
		Any: a.Definition().Key.From == "entities" || slices.ContainsFunc(table.Keys, func(k awardKey) bool { return k.Deleted }),
	}
	for _, name := range qso.SourceSet(qso.LoTW, qso.Card, qso.DCL, qso.EQSL, qso.QRZ, qso.ClubLog).Names() {
		t.Sources = append(t.Sources, sourceBox{name, slices.Contains(table.Sources, name)})
	}
	for _, name := range []string{"view", "show", "slots", "my_dxcc", "two_way"} {
		if value := v.Query(name); value != "" {
			t.Hidden = append(t.Hidden, pair{name, value})
		}
	}
	for _, name := range termParams {
		t.Changed = t.Changed || v.Query(name) != ""
	}
	query := v.filters()
	for _, name := range []string{"view", "show", "slots"} {
		if value := v.Query(name); value != "" {
			query.Set(name, value)
		}
	}
	t.Reset = v.c.url(t.Action, query)
	return t
}

// termsOf returns what links of an award's page keep of the query.
func (c *call) termsOf(v *view) url.Values {
	query := v.filters()
	for _, name := range termParams {
		if list := c.query[name]; len(list) > 0 {
			query[name] = list
		}
	}
	return query
}

// cellLink returns the beginning of the address of the QSOs behind a cell, to
// which the key is added.
func (d *awardPage) cellLink(v *view) string {
	link := v.c.url("/awards/"+d.ID+"/qsos", d.addition)
	if strings.Contains(link, "?") {
		return html.EscapeString(link + "&key=")
	}
	return html.EscapeString(link + "?key=")
}

// Behind returns the address of the QSOs that count in a slot, of all that
// count if it is empty.
func (d *awardPage) Behind(v *view, slot string) string {
	query := url.Values{"key": {""}}
	for name, list := range d.addition {
		query[name] = list
	}
	if slot != "" {
		query.Set("slot", slot)
	}
	return v.c.url("/awards/"+d.ID+"/qsos", query)
}

// look fills in what the chosen view shows.
func (d *awardPage) look(v *view, a *awards.Award, o awards.Options) error {
	here := v.Query("view")
	for _, name := range awardViews {
		if name != "map" || d.hasMap() {
			d.Views = append(d.Views, choice{v.T("award.view." + name), v.Here("view", name), name == here})
		}
	}
	switch here {
	case "map":
		d.draw(v)
		return nil
	case "growth":
		return d.grow(v, a, o)
	}
	d.choose(v, a.SlotNames())
	if v.Query("show") == "open" {
		if err := d.chase(v, a, o); err != nil {
			return err
		}
	}
	return d.list(v)
}

// hasMap reports whether the keys have places.
func (d *awardPage) hasMap() bool {
	switch d.Kind {
	case "entity", "wae", "cqzone", "grid4":
		return true
	case "state":
		return len(d.Keys) > 0 && d.Keys[0].Key == "AL"
	}
	return slices.ContainsFunc(d.Keys, func(k awardKey) bool { return k.Lat != 0 || k.Lon != 0 })
}

// draw draws the map of the keys, each leading to its QSOs.
func (d *awardPage) draw(v *view) {
	world := chart.World{ID: "award", Title: d.title(v.p), Desc: v.T("award.map.desc")}
	here := v.Query("frame")
	if world.Frame = chart.Continents[here]; world.Frame == (chart.Frame{}) {
		world.Frame, here = chart.Whole, ""
	}
	for _, name := range []string{"", "EU", "NA", "SA", "AF", "AS", "OC"} {
		if d.Kind != "state" {
			d.Frames = append(d.Frames, choice{v.T("map.view." + name), v.Here("frame", name), here == name})
		}
	}
	states := chart.States{ID: "award", Title: world.Title, Desc: world.Desc}
	for i := range d.Keys {
		k := &d.Keys[i]
		if k.Deleted {
			continue
		}
		class := standing(k.Worked, k.Confirmed || k.Granted)
		name := strings.TrimSpace(k.Key+" "+v.KeyName(k.Key, k.Name)) + ": " + v.T("map.state."+class)
		link := ""
		if k.Worked {
			query := url.Values{"key": {k.Key}}
			for name, list := range d.addition {
				query[name] = list
			}
			link = v.c.url("/awards/"+d.ID+"/qsos", query)
		}
		switch d.Kind {
		case "state":
			states.Tiles = append(states.Tiles, chart.Tile{Key: k.Key, Name: name, URL: link, Class: class})
		case "grid4":
			lat, lon := qso.Grid(k.Key).Center()
			world.Areas = append(world.Areas, chart.Area{South: lat - .5, North: lat + .5, West: lon - 1, East: lon + 1, Class: class, Name: name, URL: link})
		default:
			if at, label, ok := v.placeOfKey(d.Kind, k); ok {
				world.Marks = append(world.Marks, chart.Mark{Lat: at.Lat, Lon: at.Lon, Label: label, Name: name, URL: link, Class: class})
			}
		}
	}
	if len(states.Tiles) > 0 {
		d.Picture = states.SVG()
	} else {
		d.Picture = world.SVG()
	}
}

// placeOfKey returns where a key is on the map, and what its mark says.
func (v *view) placeOfKey(kind string, k *awardKey) (at chart.Spot, label string, ok bool) {
	switch kind {
	case "cqzone":
		at, ok = chart.ZonePlaces()[k.Key]
		return at, k.Key, ok
	case "entity", "wae":
		code, err := strconv.ParseUint(k.Key, 10, 16)
		if err != nil {
			return at, "", false
		}
		e, ok := v.c.Table.Entity(uint16(code))
		return chart.Spot{Lat: e.Lat, Lon: e.Lon}, "", ok
	}
	return chart.Spot{Lat: k.Lat, Lon: k.Lon}, "", k.Lat != 0 || k.Lon != 0
}

// growthLine is how the award stood at the end of a year.
type growthLine struct {
	Year              string
	Worked, Confirmed int
	URL               string // the award as of then
}

// grow shows how the count grew by the dates of the confirmations.
func (d *awardPage) grow(v *view, a *awards.Award, o awards.Options) error {
	log, err := v.c.book.Columns(v.c.ctx())
	if err != nil {
		return err
	}
	line := chart.Line{ID: "growth", Title: v.T("award.growth"), Desc: v.T("award.growth.desc"), Class: "confirmed", Number: v.p.Number,
		Named: v.T("map.state.confirmed"), Over: v.T("map.state.worked")}
	points := a.Timeline(log, o)
	for i, p := range points {
		year := p.Day.Std().Year()
		for n := len(d.Growth); n > 0 && year-1 > atoiYear(d.Growth[n-1].Year); n = len(d.Growth) { // nothing new that year
			next := d.Growth[n-1]
			next.Year = strconv.Itoa(atoiYear(next.Year) + 1)
			d.Growth = append(d.Growth, next)
		}
		if i+1 == len(points) || points[i+1].Day.Std().Year() != year {
			d.Growth = append(d.Growth, growthLine{Year: strconv.Itoa(year), Worked: p.Worked, Confirmed: p.Confirmed})
		}
	}
	for i := range d.Growth {
		g := &d.Growth[i]
		query := url.Values{"as_of": {g.Year + "-12-31"}}
		for name, list := range d.addition {
			if name != "as_of" {
				query[name] = list
			}
		}
		g.URL = v.c.url("/awards/"+d.ID, query)
		line.Points = append(line.Points, chart.Point{Label: g.Year, Value: g.Confirmed, Over: g.Worked})
	}
	d.Picture = line.SVG()
	return nil
}

func atoiYear(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}
