package stats

import (
	"cmp"
	"context"
	"slices"
	"time"
)

const (
	inUse      = time.Hour        // a snapshot asked for within is kept up to date
	pause      = time.Second      // between two passes
	clockCheck = 10 * time.Second // how often the two clocks are compared
)

// Changed says that the generation of a logbook has moved: what is in use is
// computed anew, soon. The store calls it after each change.
func (k *Keeper) Changed(logbook string) { k.mark(logbook, false) }

// Renew computes the snapshots of a logbook that are in use anew although the
// log has not changed: a sync brought nothing, and the pages may say so.
func (k *Keeper) Renew(logbook string) { k.mark(logbook, true) }

func (k *Keeper) mark(logbook string, even bool) {
	k.marks.Lock()
	k.marked[logbook] = k.marked[logbook] || even
	k.marks.Unlock()
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// Run keeps what is in use up to date until the context ends: one pass at a
// time, at least a second apart. It also notices that the clock was set, or the
// machine slept, and reckons anew until when snapshots hold.
func (k *Keeper) Run(ctx context.Context) {
	timer, ticker := time.NewTimer(pause), time.NewTicker(clockCheck)
	defer timer.Stop()
	defer ticker.Stop()
	began := k.cfg.Now().Add(-k.cfg.Elapsed())
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if now := k.cfg.Now().Add(-k.cfg.Elapsed()); now.Sub(began).Abs() > time.Second {
				began = now
				k.rehold()
			}
			continue
		case <-k.wake:
		}
		k.pass(ctx)
		timer.Reset(pause)
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
	}
}

// rehold finds out anew how long snapshots hold.
func (k *Keeper) rehold() {
	for e := range k.shelf.Load().all() {
		if h := e.current.Load(); h != nil {
			e.current.CompareAndSwap(h, k.hold(h.Snapshot))
		}
	}
}

// pass computes what is due, what was used last first.
func (k *Keeper) pass(ctx context.Context) {
	k.marks.Lock()
	marked := k.marked
	k.marked = map[string]bool{}
	k.marks.Unlock()
	now := k.cfg.Elapsed()
	since := int64((now - inUse) / time.Second)
	var due []*entry
	for e := range k.shelf.Load().all() {
		if even, ok := marked[e.at.logbook]; ok && !e.variant && e.used.Load() >= since && (even || !k.holds(e, now)) {
			due = append(due, e)
		}
	}
	slices.SortFunc(due, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(b.used.Load(), a.used.Load()), cmp.Compare(a.at.name, b.at.name))
	})
	for _, e := range due {
		_, err := k.compute(ctx, e, e.generation.Load())
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			continue // said where it happened
		}
	}
}
