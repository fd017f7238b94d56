package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"testing"
	"time"

	"qslbox/monitor"
	"qslbox/qso/intake"
	"qslbox/qso/qsotest"
)

// BenchmarkLogbooks holds 200 logbooks of 5,000 QSOs in one service, as a club
// or a small host would: what they take of memory and disk, how long they take
// to load, and how fast each one's dashboard is. docs/decisions tells what
// follows from it.
func BenchmarkLogbooks(b *testing.B) {
	const books, each = 200, 5000
	env := environment{getenv: func(string) string { return "" }, stdin: &bytes.Buffer{}, stdout: io.Discard, stderr: io.Discard, now: time.Now}
	cfg := applianceConfig{dir: b.TempDir(), env: env, create: true}
	a, err := openAppliance(context.Background(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	name := func(i int) string { return fmt.Sprintf("log%03d", i) }
	for i := range books {
		if err := a.store.CreateLogbook(name(i)); err != nil {
			b.Fatal(err)
		}
		book, err := a.store.Logbook(name(i))
		if err != nil {
			b.Fatal(err)
		}
		text := qsotest.ADIF(qsotest.Options{N: each, Seed: uint64(i + 1), End: time.Now()})
		if _, err := intake.File(context.Background(), bytes.NewReader(text), intake.Options{Config: intake.Config{Now: time.Now, Resolver: a.table}}, book); err != nil {
			b.Fatal(err)
		}
	}
	if err := a.close(); err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if a, err = openAppliance(context.Background(), cfg); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = a.close() })
	opened := time.Since(began)
	get := func(i int) {
		if _, err := a.keeper.Get(context.Background(), name(i%books), "stats", nil); err != nil {
			b.Fatal(err)
		}
	}
	for i := range books {
		get(i)
	}
	loaded := time.Since(began)
	runtime.GC()
	p, err := monitor.ReadProcess(os.DirFS("/"))
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		get(i)
	}
	b.ReportMetric(float64(p.Anonymous)/(1<<20), "anonymous-MiB")
	b.ReportMetric(float64(p.Anonymous)/books/1024, "KiB/logbook")
	b.ReportMetric(float64(a.store.Stats().Bytes)/books/each, "file-B/QSO")
	b.ReportMetric(opened.Seconds()*1000, "open-ms")
	b.ReportMetric(loaded.Seconds()*1000, "all-loaded-ms")
}
