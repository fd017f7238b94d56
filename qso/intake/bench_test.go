package intake_test

import (
	"bytes"
	"runtime"
	"testing"

	"qslbox/qso"
	"qslbox/qso/adif"
	"qslbox/qso/dxcc"
	"qslbox/qso/intake"
	"qslbox/qso/qsotest"
)

// tokenise is the least that a reader can do: it cuts names and values out by
// their lengths, believing every one, and knows neither. It returns the number
// of records and the bytes of all values.
func tokenise(log []byte) (records, text int) {
	for p := 0; p < len(log); {
		if log[p] != '<' {
			p++
			continue
		}
		p++
		name := p
		for p < len(log) && log[p] != ':' && log[p] != '>' {
			p++
		}
		end, length := p, 0
		for p++; p < len(log) && log[p]-'0' <= 9; p++ {
			length = length*10 + int(log[p]-'0')
		}
		switch {
		case length == 0 && string(log[name:end]) == "EOR":
			records++
			continue
		case length == 0:
			continue
		}
		for p < len(log) && log[p] != '>' {
			p++
		}
		value := log[min(p+1, len(log)):min(p+1+length, len(log))]
		p += 1 + length
		text += len(value)
	}
	return records, text
}

// BenchmarkIntake measures ADIF into typed records, beside the bare tokeniser
// in the same run; "read" is package adif alone. The log has all the odd fields
// that qsotest knows: on a plain one, typed records come at over a quarter of
// what a tokeniser does.
func BenchmarkIntake(b *testing.B) {
	const records = 20_000
	log := qsotest.ADIF(qsotest.Options{N: records, Seed: 1})
	table, err := dxcc.New()
	if err != nil {
		b.Fatal(err)
	}
	b.Run("bare", func(b *testing.B) {
		b.SetBytes(int64(len(log)))
		for b.Loop() {
			if n, _ := tokenise(log); n != records {
				b.Fatalf("%d records, want %d", n, records)
			}
		}
	})
	run := func(name string, each func(rec *adif.Record)) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(log)))
			defer perRecord(b, records, mallocs())
			for b.Loop() {
				for rec, err := range adif.NewReader(bytes.NewReader(log)).Records() {
					if err != nil {
						b.Fatal(err)
					}
					each(rec)
				}
			}
		})
	}
	judge := func(cfg intake.Config) func(*adif.Record) {
		cfg.Now = corpusNow
		in, q := intake.New(cfg), qso.QSO{}
		return func(rec *adif.Record) {
			if rejected := in.QSO(rec, &q); rejected != nil {
				b.Fatal(rejected.Message)
			}
		}
	}
	run("read", func(*adif.Record) {})
	run("typed", judge(intake.Config{}))
	run("looked-up", judge(intake.Config{Resolver: table}))
}

// perRecord reports the allocations for each record since before.
func perRecord(b *testing.B, records int, before uint64) {
	b.ReportMetric(float64(mallocs()-before)/float64(b.N*records), "allocs/record")
}

// mallocs returns how many allocations there were so far.
func mallocs() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.Mallocs
}
