package chart

import (
	_ "embed"
	"html/template"
	"strconv"
	"strings"
	"sync"
)

//go:embed zones.tsv
var zoneFile string

//go:embed states.tsv
var stateFile string

// ZonePlaces returns where the number of each CQ zone stands on a map, by the
// number.
var ZonePlaces = sync.OnceValue(func() map[string]Spot {
	places := map[string]Spot{}
	for key, at := range placesOf(zoneFile) {
		places[key] = Spot{Lat: at[0], Lon: at[1]}
	}
	return places
})

// statePlaces returns column and row of each state's tile.
var statePlaces = sync.OnceValue(func() map[string][2]float64 { return placesOf(stateFile) })

// placesOf reads lines of a key and two numbers; a test reads both files.
func placesOf(text string) map[string][2]float64 {
	places := map[string][2]float64{}
	for line := range strings.Lines(text) {
		cells := strings.Fields(line)
		if len(cells) != 3 || cells[0] == "#" {
			continue
		}
		a, errA := strconv.ParseFloat(cells[1], 64)
		b, errB := strconv.ParseFloat(cells[2], 64)
		if errA == nil && errB == nil {
			places[cells[0]] = [2]float64{a, b}
		}
	}
	return places
}

// Tile is one state of the USA.
type Tile struct {
	Key, Name string // the code, and what is shown on demand
	URL       string
	Class     string // confirmed, worked or lacking
}

// States shows the states of the USA as tiles of one size, each about where it
// lies.
type States struct {
	ID          string
	Title, Desc string
	Tiles       []Tile // those without a place are left out
}

// SVG draws the tiles.
func (s States) SVG() template.HTML {
	const size, gap = 10.0, .8
	d := newDrawing(s.ID, "chart states", s.Title, s.Desc, 11*size, 8*size)
	for _, t := range s.Tiles {
		at, ok := statePlaces()[t.Key]
		if !ok {
			continue
		}
		x, y := at[0]*size, at[1]*size
		link := d.link(t.URL)
		d.start("rect", class("tile "+t.Class), attribute{"x", num(x + gap/2)}, attribute{"y", num(y + gap/2)}, attribute{"width", num(size - gap)}, attribute{"height", num(size - gap)}, attribute{"rx", ".8"})
		d.title(t.Name)
		d.end("rect")
		d.text(x+size/2, y+size/2+1.4, "middle", "on-tile "+t.Class, t.Key)
		link()
	}
	return d.done()
}
