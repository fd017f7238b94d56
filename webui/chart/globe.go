package chart

import (
	"math"
	"strings"
	"time"
)

const degree = math.Pi / 180

// SunAt returns where the sun is overhead, to about a hundredth of a degree:
// enough to draw the night. Formulas: the low-precision solar coordinates of
// the Astronomical Almanac.
func SunAt(t time.Time) Spot {
	days := float64(t.Unix()-946_728_000) / 86400 // since 2000-01-01 12:00
	anomaly := (357.529 + 0.98560028*days) * degree
	mean := 280.459 + 0.98564736*days
	longitude := (mean + 1.915*math.Sin(anomaly) + 0.020*math.Sin(2*anomaly)) * degree
	tilt := (23.439 - 0.00000036*days) * degree
	ascension := math.Atan2(math.Cos(tilt)*math.Sin(longitude), math.Cos(longitude)) / degree
	sidereal := (18.697374558 + 24.06570982441908*days) * 15
	return Spot{Lat: math.Asin(math.Sin(tilt)*math.Sin(longitude)) / degree, Lon: math.Remainder(ascension-sidereal, 360)}
}

// night is the outline of where the sun is below the horizon.
func (f Frame) night(sun Spot) string {
	tilt := sun.Lat * degree
	if math.Abs(tilt) < 1e-4 {
		tilt = math.Copysign(1e-4, tilt) // at the equinox the line would be upright
	}
	var d strings.Builder
	letter := "M"
	for lon := f.West; ; lon = min(f.East, lon+2) {
		lat := math.Atan(-math.Cos((lon-sun.Lon)*degree)/math.Tan(tilt)) / degree
		d.WriteString(letter + num((lon+180)*f.squeeze()) + " " + num(90-lat))
		letter = "L"
		if lon >= f.East {
			break
		}
	}
	dark := -90.0 // the pole that has no sun
	if tilt < 0 {
		dark = 90
	}
	d.WriteString("V" + num(90-dark) + "H" + num((f.West+180)*f.squeeze()) + "z")
	return d.String()
}

// arc is the shortest way between two points as a path: what of it the map shows,
// and a step more, so that it goes to the edge. Across the date line it comes back
// at the other side.
func (f Frame) arc(a Arc) string {
	from, to := vector(a.From), vector(a.To)
	angle := math.Acos(max(-1, min(1, from[0]*to[0]+from[1]*to[1]+from[2]*to[2])))
	steps := max(2, int(angle/degree/max(1, (f.East-f.West)/90)))
	way := make([]Spot, steps+1)
	for i := range way {
		way[i] = between(from, to, angle, float64(i)/float64(steps))
		if i > 0 { // go on counting where the date line is crossed
			way[i].Lon = way[i-1].Lon + math.Remainder(way[i].Lon-way[i-1].Lon, 360)
		}
	}
	var d strings.Builder
	for _, turn := range []float64{0, -360, 360} {
		shows := func(i int) bool {
			return i >= 0 && i <= steps && f.West <= way[i].Lon+turn && way[i].Lon+turn <= f.East
		}
		letter := "M"
		for i, p := range way {
			if !shows(i-1) && !shows(i) && !shows(i+1) {
				letter = "M"
				continue
			}
			d.WriteString(letter + num((p.Lon+turn+180)*f.squeeze()) + " " + num(90-p.Lat))
			letter = "L"
		}
	}
	return d.String()
}

// vector is a point on the unit sphere.
func vector(p Spot) [3]float64 {
	lat, lon := p.Lat*degree, p.Lon*degree
	return [3]float64{math.Cos(lat) * math.Cos(lon), math.Cos(lat) * math.Sin(lon), math.Sin(lat)}
}

// between returns the point a part of the way from one vector to another.
func between(from, to [3]float64, angle, part float64) Spot {
	a, b := 1-part, part
	if s := math.Sin(angle); s > 1e-9 {
		a, b = math.Sin((1-part)*angle)/s, math.Sin(part*angle)/s
	}
	x, y, z := a*from[0]+b*to[0], a*from[1]+b*to[1], a*from[2]+b*to[2]
	return Spot{math.Atan2(z, math.Hypot(x, y)) / degree, math.Atan2(y, x) / degree}
}
