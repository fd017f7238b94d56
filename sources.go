package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"qslbox/monitor"
	"qslbox/qso"
	"qslbox/qso/intake"
	"qslbox/syncers"
	"qslbox/syncers/dcl"
	"qslbox/syncers/lotw"
	"qslbox/webui"
)

// joinSources makes the clients of LoTW and DCL, the scheduler, and a job for
// each account there may be.
func (a *appliance) joinSources() (map[qso.Source]webui.Tester, error) {
	gate := syncers.NewGate(a.cfg.env.now)
	agent := "qslbox/" + version()
	fromLoTW, err := lotw.New(lotw.Config{
		Now: a.cfg.env.now, Gate: gate, Agent: agent, Dir: a.cfg.dir, Override: a.cfg.env.getenv("QSLBOX_LOTW_URL"), Resolver: a.table,
	})
	if err != nil {
		return nil, usageError{fmt.Errorf("QSLBOX_LOTW_URL: %w", err)}
	}
	names, err := dclNames(a.cfg.dir)
	if err != nil {
		return nil, err
	}
	fromDCL, err := dcl.New(dcl.Config{
		Now: a.cfg.env.now, Gate: gate, Agent: agent, Dir: a.cfg.dir, Override: a.cfg.env.getenv("QSLBOX_DCL_URL"), Names: names, Resolver: a.table,
	})
	if err != nil {
		return nil, usageError{fmt.Errorf("QSLBOX_DCL_URL or dcl.json: %w", err)}
	}
	a.scheduler = syncers.NewScheduler(syncers.SchedulerConfig{
		Now: a.cfg.env.now, Log: a.cfg.log, Seed: seedOf(a.cfg.dir),
		Trusted: func() bool { return a.cfg.service && a.clock.trusted(a.cfg.env.now()) },
	})
	a.sources = map[qso.Source]*syncers.Syncer{
		qso.LoTW: syncers.NewSyncer(roomy{fromLoTW, a.checkRoom}, a.cfg.env.now, a.cfg.log),
		qso.DCL:  syncers.NewSyncer(roomy{fromDCL, a.checkRoom}, a.cfg.env.now, a.cfg.log),
	}
	testers := map[qso.Source]webui.Tester{qso.LoTW: fromLoTW, qso.DCL: fromDCL}
	for _, name := range a.store.Logbooks() {
		if err := a.addJobs(name); err != nil {
			return nil, err
		}
	}
	return testers, nil
}

// roomy is a source that asks for nothing while the disk is nearly full.
type roomy struct {
	upstream
	check func() monitor.Check
}

// upstream lets roomy hold a Source and still have its method of that name.
type upstream syncers.Source

// Sync returns the cursor as it was if there is no room for what may come.
func (r roomy) Sync(ctx context.Context, task syncers.Task, sink *syncers.Sink) (syncers.Cursor, error) {
	if c := r.check(); c.Severity != monitor.OK {
		return task.Account.Cursor, &syncers.Error{Class: syncers.Local, Code: "disk", Message: "Nothing was asked for: " + c.Message + ". The next run catches up."}
	}
	return r.upstream.Sync(ctx, task, sink)
}

// checkRoom finds a disk on which the data may not find room.
func (a *appliance) checkRoom() monitor.Check {
	return monitor.CheckDisk(a.cfg.dir, uint64(max(leastDisk, 2*a.store.Stats().Bytes)))
}

// dclNames reads DIR/dcl.json, which says what DCL's interface is called should
// it change; without it the built-in names hold.
func dclNames(dir string) (names dcl.Names, err error) {
	text, err := os.ReadFile(filepath.Join(dir, "dcl.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return names, nil
	}
	if err != nil {
		return names, fmt.Errorf("dcl.json: %w", err)
	}
	if names, err = dcl.ParseNames(string(text)); err != nil {
		return names, fmt.Errorf("dcl.json: %w", err)
	}
	return names, nil
}

// addJobs schedules the syncs of a logbook. A run that changed nothing renews
// the snapshots in use.
func (a *appliance) addJobs(name string) error {
	book, err := a.store.Logbook(name)
	if err != nil {
		return err
	}
	for source, syncer := range a.sources {
		op := a.monitor.Operation(monitor.Job, "sync "+source.String())
		job := syncer.Job(name, book)
		do := job.Do
		job.Do = func(ctx context.Context, start syncers.Start) (syncers.Run, error) {
			defer a.thrift.begin()()
			before, timer := a.store.Generation(name), op.Start()
			run, err := do(ctx, start)
			var failed error
			if run.Class != syncers.OK {
				failed = errors.New(string(run.Class))
			}
			timer.StopDetail(errors.Join(err, failed), name)
			a.observePhases(source, &run)
			if err == nil && run.Class == syncers.OK && a.store.Generation(name) == before {
				a.keeper.Renew(name)
			}
			return run, err
		}
		a.scheduler.Set(job)
	}
	return nil
}

// observePhases tells the monitor where a run has spent its time: waiting
// between requests, downloading, and merging.
func (a *appliance) observePhases(source qso.Source, run *syncers.Run) {
	var download, merge int64
	for i := range run.Answers {
		download += run.Answers[i].Download
		merge += run.Answers[i].Merge
	}
	for phase, ms := range map[string]int64{"wait": run.WaitMS, "download": download, "merge": merge} {
		if ms > 0 || phase != "wait" && len(run.Answers) > 0 {
			a.monitor.Observe(monitor.Job, "sync "+source.String()+": "+phase, time.Duration(ms)*time.Millisecond, nil)
		}
	}
}

// importFile imports one ADIF stream of the inbox.
func (a *appliance) importFile(ctx context.Context, logbook string, r io.Reader) (intake.Account, error) {
	book, err := a.store.Logbook(logbook)
	if err != nil {
		return intake.Account{}, err
	}
	opt := intake.Options{
		Config: intake.Config{Now: a.cfg.env.now, DefaultOwn: book.Settings().DefaultOwn, Resolver: a.table},
		Merge:  intake.MergeOptions{By: "inbox"},
	}
	timer := a.monitor.Operation(monitor.Job, "import from the inbox").Start()
	account, err := syncers.File(ctx, r, opt, book)
	timer.StopDetail(err, logbook)
	return account, err
}
