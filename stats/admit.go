package stats

import (
	"context"

	"qslbox/monitor"
)

// admit waits until a computation may run: as many do at a time as there are
// processors. More would take as long together, and each of them longer. How
// long one waited is an operation of its own, and part of the miss that it is
// computed for.
func (k *Keeper) admit(ctx context.Context) error {
	select {
	case k.slots <- struct{}{}:
		return nil
	default:
	}
	began := k.cfg.Elapsed()
	var err error
	select {
	case k.slots <- struct{}{}:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if m := k.cfg.Monitor; m != nil {
		m.Observe(monitor.Query, "compute: wait for a processor", k.cfg.Elapsed()-began, err)
	}
	return err
}

// dismiss lets the next one run.
func (k *Keeper) dismiss() { <-k.slots }
