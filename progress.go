package main

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"fmt"
	"io"
	"time"

	"qslbox/syncers"
)

// progressReader counts what is read and shows it on a terminal, at most five
// times a second.
type progressReader struct {
	r     io.Reader
	out   io.Writer
	label string
	total int64 // bytes, 0 if not known
	now   func() time.Time
	done  int64
	shown time.Time
}

func (p *progressReader) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.done += int64(n)
	if t := p.now(); t.Sub(p.shown) >= 200*time.Millisecond {
		p.shown = t
		if p.total > 0 {
			fmt.Fprintf(p.out, "\r%s %3d %% of %.1f MB", p.label, p.done*100/p.total, float64(p.total)/1e6)
		} else {
			fmt.Fprintf(p.out, "\r%s %.1f MB", p.label, float64(p.done)/1e6)
		}
	}
	if err != nil && !p.shown.IsZero() {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
	return n, err
}

// showSync writes where a source's sync stands, every so often, until the
// function it returns is called.
func (s *session) showSync(api *apiClient, source string, every time.Duration) (end func()) {
	ctx, cancel := context.WithCancel(s.ctx)
	var showing sync.WaitGroup
	showing.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				fmt.Fprint(s.env.stderr, clearLine)
				return
			case <-tick.C:
			}
			var state struct{ Jobs []syncers.JobState }
			if err := api.call(ctx, http.MethodGet, "/api/sync/"+source, url.Values{"limit": {"1"}}, nil, &state); err != nil {
				continue // the sync itself says what is wrong
			}
			for _, job := range state.Jobs {
				if job.Running {
					fmt.Fprint(s.env.stderr, clearLine+source+": "+progressLine(job.Progress, s.env.now()))
				}
			}
		}
	})
	return func() {
		cancel()
		showing.Wait()
	}
}

// clearLine goes back to the begin of a terminal's line and clears it.
const clearLine = "\r\x1b[K"

// progressLine says in a line where a run stands.
func progressLine(p syncers.Progress, now time.Time) string {
	var parts []string
	if p.Phase != "" {
		parts = append(parts, strings.TrimSpace(p.Phase+" "+p.Query))
	}
	if wait := p.Until.Sub(now); wait > 0 {
		parts = append(parts, "for "+wait.Round(time.Second).String())
	}
	if p.Bytes > 0 {
		parts = append(parts, fmt.Sprintf("%.1f MB", float64(p.Bytes)/1e6))
	}
	switch {
	case p.Total > 0:
		parts = append(parts, fmt.Sprintf("%d of %d records", p.Records, p.Total))
	case p.Records > 0:
		parts = append(parts, fmt.Sprintf("%d records", p.Records))
	}
	if p.Note != "" {
		parts = append(parts, p.Note)
	}
	return strings.Join(parts, ", ")
}
