package webui

import (
	"context"
	"io"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/qso/intake"
	"qslbox/syncers"
)

// Logbook is one logbook as pages and API use it. *store.Logbook satisfies it,
// the interface keeps the database out of HTTP; it is put together from small
// parts so that a handler can say what it needs.
type Logbook interface {
	Name() string
	Settings() qso.Settings
	SetSettings(s qso.Settings) error
	// Columns returns the log in memory, and waits until it is loaded.
	Columns(ctx context.Context) (*columns.Log, error)
	// Touch adds 1 to the generation: every snapshot is computed anew.
	Touch(ctx context.Context) error
	QSOReader
	QSOEditor
	intake.Merger
	Syncing
}

// QSOReader reads QSOs.
type QSOReader interface {
	// Get returns a QSO, or qso.ErrNoQSO.
	Get(id uint64) (*qso.QSO, error)
	// GetMany returns the QSOs with these ids in their order; what is gone
	// meanwhile is left out.
	GetMany(ids []uint64) ([]*qso.QSO, error)
	// Scan calls fn for each QSO whose id is above after, ascending, until fn
	// returns false. The QSO is fn's to keep.
	Scan(ctx context.Context, after uint64, fn func(*qso.QSO) bool) error
	// History returns the earlier values of a QSO, newest first.
	History(id uint64) ([]qso.HistoryEntry, error)
	// ManyEdits returns the changes of many of the last 30 days, newest first.
	ManyEdits() ([]qso.ManyEdit, error)
	// Trash returns the deleted QSOs that can be brought back, newest first.
	Trash() ([]qso.Deleted, error)
}

// QSOEditor changes single QSOs; by says who, for the history.
type QSOEditor interface {
	// Add stores a new QSO and returns it as stored, or a *qso.DuplicateError.
	Add(ctx context.Context, q *qso.QSO, by string) (*qso.QSO, error)
	// Edit calls edit on a copy of the QSO and stores that: what it changed
	// counts as typed by a person. rev is the revision that was looked at, 0
	// for any; another one is a *qso.StaleError.
	Edit(ctx context.Context, id uint64, rev uint32, by string, edit func(*qso.QSO) error) (*qso.QSO, error)
	// EditMany is Edit for at most 10,000 QSOs: all are changed, or none. field
	// and value say what is set; the number it returns is 0 if nothing changed.
	EditMany(ctx context.Context, refs []qso.Ref, by, field, value string, edit func(*qso.QSO) error) (uint64, error)
	// UndoMany takes a change of EditMany back, but for QSOs that something else
	// changed since; qso.ErrNoEdit if there is none to take back.
	UndoMany(ctx context.Context, id uint64, by string) (qso.ManyEdit, error)
	// Delete moves a QSO to the trash for 30 days; its key is remembered.
	Delete(ctx context.Context, id uint64, rev uint32, by string) error
	// Restore brings a QSO back out of the trash, with its id.
	Restore(ctx context.Context, id uint64, by string) (*qso.QSO, error)
}

// Syncing is what the pages show and change of syncs.
type Syncing interface {
	syncers.Logbook
	// Accounts returns all accounts of the logbook.
	Accounts() ([]syncers.Account, error)
	// SetAccount stores an account: the revision moves, and the cursor begins
	// anew, if login, secret or own call differ from the stored ones.
	SetAccount(ctx context.Context, a syncers.Account) error
	// RemoveAccount forgets an account; what came from it stays.
	RemoveAccount(ctx context.Context, source qso.Source) error
	// Runs returns the sync history, newest first, at most limit entries.
	Runs(source qso.Source, limit int) ([]syncers.Run, error)
	// Run returns one entry of the history; false if there is none.
	Run(source qso.Source, n int) (syncers.Run, bool, error)
	// Listed returns the records that are not in the log, newest first.
	Listed(source qso.Source) ([]syncers.Listed, error)
	// Resolve carries out what a person decided about a listed record.
	Resolve(ctx context.Context, id string, r syncers.Resolution, by string) error
}

// Books finds the logbooks of the appliance.
type Books interface {
	// Logbooks returns their names; "main" is first.
	Logbooks() []string
	// Logbook returns one, or qso.ErrNoLogbook.
	Logbook(name string) (Logbook, error)
	CreateLogbook(name string) error
	RemoveLogbook(name string) error
}

// Maintenance is what `qslbox db` and the Settings page do with the data file.
type Maintenance interface {
	// Maintain carries out an operation (check, scrub, backup, compact) and
	// returns its report, which is shown as JSON. It returns errors of package
	// store as they are.
	Maintain(ctx context.Context, operation string) (report any, err error)
	// WriteBackup writes a verified copy of the data file.
	WriteBackup(ctx context.Context, w io.Writer) error
}

// Doctor says how the appliance is; main puts its parts together.
type Doctor interface {
	// Facts returns the members of GET /api/health behind the fixed ones, by
	// name: store, backup, disk, memory and what else main knows. It is asked
	// at most once a second.
	Facts() map[string]any
	// Figures returns what /metrics tells beside operations and cache.
	Figures() []Figure
}

// Figure is one value of /metrics. Name is without the program's, by the
// conventions of Prometheus: with the unit at its end.
type Figure struct {
	Name, Help string
	Counter    bool // only grows; else it goes up and down
	Value      float64
}
