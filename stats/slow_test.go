package stats_test

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/qso/dxcc"
	"qslbox/qso/qsotest"
	"qslbox/stats"
	"qslbox/stats/awards"
)

// logged makes the QSO that a logger would have of an entry of the generator.
func logged(id uint64, e *qsotest.Entry) *qso.QSO {
	q := &qso.QSO{ID: id, Start: qso.TimeOf(e.Start), Call: qso.Call(e.Worked.Call), Own: qso.Call(e.OwnCall)}
	q.Band, _ = qso.ParseBand(e.Band)
	q.BandRx, _ = qso.ParseBand(e.BandRX)
	q.Mode, _ = qso.ParseMode(e.Mode, e.Submode)
	q.DXCC, q.CQZ, q.ITUZ = uint16(e.Worked.DXCC), uint8(e.Worked.CQZone), uint8(e.Worked.ITUZone)
	if e.Logged.Entity {
		q.Set(qso.FieldCont, e.Worked.Continent)
	}
	for id, value := range map[qso.FieldID]string{
		qso.FieldGridsquare: e.Worked.Grid[:min(e.Logged.Grid, len(e.Worked.Grid))], qso.FieldVUCCGrids: e.Logged.Lines, qso.FieldMyGridsquare: e.MyGrid,
		qso.FieldPropMode: e.PropMode, qso.FieldSatName: e.SatName, qso.FieldOperator: e.Operator, qso.FieldContestID: e.Contest,
	} {
		if value != "" {
			q.Set(id, value)
		}
	}
	for source, at := range map[qso.Source]time.Time{qso.LoTW: e.Confirmed.LoTW, qso.DCL: e.Confirmed.DCL, qso.EQSL: e.Confirmed.EQSL, qso.Card: e.Confirmed.Card} {
		if !at.IsZero() {
			q.Confirmations = append(q.Confirmations, qso.Confirmation{Source: source, Status: 'Y', Date: qso.TimeOf(at)})
		}
	}
	return q
}

// generated returns a log of the generator.
func generated(n int, seed uint64) []*qso.QSO {
	list := make([]*qso.QSO, 0, n)
	for e := range qsotest.Each(qsotest.Options{N: n, Seed: seed}) {
		list = append(list, logged(uint64(len(list)+1), &e))
	}
	return list
}

func put(qsos []*qso.QSO) *columns.Log {
	log := columns.New()
	log.Reserve(len(qsos))
	for _, q := range qsos {
		log.Put(q)
	}
	return log
}

// newBoard returns what a Board and its tests need.
func newBoard(tb testing.TB) (*stats.Board, *dxcc.Table, *awards.Set) {
	tb.Helper()
	table, err := dxcc.New()
	if err != nil {
		tb.Fatal(err)
	}
	set, err := awards.NewSet(table)
	if err != nil {
		tb.Fatal(err)
	}
	dx, ok := set.Get("dxcc")
	if !ok {
		tb.Fatal("no award dxcc")
	}
	return stats.NewBoard(table, dx), table, set
}

// groups adds up groups the plain way.
type groups map[string]*stats.Group

func (g groups) count(key string, confirmed bool) *stats.Group {
	if key == "" {
		return &stats.Group{}
	}
	if g[key] == nil {
		g[key] = &stats.Group{Key: key}
	}
	tally(&g[key].Tally, confirmed)
	return g[key]
}

func (g groups) countClass(key string, class qso.Class, confirmed bool) {
	group := g.count(key, confirmed)
	to := map[qso.Class]**stats.Tally{qso.ClassCW: &group.CW, qso.ClassPhone: &group.Phone, qso.ClassDigital: &group.Digital}[class]
	if *to == nil {
		*to = &stats.Tally{}
	}
	tally(*to, confirmed)
}

func tally(t *stats.Tally, confirmed bool) {
	t.Worked++
	if confirmed {
		t.Confirmed++
	}
}

// most lists the groups, most QSOs first.
func (g groups) most() []stats.Group {
	list := g.by(func(a, b *stats.Group) int { return cmp.Or(b.Worked-a.Worked, strings.Compare(a.Key, b.Key)) })
	return list[:min(len(list), stats.MaxGroups)]
}

func (g groups) by(order func(a, b *stats.Group) int) (list []stats.Group) {
	for _, group := range g {
		list = append(list, *group)
	}
	slices.SortFunc(list, func(a, b stats.Group) int { return order(&a, &b) })
	return list
}

// all lists the keys in their order, also those without a QSO.
func (g groups) all(keys ...string) (list []stats.Group) {
	for _, key := range keys {
		group := stats.Group{Key: key}
		if g[key] != nil {
			group = *g[key]
		}
		list = append(list, group)
	}
	return list
}

// months lists "2024-11", "2024-12", "2025-01" and so on.
func months(first, last qso.Time) (list []string) {
	at := first.Std()
	for at = time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC); !at.After(last.Std()); at = at.AddDate(0, 1, 0) {
		list = append(list, at.Format("2006-01"))
	}
	return list
}

func years(first, last qso.Time) (list []string) {
	for y := first.Std().Year(); y <= last.Std().Year(); y++ {
		list = append(list, strconv.Itoa(y))
	}
	return list
}

func numbers(format string, from, to int) (list []string) {
	for i := from; i <= to; i++ {
		list = append(list, fmt.Sprintf(format, i))
	}
	return list
}

// slow counts the dashboard by a plain loop over QSOs.
func slow(qsos []*qso.QSO, keep func(q *qso.QSO) bool, table *dxcc.Table, dx *awards.Award, now time.Time) *stats.Statistics {
	s := &stats.Statistics{ConfirmedBy: map[string]int{}}
	tables := map[string]groups{}
	in := func(name string) groups {
		if tables[name] == nil {
			tables[name] = groups{}
		}
		return tables[name]
	}
	calls, grids := map[qso.Call]bool{}, map[string]bool{}
	kept := columns.New()
	var first, last qso.Time
	for _, q := range qsos {
		if !keep(q) {
			continue
		}
		kept.Put(q)
		if s.Total == 0 || q.Start < first {
			first = q.Start
		}
		if s.Total == 0 || q.Start > last {
			last = q.Start
		}
		s.Total++
		by := q.Confirmed()
		confirmed := by&(qso.SourceSet(qso.LoTW)|qso.SourceSet(qso.Card)) != 0
		if by != 0 {
			s.ConfirmedBy["any"]++
		}
		if confirmed {
			s.ConfirmedBy["award"]++
		}
		for _, name := range by.Names() {
			s.ConfirmedBy[map[string]string{"qsl": "card"}[name]+strings.TrimPrefix(name, "qsl")]++
		}
		slowTimes(s, in, q, confirmed, now)
		class, cont := q.Mode.Class(), strings.ToUpper(q.Get(qso.FieldCont))
		if e, ok := table.Entity(q.DXCC); ok && !slices.Contains([]string{"AF", "AN", "AS", "EU", "NA", "OC", "SA"}, cont) {
			cont = e.Continent
		}
		calls[q.Call] = true
		for _, text := range append(strings.Split(q.Get(qso.FieldVUCCGrids), ","), q.Get(qso.FieldGridsquare)) {
			if text = strings.TrimSpace(text); len(text) >= 4 && columns.PackGrid(text) != 0 {
				grids[text[:4]] = true
			}
		}
		in("band").countClass(q.Band.String(), class, confirmed)
		in("mode").count(q.Mode.String(), confirmed)
		in("class").count(class.String(), confirmed)
		in("cont").count(cont, confirmed)
		if e, ok := table.Entity(q.DXCC); ok {
			in("entity").count(strconv.Itoa(int(q.DXCC)), confirmed).Name = e.Name
		}
		in("own").count(string(q.Own), confirmed)
		in("operator").count(q.Get(qso.FieldOperator), confirmed)
		in("contest").count(q.Get(qso.FieldContestID), confirmed)
		in("sat").count(q.Get(qso.FieldSatName), confirmed)
		in("prop").count(q.Get(qso.FieldPropMode), confirmed)
	}
	s.ByBand = in("band").by(func(a, b *stats.Group) int {
		x, _ := qso.ParseBand(a.Key)
		y, _ := qso.ParseBand(b.Key)
		return int(x) - int(y)
	})
	s.ByMode, s.ByClass = in("mode").most(), in("class").all("CW", "PHONE", "DIGITAL")
	s.ByContinent, s.TopEntities, s.ByOwn, s.ByOperator = in("cont").most(), in("entity").most(), in("own").most(), in("operator").most()
	s.ByContest, s.BySatellite, s.ByPropMode = in("contest").most(), in("sat").most(), in("prop").most()
	s.ByWeekday, s.ByHour = in("weekday").all(numbers("%d", 1, 7)...), in("hour").all(numbers("%02d", 0, 23)...)
	if s.Total > 0 {
		s.First, s.Last = first.String(), last.String()
		s.ByYear, s.ByMonth = in("year").all(years(first, last)...), in("month").all(months(first, last)...)
		for i := range max(0, len(s.ByMonth)-24) {
			s.ByMonth[i] = stats.Group{Key: s.ByMonth[i].Key, Tally: s.ByMonth[i].Tally}
		}
	}
	s.Unique = stats.Unique{
		Calls: len(calls), Entities: dx.Table(kept, awards.Options{}).Count.Worked, Bands: len(in("band")), Modes: len(in("mode")), Grids: len(grids),
	}
	return s
}

func slowTimes(s *stats.Statistics, in func(string) groups, q *qso.QSO, confirmed bool, now time.Time) {
	at := q.Start.Std()
	weekday := (int(at.Weekday()) + 6) % 7
	in("year").countClass(strconv.Itoa(at.Year()), q.Mode.Class(), confirmed)
	in("month").countClass(at.Format("2006-01"), q.Mode.Class(), confirmed)
	in("weekday").count(strconv.Itoa(weekday+1), confirmed)
	in("hour").count(at.Format("15"), confirmed)
	s.HourWeekday[weekday][at.Hour()]++
	for format, n := range map[string]*int{"2006": &s.ThisYear, "2006-01": &s.ThisMonth, "2006-01-02": &s.Today} {
		if at.Format(format) == now.UTC().Format(format) {
			*n++
		}
	}
}
