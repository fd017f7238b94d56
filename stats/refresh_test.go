package stats_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso/columns"
	"qslbox/stats"
)

// running starts Run and ends it with the test.
func running(t *testing.T, k *stats.Keeper) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		k.Run(ctx)
		close(done)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

func TestChangedRecomputesWhatIsInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, c := newMemory("main"), newCounter()
		k := newKeeper(t, m, c)
		running(t, k)
		get(t, k, "award/waz")
		time.Sleep(90 * time.Minute)
		get(t, k, "stats")
		get(t, k, "award/dxcc")
		if _, err := k.Get(t.Context(), "main", "stats", &columns.Filter{Sat: "none"}); err != nil {
			t.Fatal(err)
		}
		m.put("main", contact(1))
		k.Changed("main")
		synctest.Wait()
		for name, want := range map[string]int{"award/waz": 1, "stats": 3, "award/dxcc": 2} { // stats: and once filtered
			if got := c.count(name); got != want {
				t.Errorf("%s computed %d times, want %d", name, got, want)
			}
		}
		hits := k.Counters().Total().Hits
		get(t, k, "stats")
		if k.Counters().Total().Hits != hits+1 {
			t.Error("the recomputed snapshot was not there")
		}
	})
}

// What was asked for last is looked at by someone: it comes first.
func TestLastUsedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, c := newMemory("main"), newCounter()
		k := newKeeper(t, m, c)
		running(t, k)
		for _, name := range []string{"award/waz", "stats", "award/dxcc"} {
			get(t, k, name)
			time.Sleep(2 * time.Second)
		}
		get(t, k, "stats")
		m.put("main", contact(1))
		k.Changed("main")
		synctest.Wait()
		if diff := cmp.Diff([]string{"award/waz", "stats", "award/dxcc", "stats", "award/dxcc", "award/waz"}, c.order); diff != "" {
			t.Errorf("computed (-want +got):\n%s", diff)
		}
	})
}

// A clock that is set, or a night asleep, does not keep a snapshot for longer
// than its time of day says.
func TestClockIsSet(t *testing.T) {
	for name, tc := range map[string]struct {
		by   time.Duration
		hits uint64
	}{"an hour on": {time.Hour, 0}, "half a second on": {500 * time.Millisecond, 1}, "an hour back": {-time.Hour, 1}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, c := newMemory("main"), newCounter()
				base, skew := time.Now(), atomic.Int64{}
				time.Sleep(12 * time.Hour)
				k := newKeeper(t, m, c, func(cfg *stats.Config) {
					cfg.Now = func() time.Time { return time.Now().Add(time.Duration(skew.Load())) }
					cfg.Elapsed = func() time.Duration { return time.Since(base) }
				})
				running(t, k)
				get(t, k, "stats")
				synctest.Wait()
				skew.Store(int64(tc.by))
				time.Sleep(11 * time.Second)
				get(t, k, "stats")
				if hits := k.Counters().Stats.Hits; hits != tc.hits {
					t.Errorf("%d hits, want %d", hits, tc.hits)
				}
			})
		})
	}
}

// A logbook that goes while it is computed leaves nothing behind.
func TestForgetWhileComputing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, c := newMemory("main"), newCounter()
		c.gate = make(chan struct{})
		k := newKeeper(t, m, c)
		done := make(chan *stats.Snapshot)
		go func() { done <- get(t, k, "stats") }()
		synctest.Wait()
		k.Forget("main")
		close(c.gate)
		<-done
		synctest.Wait()
		if n := k.Counters().Total().Size; m.saved() != 0 || n != 0 {
			t.Errorf("saved %d times, %d snapshots in memory", m.saved(), n)
		}
	})
}

func TestPassesAreASecondApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, c := newMemory("main"), newCounter()
		k := newKeeper(t, m, c)
		running(t, k)
		get(t, k, "stats")
		for i := range 100 { // an import: ten changes a second for ten seconds
			m.put("main", contact(uint64(i+1)))
			k.Changed("main")
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(2 * time.Second)
		if n := c.count("stats"); n < 11 || n > 13 {
			t.Errorf("%d computations in 10 s of changes, want one a second", n)
		}
		if s := get(t, k, "stats"); s.Generation != 100 {
			t.Errorf("the last one is of generation %d", s.Generation)
		}
	})
}

func TestRenew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, c := newMemory("main"), newCounter()
		c.same = true
		k := newKeeper(t, m, c)
		running(t, k)
		first := get(t, k, "stats")
		time.Sleep(time.Minute)
		k.Changed("main") // it has not
		synctest.Wait()
		if c.count("stats") != 1 {
			t.Errorf("%d computations although nothing changed", c.count("stats"))
		}
		time.Sleep(time.Minute)
		k.Renew("main")
		synctest.Wait()
		s := get(t, k, "stats")
		if s.Computed.Sub(first.Computed) != 2*time.Minute || s.ETag() != first.ETag() || m.saved() != 1 {
			t.Errorf("renewed after %v, tag %s after %s, saved %d times", s.Computed.Sub(first.Computed), s.ETag(), first.ETag(), m.saved())
		}
	})
}

func TestRestart(t *testing.T) {
	for name, tc := range map[string]struct {
		between func(m *memory)
		sleep   time.Duration
		loading bool
		stale   bool
		want    stats.Class
		calls   int
	}{
		"at once":                  {want: stats.Class{Size: 1, Valid: 1, Hits: 1}, calls: 1},
		"at once, still loading":   {loading: true, want: stats.Class{Size: 1, Valid: 1, Hits: 1}, calls: 1},
		"expired":                  {sleep: time.Hour, want: stats.Class{Size: 1, Valid: 1, Misses: 1}, calls: 2},
		"expired, still loading":   {sleep: time.Hour, loading: true, stale: true, want: stats.Class{Size: 1, Expired: 1, Misses: 1}, calls: 1},
		"changed behind its back":  {between: func(m *memory) { m.put("main", contact(9)) }, want: stats.Class{Size: 1, Valid: 1, Misses: 1}, calls: 2},
		"the store cannot be read": {between: func(m *memory) { m.broken = true }, want: stats.Class{Size: 1, Valid: 1, Misses: 1}, calls: 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, c := newMemory("main"), newCounter()
				c.same = true
				k := newKeeper(t, m, c)
				first := get(t, k, "stats")
				k.Close()
				if tc.between != nil {
					tc.between(m)
				}
				time.Sleep(tc.sleep)
				if tc.loading {
					m.books["main"].loaded = make(chan struct{})
				}
				var logged strings.Builder
				k = newKeeper(t, m, c, func(cfg *stats.Config) { cfg.Log = slog.New(slog.NewTextHandler(&logged, nil)) })
				s := get(t, k, "stats")
				synctest.Wait()
				if diff := cmp.Diff(tc.want, k.Counters().Stats); diff != "" {
					t.Errorf("counters (-want +got):\n%s", diff)
				}
				if s.Stale != tc.stale || strings.Contains(string(s.JSON()), `"stale":true`) != tc.stale || (s.ETag() != first.ETag()) != tc.stale {
					t.Errorf("stale %v, tag %s after %s: %s", s.Stale, s.ETag(), first.ETag(), s.JSON())
				}
				if got := strings.Contains(logged.String(), errDisk.Error()); got != m.broken {
					t.Errorf("log: %s", &logged)
				}
				if c.count("stats") != tc.calls {
					t.Errorf("%d computations, want %d", c.count("stats"), tc.calls)
				}
			})
		})
	}
}

func TestStaleIsReplacedOnceLoaded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, c := newMemory("main"), newCounter()
		k := newKeeper(t, m, c)
		get(t, k, "stats")
		k.Close()
		time.Sleep(time.Hour)
		loading := make(chan struct{})
		m.books["main"].loaded = loading
		k = newKeeper(t, m, c)
		for range 3 {
			if s := get(t, k, "stats"); !s.Stale {
				t.Error("not stale while the columns are loaded")
			}
		}
		close(loading)
		synctest.Wait()
		if s := get(t, k, "stats"); s.Stale || c.count("stats") != 2 {
			t.Errorf("stale %v after %d computations", s.Stale, c.count("stats"))
		}
		if diff := cmp.Diff(stats.Class{Size: 1, Valid: 1, Hits: 1, Misses: 3}, k.Counters().Stats); diff != "" {
			t.Errorf("counters (-want +got):\n%s", diff)
		}
	})
}

func TestSavesOnlyWhatIsNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, c := newMemory("main"), newCounter()
		c.same = true
		k := newKeeper(t, m, c)
		for i := range 5 {
			get(t, k, "stats")
			m.put("main", contact(uint64(i+1)))
		}
		last := get(t, k, "stats")
		synctest.Wait()
		if m.saved() != 1 {
			t.Errorf("one body, saved %d times", m.saved())
		}
		k.Close()
		s, _, _ := m.LoadSnapshot("main", "stats")
		if m.saved() != 2 || s.Generation != last.Generation {
			t.Errorf("closed: saved %d times, generation %d of %d", m.saved(), s.Generation, last.Generation)
		}
		k.Close()
		if m.saved() != 2 {
			t.Errorf("closed again: saved %d times", m.saved())
		}
	})
}

func TestVariantsAreBounded(t *testing.T) {
	for name, tc := range map[string]struct {
		name string
		edit func(*stats.Config)
		most int
	}{
		"number": {"stats", func(c *stats.Config) { c.MaxVariants = 10 }, 10},
		"bytes":  {"large", func(c *stats.Config) { c.MaxVariantBytes = 10_500 }, 5},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, c := newMemory("main"), newCounter()
				k := newKeeper(t, m, c, tc.edit)
				get(t, k, "award/dxcc")
				read := func(i int) {
					t.Helper()
					if _, err := k.Get(t.Context(), "main", tc.name, &columns.Filter{Entity: uint16(i)}); err != nil {
						t.Fatal(err)
					}
					synctest.Wait()
				}
				for i := 1; i <= 40; i++ {
					read(i)
					time.Sleep(time.Second)
					read(1) // this one is in use
					if n := k.Counters().Stats.Size; n > tc.most {
						t.Fatalf("%d variants after %d filters, want %d at most", n, i, tc.most)
					}
				}
				if k.Counters().Stats.Size < tc.most-1 || k.Counters().Awards.Size != 1 || c.count(tc.name) != 40 {
					t.Errorf("counters %+v after %d computations", k.Counters(), c.count(tc.name))
				}
				if m.saved() != 1 {
					t.Errorf("saved %d times: filtered snapshots belong into memory", m.saved())
				}
			})
		})
	}
}

// Two filters that mean the same share a snapshot.
func TestSameFilterSameSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, c := newMemory("main"), newCounter()
		k := newKeeper(t, m, c)
		var tags []string
		for _, f := range []columns.Filter{{Modes: []string{"cw", "ssb"}}, {Modes: []string{"SSB", "CW"}}, {Modes: []string{"CW"}}} {
			s, err := k.Get(t.Context(), "main", "stats", &f)
			if err != nil {
				t.Fatal(err)
			}
			tags = append(tags, s.ETag())
		}
		if c.count("stats") != 2 || tags[0] != tags[1] {
			t.Errorf("%d computations for three filters of which two are the same: %s", c.count("stats"), fmt.Sprint(tags))
		}
	})
}
