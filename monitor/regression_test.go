package monitor_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"qslbox/monitor"
)

func ExampleMonitor_Regressions() {
	at := newClock()
	m, err := monitor.New(monitor.Config{Now: at.now, Elapsed: at.elapsed, Version: "1.3"})
	if err != nil {
		fmt.Println(err)
		return
	}
	op := m.Operation(monitor.Query, "award/dxcc")
	for range 200 {
		op.Observe(20*time.Millisecond, nil)
	}
	fmt.Println(len(m.Regressions()))
	for range 32 {
		op.Observe(60*time.Millisecond, nil)
	}
	for _, r := range m.Regressions() {
		fmt.Printf("%s takes %.1f times as long since %s: %v, was %v in %s\n",
			r.Operation, r.Factor, r.Since.Format(time.TimeOnly), r.Now, r.Baseline, r.Version)
	}
	// Output:
	// 0
	// award/dxcc takes 3.0 times as long since 15:00:00: 60ms, was 20ms in 1.3
}

// calls makes n calls of an operation a second apart and looks for regressions
// after each, as Run does.
func calls(m *monitor.Monitor, at *clock, op *monitor.Op, n int, d func() time.Duration) (found, over int) {
	for i := range n {
		op.Observe(d(), nil)
		at.advance(time.Second)
		switch bad := len(m.Regressions()) > 0; {
		case bad && found == 0:
			found = i + 1
		case !bad && over == 0:
			over = i + 1
		}
	}
	return found, over
}

// always is a duration that never changes.
func always(d time.Duration) func() time.Duration { return func() time.Duration { return d } }

// noisy gives durations around d: between half and one and a half of it, and
// every twentieth a hundred times as long.
func noisy(d time.Duration, seed uint64) func() time.Duration {
	random := rand.New(rand.NewPCG(seed, 1))
	return func() time.Duration {
		if random.IntN(20) == 0 {
			return 100 * d
		}
		return d/2 + time.Duration(random.Int64N(int64(d)))
	}
}

// TestRegressionComesAndGoes has an operation become slower and fast again: it
// is found within 40 calls, and over within 40.
func TestRegressionComesAndGoes(t *testing.T) {
	const ms, us = time.Millisecond, time.Microsecond
	tests := []struct {
		name         string
		before, then func() time.Duration
		found        bool
	}{
		{"three times", always(20 * ms), always(60 * ms), true},
		{"just twice", always(10 * ms), always(20 * ms), true},
		{"not quite twice", always(10 * ms), always(19900 * us), false},
		{"three times, with noise", noisy(20*ms, 1), noisy(60*ms, 2), true},
		{"2 µs twice", always(2 * us), always(4 * us), false},
		{"2 µs a hundred times", always(2 * us), always(200 * us), false},
		{"0.5 ms three times, 1 ms apart", always(500 * us), always(1500 * us), true},
		{"0.5 ms twice", always(500 * us), always(1000 * us), false},
		{"only noise", noisy(20*ms, 3), noisy(20*ms, 4), false},
		{"faster", always(60 * ms), always(20 * ms), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, at := newMonitor(t)
			op := m.Operation(monitor.Query, "q")
			if found, _ := calls(m, at, op, 1000, tt.before); found != 0 {
				t.Fatalf("call %d was found to be a regression, before anything changed", found)
			}
			switch found, _ := calls(m, at, op, 200, tt.then); {
			case tt.found && (found == 0 || found > 40):
				t.Fatalf("found after %d calls (0 = never), want 40 at most", found)
			case !tt.found && found != 0:
				t.Fatalf("found after %d calls, want never", found)
			}
			if !tt.found {
				return
			}
			if _, over := calls(m, at, op, 60, tt.before); over == 0 || over > 40 {
				t.Errorf("over after %d calls (0 = never), want 40 at most", over)
			}
		})
	}
}

// TestRegressionStays sees that a regression is not learned as the new normal,
// and does not flicker near the limit.
func TestRegressionStays(t *testing.T) {
	const ms = time.Millisecond
	m, at := newMonitor(t)
	op := m.Operation(monitor.Query, "q")
	calls(m, at, op, 600, always(10*ms))
	calls(m, at, op, 40, always(30*ms))
	at.advance(24 * time.Hour)
	calls(m, at, op, 3000, always(30*ms))
	if _, over := calls(m, at, op, 100, always(17*ms)); over != 0 {
		t.Errorf("over after %d calls at 1.7 times, want it to stay down to 1.5 times", over)
	}
	want := []monitor.Regression{{
		Operation: "q", Factor: 1.7, Since: started.Add(617 * time.Second), Baseline: 10 * ms, Now: 17 * ms, Version: "1.0",
	}}
	if diff := cmp.Diff(want, m.Regressions()); diff != "" {
		t.Errorf("Regressions() (-want +got):\n%s", diff)
	}
}

// TestCreepIsFound makes an operation slower by 1 % an hour.
func TestCreepIsFound(t *testing.T) {
	m, at := newMonitor(t)
	op := m.Operation(monitor.Query, "q")
	d := 20 * time.Millisecond
	calls(m, at, op, 1000, always(d))
	for hour := range 1000 {
		d += d / 100
		for range 6 {
			for range 40 {
				op.Observe(d, nil)
			}
			at.advance(10 * time.Minute)
			if r := m.Regressions(); len(r) > 0 {
				if d > 70*time.Millisecond || d < 40*time.Millisecond {
					t.Errorf("found at %v in hour %d, want it at 2 to 3.5 times 20ms", d, hour)
				}
				return
			}
		}
	}
	t.Errorf("not found at %v", d)
}

// TestSlowChangeIsLearned lets a baseline follow a little.
func TestSlowChangeIsLearned(t *testing.T) {
	m, at := newMonitor(t)
	op := m.Operation(monitor.Query, "q")
	calls(m, at, op, 600, always(10*time.Millisecond))
	for range 100 {
		at.advance(10 * time.Minute)
		calls(m, at, op, 32, always(14*time.Millisecond))
	}
	changed, _ := m.Baselines(0)
	if got := changed[0].P50; got != 14*time.Millisecond {
		t.Errorf("median in the long run %v, want 14ms", got)
	}
}

func TestFewCallsAreNoBaseline(t *testing.T) {
	m, at := newMonitor(t)
	op := m.Operation(monitor.Query, "q")
	calls(m, at, op, 96, always(10*time.Millisecond))
	if found, _ := calls(m, at, op, 20, always(90*time.Millisecond)); found != 0 {
		t.Errorf("found after %d calls, with 96 to compare with", found)
	}
}

func TestJobsDoNotRegress(t *testing.T) {
	m, at := newMonitor(t)
	op := m.Operation(monitor.Job, "import")
	calls(m, at, op, 600, always(10*time.Millisecond))
	if found, _ := calls(m, at, op, 100, always(time.Second)); found != 0 {
		t.Errorf("found after %d calls: a job takes as long as its input is large", found)
	}
}

// TestGrowingLog doubles the data again and again, and the work with it.
func TestGrowingLog(t *testing.T) {
	m, at := newMonitor(t)
	op := m.Operation(monitor.Query, "q")
	for step := range 6 {
		m.SetSize(1000 << step)
		if found, _ := calls(m, at, op, 300, always((10<<step)*time.Millisecond)); found != 0 {
			t.Fatalf("%d rows: call %d was found to be a regression", 1000<<step, found)
		}
	}
	// The same rows, and three times as long: this is one.
	m.SetSize(1000<<5 + 20)
	found, _ := calls(m, at, op, 40, always(960*time.Millisecond))
	if found == 0 {
		t.Error("three times as long at the same size was not found")
	}
	// It is not carried over to another size.
	m.SetSize(1000 << 6)
	if r := m.Regressions(); len(r) != 0 {
		t.Errorf("at a new size: %v, want none", r)
	}
	changed, _ := m.Baselines(0)
	if len(changed) != 6 {
		t.Errorf("%d baselines, want one for each of 6 sizes", len(changed))
	}
}

func TestSizeStep(t *testing.T) {
	for size, want := range map[int]int{-1: 0, 0: 0, 1: 1, 2: 2, 3: 2, 4: 3, 65_535: 16, 65_536: 17, 131_072: 18} {
		if got := monitor.SizeStep(size); got != want {
			t.Errorf("SizeStep(%d) = %d, want %d", size, got, want)
		}
	}
}

// restart makes a monitor of another version that knows what m learned, after a
// way through JSON.
func restart(t *testing.T, m *monitor.Monitor, at *clock, version string) *monitor.Monitor {
	t.Helper()
	changed, _ := m.Baselines(0)
	text, err := json.Marshal(changed)
	if err != nil {
		t.Fatal(err)
	}
	var stored []monitor.Baseline
	if err := json.Unmarshal(text, &stored); err != nil {
		t.Fatal(err)
	}
	next, err := monitor.New(monitor.Config{Now: at.now, Elapsed: at.elapsed, Version: version})
	if err != nil {
		t.Fatal(err)
	}
	if surplus := next.ImportBaselines(stored); len(surplus) != 0 {
		t.Errorf("restart: %v are of no use, want none", surplus)
	}
	return next
}

// TestNewVersion compares each version with the one before.
func TestNewVersion(t *testing.T) {
	const ms = time.Millisecond
	old, at := newMonitor(t)
	calls(old, at, old.Operation(monitor.Query, "q"), 600, always(10*ms))
	calls(old, at, old.Operation(monitor.Query, "same"), 600, always(10*ms))

	next := restart(t, old, at, "1.1")
	from := at.now()
	calls(next, at, next.Operation(monitor.Query, "same"), 600, always(11*ms))
	if found, _ := calls(next, at, next.Operation(monitor.Query, "q"), 40, always(30*ms)); found != 32 {
		t.Errorf("slower since the new version: found after %d calls, want 32", found)
	}
	want := []monitor.Regression{{
		Operation: "q", Factor: 3, Since: from.Add(632 * time.Second), Baseline: 10 * ms, Now: 30 * ms, Version: "1.0",
	}}
	if diff := cmp.Diff(want, next.Regressions()); diff != "" {
		t.Errorf("in version 1.1 (-want +got):\n%s", diff)
	}

	// A restart of the same version still knows since when, and that 1.0 was
	// faster: 1.1 never learned what it does now.
	at.advance(time.Hour)
	again := restart(t, next, at, "1.1")
	calls(again, at, again.Operation(monitor.Query, "q"), 40, always(30*ms))
	if diff := cmp.Diff(want, again.Regressions()); diff != "" {
		t.Errorf("after a restart (-want +got):\n%s", diff)
	}
	// And 1.2 cures it.
	cured := restart(t, again, at, "1.2")
	calls(cured, at, cured.Operation(monitor.Query, "q"), 40, always(10*ms))
	if r := cured.Regressions(); len(r) != 0 {
		t.Errorf("in version 1.2: %v, want none", r)
	}
}

// TestVersionBeforeWasFaster sees that what a version learned does not hide how
// fast the one before was.
func TestVersionBeforeWasFaster(t *testing.T) {
	const ms = time.Millisecond
	old, at := newMonitor(t)
	calls(old, at, old.Operation(monitor.Query, "q"), 600, always(10*ms))
	next := restart(t, old, at, "1.1")
	op := next.Operation(monitor.Query, "q")
	if found, _ := calls(next, at, op, 600, always(18*ms)); found != 0 {
		t.Errorf("1.8 times: found after %d calls, want never", found)
	}
	calls(next, at, op, 40, always(21*ms))
	if r := next.Regressions(); len(r) != 1 || r[0].Version != "1.0" || r[0].Baseline != 10*ms {
		t.Errorf("2.1 times what it was in 1.0: %v, want that", r)
	}
}

func TestForgetBaselines(t *testing.T) {
	m, at := newMonitor(t)
	op := m.Operation(monitor.Query, "q")
	calls(m, at, op, 600, always(10*time.Millisecond))
	calls(m, at, op, 100, always(30*time.Millisecond))
	if forgotten := m.ForgetBaselines(monitor.Store, "q"); len(forgotten) != 0 {
		t.Errorf("of another kind: %d forgotten, want none", len(forgotten))
	}
	forgotten := m.ForgetBaselines(monitor.Query, "q")
	if len(forgotten) != 1 || forgotten[0].P50 != 10*time.Millisecond {
		t.Errorf("forgotten: %v, want the one of 10ms", forgotten)
	}
	if found, _ := calls(m, at, op, 600, always(30*time.Millisecond)); found != 0 {
		t.Errorf("call %d was found to be a regression, after it was forgotten", found)
	}
	changed, _ := m.Baselines(0)
	if len(changed) != 1 || changed[0].P50 != 30*time.Millisecond {
		t.Errorf("learned anew: %v, want 30ms", changed)
	}
}

// TestBaselinesByRevision lists only what changed since a list was stored.
func TestBaselinesByRevision(t *testing.T) {
	m, at := newMonitor(t)
	a, b := m.Operation(monitor.Query, "a"), m.Operation(monitor.Query, "b")
	calls(m, at, a, 64, always(10*time.Millisecond))
	calls(m, at, b, 64, always(20*time.Millisecond))
	all, stored := m.Baselines(0)
	want := []monitor.Baseline{
		{Operation: "a", Version: "1.0", Samples: 64, P50: 10e6, P95: 10e6, P99: 10e6, First: []time.Duration{10e6, 10e6}, Updated: started.Add(64 * time.Second)},
		{Operation: "b", Version: "1.0", Samples: 64, P50: 20e6, P95: 20e6, P99: 20e6, First: []time.Duration{20e6, 20e6}, Updated: started.Add(128 * time.Second)},
	}
	ignore := cmpopts.IgnoreUnexported(monitor.Baseline{})
	if diff := cmp.Diff(want, all, ignore); diff != "" {
		t.Errorf("Baselines(0) (-want +got):\n%s", diff)
	}
	if changed, _ := m.Baselines(stored); len(changed) != 0 {
		t.Errorf("nothing happened: %v changed", changed)
	}
	calls(m, at, b, 32, always(20*time.Millisecond))
	changed, _ := m.Baselines(stored)
	if len(changed) != 1 || changed[0].Operation != "b" || changed[0].Samples != 96 {
		t.Errorf("32 more calls of b: %v changed, want b with 96", changed)
	}
}

func TestImportBaselines(t *testing.T) {
	base := func(change func(*monitor.Baseline)) monitor.Baseline {
		b := monitor.Baseline{Operation: "q", Version: "1.0", Samples: 512, P50: 10, P95: 20, P99: 30, Updated: started}
		change(&b)
		return b
	}
	version := func(v string, age time.Duration) monitor.Baseline {
		return base(func(b *monitor.Baseline) { b.Version, b.Updated = v, started.Add(-age) })
	}
	tests := []struct {
		name string
		list []monitor.Baseline
		want int // of no use
	}{
		{"none", nil, 0},
		{"this version and two before", []monitor.Baseline{version("0.8", 2), version("1.0", 9), version("0.9", 1)}, 0},
		{"versions long gone", []monitor.Baseline{version("0.6", 4), version("0.7", 3), version("0.8", 2), version("0.9", 1)}, 2},
		{"the same twice", []monitor.Baseline{version("1.0", 1), version("1.0", 2)}, 1},
		{"no name", []monitor.Baseline{base(func(b *monitor.Baseline) { b.Operation = "" })}, 1},
		{"a job", []monitor.Baseline{base(func(b *monitor.Baseline) { b.Kind = monitor.Job })}, 1},
		{"negative median", []monitor.Baseline{base(func(b *monitor.Baseline) { b.P50 = -1 })}, 1},
		{"negative count", []monitor.Baseline{base(func(b *monitor.Baseline) { b.Samples = -1 })}, 1},
		{"negative first block", []monitor.Baseline{base(func(b *monitor.Baseline) { b.First = []time.Duration{-1} })}, 1},
		{"too many first blocks", []monitor.Baseline{base(func(b *monitor.Baseline) { b.First = make([]time.Duration, 17) })}, 1},
		{"size step of no number", []monitor.Baseline{base(func(b *monitor.Baseline) { b.Step = 65 })}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, _ := newMonitor(t)
			if surplus := m.ImportBaselines(tt.list); len(surplus) != tt.want {
				t.Errorf("%d of no use, want %d: %v", len(surplus), tt.want, surplus)
			}
			if changed, _ := m.Baselines(0); len(changed) != 0 {
				t.Errorf("%d count as changed, want none", len(changed))
			}
		})
	}
	t.Run("a flood", func(t *testing.T) {
		m, _ := newMonitor(t)
		var list []monitor.Baseline
		for i := range 6000 {
			list = append(list, base(func(b *monitor.Baseline) { b.Operation = fmt.Sprint(i) }))
		}
		if surplus := m.ImportBaselines(list); len(surplus) != 6000-4096 {
			t.Errorf("%d of 6000 of no use, want all beyond 4096", len(surplus))
		}
	})
}
