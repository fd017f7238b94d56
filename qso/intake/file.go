package intake

import (
	"context"
	"errors"
	"io"

	"qslbox/qso"
	"qslbox/qso/adif"
)

// Result is what became of one QSO that was handed to a Merger.
type Result uint8

// The results.
const (
	Added     Result = iota + 1
	Updated          // was there; something was filled, raised or noted
	Unchanged        // was there and says the same
	Skipped          // was deleted here by hand, and stays deleted
)

// MergeOptions say with what right a batch changes the log.
type MergeOptions struct {
	Rule   qso.MergeRule
	By     string // who, for the history
	DryRun bool
}

// Outcome is what became of one QSO of a batch.
type Outcome struct {
	ID     uint64 // zero in a dry run that would add
	Result Result
	Change qso.Change
}

// Merger puts batches of QSOs into a log. *store.Logbook satisfies it.
type Merger interface {
	// Merge returns one outcome for each QSO, in order. It is done with the
	// QSOs, and does not keep them, when it returns.
	Merge(ctx context.Context, batch []*qso.QSO, opt MergeOptions) ([]Outcome, error)
}

// Options say how a stream is imported.
type Options struct {
	Config
	Merge   MergeOptions
	Rejects io.Writer // every rejected record as ADIF; may be nil
	// Progress is called after each batch with the account so far; may be nil.
	Progress func(Account)
}

// batchSize is how many QSOs go into one transaction: of the 10,000 that
// DESIGN.md section 2 allows the half, as two batches are in memory at a time.
const batchSize = 5_000

// batchBytes bounds a batch of huge records; 5,000 usual ones are 2 MB of ADIF.
const batchBytes = 16 << 20

// File imports an ADIF stream: it reads, judges and merges, one batch being
// read while the one before is merged. A stream that is no ADIF is an Account
// with outcome "refused", not an error. On an error (of the stream, of the
// merger, or ctx) the Account says what was done until then; what was merged
// stays, and the same import can be repeated harmlessly.
func File(ctx context.Context, r io.Reader, opt Options, into Merger) (Account, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	imp := &importer{opt: opt, into: into, full: make(chan *batch), empty: make(chan *batch, 2)}
	imp.account = Account{Outcome: "imported", Rejects: []Rejection{}}
	if opt.Merge.DryRun {
		imp.account.Outcome = "dry-run"
	}
	imp.empty <- &batch{}
	imp.empty <- &batch{}
	done := make(chan error, 1)
	go func() {
		err := imp.merge(ctx)
		if err != nil {
			cancel(err)
		}
		done <- err
	}()
	readErr := imp.read(ctx, r)
	close(imp.full)
	if err := <-done; err != nil {
		return imp.account, err
	}
	var refused *adif.RefusedError
	if errors.As(readErr, &refused) {
		return Account{Outcome: "refused", RefusedKind: refused.Kind, Message: refused.Error(), Rejects: []Rejection{}}, nil
	}
	return imp.account, readErr
}

// importer is one import under way. The account belongs to the merging side
// until the reader has ended; the reader keeps its own counts in its batches.
type importer struct {
	opt         Options
	into        Merger
	account     Account
	full, empty chan *batch
}

// batch is a set of QSOs with the memory they reuse, and what was rejected
// between them.
type batch struct {
	qsos     []*qso.QSO
	used     int
	rejected int
	rejects  []Rejection // as far as the account may need them
	ownless  int
	bytes    int // of ADIF, about
}

func (b *batch) reset() {
	if b.bytes >= batchBytes {
		b.qsos = nil // they hold what was huge
	}
	b.used, b.rejected, b.ownless, b.bytes, b.rejects = 0, 0, 0, 0, nil
}

// next returns the QSO of the batch to fill next.
func (b *batch) next() *qso.QSO {
	if b.used == len(b.qsos) {
		b.more()
	}
	return b.qsos[b.used]
}

// slab is how many QSOs are allocated at a time, most how many fields each has
// room for at most.
const (
	slab = 64
	most = 24
)

// more makes room for QSOs, each with as many fields as one of the last had:
// growing from none costs three times the memory.
func (b *batch) more() {
	fields := 8
	for _, q := range b.qsos[max(0, b.used-slab):] {
		fields = min(max(fields, len(q.Fields)), most)
	}
	qsos, room := make([]qso.QSO, slab), make([]qso.Field, slab*fields)
	for i := range qsos {
		qsos[i].Fields = room[i*fields : i*fields : (i+1)*fields]
		b.qsos = append(b.qsos, &qsos[i])
	}
}

// read judges records into batches and sends them on. What was read before an
// error is merged.
func (imp *importer) read(ctx context.Context, r io.Reader) error {
	in := New(imp.opt.Config)
	b := <-imp.empty
	for rec, err := range adif.NewReader(r).Records() {
		var rejected *Rejection
		var bad *adif.RecordError
		switch {
		case err == nil:
			for i := range rec.Fields {
				b.bytes += len(rec.Fields[i].Value)
			}
			if rejected = in.QSO(rec, b.next()); rejected == nil {
				if b.qsos[b.used].Own == "" {
					b.ownless++
				}
				b.used++
			}
		case errors.As(err, &bad):
			rejected = Unreadable(bad)
		default:
			return errors.Join(err, imp.send(ctx, b))
		}
		if rejected != nil {
			if err := imp.reject(b, rejected); err != nil {
				return errors.Join(err, imp.send(ctx, b))
			}
		}
		if b.used+b.rejected < batchSize && b.bytes < batchBytes {
			continue
		}
		if err := imp.send(ctx, b); err != nil {
			return err
		}
		select {
		case b = <-imp.empty:
			b.reset()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return imp.send(ctx, b)
}

// send hands a batch to the merging side.
func (imp *importer) send(ctx context.Context, b *batch) error {
	if b.used+b.rejected == 0 {
		return nil
	}
	select {
	case imp.full <- b:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// reject counts a rejected record and writes it out, whole.
func (imp *importer) reject(b *batch, r *Rejection) error {
	if b.rejected++; len(b.rejects) < MaxRejects {
		b.rejects = append(b.rejects, *r)
	}
	if imp.opt.Rejects == nil {
		return nil
	}
	_, err := io.WriteString(imp.opt.Rejects, r.Text+"\n")
	return err
}

// merge hands batches to the merger and keeps the account.
func (imp *importer) merge(ctx context.Context) error {
	rehearsal := newRehearsal()
	for b := range imp.full {
		outcomes, err := imp.into.Merge(ctx, b.qsos[:b.used], imp.opt.Merge)
		if imp.opt.Merge.DryRun {
			rehearsal.judge(b.qsos, outcomes)
		}
		imp.account.add(outcomes, b)
		if err != nil {
			return err
		}
		if imp.opt.Progress != nil {
			imp.opt.Progress(imp.account)
		}
		imp.empty <- b
	}
	return nil
}
