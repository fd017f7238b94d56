package stats_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"qslbox/monitor"
	"qslbox/qso/columns"
	"qslbox/stats"
)

// TestAdmission: no more computations run at a time than there are processors,
// and the monitor shows who waited, and how long.
func TestAdmission(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const each = 700 * time.Millisecond
		var running, most atomic.Int64
		began := time.Now()
		m, err := monitor.New(monitor.Config{Now: time.Now, Elapsed: func() time.Duration { return time.Since(began) }})
		if err != nil {
			t.Fatal(err)
		}
		k, err := stats.NewKeeper(stats.Config{Source: newMemory("main"), Now: time.Now, Monitor: m, Define: func(name string) (stats.Definition, bool) {
			return stats.Definition{Name: name, Variant: true, Compute: func(context.Context, *columns.Log, columns.Filter, time.Time) ([]byte, error) {
				if now := running.Add(1); now > most.Load() {
					most.Store(now)
				}
				time.Sleep(each)
				running.Add(-1)
				return []byte("{}"), nil
			}}, true
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer k.Close()
		processors := runtime.GOMAXPROCS(0)
		var all sync.WaitGroup
		for i := range 2 * processors {
			all.Go(func() {
				if _, err := k.Get(t.Context(), "main", fmt.Sprint("n", i), nil); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if most.Load() != int64(processors) {
			t.Errorf("%d ran at a time, want %d", most.Load(), processors)
		}
		for _, op := range m.Operations() {
			switch {
			case op.Name == "compute: wait for a processor" && (op.Count != uint64(processors) || op.Max != each):
				t.Errorf("waited: %d times, %s at most, want %d, %s", op.Count, op.Max, processors, each)
			case op.Name == "snapshot n0 miss" && op.Max != each && op.Max != 2*each:
				t.Errorf("the miss took %s", op.Max)
			}
		}
	})
}
