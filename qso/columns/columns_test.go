package columns_test

import (
	ordered "cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"qslbox/qso"
	"qslbox/qso/columns"
)

// dump writes everything a log says, with the dictionaries resolved, so that
// two logs may be compared.
func dump(l *columns.Log) string {
	var b strings.Builder
	l.View(func(v *columns.View) {
		fmt.Fprintln(&b, v.Len())
		calls := map[string]bool{}
		order := v.Order()
		for at := range order.Len() {
			row := order.At(at)
			if !v.Live(int(row)) {
				continue
			}
			i := int(row)
			s, differs := v.Statement(row)
			stated := ""
			if differs {
				stated = fmt.Sprintf("%d %d %d %s %+v", s.DXCC, s.CQZ, s.ITUZ, columns.UnpackGrid(s.Grid), *v.PlaceOf(s.Place))
			}
			call := v.CallText(v.Call[i])
			calls[call] = true
			fmt.Fprintln(&b, v.ID(i), columns.TimeOf(v.Time[i]), call, v.Sessions[v.Session[i]], *v.PlaceOf(v.Place[i]), v.Modes[v.Mode[i]], v.Class[v.Mode[i]],
				v.DXCC[i], v.CQZ[i], v.ITUZ[i], columns.UnpackGrid(v.Grid[i]), v.Flags[i], v.Blank[i], v.Band[i], v.Confirmed[i], v.LoTWDay[i], v.CardDay[i], v.DCLDay[i], stated)
			if at, found := v.Row(v.ID(i)); !found || at != i {
				fmt.Fprintln(&b, "row of", v.ID(i), "is", at, found)
			}
		}
		for _, call := range slices.Sorted(maps.Keys(calls)) {
			list := l.Candidates(qso.Call(call))
			slices.SortFunc(list, func(a, b columns.Candidate) int { return ordered.Compare(a.ID, b.ID) })
			fmt.Fprintln(&b, list)
		}
	})
	return b.String()
}

// A pick names one of a few values.
func pick[T any](t *rapid.T, label string, from ...T) T {
	return rapid.SampledFrom(from).Draw(t, label)
}

// drawQSO makes one of few enough QSOs that calls, places and times meet.
func drawQSO(t *rapid.T, id uint64) *qso.QSO {
	q := &qso.QSO{
		ID: id, Start: qso.Time(-1_200_000_000 + rapid.Int64Range(0, 500).Draw(t, "time")*8_000_000),
		Call: pick(t, "call", qso.Call("DL1ABC"), "DL1ABC/P", "W1AAA", "JA1ZZZ", "G4ABC"), Own: pick(t, "own", qso.Call("DK9XYZ"), "DL0XYZ", ""),
		OwnAssumed: rapid.Bool().Draw(t, "assumed"), Band: qso.Band(rapid.IntRange(1, 33).Draw(t, "band")),
		Mode: pick(t, "mode", qso.Mode{Name: "CW"}, qso.Mode{Name: "SSB", Sub: "USB"}, qso.Mode{Name: "MFSK", Sub: "FT4"}, qso.Mode{Name: "FT8"}),
		DXCC: pick(t, "dxcc", uint16(0), 230, 291, 339), CQZ: uint8(rapid.IntRange(0, 40).Draw(t, "cqz")), ITUZ: uint8(rapid.IntRange(0, 90).Draw(t, "ituz")),
		MadeBy: pick(t, "by", qso.NoSource, qso.LoTW), AtLoTW: pick(t, "at", qso.NoTime, qso.Time(1_700_000_000)),
	}
	if rapid.IntRange(0, 9).Draw(t, "cross") == 0 {
		q.BandRx = q.Band + 1
	}
	for _, f := range []struct {
		id     qso.FieldID
		values []string
	}{
		{qso.FieldGridsquare, []string{"", "", "JO31", "FN42AB", "ZZ99"}}, {qso.FieldPropMode, []string{"", "", "SAT", "RPT", "INTERNET"}},
		{qso.FieldSatName, []string{"", "QO-100"}}, {qso.FieldState, []string{"", "NW", "ma"}}, {qso.FieldCnty, []string{"", "MA,Middlesex"}},
		{qso.FieldDARCDOK, []string{"", "g01", "NM"}}, {qso.FieldOperator, []string{"", "DK9XYZ"}}, {qso.FieldContestID, []string{"", "CQ-WW-CW"}},
		{qso.FieldMyGridsquare, []string{"", "JO31AB", "JN49"}}, {qso.FieldSig, []string{"", "WCA"}}, {qso.FieldSigInfo, []string{"", "DL-00001"}},
		{qso.FieldEQSLAG, []string{"", "Y"}}, {qso.FieldVUCCGrids, []string{"", "FN42,FN43"}}, {qso.FieldCreditGranted, []string{"", "DXCC:LOTW"}},
	} {
		q.Set(f.id, pick(t, f.id.String(), f.values...))
	}
	for s := qso.LoTW; int(s) < qso.SourceCount; s++ {
		if rapid.IntRange(0, 2).Draw(t, "confirmed") > 0 {
			continue
		}
		c := qso.Confirmation{Source: s, Status: pick(t, "status", byte('Y'), 'V', 'N'), Date: pick(t, "date", qso.NoTime, qso.Time(1_600_000_000))}
		if s == qso.LoTW && rapid.Bool().Draw(t, "stated") {
			c.Stated = true
			for _, f := range []struct {
				id     qso.FieldID
				values []string
			}{{qso.FieldDXCC, []string{"", "230", "291"}}, {qso.FieldCQZ, []string{"", "14"}}, {qso.FieldGridsquare, []string{"", "JO31", "FN42"}},
				{qso.FieldState, []string{"", "NW", "CT"}}, {qso.FieldAppLoTW2xQSL, []string{"", "Y", "N"}}} {
				if v := pick(t, "record", f.values...); v != "" {
					c.Record = append(c.Record, qso.Field{ID: f.id, Value: v})
				}
			}
		}
		q.Confirmations = append(q.Confirmations, c)
	}
	return q
}

// rebuild puts the QSOs into a new log as a load does: by ascending id.
func rebuild(qsos map[uint64]*qso.QSO) *columns.Log {
	l := columns.New()
	for _, id := range slices.Sorted(maps.Keys(qsos)) {
		l.Put(qsos[id])
	}
	return l
}

func TestChangesEqualRebuild(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, qsos, next := columns.New(), map[uint64]*qso.QSO{}, uint64(1)
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				next += rapid.Uint64Range(0, 2).Draw(t, "gap")
				qsos[next] = drawQSO(t, next)
				l.Put(qsos[next])
				next++
			},
			"put": func(t *rapid.T) {
				id := rapid.Uint64Range(1, max(next-1, 1)).Draw(t, "id")
				qsos[id] = drawQSO(t, id)
				l.Put(qsos[id])
				next = max(next, id+1)
			},
			"delete": func(t *rapid.T) {
				id := rapid.Uint64Range(1, next).Draw(t, "id")
				delete(qsos, id)
				l.Delete(id)
			},
			"order": func(t *rapid.T) { l.View(func(v *columns.View) { v.Order() }) },
			"": func(t *rapid.T) {
				if diff := cmp.Diff(dump(rebuild(qsos)), dump(l)); diff != "" {
					t.Fatalf("a rebuild and the changed log differ (-want +got):\n%s", diff)
				}
			},
		})
	})
}

// TestLongOrder has logs that are sorted in other ways than short ones are.
func TestLongOrder(t *testing.T) {
	for name, start := range map[string]func(i int) qso.Time{
		"in order":       func(i int) qso.Time { return qso.Time(i * 60) },
		"backwards":      func(i int) qso.Time { return qso.Time((9000 - i) * 60) },
		"mixed":          func(i int) qso.Time { return qso.Time(i * 7919 % 4801 * 60_000) },
		"two files":      func(i int) qso.Time { return qso.Time(i % 4500 * 60) },
		"before 1970":    func(i int) qso.Time { return -qso.Time(i * 7919 % 4801 * 60_000) },
		"a life apart":   func(i int) qso.Time { return qso.Time(i*7919%4801) * 600_000 }, // more than fits into 31 bits
		"all in one":     func(int) qso.Time { return 60 },
		"late additions": func(i int) qso.Time { return qso.Time(i/100*60_000 - i%100*1_000_000) },
	} {
		t.Run(name, func(t *testing.T) {
			l := columns.New()
			var want []uint64
			for i := range 9000 {
				l.Put(&qso.QSO{ID: uint64(i + 1), Call: "DL1ABC", Start: start(i), Band: 1})
				want = append(want, uint64(i+1))
				if i%1500 == 7 {
					l.View(func(v *columns.View) { v.Order() })
				}
			}
			slices.SortStableFunc(want, func(a, b uint64) int { return ordered.Compare(start(int(a-1)), start(int(b-1))) })
			var got []uint64
			l.View(func(v *columns.View) {
				for at := range v.Rows() {
					got = append(got, v.ID(int(v.Order().At(at))))
				}
			})
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("order (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRowOfQSO(t *testing.T) {
	base := func(edit func(q *qso.QSO)) *qso.QSO {
		q := &qso.QSO{ID: 1, Call: "W1AAA", Own: "DK9XYZ", Band: must(qso.ParseBand("20m")), Mode: qso.Mode{Name: "CW"}, Start: 1_700_000_000, DXCC: 291, CQZ: 5, ITUZ: 8}
		edit(q)
		return q
	}
	lotw := func(record ...qso.Field) qso.Confirmation {
		return qso.Confirmation{Source: qso.LoTW, Status: 'Y', Date: 86400 * 20000, Stated: true, Record: record}
	}
	for name, tc := range map[string]struct {
		q     *qso.QSO
		flags columns.Flag
		blank columns.Blank
		why   string
	}{
		"plain":           {q: base(func(q *qso.QSO) {})},
		"satellite":       {q: base(func(q *qso.QSO) { q.Set(qso.FieldPropMode, "sat"); q.BandRx = q.Band + 3 }), flags: columns.Satellite},
		"cross band":      {q: base(func(q *qso.QSO) { q.BandRx = q.Band + 3 }), flags: columns.CrossBand, why: "cross-band"},
		"same band twice": {q: base(func(q *qso.QSO) { q.BandRx = q.Band })},
		"echolink":        {q: base(func(q *qso.QSO) { q.Set(qso.FieldPropMode, "ECH") }), flags: columns.EchoLink, why: "echolink"},
		"bad grid":        {q: base(func(q *qso.QSO) { q.SetNamed("APP_QSLBOX_ORIGINAL_GRIDSQUARE", "XX99") }), flags: columns.BadGrid},
		"bad grid mended": {q: base(func(q *qso.QSO) {
			q.SetNamed("APP_QSLBOX_ORIGINAL_GRIDSQUARE", "XX99")
			q.Set(qso.FieldGridsquare, "FN42")
		})},
		"lotw says nothing": {
			q:     base(func(q *qso.QSO) { q.Confirmations = []qso.Confirmation{lotw()} }),
			flags: columns.LoTWStated, blank: columns.NoGrid | columns.NoState | columns.NoCnty | columns.NoCQZ | columns.NoITUZ | columns.NoIOTA | columns.NoDXCC,
		},
		"lotw agrees": {
			q: base(func(q *qso.QSO) {
				q.Set(qso.FieldState, "MA")
				q.Set(qso.FieldGridsquare, "FN42AB")
				q.Confirmations = []qso.Confirmation{lotw(qso.Field{ID: qso.FieldDXCC, Value: "291"}, qso.Field{ID: qso.FieldState, Value: "MA"},
					qso.Field{ID: qso.FieldGridsquare, Value: "FN42"}, qso.Field{ID: qso.FieldCQZ, Value: "05"}, qso.Field{ID: qso.FieldITUZ, Value: "8"},
					qso.Field{ID: qso.FieldAppLoTW2xQSL, Value: "Y"})}
			}),
			flags: columns.LoTWStated | columns.TwoWay, blank: columns.NoCnty | columns.NoIOTA,
		},
		"lotw differs": {
			q: base(func(q *qso.QSO) {
				q.Set(qso.FieldState, "MA")
				q.Confirmations = []qso.Confirmation{lotw(qso.Field{ID: qso.FieldState, Value: "CT"}, qso.Field{ID: qso.FieldAppLoTW2xQSL, Value: "N"})}
			}),
			flags: columns.LoTWStated | columns.NotTwoWay | columns.HasStatement,
			blank: columns.NoGrid | columns.NoCnty | columns.NoCQZ | columns.NoITUZ | columns.NoIOTA | columns.NoDXCC,
		},
		"not confirmed": {q: base(func(q *qso.QSO) { q.Confirmations = []qso.Confirmation{{Source: qso.LoTW, Status: 'N', Stated: true}} })},
	} {
		t.Run(name, func(t *testing.T) {
			l := columns.New()
			l.Put(tc.q)
			l.View(func(v *columns.View) {
				if v.Flags[0] != tc.flags || v.Blank[0] != tc.blank || v.Flags[0].Reason() != tc.why {
					t.Errorf("flags %b, blank %b, reason %q; want %b, %b, %q", v.Flags[0], v.Blank[0], v.Flags[0].Reason(), tc.flags, tc.blank, tc.why)
				}
			})
		})
	}
}

func TestStatement(t *testing.T) {
	l := columns.New()
	q := &qso.QSO{ID: 1, Call: "W1AAA", Band: 1, DXCC: 291, CQZ: 5}
	q.Set(qso.FieldState, "MA")
	q.Set(qso.FieldDARCDOK, "G01")
	q.Set(qso.FieldGridsquare, "FN42")
	q.Confirmations = []qso.Confirmation{{Source: qso.LoTW, Status: 'Y', Stated: true, Record: []qso.Field{{ID: qso.FieldState, Value: "ct"}, {ID: qso.FieldVUCCGrids, Value: "FN31,FN32"}}}}
	l.Put(q)
	l.View(func(v *columns.View) {
		s, differs := v.Statement(0)
		got := []any{differs, s.DXCC, s.CQZ, columns.UnpackGrid(s.Grid), v.PlaceOf(s.Place).State, v.PlaceOf(s.Place).VUCC, v.PlaceOf(s.Place).DOK, v.PlaceOf(v.Place[0]).State}
		if diff := cmp.Diff([]any{true, uint16(291), uint8(5), "", "CT", "FN31,FN32", "G01", "MA"}, got); diff != "" {
			t.Errorf("statement (-want +got):\n%s", diff)
		}
	})
	l.Delete(1)
	l.View(func(v *columns.View) {
		if _, differs := v.Statement(0); differs || v.Len() != 0 {
			t.Errorf("a deleted QSO still has a statement, or counts: %d", v.Len())
		}
	})
}

func TestPackGrid(t *testing.T) {
	seen := map[uint16]string{0: ""}
	for _, a := range "ABR" {
		for _, b := range "ACR" {
			for n := range 100 {
				g := fmt.Sprintf("%c%c%02d", a, b, n)
				p := columns.PackGrid(g)
				if seen[p] != "" || p == 0 || columns.UnpackGrid(p) != g {
					t.Fatalf("%s packs to %d, which is %q, and was %q", g, p, columns.UnpackGrid(p), seen[p])
				}
				seen[p] = g
			}
		}
	}
	for _, bad := range []string{"", "JO3", "SA00", "AS00", "AAA0", "A000"} {
		if p := columns.PackGrid(bad); p != 0 {
			t.Errorf("%q packs to %d", bad, p)
		}
	}
}

func TestTimeRange(t *testing.T) {
	at := func(id uint64, start qso.Time) *qso.QSO {
		return &qso.QSO{ID: id, Call: "DL1ABC", Own: "DK9XYZ", Band: 9, Mode: qso.Mode{Name: "CW"}, Start: start}
	}
	for name, tc := range map[string]struct {
		starts      []qso.Time
		first, last qso.Time
	}{
		"one":        {[]qso.Time{1_700_000_000}, 1_700_000_000, 1_700_000_000},
		"in order":   {[]qso.Time{-1_000_000_000, 0, 1_700_000_000}, -1_000_000_000, 1_700_000_000},
		"any order":  {[]qso.Time{1_600_000_000, 1_700_000_000, 1_500_000_000}, 1_500_000_000, 1_700_000_000},
		"last first": {[]qso.Time{1_700_000_000, 1_600_000_000}, 1_600_000_000, 1_700_000_000},
	} {
		t.Run(name, func(t *testing.T) {
			log := columns.New()
			for i, start := range tc.starts {
				log.Put(at(uint64(i+1), start))
			}
			log.View(func(v *columns.View) {
				first, last := v.TimeRange()
				if diff := cmp.Diff([]qso.Time{tc.first, tc.last}, []qso.Time{columns.TimeOf(first), columns.TimeOf(last)}); diff != "" {
					t.Errorf("range (-want +got):\n%s", diff)
				}
			})
		})
	}
	columns.New().View(func(v *columns.View) {
		if first, last := v.TimeRange(); first <= last {
			t.Errorf("an empty log has times from %d to %d", first, last)
		}
	})
}
