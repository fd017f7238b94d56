package access

import (
	"maps"
	"time"
)

// maxRecalled bounds how many keys and sessions are remembered.
const maxRecalled = 256

// recalled is a key or session that was recognised a moment ago, so that the
// next request with it needs no record, no JSON and no lock.
type recalled struct {
	id   Identity
	from time.Time // when it was looked up
	ends time.Time // zero: never
}

// recall returns who a token was recognised as within the last hour. After that
// it is looked up again, which notes the use.
func (g *Gate) recall(sum [32]byte, now time.Time) (Identity, bool) {
	r, ok := (*g.recalled.Load())[sum]
	if !ok || now.Before(r.from) || now.Sub(r.from) >= seenEvery || !r.ends.IsZero() && !now.Before(r.ends) {
		return Identity{}, false
	}
	return r.id, true
}

// remember keeps who a token was recognised as, unless a record was written
// since before was read: it may have ended the key or session.
func (g *Gate) remember(sum [32]byte, r recalled, before uint64) {
	g.recallMu.Lock()
	defer g.recallMu.Unlock()
	if g.written.Load() != before {
		return
	}
	list := maps.Clone(*g.recalled.Load())
	if len(list) >= maxRecalled {
		clear(list)
	}
	list[sum] = r
	g.recalled.Store(&list)
}

// put stores or (nil) removes a record. Whoever was recognised by it is looked
// up again.
func (g *Gate) put(kind, id string, data []byte) error {
	if kind == kindAudit {
		return g.table.PutRecord(kind, id, data)
	}
	defer g.forget()
	g.forget()
	return g.table.PutRecord(kind, id, data)
}

func (g *Gate) forget() {
	g.recallMu.Lock()
	defer g.recallMu.Unlock()
	g.written.Add(1)
	g.recalled.Store(&map[[32]byte]recalled{})
}
