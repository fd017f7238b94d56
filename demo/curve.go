package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"text/tabwriter"
)

// printCurves shows the figures by size, and the exponent with which each
// grows: 0 does not depend on the log, 1 is linear.
func printCurves(w io.Writer, points []point) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "| what\t| unit\t|")
	for _, p := range points {
		fmt.Fprintf(t, " %s\t|", short(float64(p.size)))
	}
	fmt.Fprint(t, " exponent\t|\n|---\t|---\t|")
	for range points {
		fmt.Fprint(t, "---\t|")
	}
	fmt.Fprintln(t, "---\t|")
	for _, c := range costs {
		fmt.Fprintf(t, "| %s\t| %s\t|", c.what, c.unit)
		for _, p := range points {
			fmt.Fprintf(t, " %s\t|", short(p.cost[c.name]))
		}
		fmt.Fprintf(t, " %.2f\t|\n", exponent(c.name, points))
	}
	_ = t.Flush() // into memory or onto a terminal
}

// exponent is the slope of the line through the logarithms of the three
// largest logs: small ones show what a request or a process costs by itself.
func exponent(name string, points []point) float64 {
	last := points[max(0, len(points)-3):]
	var n, sx, sy, sxx, sxy float64
	for _, p := range last {
		if p.cost[name] <= 0 {
			continue
		}
		x, y := math.Log(float64(p.size)), math.Log(p.cost[name])
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	if d := n*sxx - sx*sx; d > 0 {
		return (n*sxy - sx*sy) / d
	}
	return 0
}

// Sizes of the picture: small panels, each with its own scale, both axes
// logarithmic and alike, so that a slope of one is linear in each.
const (
	panelWidth, panelHeight = 260, 190
	panelsInRow             = 3
	margin                  = 34
)

// curves draws the figures as an SVG that is readable on light and on dark.
func curves(points []point) []byte {
	var drawn []int
	for i, c := range costs {
		if c.unit == "ms" || c.unit == "s" || c.unit == "MiB" {
			drawn = append(drawn, i)
		}
	}
	rows := (len(drawn) + panelsInRow - 1) / panelsInRow
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11" fill="#777">`+"\n", panelsInRow*panelWidth, rows*panelHeight)
	b.WriteString("<title>Cost against log size; both axes logarithmic, dashed: linear</title>\n")
	for i, c := range drawn {
		panel(&b, i%panelsInRow*panelWidth, i/panelsInRow*panelHeight, costs[c].name, costs[c].what, costs[c].unit, points)
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// panel draws one curve, with a dashed line of slope one through its end.
func panel(b *bytes.Buffer, left, top int, name, what, unit string, points []point) {
	x0, x1 := math.Log10(float64(points[0].size)), math.Log10(float64(points[len(points)-1].size))
	high := math.Inf(-1)
	for _, p := range points {
		high = max(high, math.Log10(max(p.cost[name], 1e-6)))
	}
	width, height := float64(panelWidth-2*margin), float64(panelHeight-2*margin)
	decades := max(x1-x0, 1) // as high as wide: slopes can be compared
	at := func(size, cost float64) (x, y float64) {
		x = float64(left) + margin + (math.Log10(size)-x0)/decades*width
		y = float64(top) + margin + min((high-math.Log10(max(cost, 1e-6)))/decades, 1)*height
		return x, y
	}
	fmt.Fprintf(b, `<text x="%d" y="%d" font-weight="bold">%s</text>`+"\n", left+10, top+16, what)
	fmt.Fprintf(b, `<rect x="%d" y="%d" width="%g" height="%g" fill="none" stroke="#999" stroke-opacity="0.4"/>`+"\n", left+margin, top+margin, width, height)
	end := points[len(points)-1]
	ax, ay := at(float64(points[0].size), end.cost[name]*float64(points[0].size)/float64(end.size))
	bx, by := at(float64(end.size), end.cost[name])
	fmt.Fprintf(b, `<path d="M%.1f %.1fL%.1f %.1f" stroke="#999" stroke-dasharray="3 3"/>`+"\n", ax, ay, bx, by)
	var path bytes.Buffer
	for i, p := range points {
		x, y := at(float64(p.size), p.cost[name])
		fmt.Fprintf(&path, "%c%.1f %.1f", "ML"[min(i, 1)], x, y)
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="3" fill="#2a7ab0"/>`+"\n", x, y)
	}
	fmt.Fprintf(b, `<path d="%s" fill="none" stroke="#2a7ab0" stroke-width="2"/>`+"\n", path.String())
	fmt.Fprintf(b, `<text x="%d" y="%d">%s</text>`+"\n", left+margin, top+panelHeight-margin+14, short(float64(points[0].size)))
	fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="end">%s QSOs: %s %s, exponent %.2f</text>`+"\n", left+panelWidth-margin/2, top+panelHeight-margin+14, short(float64(end.size)), short(end.cost[name]), unit, exponent(name, points))
}
