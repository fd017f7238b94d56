package syncers

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"qslbox/qso"
	"qslbox/qso/intake"
)

// Trigger is what started a run.
type Trigger string

// The triggers.
const (
	ByCron    Trigger = "cron"
	ByButton  Trigger = "button"
	ByCommand Trigger = "command"
	ByStart   Trigger = "start" // a run that was missed while the service was off
	ByRetry   Trigger = "retry" // again, after a run that failed
)

// Cursor says up to where a service has been read, in the service's own words:
// "2006-01-02 15:04:05" from LoTW, "2006-01-02" from DCL. Empty is "nothing
// yet".
type Cursor struct {
	QSL string `json:"qsl,omitempty"` // confirmations
	QSO string `json:"qso,omitempty"` // own QSOs (LoTW)
	// Resume is the source's own note of a first download that goes on in the
	// next run.
	Resume string `json:"resume,omitempty"`
}

// Answer is one request of a run and what came of it.
type Answer struct {
	Query    string `json:"query"` // "own QSOs", "confirmations"
	Window   string `json:"window,omitempty"`
	Class    Class  `json:"class"`
	Code     string `json:"code,omitempty"`
	Message  string `json:"message"`
	Records  int    `json:"records"`
	Bytes    int64  `json:"bytes"`
	Download int64  `json:"download_ms"`
	Merge    int64  `json:"merge_ms"`
}

// Warning is something a person should know about a run that went well.
type Warning struct {
	Code    string `json:"code"` // such as "default-since"
	Message string `json:"message"`
}

// maxRejects and maxRejectText bound what of rejected records a Run carries.
const (
	maxRejects    = 50
	maxRejectText = 2000
	maxOwnCalls   = 100
	maxAnswers    = 200
	maxGone       = 200
)

// Run is one sync of one account: an entry of the sync history, and the answer
// of the API. Fetched = Added + Matched + Unmatched + Rejected + Repeated, and
// Matched = Updated + Unchanged.
type Run struct {
	Run     int     `json:"run"` // from 1, per source of a logbook
	Source  string  `json:"source"`
	Trigger Trigger `json:"trigger"`
	Class   Class   `json:"class"`
	Code    string  `json:"code,omitempty"`

	Fetched   int `json:"fetched"`
	Added     int `json:"added"`
	Matched   int `json:"matched"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	Unmatched int `json:"unmatched"`
	Rejected  int `json:"rejected"`
	Repeated  int `json:"repeated"`

	Cursor       Cursor `json:"cursor"` // as it stands after the run
	CursorBefore Cursor `json:"cursor_before"`
	New          New    `json:"new"`
	Message      string `json:"message"`

	Full     bool               `json:"full,omitempty"` // everything was asked for again
	Started  time.Time          `json:"started"`
	Ended    time.Time          `json:"ended"`
	Bytes    int64              `json:"bytes"`
	Answers  []Answer           `json:"answers,omitempty"`
	Warnings []Warning          `json:"warnings,omitempty"`
	OwnCalls []string           `json:"own_calls,omitempty"`
	Rejects  []intake.Rejection `json:"rejects,omitempty"` // the first of them
	WaitMS   int64              `json:"wait_ms,omitempty"` // spent waiting between requests
	// Vanished is how many QSOs LoTW had and has no more, as a comparison of
	// all own QSOs showed; Gone are the first of them.
	Vanished int      `json:"vanished,omitempty"`
	Gone     []uint64 `json:"gone,omitempty"`
	// Altered are the first of the QSOs that such a comparison updated: what
	// LoTW says of them has changed there, or had been missed.
	Altered []uint64 `json:"altered,omitempty"`

	Revision  uint64    `json:"revision"` // of the account that was used
	Failures  int       `json:"failures,omitempty"`
	Refusals  int       `json:"refusals,omitempty"`    // times in a row that login or key was refused
	NotBefore time.Time `json:"not_before,omitzero"`   // the service asked for, or failure demands, a pause until then
	LastOK    time.Time `json:"last_success,omitzero"` // end of the last run of class ok, this one included
	Compared  time.Time `json:"compared,omitzero"`     // end of the last run that read all own QSOs

	Comparing bool `json:"-"` // see Altered
}

// plainRun is Run without its methods.
type plainRun Run

// MarshalJSON writes the run with the cursor as DESIGN.md section 9 has it:
// null where nothing was read yet, qso for LoTW only.
func (r Run) MarshalJSON() ([]byte, error) {
	r.New.fill()
	return json.Marshal(struct {
		plainRun
		Cursor       shownCursor `json:"cursor"`
		CursorBefore shownCursor `json:"cursor_before"`
	}{plainRun(r), shownCursor{r.Cursor, r.Source}, shownCursor{r.CursorBefore, r.Source}})
}

type shownCursor struct {
	Cursor
	source string
}

// MarshalJSON writes the members that the source has.
func (c shownCursor) MarshalJSON() ([]byte, error) {
	shown := map[string]any{"qsl": nil}
	if c.QSL != "" {
		shown["qsl"] = c.QSL
	}
	if c.source == qso.LoTW.String() {
		shown["qso"] = nil
		if c.QSO != "" {
			shown["qso"] = c.QSO
		}
	}
	if c.Resume != "" {
		shown["resume"] = c.Resume
	}
	return json.Marshal(shown)
}

// Count adds what became of a batch, and what was rejected beside it. The store
// calls it on the run of a last batch before it stores the run.
func (r *Run) Count(result BatchResult) {
	r.Added += result.Added
	r.Updated += result.Updated
	r.Unchanged += result.Unchanged
	r.Matched = r.Updated + r.Unchanged
	r.Unmatched += result.Unmatched
	r.Repeated += result.Repeated
	r.New.Add(result.New)
	r.Vanished += len(result.Vanished)
	r.Gone = append(r.Gone, result.Vanished[:min(len(result.Vanished), maxGone-len(r.Gone))]...)
	if r.Comparing {
		r.Altered = append(r.Altered, result.Altered[:min(len(result.Altered), maxGone-len(r.Altered))]...)
	}
	r.Fetched = r.Added + r.Matched + r.Unmatched + r.Rejected + r.Repeated
	if r.Class == OK {
		r.Message = r.sentence()
	}
}

// sentence says for a person what a run of class ok brought.
func (r *Run) sentence() string {
	if r.Fetched == 0 && r.Vanished == 0 {
		return "Nothing new."
	}
	var parts []string
	part := func(n int, text string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, text))
		}
	}
	part(r.Added, "added to the log")
	part(r.Updated, "updated")
	part(r.Unmatched, "not in your log")
	part(r.Rejected, "rejected")
	part(r.Vanished, "no longer at LoTW")
	for _, n := range []struct {
		list []string
		text string
	}{{r.New.Entities, "new entities"}, {r.New.States, "new states"}, {r.New.DOKs, "new DOKs"}} {
		part(len(n.list), n.text)
	}
	if len(parts) == 0 {
		return fmt.Sprintf("Nothing new in %d records.", r.Fetched)
	}
	return fmt.Sprintf("%d records: %s.", r.Fetched, strings.Join(parts, ", "))
}

// reject counts a record that became no QSO and keeps the first of them.
func (r *Run) reject(rejection *intake.Rejection) {
	r.Rejected++
	r.Fetched++
	if len(r.Rejects) < maxRejects {
		kept := *rejection
		if len(kept.Text) > maxRejectText {
			kept.Text = strings.ToValidUTF8(kept.Text[:maxRejectText], "") + "…"
		}
		r.Rejects = append(r.Rejects, kept)
	}
}

// sawOwn notes an own call that occurs in the records.
func (r *Run) sawOwn(call qso.Call) {
	if call == "" || len(r.OwnCalls) >= maxOwnCalls {
		return
	}
	at, found := slices.BinarySearch(r.OwnCalls, string(call))
	if !found {
		r.OwnCalls = slices.Insert(r.OwnCalls, at, string(call))
	}
}
