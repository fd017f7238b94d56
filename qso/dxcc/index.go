package dxcc

import (
	"math/bits"

	"qslbox/qso"
)

// maxPacked is the longest key that fits into 64 bits.
const maxPacked = 12

// symbols maps the letters of a call sign to 1..37; 0 marks all others.
var symbols = func() (s [256]uint8) {
	for c := byte('0'); c <= '9'; c++ {
		s[c] = c - '0' + 1
	}
	for c := byte('A'); c <= 'Z'; c++ {
		s[c] = c - 'A' + 11
	}
	s['/'] = 37
	return s
}()

// pack makes one number of a key of at most maxPacked letters; a longer one
// gives the number of its beginning. ok is false if s is empty or holds
// anything but A-Z, 0-9 and slashes.
func pack(s string) (key uint64, ok bool) {
	for i := 0; i < len(s); i++ {
		symbol := symbols[s[i]]
		if symbol == 0 {
			return 0, false
		}
		if i < maxPacked {
			key = key*38 + uint64(symbol)
		}
	}
	return key, len(s) > 0
}

// index finds the row of a packed key: open addressing, no pointers.
type index struct {
	keys  []uint64
	rows  []uint16
	n     int
	shift uint
}

// newIndex makes room for n keys.
func newIndex(n int) index {
	size := 1 << bits.Len(uint(max(n, 8)*4/3))
	return index{keys: make([]uint64, size), rows: make([]uint16, size), shift: uint(64 - bits.Len(uint(size-1)))}
}

func (x *index) home(key uint64) int { return int(key * 0x9E3779B97F4A7C15 >> x.shift) }

// put adds a row behind those of the same key.
func (x *index) put(key uint64, row uint16) {
	if x.n++; x.n > len(x.keys)/4*3 {
		x.grow()
	}
	i := x.home(key)
	for x.keys[i] != 0 {
		i = (i + 1) & (len(x.keys) - 1)
	}
	x.keys[i], x.rows[i] = key, row
}

// grow doubles the room. It keeps rows of the same key in order: of those that
// lie apart at the end and the beginning of the old room, the end came first.
func (x *index) grow() {
	old := *x
	*x = newIndex(len(old.keys))
	start := 0
	for start < len(old.keys) && old.keys[start] != 0 {
		start++
	}
	for i := range old.keys {
		at := (start + i) & (len(old.keys) - 1)
		if old.keys[at] != 0 {
			x.put(old.keys[at], old.rows[at])
		}
	}
	x.n = old.n
}

// find returns the first row of a key, or -1.
func (x *index) find(key uint64) int {
	i := x.home(key)
	for {
		switch x.keys[i] {
		case key:
			return int(x.rows[i])
		case 0:
			return -1
		}
		i = (i + 1) & (len(x.keys) - 1)
	}
}

// place is one row of the prefix table: a result with its blanks filled, and
// the window in which it holds.
type place struct {
	Result
	from, to qso.Time // from <= t < to
}

// callTable finds places by exact call, by dated prefix and by prefix.
type callTable struct {
	places   []place
	exact    index
	long     map[string]uint16 // exact calls longer than maxPacked
	dated    index
	undated  index
	maxLen   int      // of the prefixes
	datedEnd qso.Time // no dated prefix holds from here on
}

// exactCall returns the place of a whole call, or -1.
func (c *callTable) exactCall(call string) int {
	if len(call) > maxPacked {
		if row, ok := c.long[call]; ok {
			return int(row)
		}
		return -1
	}
	key, _ := pack(call)
	return c.exact.find(key)
}

// longest returns the place of the longest prefix of call that holds at that
// time, or -1. A dated prefix beats an undated one of the same length.
func (c *callTable) longest(call string, at qso.Time) int {
	var codes [maxPacked]uint64
	n := min(len(call), c.maxLen)
	code := uint64(0)
	for i := range n {
		code = code*38 + uint64(symbols[call[i]])
		codes[i] = code
	}
	for ; n > 0; n-- {
		if at < c.datedEnd {
			if row := c.findDated(codes[n-1], at); row >= 0 {
				return row
			}
		}
		if row := c.undated.find(codes[n-1]); row >= 0 {
			return row
		}
	}
	return -1
}

func (c *callTable) findDated(key uint64, at qso.Time) int {
	x := &c.dated
	for i := x.home(key); x.keys[i] != 0; i = (i + 1) & (len(x.keys) - 1) {
		if p := &c.places[x.rows[i]]; x.keys[i] == key && p.from <= at && at < p.to {
			return int(x.rows[i])
		}
	}
	return -1
}

// isPrefix reports whether s is a whole prefix of today.
func (c *callTable) isPrefix(s string) bool {
	key, ok := pack(s)
	return ok && len(s) <= maxPacked && c.undated.find(key) >= 0
}
