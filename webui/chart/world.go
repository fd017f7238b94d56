package chart

import (
	_ "embed"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"sync"
)

// The coast lines, from Natural Earth's 1:110m land (public domain): a polygon
// a line, "longitude,latitude" in degrees; h in its name marks a lake.
//
//go:embed land.tsv
var landFile string

// The part of the Earth that is drawn: few work stations south of it.
const (
	north = 84.0
	south = -60.0
)

// land is the outline of all land as the d of an SVG path.
var land = sync.OnceValue(func() string {
	d, err := outline(landFile)
	if err != nil {
		panic(err) // the file is compiled in; a test reads it
	}
	return d
})

// outline makes a path of polygons.
func outline(text string) (string, error) {
	var d strings.Builder
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		_, points, ok := strings.Cut(line, "\t")
		if !ok {
			return "", fmt.Errorf("chart: land line %d: want a name, a tab and points", number)
		}
		letter := byte('M')
		for point := range strings.FieldsSeq(points) {
			lon, lat, ok := strings.Cut(point, ",")
			x, errX := strconv.ParseFloat(lon, 64)
			y, errY := strconv.ParseFloat(lat, 64)
			if !ok || errX != nil || errY != nil {
				return "", fmt.Errorf("chart: land line %d: %q is no point", number, point)
			}
			px, py := project(y, x)
			d.WriteByte(letter)
			d.WriteString(num(px) + " " + num(py))
			letter = 'L'
		}
		d.WriteByte('Z')
	}
	return d.String(), nil
}

// project returns the place of a point on the map: one unit a degree.
func project(lat, lon float64) (x, y float64) { return lon + 180, north - lat }

// Mark is a place on the map.
type Mark struct {
	Lat, Lon float64 // degrees, north and east positive
	Name     string  // shown on demand
	Class    string  // gives colour and shape: those of class "confirmed" are filled
}

// Area is a part of the map in degrees, such as a locator square.
type Area struct {
	South, West, North, East float64
	Class                    string
}

// World is a map of the Earth, all degrees alike (equirectangular), with areas
// and marks on it.
type World struct {
	ID          string
	Title, Desc string
	Areas       []Area
	Marks       []Mark
	Home        *Mark // our own place, drawn last
}

// SVG draws the map.
func (w World) SVG() template.HTML {
	d := newDrawing(w.ID, "chart world", w.Title, w.Desc, width, north-south)
	d.rect(0, 0, width, north-south, "sea")
	for lon := 30.0; lon < 360; lon += 30 {
		d.line(lon, 0, lon, north-south, "grid")
	}
	for lat := 60.0; lat > south; lat -= 30 {
		_, y := project(lat, 0)
		d.line(0, y, width, y, "grid")
	}
	d.element("path", class("land"), attribute{"fill-rule", "evenodd"}, attribute{"d", land()})
	w.areas(d)
	for _, m := range w.Marks {
		d.mark(m, "1.5")
	}
	if w.Home != nil {
		d.mark(*w.Home, "2.4")
	}
	return d.done()
}

// areas draws all areas of one class as one path: there may be thousands.
func (w World) areas(d *drawing) {
	paths := map[string]*strings.Builder{}
	var order []string
	for _, a := range w.Areas {
		b := paths[a.Class]
		if b == nil {
			b = new(strings.Builder)
			paths[a.Class] = b
			order = append(order, a.Class)
		}
		x, y := project(a.North, a.West)
		b.WriteString("M" + num(x) + " " + num(y) + "h" + num(a.East-a.West) + "v" + num(a.North-a.South) + "h" + num(a.West-a.East) + "z")
	}
	for _, name := range order {
		d.element("path", class("area "+name), attribute{"d", paths[name].String()})
	}
}

func (d *drawing) mark(m Mark, radius string) {
	x, y := project(m.Lat, m.Lon)
	d.start("circle", class("mark "+m.Class), attribute{"cx", num(x)}, attribute{"cy", num(y)}, attribute{"r", radius})
	d.title(m.Name)
	d.end("circle")
}
