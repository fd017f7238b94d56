package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"qslbox/monitor"
	"qslbox/qso"
	"qslbox/qso/dxcc"
	"qslbox/stats"
	"qslbox/store"
	"qslbox/syncers"
	"qslbox/webui"
	"qslbox/webui/access"
)

const dataFileName = store.FileName

// applianceConfig says what to build.
type applianceConfig struct {
	dir    string
	env    environment
	serve  serveCommand
	log    *slog.Logger
	create bool // an empty directory becomes a data directory
	// service says that this is the service: schedules run. A command runs
	// nothing by itself.
	service bool
	address func() string // where a browser finds us
	// unmeasured switches the monitor off, to see what it costs.
	unmeasured bool
}

// appliance is everything joined: the store, the snapshots, the syncs, the
// monitor and the web server around them.
type appliance struct {
	cfg       applianceConfig
	store     *store.Store
	monitor   *monitor.Monitor
	health    *monitor.Health
	liveness  *monitor.Liveness
	keeper    *stats.Keeper
	gate      *access.Gate
	scheduler *syncers.Scheduler
	sources   map[qso.Source]*syncers.Syncer
	table     *dxcc.Table
	awards    *ownAwards
	web       *webui.Server
	started   time.Time
	elapsed   func() time.Duration

	stop  context.CancelFunc
	ended <-chan struct{} // closed when close begins
	loops sync.WaitGroup
	clock clockWatch

	thrift thrift

	prober            *prober
	first             atomic.Pointer[time.Time] // when there was the first QSO, once known
	goroutines, files *monitor.Growth
	backups           backups
	scrubbed          atomic.Int64 // how far a scrub is; 0: none runs
}

// openAppliance builds the appliance on a data directory and starts its loops.
func openAppliance(ctx context.Context, cfg applianceConfig) (_ *appliance, err error) {
	if cfg.log == nil {
		cfg.log = slog.New(slog.DiscardHandler)
	}
	a := &appliance{cfg: cfg, started: cfg.env.now(), goroutines: monitor.NewGrowth("goroutines"), files: monitor.NewGrowth("open files")}
	a.elapsed = monitor.Monotonic(a.started)
	a.clock.seen(a.started, 0)
	if slow, critical := cfg.serve.SlowQuery, cfg.serve.CriticalQuery; cfg.service && (slow <= 0 || critical <= slow) {
		return nil, usageError{fmt.Errorf("--slow-query %s must be above 0, and --critical-query %s above it", slow, critical)}
	}
	a.monitor, err = monitor.New(monitor.Config{
		Now: cfg.env.now, Elapsed: a.elapsed, Slow: cfg.serve.SlowQuery, Critical: cfg.serve.CriticalQuery, Version: version(),
	})
	if err != nil {
		return nil, err
	}
	if !cfg.service && endedUncleanly(cfg.dir) {
		if _, err := checkData(ctx, cfg.env, filepath.Join(cfg.dir, dataFileName)); err != nil {
			return nil, storeError(err)
		}
	}
	if err := missing(cfg); err != nil {
		return nil, storeError(err)
	}
	marked := mark(cfg.dir)
	if cfg.unmeasured {
		a.monitor = nil
	}
	var keeper atomic.Pointer[stats.Keeper]
	a.store, err = openStore(ctx, cfg, store.Config{
		Dir: cfg.dir, Now: cfg.env.now, Log: cfg.log, Monitor: a.monitor, Create: cfg.create,
		Changed: func(logbook string) {
			if k := keeper.Load(); k != nil {
				k.Changed(logbook)
			}
		},
	})
	if err != nil {
		if marked && !isTrouble(err) {
			unmark(cfg.dir)
		}
		return nil, storeError(err)
	}
	a.clock.seen(a.newestRecord(), 0)
	a.prober = &prober{store: a.store, elapsed: a.elapsed}
	mark(cfg.dir) // a first start had no directory before
	a.backups.a = a
	opened := a.elapsed()
	a.monitor.Observe(monitor.Job, "start: open the data", opened, nil)
	if err := a.join(); err != nil {
		return nil, errors.Join(err, a.closeStore())
	}
	a.monitor.Observe(monitor.Job, "start: join the parts", a.elapsed()-opened, nil)
	keeper.Store(a.keeper)
	inner, stop := context.WithCancel(context.WithoutCancel(ctx))
	a.stop, a.ended = stop, inner.Done()
	a.start(inner)
	return a, nil
}

// storeError gives the errors of opening the data their exit codes.
func storeError(err error) error {
	switch {
	case errors.Is(err, store.ErrLocked):
		return codedError{exitBusy, err}
	case errors.Is(err, store.ErrDamaged), errors.Is(err, store.ErrNewerSchema), errors.Is(err, errMissing):
		return codedError{exitDamaged, err}
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w: the data may not be read and written by this user: become its owner (sudo), or name another directory with --data", err)
	}
	return err
}

// join builds what stands on the store.
func (a *appliance) join() error {
	var err error
	if a.table, err = countryTable(a.cfg.dir, a.cfg.log); err != nil {
		return err
	}
	if a.awards, err = newOwnAwards(a.cfg.dir, a.table, a.cfg.log); err != nil {
		return err
	}
	a.awardsChanged(context.Background())
	entities, ok := a.awards.set().Get("dxcc")
	if !ok {
		return errors.New("the award dxcc is missing")
	}
	a.keeper, err = stats.NewKeeper(stats.Config{
		Source: a.store, Disk: a.store, Define: stats.Definitions(stats.NewBoard(a.table, entities), a.awards.set),
		TTL: a.cfg.serve.TTL, Now: a.cfg.env.now, Elapsed: a.elapsed, Monitor: a.monitor, Log: a.cfg.log,
	})
	if err != nil {
		return err
	}
	if a.gate, err = access.New(access.Config{Table: a.store, Now: a.cfg.env.now}); err != nil {
		return err
	}
	testers, err := a.joinSources()
	if err != nil {
		return err
	}
	a.health = monitor.NewHealth(a.cfg.env.now)
	a.liveness = monitor.NewLiveness(a.elapsed)
	a.addChecks()
	proxies, err := prefixes(a.cfg.serve.TrustedProxy)
	if err != nil {
		return usageError{err}
	}
	if base := a.cfg.serve.BasePath; base != "" && base[0] != '/' {
		return usageError{fmt.Errorf("--base-path %q has to begin with /, such as /qslbox", base)}
	}
	a.web, err = webui.New(webui.Config{
		Books: books{a}, Keeper: a.keeper, Gate: a.gate, Table: a.table, Awards: a.awards.set, Monitor: a.monitor, Health: a.health, Doctor: a,
		Writes:    a.store.Writes,
		Scheduler: a.scheduler, Syncers: a.sources, Testers: testers, Maintenance: a, SpoolDir: a.cfg.dir,
		Hosts: a.cfg.serve.Host, BasePath: a.cfg.serve.BasePath, TrustedProxies: proxies, Version: version(),
		Now: a.cfg.env.now, Started: a.started, Elapsed: a.elapsed, Log: a.cfg.log, Errors: storeErrors, Address: a.cfg.address,
	})
	return err
}

// storeErrors says how the API answers what only the store knows.
var storeErrors = map[error]webui.ErrorEntry{
	store.ErrDamaged:     {Status: http.StatusInternalServerError, Code: "damaged"},
	store.ErrNewerSchema: {Status: http.StatusInternalServerError, Code: "newer_schema"},
	store.ErrLocked:      {Status: http.StatusConflict, Code: "locked"},
	store.ErrSealingKey:  {Status: http.StatusConflict, Code: "sealing_key"},
	store.ErrDiskFull:    {Status: http.StatusInsufficientStorage, Code: "disk_full"},
	store.ErrReadOnly:    {Status: http.StatusServiceUnavailable, Code: "read_only"},
	store.ErrNotOurs:     {Status: http.StatusServiceUnavailable, Code: "read_only"},
	store.ErrDisk:        {Status: http.StatusServiceUnavailable, Code: "disk"},
	syscall.ENOSPC:       {Status: http.StatusInsufficientStorage, Code: "disk_full"},
	syscall.EROFS:        {Status: http.StatusServiceUnavailable, Code: "read_only"},
	errNoBackup:          {Status: http.StatusServiceUnavailable, Code: "no_backup"},
	errBadOperation:      {Status: http.StatusNotFound, Code: "not_found"},
}

// start runs the loops until close.
func (a *appliance) start(ctx context.Context) {
	a.loops.Go(func() { a.keeper.Run(ctx) })
	a.loops.Go(func() { a.scheduler.Run(ctx) })
	for !a.scheduler.Running() {
		time.Sleep(50 * time.Microsecond)
	}
	if !a.cfg.service {
		return
	}
	if list, err := a.store.Baselines(); err == nil {
		_ = a.store.SaveBaselines(nil, a.monitor.ImportBaselines(list))
	}
	if err := a.sealing(); err != nil {
		a.cfg.log.Error("accounts cannot be used", "err", err)
	}
	a.loops.Go(func() { syncMarker(a.cfg.dir) })
	a.addGauges()
	a.loops.Go(func() { a.monitor.Run(ctx) })
	a.loops.Go(func() { a.watch(ctx) })
	a.loops.Go(func() { a.prober.run(ctx, a.liveness.Heartbeat("writer", writeStuck)) })
	a.loops.Go(func() { a.look(ctx) })
	a.loops.Go(func() { a.awards.run(ctx, func() { a.awardsChanged(ctx) }) })
	box := &inbox{
		dir: filepath.Join(a.cfg.dir, "inbox"), log: a.cfg.log, now: a.cfg.env.now, logbooks: a.store.Logbooks, importFile: a.importFile,
	}
	if err := os.MkdirAll(box.dir, 0o700); err != nil {
		a.cfg.log.Warn("inbox cannot be made", "err", err)
	}
	a.loops.Go(func() { box.run(ctx) })
}

// close ends the loops, saves what a restart can use, and closes the store.
func (a *appliance) close() error {
	a.stop()
	a.loops.Wait()
	a.saveBaselines()
	a.keeper.Close()
	return a.closeStore()
}

// closeStore closes the data and says so.
func (a *appliance) closeStore() error {
	err := a.store.Close()
	if err == nil {
		unmark(a.cfg.dir)
	}
	return err
}

// handler serves the network, commandHandler the commands of this machine.
func (a *appliance) handler() http.Handler        { return a.web.Handler() }
func (a *appliance) commandHandler() http.Handler { return a.web.CommandHandler() }

// books is the store as the web server sees it; logbooks that come and go take
// their sync jobs along.
type books struct{ a *appliance }

func (b books) Logbooks() []string { return b.a.store.Logbooks() }

func (b books) Logbook(name string) (webui.Logbook, error) {
	l, err := b.a.store.Logbook(name)
	if err != nil {
		return nil, err
	}
	return l, nil
}

func (b books) CreateLogbook(name string) error {
	if err := b.a.store.CreateLogbook(name); err != nil {
		return err
	}
	return b.a.addJobs(name)
}

func (b books) RemoveLogbook(name string) error {
	for source := range b.a.sources {
		b.a.scheduler.Remove(syncers.JobName(name, source))
	}
	if err := b.a.store.RemoveLogbook(name); err != nil {
		return err
	}
	b.a.keeper.Forget(name)
	return nil
}

// countryTable returns the tables of calls: with the prefixes of cty.dat in the
// data directory if there is one. One that cannot be used is named and left.
func countryTable(dir string, log *slog.Logger) (*dxcc.Table, error) {
	f, err := os.Open(filepath.Join(dir, "cty.dat"))
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			log.Warn("country file not used", "err", err)
		}
		return dxcc.New()
	}
	defer f.Close()
	table, err := dxcc.Load(f)
	if err != nil {
		log.Warn("country file not used, the built-in table serves", "file", "cty.dat", "err", err)
		return dxcc.New()
	}
	log.Info("country file in use", "file", "cty.dat")
	return table, nil
}

func prefixes(texts []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range texts {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			var addr netip.Addr
			if addr, err = netip.ParseAddr(text); err == nil {
				p, err = addr.Prefix(addr.BitLen())
			}
		}
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxy %q is no network such as 192.168.1.0/24", text)
		}
		out = append(out, p)
	}
	return out, nil
}

// seedOf tells appliances apart by their data directory and machine.
func seedOf(dir string) uint64 {
	h := fnv.New64a()
	host, _ := os.Hostname()
	_, _ = h.Write([]byte(strings.Join([]string{host, dir}, "\x00")))
	return h.Sum64()
}
