package columns

import "qslbox/qso"

// Candidate is a QSO that a record may be about: enough of it to decide.
type Candidate struct {
	ID        uint64
	Call, Own qso.Call
	Band      qso.Band
	Mode      qso.Mode
	Start     qso.Time
	Satellite bool
	SatName   string // upper case
	AtLoTW    bool   // holds its own LoTW record
	Synced    bool   // made by a sync, and no import has adopted it yet
	State     string // upper case, as the next two
	Cnty      string
	MyGrid    string
}

// Candidates returns the QSOs with a call, newest first by id.
func (l *Log) Candidates(call qso.Call) []Candidate {
	return l.Near(nil, call, epoch, TimeOf(1<<32-1))
}

// Near appends the QSOs with a call that began from a time until another one
// (both included), in no order. It allocates nothing if the slice has room.
func (l *Log) Near(to []Candidate, call qso.Call, from, until qso.Time) []Candidate {
	l.mu.RLock()
	defer l.mu.RUnlock()
	first, last := ToColumn(from), ToColumn(until)
	for row := l.calls.newest(string(call)); row != noRow; row = l.next[row] {
		if t := l.v.Time[row]; first <= t && t <= last {
			to = append(to, l.candidate(row, call))
		}
	}
	return to
}

func (l *Log) candidate(row uint32, call qso.Call) Candidate {
	v := &l.v
	flags, place, session := v.Flags[row], &v.Places[v.Place[row]], &v.Sessions[v.Session[row]]
	return Candidate{
		ID: l.ids.id(int(row)), Call: call, Own: session.Own, Band: qso.Band(v.Band[row]), Mode: v.Modes[v.Mode[row]], Start: TimeOf(v.Time[row]),
		Satellite: flags&Satellite != 0, SatName: v.texts[place.SatName], AtLoTW: flags&AtLoTW != 0, Synced: flags&Synced != 0,
		State: v.texts[place.State], Cnty: v.texts[place.Cnty], MyGrid: session.MyGrid,
	}
}
