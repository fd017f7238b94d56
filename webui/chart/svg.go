package chart

import (
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// width is the width of a picture with letters in it, in its own units: about
// the CSS pixels of a phone.
const width = 360

// drawing writes SVG elements. Attribute values and texts are escaped here and
// nowhere else.
type drawing struct{ b strings.Builder }

// newDrawing opens a picture of w x h units. An empty title makes it
// decoration that screen readers pass over.
func newDrawing(id, class, title, desc string, w, h float64) *drawing {
	return openDrawing(id, class, title, desc, [4]float64{0, 0, w, h})
}

// openDrawing is newDrawing for a part of the plane: left, top, width, height.
func openDrawing(id, class, title, desc string, part [4]float64, more ...attribute) *drawing {
	d := &drawing{}
	d.b.WriteString(`<svg class="` + html.EscapeString(class) + `" viewBox="` + num(part[0]) + " " + num(part[1]) + " " + num(part[2]) + " " + num(part[3]) + `"`)
	d.attributes(more)
	if title == "" {
		d.b.WriteString(` aria-hidden="true" focusable="false">`)
		return d
	}
	t, s := html.EscapeString(id+"-t"), html.EscapeString(id+"-d")
	d.b.WriteString(` role="img" aria-labelledby="` + t + " " + s + `">`)
	d.b.WriteString(`<title id="` + t + `">` + html.EscapeString(title) + `</title>`)
	d.b.WriteString(`<desc id="` + s + `">` + html.EscapeString(desc) + `</desc>`)
	return d
}

func (d *drawing) done() template.HTML {
	d.b.WriteString("</svg>")
	return template.HTML(d.b.String())
}

// attribute is one name and value of an element.
type attribute struct{ name, value string }

func class(names string) attribute { return attribute{"class", names} }

// element writes an empty element.
func (d *drawing) element(name string, attributes ...attribute) {
	d.b.WriteString("<" + name)
	d.attributes(attributes)
	d.b.WriteString("/>")
}

func (d *drawing) start(name string, attributes ...attribute) {
	d.b.WriteString("<" + name)
	d.attributes(attributes)
	d.b.WriteString(">")
}

func (d *drawing) attributes(list []attribute) {
	for _, a := range list {
		if a.value != "" {
			d.b.WriteString(" " + a.name + `="` + html.EscapeString(a.value) + `"`)
		}
	}
}

func (d *drawing) end(name string) { d.b.WriteString("</" + name + ">") }

// link makes what is drawn until its end a link, unless the address is empty.
// The keyboard passes over it: the list beside a picture has the same links.
func (d *drawing) link(url string) (end func()) {
	if url == "" {
		return func() {}
	}
	d.start("a", attribute{"href", url}, attribute{"tabindex", "-1"})
	return func() { d.end("a") }
}

// title writes the text that a pointer over the element shows.
func (d *drawing) title(text string) {
	d.b.WriteString("<title>" + html.EscapeString(text) + "</title>")
}

func (d *drawing) rect(x, y, w, h float64, names string) {
	d.b.WriteString(`<rect x="` + num(x) + `" y="` + num(y) + `" width="` + num(w) + `" height="` + num(h) + `"`)
	d.attributes([]attribute{class(names)})
	d.b.WriteString("/>")
}

func (d *drawing) line(x1, y1, x2, y2 float64, names string) {
	d.b.WriteString(`<line x1="` + num(x1) + `" y1="` + num(y1) + `" x2="` + num(x2) + `" y2="` + num(y2) + `"`)
	d.attributes([]attribute{class(names)})
	d.b.WriteString("/>")
}

// text writes letters; anchor is start, middle or end.
func (d *drawing) text(x, y float64, anchor, names, text string) {
	d.b.WriteString(`<text x="` + num(x) + `" y="` + num(y) + `"`)
	d.attributes([]attribute{{"text-anchor", anchor}, class(names)})
	d.b.WriteString(">" + html.EscapeString(text) + "</text>")
}

// num writes a coordinate with at most two digits after the point.
func num(f float64) string {
	s := strconv.FormatFloat(math.Round(f*100)/100, 'f', -1, 64)
	if s == "-0" {
		return "0"
	}
	return s
}

// scale is the vertical axis of a picture: from zero to a round number.
type scale struct {
	top  int // the largest value shown
	step int // between two lines
}

// newScale chooses 2 to 5 round steps for values up to most.
func newScale(most int) scale {
	if most <= 0 {
		return scale{1, 1}
	}
	step := 1
	for _, factor := range endless(2, 5.0/2, 2) {
		if most <= step*4 {
			break
		}
		step = int(math.Round(float64(step) * factor))
	}
	return scale{(most + step - 1) / step * step, step}
}

// endless repeats the factors often enough for any int.
func endless(factors ...float64) []float64 {
	var all []float64
	for range 19 {
		all = append(all, factors...)
	}
	return all
}

// gutter returns the room that the widest label of the axis needs.
func (s scale) gutter(number func(int) string) float64 {
	return 6 + 5.6*float64(len([]rune(number(s.top))))
}

// axis draws the lines of the scale into the box and its labels left of it.
func (d *drawing) axis(s scale, box box, number func(int) string) {
	for v := 0; v <= s.top; v += s.step {
		y := box.y + box.h - box.h*float64(v)/float64(s.top)
		names := "grid"
		if v == 0 {
			names = "grid base"
		}
		d.line(box.x, y, box.x+box.w, y, names)
		d.text(box.x-4, y+3, "end", "tick", number(v))
	}
}

// box is the part of a picture that the data fill.
type box struct{ x, y, w, h float64 }
