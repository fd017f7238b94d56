package store_test

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"qslbox/qso"
	"qslbox/qso/intake"
	"qslbox/qso/qsotest"
	"qslbox/store"
	"qslbox/syncers"
)

// BenchmarkImport imports a file into an empty log, all of it durable, and
// inserts the same records into a bare bbolt file beside it.
func BenchmarkImport(b *testing.B) {
	const n = 100_000
	text := qsotest.ADIF(qsotest.Options{N: n, Seed: 1})
	var whole, bare time.Duration
	for b.Loop() {
		s, l := mainBook(b)
		start := time.Now()
		importADIF(b, l, text)
		whole += time.Since(start)
		b.StopTimer()
		b.ReportMetric(float64(blocks(b, s))/n, "B/QSO")
		var keys, values [][]byte
		if err := s.EachValue(store.MainLogbook, "qso", func(k, v []byte) {
			keys, values = append(keys, bytes.Clone(k)), append(values, bytes.Clone(v))
		}); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		bare += insert(b, keys, values)
		b.StartTimer()
	}
	b.ReportMetric(n*float64(b.N)/whole.Seconds(), "QSO/s")
	b.ReportMetric(float64(whole)/float64(bare), "x-bare-insert")
}

// insert puts records into a new bbolt file in transactions of 10,000.
func insert(tb testing.TB, keys, values [][]byte) time.Duration {
	tb.Helper()
	o := *bbolt.DefaultOptions
	o.InitialMmapSize = 1 << 30
	db, err := bbolt.Open(filepath.Join(tb.TempDir(), "bare"), 0o600, &o)
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close()
	start := time.Now()
	for from := 0; from < len(keys); from += store.MaxBatch {
		if err := db.Update(func(tx *bbolt.Tx) error {
			bucket, err := tx.CreateBucketIfNotExists([]byte("qso"))
			if err != nil {
				return err
			}
			bucket.FillPercent = 1
			for i := from; i < min(from+store.MaxBatch, len(keys)); i++ {
				if err := bucket.Put(keys[i], values[i]); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			tb.Fatal(err)
		}
	}
	return time.Since(start)
}

// BenchmarkMerge merges QSOs that were judged already, without reading ADIF.
func BenchmarkMerge(b *testing.B) {
	const n = 50_000
	batches := judged(b, n)
	b.ReportAllocs()
	for b.Loop() {
		_, l := mainBook(b)
		for _, batch := range batches {
			if _, err := l.Merge(context.Background(), batch, intake.MergeOptions{}); err != nil {
				b.Fatal(err)
			}
		}
		closeOf(b, l)
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "QSO/s")
}

// collector is a Merger that only keeps the batches.
type collector struct{ batches [][]*qso.QSO }

func (c *collector) Merge(_ context.Context, batch []*qso.QSO, _ intake.MergeOptions) ([]intake.Outcome, error) {
	var own []*qso.QSO
	for _, q := range batch {
		own = append(own, q.Clone())
	}
	c.batches = append(c.batches, own)
	return make([]intake.Outcome, len(batch)), nil
}

func judged(tb testing.TB, n int) [][]*qso.QSO {
	tb.Helper()
	var c collector
	text := qsotest.ADIF(qsotest.Options{N: n, Seed: 1})
	if _, err := intake.File(context.Background(), bytes.NewReader(text), intake.Options{Config: intake.Config{Now: now}}, &c); err != nil {
		tb.Fatal(err)
	}
	return c.batches
}

// sizes are the logs that the benchmarks run on.
var sizes = []int{100_000, 1_000_000}

func bySize(b *testing.B, fn func(b *testing.B, n int)) {
	for _, n := range sizes {
		b.Run(strconv.Itoa(n), func(b *testing.B) { fn(b, n) })
	}
}

// stream imports a generated log without holding its text.
func stream(tb testing.TB, l *store.Logbook, o qsotest.Options) {
	tb.Helper()
	r, w := io.Pipe()
	go func() { _ = w.CloseWithError(qsotest.Write(w, o)) }()
	if _, err := intake.File(context.Background(), r, intake.Options{Config: intake.Config{Now: now}}, l); err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkLoad builds the columns of a log that was just opened.
func BenchmarkLoad(b *testing.B) { bySize(b, benchmarkLoad) }

func benchmarkLoad(b *testing.B, n int) {
	s, l := mainBook(b)
	stream(b, l, qsotest.Options{N: n, Seed: 1})
	dir, size := s.Dir(), blocks(b, s)
	closeOf(b, l)
	for b.Loop() {
		s, err := store.Open(context.Background(), store.Config{Dir: dir, Now: now})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Columns(context.Background(), store.MainLogbook); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(size)/float64(n), "B/QSO")
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "QSO/s")
}

// BenchmarkAddOne stores one QSO.
func BenchmarkAddOne(b *testing.B) { bySize(b, benchmarkAddOne) }

func benchmarkAddOne(b *testing.B, n int) {
	_, l := mainBook(b)
	stream(b, l, qsotest.Options{N: n, Seed: 1})
	band, _ := qso.ParseBand("20m")
	q := &qso.QSO{Call: "DL1ABC", Own: "DK9XYZ", Start: qso.TimeOf(noon), Band: band, Mode: qso.Mode{Name: "CW"}}
	for b.Loop() {
		q.Start += 60
		if _, err := l.Add(context.Background(), q, "me"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkConfirmations merges 1,000 confirmations spread over a log, and
// updates the same keys of a bare bbolt file beside it.
func BenchmarkConfirmations(b *testing.B) { bySize(b, benchmarkConfirmations) }

func benchmarkConfirmations(b *testing.B, n int) {
	const confirmed = 1000
	s, l, a := synced(b)
	stream(b, l, qsotest.Options{N: n, Seed: 1, KnownUntil: time.Unix(0, 0)})
	db := bareCopy(b, s)
	defer db.Close()
	var sync, bare time.Duration
	run := 0
	for b.Loop() {
		run++
		batch := syncers.Batch{Source: qso.LoTW, Revision: a.Revision, Run: run}
		var ids []uint64
		for i := range uint64(confirmed) {
			id := 1 + (i*uint64(n/confirmed)+uint64(run))%uint64(n)
			q, err := l.Get(id)
			if err != nil {
				b.Fatal(err)
			}
			rec := &qso.QSO{Call: q.Call, Own: q.Own, Start: q.Start, Band: q.Band, Mode: q.Mode, DXCC: q.DXCC}
			rec.Set(qso.FieldPropMode, q.Get(qso.FieldPropMode))
			rec.Set(qso.FieldSatName, q.Get(qso.FieldSatName))
			rec.Set(qso.FieldAppLoTWRXQSL, time.Unix(int64(run), 0).String())
			rec.Confirmations = []qso.Confirmation{{Source: qso.LoTW, Status: 'Y', Date: qso.TimeOf(noon) + qso.Time(run), Stated: true, Record: rec.Fields}}
			batch.Records = append(batch.Records, syncers.Record{Kind: syncers.Confirmation, QSO: rec})
			ids = append(ids, id)
		}
		start := time.Now()
		result, err := l.MergeSync(context.Background(), batch)
		if err != nil || result.Updated < confirmed*9/10 {
			b.Fatalf("%+v, %v", result, err)
		}
		sync += time.Since(start)
		bare += rewrite(b, db, ids)
	}
	b.ReportMetric(float64(sync.Microseconds())/1000/float64(run), "ms/sync")
	b.ReportMetric(float64(sync)/float64(bare), "x-bare-update")
}

// bareCopy is a bbolt file with the values of all QSOs.
func bareCopy(tb testing.TB, s *store.Store) *bbolt.DB {
	tb.Helper()
	o := *bbolt.DefaultOptions
	o.InitialMmapSize = 1 << 30
	db, err := bbolt.Open(filepath.Join(tb.TempDir(), "bare"), 0o600, &o)
	if err != nil {
		tb.Fatal(err)
	}
	if err := db.Update(func(tx *bbolt.Tx) error {
		bucket, err := tx.CreateBucket([]byte("qso"))
		if err != nil {
			return err
		}
		bucket.FillPercent = 1
		return s.EachValue(store.MainLogbook, "qso", func(k, v []byte) {
			if err := bucket.Put(bytes.Clone(k), bytes.Clone(v)); err != nil {
				tb.Fatal(err)
			}
		})
	}); err != nil {
		tb.Fatal(err)
	}
	return db
}

// rewrite stores the values of some keys anew, each 30 bytes longer.
func rewrite(tb testing.TB, db *bbolt.DB, ids []uint64) time.Duration {
	tb.Helper()
	start := time.Now()
	if err := db.Update(func(tx *bbolt.Tx) error {
		bucket := tx.Bucket([]byte("qso"))
		for _, id := range ids {
			key := store.IDKey(id)
			value := append(bytes.Clone(bucket.Get(key)), make([]byte, 30)...)
			if err := bucket.Put(key, value); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		tb.Fatal(err)
	}
	return time.Since(start)
}
