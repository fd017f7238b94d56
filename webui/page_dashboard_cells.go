package webui

import (
	"html/template"
	"strconv"
	"strings"

	"qslbox/stats"
	"qslbox/webui/chart"
)

// The cells of the dashboard's tables are made a line at a time: a template takes
// ten times as long for each.

// ClassCells writes the cells of a year or a month in a table: the QSOs by mode
// class, all of them, and those that are confirmed. Each number leads to its
// QSOs.
func (v *view) ClassCells(g stats.Group) template.HTML {
	var b strings.Builder
	for i, n := range classesOf(g) {
		href := ""
		if n > 0 {
			href = v.During(g.Key, "mode", v.ClassAt(i))
		}
		b.WriteString(`<td class="num">` + string(v.To(n, href)) + "</td>")
	}
	b.WriteString(`<td class="num total">` + string(v.To(g.Worked, v.During(g.Key))) + "</td>")
	b.WriteString(`<td class="num">` + string(v.To(g.Confirmed, v.ConfirmedDuring(g.Key))) + "</td>")
	return template.HTML(b.String())
}

// BandCells writes the cells of a band: shaded ones by mode class, all of its QSOs,
// and the part that is confirmed. Most is the largest of the shaded.
func (v *view) BandCells(g stats.Group, most int) template.HTML {
	var b strings.Builder
	for i, n := range classesOf(g) {
		if n == 0 {
			b.WriteString(`<td class="num q0"><span class="none">·</span></td>`)
			continue
		}
		b.WriteString(`<td class="num q` + strconv.Itoa(chart.Level(n, most)) + `">` + string(v.To(n, v.Of("/log", "band", g.Key, "mode", v.ClassAt(i)))) + "</td>")
	}
	part, to := v.Percent(g.Confirmed, g.Worked), ""
	if g.Confirmed > 0 {
		to = v.Confirmed("band", g.Key)
	}
	b.WriteString(`<td class="num total">` + string(v.To(g.Worked, v.Of("/log", "band", g.Key))) + `</td><td class="num">` + string(v.Linked(part, to)) + "</td>")
	return template.HTML(b.String())
}
