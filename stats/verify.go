package stats

import (
	"context"
	"slices"
	"time"
)

// settling is longer than the columns carry a change before the generation
// tells of it.
const settling = 100 * time.Millisecond

// Verify computes the snapshots that are current anew, as of the time when they
// were computed, and returns how many it compared and the names of those that
// differ. Those are dropped, so that the next reader gets a right one, and from
// then on every snapshot of the logbook is computed from the whole log, as here:
// what was kept of it cannot be trusted. What changes meanwhile is passed over.
func (k *Keeper) Verify(ctx context.Context) (compared int, wrong []string, err error) {
	for e := range k.shelf.Load().all() {
		h := e.current.Load()
		if ctx.Err() != nil {
			return compared, wrong, ctx.Err()
		}
		if h == nil || h.Generation != e.generation.Load() {
			continue
		}
		log, err := k.cfg.Source.Columns(ctx, e.at.logbook)
		if err != nil {
			return compared, wrong, err
		}
		body, err := e.def.Compute(ctx, log, e.filter, h.Computed)
		if err != nil {
			continue
		}
		differs := (Snapshot{Body: body}).sealed().Hash != h.Hash
		if differs {
			select {
			case <-ctx.Done():
			case <-time.After(settling):
			}
		}
		if h.Generation != e.generation.Load() {
			continue
		}
		compared++
		if differs {
			wrong = append(wrong, e.at.logbook+" "+e.at.name)
			k.distrust(e.at.logbook)
			k.drop(func(other *entry) bool { return other == e })
		}
	}
	slices.Sort(wrong)
	return compared, wrong, nil
}

// distrust says that snapshots of a logbook are not to go on from what was kept.
func (k *Keeper) distrust(logbook string) {
	k.marks.Lock()
	defer k.marks.Unlock()
	k.anew[logbook] = true
}

func (k *Keeper) distrusts(logbook string) bool {
	k.marks.Lock()
	defer k.marks.Unlock()
	return k.anew[logbook]
}
