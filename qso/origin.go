package qso

// Origin is where a value came from, in the order of belief: a higher one
// replaces a lower one (DESIGN.md section 3). The numbers are stored.
type Origin uint8

// The origins, least believed first.
const (
	LookedUp Origin = iota + 1 // found by qslbox, by call or table
	Imported                   // a file, the API, a logger
	FromDCL                    // DCL (the DOK only)
	FromLoTW                   // LoTW's record
	Typed                      // a person typed it here
)

// String returns a word for the origin.
func (o Origin) String() string {
	switch o {
	case LookedUp:
		return "looked-up"
	case Imported:
		return "imported"
	case FromDCL:
		return "dcl"
	case FromLoTW:
		return "lotw"
	case Typed:
		return "typed"
	}
	return ""
}

// FieldOrigin notes where a field's value came from.
type FieldOrigin struct {
	ID     FieldID
	Name   string // only if ID is NoField
	Origin Origin
}

// Origin returns where the value of a field came from; Imported if nothing
// else is noted.
func (q *QSO) Origin(id FieldID, name string) Origin {
	for i := range q.Origins {
		if q.Origins[i].ID == id && (id != NoField || q.Origins[i].Name == name) {
			return q.Origins[i].Origin
		}
	}
	return Imported
}

// SetOrigin notes where the value of a field came from.
func (q *QSO) SetOrigin(id FieldID, name string, o Origin) {
	if id != NoField {
		name = ""
	}
	for i := range q.Origins {
		if q.Origins[i].ID != id || q.Origins[i].Name != name {
			continue
		}
		if o == Imported {
			q.Origins = append(q.Origins[:i], q.Origins[i+1:]...)
		} else {
			q.Origins[i].Origin = o
		}
		return
	}
	if o != Imported {
		q.Origins = append(q.Origins, FieldOrigin{id, name, o})
	}
}
