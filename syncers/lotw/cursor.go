package lotw

import (
	"encoding/json"
	"time"

	"qslbox/syncers"
)

// parseStamp reads a time as LoTW's headers have it: a date and a time, or a
// date only, in UTC.
func parseStamp(text string) (time.Time, bool) {
	for _, layout := range []string{time.DateTime, time.DateOnly, "2006-01-02T15:04:05Z", "2006-01-02 15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// forward returns the cursor that LoTW's word moves it to: only forward, and
// never more than a day past our clock, else all later reports would be empty.
func forward(cursor, word string, now time.Time) string {
	to, ok := parseStamp(word)
	if !ok || to.After(now.Add(24*time.Hour)) {
		return cursor
	}
	if from, ok := parseStamp(cursor); ok && !to.After(from) {
		return cursor
	}
	return to.Format(time.DateTime)
}

// since returns what to ask for with a cursor: a day before it. LoTW has an
// error page for a time in the future, but the cursor is LoTW's own word and at
// most a day ahead of a clock that was right: where ours shows less, ours is
// wrong, and asking from there would bring everything again.
func since(cursor string) string {
	from, ok := parseStamp(cursor)
	if !ok || from.Year() <= 1945 { // no word of LoTW's
		return dawn
	}
	return from.Add(-overlap).Format(time.DateTime)
}

// later and sooner choose between two of LoTW's times; a text that is none
// loses.
func later(a, b string) string {
	x, ok := parseStamp(a)
	y, also := parseStamp(b)
	if !ok || also && y.After(x) {
		return b
	}
	return a
}

func sooner(a, b string) string {
	x, ok := parseStamp(a)
	y, also := parseStamp(b)
	if !ok || also && y.Before(x) {
		return b
	}
	return a
}

// resume is where a first download stands that goes on in the next run; it
// travels in syncers.Cursor.Resume.
type resume struct {
	Stage   string `json:"stage"`             // ownQSOs, or confirmations once those are done
	Windows bool   `json:"windows,omitempty"` // by QSO year
	Next    int    `json:"next,omitempty"`    // the year to ask for next, the latest first
	Last    string `json:"last,omitempty"`    // the latest word of LoTW in the windows so far
	Bound   string `json:"bound,omitempty"`   // when LoTW made the first of them
	Records int    `json:"records,omitempty"`
	// Confirmed is how many of the own QSOs were confirmed: fewer
	// confirmations than that cannot be all.
	Confirmed int `json:"confirmed,omitempty"`
	// Short is one more than the confirmations that came the last time, if they
	// were fewer than that.
	Short int `json:"short,omitempty"`
}

func parseResume(text string) resume {
	var r resume
	if json.Unmarshal([]byte(text), &r) != nil || r.Stage != ownQSOs && r.Stage != confirmations {
		return resume{}
	}
	return r
}

func (r resume) put(c *syncers.Cursor) {
	if r.Stage == "" {
		c.Resume = ""
		return
	}
	text, err := json.Marshal(r)
	if err == nil {
		c.Resume = string(text)
	}
}
