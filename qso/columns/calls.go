package columns

import "qslbox/qso"

const noRow = ^uint32(0)

// callTable numbers calls and knows the rows of each. It is an arena of bytes,
// an entry per call, and an open-addressing table: a third of what a Go map
// would take.
type callTable struct {
	arena   []byte
	entries []callEntry // one more than there are calls: it holds the end of the last
	slots   []uint32    // call number + 1, 0 = free; a power of two of them
}

// callEntry is one call; its text ends where the next one begins.
type callEntry struct {
	start uint32 // in the arena
	head  uint32 // newest row of the call, noRow if none
}

func newCallTable() callTable {
	return callTable{entries: []callEntry{{0, noRow}}, slots: make([]uint32, 256)}
}

func (t *callTable) len() int { return len(t.entries) - 1 }

// text returns the bytes of a call; they must not be changed.
func (t *callTable) text(id uint32) []byte { return t.arena[t.entries[id].start:t.entries[id+1].start] }

func hashCall[T string | []byte](s T) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h ^ h>>15
}

// find returns the number of a call.
func (t *callTable) find(call qso.Call) (uint32, bool) {
	mask := uint32(len(t.slots) - 1)
	for at := hashCall(string(call)) & mask; ; at = (at + 1) & mask {
		switch n := t.slots[at]; {
		case n == 0:
			return 0, false
		case string(t.text(n-1)) == string(call):
			return n - 1, true
		}
	}
}

// number returns the number of a call, a new one if it has none.
func (t *callTable) number(call qso.Call) uint32 {
	if id, ok := t.find(call); ok {
		return id
	}
	id := uint32(t.len())
	t.arena = append(room(t.arena, len(call)), call...)
	t.entries = append(room(t.entries, 1), callEntry{uint32(len(t.arena)), noRow})
	if t.len()*4 <= len(t.slots)*3 {
		t.enter(id)
		return id
	}
	t.slots = make([]uint32, 2*len(t.slots))
	for i := range t.len() {
		t.enter(uint32(i))
	}
	return id
}

// enter puts a call into a free slot.
func (t *callTable) enter(id uint32) {
	mask := uint32(len(t.slots) - 1)
	at := hashCall(t.text(id)) & mask
	for t.slots[at] != 0 {
		at = (at + 1) & mask
	}
	t.slots[at] = id + 1
}
