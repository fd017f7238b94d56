package syncers

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"qslbox/qso"
	"qslbox/qso/adif"
	"qslbox/qso/intake"
)

// Importer is a logbook that files go into. *store.Logbook satisfies it; the
// interface keeps bbolt out of here.
type Importer interface {
	intake.Merger
	// MergeSync is Logbook.MergeSync.
	MergeSync(ctx context.Context, batch Batch) (BatchResult, error)
}

// ByHand says that the records of a batch come out of a file that somebody
// imported: there may be no account, and there is neither cursor nor run.
type ByHand struct{ DryRun bool }

// looked is how much of a file tells whose it is.
const looked = 64 << 10

// File imports an ADIF stream. A download of DCL goes the way of a sync, so that
// it gives what DCL's interface gives; everything else is intake.File's.
func File(ctx context.Context, r io.Reader, opt intake.Options, into Importer) (intake.Account, error) {
	head, err := beginning(r)
	if err != nil {
		r = failing{err}
	}
	r = io.MultiReader(bytes.NewReader(head), r)
	if !downloadedFromDCL(head) {
		return intake.File(ctx, r, opt, into)
	}
	d := &download{opt: opt, into: into, account: intake.Account{Outcome: "imported", From: qso.DCL.String(), Rejects: []intake.Rejection{}}}
	if opt.Merge.DryRun {
		d.account.Outcome = "dry-run"
	}
	err = d.read(ctx, r)
	var refused *adif.RefusedError
	if errors.As(err, &refused) {
		return intake.Account{Outcome: "refused", RefusedKind: refused.Kind, Message: refused.Error(), Rejects: []intake.Rejection{}}, nil
	}
	return d.account, err
}

// beginning reads the first bytes of a stream; the error is what ended it.
func beginning(r io.Reader) (head []byte, err error) {
	head = make([]byte, looked)
	n := 0
	for n < len(head) && err == nil {
		var more int
		more, err = r.Read(head[n:])
		n += more
	}
	return head[:n], err
}

// failing is the rest of a stream that ended, with io.EOF or otherwise.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// downloadedFromDCL tells by the beginning of a file whether DCL wrote it: its
// header says so, or, if no header names a program, each record has fields of
// DCL and of no other program.
func downloadedFromDCL(head []byte) bool {
	reader, records := adif.NewReader(bytes.NewReader(head)), 0
	for rec, err := range reader.Records() {
		var bad *adif.RecordError
		switch program := reader.Header().ProgramID(); {
		case program != "":
			return strings.EqualFold(program, "DCL")
		case errors.As(err, &bad):
			continue
		case err != nil || !fieldsOfDCL(rec):
			return false
		}
		records++
	}
	return records > 0 || strings.EqualFold(reader.Header().ProgramID(), "DCL")
}

// fieldsOfDCL reports whether a record has fields of DCL, and none of another
// program.
func fieldsOfDCL(rec *adif.Record) bool {
	found := false
	for i := range rec.Fields {
		switch name := rec.Fields[i].Key(); {
		case strings.HasPrefix(name, "APP_DCL_"):
			found = true
		case strings.HasPrefix(name, "APP_"):
			return false
		}
	}
	return found
}

// download is one import of a file that DCL wrote.
type download struct {
	opt     intake.Options
	into    Importer
	account intake.Account
	slots   []*qso.QSO // memory that is used again
	records []Record   // of the batch under way
}

// read judges the records and hands them on. What was read before an error is
// merged.
func (d *download) read(ctx context.Context, r io.Reader) error {
	in := intake.New(intake.Config{Now: d.opt.Now, From: qso.DCL, Own: d.opt.Own, Resolver: d.opt.Resolver})
	for rec, err := range adif.NewReader(r).Records() {
		var bad *adif.RecordError
		switch {
		case err == nil:
			err = d.take(ctx, in, rec)
		case errors.As(err, &bad):
			err = d.reject(intake.Unreadable(bad))
		}
		if err != nil {
			return errors.Join(err, d.flush(ctx))
		}
	}
	return d.flush(ctx)
}

// take puts one record into the batch.
func (d *download) take(ctx context.Context, in *intake.Intake, rec *adif.Record) error {
	if len(d.records) == BatchSize {
		if err := d.flush(ctx); err != nil {
			return err
		}
	}
	if len(d.records) == len(d.slots) {
		d.slots = append(d.slots, &qso.QSO{})
	}
	q := d.slots[len(d.records)]
	if rejected := in.QSO(rec, q); rejected != nil {
		return d.reject(rejected)
	}
	kind := OwnQSO
	if q.Confirmed().Has(qso.DCL) {
		kind = Confirmation
	}
	if q.Own == "" {
		d.account.OwnCallMissing++
	}
	d.records = append(d.records, Record{kind, q})
	return nil
}

// reject counts a rejected record and writes it out, whole.
func (d *download) reject(r *intake.Rejection) error {
	a := &d.account
	a.Read++
	if a.Rejected++; len(a.Rejects) < intake.MaxRejects {
		a.Rejects = append(a.Rejects, *r)
	}
	if d.opt.Rejects == nil {
		return nil
	}
	_, err := io.WriteString(d.opt.Rejects, r.Text+"\n")
	return err
}

// flush merges the batch under way and counts what became of it.
func (d *download) flush(ctx context.Context) error {
	if len(d.records) == 0 {
		return nil
	}
	batch := Batch{Source: qso.DCL, Records: d.records, ByHand: &ByHand{d.opt.Merge.DryRun}}
	d.records = d.records[:0]
	result, err := d.into.MergeSync(ctx, batch)
	if err != nil {
		return err
	}
	a := &d.account
	a.Read += len(batch.Records)
	a.Added += result.Added
	a.Updated += result.Updated
	a.Unchanged += result.Unchanged
	a.NotInLog += result.Unmatched
	a.NotConfirmed += result.Unconfirmed
	a.Repeated += result.Repeated
	a.Skipped += result.Unmatched + result.Unconfirmed + result.Repeated
	if d.opt.Progress != nil {
		d.opt.Progress(*a)
	}
	return nil
}
