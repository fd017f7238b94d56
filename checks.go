package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"time"

	"qslbox/monitor"
	"qslbox/qso"
	"qslbox/stats"
	"qslbox/store"
	"qslbox/syncers"
)

// addGauges names the figures that are kept for a day; the Monitor page has a
// text for each.
func (a *appliance) addGauges() {
	var before stats.Class
	for _, gauge := range []struct {
		name string
		read func() float64
	}{
		{"hits", func() float64 { // percent of the reads since the last look
			now := a.keeper.Counters().Total()
			hits, reads := now.Hits-before.Hits, now.Hits+now.Misses-before.Hits-before.Misses
			before = now
			if reads == 0 {
				return math.NaN()
			}
			return 100 * float64(hits) / float64(reads)
		}},
		{"memory", func() float64 { // MiB
			p, err := monitor.ReadProcess(os.DirFS("/"))
			if err != nil {
				return math.NaN()
			}
			return float64(p.Anonymous) / (1 << 20)
		}},
		{"file", func() float64 { return float64(a.store.Stats().Bytes) / (1 << 20) }},
	} {
		if err := a.monitor.Gauge(gauge.name, gauge.read); err != nil {
			a.cfg.log.Warn("a figure is not kept", "name", gauge.name, "err", err)
		}
	}
}

// addChecks names what the health page watches.
func (a *appliance) addChecks() {
	a.health.Add("data", func() monitor.Check {
		for _, name := range a.store.Logbooks() {
			if l, err := a.store.Logbook(name); err == nil {
				if ids := l.Damaged(); len(ids) > 0 {
					return degraded("data: %d QSOs of logbook %s cannot be read (the first has id %d): restore a backup, or run qslbox db salvage", len(ids), name, ids[0])
				}
			}
		}
		return monitor.Check{}
	})
	a.health.Add("disk", a.checkRoom)
	a.health.Add("clock", func() monitor.Check {
		now := a.cfg.env.now()
		if a.clock.trusted(now) {
			a.clock.settle(0)
			return monitor.Check{}
		}
		if a.clock.settle(a.elapsed()) < clockDoubt {
			return monitor.Check{}
		}
		return degraded("clock: %s cannot be right, so nothing runs by schedule: set the clock, or see why the network time service does not", now.UTC().Format(time.RFC3339))
	})
	a.health.Add("scrub", func() monitor.Check {
		if r := a.store.ScrubFindings(); r != nil {
			return degraded("scrub: it found %d places that are not as they should be, the first: %s: run qslbox db scrub for the list, then restore a backup, or try qslbox db salvage", r.Count, r.Damaged[0])
		}
		return a.overdue("scrub", a.store.LastScrub(), scrubOverdue, "run qslbox db scrub")
	})
	a.health.Add("backup", func() monitor.Check {
		if why := a.backups.failed.Load(); why != nil {
			return degraded("backup: the last one was not made: %s", *why)
		}
		return a.overdue("verified backup", a.store.LastBackup(), backupOverdue, "run qslbox db backup FILE, and see the log for what keeps the scheduled ones from being made")
	})
	a.health.Add("reading", func() monitor.Check {
		if age := a.store.OldestRead(); age > readLong {
			return degraded("reading: a look into the data has been open for %s, so the file grows with every change: see whether a backup hangs on its disk, then restart the service", age.Round(time.Minute))
		}
		return monitor.Check{}
	})
	a.health.Add("snapshots", func() monitor.Check {
		for _, name := range a.store.Logbooks() {
			if l, err := a.store.Logbook(name); err == nil && l.LoadError() != nil {
				return degraded("snapshots: logbook %s cannot be loaded, so its numbers stay as they are: %v", name, l.LoadError())
			}
		}
		return monitor.Check{}
	})
	a.addMachineChecks()
	a.health.Add("awards", a.awards.check)
	a.addAccountChecks()
}

// degraded is a finding that needs a person.
func degraded(format string, args ...any) monitor.Check {
	return monitor.Check{Severity: monitor.Degraded, Message: fmt.Sprintf(format, args...)}
}

// addAccountChecks names what is watched of the accounts at LoTW and DCL.
func (a *appliance) addAccountChecks() {
	for _, source := range [...]qso.Source{qso.LoTW, qso.DCL} {
		a.health.Add("sync "+source.String(), func() monitor.Check { return a.checkSyncs(source) })
	}
	a.health.Add("sealing", func() monitor.Check {
		if err := a.sealing(); err != nil {
			return degraded("%v", err)
		}
		return monitor.Check{}
	})
}

// sealing finds an account whose secret this sealing key does not open.
func (a *appliance) sealing() error {
	for _, name := range a.store.Logbooks() {
		l, err := a.store.Logbook(name)
		if err != nil {
			continue
		}
		for source := range a.sources {
			if _, err := l.Account(source); errors.Is(err, store.ErrSealingKey) {
				return err
			}
		}
	}
	return nil
}

// addMachineChecks names what is watched of the process and its machine.
func (a *appliance) addMachineChecks() {
	a.health.Add("memory", func() monitor.Check {
		p, err := monitor.ReadProcess(os.DirFS("/"))
		if err != nil {
			return monitor.Check{}
		}
		return monitor.CheckMemory(p)
	})
	a.health.Add("pauses", a.monitor.CheckPauses)
	a.health.Add("goroutines", a.goroutines.Check)
	a.health.Add("files", a.files.Check)
	a.health.Add("writing", a.prober.check)
}

// settle notes since when the clock is in doubt, by the clock that measures; 0
// ends the doubt. It returns for how long.
func (c *clockWatch) settle(at time.Duration) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at == 0 {
		c.doubt = time.Time{}
		return 0
	}
	if c.doubt.IsZero() {
		c.doubt = time.Unix(0, int64(at))
	}
	return time.Unix(0, int64(at)).Sub(c.doubt)
}

// overdue judges something that has to happen now and then once there is a log.
func (a *appliance) overdue(what string, last time.Time, limit time.Duration, remedy string) monitor.Check {
	now, from := a.cfg.env.now(), last
	if last.IsZero() || last.After(now.Add(time.Hour)) { // the latter: while the clock was wrong
		from = a.firstQSO()
	}
	if from.IsZero() || now.Sub(from) < limit || !a.clock.trusted(now) {
		return monitor.Check{}
	}
	text := "never"
	if !last.IsZero() {
		text = last.UTC().Format("2006-01-02")
	}
	return monitor.Check{Severity: monitor.Degraded, Since: from.Add(limit), Message: fmt.Sprintf("%s: the last was %s: %s", what, text, remedy)}
}

// firstQSO returns when the store was first seen with a QSO in it; the zero
// time if there is none yet. It writes nothing: a check must not wait for a
// disk.
func (a *appliance) firstQSO() time.Time {
	if t := a.first.Load(); t != nil {
		return *t
	}
	text, found, err := a.store.GetRecord("meta", "first-qso")
	t, wrong := time.Parse(time.RFC3339, string(text))
	if err != nil || !found || wrong != nil {
		if t = a.cfg.env.now().UTC(); a.qsos() == 0 {
			return time.Time{}
		}
	}
	a.first.CompareAndSwap(nil, &t)
	return *a.first.Load()
}

// keepFirstQSO stores it.
func (a *appliance) keepFirstQSO() error {
	first := a.firstQSO()
	if _, found, err := a.store.GetRecord("meta", "first-qso"); first.IsZero() || found || err != nil {
		return err
	}
	return a.store.PutRecord("meta", "first-qso", []byte(first.Format(time.RFC3339)))
}

// qsos is how many QSOs there are in all logbooks.
func (a *appliance) qsos() (n int) {
	for _, name := range a.store.Logbooks() {
		if l, err := a.store.Logbook(name); err == nil {
			n += l.Size()
		}
	}
	return n
}

// checkSyncs finds the account of a source whose syncs need a person: refused
// credentials at once, other trouble when the last success is older than 3
// intervals and a day.
func (a *appliance) checkSyncs(source qso.Source) monitor.Check {
	for _, name := range a.store.Logbooks() {
		l, err := a.store.Logbook(name)
		if err != nil {
			continue
		}
		account, err := l.Account(source)
		if err != nil || account.Paused {
			continue
		}
		run, err := l.LastRun(source)
		if err != nil || run.Run == 0 || run.Revision != account.Revision {
			continue
		}
		if c := troubleOf(account, run, a.cfg.env.now()); c.Severity != monitor.OK {
			c.Message = fmt.Sprintf("%s (logbook %s): %s", strings.ToUpper(source.String()), name, c.Message)
			return c
		}
	}
	return monitor.Check{}
}

// troubleOf is checkSyncs for an account and its last run.
func troubleOf(account syncers.Account, run syncers.Run, now time.Time) monitor.Check {
	if run.Class == syncers.Auth {
		return monitor.Check{Severity: monitor.Degraded, Since: run.Ended, Message: run.Message}
	}
	quiet := 24 * time.Hour
	if schedule, err := syncers.ParseSchedule(account.Schedule, syncers.ShortestSync); err == nil {
		next := schedule.Preview(now, 2)
		quiet = max(quiet, 3*next[1].Sub(next[0]))
	}
	age := now.Sub(run.LastOK)
	if age < quiet {
		return monitor.Check{}
	}
	if run.Class != syncers.OK {
		return monitor.Check{Severity: monitor.Degraded, Since: run.Ended, Message: run.Message}
	}
	return monitor.Check{Severity: monitor.Degraded, Since: run.LastOK.Add(quiet), Message: fmt.Sprintf("no sync for %d hours although it is due: start one by hand, and see in the log why none ran", int(age.Hours()))}
}
