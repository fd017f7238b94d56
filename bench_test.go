package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"testing"
	"time"

	"qslbox/monitor"
	"qslbox/qso/intake"
	"qslbox/qso/qsotest"
	"qslbox/webui/access"
)

// BenchmarkAppliance measures the joined program on logs of three sizes: a
// snapshot hit in process, the dashboard from scratch after a change, and
// answers over HTTP beside a static one of the same size. mem-B/QSO is what the
// process holds beyond the mapped file.
func BenchmarkAppliance(b *testing.B) {
	for _, size := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("%dk", size/1000), func(b *testing.B) {
			a, key := filled(b, size)
			b.Run("hit", func(b *testing.B) { benchHit(b, a) })
			b.Run("clock", func(b *testing.B) {
				for b.Loop() {
					began := a.elapsed()
					_ = a.elapsed() - began
				}
			})
			b.Run("scratch", func(b *testing.B) { benchScratch(b, a) })
			benchHTTP(b, a, key)
			b.Run("memory", func(b *testing.B) {
				runtime.GC()
				for b.Loop() {
					p, err := monitor.ReadProcess(os.DirFS("/"))
					if err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(float64(p.Anonymous)/(1<<20), "anonymous-MiB")
				}
			})
		})
	}
}

// filled returns an appliance with a made-up log, and a key that may read it.
func filled(b testing.TB, size int) (a *appliance, key string) {
	b.Helper()
	return filledAs(b, size, applianceConfig{create: true})
}

// filledAs is filled with a configuration of one's own.
func filledAs(b testing.TB, size int, cfg applianceConfig) (a *appliance, key string) {
	b.Helper()
	env := environment{getenv: func(string) string { return "" }, stdin: &bytes.Buffer{}, stdout: io.Discard, stderr: io.Discard, now: time.Now}
	cfg.dir, cfg.env = b.TempDir(), env
	a, err := openAppliance(context.Background(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = a.close() })
	reader, writer := io.Pipe()
	go func() {
		writer.CloseWithError(qsotest.Write(writer, qsotest.Options{N: size, Seed: 1, End: time.Now()}))
	}()
	book, err := a.store.Logbook("main")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := intake.File(context.Background(), reader, intake.Options{Config: intake.Config{Now: time.Now, Resolver: a.table}}, book); err != nil {
		b.Fatal(err)
	}
	if err := a.gate.AddUser(context.Background(), "bench", "long enough for a bench", access.Administrator, nil); err != nil {
		b.Fatal(err)
	}
	_, key, err = a.gate.AddKey("bench", "main", []string{"read", "metrics"}, time.Time{})
	if err != nil {
		b.Fatal(err)
	}
	return a, key
}

func benchHit(b *testing.B, a *appliance) {
	ctx := context.Background()
	if _, err := a.keeper.Get(ctx, "main", "stats", nil); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.keeper.Get(ctx, "main", "stats", nil); err != nil {
			b.Fatal(err)
		}
	}
}

func benchScratch(b *testing.B, a *appliance) {
	book, err := a.store.Logbook("main")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		b.StopTimer()
		if err := book.Touch(context.Background()); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if _, err := a.keeper.Get(context.Background(), "main", "stats", nil); err != nil {
			b.Fatal(err)
		}
	}
}

func benchHTTP(b *testing.B, a *appliance, key string) {
	snapshot, err := a.keeper.Get(context.Background(), "main", "stats", nil)
	if err != nil {
		b.Fatal(err)
	}
	body := snapshot.JSON()
	mux := http.NewServeMux()
	mux.HandleFunc("/static", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	})
	mux.Handle("/", a.handler())
	server := httptest.NewServer(mux)
	b.Cleanup(server.Close)
	client := server.Client()
	client.Transport.(*http.Transport).MaxIdleConnsPerHost = 16
	client.Transport.(*http.Transport).DisableCompression = true
	for _, path := range []string{"/static", "/api/stats", "/api/health", "/", "/api/qsos", "/api/awards/dxcc"} {
		b.Run("GET"+path, func(b *testing.B) {
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					req, _ := http.NewRequest(http.MethodGet, server.URL+path, nil)
					req.Header.Set("X-API-Key", key)
					resp, err := client.Do(req)
					if err != nil {
						b.Error(err)
						return
					}
					_, _ = io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
					if resp.StatusCode != http.StatusOK {
						b.Errorf("%s: %s", path, resp.Status)
						return
					}
				}
			})
		})
	}
}
