package chart_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qslbox/webui/chart"
)

func ExampleBar() {
	fmt.Println(chart.Bar(40, 10, 100))
	fmt.Println(chart.BarTo("/log?band=20m", 40, 0, 100))
	// Output:
	// <svg class="bar" aria-hidden="true"><rect class="worked" width="40%"/><rect class="confirmed" width="10%"/></svg>
	// <svg class="bar" aria-hidden="true"><a href="/log?band=20m" tabindex="-1"><rect class="worked" width="40%"/></a></svg>
}

// pictures are one of each, some of them empty or with texts that have to be
// escaped.
func pictures() map[string]template.HTML {
	series := []chart.Series{{Name: "CW", Class: "cw"}, {Name: "Phone", Class: "phone"}}
	columns := []chart.Column{{Label: "2023", Values: []int{3, 4}, URL: "/log?a=1&b=2"}, {Label: "2024", Name: `<b>"2024"</b>`, Values: []int{0, 12}}}
	points := []chart.Point{{Label: "a", Value: 1}, {Label: "b", Name: "<b>", Value: 40}}
	cell := func(row, col, value int) string { return fmt.Sprint(row, col, value) }
	return map[string]template.HTML{
		"stack":        chart.Stack{ID: "s", Title: "a <title>", Desc: "d&d", Series: series, Columns: columns, Number: strconv.Itoa}.SVG(),
		"marked stack": chart.Stack{ID: "s", Title: "t", Series: series, Columns: []chart.Column{{Label: "2023", Values: []int{4, 4}, Mark: 6}, {Label: "2024"}}, Marked: "confirmed", Number: strconv.Itoa}.SVG(),
		"empty stack":  chart.Stack{ID: "s", Title: "t", Number: strconv.Itoa}.SVG(),
		"heat":         chart.Heat{ID: "h", Title: "t", Rows: []chart.HeatRow{{"Mo", []int{0, 1, 2}}}, Columns: []string{"0", "1", "2"}, Cell: cell, URL: func(row, col int) string { return "/?a&b" }}.SVG(),
		"empty heat":   chart.Heat{ID: "h", Title: "t"}.SVG(),
		"parts":        parts([]chart.Part{{Label: "Africa", Name: "<i>: 3 of 76", Worked: 38, Confirmed: 19, Whole: 76, URL: "/?a&b"}, {Label: "Asia", Worked: 0, Whole: 38}}),
		"empty parts":  parts(nil),
		"line":         chart.Line{ID: "l", Title: "t", Class: "confirmed", Points: points, Number: strconv.Itoa}.SVG(),
		"two lines":    chart.Line{ID: "l", Title: "t", Points: []chart.Point{{Label: "a", Value: 1, Over: 3}, {Label: "b", Value: 2, Over: 4}}, Named: "confirmed", Over: "worked", Number: strconv.Itoa}.SVG(),
		"one point":    chart.Line{ID: "l", Title: "t", Points: points[:1], Number: strconv.Itoa}.SVG(),
		"empty line":   chart.Line{ID: "l", Title: "t", Number: strconv.Itoa}.SVG(),
		"spark":        chart.Spark([]float64{1, 1, 1}),
		"empty spark":  chart.Spark(nil),
		"world":        world().SVG(),
		"night":        chart.World{ID: "w", Title: "t", Sun: &chart.Spot{}}.SVG(),
		"continent":    chart.World{ID: "w", Title: "t", Frame: chart.Continents["OC"], Areas: world().Areas, Sun: &chart.Spot{Lat: -23}, Marks: []chart.Mark{{Lat: -20, Lon: 150, Label: "<1>", URL: "/?a=1&b=2"}}}.SVG(),
		"states":       chart.States{ID: "s", Title: "t", Tiles: []chart.Tile{{Key: "CT", Name: "<b>", URL: "/"}, {Key: "XX"}}}.SVG(),
	}
}

func parts(rows []chart.Part) template.HTML {
	return chart.Parts{ID: "p", Title: "t", Desc: "d", Rows: rows, Number: strconv.Itoa}.SVG()
}

func world() chart.World {
	return chart.World{
		ID: "w", Title: "t", Desc: "d",
		Areas: []chart.Area{
			{South: 51, West: 6, North: 52, East: 8, Class: "worked"}, {South: 50, West: 6, North: 51, East: 8, Class: "worked"},
			{South: 0, West: 0, North: 1, East: 2, Class: "confirmed"},
		},
		Marks: []chart.Mark{{Lat: 51, Lon: 10, Name: "R&D", Class: "confirmed"}},
		Home:  &chart.Mark{Lat: 50, Lon: 8, Name: "home", Class: "home"},
	}
}

// TestWellFormed reads every picture as XML and looks for what a strict
// content security policy forbids.
func TestWellFormed(t *testing.T) {
	for name, svg := range pictures() {
		t.Run(name, func(t *testing.T) {
			d := xml.NewDecoder(strings.NewReader(string(svg)))
			depth := 0
			for {
				token, err := d.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("%v in %s", err, svg)
				}
				switch e := token.(type) {
				case xml.StartElement:
					depth++
					if e.Name.Local == "style" || e.Name.Local == "script" {
						t.Errorf("there is a <%s>", e.Name.Local)
					}
					for _, a := range e.Attr {
						if a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") {
							t.Errorf("<%s> has an attribute %s", e.Name.Local, a.Name.Local)
						}
						if strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
							t.Errorf("<%s %s=%q>", e.Name.Local, a.Name.Local, a.Value)
						}
					}
				case xml.EndElement:
					depth--
				}
			}
			if depth != 0 {
				t.Errorf("%d elements are open at the end", depth)
			}
		})
	}
}

func TestTexts(t *testing.T) {
	all := pictures()
	cases := []struct{ picture, want string }{
		{"stack", `<title id="s-t">a &lt;title&gt;</title><desc id="s-d">d&amp;d</desc>`},
		{"stack", "2023: 7 — CW 3, Phone 4"},
		{"stack", "&lt;b&gt;&#34;2024&#34;&lt;/b&gt;: 12 — Phone 12"},
		{"marked stack", "2023: 8 — CW 4, Phone 4; confirmed 6"},
		{"marked stack", `y1="43.5"`}, // three quarters of 142 above the base at 150
		{"heat", "<title>0 2 2</title>"},
		{"line", "&lt;b&gt;: 40"},
		{"parts", "<title>&lt;i&gt;: 3 of 76</title>"},
		{"two lines", "b: confirmed 2, worked 4"},
		{"two lines", `class="stroke over"`},
		{"parts", ">38 / 76</text>"},
		{"parts", ">0 / 38</text>"},
		{"spark", `aria-hidden="true"`},
		{"world", "<title>R&amp;D</title>"},
		{"world", `class="area worked" d="M186 38h2v1h-2zM186 39h2v1h-2z"`},
	}
	for _, c := range cases {
		t.Run(c.picture, func(t *testing.T) {
			if !strings.Contains(string(all[c.picture]), c.want) {
				t.Errorf("no %q in %s", c.want, all[c.picture])
			}
		})
	}
}

// TestParts: bars are as long as what they stand for; what is not there has none.
func TestParts(t *testing.T) {
	var got []string
	for _, line := range strings.Split(string(pictures()["parts"]), "<rect ")[1:] {
		var w float64
		_, wide, _ := strings.Cut(line, `width="`)
		_, class, _ := strings.Cut(line, `class="`)
		if _, err := fmt.Sscan(strings.Split(wide, `"`)[0], &w); err != nil {
			t.Fatal(err)
		}
		if name := strings.Split(class, `"`)[0]; name != "hit" {
			got = append(got, fmt.Sprintf("%s %.0f", name, 76*w/259.8)) // the room between the letters
		}
	}
	if diff := cmp.Diff([]string{"whole 76", "worked 38", "confirmed 19", "whole 38"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLevel(t *testing.T) {
	var got []int
	for _, v := range []int{-1, 0, 1, 20, 21, 60, 99, 100, 1000} {
		got = append(got, chart.Level(v, 100))
	}
	if diff := cmp.Diff([]int{0, 0, 1, 1, 2, 3, 5, 5, 5}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestScale looks for the label of the highest line, which is a round number
// not far above the highest column.
func TestScale(t *testing.T) {
	cases := []struct {
		most int
		want string
	}{{0, ">1<"}, {1, ">1<"}, {3, ">3<"}, {7, ">8<"}, {41, ">60<"}, {1000, ">1000<"}, {123456, ">150000<"}}
	for _, c := range cases {
		t.Run(strconv.Itoa(c.most), func(t *testing.T) {
			svg := chart.Stack{ID: "s", Title: "t", Series: []chart.Series{{}}, Columns: []chart.Column{{Values: []int{c.most}}}, Number: strconv.Itoa}.SVG()
			if !strings.Contains(string(svg), c.want) {
				t.Errorf("no label %s in %s", c.want, svg)
			}
		})
	}
}

func BenchmarkStack(b *testing.B) {
	var columns []chart.Column
	for i := range 60 {
		columns = append(columns, chart.Column{Label: strconv.Itoa(1960 + i), Values: []int{i, 2 * i, 3 * i}})
	}
	s := chart.Stack{ID: "s", Title: "t", Series: make([]chart.Series, 3), Columns: columns, Number: strconv.Itoa}
	b.ReportAllocs()
	for b.Loop() {
		_ = s.SVG()
	}
}
