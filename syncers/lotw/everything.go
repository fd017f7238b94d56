package lotw

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"qslbox/syncers"
)

// everything asks for all records of a report: in one request, or by QSO years,
// the latest first, if the log is large or one request was too much before.
// What it counts stands in j.resume. It returns LoTW's word up to where the log
// has been read, empty if there is none that can be trusted.
func (j *job) everything(ctx context.Context, name string) (string, error) {
	j.resume.Stage, j.behind = name, false
	if j.resume.Windows || j.task.LogSize >= j.client.cfg.LargeLog {
		j.resume.Windows = true
		return j.windows(ctx, name)
	}
	rep, err := j.ask(ctx, query{report: name, since: dawn})
	if err != nil {
		j.resume.Windows = tooMuch(err, rep.bytes)
		if !j.resume.Windows && name == ownQSOs {
			return "", err // asked for anew: nothing to remember
		}
		j.resume.put(&j.cursor)
		return "", err
	}
	j.count(name, rep)
	if rep.defaulted {
		return "", nil
	}
	return rep.last, nil
}

// tooMuch reports whether smaller parts are the remedy for a failure.
func tooMuch(err error, bytes int64) bool {
	var e *syncers.Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Code == "too-large" || e.Code == "slow" || e.Code == "silent" || e.TooLarge && bytes >= largeAnswer
}

// count adds a report to what is counted.
func (j *job) count(name string, rep report) {
	j.resume.Records += rep.records
	if name == ownQSOs {
		j.resume.Confirmed += rep.confirmed
	}
}

// windows asks year by year. After each year it is noted how far it came, in
// the same transaction as the year's records.
//
// The cursor must not pass a record that arrived at LoTW while we were asking
// for other years: it is the latest word of all years, but not later than the
// moment at which LoTW made the first of these reports.
func (j *job) windows(ctx context.Context, name string) (string, error) {
	r := &j.resume
	latest := j.now().UTC().Year()
	j.behind = r.Next != 0 && r.Next < latest
	if r.Next == 0 || r.Next > latest {
		r.Next, r.Last, r.Bound = latest, "", ""
	}
	for ; r.Next >= firstYear-1; r.Next-- {
		w := window{r.Next, r.Next}
		switch r.Next {
		case latest:
			w.to = 0
		case firstYear - 1:
			w.from = 0
		}
		rep, err := j.ask(ctx, query{report: name, since: dawn, window: w})
		if err == nil && rep.defaulted {
			err = &syncers.Error{Class: syncers.Truncated, Code: "default-since", Message: "LoTW chose the period of a report itself, so older records are missing in it; the next run asks for it again."}
		}
		if err != nil {
			r.put(&j.cursor)
			return "", err
		}
		j.count(name, rep)
		if forward("", rep.last, j.now()) != "" { // a word that can be true
			r.Last = later(r.Last, rep.last)
		}
		if r.Bound == "" {
			r.Bound = rep.generated
		}
		j.note = fmt.Sprintf("%s done, %s %s", w, thousands(r.Records), name)
		saved := *r
		saved.Next--
		saved.put(&j.cursor)
		if err := j.sink.Save(ctx, j.cursor); err != nil {
			return "", err
		}
	}
	if r.Last == "" || r.Bound == "" {
		return r.Last, nil
	}
	return sooner(r.Last, r.Bound), nil
}

// thousands writes a number with commas.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
