package webui

import (
	"fmt"

	"qslbox/qso/intake"
)

// stoppedError says where an import stopped. What was merged until then stays.
type stoppedError struct {
	err     error
	account intake.Account
}

// Error is the reason and the place.
func (e *stoppedError) Error() string { return e.err.Error() + "; " + e.where() }

// Unwrap returns the reason.
func (e *stoppedError) Unwrap() error { return e.err }

func (e *stoppedError) where() string {
	a := &e.account
	return fmt.Sprintf("the import stopped after record %d of the file: %d were added and %d updated, which stays so; import the same file again when the cause is gone, and only the rest is done",
		a.Read, a.Added, a.Updated)
}
