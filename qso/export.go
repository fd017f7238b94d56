package qso

import "iter"

// coreFields is the order in which the typed values are written; all other
// fields follow in the order they came.
var coreFields = [...]FieldID{
	FieldCall, FieldQSODate, FieldTimeOn, FieldQSODateOff, FieldTimeOff, FieldBand, FieldBandRX,
	FieldFreq, FieldFreqRX, FieldMode, FieldSubmode, FieldStationCallsign, FieldDXCC, FieldCQZ, FieldITUZ,
}

// ADIF yields the QSO's fields as an ADIF record holds them, in a stable
// order: the typed ones, the confirmations' states and dates, then everything
// else as it came. Values that qslbox only looked up, and an end that came
// without its date on the same day, are not written: nothing is invented.
func (q *QSO) ADIF() iter.Seq[Field] {
	return func(yield func(Field) bool) {
		for _, id := range coreFields {
			if value := q.exported(id); value != "" && !yield(Field{ID: id, Value: value}) {
				return
			}
		}
		for s := LoTW; int(s) < SourceCount; s++ {
			status, date := s.Fields()
			for _, id := range [...]FieldID{status, date} {
				if value := q.Text(id); value != "" && !yield(Field{ID: id, Value: value}) {
					return
				}
			}
		}
		for _, f := range q.Fields {
			if f.Value != "" && q.Origin(f.ID, f.Name) != LookedUp && !yield(f) {
				return
			}
		}
		if q.OwnAssumed {
			yield(Field{ID: FieldAppQSLBoxOwnAssumed, Value: "Y"})
		}
	}
}

// exported returns the text of a typed value as far as it is written out.
func (q *QSO) exported(id FieldID) string {
	switch id {
	case FieldDXCC, FieldCQZ, FieldITUZ:
		if q.Origin(id, "") == LookedUp {
			return ""
		}
	case FieldTimeOff, FieldQSODateOff:
		if !q.End.Given() { // kept as a field of its own, if at all
			return ""
		}
		if id == FieldQSODateOff && q.End.Date() == q.Start.Date() {
			return ""
		}
	}
	return q.Text(id)
}
