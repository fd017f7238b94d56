package columns

import "qslbox/qso"

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
	Places   []Place

	log *Log
}

// Log returns the log whose view this is.
func (v *View) Log() *Log { return v.log }

// Rows returns how many rows the columns have, dead ones included.
func (v *View) Rows() int { return len(v.Time) }

// Len returns how many QSOs there are: rows that are not dead.
func (v *View) Len() int { return v.log.live }

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

// Statement returns what LoTW's record says of the other side, and whether it
// says anything else than the log does.
func (v *View) Statement(row uint32) (s Statement, differs bool) {
	s, differs = v.log.statements[row]
	return s, differs
}

// Order returns the rows by time, then id; dead rows are among them.
func (v *View) Order() []uint32 {
	v.log.ordering.Lock()
	defer v.log.ordering.Unlock()
	v.log.arrange()
	return v.log.order
}

// Span returns the first and the last start of a QSO; NoTime for an empty log.
func (v *View) Span() (first, last qso.Time) {
	order := v.Order()
	for len(order) > 0 && !v.Live(int(order[0])) {
		order = order[1:]
	}
	for len(order) > 0 && !v.Live(int(order[len(order)-1])) {
		order = order[:len(order)-1]
	}
	if len(order) == 0 {
		return qso.NoTime, qso.NoTime
	}
	return TimeOf(v.Time[order[0]]), TimeOf(v.Time[order[len(order)-1]])
}
