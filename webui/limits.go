package webui

import (
	"context"
	"net/http"
	"sync"
	"time"

	"qslbox/webui/access"
)

// How often one address (an IPv6 network counts as one), and one key, may ask:
// so many times a second for long, and so many at once. A page takes about
// five requests. This machine is not limited: see DESIGN.md section 7.
const (
	asksPerSecond = 20
	asksAtOnce    = 200
)

// heavyWait is how long a heavy request waits for the one before it.
const heavyWait = 30 * time.Second

var errHeavy = &problem{
	ErrorEntry: ErrorEntry{http.StatusTooManyRequests, "busy"},
	message:    "another request of this kind is under way, and they run one at a time; try again in a minute",
}

// allowSource counts a request by where it comes from.
func (c *call) allowSource() error {
	if c.local {
		return nil
	}
	return c.bySource.take(access.Network(c.source), c.time())
}

// allowKey counts a request by its key.
func (c *call) allowKey() error {
	if c.local || c.id.Kind != access.ByKey {
		return nil
	}
	return c.byKey.take(c.id.Name, c.time())
}

// lanes let heavy work (imports, exports, backups) run one at a time: one of a
// kind in each logbook, so that nobody blocks another logbook.
type lanes struct {
	mu   sync.Mutex
	list map[string]*lane
}

type lane struct {
	place chan struct{}
	users int // who is in it or waits
}

// enter waits for the lane and returns the function that leaves it. Commands
// (patient) wait as long as it takes.
func (l *lanes) enter(ctx context.Context, name string, patient bool) (leave func(), err error) {
	l.mu.Lock()
	if l.list == nil {
		l.list = map[string]*lane{}
	}
	one := l.list[name]
	if one == nil {
		one = &lane{place: make(chan struct{}, 1)}
		l.list[name] = one
	}
	one.users++
	l.mu.Unlock()
	gone := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if one.users--; one.users == 0 {
			delete(l.list, name)
		}
	}
	var late <-chan time.Time
	if !patient {
		timer := time.NewTimer(heavyWait)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case one.place <- struct{}{}:
		return func() { <-one.place; gone() }, nil
	case <-late:
		gone()
		return nil, errHeavy
	case <-ctx.Done():
		gone()
		return nil, ctx.Err()
	}
}
