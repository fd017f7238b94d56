package qso

import (
	"strconv"
	"strings"
)

// QSO is one contact: one row of the log. Values that qslbox computes with
// often are typed; all other fields that came in stand in Fields, in order.
type QSO struct {
	ID  uint64 // given by the store, ascending by insertion; never changes, never comes back
	Rev uint32 // 1 when stored, plus 1 at each change

	Start Time // always given
	End   Time // TIME_OFF; NoTime if not given

	Call       Call // station worked
	Own        Call // STATION_CALLSIGN; may be empty
	OwnAssumed bool // Own was not in the record: taken from a default

	Band, BandRx Band
	Freq, FreqRx Freq
	Mode         Mode

	DXCC      uint16 // entity, 0 = none
	CQZ, ITUZ uint8  // 1-40 and 1-90, 0 = not known

	// MadeBy is the sync that created the QSO; NoSource if it came in by a
	// file, the API or by hand, or was adopted by one of them.
	MadeBy Source
	// AtLoTW is when LoTW received our own record of this QSO (RXQSO); NoTime
	// if its own-QSO report never held it.
	AtLoTW Time

	Fields        []Field
	Confirmations []Confirmation
	Origins       []FieldOrigin // origins other than Imported
	Differences   []Difference  // lesser beliefs that differ
}

// Reset empties the QSO and keeps its memory for reuse. The texts are let go:
// one left behind the end of a list would hold the whole block that it is part
// of.
func (q *QSO) Reset() {
	clear(q.Fields)
	clear(q.Confirmations)
	clear(q.Origins)
	clear(q.Differences)
	fields, confirmations, origins, differences := q.Fields[:0], q.Confirmations[:0], q.Origins[:0], q.Differences[:0]
	*q = QSO{} // by itself: a literal with the lists would be made beside it and copied
	q.Fields, q.Confirmations, q.Origins, q.Differences = fields, confirmations, origins, differences
}

// Clone returns a copy that shares no slices with q.
func (q *QSO) Clone() *QSO {
	c := *q
	c.Fields = append([]Field(nil), q.Fields...)
	c.Origins = append([]FieldOrigin(nil), q.Origins...)
	c.Differences = append([]Difference(nil), q.Differences...)
	c.Confirmations = append([]Confirmation(nil), q.Confirmations...)
	for i := range c.Confirmations {
		c.Confirmations[i].Record = append([]Field(nil), c.Confirmations[i].Record...)
	}
	return &c
}

// Get returns the text of one of the Fields, or "". Typed values are not
// there: see Text.
func (q *QSO) Get(id FieldID) string {
	for i := range q.Fields {
		if q.Fields[i].ID == id {
			return q.Fields[i].Value
		}
	}
	return ""
}

// Set gives one of the Fields a value; an empty one removes it.
func (q *QSO) Set(id FieldID, value string) { q.setField(Field{ID: id, Value: value}) }

// SetNamed is Set for a name that is not a known one.
func (q *QSO) SetNamed(name, value string) {
	q.setField(Field{ID: LookupField([]byte(name)), Name: strings.ToUpper(name), Value: value})
}

func (q *QSO) setField(f Field) {
	if f.ID != NoField {
		f.Name = ""
	}
	i := q.find(f.ID, f.Name)
	switch {
	case i < 0 && f.Value != "":
		q.Fields = append(q.Fields, f)
	case i >= 0 && f.Value == "":
		q.Fields = append(q.Fields[:i], q.Fields[i+1:]...)
	case i >= 0:
		q.Fields[i].Value = f.Value
	}
}

// find returns the place of a field, or -1.
func (q *QSO) find(id FieldID, name string) int {
	for i := range q.Fields {
		if q.Fields[i].ID == id && (id != NoField || q.Fields[i].Name == name) {
			return i
		}
	}
	return -1
}

// Text returns the text of any field of the QSO, typed or not, as ADIF writes
// it; "" if it is not given.
func (q *QSO) Text(id FieldID) string {
	switch id {
	case FieldCall:
		return string(q.Call)
	case FieldStationCallsign:
		return string(q.Own)
	case FieldQSODate:
		return q.Start.Date()
	case FieldTimeOn:
		return q.Start.Clock()
	case FieldBand:
		return q.Band.String()
	case FieldBandRX:
		return q.BandRx.String()
	case FieldMode:
		return q.Mode.Name
	case FieldSubmode:
		return q.Mode.Sub
	case FieldFreq:
		return q.Freq.String()
	case FieldFreqRX:
		return q.FreqRx.String()
	case FieldDXCC:
		return number(int(q.DXCC))
	case FieldCQZ:
		return number(int(q.CQZ))
	case FieldITUZ:
		return number(int(q.ITUZ))
	case FieldTimeOff, FieldQSODateOff:
		return q.endText(id)
	}
	if s, isStatus := SourceOfField(id); s != NoSource {
		return q.confirmationText(s, isStatus)
	}
	return q.Get(id)
}

func (q *QSO) endText(id FieldID) string {
	switch {
	case !q.End.Given():
		return q.Get(id)
	case id == FieldTimeOff:
		return q.End.Clock()
	}
	return q.End.Date()
}

func (q *QSO) confirmationText(s Source, status bool) string {
	c := q.Confirmation(s)
	switch {
	case c == nil:
		return ""
	case status && c.Status != 0:
		return string(rune(c.Status))
	case !status && c.Date.Given():
		return c.Date.Date()
	}
	return ""
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// Confirmation returns what a source says, or nil.
func (q *QSO) Confirmation(s Source) *Confirmation {
	for i := range q.Confirmations {
		if q.Confirmations[i].Source == s {
			return &q.Confirmations[i]
		}
	}
	return nil
}

// Confirmed returns the set of sources that confirm the QSO.
func (q *QSO) Confirmed() Sources {
	var set Sources
	for i := range q.Confirmations {
		if q.Confirmations[i].Confirms() {
			set |= 1 << q.Confirmations[i].Source
		}
	}
	return set
}

// Satellite reports whether the QSO went through a satellite.
func (q *QSO) Satellite() bool { return strings.EqualFold(q.Get(FieldPropMode), "SAT") }

// Key says which QSO a record is about: two records with the same key are the
// same contact unless Distinct says otherwise.
type Key struct {
	Own, Call Call
	Band      Band
	Mode      string // parent mode
	Minute    Time
}

// Key returns the QSO's duplicate key.
func (q *QSO) Key() Key { return Key{q.Own, q.Call, q.Band, q.Mode.Name, q.Start.Minute()} }

// Distinct reports whether two QSOs with the same key are nevertheless
// contacts of their own: a rover or a county line, where both give another
// MY_GRIDSQUARE, STATE or CNTY. A shorter locator of the same place is no
// other one.
func Distinct(a, b *QSO) bool {
	mine, theirs := a.Get(FieldMyGridsquare), b.Get(FieldMyGridsquare)
	n := min(len(mine), len(theirs))
	if n > 0 && !strings.EqualFold(mine[:n], theirs[:n]) {
		return true
	}
	return differ(a.Get(FieldState), b.Get(FieldState)) || differ(a.Get(FieldCnty), b.Get(FieldCnty))
}

func differ(a, b string) bool { return a != "" && b != "" && !strings.EqualFold(a, b) }

// Same reports whether two records are about the same contact.
func Same(a, b *QSO) bool { return a.Key() == b.Key() && !Distinct(a, b) }
