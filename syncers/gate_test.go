package syncers_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"qslbox/syncers"
)

func TestGateKeepsRequestsApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := syncers.NewGate(time.Now)
		var mu sync.Mutex
		var at []time.Duration
		inside := 0
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				leave, err := gate.Enter(context.Background(), "lotw.arrl.org", 10*time.Second, nil)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if inside++; inside > 1 {
					t.Error("two at once")
				}
				at = append(at, time.Since(bubble))
				mu.Unlock()
				time.Sleep(5 * time.Second)
				mu.Lock()
				inside--
				mu.Unlock()
				leave()
			})
		}
		other, err := gate.Enter(context.Background(), "dings.dcl.darc.de", 10*time.Second, nil)
		if err != nil || time.Since(bubble) != 0 {
			t.Errorf("another host waited: %v", err)
		}
		other()
		all.Wait()
		for i, d := range at {
			if want := time.Duration(i) * 15 * time.Second; d != want {
				t.Errorf("request %d began after %v, want %v", i, d, want)
			}
		}
	})
}

func TestGateWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clock{}
		gate := syncers.NewGate(c.now)
		leave, err := gate.Enter(context.Background(), "h", time.Minute, nil)
		if err != nil {
			t.Fatal(err)
		}
		leave()
		var until time.Time
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := gate.Enter(ctx, "h", time.Minute, func(u time.Time) { until = u }); !errors.Is(err, context.DeadlineExceeded) || until.Sub(bubble) != time.Minute {
			t.Errorf("error %v, waiting until %v", err, until)
		}
		c.jump(-24 * time.Hour) // the clock goes back: not a day of waiting
		leave, err = gate.Enter(context.Background(), "h", time.Minute, nil)
		if err != nil || time.Since(bubble) > 2*time.Minute {
			t.Errorf("after %v: %v", time.Since(bubble), err)
		}
		held, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := gate.Enter(held, "h", 0, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the host is taken: %v", err)
		}
		leave()
	})
}
