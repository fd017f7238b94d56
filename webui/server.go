package webui

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"qslbox/monitor"
	"qslbox/qso"
	"qslbox/qso/dxcc"
	"qslbox/stats"
	"qslbox/stats/awards"
	"qslbox/syncers"
	"qslbox/webui/access"
	"qslbox/webui/words"
)

// Config is what a Server joins. Books, Keeper, Gate, Table, Awards, Health and
// Now are needed; the rest may be zero.
type Config struct {
	Books  Books
	Keeper *stats.Keeper
	Gate   *access.Gate
	Table  *dxcc.Table
	// Awards returns the award definitions, which may change while we run.
	Awards  func() *awards.Set
	Monitor *monitor.Monitor // nil: nothing is measured
	Health  *monitor.Health
	Doctor  Doctor
	// Scheduler runs syncs; Testers try an account's credentials.
	Scheduler   *syncers.Scheduler
	Syncers     map[qso.Source]*syncers.Syncer
	Testers     map[qso.Source]Tester
	Maintenance Maintenance
	// SpoolDir is where large request bodies and rejected records lie while
	// they are needed.
	SpoolDir string

	Hosts          []string       // further names under which we are reached
	BasePath       string         // path under which a reverse proxy serves us, without slash at the end
	TrustedProxies []netip.Prefix // their forwarding headers count
	Version        string
	Now            func() time.Time
	// Writes counts what is stored, but for snapshots and what the monitor has
	// learnt; it moves before a write is answered. nil: no page is kept.
	Writes func() uint64
	// Started is the process's start, for "uptime"; Elapsed the clock that
	// measures (monitor.Monotonic of Started); nil takes it from Now.
	Started time.Time
	Elapsed func() time.Duration
	Log     *slog.Logger // nil: nothing is logged
	// Errors says how errors of packages that this one may not import (store)
	// are answered.
	Errors map[error]ErrorEntry
	// Address returns the address under which a person's browser reaches us,
	// without slash at the end, for the link of the first start; nil:
	// http://localhost:3001.
	Address func() string
}

// mainLogbook is the logbook that is always there.
const mainLogbook = "main"

// Server answers the pages and the API.
type Server struct {
	Config
	routes   *routes
	printers map[words.Language]*words.Printer
	pages    *pages
	health   healthWriter
	rejects  rejectFiles
	heavy    lanes
	kept     keptForms
	refusals sources // wrong passwords that are noted
	bySource sources // requests, by where they come from
	byKey    sources // requests, by API key
	packed   packedSnapshots
	metrics  http.Handler
	// setupAttempts slows down guessing of the one-time code.
	setupAttempts sources
	hasAdmin      atomic.Bool // once true it stays
}

// New returns a Server, or an error that names the field of Config that is
// missing or wrong.
func New(cfg Config) (*Server, error) {
	for name, missing := range map[string]bool{
		"Books": cfg.Books == nil, "Keeper": cfg.Keeper == nil, "Gate": cfg.Gate == nil, "Table": cfg.Table == nil,
		"Awards": cfg.Awards == nil, "Health": cfg.Health == nil, "Now": cfg.Now == nil,
	} {
		if missing {
			return nil, fmt.Errorf("webui: %s is missing", name)
		}
	}
	if cfg.BasePath != "" && !strings.HasPrefix(cfg.BasePath, "/") {
		return nil, errors.New("webui: the base path has to begin with /")
	}
	cfg.BasePath = strings.TrimRight(cfg.BasePath, "/")
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Started.IsZero() {
		cfg.Started = cfg.Now()
	}
	if cfg.Elapsed == nil {
		cfg.Elapsed = func() time.Duration { return cfg.Now().Sub(cfg.Started) }
	}
	s := &Server{Config: cfg, printers: map[words.Language]*words.Printer{}}
	s.bySource.limit, s.bySource.burst = asksPerSecond, asksAtOnce
	s.byKey.limit, s.byKey.burst = asksPerSecond, asksAtOnce
	s.refusals.limit, s.refusals.burst = rate.Every(10*time.Minute), 20
	s.setupAttempts.limit, s.setupAttempts.burst = 0.2, 20
	for _, l := range words.Languages() {
		s.printers[l] = words.For(l)
	}
	var err error
	if s.pages, err = loadPages(s); err != nil {
		return nil, err
	}
	s.health.init(s)
	s.initMetrics()
	s.routes = newRoutes(s)
	return s, nil
}

// Handler returns the handler for the network: it finds out who asks.
func (s *Server) Handler() http.Handler { return s.routes.handler(false) }

// CommandHandler returns the handler for the commands of this machine (the
// Unix socket, or this process): the same routes with full rights.
func (s *Server) CommandHandler() http.Handler { return s.routes.handler(true) }
