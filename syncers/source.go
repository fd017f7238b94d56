package syncers

import (
	"context"
	"time"

	"qslbox/qso"
)

// Source is one service that confirms QSOs. *lotw.Client and *dcl.Client
// satisfy it; it keeps HTTP, addresses and formats out of the syncer.
type Source interface {
	// Source says which one it is.
	Source() qso.Source
	// Sync fetches what is new for one account and hands every record to the
	// sink. It returns the cursor as it stands then, which is the task's own
	// wherever a part was not read completely, and an error (an *Error with
	// class and remedy wherever the service is the cause) if the run did not
	// go well.
	Sync(ctx context.Context, task Task, sink *Sink) (Cursor, error)
}

// Account is what a logbook knows of one account at a source. Printing it
// shows no secret.
type Account struct {
	Source   qso.Source
	Login    string
	Secret   qso.Secret // password or key
	Schedule string     // empty: DefaultSchedule
	// OwnCall restricts the account to one own call; empty: all.
	OwnCall       qso.Call
	ImportMissing *bool // nil: the source's default, see AddsMissing
	DOK           DOKRule
	SameOwn       map[qso.Call][]qso.Call // see Rules
	Cursor        Cursor
	// Revision changes with each change of login, secret or own call. A run
	// that began with another one is not used.
	Revision uint64
	Paused   bool // the user switched the schedule off
}

// Task is what a Source is to do.
type Task struct {
	Account Account
	Full    bool // "download everything again": as if there were no cursor
	Compare bool // read all own QSOs again, to see what vanished or changed
	LogSize int  // QSOs in the logbook: a hint at how much may come
}

// Cursor returns where the task begins.
func (t *Task) Cursor() Cursor {
	if t.Full {
		return Cursor{}
	}
	return t.Account.Cursor
}

// Progress is where a run stands, for pages and terminals.
type Progress struct {
	Phase   string    `json:"phase"`           // waiting, asking, downloading, merging
	Query   string    `json:"query,omitempty"` // as in Answer
	Bytes   int64     `json:"bytes,omitempty"` // of the answer under way
	Records int       `json:"records"`         // merged or rejected so far in this run
	Total   int       `json:"total,omitempty"` // records of the answer, if it says
	Note    string    `json:"note,omitempty"`  // such as "2019 done, 212,000 QSOs"
	Until   time.Time `json:"until,omitzero"`  // end of the waiting
}
