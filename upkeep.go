package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"qslbox/monitor"
	"qslbox/qso"
	"qslbox/store"
	"qslbox/syncers"
	"qslbox/webui"
)

// How often the service looks after its data, and when a person should.
const (
	upkeepEvery   = time.Hour
	scrubEvery    = 7 * 24 * time.Hour
	backupEvery   = 24 * time.Hour
	scrubOverdue  = 15 * 24 * time.Hour
	backupOverdue = 8 * 24 * time.Hour
	clockDoubt    = 10 * time.Minute
	leastDisk     = 64 << 20
	readLong      = time.Hour // an open reading transaction
)

// errBadOperation says that `db` knows no such operation.
var errBadOperation = errors.New("no such operation; there are: check, scrub, backup, compact")

// firstTime is a moment that lies before any run of this program: a clock that
// shows less has not been set.
var firstTime = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// clockWatch judges whether the wall clock may be believed.
type clockWatch struct {
	mu     sync.Mutex
	latest time.Time     // the latest time that was believed
	doubt  time.Time     // since when it is not, by itself; zero while it is
	back   bool          // it shows a time before latest
	since  time.Duration // since when, by the clock that measures
}

// clockBelieved is how long a clock that has gone back has to stay there to be
// believed: then what was before it was wrong.
const clockBelieved = 24 * time.Hour

// seen notes what the clock shows, at a time of the clock that measures.
func (c *clockWatch) seen(now time.Time, at time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !now.After(firstTime):
		c.back = false
	case now.After(c.latest), c.back && at-c.since >= clockBelieved:
		c.latest, c.back = now, false
	case !now.Before(c.latest.Add(-time.Hour)):
		c.back = false
	case !c.back:
		c.back, c.since = true, at
	}
}

// trusted reports whether the clock may be believed: it is later than this
// program, and has not gone back by more than an hour.
func (c *clockWatch) trusted(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return now.After(firstTime) && !now.Before(c.latest.Add(-time.Hour))
}

// newestRecord returns when the last backup, scrub or scheduled sync was noted:
// a clock that shows less at a start is behind. Each of these is noted anew
// within a day once the clock is believed, also where it had been ahead.
func (a *appliance) newestRecord() time.Time {
	newest := a.store.LastBackup()
	later := func(at time.Time) {
		if at.After(newest) {
			newest = at
		}
	}
	later(a.store.LastScrub())
	for _, name := range a.store.Logbooks() {
		l, err := a.store.Logbook(name)
		if err != nil {
			continue
		}
		for _, source := range [...]qso.Source{qso.LoTW, qso.DCL} {
			run, err := l.LastRun(source)
			if account, missing := l.Account(source); err == nil && missing == nil && !account.Paused && run.Class == syncers.OK {
				later(run.Ended)
			}
		}
	}
	return newest
}

// watch samples what the monitor and the health page show, each 15 seconds, and
// gives back memory that nobody needs.
func (a *appliance) watch(ctx context.Context) {
	beat := a.liveness.Heartbeat("watch", 2*time.Minute)
	var memory spare
	tick := time.NewTicker(15 * time.Second)
	defer tick.Stop()
	for {
		beat.Beat()
		a.clock.seen(a.cfg.env.now(), a.elapsed())
		a.monitor.SetSize(a.qsos())
		if p, err := monitor.ReadProcess(os.DirFS("/")); err == nil {
			a.goroutines.Add(a.elapsed(), p.Goroutines)
			a.files.Add(a.elapsed(), p.Files)
		}
		memory.look()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// look looks after the data once an hour: sessions that have ended, the trash,
// long-run durations, scrub and backup.
func (a *appliance) look(ctx context.Context) {
	tick := time.NewTicker(upkeepEvery)
	defer tick.Stop()
	wait := time.NewTimer(2 * time.Minute)
	defer wait.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wait.C:
		case <-tick.C:
		}
		if a.clock.trusted(a.cfg.env.now()) {
			a.tidy(ctx)
		}
	}
}

func (a *appliance) tidy(ctx context.Context) {
	fail := func(what string, err error) {
		if err != nil && ctx.Err() == nil {
			a.cfg.log.Error(what, "err", err)
		}
	}
	a.saveBaselines()
	fail("sessions could not be tidied up", a.gate.Sweep())
	fail("the time of the first QSO could not be kept", a.keepFirstQSO())
	now := a.cfg.env.now()
	for _, name := range a.store.Logbooks() {
		l, err := a.store.Logbook(name)
		if err != nil {
			continue
		}
		_, err = l.EmptyTrash(ctx)
		fail("the trash could not be emptied", err)
	}
	if due(now, a.store.LastScrub(), scrubEvery) {
		fail("scrub failed", a.monitor.Track(monitor.Job, "scrub", func() error {
			r, err := a.scrub(ctx)
			if err == nil && !r.OK() {
				err = damageOf(r)
			}
			return err
		}))
	}
	if a.qsos() > 0 && due(now, a.store.LastBackup(), backupEvery) {
		fail("backup failed", a.monitor.Track(monitor.Job, "backup", func() error { return a.backups.scheduled(ctx) }))
	}
}

// due reports whether something is to be done again. A last time in the future
// was noted while the clock was wrong.
func due(now, last time.Time, every time.Duration) bool {
	return now.Sub(last) >= every || last.After(now.Add(time.Hour))
}

func (a *appliance) saveBaselines() {
	if !a.cfg.service {
		return
	}
	changed, _ := a.monitor.Baselines(0)
	if err := a.store.SaveBaselines(changed, nil); err != nil {
		a.cfg.log.Warn("long-run durations could not be saved", "err", err)
	}
}

// scrub checks every value, the log in memory against the file, and the
// snapshots against what is computed anew. How far it is stands in Facts.
func (a *appliance) scrub(ctx context.Context) (*store.Report, error) {
	a.scrubbed.Store(1)
	defer a.scrubbed.Store(0)
	r, err := a.store.Scrub(ctx, func(done int) { a.scrubbed.Store(int64(max(done, 1))) })
	if err != nil {
		return r, err
	}
	compared, wrong, err := a.keeper.Verify(ctx)
	if r.Compared += compared; err != nil {
		return r, err
	}
	for _, name := range wrong {
		r.Damaged = append(r.Damaged, fmt.Sprintf("snapshot %s: was not what the log says; it was computed anew", name))
		r.Count++
	}
	if len(wrong) > 0 {
		err = a.store.Scrubbed(r)
	}
	return r, err
}

// Maintain carries out an operation of `qslbox db` on the open data.
func (a *appliance) Maintain(ctx context.Context, operation string) (any, error) {
	switch operation {
	case "check", "scrub":
		return a.scrub(ctx)
	case "backup":
		r, err := a.backups.make(ctx)
		if err != nil && ctx.Err() == nil {
			return nil, fmt.Errorf("%w: %s", errNoBackup, strings.TrimPrefix(err.Error(), "store: backup: "))
		}
		return r, err
	}
	return nil, fmt.Errorf("%w (%q)", errBadOperation, operation)
}

// WriteBackup writes a verified copy of the data file. Where the disk of the
// data takes none, the copy is made in the system's directory for such files:
// just then somebody wants it.
func (a *appliance) WriteBackup(ctx context.Context, w io.Writer) error {
	name, err := a.copyIn(ctx, a.cfg.dir)
	if err != nil && ctx.Err() == nil {
		if other, inTemp := a.copyIn(ctx, os.TempDir()); inTemp == nil {
			name, err = other, nil
		}
	}
	if err != nil {
		return err
	}
	defer os.Remove(name)
	copied, err := os.Open(name)
	if err != nil {
		return err
	}
	defer copied.Close()
	_, err = io.Copy(w, copied)
	return err
}

// copyIn makes a verified copy under a name of its own in a directory.
func (a *appliance) copyIn(ctx context.Context, dir string) (name string, err error) {
	f, err := os.CreateTemp(dir, ".backup-*.db")
	if err != nil {
		return "", err
	}
	if err = f.Close(); err == nil {
		var r *store.Report
		if r, err = a.store.Backup(ctx, f.Name()); r != nil && r.OK() {
			return f.Name(), nil // the disk may not take the note that there is one
		}
	}
	return "", errors.Join(err, os.Remove(f.Name()))
}

// Figures returns what /metrics tells of the data and its disk.
func (a *appliance) Figures() []webui.Figure {
	st, when := a.store.Stats(), func(t time.Time) float64 {
		if t.IsZero() {
			return 0
		}
		return float64(t.Unix())
	}
	list := []webui.Figure{
		{Name: "store_bytes", Help: "Size of the data file.", Value: float64(st.Bytes)},
		{Name: "store_free_pages", Help: "Pages of the data file that can be used again.", Value: float64(st.FreePages)},
		{Name: "store_open_reads", Help: "Reading transactions that are open.", Value: float64(st.OpenReads)},
		{Name: "store_oldest_read_seconds", Help: "How long the oldest of them has been open.", Value: float64(st.OldestReadMS) / 1000},
		{Name: "store_reads_total", Help: "Reading transactions since the start.", Counter: true, Value: float64(st.Reads)},
		{Name: "store_page_writes_total", Help: "Pages written since the start.", Counter: true, Value: float64(st.PageWrites)},
		{Name: "store_write_seconds_total", Help: "Time spent on writing pages and syncing the disk.", Counter: true, Value: float64(st.WriteMS) / 1000},
		{Name: "backup_last_timestamp_seconds", Help: "When the last verified backup was made, since 1970; 0: never.", Value: when(a.store.LastBackup())},
		{Name: "scrub_last_timestamp_seconds", Help: "When the last scrub ended well, since 1970; 0: never.", Value: when(a.store.LastScrub())},
	}
	if d, err := monitor.ReadDisk(a.cfg.dir); err == nil {
		list = append(list, webui.Figure{Name: "disk_free_bytes", Help: "What may still be written where the data is.", Value: float64(d.Free)})
	}
	return list
}

// Facts returns what only main knows of the state of the appliance.
func (a *appliance) Facts() map[string]any {
	when := func(t time.Time) any {
		if t.IsZero() {
			return nil
		}
		return t.UTC().Format(time.RFC3339)
	}
	facts := map[string]any{
		"store":  a.store.Stats(),
		"backup": map[string]any{"last": when(a.store.LastBackup()), "last_scrub": when(a.store.LastScrub()), "directory_set": a.cfg.serve.BackupDir != ""},
	}
	if done := a.scrubbed.Load(); done > 0 {
		facts["scrub"] = map[string]int64{"done": done, "qsos": int64(a.qsos())}
	}
	if d, err := monitor.ReadDisk(a.cfg.dir); err == nil {
		facts["disk"] = map[string]uint64{"size": d.Size, "free": d.Free}
	}
	if p, err := monitor.ReadProcess(os.DirFS("/")); err == nil {
		facts["memory"] = map[string]any{"resident": p.Resident, "anonymous": p.Anonymous, "limit": p.Limit, "threads": p.Threads, "files": p.Files, "goroutines": p.Goroutines}
	}
	return facts
}
