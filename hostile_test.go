package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"qslbox/qso/columns"
	"qslbox/qso/intake"
	"qslbox/stats"
	"qslbox/stats/awards"
)

// hostile is a log that defeats the columns: no call twice, 300 own calls, a
// DOK of its own for every twentieth QSO, a reference of its own for every
// tenth, and now and then a value of 64 kB.
type hostile struct{ n int }

func (h hostile) write(w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<20)
	long := strings.Repeat("no end of talk ", 64<<10/15)
	fmt.Fprint(out, "hostile<EOH>\n")
	bands, modes := []string{"160m", "40m", "20m", "10m", "2m"}, []string{"CW", "SSB", "FT8", "RTTY"}
	field := func(name, value string) { fmt.Fprintf(out, "<%s:%d>%s", name, len(value), value) }
	at := time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range h.n {
		at = at.Add(14 * time.Minute)
		field("CALL", callOf(i))
		field("STATION_CALLSIGN", "DK"+callOf(i % 300)[1:])
		field("QSO_DATE", at.Format("20060102"))
		field("TIME_ON", at.Format("1504"))
		field("BAND", bands[i%len(bands)])
		field("MODE", modes[i%len(modes)])
		field("GRIDSQUARE", gridOf(i))
		field("LOTW_QSL_RCVD", "YN"[i%2:i%2+1])
		if i%20 == 0 {
			field("DARC_DOK", fmt.Sprintf("%c%05d", 'A'+i/20%26, i/20))
		}
		if i%10 == 0 {
			field("OPERATOR", callOf(i%300))
			field("CONTEST_ID", fmt.Sprintf("CONTEST-%d", i%1000))
			field("SOTA_REF", fmt.Sprintf("DM/BW-%03d", i%1000))
			field("POTA_REF", fmt.Sprintf("DE-%05d", i/10))
		}
		if i%5000 == 0 {
			field("COMMENT", long)
		}
		fmt.Fprint(out, "<EOR>\n")
	}
	return out.Flush()
}

// callOf counts through calls of one country's form: W1AAA, W2AAA, ...
func callOf(i int) string {
	s := []byte("W1AAA")
	s[1] += byte(i % 9)
	i /= 9
	for at := 4; at > 1; at-- {
		s[at] += byte(i % 26)
		i /= 26
	}
	s[0] -= byte(i % 23)
	return string(s)
}

func gridOf(i int) string {
	return string([]byte{byte('A' + i%18), byte('A' + i/18%18), byte('0' + i/324%10), byte('0' + i/3240%10)})
}

// into imports the log into an appliance and returns its columns.
func (h hostile) into(tb testing.TB, a *appliance) (*columns.Log, intake.Account) {
	tb.Helper()
	book, err := a.store.Logbook("main")
	if err != nil {
		tb.Fatal(err)
	}
	r, w := io.Pipe()
	go func() { w.CloseWithError(h.write(w)) }()
	account, err := intake.File(context.Background(), r, intake.Options{Config: intake.Config{Now: time.Now, Resolver: a.table}}, book)
	if err != nil {
		tb.Fatal(err)
	}
	log, err := a.store.Columns(context.Background(), "main")
	if err != nil {
		tb.Fatal(err)
	}
	return log, account
}

// held is what the heap holds, without garbage.
func held() int64 {
	runtime.GC()
	runtime.GC() // pools are emptied in two steps
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestHostileLog takes such a log whole, keeps it in memory within twice the
// budget of 64 B a QSO, and answers with lists of bounded length.
func TestHostileLog(t *testing.T) {
	const n = 60_000
	a, key := filled(t, 0)
	before := held()
	log, account := hostile{n}.into(t, a)
	if account.Added != n || account.Rejected > 0 {
		t.Errorf("added %d of %d, rejected %d", account.Added, n, account.Rejected)
	}
	const own = 1 << 20 // what the store keeps whatever the log
	if each := (held() - before - own) / n; each > 2*64 {
		t.Errorf("%d B a QSO in memory, want %d at most", each, 2*64)
	} else {
		t.Logf("%d B a QSO", each)
	}
	runtime.KeepAlive(log)
	for path, most := range map[string]int{
		"/": 300 << 10, "/api/stats": 300 << 10, "/log": 300 << 10, "/api/qsos": 1 << 20, "/awards": 300 << 10, "/awards/dxcc": 300 << 10,
		"/awards/dld": 2 << 20, "/awards/pota": 2 << 20, "/api/awards": 300 << 10, "/api/health": 100 << 10, "/map": 1 << 20,
	} {
		w := httptest.NewRecorder()
		req := httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
		req.RemoteAddr = "127.0.0.1:5"
		req.Header.Set("X-API-Key", key)
		a.handler().ServeHTTP(w, req)
		if size := w.Body.Len(); w.Code != http.StatusOK || size > most {
			t.Errorf("%s: %d, %d bytes, want at most %d", path, w.Code, size, most)
		}
	}
}

// BenchmarkHostile measures what has a budget on a million such QSOs, beside
// an ordinary log of the same size: x-ordinary is to stay near 2.
func BenchmarkHostile(b *testing.B) {
	const n = 1_000_000
	a, _ := filled(b, 0)
	began := time.Now()
	bad, _ := hostile{n}.into(b, a)
	slow := time.Since(began)
	began = time.Now()
	plain, _ := filled(b, n)
	ordinary := time.Since(began)
	b.Run("import", func(b *testing.B) {
		b.ReportMetric(slow.Seconds(), "s")
		b.ReportMetric(float64(slow)/float64(ordinary), "x-ordinary")
		b.ReportMetric(0, "ns/op")
	})
	good, err := plain.store.Columns(b.Context(), "main")
	if err != nil {
		b.Fatal(err)
	}
	board := stats.NewBoard(a.table, must(a.awards.set().Get("dxcc")))
	var body bytes.Buffer
	for name, run := range map[string]func(*columns.Log){
		"dashboard": func(log *columns.Log) {
			log.View(func(v *columns.View) {
				body.Reset()
				body.Write(board.Statistics(v, columns.Filter{}, time.Now()).AppendJSON(nil))
			})
		},
		"dxcc": func(log *columns.Log) {
			_ = must(a.awards.set().Get("dxcc")).Table(log, awards.Options{}).AppendJSON(nil)
		},
		"dld": func(log *columns.Log) {
			_ = must(a.awards.set().Get("dld")).Table(log, awards.Options{}).AppendJSON(nil)
		},
		"pota": func(log *columns.Log) {
			_ = must(a.awards.set().Get("pota")).Table(log, awards.Options{}).AppendJSON(nil)
		},
		"vucc": func(log *columns.Log) {
			_ = must(a.awards.set().Get("vucc")).Table(log, awards.Options{}).AppendJSON(nil)
		},
	} {
		b.Run(name, func(b *testing.B) {
			run(bad)
			run(good)
			var worse, ordinary time.Duration
			for b.Loop() {
				began := time.Now()
				run(bad)
				between := time.Now()
				run(good)
				worse, ordinary = worse+between.Sub(began), ordinary+time.Since(between)
			}
			b.ReportMetric(milli(worse)/float64(b.N), "ms")
			b.ReportMetric(float64(worse)/float64(ordinary), "x-ordinary")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func milli(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func must(a *awards.Award, ok bool) *awards.Award {
	if !ok {
		panic("no such award")
	}
	return a
}
