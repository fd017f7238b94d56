package columns

import "qslbox/qso"

const noRow = ^uint32(0)

// callTable numbers calls and finds the newest row of each; Log.next has the
// older ones. The texts are one arena, the index is an open-addressing table of
// rows: a call takes its letters and 9 to 11 bytes, a Go map would take 60.
type callTable struct {
	arena  []byte
	starts []uint32 // of each text in the arena, then the end of the last
	// slots hold, in their lower bits, the newest row of a call + 1 and above
	// that as much of the call's hash as there is room for, so that a look-up
	// reads hardly any text but the right one; 0 is a free slot.
	slots []uint32
	used  int
	bits  uint8     // for the row
	of    *[]uint32 // the Call column: the number of each row's call
}

func newCallTable(of *[]uint32) callTable {
	return callTable{starts: []uint32{0}, slots: make([]uint32, 256), bits: 12, of: of}
}

// len returns how many calls have numbers.
func (t *callTable) len() int { return len(t.starts) - 1 }

// text returns the bytes of a call; they must not be changed.
func (t *callTable) text(id uint32) []byte { return t.arena[t.starts[id]:t.starts[id+1]] }

func hashCall[T string | []byte](s T) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint32(s[i])) * 16777619
	}
	h = (h ^ h>>15) * 0x2c1b3c6d
	return h ^ h>>12
}

// home returns the slot where the search for a hash begins.
func (t *callTable) home(hash uint32) int { return int(uint64(hash) * uint64(len(t.slots)) >> 32) }

// row returns the row that a slot holds.
func (t *callTable) row(slot int) uint32 { return t.slots[slot]&(1<<t.bits-1) - 1 }

// set makes a row the newest of the call that a slot belongs to.
func (t *callTable) set(slot int, hash, row uint32) { t.slots[slot] = hash<<t.bits | (row + 1) }

// slot returns the slot of a call, or the free one where it would stand.
func (t *callTable) slot(call string, hash uint32) (at int, found bool) {
	tag, low := hash<<t.bits, uint32(1)<<t.bits-1
	for at = t.home(hash); ; at++ {
		if at == len(t.slots) {
			at = 0
		}
		s := t.slots[at]
		if s == 0 {
			return at, false
		}
		if s&^low == tag && string(t.text((*t.of)[s&low-1])) == call {
			return at, true
		}
	}
}

// newest returns the newest row with a call; noRow if there is none.
func (t *callTable) newest(call string) uint32 {
	if at, found := t.slot(call, hashCall(call)); found {
		return t.row(at)
	}
	return noRow
}

// newestOf returns the newest row with a numbered call; noRow if there is none.
func (t *callTable) newestOf(id uint32) uint32 {
	if row := t.newest(string(t.text(id))); row != noRow && (*t.of)[row] == id {
		return row
	}
	return noRow
}

// link makes a row the newest of a call and returns the one that was.
func (t *callTable) link(row uint32, call qso.Call) (older uint32) {
	t.fit(row)
	hash := hashCall(string(call))
	at, found := t.slot(string(call), hash)
	if found {
		older = t.row(at)
		(*t.of)[row] = (*t.of)[older]
		t.set(at, hash, row)
		return older
	}
	(*t.of)[row] = uint32(t.len())
	t.arena = append(room(t.arena, len(call)), call...)
	t.starts = append(room(t.starts, 1), uint32(len(t.arena)))
	t.set(at, hash, row)
	t.used++
	if t.used*7 > len(t.slots)*6 {
		t.rebuild(len(t.slots)/3*4, t.bits)
	}
	return noRow
}

// fit makes sure that slots can hold a row.
func (t *callTable) fit(row uint32) {
	bits := t.bits
	for row >= 1<<bits-1 {
		bits++
	}
	if bits != t.bits {
		t.rebuild(len(t.slots), bits)
	}
}

// rebuild makes the slots anew. It goes through the calls by number, which is
// how their texts lie in memory.
func (t *callTable) rebuild(slots int, bits uint8) {
	newest := make([]uint32, t.len())
	for at, s := range t.slots {
		if s != 0 {
			row := t.row(at)
			newest[(*t.of)[row]] = row + 1
		}
	}
	t.slots, t.bits = make([]uint32, slots), bits
	for id, row := range newest {
		if row == 0 {
			continue
		}
		hash := hashCall(t.text(uint32(id)))
		at := t.home(hash)
		for t.slots[at] != 0 {
			if at++; at == len(t.slots) {
				at = 0
			}
		}
		t.set(at, hash, row-1)
	}
}

// drop frees the slot of a call that has no row left, and moves those up that
// had to make way for it. The number is not used again: a reader may remember
// what it made of it.
func (t *callTable) drop(free int) {
	n := len(t.slots)
	t.used--
	for at := free; ; {
		t.slots[free] = 0
		for {
			if at++; at == n {
				at = 0
			}
			if t.slots[at] == 0 {
				return
			}
			home := t.home(hashCall(t.text((*t.of)[t.row(at)])))
			if (at-home+n)%n >= (at-free+n)%n {
				break
			}
		}
		t.slots[free], free = t.slots[at], at
	}
}

// shift notes that the rows from one on have moved one place up.
func (t *callTable) shift(from uint32) {
	for at, s := range t.slots {
		if s != 0 && t.row(at) >= from {
			t.slots[at]++
		}
	}
}
