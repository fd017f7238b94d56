package syncers

import (
	"context"
	"time"

	"qslbox/qso"
)

// syncJitter is by how much scheduled syncs are put off at most, so that not
// everybody asks at the same minute.
const syncJitter = 10 * time.Minute

// JobName returns the name of the job that syncs a logbook with a source.
func JobName(logbook string, source qso.Source) string { return logbook + "/" + source.String() }

// Job returns the scheduled job of a logbook's account. A run that panics or
// cannot be stored is not repeated before an hour has passed.
func (s *Syncer) Job(logbook string, book Logbook) Job {
	which := s.source.Source()
	kept := &memory{}
	return Job{
		Name:   JobName(logbook, which),
		Jitter: syncJitter,
		Due: func(now time.Time) Due {
			account, err := book.Account(which)
			if err != nil {
				return Due{Paused: "no account"}
			}
			last, err := book.LastRun(which)
			if err != nil {
				return Due{Paused: "the sync history cannot be read"}
			}
			return kept.due(account, last, now)
		},
		Number: func() int {
			last, err := book.LastRun(which)
			if err != nil {
				return 0
			}
			return last.Run + 1
		},
		Do: func(ctx context.Context, start Start) (Run, error) {
			kept.begin(s.now())
			run, err := s.Run(ctx, book, Options(start))
			if err == nil {
				kept.end()
			}
			return run, err
		},
	}
}
