package chart

import "html/template"

// Part is one line of Parts: how many of a whole are worked, and how many of
// these confirmed.
type Part struct {
	Label                    string // left of the bar
	Name                     string // the line in words, shown on demand
	Worked, Confirmed, Whole int
	URL                      string // where the line leads; empty: nowhere
}

// Parts shows how much of several wholes is had, such as the entities of each
// continent: bars as long as their whole.
type Parts struct {
	ID          string
	Title, Desc string
	Rows        []Part
	Number      func(int) string
}

// SVG draws the bars.
func (p Parts) SVG() template.HTML {
	const pitch, thick, letter = 26.0, 12.0, 6.4
	most, widest, count := 1, 0, 0
	for _, r := range p.Rows {
		most, widest = max(most, r.Whole, r.Worked), max(widest, len([]rune(r.Label)))
		count = max(count, len([]rune(p.count(r))))
	}
	left := 9 + letter*float64(widest)
	room := width - left - 8 - letter*float64(count)
	d := newDrawing(p.ID, "chart parts", p.Title, p.Desc, width, max(pitch, pitch*float64(len(p.Rows))))
	for i, r := range p.Rows {
		y := pitch * float64(i)
		long := func(n int) float64 { return room * float64(n) / float64(most) }
		end := d.link(r.URL)
		d.start("g", class("col"))
		d.title(r.Name)
		d.rect(0, y, width, pitch, "hit")
		d.text(0, y+pitch/2+4, "start", "label", r.Label)
		d.text(left+long(max(r.Whole, r.Worked))+6, y+pitch/2+4, "start", "label of", p.count(r))
		for _, layer := range []struct {
			n     int
			class string
		}{{r.Whole, "whole"}, {r.Worked, "worked"}, {r.Confirmed, "confirmed"}} {
			if layer.n > 0 {
				d.rect(left, y+(pitch-thick)/2, long(layer.n), thick, layer.class)
			}
		}
		d.end("g")
		end()
	}
	return d.done()
}

// count is what stands behind a bar: worked of the whole.
func (p Parts) count(r Part) string { return p.Number(r.Worked) + " / " + p.Number(r.Whole) }
