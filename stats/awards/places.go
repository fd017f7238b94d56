package awards

import (
	"math"

	"qslbox/qso"
)

// PlacesRule answers whether all own locations that count lie close enough
// together.
type PlacesRule struct {
	Km        float64
	Bands     []string // empty = all
	Satellite bool
	// Answer is yes, no, or cannot-tell: a locator of four letters is an area of
	// about 150 km, and some QSOs may lack one.
	Answer string
	// Farthest is the distance between the two farthest locations' centres in
	// km, and From and To are their locators.
	Farthest float64
	From, To string
	// Unknown says that some QSOs have no own locator.
	Unknown bool
}

// placesRules checks the own locations of the QSOs that count.
func (f *fold) placesRules() []PlacesRule {
	var rules []PlacesRule
	for i := range f.within {
		w := &f.within[i]
		r := PlacesRule{Km: w.km, Bands: f.def.Own.Within[i].Bands, Satellite: w.sat}
		areas, unknown, any := f.ownAreas(i)
		if !any {
			continue
		}
		r.Unknown = unknown
		r.judge(areas)
		rules = append(rules, r)
	}
	return rules
}

// ownAreas returns the different own locations of a rule.
func (f *fold) ownAreas(rule int) (areas []area, unknown, any bool) {
	seen := map[string]bool{}
	w := &f.within[rule]
	slots := w.bands
	if w.sat {
		slots |= 1 << bitSat
	}
	for session, used := range f.used {
		if used&slots == 0 {
			continue
		}
		any = true
		grid, err := qso.ParseGrid(f.v.Sessions[session].MyGrid)
		switch {
		case err != nil:
			unknown = true
		case !seen[string(grid)]:
			seen[string(grid)] = true
			areas = append(areas, areaOf(string(grid)))
		}
	}
	return areas, unknown, any
}

// judge compares each pair of areas, and each area with itself.
func (r *PlacesRule) judge(areas []area) {
	r.Answer = "yes"
	if r.Unknown {
		r.Answer = "cannot-tell"
	}
	for i := range areas {
		for j := i; j < len(areas); j++ {
			a, b := &areas[i], &areas[j]
			d, slack := distance(a, b), a.radius+b.radius
			if d > r.Farthest {
				r.Farthest, r.From, r.To = d, a.grid, b.grid
			}
			switch {
			case d-slack > r.Km:
				r.Answer = "no"
				return
			case d+slack > r.Km:
				r.Answer = "cannot-tell"
			}
		}
	}
}

// area is a locator's rectangle: its centre in radians, and the distance from
// there to its corners in km.
type area struct {
	grid     string
	lat, lon float64
	radius   float64
}

const earthKm = 6371

// areaOf returns the rectangle of a valid locator.
func areaOf(grid string) area {
	lon, lat := -180.0, -90.0
	width, height := 360.0, 180.0
	for i := 0; i+1 < len(grid); i += 2 {
		steps, base := 10.0, byte('0')
		switch {
		case i == 0:
			steps, base = 18, 'A'
		case i/2%2 == 0:
			steps, base = 24, 'A'
		}
		width, height = width/steps, height/steps
		lon += float64(grid[i]-base) * width
		lat += float64(grid[i+1]-base) * height
	}
	a := area{grid: grid, lat: (lat + height/2) * math.Pi / 180, lon: (lon + width/2) * math.Pi / 180}
	corner := area{lat: lat * math.Pi / 180, lon: lon * math.Pi / 180}
	if lat < 0 {
		corner.lat += height * math.Pi / 180
	}
	a.radius = distance(&a, &corner)
	return a
}

// distance returns the great circle between two centres in km.
func distance(a, b *area) float64 {
	sinLat, sinLon := math.Sin((a.lat-b.lat)/2), math.Sin((a.lon-b.lon)/2)
	h := sinLat*sinLat + math.Cos(a.lat)*math.Cos(b.lat)*sinLon*sinLon
	return 2 * earthKm * math.Asin(math.Min(1, math.Sqrt(h)))
}
