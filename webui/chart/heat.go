package chart

import (
	"html/template"
	"strconv"
)

// Heat is a table of 24 hours by seven days (or other rows) whose cells are
// shaded by their values.
type Heat struct {
	ID          string
	Title, Desc string
	Rows        []HeatRow
	Columns     []string                         // labels below; every third is shown
	Cell        func(row, col, value int) string // the text of a cell
	URL         func(row, col int) string        // where a cell leads that is not zero; nil: nowhere
}

// HeatRow is one row of a heat map.
type HeatRow struct {
	Label  string
	Values []int
}

// heatLevels is the number of shades above "nothing": classes q0 to q5.
const heatLevels = 5

// SVG draws the heat map.
func (h Heat) SVG() template.HTML {
	const left, rowHeight = 26.0, 15.0
	most := 0
	for _, r := range h.Rows {
		for _, v := range r.Values {
			most = max(most, v)
		}
	}
	d := newDrawing(h.ID, "chart heat", h.Title, h.Desc, width, rowHeight*float64(len(h.Rows))+18)
	pitch := (width - left - 2) / float64(max(1, len(h.Columns)))
	for i, r := range h.Rows {
		y := rowHeight * float64(i)
		d.start("g")
		d.text(left-4, y+11, "end", "tick", r.Label)
		for j, v := range r.Values {
			end := func() {}
			if h.URL != nil && v != 0 {
				end = d.link(h.URL(i, j))
			}
			d.start("rect", attribute{"x", num(left + pitch*float64(j) + 0.75)}, attribute{"y", num(y + 0.75)},
				attribute{"width", num(pitch - 1.5)}, attribute{"height", num(rowHeight - 1.5)}, class("q"+strconv.Itoa(level(v, most, heatLevels))))
			d.title(h.Cell(i, j, v))
			d.end("rect")
			end()
		}
		d.end("g")
	}
	for j, label := range h.Columns {
		if j%3 == 0 {
			d.text(left+pitch*(float64(j)+0.5), rowHeight*float64(len(h.Rows))+13, "middle", "tick", label)
		}
	}
	return d.done()
}

// level sorts a value into 0 (none) or 1 to levels, by equal steps up to most.
func level(value, most, levels int) int {
	if value <= 0 || most <= 0 {
		return 0
	}
	return min(levels, 1+(value*levels-1)/most)
}

// Level sorts a value into one of the shades q0 (nothing) to q5 (most), the
// same as in a heat map, for tables that shade their cells.
func Level(value, most int) int { return level(value, most, heatLevels) }
