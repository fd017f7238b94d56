package columns_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/qso/qsotest"
)

// toQSO gives an entry of the generator the form it has in the store.
func toQSO(id uint64, e *qsotest.Entry) *qso.QSO {
	q := &qso.QSO{
		ID: id, Start: qso.TimeOf(e.Start), Call: qso.Call(e.Worked.Call), Own: qso.Call(e.OwnCall),
		Mode: must(qso.ParseMode(e.Mode, e.Submode)), Band: must(qso.ParseBand(e.Band)),
	}
	if e.BandRX != "" {
		q.BandRx = must(qso.ParseBand(e.BandRX))
	}
	if e.Logged.Entity {
		q.DXCC, q.CQZ, q.ITUZ = uint16(e.Worked.DXCC), uint8(e.Worked.CQZone), uint8(e.Worked.ITUZone)
		q.Set(qso.FieldCont, e.Worked.Continent)
	}
	text := func(id qso.FieldID, value string, logged bool) {
		if logged {
			q.Set(id, value)
		}
	}
	text(qso.FieldGridsquare, e.Worked.Grid[:min(e.Logged.Grid, len(e.Worked.Grid))], true)
	text(qso.FieldState, e.Worked.State, e.Logged.State)
	text(qso.FieldCnty, e.Worked.County, e.Logged.County)
	text(qso.FieldIOTA, e.Worked.IOTA, e.Logged.IOTA)
	text(qso.FieldDARCDOK, e.Worked.DOK, e.Logged.DOK)
	for id, value := range map[qso.FieldID]string{
		qso.FieldOperator: e.Operator, qso.FieldMyGridsquare: e.MyGrid, qso.FieldMyPOTARef: e.MyPOTA, qso.FieldMySOTARef: e.MySOTA,
		qso.FieldPropMode: e.PropMode, qso.FieldSatName: e.SatName, qso.FieldContestID: e.Contest,
		qso.FieldPOTARef: e.POTA, qso.FieldSOTARef: e.SOTA, qso.FieldWWFFRef: e.WWFF,
	} {
		text(id, value, true)
	}
	confirm := func(s qso.Source, at time.Time, record ...qso.Field) {
		if !at.IsZero() {
			q.Confirmations = append(q.Confirmations, qso.Confirmation{Source: s, Status: 'Y', Date: qso.TimeOf(at), Stated: s == qso.LoTW, Record: record})
		}
	}
	confirm(qso.LoTW, e.Confirmed.LoTW, qso.Field{ID: qso.FieldDXCC, Value: fmt.Sprint(e.Worked.DXCC)}, qso.Field{ID: qso.FieldGridsquare, Value: e.Worked.Grid},
		qso.Field{ID: qso.FieldState, Value: e.Worked.State}, qso.Field{ID: qso.FieldCQZ, Value: fmt.Sprint(e.Worked.CQZone)})
	confirm(qso.DCL, e.Confirmed.DCL)
	confirm(qso.EQSL, e.Confirmed.EQSL)
	confirm(qso.Card, e.Confirmed.Card)
	return q
}

var generated = map[int]func() []*qso.QSO{
	10_000:    sync.OnceValue(func() []*qso.QSO { return generate(10_000) }),
	100_000:   sync.OnceValue(func() []*qso.QSO { return generate(100_000) }),
	1_000_000: sync.OnceValue(func() []*qso.QSO { return generate(1_000_000) }),
}

func generate(n int) []*qso.QSO {
	list := make([]*qso.QSO, 0, n)
	for e := range qsotest.Each(qsotest.Options{N: n}) {
		list = append(list, toQSO(uint64(len(list)+1), &e))
	}
	return list
}

var built = map[int]func() *columns.Log{
	100_000:   sync.OnceValue(func() *columns.Log { return build(generated[100_000](), true) }),
	1_000_000: sync.OnceValue(func() *columns.Log { return build(generated[1_000_000](), true) }),
}

func build(qsos []*qso.QSO, reserve bool) *columns.Log {
	l := columns.New()
	if reserve {
		l.Reserve(len(qsos))
	}
	for _, q := range qsos {
		l.Put(q)
	}
	return l
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func sizes(b *testing.B, run func(b *testing.B, n int)) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { run(b, n) })
	}
}

// BenchmarkBuild puts a whole log into columns: reserve knows its size
// beforehand, append does not.
func BenchmarkBuild(b *testing.B) {
	for _, reserve := range []bool{true, false} {
		b.Run(map[bool]string{true: "reserve", false: "append"}[reserve], func(b *testing.B) {
			sizes(b, func(b *testing.B, n int) {
				qsos := generated[n]()
				before := heap()
				var l *columns.Log
				b.ResetTimer()
				for b.Loop() {
					l = build(qsos, reserve)
				}
				b.StopTimer()
				l.View(func(v *columns.View) {
					b.ReportMetric(float64(heap()-before)/float64(n), "B/row")
					b.ReportMetric(float64(v.Calls()), "calls")
					b.ReportMetric(float64(len(v.Places)), "places")
					b.ReportMetric(float64(len(v.Sessions)), "sessions")
					v.Order()
				})
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/row")
				runtime.KeepAlive(l)
			})
		})
	}
}

func BenchmarkMatch(b *testing.B) {
	m20 := must(qso.ParseBand("20m"))
	for name, f := range map[string]columns.Filter{
		"band":             {Bands: []qso.Band{m20}},
		"years-band-class": {Bands: []qso.Band{m20}, Modes: []string{"CW"}, From: must(qso.ParseTime("2018-01-01T00:00:00Z")), To: must(qso.ParseTime("2021-01-01T00:00:00Z"))},
		"own-confirmed":    {Own: []qso.Call{"DK9XYZ"}, ConfirmedBy: qso.SourceSet(qso.LoTW)},
		"all-pass":         {From: 1, Sat: "none", Modes: []string{"CW", "PHONE", "DIGITAL"}},
	} {
		b.Run(name, func(b *testing.B) {
			built[1_000_000]().View(func(v *columns.View) {
				rows := make([]uint32, 1024)
				for b.Loop() {
					walk := v.Match(f).Rows(0, v.Rows())
					for walk.Next(rows) > 0 {
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(v.Rows()), "ns/row")
			})
		})
	}
}

func BenchmarkPage(b *testing.B) {
	newest := columns.Sort{Descending: true}
	for _, tc := range []struct {
		name string
		f    columns.Filter
		s    columns.Sort
	}{
		{"newest", columns.Filter{}, newest},
		{"call-prefix", columns.Filter{Call: "DL1*"}, newest},
		{"call-inside", columns.Filter{Call: "*1A*"}, newest},
		{"call-all", columns.Filter{Call: "*"}, newest},
		{"rare", columns.Filter{Entity: 289}, newest},
		{"none", columns.Filter{Contest: "NO-SUCH", Sat: "none"}, newest},
		{"by-call", columns.Filter{}, columns.Sort{By: columns.ByCall}},
		{"by-call-down-filtered", columns.Filter{Modes: []string{"CW"}}, columns.Sort{By: columns.ByCall, Descending: true}},
		{"by-band", columns.Filter{}, columns.Sort{By: columns.ByBand, Descending: true}},
	} {
		b.Run(tc.name, func(b *testing.B) {
			built[1_000_000]().View(func(v *columns.View) {
				v.Order()
				for b.Loop() {
					if _, err := v.Page(tc.f, tc.s, "", 50); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

func BenchmarkLookup(b *testing.B) {
	l, qsos := built[1_000_000](), generated[1_000_000]()
	b.Run("near", func(b *testing.B) {
		list := make([]columns.Candidate, 0, 64)
		i := 0
		for b.Loop() {
			q := qsos[i%len(qsos)]
			list = l.Near(list[:0], q.Call, q.Start-1800, q.Start+1800)
			i += 7919
		}
	})
	b.Run("before-call", func(b *testing.B) {
		i := 0
		for b.Loop() {
			q := qsos[i%len(qsos)]
			l.View(func(v *columns.View) { v.Before(columns.Filter{Call: string(q.Call)}, q.Band, q.Mode, 0) })
			i += 7919
		}
	})
	b.Run("before-entity", func(b *testing.B) {
		for b.Loop() {
			l.View(func(v *columns.View) { v.Before(columns.Filter{Entity: 291}, qsos[0].Band, qsos[0].Mode, 0) })
		}
	})
	b.Run("replace", func(b *testing.B) {
		i := 0
		for b.Loop() {
			l.Put(qsos[i%len(qsos)])
			i += 7919
		}
	})
}

// BenchmarkOrder makes the order anew after a time has changed.
func BenchmarkOrder(b *testing.B) {
	l, q := built[1_000_000](), generated[1_000_000]()[500_000].Clone()
	for b.Loop() {
		q.Start++
		l.Put(q)
		l.View(func(v *columns.View) { v.Order() })
	}
}
