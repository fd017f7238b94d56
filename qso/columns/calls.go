package columns

import "qslbox/qso"

const noRow = ^uint32(0)

// callTable numbers calls and knows the rows of each. It is an arena of bytes,
// one offset and one head of a chain per call, and an open-addressing table:
// a third of what a Go map would take.
type callTable struct {
	arena   []byte
	offsets []uint32 // of call i: arena[offsets[i]:offsets[i+1]]
	heads   []uint32 // newest row of the call, noRow if none
	slots   []uint32 // call number + 1, 0 = free; a power of two of them
}

func newCallTable() callTable { return callTable{offsets: []uint32{0}, slots: make([]uint32, 256)} }

func (t *callTable) len() int { return len(t.heads) }

// text returns the bytes of a call; they must not be changed.
func (t *callTable) text(id uint32) []byte { return t.arena[t.offsets[id]:t.offsets[id+1]] }

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
	id := uint32(len(t.heads))
	t.arena = append(room(t.arena, len(call)), call...)
	t.offsets = append(room(t.offsets, 1), uint32(len(t.arena)))
	t.heads = append(room(t.heads, 1), noRow)
	if len(t.heads)*4 <= len(t.slots)*3 {
		t.enter(id)
		return id
	}
	t.slots = make([]uint32, 2*len(t.slots))
	for i := range t.heads {
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
