package columns

import (
	"math"
	"strings"

	"qslbox/qso"
)

// View is the log as its columns, valid inside Log.View only. A column has one
// entry a row, rows ascend by id; nothing in them may be changed. Dead rows
// (deleted QSOs) are still there: see Flag.
type View struct {
	Time      []uint32 // seconds since 1930: see TimeOf
	Call      []uint32 // number of the call: see CallText
	Session   []uint32 // index into Sessions
	Place     []uint32 // index into Places
	Mode      []uint16 // index into Modes and Class
	DXCC      []uint16 // entity, 0 = none
	Grid      []uint16 // four-character square: see UnpackGrid
	Flags     []Flag
	LoTWDay   []uint16 // day of LoTW's confirmation, 0 = not known: see TimeOfDay
	CardDay   []uint16
	DCLDay    []uint16
	Band      []uint8 // qso.Band
	CQZ, ITUZ []uint8 // 0 = not known
	Confirmed []uint8 // qso.Sources that confirm
	Blank     []Blank // what LoTW's record leaves out, where Flags has LoTWStated

	Modes    []qso.Mode
	Class    []qso.Class // of each of Modes
	Sessions []Session
	Places   []PlaceWords // see PlaceOf and Text

	texts []string // by Word
	log   *Log
}

// Log returns the log whose view this is.
func (v *View) Log() *Log { return v.log }

// Rows returns how many rows the columns have, dead ones included.
func (v *View) Rows() int { return len(v.Time) }

// Len returns how many QSOs there are: rows that are not dead.
func (v *View) Len() int { return v.log.live }

// Edits counts the changes of the log other than new rows at the end. As long as
// it stands, all rows that were there are what they were, and so is everything
// they number: who has counted them needs to look at the new ones only.
func (v *View) Edits() uint64 { return v.log.edits }

// Live reports whether a row is a QSO and not a deleted one.
func (v *View) Live(row int) bool { return v.Flags[row]&Dead == 0 }

// ID returns the id of a row's QSO.
func (v *View) ID(row int) uint64 { return v.log.ids.id(row) }

// Row returns the row of a QSO.
func (v *View) Row(id uint64) (row int, found bool) {
	row, found = v.log.ids.find(id)
	return row, found && v.Live(row)
}

// Calls returns how many different calls the log has seen, numbered from 0.
func (v *View) Calls() int { return v.log.calls.len() }

// CallText returns the call with a number of the Call column.
func (v *View) CallText(call uint32) string { return string(v.log.calls.text(call)) }

// Text returns the text of a word of Places.
func (v *View) Text(w Word) string { return v.texts[w] }

// Words returns how many different texts there are, numbered from 0.
func (v *View) Words() int { return len(v.texts) }

// PlaceOf returns an entry of Places as texts.
func (v *View) PlaceOf(place uint32) *Place {
	p, words := &Place{}, v.Places[place].words()
	for i, to := range p.texts() {
		*to = v.texts[*words[i]]
	}
	return p
}

// Statement returns what LoTW's record says of the other side, and whether it
// says anything else than the log does.
func (v *View) Statement(row uint32) (s Statement, differs bool) {
	if v.Flags[row]&HasStatement == 0 {
		return Statement{}, false
	}
	return v.log.statements.get(row)
}

// HasMode reports whether a QSO has, or had, a mode or submode, in any letter
// case.
func (v *View) HasMode(name string) bool {
	for _, m := range v.Modes {
		if strings.EqualFold(m.Name, name) || m.Sub != "" && strings.EqualFold(m.Sub, name) {
			return true
		}
	}
	return false
}

// HasPropagation reports whether a QSO has, or had, a value of PROP_MODE, in any
// letter case.
func (v *View) HasPropagation(name string) bool {
	for i := range v.Places {
		if strings.EqualFold(v.texts[v.Places[i].PropMode], name) {
			return true
		}
	}
	return false
}

// Order returns the rows by time, then id; dead rows are among them.
func (v *View) Order() Order {
	v.log.ordering.Lock()
	defer v.log.ordering.Unlock()
	v.log.arrange()
	if !v.log.disorder {
		return Order{n: v.Rows()}
	}
	return Order{v.log.order, v.Rows()}
}

// TimeRange returns bounds of the Time column, dead rows included: no row is
// before the first or after the last. The first is greater than the last in an
// empty log.
func (v *View) TimeRange() (first, last uint32) {
	first = math.MaxUint32
	n := len(v.Time)
	if n > 0 && !v.log.disorder {
		return v.Time[0], v.Time[n-1]
	}
	for _, t := range v.Time {
		first, last = min(first, t), max(last, t)
	}
	return first, last
}

// Span returns the first and the last start of a QSO; NoTime for an empty log.
func (v *View) Span() (first, last qso.Time) {
	order := v.Order()
	from, to := 0, order.Len()
	for from < to && !v.Live(int(order.At(from))) {
		from++
	}
	for from < to && !v.Live(int(order.At(to-1))) {
		to--
	}
	if from == to {
		return qso.NoTime, qso.NoTime
	}
	return TimeOf(v.Time[order.At(from)]), TimeOf(v.Time[order.At(to-1)])
}
