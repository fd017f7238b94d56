package stats_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso/columns"
	"qslbox/stats"
)

// TestVerify finds a snapshot that is not what the log says.
func TestVerify(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory("main", "club")
		k, err := stats.NewKeeper(stats.Config{Source: m, Disk: m, Now: time.Now, Define: func(name string) (stats.Definition, bool) {
			return stats.Definition{Name: name, Compute: func(_ context.Context, log *columns.Log, _ columns.Filter, now time.Time) ([]byte, error) {
				return fmt.Appendf(nil, `{"total":%d,"day":%d}`, log.Len(), now.Day()), nil
			}}, true
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer k.Close()
		for _, name := range []string{"main", "club"} {
			if _, err := k.Get(t.Context(), name, "stats", nil); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(48 * time.Hour) // what says "today" is held against its own day
		if n, wrong, err := k.Verify(t.Context()); n != 2 || len(wrong) > 0 || err != nil {
			t.Errorf("%d compared, wrong: %v, %v", n, wrong, err)
		}
		m.books["club"].log.Put(contact(1)) // and no generation
		n, wrong, err := k.Verify(t.Context())
		if diff := cmp.Diff([]string{"club stats"}, wrong); n != 2 || diff != "" || err != nil {
			t.Errorf("%d compared, %v (-want +got):\n%s", n, err, diff)
		}
		if n, wrong, err := k.Verify(t.Context()); n != 1 || len(wrong) > 0 || err != nil {
			t.Errorf("again: %d compared, wrong: %v, %v", n, wrong, err)
		}
	})
}

// TestVerifyDistrusts: when what was kept of a log turns out to be wrong,
// nothing is resumed from it any more.
func TestVerifyDistrusts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory("main")
		right := func(log *columns.Log) []byte { return fmt.Appendf(nil, `{"total":%d}`, log.Len()) }
		k, err := stats.NewKeeper(stats.Config{Source: m, Now: time.Now, Define: func(name string) (stats.Definition, bool) {
			return stats.Definition{
				Name: name,
				Compute: func(_ context.Context, log *columns.Log, _ columns.Filter, _ time.Time) ([]byte, error) {
					return right(log), nil
				},
				Resume: func(_ context.Context, log *columns.Log, _ time.Time, last stats.Resumed) (stats.Resumed, error) {
					if last.Body != nil {
						return last, nil // as if nothing had come
					}
					return stats.Resumed{Body: right(log)}, nil
				},
			}, true
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer k.Close()
		var got []string
		for i := range uint64(3) {
			m.put("main", contact(i+1))
			s, err := k.Get(t.Context(), "main", "stats", nil)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(s.Body))
			if i == 1 {
				if _, wrong, err := k.Verify(t.Context()); err != nil || len(wrong) != 1 {
					t.Fatalf("wrong: %v, %v", wrong, err)
				}
			}
		}
		if diff := cmp.Diff([]string{`{"total":1}`, `{"total":1}`, `{"total":3}`}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// TestPanicDistrusts: a computation that panicked may have kept half of what it
// should, so the next ones count the whole log.
func TestPanicDistrusts(t *testing.T) {
	m := newMemory("main")
	k, err := stats.NewKeeper(stats.Config{Source: m, Now: time.Now, Define: func(name string) (stats.Definition, bool) {
		return stats.Definition{
			Name: name,
			Compute: func(_ context.Context, log *columns.Log, _ columns.Filter, _ time.Time) ([]byte, error) {
				return fmt.Appendf(nil, `{"total":%d}`, log.Len()), nil
			},
			Resume: func(context.Context, *columns.Log, time.Time, stats.Resumed) (stats.Resumed, error) {
				panic("on purpose")
			},
		}, true
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	m.put("main", contact(1))
	if _, err := k.Get(t.Context(), "main", "stats", nil); err == nil {
		t.Error("a panic went unnoticed")
	}
	s, err := k.Get(t.Context(), "main", "stats", nil)
	if err != nil || string(s.Body) != `{"total":1}` {
		t.Errorf("after it: %+v, %v", s, err)
	}
}
