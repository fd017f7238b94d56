package webui

import (
	"cmp"
	"html/template"
	"slices"
	"strconv"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/stats"
	"qslbox/webui/chart"
)

// mapPage shows where the stations worked are.
type mapPage struct {
	Form     filterForm
	Choices  []choice
	Picture  template.HTML
	Entities []placeLine // most QSOs first
	Squares  []placeLine
	Show     string
}

// placeLine is an entity or a square with its QSOs.
type placeLine struct {
	Key, Name string
	stats.Tally
}

// maxPlaces is how many lines stand below the map.
const maxPlaces = 60

// getMapPage answers GET /map.
func getMapPage(c *call) error {
	f, err := c.filter()
	if err != nil {
		return err
	}
	all, err := c.statistics(columns.Filter{})
	if err != nil {
		return err
	}
	d := mapPage{Form: c.newFilterForm("/map", all, "show"), Show: c.query.Get("show")}
	v := &view{c: c, p: c.words()}
	for _, name := range []string{"", "grids"} {
		d.Choices = append(d.Choices, choice{v.T("map.show." + name), v.Here("show", name), d.Show == name})
	}
	log, err := c.book.Columns(c.ctx())
	if err != nil {
		return err
	}
	entities, squares := countPlaces(log, f)
	w := chart.World{ID: "world", Title: v.T("title.map"), Desc: v.T("map.desc")}
	if d.Show == "grids" {
		d.drawSquares(&w, squares)
	} else {
		d.drawEntities(c, &w, entities)
	}
	settings := c.book.Settings()
	if settings.Grid != "" {
		lat, lon := settings.Grid.Center()
		w.Home = &chart.Mark{Lat: lat, Lon: lon, Name: string(settings.Grid), Class: "home"}
	}
	d.Picture = w.SVG()
	return c.render("map", &d)
}

// countPlaces counts the QSOs by entity and by square of the other side.
func countPlaces(log *columns.Log, f columns.Filter) (entities, squares map[uint16]stats.Tally) {
	entities, squares = map[uint16]stats.Tally{}, map[uint16]stats.Tally{}
	counts := uint8(qso.SourceSet(qso.LoTW, qso.Card))
	log.View(func(v *columns.View) {
		var byEntity, bySquare [1 << 16]stats.Tally
		walk := v.Match(f).Rows(0, v.Rows())
		rows := make([]uint32, 1024)
		for n := walk.Next(rows); n > 0; n = walk.Next(rows) {
			for _, row := range rows[:n] {
				confirmed := 0
				if v.Confirmed[row]&counts != 0 {
					confirmed = 1
				}
				e, s := &byEntity[v.DXCC[row]], &bySquare[v.Grid[row]]
				e.Worked, e.Confirmed = e.Worked+1, e.Confirmed+confirmed
				s.Worked, s.Confirmed = s.Worked+1, s.Confirmed+confirmed
			}
		}
		for i := 1; i < 1<<16; i++ {
			if byEntity[i].Worked > 0 {
				entities[uint16(i)] = byEntity[i]
			}
			if bySquare[i].Worked > 0 {
				squares[uint16(i)] = bySquare[i]
			}
		}
	})
	return entities, squares
}

// standing is the class of a place on the map.
func standing(t stats.Tally) string {
	if t.Confirmed > 0 {
		return "confirmed"
	}
	return "worked"
}

func (d *mapPage) drawEntities(c *call, w *chart.World, entities map[uint16]stats.Tally) {
	for _, e := range c.Table.Entities() {
		t, ok := entities[e.Code]
		if !ok {
			continue
		}
		w.Marks = append(w.Marks, chart.Mark{Lat: e.Lat, Lon: e.Lon, Name: e.Name + ": " + c.words().Number(t.Worked), Class: standing(t)})
		d.Entities = append(d.Entities, placeLine{strconv.Itoa(int(e.Code)), e.Name, t})
	}
	d.Entities = mostFirst(d.Entities)
}

func (d *mapPage) drawSquares(w *chart.World, squares map[uint16]stats.Tally) {
	for packed, t := range squares {
		name := columns.UnpackGrid(packed)
		lat, lon := qso.Grid(name).Center()
		w.Areas = append(w.Areas, chart.Area{South: lat - 0.5, North: lat + 0.5, West: lon - 1, East: lon + 1, Class: standing(t)})
		d.Squares = append(d.Squares, placeLine{name, name, t})
	}
	slices.SortFunc(w.Areas, func(a, b chart.Area) int {
		return cmp.Or(cmp.Compare(b.Class, a.Class), cmp.Compare(a.North, b.North), cmp.Compare(a.West, b.West))
	})
	d.Squares = mostFirst(d.Squares)
}

func mostFirst(lines []placeLine) []placeLine {
	slices.SortFunc(lines, func(a, b placeLine) int { return cmp.Or(b.Worked-a.Worked, cmp.Compare(a.Name, b.Name)) })
	return lines[:min(len(lines), maxPlaces)]
}
