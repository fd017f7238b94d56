package chart

import (
	_ "embed"
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
	"sync"
)

// The coast lines, from Natural Earth's 1:110m land (public domain): a polygon
// a line, "longitude,latitude" in degrees; h in its name marks a lake.
//
//go:embed land.tsv
var landFile string

// land is the outline of all land as the d of an SVG path: a unit a degree,
// east of 180 degrees west and south of the north pole. Each point is told from
// the one before, in tenths where a number needs them: half the bytes.
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
		var at [2]int // tenths of a degree
		letter := "M"
		for point := range strings.FieldsSeq(points) {
			lon, lat, ok := strings.Cut(point, ",")
			x, errX := strconv.ParseFloat(lon, 64)
			y, errY := strconv.ParseFloat(lat, 64)
			if !ok || errX != nil || errY != nil {
				return "", fmt.Errorf("chart: land line %d: %q is no point", number, point)
			}
			next := [2]int{int(math.Round(10 * (x + 180))), int(math.Round(10 * (90 - y)))}
			d.WriteString(letter)
			writeTenths(&d, next[0]-at[0], letter == "")
			writeTenths(&d, next[1]-at[1], true)
			at, letter = next, map[string]string{"M": "l"}[letter]
		}
		d.WriteByte('z')
	}
	return d.String(), nil
}

// writeTenths writes a number of tenths as short as a path allows: no zero
// before the point, and a blank only where no sign parts it from what is before.
func writeTenths(d *strings.Builder, n int, apart bool) {
	if apart && n >= 0 {
		d.WriteByte(' ')
	}
	if n < 0 {
		d.WriteByte('-')
		n = -n
	}
	if n >= 10 || n == 0 {
		d.WriteString(strconv.Itoa(n / 10))
	}
	if n%10 != 0 {
		d.WriteString("." + strconv.Itoa(n%10))
	}
}

// Frame is the part of the Earth that a map shows, in degrees. East is greater
// than West; beyond 180 the map goes on across the date line.
type Frame struct{ South, West, North, East float64 }

// Whole is the Earth without what is far south: few work stations there.
var Whole = Frame{-60, -180, 84, 180}

// Continents are the frames of the continents, by ADIF's letters.
var Continents = map[string]Frame{
	"AF": {-38, -26, 39, 60}, "AS": {-12, 25, 78, 180}, "EU": {34, -26, 72, 51},
	"NA": {6, -172, 76, -50}, "OC": {-50, 92, 30, 232}, "SA": {-57, -94, 16, -32},
}

// squeeze is how much narrower than high a degree is drawn: as it is in the
// middle of the frame. The whole Earth stays as it is.
func (f Frame) squeeze() float64 {
	if f.East-f.West > 300 {
		return 1
	}
	return math.Cos((f.North + f.South) / 2 * math.Pi / 180)
}

// Spot is a place on the Earth: degrees, north and east positive.
type Spot struct{ Lat, Lon float64 }

// Mark is a place on the map.
type Mark struct {
	Lat, Lon float64 // degrees, north and east positive
	Name     string  // shown on demand
	Label    string  // stands in the mark, which is larger then
	URL      string  // where the mark leads; empty: nowhere
	Class    string  // gives colour and shape: those of class "confirmed" are filled
}

// Area is a part of the map in degrees, such as a locator square.
type Area struct {
	South, West, North, East float64
	Class                    string
	Name                     string // shown on demand, and drawn in a small frame
	URL                      string
}

// Arc is a way along a great circle.
type Arc struct {
	From, To Spot
	Name     string
}

// World is a map of the Earth, or of a part of it, all degrees alike
// (equirectangular), with areas, ways and marks on it.
type World struct {
	ID          string
	Title, Desc string
	Frame       Frame // zero: Whole
	Areas       []Area
	Marks       []Mark
	Arcs        []Arc
	Sun         *Spot // where the sun is overhead: the night is drawn
	Home        *Mark // our own place, drawn last
}

// singles is up to how many areas each is an element of its own.
const singles = 1200

// SVG draws the map.
func (w World) SVG() template.HTML {
	if w.Frame == (Frame{}) {
		w.Frame = Whole
	}
	f, k := w.Frame, w.Frame.squeeze()
	x, y := f.place(f.North, f.West)
	wide, high := (f.East-f.West)*k, f.North-f.South
	d := openDrawing(w.ID, "chart world", w.Title, w.Desc, [4]float64{x, y, wide, high}, attribute{"data-squeeze", num(k)}, attribute{"width", "1600"}, attribute{"height", num(math.Round(1600 * high / wide))})
	d.rect(x, y, wide, high, "sea")
	w.graticule(d)
	landID := w.ID + "-land"
	d.start("g", attribute{"transform", "scale(" + strconv.FormatFloat(k, 'f', 4, 64) + " 1)"})
	d.element("path", attribute{"id", landID}, class("land"), attribute{"fill-rule", "evenodd"}, attribute{"d", land()})
	if f.East > 180 {
		d.element("use", attribute{"href", "#" + landID}, attribute{"x", "360"})
	}
	d.end("g")
	if w.Sun != nil {
		d.element("path", class("night"), attribute{"d", f.night(*w.Sun)})
	}
	w.areas(d)
	for _, a := range w.Arcs {
		d.start("path", class("arc"), attribute{"d", f.arc(a)})
		d.title(a.Name)
		d.end("path")
	}
	for _, m := range w.Marks {
		w.mark(d, m, 1.5)
	}
	if w.Home != nil {
		w.mark(d, *w.Home, 2.2)
	}
	return d.done()
}

// place returns where a point stands in the picture.
func (f Frame) place(lat, lon float64) (x, y float64) {
	for lon < f.West {
		lon += 360
	}
	return (lon + 180) * f.squeeze(), 90 - lat
}

// Shows reports whether a point is inside the frame.
func (f Frame) Shows(lat, lon float64) bool {
	for lon < f.West {
		lon += 360
	}
	return lon <= f.East && f.South <= lat && lat <= f.North
}

func (w World) graticule(d *drawing) {
	f := w.Frame
	left, top := f.place(f.North, f.West)
	right, bottom := left+(f.East-f.West)*f.squeeze(), 90-f.South
	step := 30.0
	if f.East-f.West < 120 {
		step = 10
	}
	for lon := math.Ceil(f.West/step) * step; lon < f.East; lon += step {
		x := (lon + 180) * f.squeeze()
		d.line(x, top, x, bottom, "grid")
	}
	for lat := math.Ceil(f.South/step) * step; lat < f.North; lat += step {
		d.line(left, 90-lat, right, 90-lat, "grid")
	}
}

// areas draws few areas each by itself, and many of one class as one path:
// there may be thousands.
func (w World) areas(d *drawing) {
	var shown []Area
	for _, a := range w.Areas {
		if w.Frame.Shows((a.South+a.North)/2, (a.West+a.East)/2) {
			shown = append(shown, a)
		}
	}
	if len(shown) <= singles && w.Frame != Whole {
		for _, a := range shown {
			w.area(d, a)
		}
		return
	}
	paths := map[string]*strings.Builder{}
	var order []string
	for _, a := range shown {
		b := paths[a.Class]
		if b == nil {
			b = new(strings.Builder)
			paths[a.Class] = b
			order = append(order, a.Class)
		}
		b.WriteString(w.Frame.box(a))
	}
	for _, name := range order {
		d.element("path", class("area "+name), attribute{"d", paths[name].String()})
	}
}

// box is the outline of an area.
func (f Frame) box(a Area) string {
	x, y := f.place(a.North, a.West)
	wide := num((a.East - a.West) * f.squeeze())
	return "M" + num(x) + " " + num(y) + "h" + wide + "v" + num(a.North-a.South) + "h-" + wide + "z"
}

func (w World) area(d *drawing, a Area) {
	link := d.link(a.URL)
	d.start("path", class("area "+a.Class), attribute{"d", w.Frame.box(a)})
	d.title(a.Name)
	d.end("path")
	if short, _, _ := strings.Cut(a.Name, ":"); w.Frame.East-w.Frame.West < 120 && short != "" {
		x, y := w.Frame.place((a.North+a.South)/2, (a.East+a.West)/2)
		d.start("text", class("square"), attribute{"x", num(x)}, attribute{"y", num(y + .15)}, attribute{"text-anchor", "middle"})
		d.b.WriteString(template.HTMLEscapeString(short))
		d.end("text")
	}
	link()
}

// mark draws a place: a dot, or a larger one with its label.
func (w World) mark(d *drawing, m Mark, radius float64) {
	if !w.Frame.Shows(m.Lat, m.Lon) {
		return
	}
	radius *= max(.25, math.Pow(w.Frame.squeeze()*(w.Frame.East-w.Frame.West)/360, .75))
	if m.Label != "" {
		radius *= 2.8
	}
	x, y := w.Frame.place(m.Lat, m.Lon)
	link := d.link(m.URL)
	d.start("circle", class("mark "+m.Class), attribute{"cx", num(x)}, attribute{"cy", num(y)}, attribute{"r", num(radius)})
	d.title(m.Name)
	d.end("circle")
	if m.Label != "" {
		d.start("text", class("on-mark "+m.Class), attribute{"x", num(x)}, attribute{"y", num(y + radius*.36)}, attribute{"font-size", num(radius)}, attribute{"text-anchor", "middle"})
		d.b.WriteString(template.HTMLEscapeString(m.Label))
		d.end("text")
	}
	link()
}
