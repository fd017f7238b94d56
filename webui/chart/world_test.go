package chart_test

import (
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
	if n := strings.Count(d, "M"); n < 100 || n != strings.Count(d, "Z") {
		t.Errorf("%d polygons begin, %d end", n, strings.Count(d, "Z"))
	}
	for _, want := range []string{"M360 21", "L0 "} {
		if !strings.Contains(d, want) {
			t.Errorf("no %q in the outline", want)
		}
	}
}
