package adif

import "qslbox/qso"

// Header is what stood before an EOH.
type Header struct {
	// Fields in the order of the header, empty ones left out.
	Fields []qso.Field
	// Text is the header as it stands in the input, comments included, the
	// last MaxText bytes of it.
	Text string
}

// Get returns the value of a header field by its upper-case name, or "".
func (h *Header) Get(name string) string {
	if h == nil {
		return ""
	}
	for i := range h.Fields {
		if h.Fields[i].Key() == name {
			return h.Fields[i].Value
		}
	}
	return ""
}

// ProgramID returns the name of the program that wrote the file, or "".
func (h *Header) ProgramID() string { return h.Get("PROGRAMID") }

// newHeader copies fields and text out of the reader's buffer.
func newHeader(fields []Field, text []byte) *Header {
	h := &Header{Text: string(text[max(0, len(text)-MaxText):])}
	for _, f := range fields {
		if len(f.Value) == 0 {
			continue
		}
		h.Fields = append(h.Fields, qso.Field{ID: f.ID, Type: f.Type, Name: f.Name, Value: string(f.Value)})
	}
	return h
}

// isHeaderName reports whether a field belongs into headers only (ADIF 3.1.6).
func isHeaderName(name string) bool {
	switch name {
	case "ADIF_VER", "PROGRAMID", "PROGRAMVERSION", "CREATED_TIMESTAMP":
		return true
	}
	return len(name) > 7 && name[:7] == "USERDEF"
}

// completeAt returns how many of the fields it takes until a QSO is complete
// (call, date, time, band or frequency, mode or submode), or 0.
func completeAt(fields []Field) int {
	const call, date, time, band, mode = 1, 2, 4, 8, 16
	have := 0
	for i := range fields {
		if len(fields[i].Value) == 0 {
			continue
		}
		switch fields[i].ID {
		case qso.FieldCall:
			have |= call
		case qso.FieldQSODate:
			have |= date
		case qso.FieldTimeOn:
			have |= time
		case qso.FieldBand, qso.FieldFreq:
			have |= band
		case qso.FieldMode, qso.FieldSubmode:
			have |= mode
		}
		if have == call|date|time|band|mode {
			return i + 1
		}
	}
	return 0
}
