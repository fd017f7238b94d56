package syncers

import (
	"context"
	"errors"

	"qslbox/qso"
)

// Errors that a Logbook answers with.
var (
	// ErrNoAccount says that the logbook has no account at the source.
	ErrNoAccount = errors.New("no account")
	// ErrAccountChanged says that login, secret or own call were changed since
	// the run began; nothing of the batch was stored.
	ErrAccountChanged = errors.New("the account was changed while the sync ran")
)

// BatchSize is how many records a batch holds at most.
const BatchSize = 5_000

// Logbook is where a sync stores what came in. *store.Logbook satisfies it;
// the interface keeps bbolt out of the rules and lets tests use a log in
// memory.
type Logbook interface {
	// Account returns the account at a source, or ErrNoAccount.
	Account(source qso.Source) (Account, error)
	// LastRun returns the newest entry of the source's history; the zero Run
	// if there is none.
	LastRun(source qso.Source) (Run, error)
	// Size returns how many QSOs the logbook holds.
	Size() int
	// MergeSync stores a batch in one transaction: Decide, then Merge or Make
	// for each record, then cursor and run, all or nothing. It keeps nothing
	// of the batch. It returns ErrAccountChanged if the account's revision is
	// not the batch's.
	MergeSync(ctx context.Context, batch Batch) (BatchResult, error)
}

// Batch is one transaction of a sync.
type Batch struct {
	Source   qso.Source
	Revision uint64 // of the account that the records were fetched with
	Run      int    // the run's number, for the records that are listed
	Records  []Record
	// Cursor is to be stored, unless it is nil.
	Cursor *Cursor
	// Last is the run as it ends, in its last batch. The store counts this
	// batch's result into a copy (Run.Count) and stores that as the newest
	// history entry. A last batch without records, cursor or change of the log
	// moves no generation.
	Last *Run
	// ByHand is set for records of a file: see there.
	ByHand *ByHand
	// Gone asks for a comparison: these are the ids of all QSOs that LoTW's
	// complete own-QSO report was about in this run, but for those that this
	// batch's records are about; QSOs at LoTW that are not among either have
	// vanished there. nil: no comparison.
	Gone *IDSet
}

// BatchResult is what became of a batch.
type BatchResult struct {
	Added, Updated, Unchanged, Unmatched, Repeated int
	// Unconfirmed are records of a file that confirm nothing and make no QSO.
	Unconfirmed int
	New         New
	// Vanished are the QSOs that a comparison (Batch.Gone) missed, ascending.
	Vanished []uint64
	// Altered are the QSOs that were updated.
	Altered []uint64
	// IDs are the QSOs that the records were about, in no order.
	IDs []uint64
}
