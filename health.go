package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// healthReport is what the command reads of /api/health.
type healthReport struct {
	Status      string
	Uptime      float64
	Performance struct {
		SlowQueries, CriticalQueries int
		AvgTime                      string
	}
	Cache struct {
		HitRate                string
		StatsCache, AwardCache struct{ Hits, Misses int }
	}
	Problems []struct{ Check, Severity, Message string }
	Sync     map[string]struct {
		LastSuccess string `json:"last_success"`
	}
}

// Run asks the service how it is: one line of text, and 0, 1 or 2 as exit
// code as monitoring programs expect.
func (c *healthCommand) Run(s *session) error {
	if err := c.sensible(); err != nil {
		return usageError{err}
	}
	raw, err := c.fetch(s)
	if err != nil {
		s.printf("CRITICAL - %v\n", err)
		return codedError{2, nil}
	}
	var report healthReport
	if err := json.Unmarshal(raw, &report); err != nil || report.Status == "" {
		s.printf("CRITICAL - the answer is no health document\n")
		return codedError{2, nil}
	}
	if c.JSON {
		s.printf("%s\n", raw)
	}
	warnings := c.warnings(&report, s.env.now())
	word, code := "OK", 0
	switch {
	case report.Status == "error":
		word, code = "CRITICAL", 2
	case report.Status == "degraded" || len(warnings) > 0:
		word, code = "WARNING", 1
	}
	for _, p := range report.Problems {
		warnings = append(warnings, p.Message)
	}
	if !c.JSON {
		text := fmt.Sprintf("%s - status %s, up %s", word, report.Status, age(time.Duration(report.Uptime*float64(time.Second))))
		if len(warnings) > 0 {
			text += ": " + strings.Join(warnings, "; ")
		}
		s.printf("%s | slow=%d critical=%d hit_rate=%s\n", text, report.Performance.SlowQueries, report.Performance.CriticalQueries, report.Cache.HitRate)
	}
	if code == 0 || code == 1 && c.Critical {
		return nil
	}
	return codedError{code, nil}
}

// sensible refuses thresholds that nothing could keep to or break.
func (c *healthCommand) sensible() error {
	switch {
	case c.MaxSlow != nil && *c.MaxSlow < 0:
		return fmt.Errorf("--max-slow %d: a number of operations is 0 or more", *c.MaxSlow)
	case c.MinHitRate != nil && !(0 <= *c.MinHitRate && *c.MinHitRate <= 100):
		return fmt.Errorf("--min-hit-rate %g: percent are 0 to 100", *c.MinHitRate)
	case c.MaxSyncAge < 0:
		return fmt.Errorf("--max-sync-age %s: an age is more than 0, such as 48h", c.MaxSyncAge)
	}
	return nil
}

// fetch gets the health document from the URL, or from the data directory's
// service.
func (c *healthCommand) fetch(s *session) ([]byte, error) {
	client, target := &http.Client{Timeout: 10 * time.Second}, strings.TrimRight(c.URL, "/")
	if target == "" {
		dir, err := s.dir()
		if err != nil {
			return nil, err
		}
		api, err := dialService(s.ctx, dir, "")
		if err != nil {
			return nil, fmt.Errorf("no service is running on %s", dir)
		}
		api.http.Timeout = client.Timeout
		client, target = &api.http, "http://localhost"
	}
	if !strings.HasSuffix(target, "/api/health") {
		target += "/api/health"
	}
	req, err := http.NewRequestWithContext(s.ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(req)
	if err != nil {
		return nil, errors.New("not reachable: " + unwrapURLError(err).Error())
	}
	defer answer.Body.Close()
	return io.ReadAll(io.LimitReader(answer.Body, 8<<20))
}

// warnings compares the report with the thresholds that were set.
func (c *healthCommand) warnings(r *healthReport, now time.Time) []string {
	var out []string
	if c.MaxSlow != nil && r.Performance.SlowQueries > *c.MaxSlow {
		out = append(out, fmt.Sprintf("%d slow operations in the last hour (limit %d)", r.Performance.SlowQueries, *c.MaxSlow))
	}
	reads := r.Cache.StatsCache.Hits + r.Cache.StatsCache.Misses + r.Cache.AwardCache.Hits + r.Cache.AwardCache.Misses
	if rate, err := strconv.ParseFloat(strings.TrimSuffix(r.Cache.HitRate, "%"), 64); c.MinHitRate != nil && reads > 0 && (err != nil || rate < *c.MinHitRate) {
		out = append(out, fmt.Sprintf("cache hit rate %s (limit %g%%)", r.Cache.HitRate, *c.MinHitRate))
	}
	for name, sync := range r.Sync {
		if c.MaxSyncAge <= 0 {
			break
		}
		last, err := time.Parse(time.RFC3339, sync.LastSuccess)
		switch {
		case err != nil:
			out = append(out, name+" has never synced")
		case now.Sub(last) > c.MaxSyncAge:
			out = append(out, fmt.Sprintf("last good %s sync %s ago (limit %s)", name, age(now.Sub(last)), age(c.MaxSyncAge)))
		}
	}
	return out
}
