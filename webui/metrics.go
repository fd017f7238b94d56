package webui

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"qslbox/monitor"
	"qslbox/stats"
)

// figures hands what the monitor and the cache count to Prometheus. It reads
// when it is asked and keeps nothing.
type figures struct {
	s      *Server
	bounds []time.Duration

	durations, errors           *prometheus.Desc
	hits, misses, size, expired *prometheus.Desc
	up, regressed, info, qsos   *prometheus.Desc
	synced                      *prometheus.Desc
}

func newFigures(s *Server) *figures {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("qslbox_"+name, help, labels, nil)
	}
	return &figures{
		s: s, bounds: monitor.Bounds(),
		durations: desc("operation_duration_seconds", "How long operations took.", "kind", "operation"),
		errors:    desc("operation_errors_total", "Calls of operations that failed.", "kind", "operation"),
		hits:      desc("cache_hits_total", "Reads that found a current snapshot.", "cache"),
		misses:    desc("cache_misses_total", "Reads that did not.", "cache"),
		size:      desc("cache_snapshots", "Snapshots in memory.", "cache"),
		expired:   desc("cache_snapshots_expired", "Snapshots in memory that are no longer current.", "cache"),
		up:        desc("health_status", "0 ok, 1 degraded, 2 error."),
		regressed: desc("operation_regression_factor", "How many times slower an operation became.", "kind", "operation"),
		info:      desc("info", "Always 1; the version is in the label.", "version"),
		qsos:      desc("logbook_qsos", "QSOs in a logbook.", "logbook"),
		synced:    desc("sync_last_success_timestamp_seconds", "When a source was last synced with success, since 1970; 0: never.", "logbook", "source"),
	}
}

// Describe lists the metrics.
func (f *figures) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{f.durations, f.errors, f.hits, f.misses, f.size, f.expired, f.up, f.regressed, f.info, f.qsos, f.synced} {
		ch <- d
	}
}

// Collect reads them.
func (f *figures) Collect(ch chan<- prometheus.Metric) {
	send := func(d *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, kind, value, labels...)
	}
	for _, op := range f.s.Monitor.All() {
		h := op.Histogram()
		if h.Count == 0 {
			continue
		}
		buckets := make(map[float64]uint64, len(f.bounds))
		for i, bound := range f.bounds {
			buckets[bound.Seconds()] = h.Buckets[i]
		}
		ch <- prometheus.MustNewConstHistogram(f.durations, h.Count, h.Sum.Seconds(), buckets, op.Kind().String(), op.Name())
		send(f.errors, prometheus.CounterValue, float64(op.Stats().Errors), op.Kind().String(), op.Name())
	}
	counters := f.s.Keeper.Counters()
	for _, class := range []struct {
		name string
		stats.Class
	}{{"stats", counters.Stats}, {"awards", counters.Awards}} {
		send(f.hits, prometheus.CounterValue, float64(class.Hits), class.name)
		send(f.misses, prometheus.CounterValue, float64(class.Misses), class.name)
		send(f.size, prometheus.GaugeValue, float64(class.Size), class.name)
		send(f.expired, prometheus.GaugeValue, float64(class.Expired), class.name)
	}
	for _, r := range f.s.Monitor.Regressions() {
		send(f.regressed, prometheus.GaugeValue, r.Factor, r.Kind.String(), r.Operation)
	}
	send(f.up, prometheus.GaugeValue, float64(f.s.Health.Verdict().Status))
	send(f.info, prometheus.GaugeValue, 1, f.s.Version)
	for _, name := range f.s.Books.Logbooks() {
		if book, err := f.s.Books.Logbook(name); err == nil {
			send(f.qsos, prometheus.GaugeValue, float64(book.Size()), name)
			f.syncs(name, book, send)
		}
	}
	if f.s.Doctor == nil {
		return
	}
	for _, figure := range f.s.Doctor.Figures() {
		kind := prometheus.GaugeValue
		if figure.Counter {
			kind = prometheus.CounterValue
		}
		send(prometheus.NewDesc("qslbox_"+figure.Name, figure.Help, nil, nil), kind, figure.Value)
	}
}

// syncs tells of each account of a logbook when it was last synced.
func (f *figures) syncs(name string, book Logbook, send func(*prometheus.Desc, prometheus.ValueType, float64, ...string)) {
	accounts, err := book.Accounts()
	if err != nil {
		return
	}
	for i := range accounts {
		last := 0.0
		if run, err := book.LastRun(accounts[i].Source); err == nil && !run.LastOK.IsZero() {
			last = float64(run.LastOK.Unix())
		}
		send(f.synced, prometheus.GaugeValue, last, name, accounts[i].Source.String())
	}
}

// initMetrics makes the handler of GET /metrics: figures of this program, of Go
// and of the process, in a registry of their own.
func (s *Server) initMetrics() {
	registry := prometheus.NewRegistry()
	registry.MustRegister(newFigures(s), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	s.metrics = promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2})
}

// getMetrics answers GET /metrics.
func getMetrics(c *call) error {
	c.w.Header()["Cache-Control"] = headerNoStore
	c.metrics.ServeHTTP(c.w, c.r)
	return nil
}
