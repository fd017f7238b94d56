package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"sync"
	"text/tabwriter"
	"time"
)

// loadOptions are what can be said behind `load`.
type loadOptions struct {
	size, readers   int
	duration, think time.Duration
	small           bool
}

// seen is what a reader looks at, in turn.
var seen = []string{"/", "/awards", "/awards/dxcc", "/log?call=DL1*", "/log?band=20m&mode=CW", "/api/stats", "/api/health"}

const (
	qsoEvery  = time.Second
	syncEvery = 20 * time.Second
)

// load has many readers look at the program while QSOs arrive and a sync runs,
// and prints what they met.
func load(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	var o loadOptions
	flags := flag.NewFlagSet("load", flag.ExitOnError)
	flags.IntVar(&o.size, "n", 100_000, "number of QSOs in the log")
	flags.IntVar(&o.readers, "readers", 200, "readers at the same time")
	flags.DurationVar(&o.duration, "duration", 5*time.Minute, "how long they read")
	flags.DurationVar(&o.think, "think", time.Second, "how long a reader looks at a page; 0 asks as fast as it can")
	flags.BoolVar(&o.small, "small", false, "hold the service to a small machine")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l, err := newLab(ctx, o.small, stderr)
	if err != nil {
		return err
	}
	defer func() { cancel(); err = errors.Join(err, l.close()) }()
	if err := l.furnish(ctx, o.size, stderr); err != nil {
		return err
	}
	if err := l.start(ctx); err != nil {
		return err
	}
	for _, path := range seen { // the columns are there, everybody's first page has been made
		if _, err := l.get(ctx, path); err != nil {
			return err
		}
	}
	fmt.Fprintf(stderr, "%d readers for %s ...\n", o.readers, o.duration)
	before := usageOf(l.p.service.Pid)
	start, err := l.health(ctx)
	if err != nil {
		return err
	}
	r, err := l.run(ctx, o)
	if err != nil {
		return err
	}
	r.start = start
	r.memory.written -= before.written
	r.memory.cpu -= before.cpu
	return r.print(ctx, stdout, l, o)
}

// result is what the readers met.
type result struct {
	mu     sync.Mutex
	took   map[string][]time.Duration
	errors map[string]int
	first  error

	start         *health // before the readers came
	elapsed       time.Duration
	posted, syncs int
	memory        usage
	highest       float64 // MiB, without mapped files
}

func (r *result) note(path string, took time.Duration, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.took[path] = append(r.took[path], took)
	if err != nil {
		r.errors[path]++
		if r.first == nil {
			r.first = err
		}
	}
}

// run lets them read until the time is over.
func (l *lab) run(ctx context.Context, o loadOptions) (*result, error) {
	r := &result{took: map[string][]time.Duration{}, errors: map[string]int{}}
	ctx, cancel := context.WithTimeout(ctx, o.duration)
	defer cancel()
	began := time.Now()
	var all sync.WaitGroup
	for i := range o.readers {
		all.Go(func() {
			wait(ctx, o.think*time.Duration(i)/time.Duration(o.readers)) // they do not breathe in step
			for n := i; ctx.Err() == nil; n++ {
				path := seen[n%len(seen)]
				asked := time.Now()
				_, err := l.get(ctx, path)
				if ctx.Err() == nil {
					r.note(path, time.Since(asked), err)
				}
				wait(ctx, o.think)
			}
		})
	}
	all.Go(func() {
		r.posted = l.every(ctx, qsoEvery, func(n int) error { return r.timed("POST /api/qsos", func() error { return l.post(ctx, n) }) })
	})
	all.Go(func() { r.syncs = l.every(ctx, syncEvery, func(int) error { return l.sync(ctx) }) })
	all.Go(func() {
		l.every(ctx, time.Second, func(int) error {
			r.highest = max(r.highest, usageOf(l.p.service.Pid).anonymous)
			return nil
		})
	})
	all.Wait()
	r.elapsed, r.memory = time.Since(began), usageOf(l.p.service.Pid)
	select {
	case err := <-l.ended:
		return nil, fmt.Errorf("the service ended: %w", err)
	default:
		return r, nil
	}
}

func (r *result) timed(what string, fn func() error) error {
	began := time.Now()
	err := fn()
	if !errors.Is(err, context.DeadlineExceeded) {
		r.note(what, time.Since(began), err)
	}
	return err
}

// every does something at each tick, and counts what went well.
func (l *lab) every(ctx context.Context, tick time.Duration, fn func(n int) error) (done int) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for n := 0; ; n++ {
		if fn(n) == nil {
			done++
		}
		select {
		case <-ctx.Done():
			return done
		case <-ticker.C:
		}
	}
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// health is what of GET /api/health tells how it went.
type health struct {
	Status      string
	Performance struct {
		TotalQueries                 int
		SlowQueries, CriticalQueries int
		AvgTime                      string
		TopSlowest                   []struct {
			Operation string
			MS        float64
			At        string
		}
	}
	Cache      struct{ HitRate string }
	Operations []struct {
		Name, Kind, Rating string
		Count              int
		P50, P95, P99, Max float64
	}
}

// health asks the service how it is.
func (l *lab) health(ctx context.Context) (*health, error) {
	body, err := l.get(ctx, "/api/health")
	if err != nil {
		return nil, err
	}
	h := &health{}
	return h, json.Unmarshal(body, h)
}

// print shows the table, and what the program says of itself.
func (r *result) print(ctx context.Context, w io.Writer, l *lab, o loadOptions) error {
	h, err := l.health(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%d QSOs, %d readers, one page each %s, %s; %s; limits: %s\n\n", o.size, o.readers, o.think, r.elapsed.Round(time.Second), machine(), l.p.cage)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "| what\t| answers\t| a second\t| P50 ms\t| P95 ms\t| P99 ms\t| max ms\t| errors\t|")
	fmt.Fprintln(t, "|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|")
	var total []time.Duration
	failed := 0
	for _, path := range append(seen[:len(seen):len(seen)], "POST /api/qsos") {
		line(t, "`"+path+"`", r.took[path], r.errors[path], r.elapsed)
		total, failed = append(total, r.took[path]...), failed+r.errors[path]
	}
	line(t, "all", total, failed, r.elapsed)
	if err := t.Flush(); err != nil {
		return err
	}
	now, then := &h.Performance, &r.start.Performance
	fmt.Fprintf(w, "\nQSOs posted %d, syncs %d; queries %d (%s on average), slow %d, critical %d (and %d, %d at the start, before the readers came); hit rate %s; status %s\n",
		r.posted, r.syncs, now.TotalQueries-then.TotalQueries, now.AvgTime, now.SlowQueries-then.SlowQueries, now.CriticalQueries-then.CriticalQueries,
		then.SlowQueries, then.CriticalQueries, h.Cache.HitRate, h.Status)
	for _, op := range h.Operations {
		if op.Kind == "request" && op.Max > 100 {
			fmt.Fprintf(w, "a request over 100 ms: %s, P99 %.3g ms, at most %.3g ms of %d\n", op.Name, op.P99, op.Max, op.Count)
		}
	}
	for _, s := range h.Performance.TopSlowest {
		if s.MS > 100 {
			fmt.Fprintf(w, "slow: %s %.0f ms at %s\n", s.Operation, s.MS, s.At)
		}
	}
	fmt.Fprintf(w, "memory without mapped files: %.0f MiB at most, %.0f MiB at the end; written: %s; processor: %.2f s, %s ms an answer\n",
		r.highest, r.memory.anonymous, bytesText(r.memory.written), r.memory.cpu.Seconds(), short(milliseconds(r.memory.cpu)/float64(max(len(total), 1))))
	if r.first != nil {
		fmt.Fprintln(w, "first error:", r.first)
	}
	return nil
}

// line is one row of the table.
func line(w io.Writer, what string, took []time.Duration, failed int, over time.Duration) {
	slices.Sort(took)
	at := func(p float64) string { return short(milliseconds(percentile(took, p))) }
	fmt.Fprintf(w, "| %s\t| %d\t| %s\t| %s\t| %s\t| %s\t| %s\t| %d\t|\n",
		what, len(took), short(float64(len(took))/over.Seconds()), at(0.5), at(0.95), at(0.99), at(1), failed)
}
