package qso

import "strings"

// FieldID is the small stored number of a known ADIF field name; zero is "not
// a known name".
type FieldID uint16

// Field is one value of a QSO as it came in: a name of the ADIF tables by its
// id, or any other name as text (upper case); the type letter it was declared
// with, if any; the text in UTF-8.
type Field struct {
	ID    FieldID
	Type  byte
	Name  string // only if ID is NoField
	Value string
}

// Key returns the field's name whether it is a known one or not.
func (f Field) Key() string {
	if f.ID != NoField {
		return f.ID.String()
	}
	return f.Name
}

// FieldKind tells where a name comes from.
type FieldKind uint8

// Kinds of field names.
const (
	KindADIF       FieldKind = iota + 1 // ADIF 3.1.6
	KindImportOnly                      // ADIF 3.1.6: accept, never write for new data
	KindApp                             // an application's field that qslbox knows
)

type fieldInfo struct {
	name  string
	lower string
	typ   string
	kind  FieldKind
}

type fieldNames struct {
	info  [fieldCount]fieldInfo
	slots [1024]FieldID // open addressing, by hash of the upper-case name
}

var fieldTable = lazy(func() *fieldNames {
	t := &fieldNames{}
	kinds := map[string]FieldKind{"adif": KindADIF, "import-only": KindImportOnly, "app": KindApp}
	for i, row := range tableRows("fields") {
		id := FieldID(i + 1)
		t.info[id] = fieldInfo{name: row[0], lower: strings.ToLower(row[0]), typ: row[1], kind: kinds[row[2]]}
		at := hashName([]byte(row[0])) % uint32(len(t.slots))
		for t.slots[at] != NoField {
			at = (at + 1) % uint32(len(t.slots))
		}
		t.slots[at] = id
	}
	return t
})

// hashName hashes a field name with its ASCII letter case folded.
func hashName(name []byte) uint32 {
	h := uint32(2166136261)
	for _, c := range name {
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		h = (h ^ uint32(c)) * 16777619
	}
	return h ^ h>>15
}

// LookupField finds a known field name in any letter case. It allocates
// nothing. NoField means that the name is not known.
func LookupField(name []byte) FieldID {
	t := fieldTable()
	at := hashName(name) % uint32(len(t.slots))
	for {
		id := t.slots[at]
		if id == NoField || equalFold(name, t.info[id].name) {
			return id
		}
		at = (at + 1) % uint32(len(t.slots))
	}
}

// equalFold compares a name with an upper-case one, ASCII letter case aside.
func equalFold(name []byte, upper string) bool {
	if len(name) != len(upper) {
		return false
	}
	for i, c := range name {
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c != upper[i] {
			return false
		}
	}
	return true
}

// String returns the field's ADIF name in upper case, empty for NoField and
// for ids that this version does not know.
func (id FieldID) String() string {
	if id >= fieldCount {
		return ""
	}
	return fieldTable().info[id].name
}

// Lower returns the field's ADIF name in lower case, as JSON uses it.
func (id FieldID) Lower() string {
	if id >= fieldCount {
		return ""
	}
	return fieldTable().info[id].lower
}

// Kind returns where the field's name comes from; zero for NoField.
func (id FieldID) Kind() FieldKind {
	if id >= fieldCount {
		return 0
	}
	return fieldTable().info[id].kind
}

// ADIFType returns the ADIF data type of the field ("String", "Date" ...).
func (id FieldID) ADIFType() string {
	if id >= fieldCount {
		return ""
	}
	return fieldTable().info[id].typ
}

// FieldCount returns one more than the largest known FieldID.
func FieldCount() int { return int(fieldCount) }
