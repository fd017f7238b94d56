package monitor_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/monitor"
)

func Example() {
	at := newClock()
	m, err := monitor.New(monitor.Config{Now: at.now, Elapsed: at.elapsed})
	if err != nil {
		fmt.Println(err)
		return
	}
	search := m.Operation(monitor.Query, "search") // once, where the work is done

	timer := search.Start()
	at.advance(30 * time.Millisecond) // the work
	timer.StopDetail(nil, "DL1ABC")
	search.ObserveDetail(150*time.Millisecond, errors.New("interrupted"), "W1AAA")

	s := search.Stats()
	fmt.Println(s.Count, "calls,", s.Errors, "failed, mean", s.Mean, s.Rating)
	for _, c := range m.Slowest(monitor.Query) {
		fmt.Println(c.Duration, c.Operation, c.Detail)
	}
	// Output:
	// 2 calls, 1 failed, mean 90ms GOOD
	// 150ms search W1AAA
	// 30ms search DL1ABC
}

func ExampleMonitor_Track() {
	at := newClock()
	m, err := monitor.New(monitor.Config{Now: at.now, Elapsed: at.elapsed})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = m.Track(monitor.Store, "commit", func() error {
		at.advance(600 * time.Millisecond)
		return errors.New("disk full")
	})
	t := m.Totals(monitor.Store)
	fmt.Println(err, t.Count, t.Time, t.Slow, t.Critical)
	// Output: disk full 1 600ms 1 1
}

// ExampleMonitor_Run shows the whole life of a monitor in a program.
func ExampleMonitor_Run() {
	m, err := monitor.New(monitor.Config{
		Now: time.Now, Elapsed: monitor.Monotonic(time.Now()), Version: "1.4.0",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if surplus := m.ImportBaselines(nil); len(surplus) > 0 { // those of the last run
		fmt.Println("to be forgotten:", surplus)
	}
	m.SetSize(120_000) // rows in the log, and again whenever it changed much
	ctx, stop := context.WithCancel(context.Background())
	stop() // at the end of the program
	m.Run(ctx)
	changed, _ := m.Baselines(0) // to be stored
	fmt.Println(len(changed), "baselines,", len(m.Regressions()), "regressions")
	// Output: 0 baselines, 0 regressions
}

// started is when the clock of the tests begins.
var started = time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC)

// clock is a clock that tests move.
type clock struct{ ahead atomic.Int64 }

func newClock() *clock { return &clock{} }

func (c *clock) now() time.Time          { return started.Add(c.elapsed()) }
func (c *clock) elapsed() time.Duration  { return time.Duration(c.ahead.Load()) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

// newMonitor makes a monitor on a clock of its own.
func newMonitor(tb testing.TB, change ...func(*monitor.Config)) (*monitor.Monitor, *clock) {
	tb.Helper()
	at := newClock()
	cfg := monitor.Config{Now: at.now, Elapsed: at.elapsed, Version: "1.0"}
	for _, fn := range change {
		fn(&cfg)
	}
	m, err := monitor.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return m, at
}

func TestNewNamesTheField(t *testing.T) {
	now := func() time.Time { return started }
	tests := []struct {
		name string
		cfg  monitor.Config
		want string // part of the error; "" = none
	}{
		{"only a clock", monitor.Config{Now: now}, ""},
		{"no clock", monitor.Config{}, "Now"},
		{"critical raised", monitor.Config{Now: now, Critical: time.Second}, ""},
		{"slow raised, critical follows", monitor.Config{Now: now, Slow: 2 * time.Second}, ""},
		{"slow below the shortest kept", monitor.Config{Now: now, Slow: 10 * time.Microsecond}, ""},
		{"critical below slow", monitor.Config{Now: now, Critical: 80 * time.Millisecond}, "Critical is 80ms"},
		{"critical like slow", monitor.Config{Now: now, Slow: time.Second, Critical: time.Second}, "Critical"},
		{"slow negative", monitor.Config{Now: now, Slow: -1}, "Slow"},
		{"keep above slow", monitor.Config{Now: now, Keep: time.Second}, "Keep"},
		{"operations negative", monitor.Config{Now: now, MaxOperations: -1}, "MaxOperations"},
		{"apart negative", monitor.Config{Now: now, Apart: -1}, "Apart"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := monitor.New(tt.cfg)
			if (err != nil) != (tt.want != "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("New() error = %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestElapsedFromNow(t *testing.T) {
	at := newClock()
	m, err := monitor.New(monitor.Config{Now: at.now})
	if err != nil {
		t.Fatal(err)
	}
	timer := m.Operation(monitor.Query, "q").Start()
	at.advance(7 * time.Millisecond)
	if d := timer.Stop(nil); d != 7*time.Millisecond {
		t.Errorf("Stop() = %v, want 7ms", d)
	}
}

func TestStats(t *testing.T) {
	const ms = time.Millisecond
	m, at := newMonitor(t)
	at.advance(time.Hour)
	op := m.Operation(monitor.Store, "commit")
	for _, d := range []time.Duration{40 * ms, 10 * ms, 600 * ms, 120 * ms, 20 * ms, -5 * ms} {
		var err error
		if d == 120*ms {
			err = errors.New("short write")
		}
		op.Observe(d, err)
	}
	want := monitor.Stats{
		Name: "commit", Kind: monitor.Store,
		Count: 6, Errors: 1, Sum: 790 * ms, LastError: started.Add(time.Hour),
		Last5Min: 6, LastHour: 6, ErrorsLastHour: 1, SlowLastHour: 2, CriticalLastHour: 1,
		Samples: 6, Min: 0, Max: 600 * ms, Mean: 790 * ms / 6,
		P50: 20 * ms, P95: 600 * ms, P99: 600 * ms, Rating: monitor.Slow,
	}
	if diff := cmp.Diff(want, op.Stats()); diff != "" {
		t.Errorf("Stats() (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]monitor.Stats{want}, m.Operations()); diff != "" {
		t.Errorf("Operations() (-want +got):\n%s", diff)
	}
	if got, want := op.Recent(nil), []time.Duration{40 * ms, 10 * ms, 600 * ms, 120 * ms, 20 * ms, 0}; !cmp.Equal(want, got) {
		t.Errorf("Recent() = %v, want %v", got, want)
	}
}

// TestSlowDisk puts a disk's delay into an operation: what is over a limit is
// named, what is not over it is not.
func TestSlowDisk(t *testing.T) {
	const ms = time.Millisecond
	tests := []struct {
		name           string
		delay          time.Duration
		slow, critical uint64
		rating         monitor.Rating
	}{
		{"fast", 2 * ms, 0, 0, monitor.Excellent},
		{"at the limit of slow", 100 * ms, 0, 0, monitor.Slow},
		{"120 ms", 120 * ms, 1, 0, monitor.Slow},
		{"at the limit of critical", 500 * ms, 1, 0, monitor.Critical},
		{"600 ms", 600 * ms, 1, 1, monitor.Critical},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, at := newMonitor(t)
			if err := m.Track(monitor.Store, "commit", func() error { at.advance(tt.delay); return nil }); err != nil {
				t.Fatal(err)
			}
			s := m.Operations()[0]
			got := []any{s.Name, s.SlowLastHour, s.CriticalLastHour, s.Rating, m.Totals(monitor.Store)}
			want := []any{"commit", tt.slow, tt.critical, tt.rating,
				monitor.Totals{Count: 1, Time: tt.delay, Slow: tt.slow, Critical: tt.critical}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("after one call (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(monitor.Totals{}, m.Totals(monitor.Query)); diff != "" {
				t.Errorf("queries (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCountsOfTheHour counts calls in time: each leaves after its span.
func TestCountsOfTheHour(t *testing.T) {
	m, at := newMonitor(t)
	op := m.Operation(monitor.Query, "q")
	op.Observe(time.Second, errors.New("failed"))
	type counts struct{ Five, Hour, Errors, Slow uint64 }
	tests := []struct {
		at   time.Duration
		want counts
	}{
		{0, counts{1, 1, 1, 1}},
		{4*time.Minute + 45*time.Second - 1, counts{1, 1, 1, 1}},
		{5 * time.Minute, counts{0, 1, 1, 1}},
		{59*time.Minute + 44*time.Second, counts{0, 1, 1, 1}},
		{time.Hour, counts{}},
		{26 * time.Hour, counts{}},
	}
	for _, tt := range tests {
		at.ahead.Store(int64(tt.at))
		s := op.Stats()
		if diff := cmp.Diff(tt.want, counts{s.Last5Min, s.LastHour, s.ErrorsLastHour, s.SlowLastHour}); diff != "" {
			t.Errorf("after %v (-want +got):\n%s", tt.at, diff)
		}
		if s.Count != 1 || s.Errors != 1 {
			t.Errorf("after %v: %d calls, %d errors since the start, want 1, 1", tt.at, s.Count, s.Errors)
		}
	}
	// The place of the first hour is used again.
	op.Observe(0, nil)
	if s := op.Stats(); s.LastHour != 1 || s.Last5Min != 1 || s.ErrorsLastHour != 0 {
		t.Errorf("a day later: %d in the hour, %d in 5 min, %d errors; want 1, 1, 0", s.LastHour, s.Last5Min, s.ErrorsLastHour)
	}
}

func TestTrackCountsPanics(t *testing.T) {
	m, _ := newMonitor(t)
	func() {
		defer func() {
			if r := recover(); r != "lost" {
				t.Errorf("recovered %v, want the panic itself", r)
			}
		}()
		_ = m.Track(monitor.Query, "q", func() error { panic("lost") })
	}()
	if s := m.Find("q")[0].Stats(); s.Count != 1 || s.Errors != 1 {
		t.Errorf("%d calls, %d failed, want 1, 1", s.Count, s.Errors)
	}
}

// TestNamesAreBounded floods the table: memory does not grow, no call is lost.
func TestNamesAreBounded(t *testing.T) {
	m, _ := newMonitor(t, func(c *monitor.Config) { c.MaxOperations = 3 })
	for _, name := range []string{"b", "a", "", strings.Repeat("n", 201), "other", "c"} {
		m.Observe(monitor.Request, name, time.Millisecond, nil)
	}
	for i := range 10_000 {
		m.Observe(monitor.Request, fmt.Sprint("GET /", i), time.Millisecond, nil)
	}
	m.Observe(monitor.Request, "a", time.Millisecond, nil)
	m.Observe(monitor.Kind(77), "import", time.Millisecond, nil)
	got := map[string]uint64{}
	for _, s := range m.Operations() {
		got[s.Kind.String()+" "+s.Name] = s.Count
	}
	want := map[string]uint64{"request a": 2, "request b": 1, "request c": 1, "request other": 10_003, "job import": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calls by operation (-want +got):\n%s", diff)
	}
	if a, b := m.Operation(monitor.Request, "GET /1"), m.Operation(monitor.Request, ""); a != b || a.Name() != monitor.Other {
		t.Errorf("two names without room: %q and %q, want both to share %q", a.Name(), b.Name(), monitor.Other)
	}
	name := strings.Repeat("x", 50)
	if n := testing.AllocsPerRun(100, func() { m.Observe(monitor.Request, name, 0, nil) }); n != 0 {
		t.Errorf("a name without room allocates %v times, want 0", n)
	}
}

func TestFind(t *testing.T) {
	m, _ := newMonitor(t)
	m.Operation(monitor.Job, "backup")
	m.Operation(monitor.Store, "backup")
	m.Operation(monitor.Store, "commit")
	var got []string
	for _, op := range m.Find("backup") {
		got = append(got, op.Kind().String())
	}
	if diff := cmp.Diff([]string{"store", "job"}, got); diff != "" {
		t.Errorf("Find(backup) (-want +got):\n%s", diff)
	}
	if got := m.Find("nothing"); got != nil {
		t.Errorf("Find(nothing) = %v, want none", got)
	}
}

func TestJobsAreNotRated(t *testing.T) {
	m, _ := newMonitor(t)
	m.Observe(monitor.Job, "import", time.Minute, nil)
	s := m.Operations()[0]
	if s.Rating != monitor.NotRated || s.SlowLastHour != 0 || m.Totals(monitor.Job).Slow != 0 {
		t.Errorf("a job of a minute: rating %q, %d slow; want none", s.Rating, s.SlowLastHour)
	}
	if got := m.Slowest(monitor.Job); len(got) != 1 || got[0].Duration != time.Minute {
		t.Errorf("Slowest(Job) = %v, want the job", got)
	}
}

func TestRating(t *testing.T) {
	m, _ := newMonitor(t)
	if got := m.Rating(); got != monitor.Excellent {
		t.Errorf("without calls %s, want EXCELLENT", got)
	}
	// One slow query of 20 calls among many fast ones is not the mean of means.
	for range 980 {
		m.Observe(monitor.Query, "fast", 0, nil)
	}
	for range 20 {
		m.Observe(monitor.Query, "slow", 4*time.Second, nil)
	}
	if got := m.Rating(); got != monitor.Good { // 80 ms
		t.Errorf("all queries together %s, want GOOD", got)
	}
	for d, want := range map[time.Duration]monitor.Rating{
		0: "EXCELLENT", 50*time.Millisecond - 1: "EXCELLENT", 50 * time.Millisecond: "GOOD",
		100 * time.Millisecond: "SLOW", 500*time.Millisecond - 1: "SLOW", 500 * time.Millisecond: "CRITICAL",
	} {
		if got := monitor.Rate(d); got != want {
			t.Errorf("Rate(%v) = %s, want %s", d, got, want)
		}
	}
}

func TestKindText(t *testing.T) {
	for _, k := range monitor.Kinds() {
		text, err := k.MarshalText()
		var back monitor.Kind
		if err != nil || back.UnmarshalText(text) != nil || back != k {
			t.Errorf("%v: written as %q (%v), read back as %v", k, text, err, back)
		}
	}
	if _, err := monitor.Kind(9).MarshalText(); err == nil || monitor.Kind(9).String() != "kind(9)" {
		t.Errorf("Kind(9) is %q, with error %v", monitor.Kind(9), err)
	}
	if err := new(monitor.Kind).UnmarshalText([]byte("Query")); err == nil {
		t.Error(`"Query" was read, want an error: names are in lower case`)
	}
}

// TestNilMeasuresNothing lets a part of the program run without a monitor.
func TestNilMeasuresNothing(t *testing.T) {
	var m *monitor.Monitor
	op := m.Operation(monitor.Query, "q")
	op.Start().Stop(nil)
	op.Observe(1, nil)
	m.Observe(monitor.Query, "q", 1, nil)
	if err := m.Track(monitor.Query, "q", func() error { return context.Canceled }); !errors.Is(err, context.Canceled) {
		t.Errorf("Track() = %v, want the function's error", err)
	}
	m.SetSize(5)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	m.Run(ctx)
	changed, _ := m.Baselines(0)
	got := []any{
		op.Stats(), op.Name(), op.Kind(), len(op.Recent(nil)), op.Histogram().Count, len(m.All()), len(m.Operations()), len(m.Find("q")),
		m.Totals(monitor.Query), m.Rating(), len(m.Slowest(monitor.Query)), len(m.SlowCalls(0)), len(m.Regressions()),
		len(m.ImportBaselines(nil)), len(changed), len(m.ForgetBaselines(monitor.Query, "q")),
		m.Gauge("g", nil), len(m.Gauges()), len(m.Series("g")), m.CheckPauses(),
	}
	want := []any{
		monitor.Stats{}, "", monitor.Query, 0, uint64(0), 0, 0, 0,
		monitor.Totals{}, monitor.Excellent, 0, 0, 0, 0, 0, 0, nil, 0, 0, monitor.Check{},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a nil monitor (-want +got):\n%s", diff)
	}
}
