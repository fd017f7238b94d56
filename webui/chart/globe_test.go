package chart_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"qslbox/webui/chart"
)

// TestSun compares with the almanac: equinox, solstices and noon in Greenwich.
func TestSun(t *testing.T) {
	cases := []struct {
		name     string
		at       time.Time
		lat, lon float64
	}{
		{"March equinox 2024", time.Date(2024, 3, 20, 3, 6, 0, 0, time.UTC), 0, 135.4},
		{"June solstice 2024", time.Date(2024, 6, 20, 20, 51, 0, 0, time.UTC), 23.44, -132.3},
		{"December solstice 2026", time.Date(2026, 12, 21, 20, 50, 0, 0, time.UTC), -23.44, -132.9},
		{"noon in Greenwich, equation of time 16.4 min", time.Date(2026, 11, 3, 11, 43, 36, 0, time.UTC), -15.1, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			sun := chart.SunAt(c.at)
			if math.Abs(sun.Lat-c.lat) > .1 || math.Abs(sun.Lon-c.lon) > .5 {
				t.Errorf("overhead at %.2f, %.2f; want %.2f, %.2f", sun.Lat, sun.Lon, c.lat, c.lon)
			}
		})
	}
}

// TestArcs draws a way across the date line in two pieces, and a short one in
// one.
func TestArcs(t *testing.T) {
	path := func(w chart.World) string {
		_, rest, _ := strings.Cut(string(w.SVG()), `class="arc" d="`)
		d, _, _ := strings.Cut(rest, `"`)
		return d
	}
	japan, california := chart.Spot{Lat: 36, Lon: 139}, chart.Spot{Lat: 37, Lon: -122}
	for _, c := range []struct {
		name   string
		to     chart.Spot
		pieces int
	}{{"across the date line", california, 2}, {"nearby", chart.Spot{Lat: 37, Lon: 127}, 1}, {"nowhere", japan, 1}} {
		t.Run(c.name, func(t *testing.T) {
			d := path(chart.World{ID: "w", Title: "t", Arcs: []chart.Arc{{From: japan, To: c.to, Name: "x"}}})
			if n := strings.Count(d, "M"); n != c.pieces || !strings.HasPrefix(d, "M319 54") {
				t.Errorf("%d pieces: %s", n, d)
			}
		})
	}
	wide := path(chart.World{ID: "w", Title: "t", Frame: chart.Continents["OC"], Arcs: []chart.Arc{{From: japan, To: california}}})
	if n := strings.Count(wide, "M"); n != 1 {
		t.Errorf("%d pieces on a map across the date line: %s", n, wide)
	}
}

// TestToTheEdge: a way that leaves a continent, and the night, go to the edge of
// its map and not far beyond.
func TestToTheEdge(t *testing.T) {
	home := chart.Spot{Lat: 50.5, Lon: 7.2}
	for _, c := range []struct {
		name, frame string
		to          chart.Spot
		east        bool // the way leaves at this side
	}{
		{"west out of Europe", "EU", chart.Spot{Lat: 40, Lon: -100}, false},
		{"east out of Europe", "EU", chart.Spot{Lat: 36, Lon: 139}, true},
		{"west into Oceania", "OC", chart.Spot{Lat: -35, Lon: 149}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := chart.Continents[c.frame]
			svg := string(chart.World{ID: "w", Title: "t", Frame: f, Sun: &chart.Spot{Lat: -20, Lon: 0}, Arcs: []chart.Arc{{From: home, To: c.to}}}.SVG())
			k := math.Cos((f.North + f.South) / 2 * math.Pi / 180)
			edges := [2]float64{(f.West + 180) * k, (f.East + 180) * k}
			low, high := reach(t, svg, "arc")
			if past := edges[0] - low; !c.east && (past < 0 || past > 2) {
				t.Errorf("the way begins %.2f past the left edge", past)
			}
			if past := high - edges[1]; c.east && (past < 0 || past > 2) {
				t.Errorf("the way ends %.2f past the right edge", past)
			}
			if low, high = reach(t, svg, "night"); math.Abs(low-edges[0]) > .01 || math.Abs(high-edges[1]) > .01 {
				t.Errorf("the night is from %.2f to %.2f, the map from %.2f to %.2f", low, high, edges[0], edges[1])
			}
		})
	}
}

// reach returns how far left and right a path goes.
func reach(t *testing.T, svg, class string) (low, high float64) {
	t.Helper()
	_, rest, _ := strings.Cut(svg, `class="`+class+`" d="`)
	d, _, _ := strings.Cut(rest, `"`)
	d, _, _ = strings.Cut(d, "V")
	low, high = math.Inf(1), math.Inf(-1)
	for _, point := range strings.FieldsFunc(d, func(r rune) bool { return r == 'M' || r == 'L' }) {
		var x, y float64
		if _, err := fmt.Sscan(point, &x, &y); err != nil {
			t.Fatalf("%q in %s: %v", point, d, err)
		}
		low, high = min(low, x), max(high, x)
	}
	return low, high
}

// TestPlaces holds that all zones and all states have a place of their own.
func TestPlaces(t *testing.T) {
	if n := len(chart.ZonePlaces()); n != 40 {
		t.Errorf("%d zones have a place, want 40", n)
	}
	tiles := chart.States{ID: "s", Title: "t"}
	for _, key := range strings.Fields("AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY") {
		tiles.Tiles = append(tiles.Tiles, chart.Tile{Key: key, Name: key, Class: "worked"})
	}
	at := map[string]bool{}
	for _, part := range strings.Split(string(tiles.SVG()), "<rect ")[1:] {
		place, _, _ := strings.Cut(part, " width")
		at[place] = true
	}
	if len(at) != 50 {
		t.Errorf("50 states have %d different places", len(at))
	}
}
