package qso

import (
	"errors"
	"fmt"
)

// ErrBadSource says that a text names no source of confirmations.
var ErrBadSource = errors.New("not a source of confirmations")

// Source is who confirms a QSO. The numbers are stored.
type Source uint8

// The sources of confirmations.
const (
	NoSource Source = iota
	LoTW
	DCL
	Card // a paper QSL card
	EQSL
	QRZ
	ClubLog
	SourceCount int = iota
)

var sourceNames = [SourceCount]string{"", "lotw", "dcl", "qsl", "eqsl", "qrz", "clublog"}

// String returns the source as JSON spells it: lotw, dcl, qsl (a card), eqsl,
// qrz or clublog.
func (s Source) String() string {
	if int(s) >= SourceCount {
		return ""
	}
	return sourceNames[s]
}

// ParseSource reads a source as JSON spells it; "card" means qsl. It returns
// ErrBadSource for other texts.
func ParseSource(text string) (Source, error) {
	if text == "card" {
		return Card, nil
	}
	for s := LoTW; int(s) < SourceCount; s++ {
		if sourceNames[s] == text {
			return s, nil
		}
	}
	return NoSource, fmt.Errorf("%w: %q; know lotw, dcl, qsl, eqsl, qrz, clublog", ErrBadSource, clip(text, 20))
}

// Sources is a set of sources, one bit each.
type Sources uint8

// SourceSet returns the set of the given sources.
func SourceSet(list ...Source) Sources {
	var set Sources
	for _, s := range list {
		set |= 1 << s
	}
	return set
}

// Has reports whether s is in the set.
func (set Sources) Has(s Source) bool { return set&(1<<s) != 0 }

// Names returns the set's sources as JSON spells them, sorted.
func (set Sources) Names() []string {
	names := []string{}
	for _, s := range [...]Source{ClubLog, DCL, EQSL, LoTW, QRZ, Card} {
		if set.Has(s) {
			names = append(names, s.String())
		}
	}
	return names
}

// rcvdFields are the ADIF fields that carry a source's state and date.
var rcvdFields = [SourceCount][2]FieldID{
	LoTW:    {FieldLoTWQSLRcvd, FieldLoTWQSLRDate},
	DCL:     {FieldDCLQSLRcvd, FieldDCLQSLRDate},
	Card:    {FieldQSLRcvd, FieldQSLRDate},
	EQSL:    {FieldEQSLQSLRcvd, FieldEQSLQSLRDate},
	QRZ:     {FieldQRZComQSODownloadStatus, FieldQRZComQSODownloadDate},
	ClubLog: {FieldClubLogQSODownloadStatus, FieldClubLogQSODownloadDate},
}

// Fields returns the ADIF fields in which the source's state and date travel.
func (s Source) Fields() (status, date FieldID) { return rcvdFields[s][0], rcvdFields[s][1] }

// SourceOfField returns the source whose state or date travels in the field,
// and whether it is the state; NoSource for other fields.
func SourceOfField(id FieldID) (s Source, status bool) {
	for s := LoTW; int(s) < SourceCount; s++ {
		if rcvdFields[s][0] == id {
			return s, true
		}
		if rcvdFields[s][1] == id {
			return s, false
		}
	}
	return NoSource, false
}

// Confirmation is what one source says about a QSO.
type Confirmation struct {
	Source Source
	// Status is the ADIF letter of the state, upper case: Y and V confirm; N,
	// R and I do not.
	Status byte
	// Date is the day, or the instant, of the confirmation; NoTime if the
	// source did not say.
	Date Time
	// Stated says that the source's own record about the QSO came in (by a
	// sync or its report), not only a flag of the logger. Then Record is what
	// it says, and a value that it lacks is "left blank".
	Stated bool
	Record []Field
}

// Confirms reports whether the state confirms the QSO (Y, or V: confirmed with
// credit).
func (c *Confirmation) Confirms() bool { return c.Status == 'Y' || c.Status == 'V' }

// Value returns what the source's record says in a field, or "".
func (c *Confirmation) Value(id FieldID) string {
	for i := range c.Record {
		if c.Record[i].ID == id {
			return c.Record[i].Value
		}
	}
	return ""
}

// stateRank orders the states so that a merge never lowers one.
func stateRank(letter byte) int {
	switch letter {
	case 'V':
		return 5
	case 'Y', 'M':
		return 4
	case 'R', 'Q':
		return 3
	case 'I':
		return 2
	case 'N':
		return 1
	}
	return 0
}
