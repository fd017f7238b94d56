package syncers

import (
	"context"
	"sync"
	"time"
)

// Gate lets one request at a time through to each host, all accounts and
// logbooks together, and keeps them apart. It is safe for concurrent use.
type Gate struct {
	now   func() time.Time
	mu    sync.Mutex
	hosts map[string]*door
}

// door is the way to one host: who holds the token may go.
type door struct {
	token chan struct{}
	left  time.Time // when the last request ended; only the holder looks
}

// NewGate returns a Gate.
func NewGate(now func() time.Time) *Gate { return &Gate{now: now, hosts: map[string]*door{}} }

// Enter waits until the host is free and spacing has passed since the last
// request ended, then returns the function that leaves. waiting, if not nil, is
// told the end of a wait for the spacing. An error is ctx's.
func (g *Gate) Enter(ctx context.Context, host string, spacing time.Duration, waiting func(time.Time)) (leave func(), err error) {
	d := g.door(host)
	select {
	case <-d.token:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	now := g.now()
	if now.Before(d.left) { // the clock went back
		d.left = now
	}
	if wait := spacing - now.Sub(d.left); wait > 0 && !d.left.IsZero() {
		if waiting != nil {
			waiting(now.Add(wait))
		}
		if err := Sleep(ctx, wait); err != nil {
			d.token <- struct{}{}
			return nil, err
		}
	}
	return func() {
		d.left = g.now()
		d.token <- struct{}{}
	}, nil
}

func (g *Gate) door(host string) *door {
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.hosts[host]
	if d == nil {
		d = &door{token: make(chan struct{}, 1)}
		d.token <- struct{}{}
		g.hosts[host] = d
	}
	return d
}

// Sleep waits for d, or until ctx ends; then it returns ctx's error.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
