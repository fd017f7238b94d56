package intake

import "qslbox/qso/adif"

// MaxRejects is how many rejected records an Account carries itself.
const MaxRejects = 1000

// Account says what became of every record of an import (DESIGN.md section
// 9): read = added + updated + unchanged + skipped + rejected.
type Account struct {
	Outcome        string      `json:"outcome"` // imported, dry-run or refused
	RefusedKind    adif.Kind   `json:"refused_kind,omitempty"`
	Message        string      `json:"message,omitempty"` // why it was refused
	Read           int         `json:"read"`
	Added          int         `json:"added"`
	Updated        int         `json:"updated"`
	Unchanged      int         `json:"unchanged"`
	Skipped        int         `json:"skipped"`
	Rejected       int         `json:"rejected"`
	OwnCallMissing int         `json:"own_call_missing"`
	Rejects        []Rejection `json:"rejects"` // the first MaxRejects
	RejectsLink    string      `json:"rejects_link,omitempty"`

	// From is "dcl" for a download of DCL, which goes the way of a sync; then
	// Skipped is the sum of the following.
	From         string `json:"from,omitempty"`
	NotInLog     int    `json:"not_in_log,omitempty"`    // listed: fits no QSO, or not one alone
	NotConfirmed int    `json:"not_confirmed,omitempty"` // says nothing that the log needs
	Repeated     int    `json:"repeated,omitempty"`      // stood in the file before
}

// add counts what became of a batch.
func (a *Account) add(outcomes []Outcome, b *batch) {
	for i := range outcomes {
		switch outcomes[i].Result {
		case Added:
			a.Added++
		case Updated:
			a.Updated++
		case Unchanged:
			a.Unchanged++
		case Skipped:
			a.Skipped++
		}
	}
	a.Rejected += b.rejected
	a.OwnCallMissing += b.ownless
	a.Rejects = append(a.Rejects, b.rejects[:min(len(b.rejects), MaxRejects-len(a.Rejects))]...)
	a.Read = a.Added + a.Updated + a.Unchanged + a.Skipped + a.Rejected
}
