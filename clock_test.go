package main

import (
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// bubbleStart is when time begins in a synctest bubble.
var bubbleStart = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// TestClockThatJumps lets days pass on an appliance whose wall clock jumps:
// nothing runs by schedule while the clock cannot be believed, what was missed
// is caught up once, and nothing is removed that is still wanted.
func TestClockThatJumps(t *testing.T) {
	right := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		to      time.Time // where the clock jumps after two days
		trusted bool      // it may be right, and is followed
	}{
		"an hour ahead":        {right.Add(49 * time.Hour), true},
		"an hour back":         {right.Add(47*time.Hour + time.Minute), true},
		"two weeks ahead":      {right.Add(16 * 24 * time.Hour), true},
		"two weeks back":       {right.Add(-12 * 24 * time.Hour), false},
		"1970":                 {time.Unix(0, 0), false},
		"2000, as without RTC": {bubbleStart, false},
		"beyond 2038":          {time.Date(2038, 1, 19, 3, 14, 8, 0, time.UTC).Add(24 * time.Hour), true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBox(t)
			b.ok("import", b.sample(40))
			synctest.Test(t, func(t *testing.T) { testClock(t, b.dir, right, c.to, c.trusted) })
		})
	}
}

func testClock(t *testing.T, dir string, right, to time.Time, trusted bool) {
	offset := right.Sub(bubbleStart)
	b := &box{t: t, dir: dir, env: map[string]string{}}
	env := b.environment("", &buffer{}, &buffer{})
	clock := clockAt(right)
	env.now = func() time.Time { return time.Now().Add(offset + time.Duration(clock.at.Load()-right.UnixNano())) }
	a, err := openAppliance(t.Context(), applianceConfig{dir: dir, env: env, create: true, address: func() string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.close() }()
	hours := func(n int) {
		for range n {
			time.Sleep(time.Hour)
			a.clock.seen(env.now(), a.elapsed())
			if a.clock.trusted(env.now()) {
				a.tidy(t.Context())
			}
		}
	}
	hours(48)
	before := len(backupsIn(filepath.Join(dir, "backup")))
	clock.at.Add(int64(to.Sub(env.now())))
	if got := a.clock.trusted(env.now()); got != trusted {
		t.Errorf("trusted %v at %v, want %v", got, env.now(), trusted)
	}
	last, scrubbed := a.store.LastBackup(), a.store.LastScrub()
	hours(20)
	after := len(backupsIn(filepath.Join(dir, "backup")))
	if !trusted && (!a.store.LastBackup().Equal(last) || !a.store.LastScrub().Equal(scrubbed) || after != before) {
		t.Errorf("something ran by schedule: backup %v to %v, %d to %d files", last, a.store.LastBackup(), before, after)
	}
	hours(52)
	if trusted && a.store.LastBackup().Equal(last) {
		t.Error("no backup in three days")
	}
	clock.at.Store(right.UnixNano()) // the clock is set right; a day later that is believed
	hours(50)
	if now := env.now(); a.store.LastBackup().After(now.Add(time.Minute)) || now.Sub(a.store.LastBackup()) > 25*time.Hour {
		t.Errorf("the last backup is of %v, now it is %v", a.store.LastBackup(), now)
	}
	if left := len(backupsIn(filepath.Join(dir, "backup"))); left == 0 || left < min(before, 1) {
		t.Errorf("%d backups are left of %d", left, before)
	}
	if a.qsos() != 40 {
		t.Errorf("%d QSOs", a.qsos())
	}
}

// TestClockBehindAtStart starts with a clock that shows less than what is
// stored: it is not believed until it is set.
func TestClockBehindAtStart(t *testing.T) {
	b := newBox(t)
	b.ok("import", b.sample(20))
	right := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	clock := clockAt(right)
	a := b.keeping(clock)
	if err := a.backups.scheduled(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		shows   time.Time
		trusted bool
	}{
		{right.Add(-14 * 24 * time.Hour), false}, {right.Add(-2 * time.Hour), false}, {right.Add(-50 * time.Minute), true}, {right.Add(14 * 24 * time.Hour), true},
	} {
		clock.set(c.shows)
		a := b.keeping(clock)
		a.clock.seen(clock.now(), a.elapsed())
		if got := a.clock.trusted(clock.now()); got != c.trusted {
			t.Errorf("a start at %v, last backup at %v: trusted %v, want %v", c.shows, right, got, c.trusted)
		}
		clock.set(right.Add(time.Hour))
		if a.clock.seen(clock.now(), a.elapsed()); !c.shows.After(right) && !a.clock.trusted(clock.now()) {
			t.Errorf("a start at %v: not trusted once the clock is right", c.shows)
		}
		if err := a.close(); err != nil {
			t.Fatal(err)
		}
	}
}
