package dxcc

import (
	"strings"

	"qslbox/qso"
)

// State is one value of ADIF STATE: a primary administrative subdivision of an
// entity.
type State struct {
	DXCC       uint16
	Code, Name string
	CQZones    string // comma list, as one state may lie in several; often empty
	ITUZones   string // the same
	WAS        string // the state it counts for in Worked All States; DC is MD
	Group      string // the region a province lies in
	Deleted    bool
	ImportOnly bool // other spelling of a code: accept, never write
	// From is the first day, To the first day that no longer counts; NoTime =
	// open.
	From, To qso.Time
}

type stateKey struct {
	dxcc uint16
	code string // "" holds all of the entity
}

// State returns the subdivision that a code (in any letter case) means in an
// entity; of several of the same code the one that is not deleted.
func (t *Table) State(dxcc uint16, code string) (State, bool) {
	code = strings.ToUpper(strings.TrimSpace(code))
	found := t.states()[stateKey{dxcc, code}]
	if code == "" || len(found) == 0 {
		return State{}, false
	}
	return found[0], true
}

// States returns all subdivisions of an entity in the order of the table, also
// the deleted ones and other spellings; nil where ADIF lists none. The caller
// must not change the slice.
func (t *Table) States(dxcc uint16) []State { return t.states()[stateKey{dxcc, ""}] }

func readStates() map[stateKey][]State {
	states := map[stateKey][]State{}
	for _, r := range rows(stateFile) {
		s := State{
			DXCC: uint16(number(r.cells[0])), Code: r.cells[1], Name: r.cells[2], CQZones: r.cells[3], ITUZones: r.cells[4],
			WAS: r.cells[5], Deleted: r.cells[6] == "1", ImportOnly: r.cells[7] == "1",
			From: day(r.cells[8]), To: day(r.cells[9]), Group: r.cells[10],
		}
		all, own := stateKey{s.DXCC, ""}, stateKey{s.DXCC, strings.ToUpper(s.Code)}
		states[all] = append(states[all], s)
		if s.Deleted {
			states[own] = append(states[own], s)
		} else {
			states[own] = append([]State{s}, states[own]...)
		}
	}
	return states
}
