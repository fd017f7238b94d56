package stats_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/qso/dxcc"
	"qslbox/qso/qsotest"
	"qslbox/stats"
	"qslbox/stats/awards"
)

// The dashboard of a small log.
func ExampleBoard_Statistics() {
	table, _ := dxcc.New()
	set, _ := awards.NewSet(table)
	dx, _ := set.Get("dxcc")
	board, log := stats.NewBoard(table, dx), columns.New()
	for i, call := range []qso.Call{"DL1ABC", "W1AAA", "JA1ZZZ", "DL1ABC"} {
		q := &qso.QSO{ID: uint64(i + 1), Call: call, Own: "DK9XYZ", Mode: qso.Mode{Name: "CW"}, Start: qso.Time(1_700_000_000 + 86400*i)}
		q.Band, _ = qso.ParseBand("20m")
		q.DXCC = map[qso.Call]uint16{"DL1ABC": 230, "W1AAA": 291, "JA1ZZZ": 339}[call]
		if i < 2 {
			q.Confirmations = []qso.Confirmation{{Source: qso.LoTW, Status: 'Y'}}
		}
		log.Put(q)
	}
	log.View(func(v *columns.View) {
		s := board.Statistics(v, columns.Filter{}, time.Date(2023, 11, 17, 12, 0, 0, 0, time.UTC))
		fmt.Println(s.Total, "QSOs,", s.ConfirmedBy["award"], "confirmed,", s.Today, "today,", s.Unique.Entities, "entities")
		for _, g := range s.TopEntities {
			fmt.Println(g.Name, g.Worked, g.Confirmed)
		}
	})
	// Output:
	// 4 QSOs, 2 confirmed, 1 today, 3 entities
	// Federal Republic of Germany 2 1
	// United States of America 1 1
	// Japan 1 0
}

// boardFilters are filters, and the same as a question to one QSO.
var boardFilters = map[string]struct {
	f    columns.Filter
	keep func(q *qso.QSO) bool
}{
	"all":       {columns.Filter{}, func(*qso.QSO) bool { return true }},
	"every row": {columns.Filter{From: day("1931-01-01")}, func(*qso.QSO) bool { return true }},
	"own call":  {columns.Filter{Own: []qso.Call{qsotest.OwnCall, qsotest.PortableCall}}, func(q *qso.QSO) bool { return q.Own == qsotest.OwnCall || q.Own == qsotest.PortableCall }},
	"class":     {columns.Filter{Modes: []string{"phone"}}, func(q *qso.QSO) bool { return q.Mode.Class() == qso.ClassPhone }},
	"modes":     {columns.Filter{Modes: []string{"FT8", "FT4"}}, func(q *qso.QSO) bool { return q.Mode.Name == "FT8" || q.Mode.Sub == "FT4" }},
	"satellite": {columns.Filter{Sat: "any"}, func(q *qso.QSO) bool { return q.Satellite() }},
	"earth":     {columns.Filter{Sat: "none"}, func(q *qso.QSO) bool { return !q.Satellite() }},
	"entity":    {columns.Filter{Entity: 291}, func(q *qso.QSO) bool { return q.DXCC == 291 }},
	"call": {columns.Filter{Call: "D*/P"}, func(q *qso.QSO) bool {
		return strings.HasPrefix(string(q.Call), "D") && strings.HasSuffix(string(q.Call), "/P")
	}},
	"operator":   {columns.Filter{Operator: "DK9XYZ"}, func(q *qso.QSO) bool { return q.Get(qso.FieldOperator) == "DK9XYZ" }},
	"dates":      {columns.Filter{From: day("2019-05-17"), To: day("2021-02-03")}, func(q *qso.QSO) bool { return q.Start >= day("2019-05-17") && q.Start < day("2021-02-03") }},
	"one source": {columns.Filter{ConfirmedBy: qso.SourceSet(qso.DCL)}, func(q *qso.QSO) bool { return q.Confirmed()&qso.SourceSet(qso.DCL) != 0 }},
	"several": {columns.Filter{Bands: []qso.Band{band("20m"), band("2m")}, Modes: []string{"CW"}, From: day("2015-01-01")},
		func(q *qso.QSO) bool {
			return (q.Band == band("20m") || q.Band == band("2m")) && q.Mode.Class() == qso.ClassCW && q.Start >= day("2015-01-01")
		}},
	"nothing": {columns.Filter{Contest: "NONE", Sat: "any"}, func(*qso.QSO) bool { return false }},
}

func day(text string) qso.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return qso.TimeOf(t)
}

func band(text string) qso.Band {
	b, err := qso.ParseBand(text)
	if err != nil {
		panic(err)
	}
	return b
}

// spoil makes a generated log what logs are like after years: QSOs changed,
// deleted, of other times, with values missing or odd. It returns what is left.
func spoil(log *columns.Log, qsos []*qso.QSO, rng *rand.Rand) []*qso.QSO {
	left := qsos[:0:0]
	for _, q := range qsos {
		if rng.IntN(20) == 0 {
			log.Delete(q.ID)
			continue
		}
		if rng.IntN(4) == 0 {
			q = q.Clone()
			switch rng.IntN(6) {
			case 0:
				q.DXCC = []uint16{0, 2, 81, 999}[rng.IntN(4)]
			case 1:
				q.Set(qso.FieldCont, []string{"eu", "XX", "AN"}[rng.IntN(3)])
			case 2:
				q.Start = qso.Time(rng.Int64N(3_000_000_000) - 1_200_000_000)
			case 3:
				q.Set(qso.FieldGridsquare, []string{"ZZ99", "JO31AB", "AA00"}[rng.IntN(3)])
			case 4:
				q.Set(qso.FieldVUCCGrids, []string{"FN42,FN43", "EN98, EN99,ZZ99", "XX00"}[rng.IntN(3)])
			case 5:
				q.Own = ""
			}
			log.Put(q)
		}
		left = append(left, q)
	}
	return left
}

// TestAgreesWithSlow: the pass over columns and the plain loop over QSOs give
// the same dashboard.
func TestAgreesWithSlow(t *testing.T) {
	board, table, set := newBoard(t)
	dx, _ := set.Get("dxcc")
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 1))
		n := []int{0, 700, 5_000, 31_000}[seed] // the last is counted by two goroutines
		qsos := generated(n, seed)
		log := put(qsos)
		if seed%2 == 1 {
			qsos = spoil(log, qsos, rng)
		}
		now := time.Date(2025, 12, 31, 23, 59, 0, 0, time.UTC)
		if n > 0 {
			now = qsos[len(qsos)-1].Start.Std()
		}
		for name, tc := range boardFilters {
			want := slow(qsos, tc.keep, table, dx, now)
			log.View(func(v *columns.View) {
				got, entities := board.WithDXCC(v, tc.f, now)
				if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), nonZero); diff != "" {
					t.Errorf("%d QSOs, %s (-slow +board):\n%s", n, name, diff)
				}
				if entities.Count != dx.Count(v, awards.Options{Filter: tc.f}).Count {
					t.Errorf("%d QSOs, %s: entities %+v", n, name, entities.Count)
				}
			})
			if name == "several" && n > 1000 && want.Total == 0 {
				t.Errorf("%d QSOs: none passes %s", n, name)
			}
		}
	}
}

// nonZero leaves zeros out of maps of counts.
var nonZero = cmp.FilterValues(func(a, b map[string]int) bool { return true }, cmp.Transformer("nonZero", func(m map[string]int) map[string]string {
	to := map[string]string{}
	for k, n := range m {
		if n != 0 {
			to[k] = fmt.Sprint(n)
		}
	}
	return to
}))

// TestBoardIsReused: counters that were used before give the same numbers.
func TestBoardIsReused(t *testing.T) {
	board, _, _ := newBoard(t)
	small, large := put(generated(300, 1)), put(generated(40_000, 2))
	texts := map[int]string{}
	for i := range 6 {
		log := []*columns.Log{small, large}[i%2]
		log.View(func(v *columns.View) {
			text := string(board.Statistics(v, columns.Filter{}, time.Now()).AppendJSON(nil))
			if texts[i%2] != "" && texts[i%2] != text {
				t.Errorf("round %d differs", i)
			}
			texts[i%2] = text
		})
	}
}

// TestJSON: what AppendJSON writes by hand is what encoding/json would.
func TestJSON(t *testing.T) {
	board, _, _ := newBoard(t)
	for name, qsos := range map[string][]*qso.QSO{"empty": nil, "some": generated(3_000, 3), "odd text": {
		{ID: 1, Call: "DL1ABC", Own: "DK9XYZ", Band: band("20m"), Mode: qso.Mode{Name: "X\"</script>\x01"}, Start: 1_700_000_000, DXCC: 230},
	}} {
		put(qsos).View(func(v *columns.View) {
			want := board.Statistics(v, columns.Filter{}, time.Now())
			var got stats.Statistics
			body := want.AppendJSON(nil)
			if err := json.Unmarshal(body, &got); err != nil {
				t.Fatalf("%s: %v\n%s", name, err, body)
			}
			if diff := cmp.Diff(want, &got, cmpopts.EquateEmpty(), nonZero); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		})
	}
}
