package qso

import (
	"errors"
	"fmt"
	"slices"
)

// Errors of a logbook and its QSOs, wherever they are kept.
var (
	ErrNoQSO         = errors.New("no such QSO")
	ErrNoLogbook     = errors.New("no such logbook")
	ErrLogbookExists = errors.New("there is a logbook of that name already")
	ErrLogbookName   = errors.New("not a name for a logbook: use 1 to 32 of a-z, 0-9 and -")
	ErrNoEdit        = errors.New("no such change, or it was taken back already")
	ErrStale         = errors.New("the QSO was changed meanwhile")
	ErrDuplicate     = errors.New("the log holds this QSO already")
)

// StaleError says that a QSO has another revision than the one that was to be
// changed; it matches ErrStale.
type StaleError struct{ Current *QSO }

// Error names both revisions' QSO.
func (e *StaleError) Error() string {
	return fmt.Sprintf("%v: QSO %d is at revision %d now; look at it and decide again", ErrStale, e.Current.ID, e.Current.Rev)
}

// Is makes the error match ErrStale.
func (e *StaleError) Is(target error) bool { return target == ErrStale }

// Ref is a QSO as somebody looked at it: its id, and its revision then, 0 for
// any.
type Ref struct {
	ID  uint64
	Rev uint32
}

// DuplicateError says which QSO of the log is the same; it matches
// ErrDuplicate.
type DuplicateError struct{ ID uint64 }

// Error names the QSO.
func (e *DuplicateError) Error() string { return fmt.Sprintf("%v: see QSO %d", ErrDuplicate, e.ID) }

// Is makes the error match ErrDuplicate.
func (e *DuplicateError) Is(target error) bool { return target == ErrDuplicate }

// ValidLogbookName reports whether a logbook may have this name: 1 to 32 of
// a-z, 0-9 and - (DESIGN.md section 3).
func ValidLogbookName(name string) bool {
	if len(name) == 0 || len(name) > 32 {
		return false
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// Holder is a person or club whose own calls count together for awards.
type Holder struct {
	Name  string `json:"name"`
	Calls []Call `json:"calls"`
}

// Settings are what a logbook is told about itself.
type Settings struct {
	// DefaultOwn is the own call assumed for records that name none; empty:
	// they are stored without.
	DefaultOwn Call `json:"default_own,omitempty"`
	// Holders group own calls; calls in none of them belong to nobody.
	Holders []Holder `json:"holders,omitempty"`
	// Grid is the station's usual locator, for distances where a QSO has no
	// MY_GRIDSQUARE.
	Grid Grid `json:"grid,omitempty"`
	// Locations are where the station was, by hand: for QSOs whose records do
	// not say so.
	Locations []Location `json:"locations,omitempty"`
	// Public says that the logbook's dashboard may be seen without signing in.
	Public bool `json:"public,omitempty"`
}

// Location is a place that the station was at for a time.
type Location struct {
	Name string `json:"name"`
	Own  Call   `json:"own,omitempty"` // empty: any own call
	Grid Grid   `json:"grid"`
	From Time   `json:"from,omitempty"` // NoTime is open
	To   Time   `json:"to,omitempty"`   // the first moment after; NoTime is open
}

// Location returns a location by its name; nil if there is none.
func (s *Settings) Location(name string) *Location {
	for i := range s.Locations {
		if s.Locations[i].Name == name {
			return &s.Locations[i]
		}
	}
	return nil
}

// GridAt returns the locator of the location that an own call was at; the usual
// locator if none is known.
func (s *Settings) GridAt(own Call, at Time) Grid {
	for i := range s.Locations {
		l := &s.Locations[i]
		if (l.Own == "" || l.Own == own) && (!l.From.Given() || l.From <= at) && (!l.To.Given() || at < l.To) {
			return l.Grid
		}
	}
	return s.Grid
}

// CallsOf returns the own calls of a holder; nil if there is none of that name.
func (s *Settings) CallsOf(holder string) []Call {
	for i := range s.Holders {
		if s.Holders[i].Name == holder {
			return slices.Clone(s.Holders[i].Calls)
		}
	}
	return nil
}
