package qso

import "time"

// HistoryEntry is one change of a stored QSO after it was added.
type HistoryEntry struct {
	Rev    uint32 // the QSO's revision after the change
	At     time.Time
	By     string        // who: a user, an API key, "import", "lotw", "dcl" ...
	Action string        // "update", "edit", "delete" or "restore"
	Fields []FieldChange // values before and after; filled blanks are not listed for "update"
}

// Deleted is a QSO in the trash.
type Deleted struct {
	QSO   *QSO
	At    time.Time
	By    string
	Until time.Time // then it is gone; its key is remembered
}
