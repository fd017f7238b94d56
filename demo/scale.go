package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"qslbox/qso/qsotest"
	"qslbox/syncers/lotw/lotwtest"
)

// A point is what a log of one size costs.
type point struct {
	size int
	cost map[string]float64
}

// costs are what is measured, in the order of the table.
var costs = []struct{ name, what, unit string }{
	{"import", "import, durable", "s"},
	{"import-memory", "peak memory of an import", "MiB"},
	{"import-written", "written by an import", "B/QSO"},
	{"stored", "stored", "B/QSO"},
	{"start", "exec to first statistics", "ms"},
	{"columns", "exec to columns ready", "ms"},
	{"memory", "memory without mapped files, at rest", "MiB"},
	{"dashboard", "dashboard page, from snapshots", "ms"},
	{"statistics", "statistics from scratch, a filter", "ms"},
	{"award", "award DXCC from scratch, a filter", "ms"},
	{"refresh", "one QSO posted until the statistics show it", "ms"},
	{"post-written", "written by one QSO posted", "KiB"},
	{"sync", "sync of 1,000 confirmations", "ms"},
	{"sync-written", "written by such a confirmation", "KiB"},
}

const (
	confirmations = 1000 // in one sync
	syncsMeasured = 3
	postsMeasured = 30
)

// scaleOptions are what can be said behind `scale`.
type scaleOptions struct {
	sizes   string
	rounds  int
	settle  time.Duration
	picture string
	small   bool
}

// scale measures one log size after the other, each in an appliance of its
// own, and fits how the costs grow.
func scale(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o scaleOptions
	flags := flag.NewFlagSet("scale", flag.ExitOnError)
	flags.StringVar(&o.sizes, "sizes", "10000,30000,100000,300000,1000000", "numbers of QSOs")
	flags.IntVar(&o.rounds, "rounds", 5, "how often each thing is done; the median counts")
	flags.DurationVar(&o.settle, "settle", time.Minute, "rest before the memory is read")
	flags.StringVar(&o.picture, "svg", "", "file for the picture of the curves")
	flags.BoolVar(&o.small, "small", false, "hold the program to a small machine")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var points []point
	var limits string
	for text := range strings.SplitSeq(o.sizes, ",") {
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("sizes: %w", err)
		}
		fmt.Fprintf(stderr, "%d QSOs ...\n", n)
		cost, held, err := measure(ctx, n, o, stderr)
		if err != nil {
			return fmt.Errorf("%d QSOs: %w", n, err)
		}
		points, limits = append(points, point{n, cost}), held
	}
	fmt.Fprintf(stdout, "\n%s; limits: %s\n\n", machine(), limits)
	printCurves(stdout, points)
	if o.picture == "" {
		return nil
	}
	return os.WriteFile(o.picture, curves(points), 0o644)
}

// measure builds an appliance with a log of one size and takes all figures.
func measure(ctx context.Context, size int, o scaleOptions, stderr io.Writer) (cost map[string]float64, limits string, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l, err := newLab(ctx, o.small, stderr)
	if err != nil {
		return nil, "", err
	}
	defer func() { cancel(); err = errors.Join(err, l.close()) }()
	s := &surveyor{lab: l, size: size, rounds: o.rounds, cost: map[string]float64{}}
	log := qsotest.Options{N: size, Seed: 1, End: time.Now()}
	for _, step := range []func(context.Context) error{
		func(ctx context.Context) error { return s.imported(ctx, log) },
		func(ctx context.Context) error { return s.fakeLoTW(ctx, log) },
		s.starts, s.pages, s.posts, s.syncs,
		func(ctx context.Context) error {
			wait(ctx, o.settle)
			s.cost["memory"] = usageOf(l.p.service.Pid).anonymous
			return ctx.Err()
		},
		func(context.Context) error { return l.stop() },
	} {
		if err := step(ctx); err != nil {
			return nil, "", err
		}
	}
	return s.cost, l.p.cage.String(), nil
}

// surveyor takes the figures of one appliance.
type surveyor struct {
	*lab
	size, rounds int
	cost         map[string]float64
	lotw         *lotwtest.Server
	posted       int
}

// imported imports the log into a new appliance, some times.
func (s *surveyor) imported(ctx context.Context, log qsotest.Options) error {
	file := filepath.Join(s.p.dir, "log.adi")
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := errors.Join(qsotest.Write(f, log), f.Close()); err != nil {
		return err
	}
	runtime.GC() // a child starts with the peak of its parent
	s.p.env = s.p.cage.environment()
	var seconds, memory, written []float64
	for range s.rounds {
		if err := os.RemoveAll(filepath.Join(s.p.dir, "data")); err != nil {
			return err
		}
		cmd := s.p.prepare(ctx, "import", file)
		cmd.Stderr = os.Stderr
		began := time.Now()
		if err := cmd.Start(); err != nil {
			return err
		}
		if err := errors.Join(s.p.cage.take(cmd.Process.Pid), cmd.Wait()); err != nil {
			return err
		}
		seconds = append(seconds, time.Since(began).Seconds())
		if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			memory = append(memory, float64(u.Maxrss)/1024)
			written = append(written, float64(u.Oublock)*512/float64(s.size))
		}
	}
	s.cost["import"], s.cost["import-memory"], s.cost["import-written"] = middle(seconds), middle(memory), middle(written)
	var stat syscall.Stat_t
	if err := syscall.Stat(filepath.Join(s.p.dir, "data", "qslbox.db"), &stat); err != nil {
		return err
	}
	s.cost["stored"] = float64(stat.Blocks) * 512 / float64(s.size)
	return nil
}

// fakeLoTW serves QSOs of the log that LoTW has not confirmed yet, spread over
// it, and sets the account.
func (s *surveyor) fakeLoTW(ctx context.Context, log qsotest.Options) error {
	password := "demo"
	s.lotw = lotwtest.New(lotwtest.Options{Login: lotwLogin, Password: password, Now: time.Now})
	wanted, open := confirmations*syncsMeasured, 0
	step := max(1, s.size/wanted/3)
	for e := range qsotest.Each(log) {
		if e.OwnCall != qsotest.OwnCall || !e.Confirmed.LoTW.IsZero() {
			continue
		}
		if open++; open%step == 0 {
			s.lotw.Add(lotwQSO(&e))
		}
	}
	url, server, err := serveLoopback(s.lotw)
	if err != nil {
		return err
	}
	s.fakes = &fakes{lotwSrv: server}
	s.p.env = append(s.p.env, "QSLBOX_LOTW_URL="+url)
	secret := filepath.Join(s.p.dir, "secret")
	if err := os.WriteFile(secret, []byte(password+"\n"), 0o600); err != nil {
		return err
	}
	if err := s.unlock(ctx); err != nil {
		return err
	}
	_, err = s.p.command(ctx, "account", "set", "lotw", "--login", lotwLogin, "--password-file", secret, "--no-import-missing")
	return err
}

// starts measures starts after a clean stop; the last one stays.
func (s *surveyor) starts(ctx context.Context) error {
	var first, columns []float64
	for i := range s.rounds + 1 {
		began := time.Now()
		if err := s.start(ctx); err != nil {
			return err
		}
		if _, err := s.get(ctx, "/api/stats"); err != nil {
			return err
		}
		answered := time.Since(began)
		if _, err := s.get(ctx, "/api/stats?from=1931-01-01"); err != nil { // not kept: waits for the columns
			return err
		}
		if i > 0 { // the one before stored its snapshots
			first, columns = append(first, milliseconds(answered)), append(columns, milliseconds(time.Since(began)))
		}
		if i == s.rounds {
			break
		}
		if err := s.stop(); err != nil {
			return err
		}
	}
	s.cost["start"], s.cost["columns"] = middle(first), middle(columns)
	return nil
}

// pages measures answers from snapshots, and from scratch for a filter that
// nobody has asked for and that everything passes.
func (s *surveyor) pages(ctx context.Context) error {
	day := 0
	for name, path := range map[string]func() string{
		"dashboard":  func() string { return "/" },
		"statistics": func() string { day++; return "/api/stats?from=" + unused(day) },
		"award":      func() string { day++; return "/api/awards/dxcc?from=" + unused(day) },
	} {
		if err := s.median(name, 3*s.rounds, func() error { _, err := s.get(ctx, path()); return err }); err != nil {
			return err
		}
	}
	return nil
}

// unused is a day before all QSOs, another one for each n.
func unused(n int) string {
	return time.Date(1932, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n).Format(time.DateOnly)
}

func (s *surveyor) median(name string, n int, fn func() error) error {
	var took []float64
	for range n {
		began := time.Now()
		if err := fn(); err != nil {
			return err
		}
		took = append(took, milliseconds(time.Since(began)))
	}
	s.cost[name] = middle(took)
	return nil
}

// posts measures single QSOs: until the statistics show one, and what a row of
// them writes.
func (s *surveyor) posts(ctx context.Context) error {
	total := func() (n int, err error) {
		body, err := s.get(ctx, "/api/stats")
		var t struct{ Total int }
		return t.Total, errors.Join(err, json.Unmarshal(body, &t))
	}
	before, err := total()
	if err != nil {
		return err
	}
	if err := s.median("refresh", 2*s.rounds, func() error {
		s.posted++
		if err := s.post(ctx, s.posted); err != nil {
			return err
		}
		n, err := total()
		if err == nil && n != before+s.posted {
			err = fmt.Errorf("statistics show %d QSOs after %d + %d", n, before, s.posted)
		}
		return err
	}); err != nil {
		return err
	}
	written := usageOf(s.p.service.Pid).written
	for range postsMeasured {
		s.posted++
		if err := s.post(ctx, s.posted); err != nil {
			return err
		}
	}
	s.cost["post-written"] = float64(usageOf(s.p.service.Pid).written-written) / postsMeasured / 1024
	return nil
}

// syncs measures syncs of a thousand new confirmations each.
func (s *surveyor) syncs(ctx context.Context) error {
	if err := s.sync(ctx); err != nil { // the first one, which brings nothing yet
		return err
	}
	var took, written []float64
	for range syncsMeasured {
		if n := len(s.lotw.ConfirmNext(confirmations)); n != confirmations {
			return fmt.Errorf("the fake LoTW has %d QSOs to confirm, %d are wanted", n, confirmations)
		}
		wrote, began := usageOf(s.p.service.Pid).written, time.Now()
		if err := s.sync(ctx); err != nil {
			return err
		}
		took = append(took, milliseconds(time.Since(began)))
		run, err := s.lastRun(ctx)
		if err != nil {
			return err
		}
		if run.Updated < confirmations*9/10 {
			return fmt.Errorf("a sync updated %d QSOs of %d", run.Updated, confirmations)
		}
		written = append(written, float64(usageOf(s.p.service.Pid).written-wrote)/confirmations/1024)
	}
	s.cost["sync"], s.cost["sync-written"] = middle(took), middle(written)
	_, err := s.ask(ctx, http.MethodGet, "/api/stats", nil)
	return err
}
