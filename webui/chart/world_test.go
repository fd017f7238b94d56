package chart_test

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestLand holds that the whole Earth is there: all continents reach from one
// edge of the map to the other.
func TestLand(t *testing.T) {
	_, rest, ok := strings.Cut(string(world().SVG()), `class="land" fill-rule="evenodd" d="`)
	if !ok {
		t.Fatal("no land")
	}
	d, _, _ := strings.Cut(rest, `"`)
	if n := strings.Count(d, "M"); n < 100 || n != strings.Count(d, "z") {
		t.Errorf("%d polygons begin, %d end", n, strings.Count(d, "z"))
	}
	number := regexp.MustCompile(`-?(\d+(\.\d)?|\.\d)`)
	low, high := 360.0, 0.0
	for polygon := range strings.SplitSeq(strings.TrimSuffix(d, "z"), "z") {
		x := 0.0
		for i, n := range number.FindAllString(polygon, -1) {
			if i%2 == 0 {
				step, err := strconv.ParseFloat(n, 64)
				if err != nil {
					t.Fatal(err)
				}
				x += step
				low, high = min(low, x), max(high, x)
			}
		}
	}
	if math.Abs(low) > .05 || math.Abs(high-360) > .05 {
		t.Errorf("the land reaches from %.2f to %.2f degrees", low, high)
	}
	if len(d) > 24_000 {
		t.Errorf("the outline takes %d bytes", len(d))
	}
}
