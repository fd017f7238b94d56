package chart

import (
	"html/template"
	"strings"
)

// Series is one layer of a stack or one line: its name and the CSS class that
// gives it its colour and pattern.
type Series struct{ Name, Class string }

// Column is one bar of a stack.
type Column struct {
	Label  string // below the bar, short
	Name   string // the whole name, shown on demand; empty means Label
	Values []int  // one for each series
	Mark   int    // of the QSOs of the bar, how many are marked, see Stack
	URL    string // where the bar leads; empty: nowhere
}

func (c Column) total() int {
	sum := 0
	for _, v := range c.Values {
		sum += v
	}
	return sum
}

// Stack is a bar chart whose bars are made of layers, such as QSOs per year by
// mode class.
type Stack struct {
	ID          string // unique on the page
	Title, Desc string // for screen readers
	Series      []Series
	Columns     []Column
	// Marked is what the line across each bar stands for, such as how many are
	// confirmed; empty: there are none.
	Marked string
	Number func(int) string // writes a value
}

// SVG draws the chart. Without columns it is an empty frame.
func (s Stack) SVG() template.HTML {
	const height = 170
	most := 0
	for _, c := range s.Columns {
		most = max(most, c.total())
	}
	scale := newScale(most)
	left := scale.gutter(s.Number)
	area := box{left, 8, width - left - 2, height - 28}
	d := newDrawing(s.ID, "chart stack", s.Title, s.Desc, width, height)
	d.axis(scale, area, s.Number)
	if len(s.Columns) == 0 {
		return d.done()
	}
	pitch := area.w / float64(len(s.Columns))
	gap := min(pitch*0.25, 6)
	every := labelStep(s.Columns, pitch)
	for i, c := range s.Columns {
		x := area.x + pitch*float64(i)
		end := d.link(c.URL)
		d.start("g", class("col"))
		d.title(s.describe(c))
		d.rect(x, area.y, pitch, area.h, "hit")
		s.bar(d, c, area, scale, x+gap/2, pitch-gap)
		if s.Marked != "" && c.total() > 0 {
			y := area.y + area.h - area.h*float64(c.Mark)/float64(scale.top)
			d.line(x+gap/2-1, y, x+pitch-gap/2+1, y, "marked")
		}
		d.end("g")
		end()
		if (len(s.Columns)-1-i)%every == 0 {
			d.text(x+pitch/2, height-6, "middle", "tick", c.Label)
		}
	}
	return d.done()
}

// bar draws the layers of one column, the first at the bottom.
func (s Stack) bar(d *drawing, c Column, area box, scale scale, x, w float64) {
	y := area.y + area.h
	for i, v := range c.Values {
		if v <= 0 {
			continue
		}
		h := area.h * float64(v) / float64(scale.top)
		y -= h
		d.rect(x, y, w, h, s.Series[i].Class)
	}
}

// describe is the text of one column: "2024: 120 — CW 40, Phone 80".
func (s Stack) describe(c Column) string {
	name := c.Name
	if name == "" {
		name = c.Label
	}
	text := name + ": " + s.Number(c.total())
	var parts []string
	for i, v := range c.Values {
		if v > 0 && len(c.Values) > 1 {
			parts = append(parts, s.Series[i].Name+" "+s.Number(v))
		}
	}
	if len(parts) > 0 {
		text += " — " + strings.Join(parts, ", ")
	}
	if s.Marked != "" {
		text += "; " + s.Marked + " " + s.Number(c.Mark)
	}
	return text
}

// labelStep returns how many columns share one label so that none touch.
func labelStep(columns []Column, pitch float64) int {
	widest := 0
	for _, c := range columns {
		widest = max(widest, len([]rune(c.Label)))
	}
	need := 5.6*float64(widest) + 6
	step := 1
	for pitch*float64(step) < need && step < len(columns) {
		step++
	}
	return step
}
