package intake_test

import (
	"bytes"
	"testing"

	"qslbox/qso"
	"qslbox/qso/adif"
	"qslbox/qso/dxcc"
	"qslbox/qso/intake"
	"qslbox/qso/qsotest"
)

// BenchmarkIntake measures ADIF into typed records. Its limit is 25 % of what a
// bare tokeniser does (DESIGN.md section 10); "read" is package adif alone.
func BenchmarkIntake(b *testing.B) {
	log := qsotest.ADIF(qsotest.Options{N: 20_000, Seed: 1})
	table, err := dxcc.New()
	if err != nil {
		b.Fatal(err)
	}
	run := func(name string, each func(rec *adif.Record)) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(log)))
			b.ReportAllocs()
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
