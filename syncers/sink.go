package syncers

import (
	"context"
	"time"

	"qslbox/qso"
	"qslbox/qso/intake"
)

// Sink takes what a Source reads and stores it batch by batch. The last batch
// is held back until it is known how the run ended, so that cursor and history
// entry go into the same transaction. A Sink is for one goroutine.
type Sink struct {
	book     Logbook
	source   qso.Source
	run      Run
	progress func(Progress)
	now      func() time.Time

	slots   []*qso.QSO // memory that is used again
	records []Record   // of the batch under way
	save    *Cursor    // to go with the batch under way
	seen    *IDSet
	merging time.Duration
}

func newSink(book Logbook, source qso.Source, run Run, now func() time.Time, progress func(Progress)) *Sink {
	if progress == nil {
		progress = func(Progress) {}
	}
	return &Sink{book: book, source: source, run: run, now: now, progress: progress}
}

// Slot returns a QSO to fill for Keep. Its memory is used again after the batch
// was stored. If the batch is full it is stored first, which may fail.
func (s *Sink) Slot(ctx context.Context) (*qso.QSO, error) {
	if len(s.records) == BatchSize {
		if err := s.flush(ctx, nil); err != nil {
			return nil, err
		}
	}
	if len(s.records) == len(s.slots) {
		s.slots = append(s.slots, &qso.QSO{})
	}
	return s.slots[len(s.records)], nil
}

// Keep takes the QSO of the last Slot as a record.
func (s *Sink) Keep(kind Kind) {
	q := s.slots[len(s.records)]
	s.records = append(s.records, Record{kind, q})
	s.run.sawOwn(q.Own)
}

// Reject counts a record that cannot become a QSO.
func (s *Sink) Reject(r *intake.Rejection) { s.run.reject(r) }

// Save stores the cursor together with all records so far: what a long first
// download does after each part, so that it can go on there.
func (s *Sink) Save(ctx context.Context, c Cursor) error {
	s.save = &c
	return s.flush(ctx, nil)
}

// Collect begins to note which QSOs the records are about (see Batch.Gone). If
// they had been asked for before, it is a comparison (see Run.Altered).
func (s *Sink) Collect() {
	s.seen = &IDSet{}
	s.run.Comparing = s.run.CursorBefore.QSO != ""
}

// Answer notes how a request went. Its Merge is filled in.
func (s *Sink) Answer(a Answer) {
	a.Merge, s.merging = s.merging.Milliseconds(), 0
	s.run.Bytes += a.Bytes
	if len(s.run.Answers) < maxAnswers {
		s.run.Answers = append(s.run.Answers, a)
	}
}

// Warn notes something that a person should know.
func (s *Sink) Warn(code, message string) {
	s.run.Warnings = append(s.run.Warnings, Warning{code, message})
}

// Waited counts time spent waiting between requests.
func (s *Sink) Waited(d time.Duration) { s.run.WaitMS += d.Milliseconds() }

// Progress tells where the run stands.
func (s *Sink) Progress(p Progress) {
	p.Records = s.run.Fetched + len(s.records)
	s.progress(p)
}

// flush stores the batch under way; last is set in the run's last batch.
func (s *Sink) flush(ctx context.Context, last *Run) error {
	if len(s.records) == 0 && s.save == nil && last == nil {
		return nil
	}
	batch := Batch{Source: s.source, Revision: s.run.Revision, Run: s.run.Run, Records: s.records, Cursor: s.save, Last: last}
	if last != nil && last.Class == OK {
		batch.Gone = s.seen
	}
	begin := s.now()
	result, err := s.book.MergeSync(ctx, batch)
	s.merging += s.now().Sub(begin)
	s.records, s.save = s.records[:0], nil
	if err != nil {
		return err
	}
	s.run.Count(result)
	if s.seen != nil {
		for _, id := range result.IDs {
			s.seen.Add(id)
		}
	}
	return nil
}

// finish stores the last batch with the cursor and the run as it ended.
func (s *Sink) finish(ctx context.Context, cursor *Cursor) error {
	s.save = cursor
	run := s.run
	err := s.flush(ctx, &run)
	return err
}
