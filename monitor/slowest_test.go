package monitor_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"qslbox/monitor"
)

var ignoreEnd = cmpopts.IgnoreUnexported(monitor.SlowCall{})

func TestSlowest(t *testing.T) {
	const ms = time.Millisecond
	m, at := newMonitor(t)
	op := m.Operation(monitor.Query, "award/dxcc")
	at.advance(10 * time.Second)
	op.ObserveDetail(40*ms, nil, "by band")
	op.Observe(999*time.Microsecond, nil) // below Keep
	at.advance(2 * time.Minute)
	op.ObserveDetail(300*ms, errors.New("failed"), "all")
	m.Observe(monitor.Request, "GET /", 700*ms, nil)
	want := []monitor.SlowCall{
		{Operation: "award/dxcc", Duration: 300 * ms, At: started.Add(130 * time.Second), Detail: "all", Failed: true},
		{Operation: "award/dxcc", Duration: 40 * ms, At: started.Add(10 * time.Second), Detail: "by band"},
	}
	if diff := cmp.Diff(want, m.Slowest(monitor.Query), ignoreEnd); diff != "" {
		t.Errorf("Slowest(Query) (-want +got):\n%s", diff)
	}
	want = []monitor.SlowCall{{Operation: "GET /", Kind: monitor.Request, Duration: 700 * ms, At: started.Add(130 * time.Second)}, want[0]}
	if diff := cmp.Diff(want, m.SlowCalls(100*ms), ignoreEnd); diff != "" {
		t.Errorf("SlowCalls(100ms) (-want +got):\n%s", diff)
	}
	if got := m.SlowCalls(700 * ms); len(got) != 0 {
		t.Errorf("SlowCalls(700ms) = %v, want only longer ones", got)
	}
}

// TestSlowestOfTheHour sees calls leave after an hour, and no other go missing
// for them.
func TestSlowestOfTheHour(t *testing.T) {
	m, at := newMonitor(t)
	op := m.Operation(monitor.Query, "q")
	for minute := range 120 {
		for i := range 30 { // the slowest ten of each minute, in no order
			op.Observe(time.Duration(120-minute)*time.Second+time.Duration(i*7%30)*time.Millisecond, nil)
		}
		at.advance(time.Minute)
	}
	var got []string
	for _, c := range m.Slowest(monitor.Query) {
		got = append(got, c.Duration.String())
	}
	// Minute 60 ended just an hour ago: minute 61 has the slowest left.
	var want []string
	for i := range monitor.SlowestKept {
		want = append(want, (59*time.Second + time.Duration(29-i)*time.Millisecond).String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("two hours on (-want +got):\n%s", diff)
	}
	if n := len(m.SlowCalls(0)); n != 59*monitor.SlowestKept {
		t.Errorf("%d calls of the hour are known, want %d", n, 59*monitor.SlowestKept)
	}
	at.advance(2 * time.Hour)
	if got := m.Slowest(monitor.Query); len(got) != 0 {
		t.Errorf("when nothing happened: %v, want none", got)
	}
}

func TestSlowestUnderWriters(t *testing.T) {
	m, _ := newMonitor(t)
	op := m.Operation(monitor.Query, "q")
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 500 {
				op.Observe(time.Second+time.Duration(i*8+w), nil)
				_ = m.Slowest(monitor.Query)
			}
		})
	}
	wg.Wait()
	for i, c := range m.Slowest(monitor.Query) {
		if want := time.Second + time.Duration(3999-i); c.Duration != want {
			t.Errorf("place %d: %v, want %v", i, c.Duration, want)
		}
	}
}

func TestDetailIsCut(t *testing.T) {
	tests := []struct{ name, detail, want string }{
		{"short", "by band", "by band"},
		{"just fits", strings.Repeat("x", 200), strings.Repeat("x", 200)},
		{"too long", strings.Repeat("x", 500), strings.Repeat("x", 200)},
		{"between characters", strings.Repeat("x", 199) + "über", strings.Repeat("x", 199)},
		{"not text at all", strings.Repeat("\x80", 300), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, _ := newMonitor(t)
			m.Operation(monitor.Query, "q").ObserveDetail(time.Second, nil, tt.detail)
			if got := m.Slowest(monitor.Query)[0].Detail; got != tt.want || !utf8.ValidString(got) {
				t.Errorf("kept %q, want %q", got, tt.want)
			}
		})
	}
}

func ExampleMonitor_SlowCalls() {
	at := newClock()
	m, err := monitor.New(monitor.Config{Now: at.now, Elapsed: at.elapsed})
	if err != nil {
		fmt.Println(err)
		return
	}
	m.Observe(monitor.Query, "map", 90*time.Millisecond, nil)
	m.Observe(monitor.Request, "GET /api/stats", 260*time.Millisecond, nil)
	for _, c := range m.SlowCalls(100 * time.Millisecond) {
		fmt.Println(c.At.Format(time.TimeOnly), c.Kind, c.Operation, c.Duration)
	}
	// Output: 15:00:00 request GET /api/stats 260ms
}
