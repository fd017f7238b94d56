package chart

import (
	"html/template"
	"strings"
)

// Point is one value of a line.
type Point struct {
	Label string // below the line
	Name  string // the whole name; empty means Label
	Value int
	Over  int // of the second line, if there is one
}

// Line shows how a count grew: a line over equally spaced points, filled
// below; a second, broken line may run over it.
type Line struct {
	ID          string
	Title, Desc string
	Class       string // CSS class of the line
	Points      []Point
	// Named and Over are what the two lines stand for, such as confirmed and
	// worked; empty: there is one line.
	Named, Over string
	Number      func(int) string
}

// SVG draws the line.
func (l Line) SVG() template.HTML {
	const height = 150
	most := 0
	for _, p := range l.Points {
		most = max(most, p.Value)
		if l.Over != "" {
			most = max(most, p.Over)
		}
	}
	scale := newScale(most)
	left := scale.gutter(l.Number)
	area := box{left, 8, width - left - 6, height - 28}
	d := newDrawing(l.ID, "chart line", l.Title, l.Desc, width, height)
	d.axis(scale, area, l.Number)
	if len(l.Points) == 0 {
		return d.done()
	}
	pitch := area.w / float64(max(1, len(l.Points)-1))
	place := func(i, value int) (x, y float64) {
		return area.x + pitch*float64(i), area.y + area.h - area.h*float64(value)/float64(scale.top)
	}
	at := func(i int) (x, y float64) { return place(i, l.Points[i].Value) }
	var path, over strings.Builder
	for i, p := range l.Points {
		letter := map[bool]string{true: "M", false: "L"}[i == 0]
		x, y := at(i)
		path.WriteString(letter + num(x) + " " + num(y))
		x, y = place(i, p.Over)
		over.WriteString(letter + num(x) + " " + num(y))
	}
	base := num(area.y + area.h)
	endX, _ := at(len(l.Points) - 1)
	d.element("path", class("fill "+l.Class), attribute{"d", path.String() + "L" + num(endX) + " " + base + "L" + num(area.x) + " " + base + "Z"})
	d.element("path", class("stroke "+l.Class), attribute{"d", path.String()})
	if l.Over != "" {
		d.element("path", class("stroke over"), attribute{"d", over.String()})
	}
	columns := make([]Column, len(l.Points))
	for i, p := range l.Points {
		columns[i].Label = p.Label
	}
	every := labelStep(columns, pitch)
	for i, p := range l.Points {
		x, y := at(i)
		d.start("g", class("col"))
		d.title(l.describe(p))
		d.rect(x-pitch/2, area.y, pitch, area.h, "hit")
		d.element("circle", attribute{"cx", num(x)}, attribute{"cy", num(y)}, attribute{"r", "2"}, class("dot "+l.Class))
		d.end("g")
		if (len(l.Points)-1-i)%every == 0 {
			d.text(min(x, width-8), height-6, "middle", "tick", p.Label)
		}
	}
	return d.done()
}

// describe is the text of one point: "2024: confirmed 120, worked 130".
func (l Line) describe(p Point) string {
	name := p.Name
	if name == "" {
		name = p.Label
	}
	if l.Over == "" {
		return name + ": " + l.Number(p.Value)
	}
	return name + ": " + l.Named + " " + l.Number(p.Value) + ", " + l.Over + " " + l.Number(p.Over)
}

// Spark draws a small line without axes, such as the last durations of an
// operation. It is decoration: say the numbers beside it.
func Spark(values []float64) template.HTML {
	const w, h = 96, 24
	d := newDrawing("", "spark", "", "", w, h)
	if len(values) < 2 {
		return d.done()
	}
	low, high := values[0], values[0]
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	if high == low {
		high = low + 1
	}
	var path strings.Builder
	for i, v := range values {
		x := 1 + (w-2)*float64(i)/float64(len(values)-1)
		y := h - 2 - (h-4)*(v-low)/(high-low)
		path.WriteString(map[bool]string{true: "M", false: "L"}[i == 0] + num(x) + " " + num(y))
	}
	d.element("path", class("stroke"), attribute{"d", path.String()})
	return d.done()
}

// Bar draws a horizontal bar as wide as the page lets it: worked of most,
// with the confirmed part in it. It is decoration beside the numbers. A page has
// dozens of them, so a bar is no more than what is seen; height and ground come
// from the style sheet.
func Bar(worked, confirmed, most int) template.HTML { return BarTo("", worked, confirmed, most) }

// BarTo is Bar that leads to an address, unless that is empty.
func BarTo(url string, worked, confirmed, most int) template.HTML {
	d := &drawing{}
	d.start("svg", class("bar"), attribute{"aria-hidden", "true"})
	end := d.link(url)
	part := func(n int, name string) {
		d.element("rect", class(name), attribute{"width", num(100*float64(min(n, most))/float64(most)) + "%"})
	}
	if most > 0 && worked > confirmed {
		part(worked, "worked")
	}
	if most > 0 && confirmed > 0 {
		part(confirmed, "confirmed")
	}
	end()
	return d.done()
}
