package stats

import (
	"cmp"
	"fmt"
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
}

// NewBoard returns a Board that names entities by the table and counts them
// like the award dxcc.
func NewBoard(table *dxcc.Table, dxcc *awards.Award) *Board { return &Board{table: table, dxcc: dxcc} }

// continents numbers the continents of ADIF from 1.
var continents = map[string]int{"AF": 1, "AN": 2, "AS": 3, "EU": 4, "NA": 5, "OC": 6, "SA": 7}

var confirmedNames = [...]string{"any", "award", "lotw", "card", "dcl", "eqsl", "qrz", "clublog"}

// Statistics counts the QSOs that pass the filter; now says which year, month
// and day are the present ones.
func (b *Board) Statistics(v *columns.View, f columns.Filter, now time.Time) *Statistics {
	s, _ := b.WithDXCC(v, f, now)
	return s
}

// WithDXCC is Statistics, and the table of the award dxcc that it takes the
// number of entities from: both at the price of one.
func (b *Board) WithDXCC(v *columns.View, f columns.Filter, now time.Time) (*Statistics, *awards.Table) {
	var entities *awards.Table
	var other sync.WaitGroup
	other.Go(func() { entities = b.dxcc.Count(v, awards.Options{Filter: f}) })
	c := count(v, v.Match(f), &b.spare)
	defer b.spare.Put(c)
	s := &Statistics{}
	c.totals(s)
	c.times(s, now.UTC())
	c.byBand(s, v)
	c.bySession(s, v)
	b.byPlace(s, v, c)
	other.Wait()
	s.Unique.Entities = entities.Count.Worked
	return s, entities
}

// totals reads what needs no dictionary.
func (c *counters) totals(s *Statistics) {
	s.ConfirmedBy = map[string]int{}
	for set, n := range c.confirmed {
		s.Total += int(n)
		for i, source := range [...]qso.Sources{
			0xff, qso.Sources(headline), 1 << qso.LoTW, 1 << qso.Card, 1 << qso.DCL, 1 << qso.EQSL, 1 << qso.QRZ, 1 << qso.ClubLog,
		} {
			if qso.Sources(set)&source != 0 {
				s.ConfirmedBy[confirmedNames[i]] += int(n)
			}
		}
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

// take adds the two counters of one thing.
func (t *Tally) take(pair []uint32) {
	t.Worked += int(pair[0] + pair[1])
	t.Confirmed += int(pair[1])
}

// takeClass adds the two counters of a mode class to a group.
func (g *Group) takeClass(class qso.Class, pair []uint32) {
	if pair[0]+pair[1] == 0 {
		return
	}
	g.take(pair)
	to := [...]**Tally{&g.CW, &g.Phone, &g.Digital}[class]
	if *to == nil {
		*to = &Tally{}
	}
	(*to).take(pair)
}

// times reads years, months, weekdays and hours.
func (c *counters) times(s *Statistics, now time.Time) {
	if s.Total > 0 {
		c.calendar(s, now)
	}
	s.ByWeekday, s.ByHour = make([]Group, 7), make([]Group, hoursADay)
	for d := range s.ByWeekday {
		s.ByWeekday[d].Key = strconv.Itoa(d + 1)
	}
	for h := range s.ByHour {
		s.ByHour[h].Key = fmt.Sprintf("%02d", h)
	}
	for h := range 7 * hoursADay {
		day, hour, pair := (h/hoursADay+2)%7, h%hoursADay, c.week[2*h:2*h+2] // 1930-01-01 was a Wednesday
		s.ByWeekday[day].take(pair)
		s.ByHour[hour].take(pair)
		s.HourWeekday[day][hour] = int(pair[0] + pair[1])
	}
}

// calendar reads the days from the first to the last QSO.
func (c *counters) calendar(s *Statistics, now time.Time) {
	first, last := c.min/86400, c.max/86400
	at := columns.TimeOf(first * 86400).Std()
	for day := first; day <= last; {
		end := min(day+uint32(daysLeft(at)), last+1)
		var sums [2 * qso.ClassCount]uint32
		for ; day < end; day++ {
			d := c.days[8*(day-c.firstDay):][:6]
			for i := range sums {
				sums[i] += d[i]
			}
		}
		if at.Month() == time.January || len(s.ByYear) == 0 {
			s.ByYear = append(s.ByYear, Group{Key: strconv.Itoa(at.Year())})
		}
		year, month := &s.ByYear[len(s.ByYear)-1], Group{Key: at.Format("2006-01")}
		for class := qso.ClassCW; int(class) < qso.ClassCount; class++ {
			year.takeClass(class, sums[2*class:2*class+2])
			month.take(sums[2*class : 2*class+2])
		}
		s.ByMonth = append(s.ByMonth, month)
		if at.Year() == now.Year() {
			s.ThisYear = year.Worked
			if at.Month() == now.Month() {
				s.ThisMonth = month.Worked
			}
		}
		at = time.Date(at.Year(), at.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	}
	if today := columns.ToColumn(qso.TimeOf(now)) / 86400; first <= today && today <= last {
		for _, n := range c.days[8*(today-c.firstDay):][:6] {
			s.Today += int(n)
		}
	}
}

// daysLeft returns how many days of its month are left, the day included.
func daysLeft(at time.Time) int {
	return time.Date(at.Year(), at.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day() - at.Day() + 1
}

// byBand reads bands, modes and classes.
func (c *counters) byBand(s *Statistics, v *columns.View) {
	modes := newTable()
	s.ByClass = make([]Group, qso.ClassCount)
	for class := range s.ByClass {
		s.ByClass[class].Key = qso.Class(class).String()
	}
	for band := range 64 {
		g := Group{Key: qso.Band(band).String()}
		for mode, class := range v.Class {
			pair := c.bands[2*(c.modes*band+mode):][:2]
			if pair[0]+pair[1] == 0 {
				continue
			}
			g.takeClass(class, pair)
			s.ByClass[class].take(pair)
			modes.take(v.Modes[mode].String(), pair)
		}
		if g.Worked > 0 {
			s.ByBand = append(s.ByBand, g)
		}
	}
	s.ByMode = modes.list()
	s.Unique.Bands, s.Unique.Modes = len(s.ByBand), len(modes.groups)
}

// bySession reads what our own side was.
func (c *counters) bySession(s *Statistics, v *columns.View) {
	own, operator, contest := newTable(), newTable(), newTable()
	for i := range v.Sessions {
		pair := c.sessions[2*i:][:2]
		own.take(string(v.Sessions[i].Own), pair)
		operator.take(v.Sessions[i].Operator, pair)
		contest.take(v.Sessions[i].Contest, pair)
	}
	s.ByOwn, s.ByOperator, s.ByContest = own.list(), operator.list(), contest.list()
}

// byPlace reads what the other side was.
func (b *Board) byPlace(s *Statistics, v *columns.View, c *counters) {
	var conts [8]Tally
	var sats, props, vucc = make([]uint32, 2*v.Words()), make([]uint32, 2*v.Words()), map[columns.Word]bool{}
	for i := range v.Places {
		p, pair := &v.Places[i], c.places[2*i:][:2]
		if pair[0]+pair[1] == 0 {
			continue
		}
		conts[continents[v.Text(p.Cont)]].take(pair)
		for k, n := range pair {
			sats[2*int(p.SatName)+k] += n
			props[2*int(p.PropMode)+k] += n
		}
		if p.VUCC != 0 {
			vucc[p.VUCC] = true
		}
	}
	conts[0] = Tally{}
	entities := b.byEntity(c, &conts)
	sat, prop, cont := newTable(), newTable(), newTable()
	for w := 1; w < v.Words(); w++ {
		sat.take(v.Text(columns.Word(w)), sats[2*w:][:2])
		prop.take(v.Text(columns.Word(w)), props[2*w:][:2])
	}
	for name, i := range continents {
		cont.add(name, conts[i])
	}
	s.BySatellite, s.ByPropMode, s.ByContinent, s.TopEntities = sat.list(), prop.list(), cont.list(), entities.list()
	for i := range s.TopEntities {
		code, _ := strconv.ParseUint(s.TopEntities[i].Key, 10, 16)
		e, _ := b.table.Entity(uint16(code))
		s.TopEntities[i].Name = e.Name
	}
	s.Unique.Grids = c.squares(v, vucc)
}

// byEntity reads the entities, and puts those whose place has no continent
// where the entity is. Codes that stand for none are left out.
func (b *Board) byEntity(c *counters, conts *[8]Tally) *table {
	entities := newTable()
	for code := 1; code < 1024; code++ {
		named, unnamed := c.entities[2*code:][:2], c.entities[2*(1024+code):][:2]
		e, known := b.table.Entity(uint16(code))
		if !known || named[0]+named[1]+unnamed[0]+unnamed[1] == 0 {
			continue
		}
		conts[continents[e.Continent]].take(unnamed)
		key := strconv.Itoa(code)
		entities.take(key, named)
		entities.take(key, unnamed)
	}
	return entities
}

// squares counts the squares of the rows and those of the lists.
func (c *counters) squares(v *columns.View, lists map[columns.Word]bool) int {
	for list := range lists {
		for text := range strings.SplitSeq(v.Text(list), ",") {
			g := columns.PackGrid(strings.TrimSpace(text))
			c.grids[g>>6&511] |= 1 << (g & 63)
		}
	}
	c.grids[0] &^= 1 // no square
	n := 0
	for _, set := range c.grids {
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

func (t *table) take(key string, pair []uint32) {
	if pair[0]+pair[1] > 0 {
		t.add(key, Tally{int(pair[0] + pair[1]), int(pair[1])})
	}
}

func (t *table) add(key string, tally Tally) {
	if key == "" || tally.Worked == 0 {
		return
	}
	i, ok := t.at[key]
	if !ok {
		i = len(t.groups)
		t.at[key] = i
		t.groups = append(t.groups, Group{Key: key})
	}
	t.groups[i].Worked += tally.Worked
	t.groups[i].Confirmed += tally.Confirmed
}

// list returns the groups, most QSOs first.
func (t *table) list() []Group {
	slices.SortFunc(t.groups, func(a, b Group) int { return cmp.Or(b.Worked-a.Worked, strings.Compare(a.Key, b.Key)) })
	return t.groups[:min(len(t.groups), MaxGroups)]
}
