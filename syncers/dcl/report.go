package dcl

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"qslbox/qso"
	"qslbox/qso/adif"
	"qslbox/qso/intake"
	"qslbox/syncers"
)

// job is one run.
type job struct {
	client *Client
	task   syncers.Task
	sink   *syncers.Sink
	cursor syncers.Cursor
}

func (j *job) now() time.Time { return j.client.cfg.Now() }

// report is what was read of one answer.
type report struct {
	records int      // unusable ones included
	first   qso.Time // day of confirmation of the first record with one
	newest  qso.Time // latest day of confirmation
	ordered bool     // these days ascend, and are not all the same
	broken  bool     // the ADIF text ends inside a record
}

// ask makes one request, hands on its records and notes how it went. The error
// is nil only if the whole answer was read.
func (j *job) ask(ctx context.Context, since string, limit int) (report, error) {
	answer := syncers.Answer{Query: confirmations, Window: "since " + since, Class: syncers.OK}
	rep, err := j.fetch(ctx, since, limit, &answer)
	answer.Records = rep.records
	if e := syncers.AsError(err); e != nil {
		answer.Class, answer.Code, answer.Message = e.Class, e.Code, e.Message
	} else {
		answer.Message = fmt.Sprintf("%d records", rep.records)
	}
	j.sink.Answer(answer)
	return rep, err
}

func (j *job) fetch(ctx context.Context, since string, limit int, answer *syncers.Answer) (report, error) {
	show := func(p syncers.Progress) {
		p.Query = confirmations
		j.sink.Progress(p)
	}
	r, err := j.client.request(j.task.Account, since, limit)
	if err != nil {
		return report{}, err
	}
	r.Waiting = func(until time.Time) { show(syncers.Progress{Phase: "waiting", Until: until}) }
	r.Received = func(n int64) { show(syncers.Progress{Phase: "downloading", Bytes: n}) }
	show(syncers.Progress{Phase: "asking"})
	reply, err := j.client.up.Ask(ctx, r)
	if err != nil {
		return report{}, err
	}
	defer reply.Body.Close()
	j.sink.Waited(reply.Waited)
	answer.Bytes, answer.Download = reply.Body.Size(), reply.Took.Milliseconds()
	text, e := j.client.classify(reply, j.task.Account.Secret)
	if e != nil {
		e.Status, e.RetryAfter = reply.Status, reply.RetryAfter
		return report{}, e
	}
	rep := report{}
	if text.kind == '"' && !text.blank {
		if rep, err = j.read(ctx, reply.Body, text.start); err != nil {
			return rep, err
		}
	}
	switch {
	case reply.Cut != nil:
		return rep, cut(reply.Cut, "complete records are kept, and")
	case rep.broken:
		return rep, truncated(fmt.Sprintf("The log inside DCL's answer broke off after %d records; they are kept, and the next run asks again.", rep.records))
	}
	return rep, nil
}

// read hands the records of the ADIF text that begins at start to the sink.
// Only confirmed ones are used, though only they were asked for.
func (j *job) read(ctx context.Context, body *syncers.Spool, start int64) (report, error) {
	rep := report{ordered: true}
	inside := body.Reader()
	if _, err := io.CopyN(io.Discard, inside, start); err != nil {
		return rep, fmt.Errorf("dcl: read the answer again: %w", err)
	}
	reader := adif.NewReader(&text{in: bufio.NewReaderSize(inside, 64<<10)})
	in := intake.New(intake.Config{Now: j.now, From: qso.DCL, Resolver: j.client.cfg.Resolver})
	for rec, err := range reader.Records() {
		if ctx.Err() != nil {
			return rep, ctx.Err()
		}
		if err != nil {
			var bad *adif.RecordError
			switch {
			case !errors.As(err, &bad):
				return rep, &syncers.Error{Class: syncers.Protocol, Code: "not-adif", Message: "The text inside DCL's answer is no ADIF log. If this stays so, DCL's interface has changed and qslbox needs an update."}
			case bad.Reason == adif.Truncated:
				rep.broken = true
				return rep, nil
			}
			rep.records++
			j.sink.Reject(intake.Unreadable(bad))
			continue
		}
		if !syncers.Whole(rec) {
			rep.broken = true
			return rep, nil
		}
		rep.records++
		if err := j.take(ctx, in, rec, &rep); err != nil {
			return rep, err
		}
		if rep.records%1000 == 0 {
			j.sink.Progress(syncers.Progress{Phase: "merging", Query: confirmations, Bytes: body.Size()})
		}
	}
	rep.ordered = rep.ordered && rep.first < rep.newest
	return rep, nil
}

// take hands one record on.
func (j *job) take(ctx context.Context, in *intake.Intake, rec *adif.Record, rep *report) error {
	q, err := j.sink.Slot(ctx)
	if err != nil {
		return err
	}
	j.client.rename(rec)
	if rejection := in.QSO(rec, q); rejection != nil {
		j.sink.Reject(rejection)
		return nil
	}
	c := q.Confirmation(qso.DCL)
	if c == nil || !c.Confirms() {
		return nil
	}
	if c.Date.Given() && !c.Date.Std().After(j.now().Add(24*time.Hour)) {
		if !rep.first.Given() {
			rep.first = c.Date
		}
		rep.ordered = rep.ordered && (!rep.newest.Given() || c.Date >= rep.newest)
		rep.newest = max(rep.newest, c.Date)
	}
	if own := j.task.Account.OwnCall; own != "" && q.Own != "" && own.Base() != q.Own.Base() {
		return nil // of another own call: the account asks for one only
	}
	j.sink.Keep(syncers.Confirmation)
	return nil
}

// rename gives fields the ADIF names that the configuration says they mean.
func (c *Client) rename(rec *adif.Record) {
	if len(c.renames) == 0 {
		return
	}
	for i := range rec.Fields {
		f := &rec.Fields[i]
		if id, ok := c.renames[strings.ToUpper(f.Key())]; ok {
			f.ID, f.Name = id, ""
		}
	}
}
