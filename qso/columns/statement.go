package columns

import (
	"slices"
	"strconv"
	"strings"

	"qslbox/qso"
)

// Blank says what LoTW's record leaves out, and whether it is about another
// place.
type Blank uint8

// What LoTW may leave blank.
const (
	NoGrid Blank = 1 << iota // neither GRIDSQUARE nor VUCC_GRIDS
	NoState
	NoCnty
	NoCQZ
	NoITUZ
	NoIOTA
	NoDXCC
	// Elsewhere: LoTW names another entity or zone than the log (HasStatement is
	// set too). Most statements differ in a state, county or square only.
	Elsewhere
)

// Statement is what LoTW says about the other side where that differs from the
// log. A value that LoTW left blank (see Blank) is as the log has it.
type Statement struct {
	DXCC      uint16
	CQZ, ITUZ uint8
	Grid      uint16
	Place     uint32 // State, Cnty, IOTA and VUCC by LoTW, the rest as the log has it
}

// stated is a Statement before its place has a number.
type stated struct {
	dxcc      uint16
	cqz, ituz uint8
	grid      uint16
	place     Place
}

// confirmation notes when a source confirmed, and what LoTW's own record says.
func (r *row) confirmation(c *qso.Confirmation) {
	if !c.Confirms() {
		return
	}
	switch c.Source {
	case qso.LoTW:
		r.lotw = DayOf(c.Date)
		if c.Stated {
			r.statement(c.Record)
		}
	case qso.Card:
		r.card = DayOf(c.Date)
	case qso.DCL:
		r.dcl = DayOf(c.Date)
	}
}

// statement reads LoTW's record about the other side.
func (r *row) statement(record []qso.Field) {
	r.flags |= LoTWStated
	s := &r.stated
	for i := range record {
		value := record[i].Value
		switch id := record[i].ID; id {
		case qso.FieldDXCC:
			s.dxcc = uint16(atoi(value, 65535))
		case qso.FieldCQZ:
			s.cqz = uint8(atoi(value, 40))
		case qso.FieldITUZ:
			s.ituz = uint8(atoi(value, 90))
		case qso.FieldGridsquare:
			s.grid = PackGrid(strings.ToUpper(value))
		case qso.FieldState, qso.FieldCnty, qso.FieldIOTA, qso.FieldVUCCGrids:
			s.place.field(id, value)
		case qso.FieldAppLoTW2xQSL:
			r.flags |= NotTwoWay
			if strings.EqualFold(value, "Y") {
				r.flags ^= NotTwoWay | TwoWay
			}
		}
	}
	r.compare()
}

// compare notes what LoTW left blank, fills it from the log, and keeps the rest
// only where it differs.
func (r *row) compare() {
	s, said := &r.stated, r.stated.place
	s.place = r.place
	blank := func(bit Blank, is bool) bool {
		if is {
			r.blank |= bit
		}
		return is
	}
	if blank(NoGrid, s.grid == 0 && said.VUCC == "") {
		s.grid = r.grid
	} else {
		s.place.VUCC = said.VUCC
	}
	if !blank(NoState, said.State == "") {
		s.place.State = said.State
	}
	if !blank(NoCnty, said.Cnty == "") {
		s.place.Cnty = said.Cnty
	}
	if !blank(NoIOTA, said.IOTA == "") {
		s.place.IOTA = said.IOTA
	}
	if blank(NoCQZ, s.cqz == 0) {
		s.cqz = r.cqz
	}
	if blank(NoITUZ, s.ituz == 0) {
		s.ituz = r.ituz
	}
	if blank(NoDXCC, s.dxcc == 0) {
		s.dxcc = r.dxcc
	}
	elsewhere := blank(Elsewhere, s.dxcc != r.dxcc || s.cqz != r.cqz || s.ituz != r.ituz)
	if elsewhere || s.grid != r.grid || s.place != r.place {
		r.flags |= HasStatement
	}
}

// atoi reads a small number; anything else is 0.
func atoi(s string, highest int) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 || n > highest {
		return 0
	}
	return n
}

// statements holds what LoTW says otherwise, by row. Rows are grouped by their
// upper half, so that an entry costs 14 bytes (a Go map: about 26) and a new
// one moves a few thousand others at most.
type statements struct {
	groups []statementGroup
}

type statementGroup struct {
	rows []uint16 // lower bits of the rows, ascending
	list []Statement
}

const groupBits = 12

// seek returns the group of a row and its place in it.
func (s *statements) seek(row uint32) (g *statementGroup, at int, found bool) {
	for uint32(len(s.groups)) <= row>>groupBits {
		s.groups = append(s.groups, statementGroup{})
	}
	g = &s.groups[row>>groupBits]
	at, found = slices.BinarySearch(g.rows, uint16(row&(1<<groupBits-1)))
	return g, at, found
}

func (s *statements) get(row uint32) (Statement, bool) {
	g := &s.groups[row>>groupBits]
	low := uint16(row & (1<<groupBits - 1))
	// Rows lie evenly, mostly: a guess is closer than a search.
	at := int(low) * len(g.rows) >> groupBits
	for i := 0; i < 16 && len(g.rows) > 0; i++ {
		switch {
		case at >= len(g.rows) || at > 0 && g.rows[at] > low:
			at--
		case g.rows[at] < low:
			at++
		default:
			return g.list[at], g.rows[at] == low
		}
	}
	at, found := slices.BinarySearch(g.rows, low)
	if !found {
		return Statement{}, false
	}
	return g.list[at], true
}

func (s *statements) put(row uint32, statement Statement) {
	g, at, found := s.seek(row)
	if found {
		g.list[at] = statement
		return
	}
	if len(g.rows) == cap(g.rows) {
		n := len(g.rows)/4 + 16
		g.rows, g.list = append(make([]uint16, 0, len(g.rows)+n), g.rows...), append(make([]Statement, 0, len(g.list)+n), g.list...)
	}
	g.rows, g.list = slices.Insert(g.rows, at, uint16(row&(1<<groupBits-1))), slices.Insert(g.list, at, statement)
}

func (s *statements) drop(row uint32) {
	if g, at, found := s.seek(row); found {
		g.rows, g.list = slices.Delete(g.rows, at, at+1), slices.Delete(g.list, at, at+1)
	}
}

// shift moves the statements of the rows from one on to the next row.
func (s *statements) shift(from uint32) {
	old := s.groups
	s.groups = nil
	for i := range old {
		for k, low := range old[i].rows {
			row := uint32(i)<<groupBits | uint32(low)
			if row >= from {
				row++
			}
			s.put(row, old[i].list[k])
		}
	}
}
