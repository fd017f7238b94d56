package syncers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"qslbox/qso"
)

// compareEvery is how often a LoTW account is compared with the log as a whole.
const compareEvery = 30 * 24 * time.Hour

// Syncer runs one source for the accounts of any number of logbooks.
type Syncer struct {
	source Source
	now    func() time.Time
	log    *slog.Logger
}

// NewSyncer returns a Syncer.
func NewSyncer(source Source, now func() time.Time, log *slog.Logger) *Syncer {
	return &Syncer{source, now, log}
}

// Options say how one run is made.
type Options struct {
	Trigger  Trigger
	Full     bool           // fetch everything again
	Progress func(Progress) // called often; may be nil
}

// Run makes one run for a logbook's account and stores it in the history. The
// error says what kept it from being stored, or ErrNoAccount; a run that went
// wrong is a Run with a class, not an error.
func (s *Syncer) Run(ctx context.Context, book Logbook, opt Options) (Run, error) {
	which := s.source.Source()
	account, err := book.Account(which)
	if err != nil {
		return Run{}, fmt.Errorf("sync %s: %w", which, err)
	}
	last, err := book.LastRun(which)
	if err != nil {
		return Run{}, fmt.Errorf("sync %s: last run: %w", which, err)
	}
	run := Run{
		Run: last.Run + 1, Source: which.String(), Trigger: opt.Trigger, Full: opt.Full, Started: s.now().UTC(),
		CursorBefore: account.Cursor, Cursor: account.Cursor, Revision: account.Revision,
		LastOK: last.LastOK, Compared: last.Compared,
	}
	if opt.Trigger != ByButton && opt.Trigger != ByCommand { // the schedule runs by a clock that is believed: these were noted by one that was ahead
		run.LastOK = notAhead(run.LastOK, run.Started)
		run.Compared = notAhead(run.Compared, run.Started)
	}
	task := Task{Account: account, Full: opt.Full, LogSize: book.Size()}
	task.Compare = which == qso.LoTW && !last.Compared.IsZero() && run.Started.Sub(last.Compared) >= compareEvery
	sink := newSink(book, which, run, s.now, opt.Progress)
	cursor, err := s.source.Sync(ctx, task, sink)
	run, err = s.end(ctx, sink, account, last, cursor, err)
	s.report(run, err)
	return run, err
}

// notAhead returns a stored time, or now if it lies in the future.
func notAhead(stored, now time.Time) time.Time {
	if stored.After(now.Add(time.Hour)) {
		return now
	}
	return stored
}

// end decides how the run went and stores it with its last records.
func (s *Syncer) end(ctx context.Context, sink *Sink, account Account, last Run, cursor Cursor, err error) (Run, error) {
	sink.settle(s.now().UTC(), last, AsError(err))
	save := &cursor
	if cursor == account.Cursor {
		save = nil
	}
	sink.run.Cursor = cursor
	// the service may be stopping: what was read is stored all the same
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	err = sink.finish(ctx, save)
	if err == nil {
		return sink.run, nil
	}
	// The batch was refused. The history should say so, without the batch.
	sink.run.Cursor = account.Cursor
	sink.settle(s.now().UTC(), last, AsError(err))
	if errors.Is(err, ErrAccountChanged) {
		if fresh, again := sink.book.Account(sink.source); again == nil {
			sink.run.Revision, sink.run.Cursor = fresh.Revision, fresh.Cursor
		}
	}
	if again := sink.finish(ctx, nil); again != nil {
		return sink.run, fmt.Errorf("sync %s: store the run: %w", sink.source, again)
	}
	return sink.run, nil
}

// settle writes how the run ended into it.
func (s *Sink) settle(now time.Time, last Run, failure *Error) {
	r := &s.run
	r.Ended = now
	if failure == nil {
		r.Class, r.Code, r.Message = OK, "", ""
		r.Failures, r.Refusals, r.NotBefore, r.LastOK = 0, 0, time.Time{}, now
		if s.seen != nil || r.Compared.IsZero() {
			r.Compared = now
		}
		r.Message = r.sentence()
		return
	}
	r.Class, r.Code, r.Message = failure.Class, failure.Code, failure.Message
	r.Failures, r.Refusals = last.Failures+1, last.Refusals
	if last.Revision != r.Revision {
		r.Refusals = 0
	}
	if failure.Class == Auth {
		r.Refusals++
	}
	r.NotBefore = now.Add(Backoff(failure.Class, r.Failures, failure.RetryAfter))
}

// report logs the run, without anything secret.
func (s *Syncer) report(r Run, err error) {
	args := []any{"source", r.Source, "run", r.Run, "class", r.Class, "fetched", r.Fetched, "added", r.Added, "matched", r.Matched,
		"unmatched", r.Unmatched, "rejected", r.Rejected, "dur", r.Ended.Sub(r.Started)}
	switch {
	case err != nil:
		s.log.Error("sync could not be stored", append(args, "err", err)...)
	case r.Class != OK:
		s.log.Warn("sync failed", append(args, "code", r.Code, "message", r.Message)...)
	default:
		s.log.Info("sync ended", args...)
	}
}
