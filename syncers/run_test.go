package syncers_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/qso/intake"
	"qslbox/syncers"
	"qslbox/syncers/syncerstest"
)

// scripted is a Source that does what a test says.
type scripted struct {
	kind qso.Source
	sync func(ctx context.Context, task syncers.Task, sink *syncers.Sink) (syncers.Cursor, error)
}

func (s *scripted) Source() qso.Source { return s.kind }

func (s *scripted) Sync(ctx context.Context, task syncers.Task, sink *syncers.Sink) (syncers.Cursor, error) {
	return s.sync(ctx, task, sink)
}

// give hands n records on.
func give(ctx context.Context, sink *syncers.Sink, n int) error {
	for i := range n {
		q, err := sink.Slot(ctx)
		if err != nil {
			return err
		}
		c := contact{Own: "DK9XYZ", Call: fmt.Sprintf("F5A%c%c%c", 'A'+i%26, 'A'+i/26%26, 'A'+i/676%26), Time: "2025-03-14T10:15:00Z", Band: "20m", Mode: "CW", Source: "lotw"}
		*q = *c.qso()
		sink.Keep(syncers.Confirmation)
	}
	return nil
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func bookWithAccount() *syncerstest.Book {
	book := syncerstest.NewBook()
	book.SetAccount(syncers.Account{Source: qso.LoTW, Login: "dk9xyz", Secret: qso.NewSecret("canary")})
	return book
}

func TestRunStoresBatches(t *testing.T) {
	book := bookWithAccount()
	source := &scripted{qso.LoTW, func(ctx context.Context, _ syncers.Task, sink *syncers.Sink) (syncers.Cursor, error) {
		sink.Reject(&intake.Rejection{})
		return syncers.Cursor{QSL: "2026-02-11 12:00:00"}, give(ctx, sink, 2*syncers.BatchSize+7)
	}}
	now := func() time.Time { return bubble }
	run, err := syncers.NewSyncer(source, now, quiet()).Run(t.Context(), book, syncers.Options{Trigger: syncers.ByButton})
	if err != nil || run.Class != syncers.OK || run.Added != 2*syncers.BatchSize+7 || run.Rejected != 1 || run.Run != 1 || book.Largest != syncers.BatchSize || book.Changes != 3 {
		t.Errorf("%+v, %v, largest batch %d, %d transactions", run, err, book.Largest, book.Changes)
	}
	stored, _ := book.LastRun(qso.LoTW)
	if diff := cmp.Diff(run, stored); diff != "" {
		t.Errorf("the run returned is not the one stored (-returned +stored):\n%s", diff)
	}
}

func TestRunFailures(t *testing.T) {
	down := &syncers.Error{Class: syncers.Down, Code: "x", Message: "It is down.", RetryAfter: time.Hour}
	refused := &syncers.Error{Class: syncers.Auth, Code: "y", Message: "Refused."}
	book := bookWithAccount()
	var fail error
	source := &scripted{qso.LoTW, func(ctx context.Context, task syncers.Task, sink *syncers.Sink) (syncers.Cursor, error) {
		return task.Account.Cursor, fail
	}}
	now := func() time.Time { return bubble }
	sync := syncers.NewSyncer(source, now, quiet())
	type state struct {
		Run, Failures, Refusals int
		Class                   syncers.Class
		Pause                   time.Duration
	}
	for i, test := range []struct {
		fail error
		edit bool
		want state
	}{
		{down, false, state{1, 1, 0, syncers.Down, time.Hour}},
		{fmt.Errorf("wrapped: %w", down), false, state{2, 2, 0, syncers.Down, time.Hour}},
		{refused, false, state{3, 3, 1, syncers.Auth, 4 * time.Hour}},
		{refused, false, state{4, 4, 2, syncers.Auth, 8 * time.Hour}},
		{refused, true, state{5, 5, 1, syncers.Auth, 16 * time.Hour}},
		{errors.New("disk full"), false, state{6, 6, 1, syncers.Local, 320 * time.Minute}},
		{context.DeadlineExceeded, false, state{7, 7, 1, syncers.Down, 640 * time.Minute}},
		{nil, false, state{8, 0, 0, syncers.OK, 0}},
	} {
		if fail = test.fail; test.edit {
			account, _ := book.Account(qso.LoTW)
			book.SetAccount(account)
		}
		run, err := sync.Run(t.Context(), book, syncers.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := state{run.Run, run.Failures, run.Refusals, run.Class, 0}
		if !run.NotBefore.IsZero() {
			got.Pause = run.NotBefore.Sub(run.Ended)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("run %d (-want +got):\n%s", i+1, diff)
		}
	}
	if len(book.Runs[qso.LoTW]) != 8 {
		t.Errorf("%d runs in the history", len(book.Runs[qso.LoTW]))
	}
}

func TestRunWithoutAccount(t *testing.T) {
	sync := syncers.NewSyncer(&scripted{kind: qso.LoTW}, time.Now, quiet())
	if _, err := sync.Run(t.Context(), syncerstest.NewBook(), syncers.Options{}); !errors.Is(err, syncers.ErrNoAccount) {
		t.Errorf("%v", err)
	}
}

// What was fetched with another password is not used.
func TestAccountChangedMeanwhile(t *testing.T) {
	book := bookWithAccount()
	source := &scripted{qso.LoTW, func(ctx context.Context, task syncers.Task, sink *syncers.Sink) (syncers.Cursor, error) {
		account := task.Account
		account.Login = "dl1abc"
		book.SetAccount(account)
		return syncers.Cursor{QSL: "2026-02-11 12:00:00"}, give(ctx, sink, 3)
	}}
	now := func() time.Time { return bubble }
	run, err := syncers.NewSyncer(source, now, quiet()).Run(t.Context(), book, syncers.Options{})
	account, _ := book.Account(qso.LoTW)
	if err != nil || run.Class != syncers.Local || run.Code != "account-changed" || len(book.QSOs) != 0 || account.Cursor != (syncers.Cursor{}) || len(book.Runs[qso.LoTW]) != 1 {
		t.Errorf("%+v, %v, %d QSOs, cursor %+v", run, err, len(book.QSOs), account.Cursor)
	}
}

// A disk that fills up keeps the cursor; if not even the run can be stored, the
// job waits for an hour.
func TestStoreFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book := bookWithAccount()
		source := &scripted{qso.LoTW, func(ctx context.Context, task syncers.Task, sink *syncers.Sink) (syncers.Cursor, error) {
			return syncers.Cursor{QSL: "2026-02-11 12:00:00"}, give(ctx, sink, 3)
		}}
		full := errors.New("no space left on device")
		book.Fail = func(b syncers.Batch) error {
			if len(b.Records) > 0 {
				return full
			}
			return nil
		}
		job := syncers.NewSyncer(source, time.Now, quiet()).Job("main", book)
		run, err := job.Do(t.Context(), syncers.Start{})
		if err != nil || run.Class != syncers.Local || run.Cursor != (syncers.Cursor{}) || len(book.Runs[qso.LoTW]) != 1 {
			t.Errorf("%+v, %v", run, err)
		}
		book.Fail = func(syncers.Batch) error { return full }
		time.Sleep(20 * time.Minute)
		if _, err := job.Do(t.Context(), syncers.Start{}); !errors.Is(err, full) {
			t.Errorf("nothing can be stored: %v", err)
		}
		if due := job.Due(time.Now()); due.At.Sub(bubble) != 80*time.Minute {
			t.Errorf("next try %v after the begin", due.At.Sub(bubble))
		}
	})
}

func TestJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book := bookWithAccount()
		source := &scripted{qso.LoTW, func(_ context.Context, task syncers.Task, _ *syncers.Sink) (syncers.Cursor, error) {
			return task.Account.Cursor, nil
		}}
		c := &clock{}
		job := syncers.NewSyncer(source, c.now, quiet()).Job("main", book)
		if job.Name != "main/lotw" || job.Number() != 1 || !job.Due(c.now()).At.Equal(c.now()) {
			t.Errorf("before the first run: %s, run %d, due %+v", job.Name, job.Number(), job.Due(c.now()))
		}
		if _, err := job.Do(t.Context(), syncers.Start{Trigger: syncers.ByCron}); err != nil {
			t.Fatal(err)
		}
		if due := job.Due(c.now()); due.At.Sub(bubble) != 6*time.Hour || job.Number() != 2 {
			t.Errorf("after it: run %d, due %+v", job.Number(), due)
		}
		// the clock goes back a year: not a year of silence
		c.jump(-365 * 24 * time.Hour)
		if due := job.Due(c.now()); due.At.Sub(c.now()) != 6*time.Hour {
			t.Errorf("a last run in the future: due in %v", due.At.Sub(c.now()))
		}
		time.Sleep(5 * time.Hour)
		if due := job.Due(c.now()); due.At.Sub(c.now()) != time.Hour {
			t.Errorf("five hours later: due in %v", due.At.Sub(c.now()))
		}
		account, _ := book.Account(qso.LoTW)
		account.Schedule = "nonsense"
		book.SetAccount(account)
		if due := job.Due(c.now()); due.Paused == "" {
			t.Errorf("a schedule that cannot be read: %+v", due)
		}
		empty := syncers.NewSyncer(source, c.now, quiet()).Job("other", syncerstest.NewBook())
		if due := empty.Due(c.now()); due.Paused != "no account" {
			t.Errorf("no account: %+v", due)
		}
	})
}

func TestRunJSON(t *testing.T) {
	run := syncers.Run{Run: 3, Source: "lotw", Class: syncers.OK, Fetched: 3, Cursor: syncers.Cursor{QSL: "2026-02-10 21:14:09"}}
	for source, want := range map[string]string{
		"lotw": `{"qsl":"2026-02-10 21:14:09","qso":null}`,
		"dcl":  `{"qsl":"2026-02-10 21:14:09"}`,
	} {
		run.Source = source
		text, err := json.Marshal(run)
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Cursor json.RawMessage
			New    map[string][]string
		}
		if err := json.Unmarshal(text, &got); err != nil || string(got.Cursor) != want || got.New["entities"] == nil || len(got.New) != 5 {
			t.Errorf("%s: %v", text, err)
		}
	}
}
