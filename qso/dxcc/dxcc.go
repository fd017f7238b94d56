package dxcc

import (
	"math"
	"strings"
	"sync"

	"qslbox/qso"
)

// Table answers from one set of tables. It never changes and may be used by
// any number of goroutines.
type Table struct {
	entities []Entity // ascending by code
	byCode   []uint16 // code -> place in entities plus 1
	calls    func() *callTable
	names    func() map[string]uint16
	states   func() map[stateKey][]State
	skipped  []string
}

// Result is what a call sign says about where the station was.
type Result struct {
	Entity    uint16 // DXCC entity code of ADIF; 0 = none
	CQZone    uint8  // 1 to 40; 0 = unknown
	ITUZone   uint8  // 1 to 90; 0 = unknown
	Continent string // AF AN AS EU NA OC SA; empty = unknown
	Region    string // ADIF REGION (WAE and CQ): AI BI ET IV KO SI SY; mostly empty
	Lat, Lon  float64
}

// New returns the table made of the embedded data. An error means that the
// program was built from broken tables.
func New() (*Table, error) {
	t, err := newTable()
	if err != nil {
		return nil, err
	}
	t.calls = sync.OnceValue(t.embeddedCalls)
	return t, nil
}

// Today stands for the time of a question about no QSO.
const Today qso.Time = math.MaxInt64

// Lookup returns where a station was that signed call at that time. A call that is not clean (see qso.Call) is folded first; what
// cannot be a call, and stations at sea or in the air (/MM, /AM), give a Result
// without entity. It allocates nothing.
func (t *Table) Lookup(call qso.Call, at qso.Time) Result {
	c := t.calls()
	if _, ok := pack(string(call)); !ok {
		folded, err := qso.ParseCall(string(call))
		if err != nil {
			return Result{}
		}
		call = folded
	}
	if row := c.find(string(call), at); row >= 0 {
		return c.places[row].Result
	}
	return Result{}
}

// find returns the place of a clean call, or -1.
func (c *callTable) find(call string, at qso.Time) int {
	if row := c.exactCall(call); row >= 0 {
		return row
	}
	if strings.IndexByte(call, '/') < 0 {
		return c.plain(call, at)
	}
	p, nowhere := split(call)
	switch {
	case nowhere || p.n == 0:
		return -1
	case p.n == 1:
		if row := c.exactCall(p.part[0]); row >= 0 {
			return row
		}
		return c.plain(p.part[0], at)
	case p.n == 2 && isDigit(p.part[1]):
		return c.otherArea(p.part[0], p.part[1][0], at)
	}
	first, second := p.designator(c.isPrefix)
	if row := c.longest(first, at); row >= 0 {
		return row
	}
	return c.plain(second, at)
}

// plain looks up a call without slashes by its prefix.
func (c *callTable) plain(call string, at qso.Time) int {
	if strings.HasPrefix(call, "KG4") && !(len(call) == 5 && isLetter(call[3]) && isLetter(call[4])) {
		call = "W4" // KG4 is Guantanamo only with two letters behind
	}
	return c.longest(call, at)
}

// otherArea looks up a call that signs in another call area: the last digit
// before its final letters is replaced. Any call of the USA, of a possession
// too, is then on the mainland.
func (c *callTable) otherArea(call string, digit byte, at qso.Time) int {
	if isUS(call) {
		return c.longest([...]string{"W0", "W1", "W2", "W3", "W4", "W5", "W6", "W7", "W8", "W9"}[digit-'0'], at)
	}
	at0 := areaDigit(call)
	if at0 < 0 || len(call) > 24 {
		return c.longest(call, at)
	}
	var moved [24]byte
	copy(moved[:], call)
	moved[at0] = digit
	return c.longest(string(moved[:len(call)]), at)
}

// areaDigit returns the place of the last digit before the final letters, or
// -1.
func areaDigit(call string) int {
	for i := len(call) - 1; i >= 0; i-- {
		if !isLetter(call[i]) {
			return i
		}
	}
	return -1
}

// isUS reports whether a call belongs to the USA or one of its possessions.
func isUS(call string) bool {
	switch call[0] {
	case 'K', 'N', 'W':
		return true
	case 'A':
		return len(call) > 1 && 'A' <= call[1] && call[1] <= 'L'
	}
	return false
}

func isLetter(c byte) bool { return 'A' <= c && c <= 'Z' }

// isDigit reports whether s is one digit.
func isDigit(s string) bool { return len(s) == 1 && '0' <= s[0] && s[0] <= '9' }
