package syncers

import "qslbox/qso"

// Kind is what a record of an answer is about.
type Kind uint8

// The kinds of records.
const (
	OwnQSO       Kind = iota + 1 // our own QSO as the service has it
	Confirmation                 // a QSO that the other side confirmed
)

// Record is one record of an answer, judged by package intake.
type Record struct {
	Kind Kind
	QSO  *qso.QSO
}

// RecordID tells one upstream record from another. Times are to the second;
// of the mode only its group counts, so that the same contact uploaded once as
// FT4 and once as MFSK is one record. It is what repeats are found by, and what
// a resolution by hand is remembered under.
type RecordID struct {
	Source qso.Source
	Own    qso.Call
	Call   qso.Call
	Band   qso.Band
	Group  qso.Group
	Start  qso.Time
}

// ID returns the record's identity at a source.
func (r *Record) ID(source qso.Source) RecordID {
	q := r.QSO
	return RecordID{source, q.Own, q.Call, q.Band, q.Mode.Group(), q.Start}
}

// HeldTime returns the start in LoTW's own record of the QSO, if the QSO holds
// one (see Make and Merge); NoTime otherwise.
func HeldTime(q *qso.QSO) qso.Time {
	t, err := qso.ParseTime(q.Get(qso.FieldAppLoTWQSOTimestamp))
	if err != nil {
		return qso.NoTime
	}
	return t
}
