package qsotest

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
)

// shares of all stations by what they do about confirmations.
const (
	shareLoTW = 0.62
	shareEQSL = 0.22
	shareCard = 0.12
	shareDCL  = 0.55 // of the German ones
)

// person is a station with its habits.
type person struct {
	Station
	lotw, dcl, eqsl, card bool
}

// person number k of a log is always the same: it is drawn from the seed and
// its number, so that a million stations need no memory.
func (g *generator) person(k uint64) person {
	g.source.Seed(g.o.Seed^0x51c5, k)
	r := g.own
	e := &g.t.entities[g.t.byWeight.pick(r)]
	p := person{Station: e.Station}
	px := e.prefixes[r.IntN(len(e.prefixes))]
	p.CQZone, p.ITUZone = px.cq, px.itu
	switch {
	case e.DXCC == 291:
		g.american(&p, px)
	case px.digit:
		p.Call = px.text + string(rune('0'+r.IntN(10)))
	default:
		p.Call = px.text
	}
	if e.DXCC != 291 {
		front := p.Call
		p.Call += suffix(r, 2+r.IntN(2))
		p.Grid = locator(e.lat+r.NormFloat64()*spread(e), e.lon+r.NormFloat64()*spread(e)*1.5)
		p.State = map[int]string{110: "HI", 6: "AK"}[e.DXCC]
		if isDesignator(front) && r.Float64() < 0.004 {
			p.Call = front + "/DL" + strconv.Itoa(1+r.IntN(9)) + suffix(r, 3)
		}
	}
	g.portable(&p)
	g.habits(&p)
	return p
}

// american fills a station in the fifty states less two: call area, state,
// county and locator belong together.
func (g *generator) american(p *person, px prefix) {
	r := g.own
	s := &g.t.states[g.t.stateW.pick(r)]
	letters := 2 + r.IntN(2)
	if px.text == "KG" && s.area == "4" {
		letters = 3 // with two letters it is Guantanamo
	}
	p.Call = px.text + s.area + suffix(r, letters)
	p.State, p.CQZone, p.ITUZone = s.code, s.cq, s.itu
	p.County = s.code + "," + s.counties[r.IntN(len(s.counties))]
	p.Grid = s.grid + string([]byte{'A' + byte(r.IntN(24)), 'A' + byte(r.IntN(24))})
}

// portable makes a few calls portable, mobile, or maritime mobile; the last is
// in no entity.
func (g *generator) portable(p *person) {
	if strings.Contains(p.Call, "/") {
		return
	}
	switch x := g.own.Float64(); {
	case x < 0.02:
		p.Call += "/P"
	case x < 0.025:
		p.Call += "/M"
	case x < 0.027:
		p.Call += "/QRP"
	case x < 0.028:
		p.Station = Station{Call: p.Call + "/MM", Grid: locator(g.own.Float64()*80-40, -20-g.own.Float64()*30)}
	}
}

// habits draws name, town, DOK and who confirms where.
func (g *generator) habits(p *person) {
	r := g.own
	pl, ok := g.t.places[p.DXCC]
	if !ok {
		pl = g.t.places[0]
	}
	p.Name = pl.names[r.IntN(len(pl.names))]
	if len(pl.towns) > 0 {
		p.QTH = pl.towns[r.IntN(len(pl.towns))]
	}
	p.lotw, p.eqsl, p.card = r.Float64() < shareLoTW, r.Float64() < shareEQSL, r.Float64() < shareCard
	if p.DXCC == 230 {
		p.dcl = r.Float64() < shareDCL
		p.DOK = g.dok()
	}
}

// dok draws a regular DOK, a special one, NM, or none.
func (g *generator) dok() string {
	const districts = "ABCDEFGHIKLMNOPQRSTUVWXYZ"
	r := g.own
	switch x := r.Float64(); {
	case x < 0.80:
		n := 1 + r.IntN(60)
		return string([]byte{districts[r.IntN(len(districts))], '0' + byte(n/10), '0' + byte(n%10)})
	case x < 0.86:
		return g.t.doks[r.IntN(len(g.t.doks))]
	case x < 0.94:
		return "NM"
	}
	return ""
}

// isDesignator tells whether a front part can stand before a slash: it ends in
// a digit.
func isDesignator(s string) bool {
	c := s[len(s)-1]
	return '0' <= c && c <= '9'
}

// suffix draws the letters behind the call area; Q does not begin one.
func suffix(r *rand.Rand, n int) string {
	var b [3]byte
	for i := range n {
		b[i] = 'A' + byte(r.IntN(26))
	}
	if b[0] == 'Q' {
		b[0] = 'Z'
	}
	return string(b[:n])
}

// spread is how far in degrees stations lie from the middle of their entity.
func spread(e *entity) float64 {
	if e.IOTA != "" {
		return 0.2
	}
	return 1.5
}

// locator returns the 6-character locator of a point.
func locator(lat, lon float64) string {
	lat = min(max(lat, -89.9), 89.9) + 90
	lon = math.Mod(lon+180+720, 360)
	return string([]byte{
		'A' + byte(lon/20), 'A' + byte(lat/10),
		'0' + byte(math.Mod(lon, 20)/2), '0' + byte(math.Mod(lat, 10)),
		'A' + byte(math.Mod(lon, 2)*12), 'A' + byte(math.Mod(lat, 1)*24),
	})
}
