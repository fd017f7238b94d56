package syncers

import (
	"time"

	"qslbox/qso"
)

// Listed is an upstream record that is not in the log, with the reason: an
// entry of "not in your log".
type Listed struct {
	ID        string // stable, for links
	Source    qso.Source
	Run       int // in which it was last seen
	Seen      time.Time
	Record    *qso.QSO // what the service says
	Reason    Reason   // empty if Ambiguous or OtherOwn says why
	Nearest   uint64   // for Reason: the QSO with that call nearest in time
	Ambiguous []uint64 // "two QSOs fit"
	OtherOwn  uint64   // fits this QSO but for the own call
	// Resolution is what a person decided; the zero value is nothing yet.
	Resolution Resolution
}
