package adif_test

import (
	"bytes"
	"sync"
	"testing"

	"qslbox/qso"
	"qslbox/qso/adif"
	"qslbox/qso/qsotest"
)

var benchLog = sync.OnceValue(func() []byte { return qsotest.ADIF(qsotest.Options{N: 20000, Seed: 1}) })

func BenchmarkReader(b *testing.B) {
	log := benchLog()
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		fields := 0
		for rec, err := range adif.NewReader(bytes.NewReader(log)).Records() {
			if err != nil {
				b.Fatal(err)
			}
			fields += len(rec.Fields)
		}
	}
}

func BenchmarkNames(b *testing.B) {
	names := [][]byte{}
	for id := qso.FieldID(1); id < 60; id++ {
		names = append(names, append([]byte(id.String()+":"), make([]byte, 32)...))
	}
	b.Run("words", func(b *testing.B) {
		for b.Loop() {
			for _, n := range names {
				adif.Find(n)
			}
		}
	})
	b.Run("bytes", func(b *testing.B) {
		for b.Loop() {
			for _, n := range names {
				qso.LookupField(n[:len(n)-33])
			}
		}
	})
}
