package webui

import (
	"encoding/json"
	"fmt"
	"sync"

	"qslbox/qso/columns"
	"qslbox/stats"
)

// maxDecoded bounds how many decoded snapshots are kept.
const maxDecoded = 128

// decodedSnapshots keeps snapshots as values for the pages, each decoded once:
// a page shows the numbers of the API's answer, not numbers of its own.
type decodedSnapshots struct {
	mu   sync.Mutex
	list map[*stats.Snapshot]any
}

// decoded returns a snapshot of a logbook as a value, which is shared and must
// not be changed.
func decoded[T any](c *call, name string, f columns.Filter) (*T, error) {
	snapshot, err := c.snapshot(name, f)
	if err != nil {
		return nil, err
	}
	d := &c.pages.decoded
	d.mu.Lock()
	value, ok := d.list[snapshot].(*T)
	d.mu.Unlock()
	if ok {
		return value, nil
	}
	value = new(T)
	if err := json.Unmarshal(snapshot.JSON(), value); err != nil {
		return nil, fmt.Errorf("webui: the snapshot %s: %w", name, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.list == nil || len(d.list) >= maxDecoded {
		d.list = map[*stats.Snapshot]any{} // snapshots end after minutes: few are lost
	}
	d.list[snapshot] = value
	return value, nil
}
