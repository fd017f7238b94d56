package adif

import (
	"encoding/binary"
	"math/bits"
	"sync"

	"qslbox/qso"
)

// Field names are found eight bytes at a time: a name of up to 31 bytes is
// loaded as words, hashed by multiplication with its letter case folded, and
// compared as words, its colon included. Better still, it need not be found at
// all: a program writes its fields in one order, so the scanner first looks
// whether the name is the one that followed the last time (BenchmarkNames).
const (
	nameBits  = 10
	nameWords = 4
	foldMask  = 0xDFDFDFDFDFDFDFDF
	lowBytes  = 0x0101010101010101
	highBits  = 0x8080808080808080
	nameMul   = 0x9E3779B97F4A7C15
)

type nameEntry struct {
	words [nameWords]uint64 // upper case, with the colon behind
	care  [nameWords]uint64 // the bits that count: not those behind the colon, no case bits of letters
	name  string            // upper case; empty: slot is free
	id    qso.FieldID
}

type nameTable struct {
	slots [1 << nameBits]nameEntry
}

var knownNames = sync.OnceValue(func() *nameTable {
	t := &nameTable{}
	for id := qso.FieldID(1); int(id) < qso.FieldCount(); id++ {
		name := id.String()
		if name == "" || len(name) >= nameWords*8 {
			continue // left to qso.LookupField
		}
		e := nameEntry{name: name, id: id}
		var written, care [nameWords * 8]byte
		for i, c := range []byte(name + ":") {
			written[i], care[i] = c, 0xFF
			if 'A' <= c && c <= 'Z' {
				care[i] = 0xFF &^ ('a' - 'A')
			}
		}
		h := uint64(0)
		for i := range e.words {
			e.words[i] = binary.LittleEndian.Uint64(written[8*i:])
			e.care[i] = binary.LittleEndian.Uint64(care[8*i:])
			if 8*i <= len(name) {
				h = mix(h, e.words[i]&below(len(name)-8*i))
			}
		}
		slot := slotOf(h)
		for t.slots[slot].name != "" {
			slot = nextSlot(slot)
		}
		t.slots[slot] = e
	}
	return t
})

// mix adds a word of a name to its hash.
func mix(h, word uint64) uint64 { return (bits.RotateLeft64(h, 23) ^ word&foldMask) * nameMul }

// below masks the first n bytes of a word.
func below(n int) uint64 {
	if n >= 8 {
		return ^uint64(0)
	}
	return 1<<(8*n) - 1
}

func slotOf(hash uint64) uint64 { return hash >> (64 - nameBits) }

func nextSlot(slot uint64) uint64 { return (slot + 1) % (1 << nameBits) }

// zeroBytes marks the bytes of x that are zero with their high bit; the
// lowest mark is exact.
func zeroBytes(x uint64) uint64 { return (x - lowBytes) &^ x & highBits }

// matches reports whether b starts with the name and a colon, letter case
// aside. It needs 32 readable bytes.
func (e *nameEntry) matches(b []byte) bool {
	_ = b[nameWords*8-1]
	differ := (binary.LittleEndian.Uint64(b)^e.words[0])&e.care[0] |
		(binary.LittleEndian.Uint64(b[8:])^e.words[1])&e.care[1]
	if len(e.name) >= 16 {
		differ |= (binary.LittleEndian.Uint64(b[16:])^e.words[2])&e.care[2] |
			(binary.LittleEndian.Uint64(b[24:])^e.words[3])&e.care[3]
	}
	return differ == 0
}

// find looks up the known name and colon that b starts with; nil if there is
// none. It needs 32 readable bytes.
func (t *nameTable) find(b []byte) *nameEntry {
	h := uint64(0)
	for i := 0; i < nameWords; i++ {
		x := binary.LittleEndian.Uint64(b[8*i:])
		m := zeroBytes(x ^ lowBytes*':')
		if m == 0 {
			h = mix(h, x)
			continue
		}
		h = mix(h, x&below(bits.TrailingZeros64(m)>>3))
		for at := slotOf(h); t.slots[at].name != ""; at = nextSlot(at) {
			if e := &t.slots[at]; e.matches(b) {
				return e
			}
		}
		return nil
	}
	return nil
}
