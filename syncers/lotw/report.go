package lotw

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"qslbox/qso"
	"qslbox/qso/adif"
	"qslbox/qso/intake"
	"qslbox/syncers"
)

// report is what was read of one answer.
type report struct {
	records   int              // complete ones, unusable ones included
	confirmed int              // of those, confirmed ones, repeats left out
	before    syncers.RecordID // of the last confirmed one
	last      string           // LASTQSORX or LASTQSL, as LoTW says it
	generated string           // "Generated at" of the header
	defaulted bool             // LoTW chose the since date itself
	total     int              // NUMREC; -1 if it does not say
	header    bool
	broken    bool // ends inside a record
	end       bool // the end mark is there
	bytes     int64
}

// read hands the records of a report to the sink. Records are used only behind
// a header, and only if their own end is there.
func (j *job) read(ctx context.Context, reply *syncers.Reply, name string) (report, error) {
	reader := adif.NewReader(reply.Body.Reader())
	in := intake.New(intake.Config{Now: j.client.cfg.Now, From: qso.LoTW, Own: j.task.Account.OwnCall, Resolver: j.client.cfg.Resolver})
	rep := report{total: -1, bytes: reply.Body.Size()}
	for rec, err := range reader.Records() {
		if ctx.Err() != nil {
			return rep, ctx.Err()
		}
		if err != nil {
			var bad *adif.RecordError
			if !errors.As(err, &bad) {
				break // not ADIF at all: there is no header then
			}
			if bad.Reason == adif.Truncated {
				rep.broken = true
				break
			}
			rep.head(reader.Header(), name)
			rep.records++
			j.sink.Reject(intake.Unreadable(bad))
			continue
		}
		if rec.Header == nil || !syncers.Whole(rec) {
			rep.broken = true
			break
		}
		rep.head(rec.Header, name)
		rep.records++
		if err := j.take(ctx, in, rec, &rep); err != nil {
			return rep, err
		}
		if rep.records%1000 == 0 {
			j.sink.Progress(syncers.Progress{Phase: "merging", Query: name, Bytes: reply.Body.Size(), Total: max(rep.total, 0), Note: j.note})
		}
	}
	rep.head(reader.Header(), name)
	rep.end = reader.EndMark()
	return rep, nil
}

// take hands one record on.
func (j *job) take(ctx context.Context, in *intake.Intake, rec *adif.Record, rep *report) error {
	q, err := j.sink.Slot(ctx)
	if err != nil {
		return err
	}
	if rejection := in.QSO(rec, q); rejection != nil {
		j.sink.Reject(rejection)
		return nil
	}
	kind := syncers.OwnQSO
	if q.Confirmed().Has(qso.LoTW) {
		if id := (&syncers.Record{QSO: q}).ID(qso.LoTW); id != rep.before {
			rep.confirmed++
			rep.before = id
		}
		kind = syncers.Confirmation
	}
	j.sink.Keep(kind)
	return nil
}

// head reads the header, once.
func (r *report) head(h *adif.Header, name string) {
	if h == nil || r.header {
		return
	}
	r.header = true
	r.last = h.Get("APP_LOTW_LASTQSL")
	if name == ownQSOs {
		r.last = h.Get("APP_LOTW_LASTQSORX")
	}
	if n, err := strconv.Atoi(h.Get("APP_LOTW_NUMREC")); err == nil {
		r.total = n
	}
	for line := range strings.Lines(h.Text) {
		line = strings.TrimSpace(line)
		if at, ok := strings.CutPrefix(line, "Generated at "); ok {
			r.generated = strings.TrimSpace(at)
		}
		if strings.Contains(line, "SINCE") && strings.Contains(line, "system supplied default") {
			r.defaulted = true
		}
	}
}

// complete says why a report is not whole; nil if it is.
func (r *report) complete(reply *syncers.Reply) *syncers.Error {
	switch {
	case reply.Cut != nil:
		return reply.Cut
	case !r.header:
		return truncated("LoTW's report broke off before its first record; the next run asks again.")
	case r.broken || !r.end:
		return truncated(fmt.Sprintf("LoTW's report broke off after %d records; they are kept, and the next run asks again.", r.records))
	case r.total < 0:
		return &syncers.Error{Class: syncers.Protocol, Code: "no-count", Message: "LoTW's report does not say how many records it holds, so nobody can tell whether it is whole. If this stays so, LoTW's interface has changed and qslbox needs an update."}
	case r.total != r.records:
		return truncated(fmt.Sprintf("LoTW's report announced %d records and held %d; those are kept, and the next run asks again.", r.total, r.records))
	}
	return nil
}
