package qso

import "time"

// HistoryEntry is one change of a stored QSO after it was added.
type HistoryEntry struct {
	Rev    uint32 // the QSO's revision after the change
	At     time.Time
	By     string        // who: a user, an API key, "import", "lotw", "dcl" ...
	Action string        // "update", "edit", "undo", "delete" or "restore"
	Fields []FieldChange // values before and after; filled blanks are not listed for "update"
}

// Deleted is a QSO in the trash.
type Deleted struct {
	QSO   *QSO
	At    time.Time
	By    string
	Until time.Time // then it is gone; its key is remembered
}

// ManyEdit is one change of many QSOs, which can be taken back as a whole.
type ManyEdit struct {
	ID           uint64
	At           time.Time
	By           string
	Field, Value string // what was set, by its ADIF name in lower case
	QSOs         int    // that were changed
	Until        time.Time
	Undone       *Undone // nil: not yet
}

// Undone says what came of taking a change back.
type Undone struct {
	At   time.Time
	By   string
	QSOs int       // that are again as they were
	Left []LeftOut // those that stay as they are
}

// LeftOut is a QSO that stays as it is when a change of many is taken back.
type LeftOut struct {
	ID    uint64
	Call  Call
	Start Time
	Why   LeftReason
}

// LeftReason is a short word for why a QSO was left out.
type LeftReason string

// Why a QSO is left out.
const (
	LeftChanged   LeftReason = "changed"   // something else changed it since
	LeftDeleted   LeftReason = "deleted"   // it is not in the log any more
	LeftDuplicate LeftReason = "duplicate" // the log holds what it was as another QSO
)
