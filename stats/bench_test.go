package stats_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"qslbox/qso/columns"
	"qslbox/qso/qsotest"
	"qslbox/stats"
	"qslbox/stats/awards"
)

// bare is what a pass over a log costs at least: one goroutine, no filter, no
// rules, and little that is counted.
type bare struct {
	confirmed [256]uint32
	bandMode  [2][64 * 32]uint32
	time      [2][256]uint32
	entity    [2][1024][4]uint64 // by class: sets of bands, worked and confirmed
	calls     []uint64
}

func (a *bare) fold(v *columns.View) {
	*a = bare{calls: a.calls}
	clear(a.calls)
	if need := v.Calls()/64 + 1; len(a.calls) < need {
		a.calls = make([]uint64, need)
	}
	n := len(v.Time)
	calls, class := a.calls, v.Class
	call, dxcc, band, mode, confirmed := v.Call[:n], v.DXCC[:n], v.Band[:n], v.Mode[:n], v.Confirmed[:n]
	for i, t := range v.Time {
		set, m, b := confirmed[i], mode[i], band[i]&63
		k := (uint32(set) + 255) >> 8
		a.confirmed[set]++
		a.bandMode[k&1][uint32(b)<<5|uint32(m&31)]++
		a.time[k&1][t>>24]++
		entity, c, bit := dxcc[i]&1023, class[m]&3, uint64(1)<<b
		a.entity[0][entity][c] |= bit
		a.entity[1][entity][c] |= bit & -uint64(k)
		calls[call[i]>>6] |= 1 << (call[i] & 63)
	}
}

var benchLogs = map[int]func() *columns.Log{10_000: benchLog(10_000), 100_000: benchLog(100_000), 1_000_000: benchLog(1_000_000)}

// benchLog makes a log when it is first asked for.
func benchLog(n int) func() *columns.Log {
	return sync.OnceValue(func() *columns.Log {
		log, id := columns.New(), uint64(0)
		log.Reserve(n)
		for e := range qsotest.Each(qsotest.Options{N: n, Seed: 1}) {
			id++
			log.Put(logged(id, &e))
		}
		return log
	})
}

// BenchmarkFromScratch computes what pages show without a snapshot, each time
// beside a bare fold over the same columns: x-bare is how many of those it
// takes.
func BenchmarkFromScratch(b *testing.B) {
	board, _, set := newBoard(b)
	dx, _ := set.Get("dxcc")
	var body []byte
	cw := columns.Filter{Modes: []string{"CW"}, From: day("2015-01-01")}
	dashboard := func(f columns.Filter) func(v *columns.View) {
		return func(v *columns.View) { board.Statistics(v, f, time.Time{}) }
	}
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		for _, tc := range []struct {
			name string
			run  func(v *columns.View)
		}{
			{"dashboard", dashboard(columns.Filter{})},
			{"dashboard-json", func(v *columns.View) { body = board.Statistics(v, columns.Filter{}, time.Time{}).AppendJSON(body[:0]) }},
			{"dashboard-filtered", dashboard(cw)},
			{"dashboard-all-pass", dashboard(columns.Filter{From: day("1931-01-01")})},
			{"dxcc", func(v *columns.View) { dx.Count(v, awards.Options{}) }},
			{"all-awards", func(v *columns.View) {
				for _, a := range set.All() {
					a.Count(v, awards.Options{})
				}
			}},
		} {
			b.Run(fmt.Sprintf("%s/%d", tc.name, n), func(b *testing.B) {
				benchLogs[n]().View(func(v *columns.View) { beside(b, v, tc.run) })
			})
		}
	}
}

// beside runs a bare fold and then fn, so that noise meets both.
func beside(b *testing.B, v *columns.View, fn func(v *columns.View)) {
	var a bare
	var alone, full time.Duration
	a.fold(v)
	fn(v)
	b.ReportAllocs()
	for b.Loop() {
		began := time.Now()
		a.fold(v)
		between := time.Now()
		fn(v)
		alone, full = alone+between.Sub(began), full+time.Since(between)
	}
	b.ReportMetric(float64(full)/float64(alone), "x-bare")
	b.ReportMetric(float64(full.Nanoseconds())/float64(b.N)/float64(v.Rows()), "ns/row")
	b.ReportMetric(float64(alone.Nanoseconds())/float64(b.N)/float64(v.Rows()), "bare-ns/row")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkRefresh is what a change of the log costs until the dashboard is
// there again.
func BenchmarkRefresh(b *testing.B) {
	board, _, set := newBoard(b)
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m := newMemory("main")
			m.books["main"].log = put(generated(n, 1))
			k, err := stats.NewKeeper(stats.Config{Source: m, Define: stats.Definitions(board, func() *awards.Set { return set }), Now: time.Now})
			if err != nil {
				b.Fatal(err)
			}
			defer k.Close()
			q := logged(uint64(n+1), &qsotest.Entry{OwnCall: "DK9XYZ", Band: "20m", Mode: "CW", Start: time.Unix(1_700_000_000, 0), Worked: qsotest.Station{Call: "DL1ABC", DXCC: 230}})
			for b.Loop() {
				q.Start++
				m.put("main", q)
				get(b, k, stats.Dashboard)
			}
		})
	}
}
