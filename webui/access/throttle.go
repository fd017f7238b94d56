package access

import (
	"fmt"
	"net/netip"
	"time"
)

// How many wrong attempts are let through: from one source, at one account,
// and in all, in one minute; then one has to wait.
const (
	perSource  = 10
	perAccount = 20
	perAll     = 200
	window     = time.Minute
	maxTracked = 4096
)

// TooManyError says how long to wait.
type TooManyError struct{ Wait time.Duration }

// Error says what to do.
func (e *TooManyError) Error() string {
	return fmt.Sprintf("%v; wait %d seconds", ErrTooMany, int(e.Wait.Seconds())+1)
}

// Is makes the error match ErrTooMany.
func (e *TooManyError) Is(target error) bool { return target == ErrTooMany }

// throttle counts wrong attempts in the minute under way; its memory is
// bounded.
type throttle struct {
	began  time.Time
	counts map[string]int
	all    int
}

func newThrottle() throttle { return throttle{counts: map[string]int{}} }

// roll begins a new window when the old one is over, or the clock jumped.
func (t *throttle) roll(now time.Time) {
	if since := now.Sub(t.began); since < 0 || since >= window {
		t.began, t.all = now, 0
		clear(t.counts)
	}
}

// Network returns what counts as one source: an address, or a whole IPv6 /64,
// which is what one connection at home gets.
func Network(source string) string {
	addr, err := netip.ParseAddr(source)
	if err != nil {
		return clip(source, 60)
	}
	if addr.Is6() && !addr.Is4In6() {
		if p, err := addr.Prefix(64); err == nil {
			return p.String()
		}
	}
	return addr.Unmap().String()
}

func sourceKey(source string) string { return "source/" + Network(source) }

// throttled returns how long the source, or the account, has to wait.
func (g *Gate) throttled(source, account string) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	now, t := g.now(), &g.throttle
	t.roll(now)
	if t.counts[sourceKey(source)] >= perSource || account != "" && t.counts["account/"+account] >= perAccount || t.all >= perAll {
		return window - now.Sub(t.began)
	}
	return 0
}

// failed counts a wrong attempt.
func (g *Gate) failed(source, account string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := &g.throttle
	t.roll(g.now())
	t.all++
	if len(t.counts) < maxTracked {
		t.counts[sourceKey(source)]++
		if account != "" {
			t.counts["account/"+clip(account, 64)]++
		}
	}
}

// succeeded forgets the source's wrong attempts; those at the account stay.
func (g *Gate) succeeded(source, _ string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.throttle.counts, sourceKey(source))
}
