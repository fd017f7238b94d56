package monitor_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/monitor"
)

func ExampleHealth() {
	at := newClock()
	health := monitor.NewHealth(at.now)
	health.Add("disk", func() monitor.Check { return monitor.Check{} })
	health.Add("backup", func() monitor.Check {
		return monitor.Check{Severity: monitor.Degraded, Message: "no backup for 9 days: see Settings"}
	})
	v := health.Verdict()
	fmt.Println(v.Status)
	for _, p := range v.Problems {
		fmt.Println(p.Name, p.Severity, p.Since.Format(time.TimeOnly), p.Message)
	}
	// Output:
	// degraded
	// backup degraded 15:00:00 no backup for 9 days: see Settings
}

func ExampleLiveness() {
	at := newClock()
	live := monitor.NewLiveness(at.elapsed)
	writer := live.Heartbeat("writer", 30*time.Second)
	live.Heartbeat("scheduler", 2*time.Minute)
	at.advance(time.Minute)
	fmt.Println(live.Alive(), live.Stuck())
	writer.Idle() // nothing to write, so nothing is missed
	fmt.Println(live.Alive(), live.Stuck())
	// Output:
	// false [writer]
	// true []
}

// found makes a check that always finds the same.
func found(s monitor.Severity, message string) func() monitor.Check {
	return func() monitor.Check { return monitor.Check{Severity: s, Message: message} }
}

func TestVerdict(t *testing.T) {
	at := newClock()
	h := monitor.NewHealth(at.now)
	if v := h.Verdict(); v.Status != monitor.OK || len(v.Checks)+len(v.Problems) != 0 {
		t.Errorf("without checks: %+v, want ok", v)
	}
	at.advance(time.Second)
	known := started.Add(-time.Hour)
	h.Add("clock", found(monitor.OK, "steady"))
	h.Add("sync", found(monitor.Degraded, "refused"))
	h.Add("store", found(monitor.Error, "damaged"))
	h.Add("backup", func() monitor.Check {
		return monitor.Check{Name: "ours to set", Severity: monitor.Degraded, Since: known.In(time.FixedZone("CET", 3600)), Message: "old"}
	})
	h.Add("broken", func() monitor.Check { panic("no such key") })
	now := at.now()
	want := &monitor.Verdict{Status: monitor.Error, At: now, Checks: []monitor.Check{
		{Name: "clock", Message: "steady"},
		{Name: "sync", Severity: monitor.Degraded, Since: now, Message: "refused"},
		{Name: "store", Severity: monitor.Error, Since: now, Message: "damaged"},
		{Name: "backup", Severity: monitor.Degraded, Since: known, Message: "old"},
		{Name: "broken", Severity: monitor.Degraded, Since: now, Message: "the check itself broke: no such key"},
	}}
	for _, i := range []int{2, 3, 4, 1} {
		want.Problems = append(want.Problems, want.Checks[i])
	}
	if diff := cmp.Diff(want, h.Verdict()); diff != "" {
		t.Errorf("Verdict() (-want +got):\n%s", diff)
	}
}

// TestSince has trouble begin, stay and go: it is dated from its beginning, and
// anew when it comes back.
func TestSince(t *testing.T) {
	at := newClock()
	h := monitor.NewHealth(at.now)
	severity := monitor.OK
	h.Add("disk", func() monitor.Check { return monitor.Check{Severity: severity} })
	tests := []struct {
		severity monitor.Severity
		want     time.Duration // since, by minute of the test; -1 = no trouble
	}{
		{monitor.OK, -1}, {monitor.Degraded, 1}, {monitor.Degraded, 1}, {monitor.Error, 1}, {monitor.OK, -1}, {monitor.Degraded, 5},
	}
	for i, tt := range tests {
		severity = tt.severity
		got := h.Verdict().Checks[0].Since
		if tt.want < 0 && !got.IsZero() || tt.want >= 0 && !got.Equal(started.Add(tt.want*time.Minute)) {
			t.Errorf("minute %d, %v: since %v, want minute %d", i, tt.severity, got, tt.want)
		}
		at.advance(time.Minute)
	}
}

// TestVerdictIsKept asks often: checks run once a second, and again at once
// when the wall clock was set back.
func TestVerdictIsKept(t *testing.T) {
	at := newClock()
	h := monitor.NewHealth(at.now)
	var ran int
	h.Add("count", func() monitor.Check { ran++; return monitor.Check{} })
	for _, step := range []time.Duration{0, 0, 999 * time.Millisecond, time.Millisecond, -time.Hour} {
		at.advance(step)
		h.Verdict()
	}
	if ran != 3 {
		t.Errorf("the check ran %d times, want 3", ran)
	}
	if n := testing.AllocsPerRun(100, func() { h.Verdict() }); n != 0 {
		t.Errorf("a kept verdict allocates %v times, want 0", n)
	}
}

// TestHangingCheck has one check that does not come back: it is waited for
// once, keeps no other from being seen, is dated, and is over when it answers.
func TestHangingCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := monitor.NewHealth(time.Now)
		hang := make(chan struct{})
		var runs atomic.Int32
		h.Add("disk", func() monitor.Check { runs.Add(1); <-hang; return monitor.Check{} })
		h.Add("sync", found(monitor.Degraded, "refused"))
		began := time.Now()
		v := h.Verdict()
		if waited := time.Since(began); waited != 2*time.Second {
			t.Errorf("waited %v for a check that hangs, want 2s", waited)
		}
		want := []monitor.Check{
			{Name: "disk", Severity: monitor.Degraded, Since: began.UTC(),
				Message: "the check has not answered since " + began.UTC().Format(time.TimeOnly) + " UTC: what it looks at hangs"},
			{Name: "sync", Severity: monitor.Degraded, Since: began.UTC(), Message: "refused"},
		}
		if diff := cmp.Diff(want, v.Checks); diff != "" {
			t.Errorf("while it hangs (-want +got):\n%s", diff)
		}
		time.Sleep(time.Minute)
		again := time.Now()
		if diff := cmp.Diff(want, h.Verdict().Checks); diff != "" || time.Since(again) != 0 || runs.Load() != 1 {
			t.Errorf("a minute on: waited %v, %d runs, want 0, 1 (-want +got):\n%s", time.Since(again), runs.Load(), diff)
		}
		close(hang)
		synctest.Wait()
		time.Sleep(time.Second)
		if v := h.Verdict(); v.Checks[0] != (monitor.Check{Name: "disk"}) {
			t.Errorf("after it answered: %+v, want nothing wrong", v.Checks[0])
		}
		h.Wait()
	})
}

// TestVerdictWhileEvaluating answers others from the last evaluation while one
// is under way.
func TestVerdictWhileEvaluating(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := monitor.NewHealth(time.Now)
		slow := false
		h.Add("slow", func() monitor.Check {
			if slow {
				time.Sleep(1500 * time.Millisecond)
			}
			return monitor.Check{}
		})
		first := h.Verdict()
		slow = true
		time.Sleep(time.Second)
		var wg sync.WaitGroup
		wg.Go(func() { h.Verdict() })
		synctest.Wait()
		began := time.Now()
		if got := h.Verdict(); got != first || time.Since(began) != 0 {
			t.Errorf("waited %v for an evaluation under way, want the last answer at once", time.Since(began))
		}
		wg.Wait()
		h.Wait()
	})
}

func TestSeverityText(t *testing.T) {
	for _, s := range []monitor.Severity{monitor.OK, monitor.Degraded, monitor.Error} {
		text, err := json.Marshal(s)
		var back monitor.Severity
		if err != nil || json.Unmarshal(text, &back) != nil || back != s {
			t.Errorf("%v: written as %s (%v), read back as %v", s, text, err, back)
		}
	}
	if err := new(monitor.Severity).UnmarshalText([]byte("fine")); err == nil {
		t.Error(`"fine" was read, want an error`)
	}
}

// TestLiveness has a stuck writer stop the answer for the watchdog; a slow one
// does not.
func TestLiveness(t *testing.T) {
	at := newClock()
	live := monitor.NewLiveness(at.elapsed)
	if !live.Alive() {
		t.Error("without heartbeats: dead, want alive")
	}
	writer := live.Heartbeat("writer", 30*time.Second)
	reader := live.Heartbeat("probe", 10*time.Second)
	steps := []struct {
		name  string
		do    func()
		after time.Duration
		want  []string
	}{
		{"just added", func() {}, 0, nil},
		{"at the limit", func() {}, 10 * time.Second, nil},
		{"beyond it", func() {}, 1, []string{"probe"}},
		{"a sign", reader.Beat, 0, nil},
		{"a slow writer", func() { writer.Beat(); reader.Idle() }, 30 * time.Second, nil},
		{"a stuck writer", func() {}, 1, []string{"writer"}},
		{"nothing left to write", writer.Idle, time.Hour, nil},
		{"work arrives", writer.Beat, 30 * time.Second, nil},
		{"both stuck", reader.Beat, time.Minute, []string{"probe", "writer"}},
	}
	for _, s := range steps {
		s.do()
		at.advance(s.after)
		if diff := cmp.Diff(s.want, live.Stuck()); diff != "" || live.Alive() != (s.want == nil) {
			t.Errorf("%s: alive %v (-want +got):\n%s", s.name, live.Alive(), diff)
		}
	}
	var none *monitor.Heartbeat
	none.Beat()
	none.Idle()
}

func TestGrowth(t *testing.T) {
	tests := []struct {
		name   string
		value  func(minute int) int
		rising bool
	}{
		{"steady", func(int) int { return 400 }, false},
		{"a leak", func(m int) int { return 100 + 2*m }, true},
		{"a leak under a load that comes and goes", func(m int) int { return 100 + 2*m + 300*(m%10/5) }, true},
		{"a load that comes and goes", func(m int) int { return 100 + 10*(m%35) }, false},
		{"a slow rise", func(m int) int { return 100 + m/3 }, false},
		{"a rise of a small number", func(m int) int { return 4 + m/10 }, false},
		{"a rise of a large number", func(m int) int { return 100_000 + 5*m }, false},
		{"a step", func(m int) int { return 100 + 200*(m/40) }, false},
		{"a fall", func(m int) int { return 1000 - 5*m }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := monitor.NewGrowth("open files")
			if c := g.Check(); c.Severity != monitor.OK {
				t.Errorf("at first: %v, want ok", c)
			}
			for m := range 75 {
				g.Add(time.Duration(m)*time.Minute, tt.value(m))
			}
			c := g.Check()
			if (c.Severity == monitor.Degraded) != tt.rising || tt.rising != strings.HasPrefix(c.Message, "open files: ") {
				t.Errorf("after 75 minutes: %v %q, want rising %v", c.Severity, c.Message, tt.rising)
			}
		})
	}
}
