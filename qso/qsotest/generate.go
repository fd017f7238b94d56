package qsotest

import (
	"math/rand/v2"
	"strconv"
	"time"
)

// shareNew is how often a QSO is with a station not worked before.
const shareNew = 0.6

// generator draws one log, in one pass.
type generator struct {
	o      Options
	t      *tables
	hourly weights
	r      *rand.Rand // the course of the log
	source *rand.PCG  // of own
	own    *rand.Rand // the station at hand, seeded anew for each

	met  uint64              // stations worked so far
	seen map[string]struct{} // call and band worked in this session

	contest   *contest // the running one, and the next serial number in it
	serial    int
	contestAt int64 // when it was last worked

	key []byte // scratch
}

func newGenerator(o Options) *generator {
	g := &generator{o: o, t: loadTables(), hourly: hourly(), seen: map[string]struct{}{}}
	g.r = rand.New(rand.NewPCG(o.Seed, 0x9e3779b97f4a7c15))
	g.source = rand.NewPCG(0, 0)
	g.own = rand.New(g.source)
	return g
}

func (g *generator) run(yield func(Entry) bool) {
	for _, d := range g.plan() {
		for _, s := range g.slots(d) {
			if !g.session(s, yield) {
				return
			}
		}
	}
}

// session makes the QSOs of one stretch of operating.
func (g *generator) session(sl slot, yield func(Entry) bool) bool {
	s := g.setUp(sl)
	clear(g.seen)
	step := min(s.pace, float64(s.window)/float64(s.n))
	if sl.last { // the evening at the desk goes on until the end of the log
		s.start = max(s.start, g.o.End.Unix()-int64(step*float64(s.n)))
	}
	for i := range s.n {
		t := s.start + int64((float64(i)+0.7*g.r.Float64())*step)
		if sl.last && i == s.n-1 {
			t = g.o.End.Unix()
		}
		var e Entry
		e.Start = time.Unix(t, 0).UTC()
		g.radio(&s, &e)
		p := g.meet(e.Band)
		e.Worked = p.Station
		g.fill(&s, &e)
		g.confirm(&e, &p)
		if !yield(e) {
			return false
		}
	}
	return true
}

// meet draws whom we work: a new station or one known before, but in one
// session no call twice on a band.
func (g *generator) meet(band string) person {
	for {
		k := g.met
		if g.met > 0 && g.r.Float64() >= shareNew {
			k = g.r.Uint64N(g.met)
		} else {
			g.met++
		}
		p := g.person(k)
		g.key = append(append(append(g.key[:0], p.Call...), ' '), band...)
		if _, dupe := g.seen[string(g.key)]; !dupe {
			g.seen[string(g.key)] = struct{}{}
			return p
		}
	}
}

// fill sets what the log keeps about the other side and the QSO itself.
func (g *generator) fill(s *session, e *Entry) {
	r := g.r
	e.OwnCall, e.Operator, e.MyGrid, e.MyPOTA, e.MySOTA, e.PowerWatts = s.ownCall, s.operator, s.myGrid, s.myPOTA, s.mySOTA, s.power
	e.End = g.end(s, e.Start)
	l := &e.Logged
	l.Entity = e.Worked.DXCC > 0 && r.Float64() < 0.85
	l.State, l.County, l.IOTA = r.Float64() < 0.6, r.Float64() < 0.2, r.Float64() < 0.3
	talk := e.Mode == "CW" || e.Mode == "SSB" || e.Mode == "FM"
	if talk && s.kind != fromContest {
		l.Name, l.QTH, l.DOK = r.Float64() < 0.6, r.Float64() < 0.35, r.Float64() < 0.85
	}
	switch x := r.Float64(); {
	case !talk || s.kind == onVHF || s.kind == bySatellite:
		l.Grid = 4
	case x < 0.25:
		l.Grid = 6
	}
	if e.Start.Before(g.o.Start.AddDate(1, 0, 0)) {
		l.Short = true
		e.Start = e.Start.Truncate(time.Minute)
		if !e.End.IsZero() {
			e.End = e.End.Truncate(time.Minute)
		}
	}
	if s.kind == fromContest {
		g.exchange(s, e)
	}
	g.extras(s, e)
}

// end draws when a QSO ended; zero where a program did not note it.
func (g *generator) end(s *session, start time.Time) time.Time {
	length := 20 + g.r.IntN(100)
	switch s.kind {
	case desk:
		length += g.r.IntN(600)
	case fromContest, pileUp:
		return time.Time{}
	}
	end := start.Add(time.Duration(length) * time.Second)
	if end.After(g.o.End) {
		return g.o.End
	}
	return end
}

// exchange sets what both sides sent in a contest.
func (g *generator) exchange(s *session, e *Entry) {
	if g.contest != s.contest || s.start-g.contestAt > 3*daySeconds {
		g.serial = 0
	}
	g.contest, g.contestAt = s.contest, s.start
	g.serial++
	e.Contest, e.Sent = s.contest.id, g.serial
	w := &e.Worked
	switch {
	case s.contest.id == "DARC-WAG" && w.DXCC == 230 && w.DOK != "":
		e.Exchange, e.Logged.DOK = w.DOK, true
	case s.contest.id == "ARRL-DX-CW", s.contest.id == "ARRL-DX-SSB":
		e.Exchange = [...]string{"100", "KW", "500"}[g.r.IntN(3)]
	case w.CQZone > 0 && (s.contest.id == "CQ-WW-CW" || s.contest.id == "CQ-WW-SSB"):
		e.Exchange = strconv.Itoa(w.CQZone)
	default:
		e.Rcvd = 1 + g.r.IntN(1500)
	}
}

// extras sets references, comments and odd fields, each on a few QSOs.
func (g *generator) extras(s *session, e *Entry) {
	r := g.r
	if e.PropMode != "SAT" && s.kind == onVHF && r.Float64() < 0.03 {
		e.Logged.Lines = gridLine(e.Worked.Grid)
	}
	switch x := r.Float64(); {
	case s.kind == fromContest:
	case x < 0.02:
		e.POTA = reference([]string{"US-", "DE-", "PL-", "GB-"}[r.IntN(4)], r.IntN(9000), 4)
	case x < 0.03:
		e.SOTA = reference([]string{"DM/BW-", "OE/TI-", "HB/GR-", "G/LD-"}[r.IntN(4)], 1+r.IntN(150), 3)
	case x < 0.04:
		e.WWFF = reference([]string{"DLFF-", "OKFF-", "SPFF-"}[r.IntN(3)], 1+r.IntN(900), 4)
	}
	if r.Float64() < 0.08 {
		e.Comment = g.t.comments[r.IntN(len(g.t.comments))]
	}
	if r.Float64() < 0.06 {
		e.Odd = g.odd()
	}
}

// odd draws fields that only another program's author could explain.
func (g *generator) odd() []Field {
	r := g.r
	switch r.IntN(5) {
	case 0:
		return []Field{{"APP_SHACKLOG_ANTENNA", "loop " + strconv.Itoa(1+r.IntN(3))}, {"APP_SHACKLOG_ID", strconv.Itoa(r.IntN(1e6))}}
	case 1:
		return []Field{{"WEATHER", [...]string{"sunny", "rain", "Föhn"}[r.IntN(3)]}}
	case 2:
		return []Field{{"NOTES", "first line\r\nsecond line, büro"}, {"QSLMSG", "pse QSL"}}
	case 3:
		return []Field{{"K_INDEX", strconv.Itoa(r.IntN(7))}, {"SFI", strconv.Itoa(68 + r.IntN(150))}}
	default:
		return []Field{{"X_ROTOR", strconv.Itoa(r.IntN(360))}, {"RIG", "homebrew <2 tubes>"}}
	}
}

// reference joins a program's prefix and a number with leading zeros.
func reference(front string, n, digits int) string {
	s := strconv.Itoa(n)
	for len(s) < digits {
		s = "0" + s
	}
	return front + s
}

// gridLine returns a list of two neighbouring locators, for a station on the
// line between them.
func gridLine(grid string) string {
	if grid[2] == '9' {
		return ""
	}
	return grid[:4] + "," + grid[:2] + string(grid[2]+1) + grid[3:4]
}

// confirm draws when each issuer's confirmation arrives; those after the end
// of the log have not come yet.
func (g *generator) confirm(e *Entry, p *person) {
	c := &e.Confirmed
	if p.lotw {
		c.LoTW = g.arrival(e.Start, 0.93, 20)
	}
	if p.dcl {
		c.DCL = g.arrival(e.Start, 0.8, 40)
	}
	if p.eqsl {
		c.EQSL = g.arrival(e.Start, 0.9, 10)
	}
	if p.card {
		c.Card = g.arrival(e.Start, 0.7, 300)
	}
}

// arrival is a share of the QSOs, days (in the mean) and at least an hour later.
func (g *generator) arrival(start time.Time, share, days float64) time.Time {
	x, wait := g.r.Float64(), g.r.ExpFloat64()*days*daySeconds
	at := start.Add(time.Hour + time.Duration(wait)*time.Second)
	if x >= share || at.After(g.o.End) {
		return time.Time{}
	}
	return at
}
