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
	dashboard := func(f columns.Filter) func(*columns.Log) {
		return func(log *columns.Log) {
			log.View(func(v *columns.View) { body = board.Statistics(v, f, time.Time{}).AppendJSON(body[:0]) })
		}
	}
	overview, _ := stats.Definitions(board, func() *awards.Set { return set })(stats.Overview)
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		for _, tc := range []struct {
			name string
			run  func(*columns.Log)
		}{
			{"dashboard", dashboard(columns.Filter{})},
			{"dashboard-filtered", dashboard(cw)},
			{"dashboard-all-pass", dashboard(columns.Filter{From: day("1931-01-01")})},
			{"dxcc", func(log *columns.Log) { body = dx.Table(log, awards.Options{}).AppendJSON(body[:0]) }},
			{"all-awards", func(log *columns.Log) { _, _ = overview.Compute(b.Context(), log, columns.Filter{}, time.Time{}) }},
		} {
			b.Run(fmt.Sprintf("%s/%d", tc.name, n), func(b *testing.B) {
				beside(b, benchLogs[n](), tc.run)
			})
		}
	}
}

// beside runs a bare fold and then fn, so that noise meets both.
func beside(b *testing.B, log *columns.Log, fn func(*columns.Log)) {
	var a bare
	var alone, full time.Duration
	log.View(a.fold)
	fn(log)
	b.ReportAllocs()
	for b.Loop() {
		began := time.Now()
		log.View(a.fold)
		between := time.Now()
		fn(log)
		alone, full = alone+between.Sub(began), full+time.Since(between)
	}
	b.ReportMetric(float64(full)/float64(alone), "x-bare")
	b.ReportMetric(float64(full.Nanoseconds())/float64(b.N)/float64(log.Len()), "ns/row")
	b.ReportMetric(float64(alone.Nanoseconds())/float64(b.N)/float64(log.Len()), "bare-ns/row")
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
