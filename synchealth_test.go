package main

import (
	"testing"
	"time"

	"qslbox/monitor"
	"qslbox/qso"
	"qslbox/syncers"
)

// TestTroubleOfSyncs holds when a source makes the health degraded.
func TestTroubleOfSyncs(t *testing.T) {
	now := time.Date(2026, 2, 10, 12, 0, 0, 0, time.UTC)
	ago := func(hours int) time.Time { return now.Add(-time.Duration(hours) * time.Hour) }
	for name, tc := range map[string]struct {
		schedule string
		class    syncers.Class
		lastOK   time.Time
		want     monitor.Severity
	}{
		"all well":                           {"@every 6h", syncers.OK, ago(3), monitor.OK},
		"down for some hours":                {"@every 6h", syncers.Down, ago(23), monitor.OK},
		"down for a day":                     {"@every 6h", syncers.Down, ago(25), monitor.Degraded},
		"down for a day, asked every day":    {"@daily", syncers.Down, ago(50), monitor.OK},
		"down for days, asked every day":     {"@daily", syncers.Down, ago(73), monitor.Degraded},
		"down from the first run on":         {"@every 6h", syncers.Down, time.Time{}, monitor.Degraded},
		"refused":                            {"@every 6h", syncers.Auth, ago(1), monitor.Degraded},
		"well, but nothing has run since":    {"@every 6h", syncers.OK, ago(30), monitor.Degraded},
		"well a week ago, asked every month": {"@monthly", syncers.OK, ago(7 * 24), monitor.OK},
	} {
		run := syncers.Run{Run: 1, Class: tc.class, LastOK: tc.lastOK, Ended: ago(1), Message: "what is wrong"}
		if got := troubleOf(syncers.Account{Source: qso.LoTW, Schedule: tc.schedule}, run, now); got.Severity != tc.want || got.Severity != monitor.OK && got.Message == "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestPhasesOfSyncs finds the phases of a run among the operations.
func TestPhasesOfSyncs(t *testing.T) {
	m, err := monitor.New(monitor.Config{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	a := &appliance{monitor: m}
	a.observePhases(qso.LoTW, &syncers.Run{WaitMS: 10_000, Answers: []syncers.Answer{{Download: 700, Merge: 20}, {Download: 300, Merge: 30}}})
	for name, want := range map[string]time.Duration{"wait": 10 * time.Second, "download": time.Second, "merge": 50 * time.Millisecond} {
		found := m.Find("sync lotw: " + name)
		if len(found) != 1 || found[0].Stats().Max != want {
			t.Errorf("%s: %d operations", name, len(found))
		}
	}
	if a.observePhases(qso.DCL, &syncers.Run{}); len(m.Find("sync dcl: download")) != 0 {
		t.Error("a run that asked for nothing has phases")
	}
}
