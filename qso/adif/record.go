package adif

import (
	"fmt"

	"qslbox/qso"
)

// MaxText is how many bytes of a record's text are kept in Record.Raw and
// RecordError.Text.
const MaxText = 64 << 10

// Field is one field of a record.
type Field struct {
	ID    qso.FieldID // NoField for names that package qso does not know
	Type  byte        // declared data type indicator, upper case; 0 if none
	Name  string      // upper case; only if ID is NoField
	Value []byte      // trimmed UTF-8; valid until the next record is read

	// Where the value stands, counted from Reader.start; at is -1 if Value was
	// converted, end is where the text as counted ends.
	at, end int32
}

// Key returns the field's name in upper case whether it is a known one or not.
func (f *Field) Key() string {
	if f.ID != qso.NoField {
		return f.ID.String()
	}
	return f.Name
}

// Record is one record of a file. It and everything in it is valid only until
// the next record is read, except Header.
type Record struct {
	// Number counts the records of the input that have at least one field,
	// from 1; records that could not be read count too.
	Number int
	// Offset is where the record's first tag stands in the input, in bytes.
	Offset int64
	// Fields in the order of the record, empty and repeated ones included.
	Fields []Field
	// Raw is the record's text from its first tag on, the first MaxText bytes.
	Raw []byte
	// Header is the last header before the record; nil if there was none.
	Header *Header

	skipped int // text before Raw that Field.at counts
}

// At returns where in Raw the field's value stands as it is, or -1 if it was
// converted or stands behind the end of Raw. Who keeps the values of a record
// may copy Raw once instead of every value.
func (r *Record) At(f *Field) int {
	at := int(f.at) - r.skipped
	if at < 0 || at+len(f.Value) > len(r.Raw) {
		return -1
	}
	return at
}

// Get returns the first value of the field that is not empty, or nil.
func (r *Record) Get(id qso.FieldID) []byte {
	for i := range r.Fields {
		if f := &r.Fields[i]; f.ID == id && len(f.Value) > 0 {
			return f.Value
		}
	}
	return nil
}

// NewRecord makes a record of fields that did not come out of a file, with
// their ADIF text as Raw, so that they go through the same rules.
func NewRecord(fields []qso.Field) *Record {
	rec := &Record{Number: 1, Fields: make([]Field, 0, len(fields))}
	for _, f := range fields {
		rec.Fields = append(rec.Fields, Field{ID: f.ID, Type: f.Type, Name: f.Name, Value: []byte(f.Value), at: -1})
		rec.Raw = appendField(rec.Raw, f)
	}
	rec.Raw = append(rec.Raw, "<EOR>"...)
	rec.Raw = rec.Raw[:min(len(rec.Raw), MaxText)]
	return rec
}

// Reason is the short word for why a record did not become a QSO, as the
// import account shows it.
type Reason string

// The reasons that are found while reading; package intake has the others.
const (
	BadLength Reason = "bad-length" // a length reaches beyond its record
	Truncated Reason = "truncated"  // the input stops inside the record
	TooBig    Reason = "too-big"    // a value or the record exceeds the caps
)

// RecordError says why a record could not be read. Reading goes on after it.
type RecordError struct {
	Record int    // as Record.Number
	Offset int64  // as Record.Offset
	Reason Reason // BadLength, Truncated or TooBig
	Field  string // name of the field at fault, upper case; may be empty
	Length int    // the length it claims
	Text   string // the record's text, the first MaxText bytes
}

// Error names the record, the field and what is wrong with it.
func (e *RecordError) Error() string {
	where := fmt.Sprintf("adif: record %d at byte %d: ", e.Record, e.Offset)
	switch {
	case e.Reason == Truncated:
		return where + "the input ends inside the record"
	case e.Reason == TooBig && e.Field == "":
		return where + "the record is too big"
	case e.Reason == TooBig:
		return fmt.Sprintf("%sfield %s with %d bytes is too big", where, e.Field, e.Length)
	}
	return fmt.Sprintf("%sthe length %d of field %s is wrong", where, e.Length, e.Field)
}
