package stats_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/monitor"
	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/stats"
)

func contact(id uint64) *qso.QSO {
	return &qso.QSO{ID: id, Call: "DL1ABC", Own: "DK9XYZ", Band: 9, Mode: qso.Mode{Name: "CW"}, Start: qso.Time(1_700_000_000 + 60*int64(id)), DXCC: 230}
}

// A snapshot is computed once and served until the log changes.
func ExampleKeeper_Get() {
	store, computed := newMemory("main"), newCounter()
	k, _ := stats.NewKeeper(stats.Config{Source: store, Disk: store, Define: computed.define, Now: func() time.Time {
		return time.Date(2026, 3, 14, 10, 15, 0, 0, time.UTC)
	}})
	defer k.Close()
	for range 25 {
		_, _ = k.Get(context.Background(), "main", "stats", nil)
	}
	store.put("main", contact(1))
	s, _ := k.Get(context.Background(), "main", "stats", nil)
	fmt.Println(string(s.JSON()))
	c := k.Counters().Stats
	fmt.Printf("%d hits, %d misses\n", c.Hits, c.Misses)
	// Output:
	// {"as_of":"2026-03-14T10:15:00Z","generation":1,"total":1,"computed":2}
	// 24 hits, 2 misses
}

func TestHitAndMiss(t *testing.T) {
	for name, tc := range map[string]struct {
		ttl    time.Duration
		before time.Duration // sleep before the first read: the bubble starts at midnight
		then   func(m *memory, k *stats.Keeper)
		hit    bool
	}{
		"at once":              {then: func(*memory, *stats.Keeper) {}, hit: true},
		"just before it ends":  {then: func(*memory, *stats.Keeper) { time.Sleep(5*time.Minute - 1) }, hit: true},
		"when it ends":         {then: func(*memory, *stats.Keeper) { time.Sleep(5 * time.Minute) }},
		"shorter ttl":          {ttl: time.Minute, then: func(*memory, *stats.Keeper) { time.Sleep(61 * time.Second) }},
		"until midnight":       {before: 24*time.Hour - 2*time.Minute, then: func(*memory, *stats.Keeper) { time.Sleep(2*time.Minute - 1) }, hit: true},
		"over midnight":        {before: 24*time.Hour - 2*time.Minute, then: func(*memory, *stats.Keeper) { time.Sleep(2 * time.Minute) }},
		"after a change":       {then: func(m *memory, _ *stats.Keeper) { m.put("main", contact(1)) }},
		"another one's change": {then: func(m *memory, _ *stats.Keeper) { m.put("other", contact(1)) }, hit: true},
		"forgotten":            {then: func(m *memory, k *stats.Keeper) { k.Forget("main"); clear(m.snapshots) }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, c := newMemory("main", "other"), newCounter()
				k := newKeeper(t, m, c, func(cfg *stats.Config) { cfg.TTL = tc.ttl })
				time.Sleep(tc.before)
				get(t, k, "stats")
				synctest.Wait()
				tc.then(m, k)
				s := get(t, k, "stats")
				want := stats.Class{Size: 1, Valid: 1, Hits: 0, Misses: 2}
				if tc.hit {
					want.Hits, want.Misses = 1, 1
				}
				if diff := cmp.Diff(want, k.Counters().Stats); diff != "" {
					t.Errorf("counters (-want +got):\n%s", diff)
				}
				if c.count("stats") != int(want.Misses) || s.Stale || s.Generation != m.Counter("main").Load() {
					t.Errorf("%d computations, snapshot of generation %d, stale %v", c.count("stats"), s.Generation, s.Stale)
				}
			})
		})
	}
}

func TestOneComputationForAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, c := newMemory("main"), newCounter()
		c.gate = make(chan struct{})
		k := newKeeper(t, m, c)
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { get(t, k, "award/dxcc") })
		}
		synctest.Wait()
		close(c.gate)
		wg.Wait()
		for range 50 {
			get(t, k, "award/dxcc")
		}
		want := stats.Counters{Awards: stats.Class{Size: 1, Valid: 1, Hits: 50, Misses: 100}}
		if diff := cmp.Diff(want, k.Counters()); diff != "" || c.count("award/dxcc") != 1 {
			t.Errorf("%d computations; counters (-want +got):\n%s", c.count("award/dxcc"), diff)
		}
		if rate := k.Counters().Total().HitRate(); rate < 0.333 || rate > 0.334 {
			t.Errorf("hit rate %v", rate)
		}
	})
}

// Who has written and then asks sees what he has written, also if a
// computation was under way.
func TestReaderSeesItsWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, c := newMemory("main"), newCounter()
		gate := make(chan struct{})
		c.gate = gate
		k := newKeeper(t, m, c)
		go get(t, k, "stats")
		synctest.Wait()
		m.put("main", contact(1))
		done := make(chan *stats.Snapshot)
		go func() { done <- get(t, k, "stats") }()
		synctest.Wait()
		close(gate)
		if s := <-done; s.Generation != 1 || !strings.Contains(string(s.Body), `"total":1`) || c.count("stats") != 2 {
			t.Errorf("generation %d after %d computations: %s", s.Generation, c.count("stats"), s.Body)
		}
	})
}

func TestWaiterGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, c := newMemory("main"), newCounter()
		c.gate = make(chan struct{})
		k := newKeeper(t, m, c)
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error)
		go func() {
			_, err := k.Get(ctx, "main", "stats", nil)
			failed <- err
		}()
		synctest.Wait()
		done := make(chan *stats.Snapshot)
		go func() { done <- get(t, k, "stats") }()
		synctest.Wait()
		cancel()
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("who gave up got %v", err)
		}
		close(c.gate)
		if s := <-done; s == nil || c.count("stats") != 1 {
			t.Errorf("who waited got %v after %d computations", s, c.count("stats"))
		}
	})
}

func TestErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, c := newMemory("main"), newCounter()
		k := newKeeper(t, m, c)
		c.err = errors.New("out of order")
		for name, tc := range map[string]struct {
			logbook, name string
			want          error
		}{
			"computation": {"main", "stats", c.err}, "name": {"main", "nothing", stats.ErrUnknown}, "logbook": {"nothing", "stats", errNoLogbook},
		} {
			if _, err := k.Get(t.Context(), tc.logbook, tc.name, nil); !errors.Is(err, tc.want) {
				t.Errorf("%s: error %v, want %v", name, err, tc.want)
			}
		}
		c.err = nil
		if _, err := k.Get(t.Context(), "main", "panic", nil); err == nil || !strings.Contains(err.Error(), "on purpose") {
			t.Errorf("panic: error %v", err)
		}
		get(t, k, "stats") // an error is not kept
		if n := k.Counters().Total().Size; n != 1 {
			t.Errorf("%d snapshots, want the one that could be computed", n)
		}
		k.Close()
		get(t, k, "stats")
		m.put("main", contact(1))
		if _, err := k.Get(t.Context(), "main", "stats", nil); !errors.Is(err, stats.ErrClosed) {
			t.Errorf("closed: error %v", err)
		}
	})
}

func TestCloseEndsComputations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, c := newMemory("main"), newCounter()
		m.books["main"].loaded = make(chan struct{}) // never
		k := newKeeper(t, m, c)
		failed := make(chan error)
		go func() {
			_, err := k.Get(t.Context(), "main", "stats", nil)
			failed <- err
		}()
		synctest.Wait()
		k.Close()
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("who waited got %v", err)
		}
	})
}

func TestConfig(t *testing.T) {
	m, c := newMemory(), newCounter()
	full := stats.Config{Source: m, Define: c.define, Now: time.Now}
	for field, edit := range map[string]func(*stats.Config){
		"Source": func(c *stats.Config) { c.Source = nil }, "Define": func(c *stats.Config) { c.Define = nil }, "Now": func(c *stats.Config) { c.Now = nil },
	} {
		cfg := full
		edit(&cfg)
		if _, err := stats.NewKeeper(cfg); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("without %s: error %v", field, err)
		}
	}
}

// TestTrueCounters reads, writes and lets expire from all sides.
func TestTrueCounters(t *testing.T) {
	m, c := newMemory("main", "other"), newCounter()
	k := newKeeper(t, m, c)
	ctx, cancel := context.WithCancel(t.Context())
	var running, wg sync.WaitGroup
	running.Go(func() { k.Run(ctx) })
	const readers, reads = 8, 2000
	for r := range readers {
		wg.Go(func() {
			for i := range reads {
				logbook, name := []string{"main", "other"}[i%2], []string{"stats", "award/dxcc"}[r%2]
				f := columns.Filter{Entity: uint16(i % 3)}
				s, err := k.Get(t.Context(), logbook, name, &f)
				if err != nil || s.Logbook != logbook || s.Name != name {
					t.Errorf("get %s %s: %v, %v", logbook, name, s, err)
					return
				}
				if i%200 == 0 {
					m.put(logbook, contact(uint64(r*reads+i+1)))
					k.Changed(logbook)
				}
				_ = k.Counters()
			}
		})
	}
	wg.Wait()
	cancel()
	running.Wait()
	for name, class := range map[string]stats.Class{"stats": k.Counters().Stats, "awards": k.Counters().Awards} {
		if class.Hits+class.Misses != readers/2*reads || class.Size != 6 {
			t.Errorf("%s: %+v, want %d reads of 6 snapshots", name, class, readers/2*reads)
		}
	}
}

func TestHitAllocatesNothing(t *testing.T) {
	m, c := newMemory("main"), newCounter()
	mon, err := monitor.New(monitor.Config{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	k := newKeeper(t, m, c, func(cfg *stats.Config) { cfg.Monitor = mon })
	get(t, k, "stats")
	if n := testing.AllocsPerRun(1000, func() { get(t, k, "stats") }); n != 0 {
		t.Errorf("a hit allocates %v times", n)
	}
	counts := map[string]uint64{}
	for _, op := range mon.Operations() {
		counts[op.Name] = uint64(op.Count)
	}
	if diff := cmp.Diff(map[string]uint64{"snapshot stats": 1001, "snapshot stats miss": 1, "compute stats": 1}, counts); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
}

// BenchmarkHit is one read of a snapshot, its observation included, beside the
// two readings of the clock that it cannot do without.
func BenchmarkHit(b *testing.B) {
	m, c := newMemory("main"), newCounter()
	elapsed := monitor.Monotonic(time.Now())
	mon, err := monitor.New(monitor.Config{Now: time.Now, Elapsed: elapsed})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	var running sync.WaitGroup
	running.Go(func() { mon.Run(ctx) })
	defer running.Wait()
	defer cancel()
	k := newKeeper(b, m, c, func(cfg *stats.Config) { cfg.Monitor, cfg.TTL, cfg.Elapsed = mon, time.Hour, elapsed })
	for _, name := range []string{"stats", "award/dxcc", "award/was", "award/waz", "award/wpx"} {
		get(b, k, name)
	}
	b.Run("ClockPair", func(b *testing.B) {
		for b.Loop() {
			_ = time.Since(time.Now())
		}
	})
	b.Run("Get", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := k.Get(ctx, "main", "stats", nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("GetParallel", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := k.Get(ctx, "main", "stats", nil); err != nil {
					b.Error(err)
				}
			}
		})
	})
	b.Run("GetFiltered", func(b *testing.B) {
		for b.Loop() {
			if _, err := k.Get(ctx, "main", "stats", &columns.Filter{Sat: "none", Modes: []string{"CW"}}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
