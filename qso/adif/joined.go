package adif

import (
	"bytes"

	"qslbox/qso"
)

// split returns the first QSO of the fields as a record. The others, if EORs
// are missing between them, are kept for the next calls. end is where the text
// of all of them ends.
func (r *Reader) split(fields []Field, end int) *Record {
	k := secondQSO(fields)
	if k == 0 {
		r.rest = nil
		return r.record(fields, end)
	}
	next := r.seek(r.start + int(fields[k-1].end))
	rec := r.record(fields[:k], next)
	r.rest, r.restEnd, r.first = fields[k:], end, next
	return rec
}

// cutJoined takes the complete QSOs out of a record that has too many fields
// because EORs are missing, and leaves the last one to be read again with what
// follows; nil if the fault is another one.
func (r *Reader) cutJoined() *Record {
	if r.fault.reason != TooBig {
		return nil
	}
	last := 0
	for k := -1; k != 0; last += k {
		k = secondQSO(r.fields[last:])
	}
	if last == 0 {
		return nil
	}
	r.pos = r.seek(r.start + int(r.fields[last-1].end))
	return r.split(r.fields[:last], r.pos)
}

// secondQSO returns where a second QSO begins in the fields of one record: 0
// if there is none. There is one if another call follows a complete QSO, if
// the name that the record began with (empty fields aside) recurs in front of
// it, or is CALL, and if what begins there is complete too. A record that merely names two calls
// is left as it is.
func secondQSO(fields []Field) int {
	second := secondCall(fields)
	if second == 0 {
		return 0
	}
	complete := completeAt(fields)
	if complete == 0 {
		return 0
	}
	first := 0
	for len(fields[first].Value) == 0 {
		first++
	}
	for at := second; at >= complete; at-- {
		f := &fields[at]
		if f.ID != fields[first].ID || f.Name != fields[first].Name || len(f.Value) == 0 {
			continue
		}
		if completeAt(fields[at:]) == 0 {
			return 0
		}
		return at
	}
	return 0
}

// secondCall returns the place of the first CALL that is not the one before;
// 0 if there is none.
func secondCall(fields []Field) int {
	first := -1
	for i := range fields {
		switch {
		case fields[i].ID != qso.FieldCall || len(fields[i].Value) == 0:
		case first < 0:
			first = i
		case !bytes.Equal(fields[i].Value, fields[first].Value):
			return i
		}
	}
	return 0
}
