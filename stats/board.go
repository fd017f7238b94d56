package stats

import (
	"cmp"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/qso/dxcc"
	"qslbox/stats/awards"
)

// Board computes the statistics of the dashboard. It serves any number of
// goroutines.
type Board struct {
	table *dxcc.Table
	dxcc  *awards.Award
	spare sync.Pool // of counters: half a megabyte each
	kept  keptCounters
}

// NewBoard returns a Board that names entities by the table and counts them
// like the award dxcc.
func NewBoard(table *dxcc.Table, dxcc *awards.Award) *Board { return &Board{table: table, dxcc: dxcc} }

// continents numbers the continents of ADIF from 1.
var continents = map[string]int{"AF": 1, "AN": 2, "AS": 3, "EU": 4, "NA": 5, "OC": 6, "SA": 7}

// confirmedNames are what confirmed_by counts, by confirmedSources.
var confirmedNames = [...]string{"any", "award", "lotw", "card", "dcl", "eqsl", "qrz", "clublog"}

var confirmedSources = [len(confirmedNames)]uint8{0xff, headline, 1 << qso.LoTW, 1 << qso.Card, 1 << qso.DCL, 1 << qso.EQSL, 1 << qso.QRZ, 1 << qso.ClubLog}

// Statistics counts the QSOs that pass the filter; now says which year, month
// and day are the present ones.
func (b *Board) Statistics(v *columns.View, f columns.Filter, now time.Time) *Statistics {
	s, _ := b.with(awards.Progress, v, f, now)
	return s
}

// WithDXCC is Statistics, and the table of the award dxcc that it takes the
// number of entities from: both at the price of one.
func (b *Board) WithDXCC(v *columns.View, f columns.Filter, now time.Time) (*Statistics, *awards.Table) {
	return b.with(awards.CountAll, v, f, now)
}

// Resume is Statistics of the whole log. It goes on from what it counted of this
// log before, and looks only at QSOs that were added since, unless others have
// changed.
func (b *Board) Resume(v *columns.View, now time.Time) *Statistics {
	b.kept.mu.Lock()
	defer b.kept.mu.Unlock()
	var entities *awards.Table
	var other sync.WaitGroup
	other.Go(func() { entities = awards.Resume(v, []*awards.Award{b.dxcc})[0] })
	c := b.kept.at(v, &b.spare)
	return b.statistics(v, c, now, func() *awards.Table { other.Wait(); return entities })
}

// with counts statistics and dxcc side by side.
func (b *Board) with(countAll func(*columns.View, []*awards.Award, awards.Options) []*awards.Table, v *columns.View, f columns.Filter, now time.Time) (*Statistics, *awards.Table) {
	var entities *awards.Table
	var other sync.WaitGroup
	other.Go(func() { entities = countAll(v, []*awards.Award{b.dxcc}, awards.Options{Filter: f})[0] })
	c := count(v, v.Match(f), &b.spare)
	defer b.spare.Put(c)
	s := b.statistics(v, c, now, func() *awards.Table { other.Wait(); return entities })
	return s, entities
}

// statistics reads the counters; dxcc waits for the award.
func (b *Board) statistics(v *columns.View, c *counters, now time.Time, dxcc func() *awards.Table) *Statistics {
	s := &Statistics{}
	c.totals(s)
	c.calendar(s, now.UTC())
	c.byWeek(s)
	c.byBand(s, v)
	c.bySession(s, v)
	b.byPlace(s, v, c)
	s.Unique.Entities = dxcc().Count.Worked
	return s
}

// totals reads what needs no dictionary.
func (c *counters) totals(s *Statistics) {
	var by [len(confirmedNames)]int
	for set, n := range c.confirmed {
		if n == 0 {
			continue
		}
		s.Total += int(n)
		for i, source := range confirmedSources {
			if uint8(set)&source != 0 {
				by[i] += int(n)
			}
		}
	}
	s.ConfirmedBy = make(map[string]int, len(by))
	for i, name := range confirmedNames {
		s.ConfirmedBy[name] = by[i]
	}
	if s.Total > 0 {
		s.First, s.Last = textOf(columns.TimeOf(c.min)), textOf(columns.TimeOf(c.max))
	}
	for _, set := range c.calls {
		s.Unique.Calls += bits.OnesCount64(set)
	}
}

// textOf is qso.Time.String for a time that is always given.
func textOf(t qso.Time) string { return string(t.Append(nil)) }

// take adds the QSOs of one thing.
func (t *Tally) take(p pair) {
	t.Worked += int(uint32(p))
	t.Confirmed += int(p >> 32)
}

// takeClass adds the QSOs of a mode class to a group.
func (g *Group) takeClass(class qso.Class, p pair) {
	if p == 0 {
		return
	}
	g.take(p)
	to := [...]**Tally{&g.CW, &g.Phone, &g.Digital}[class]
	if *to == nil {
		*to = &Tally{}
	}
	(*to).take(p)
}

// setClasses tells the mode classes of a group apart that has been counted already.
func (g *Group) setClasses(sums *[qso.ClassCount]pair) {
	total := g.Tally
	for class, p := range sums {
		g.takeClass(qso.Class(class), p)
	}
	g.Tally = total
}

// byWeek reads weekdays and hours.
func (c *counters) byWeek(s *Statistics) {
	s.ByWeekday, s.ByHour = make([]Group, 7), make([]Group, hoursADay)
	for d := range s.ByWeekday {
		s.ByWeekday[d].Key = "1234567"[d : d+1]
	}
	for h := range s.ByHour {
		s.ByHour[h].Key = twoDigits(h)
	}
	for h, p := range c.week {
		day, hour := (h/hoursADay+2)%7, h%hoursADay // 1930-01-01 was a Wednesday
		s.ByWeekday[day].take(p)
		s.ByHour[hour].take(p)
		s.HourWeekday[day][hour] = int(uint32(p))
	}
}

func twoDigits(n int) string { return string([]byte{byte('0' + n/10), byte('0' + n%10)}) }

// calendar reads the days from the first to the last QSO, month by month.
func (c *counters) calendar(s *Statistics, now time.Time) {
	if s.Total == 0 {
		return
	}
	first, last := c.min/86400, c.max/86400
	year, month, day := columns.TimeOf(first * 86400).Std().Date()
	months := int(last-first)/28 + 2
	s.ByMonth = make([]Group, 0, months)
	s.ByYear = make([]Group, 0, months/12+2)
	var recent [ClassedMonths][qso.ClassCount]pair
	thisYear, thisMonth, _ := now.Date()
	for at := first; at <= last; {
		end := min(at+uint32(daysIn(year, month)-day+1), last+1)
		var sums [qso.ClassCount]pair
		for ; at < end; at++ {
			d := c.days[4*(at-c.firstDay):][:qso.ClassCount]
			for i := range sums {
				sums[i] += d[i]
			}
		}
		if month == time.January || len(s.ByYear) == 0 {
			s.ByYear = append(s.ByYear, Group{Key: strconv.Itoa(year)})
		}
		s.ByMonth = append(s.ByMonth, Group{Key: strconv.Itoa(year) + "-" + twoDigits(int(month))})
		sum, whole := &s.ByMonth[len(s.ByMonth)-1], &s.ByYear[len(s.ByYear)-1]
		for class, p := range sums {
			whole.takeClass(qso.Class(class), p)
			sum.take(p)
		}
		recent[(len(s.ByMonth)-1)%ClassedMonths] = sums
		if year == thisYear {
			s.ThisYear = whole.Worked
			if month == thisMonth {
				s.ThisMonth = sum.Worked
			}
		}
		if day, month = 1, month+1; month > time.December {
			year, month = year+1, time.January
		}
	}
	for i := max(0, len(s.ByMonth)-ClassedMonths); i < len(s.ByMonth); i++ {
		s.ByMonth[i].setClasses(&recent[i%ClassedMonths])
	}
	if today := columns.ToColumn(qso.TimeOf(now)) / 86400; first <= today && today <= last {
		for _, p := range c.days[4*(today-c.firstDay):][:qso.ClassCount] {
			s.Today += int(uint32(p))
		}
	}
}

// daysIn returns how many days a month has.
func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// byBand reads bands, modes and classes.
func (c *counters) byBand(s *Statistics, v *columns.View) {
	s.ByClass = make([]Group, qso.ClassCount)
	for class := range s.ByClass {
		s.ByClass[class].Key = qso.Class(class).String()
	}
	byMode := make([]pair, c.modes)
	for band := range 64 {
		g := Group{Key: qso.Band(band).String()}
		for mode, p := range c.bands[c.modes*band:][:c.modes] {
			if p != 0 {
				g.takeClass(v.Class[mode], p)
				s.ByClass[v.Class[mode]].take(p)
				byMode[mode] += p
			}
		}
		if g.Worked > 0 {
			s.ByBand = append(s.ByBand, g)
		}
	}
	modes := newTable()
	for mode, p := range byMode {
		modes.take(v.Modes[mode].String(), p)
	}
	s.ByMode = modes.list()
	s.Unique.Bands, s.Unique.Modes = len(s.ByBand), len(modes.groups)
}

// bySession reads what our own side was.
func (c *counters) bySession(s *Statistics, v *columns.View) {
	own, operator, contest := newTable(), newTable(), newTable()
	for i, p := range c.sessions {
		own.take(string(v.Sessions[i].Own), p)
		operator.take(v.Sessions[i].Operator, p)
		contest.take(v.Sessions[i].Contest, p)
	}
	s.ByOwn, s.ByOperator, s.ByContest = own.list(), operator.list(), contest.list()
}

// byPlace reads what the other side was.
func (b *Board) byPlace(s *Statistics, v *columns.View, c *counters) {
	var conts [8]pair
	for i := range c.words {
		c.words[i] = cleared(c.words[i], v.Words())
	}
	byCont, sats, props, vucc := c.words[0], c.words[1], c.words[2], map[columns.Word]bool{}
	for i, p := range c.places {
		if p == 0 {
			continue
		}
		place := &v.Places[i]
		byCont[place.Cont] += p
		sats[place.SatName] += p
		props[place.PropMode] += p
		if place.VUCC != 0 {
			vucc[place.VUCC] = true
		}
	}
	for w, p := range byCont {
		if p != 0 {
			conts[continents[v.Text(columns.Word(w))]] += p
		}
	}
	conts[0] = 0
	s.TopEntities = b.byEntity(c, &conts)
	sat, prop, cont := newTable(), newTable(), newTable()
	for w := 1; w < v.Words(); w++ {
		sat.take(v.Text(columns.Word(w)), sats[w])
		prop.take(v.Text(columns.Word(w)), props[w])
	}
	for name, i := range continents {
		cont.take(name, conts[i])
	}
	s.BySatellite, s.ByPropMode, s.ByContinent = sat.list(), prop.list(), cont.list()
	s.Unique.Grids = c.squares(v, vucc)
}

// byEntity returns the entities, and puts those whose place has no continent
// where the entity is. Codes that stand for none are left out.
func (b *Board) byEntity(c *counters, conts *[8]pair) []Group {
	entities := table{groups: make([]Group, 0, 400)}
	for code := 1; code < 1024; code++ {
		named, unnamed := c.entities[code], c.entities[1024+code]
		if named|unnamed == 0 {
			continue
		}
		if e, known := b.table.Entity(uint16(code)); known {
			conts[continents[e.Continent]] += unnamed
			entities.groups = append(entities.groups, Group{Key: strconv.Itoa(code), Name: e.Name, Tally: (named + unnamed).tally()})
		}
	}
	return entities.list()
}

// squares counts the squares of the rows and those of the lists.
func (c *counters) squares(v *columns.View, lists map[columns.Word]bool) int {
	grids := c.grids
	for list := range lists {
		for text := range strings.SplitSeq(v.Text(list), ",") {
			g := columns.PackGrid(strings.TrimSpace(text))
			grids[g>>6&511] |= 1 << (g & 63)
		}
	}
	grids[0] &^= 1 // no square
	n := 0
	for _, set := range grids {
		n += bits.OnesCount64(set)
	}
	return n
}

// table adds up groups by key; the empty key is left out.
type table struct {
	groups []Group
	at     map[string]int
}

func newTable() *table { return &table{at: map[string]int{}} }

func (t *table) take(key string, p pair) {
	if key == "" || p == 0 {
		return
	}
	i, ok := t.at[key]
	if !ok {
		i = len(t.groups)
		t.at[key] = i
		t.groups = append(t.groups, Group{Key: key})
	}
	t.groups[i].take(p)
}

// list returns the groups, most QSOs first.
func (t *table) list() []Group {
	order := make([]*Group, len(t.groups))
	for i := range order {
		order[i] = &t.groups[i]
	}
	slices.SortFunc(order, func(a, b *Group) int { return cmp.Or(b.Worked-a.Worked, strings.Compare(a.Key, b.Key)) })
	order = order[:min(len(order), MaxGroups)]
	sorted := make([]Group, len(order))
	for i, g := range order {
		sorted[i] = *g
	}
	return sorted
}
