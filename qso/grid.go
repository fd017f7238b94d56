package qso

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// ErrBadGrid says that a text is no Maidenhead locator.
var ErrBadGrid = errors.New("not a locator")

// Grid is a Maidenhead locator of 4 to 12 characters in upper case.
type Grid string

// ParseGrid reads a locator of 4, 6, 8, 10 or 12 characters (2 for a bare
// field is not enough) in any letter case. It returns ErrBadGrid otherwise.
func ParseGrid(s string) (Grid, error) {
	s = foldName(s)
	if len(s) < 4 || len(s) > 12 || len(s)%2 != 0 {
		return "", fmt.Errorf("%w: %q", ErrBadGrid, clip(s, 20))
	}
	for i := 0; i < len(s); i++ {
		if !gridChar(s[i], i) {
			return "", fmt.Errorf("%w: %q", ErrBadGrid, clip(s, 20))
		}
	}
	return Grid(s), nil
}

// gridChar reports whether c may stand at place i: fields A-R, then digits,
// then letters A-X and digits in turn.
func gridChar(c byte, i int) bool {
	switch {
	case i < 2:
		return 'A' <= c && c <= 'R'
	case i/2%2 == 1:
		return '0' <= c && c <= '9'
	}
	return 'A' <= c && c <= 'X'
}

// String returns the locator in upper case.
func (g Grid) String() string { return string(g) }

// Square returns the first four characters, what VUCC counts.
func (g Grid) Square() string { return string(g[:min(4, len(g))]) }

// Split returns what ADIF wants in GRIDSQUARE (the first 8 characters) and in
// GRIDSQUARE_EXT (the rest).
func (g Grid) Split() (square, ext string) {
	return string(g[:min(8, len(g))]), string(g[min(8, len(g)):])
}

// Center returns the middle of the locator's field, degrees north and east.
func (g Grid) Center() (lat, lon float64) {
	lon, lat = -180, -90
	w, h := 360.0, 180.0
	for i := 0; i+1 < len(g); i += 2 {
		n, base := 10.0, byte('0')
		switch {
		case i == 0:
			n, base = 18, 'A'
		case i/2%2 == 0:
			n, base = 24, 'A'
		}
		w, h = w/n, h/n
		lon += float64(g[i]-base) * w
		lat += float64(g[i+1]-base) * h
	}
	return lat + h/2, lon + w/2
}

const earthRadiusKM = 6371.0

// Distance returns the great-circle distance in kilometres and the initial
// bearing in degrees (0 to 360, north 0) from one point to another; arguments
// are degrees, north and east positive.
func Distance(lat1, lon1, lat2, lon2 float64) (km, bearing float64) {
	rad := math.Pi / 180
	a, b, dl := lat1*rad, lat2*rad, (lon2-lon1)*rad
	h := math.Pow(math.Sin((b-a)/2), 2) + math.Cos(a)*math.Cos(b)*math.Pow(math.Sin(dl/2), 2)
	km = 2 * earthRadiusKM * math.Asin(math.Sqrt(math.Min(1, h)))
	bearing = math.Atan2(math.Sin(dl)*math.Cos(b), math.Cos(a)*math.Sin(b)-math.Sin(a)*math.Cos(b)*math.Cos(dl)) / rad
	return km, math.Mod(bearing+360, 360)
}

// ParseGridList reads a comma list of locators as VUCC_GRIDS holds them and
// returns them in upper case, comma-separated, each once, without blanks;
// entries that are no locators are dropped.
func ParseGridList(s string) string {
	var out []string
	for _, part := range strings.Split(s, ",") {
		if g, err := ParseGrid(part); err == nil {
			out = appendNew(out, string(g))
		}
	}
	return strings.Join(out, ",")
}

// appendNew appends s unless it is there.
func appendNew(list []string, s string) []string {
	for _, have := range list {
		if have == s {
			return list
		}
	}
	return append(list, s)
}
