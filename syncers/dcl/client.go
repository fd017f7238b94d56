package dcl

import (
	"context"
	"fmt"
	"time"

	"qslbox/qso"
	"qslbox/qso/intake"
	"qslbox/syncers"
)

const (
	// spacing is the least time between two requests.
	spacing = 10 * time.Second
	// firstLimit is how many records are asked for: what other programs do.
	firstLimit = 400_000
	// lastLimit is the most that is asked for if that was too few.
	lastLimit = 1_600_000
	// maxPages is how many requests one run makes at most.
	maxPages = 50
	// confirmations is how pages name the query.
	confirmations = "confirmations"
)

// Config says how DCL is reached and judged. Now, Gate and Agent are needed.
type Config struct {
	Now   func() time.Time
	Gate  *syncers.Gate
	Agent string // User-Agent: product and version
	Dir   string // for spooled answers: the data directory
	// Override is scheme, host and port of a server on this machine that stands
	// in for DCL; empty in real life.
	Override string
	Names    Names // zero: DefaultNames
	Limit    int   // records a request asks for; zero: 400,000; tests set less
	Limits   syncers.Limits
	Resolver intake.Resolver // may be nil
}

// Client is the DCL source. It keeps nothing between runs and is safe for
// concurrent use.
type Client struct {
	cfg     Config
	names   Names
	renames map[string]qso.FieldID
	up      *syncers.Upstream
}

// New returns a Client, or an error that says what is wrong with the names or
// the override.
func New(cfg Config) (*Client, error) {
	names, err := cfg.Names.filled()
	if err != nil {
		return nil, fmt.Errorf("dcl: %w", err)
	}
	renames, err := names.renames()
	if err != nil {
		return nil, fmt.Errorf("dcl: %w", err)
	}
	up, err := syncers.NewUpstream(syncers.UpstreamConfig{
		Base: "https://" + names.Host, Override: cfg.Override, Dir: cfg.Dir, Agent: cfg.Agent, Gate: cfg.Gate, Limits: cfg.Limits, Now: cfg.Now,
	})
	if err != nil {
		return nil, fmt.Errorf("dcl: %w", err)
	}
	if cfg.Limit == 0 {
		cfg.Limit = firstLimit
	}
	return &Client{cfg, names, renames, up}, nil
}

// Source returns qso.DCL.
func (c *Client) Source() qso.Source { return qso.DCL }

// Sync asks for what was confirmed since the cursor. The cursor it returns is
// the newest day of confirmation in answers that were read completely, the
// task's own if there is none.
func (c *Client) Sync(ctx context.Context, task syncers.Task, sink *syncers.Sink) (syncers.Cursor, error) {
	j := &job{client: c, task: task, sink: sink, cursor: task.Account.Cursor}
	p := page{from: task.Cursor().QSL, limit: c.cfg.Limit, before: -1}
	for n := 1; ; n++ {
		rep, err := j.ask(ctx, since(p.from), p.limit)
		if err != nil {
			return j.cursor, err
		}
		next, more := p.next(&rep, j.now())
		if !rep.full(&p) || more && next.from != p.from {
			j.cursor.QSL = forward(j.cursor.QSL, rep.newest, j.now())
		}
		if !more || n == maxPages {
			if rep.full(&p) {
				sink.Warn("limit-reached", fmt.Sprintf("DCL sent %d records and seems to send no more at once, so some may be missing; the next run asks again.", rep.records))
			}
			return j.cursor, nil
		}
		p = next
	}
}

// page is what one request of a run asks for.
type page struct {
	from   string // cursor that it begins at
	limit  int
	before int // records that came with a smaller limit from here; -1: none did
}

// full reports whether an answer may not be all that there is: it has as many
// records as were asked for, or a larger limit brought no more than a smaller
// one that was reached.
func (r *report) full(p *page) bool { return r.records >= p.limit || r.records == p.before }

// next returns what to ask for after an answer, and whether to ask at all. If
// the records of a full answer come in the order of their confirmation,
// everything up to the last day has been seen and is gone on from; else more
// records are asked for.
func (p page) next(r *report, now time.Time) (page, bool) {
	if !r.full(&p) || r.records == p.before {
		return p, false
	}
	if to := forward(p.from, r.newest, now); r.ordered && since(to) > since(p.from) {
		return page{from: to, limit: p.limit, before: -1}, true
	}
	return page{from: p.from, limit: p.limit * 4, before: r.records}, p.limit < lastLimit
}

// Check asks DCL for next to nothing, to see whether the key is right. It
// returns nil or an *syncers.Error.
func (c *Client) Check(ctx context.Context, account syncers.Account) error {
	request, err := c.request(account, c.cfg.Now().UTC().Format(time.DateOnly), 1)
	if err != nil {
		return err
	}
	reply, err := c.up.Ask(ctx, request)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	if _, e := c.classify(reply, account.Secret); e != nil {
		e.Status, e.RetryAfter = reply.Status, reply.RetryAfter
		return e
	}
	return nil
}

// request makes the HTTP request.
func (c *Client) request(account syncers.Account, since string, limit int) (syncers.Request, error) {
	body, err := c.names.body(account.Secret, since, limit)
	if err != nil {
		return syncers.Request{}, fmt.Errorf("dcl: write the request: %w", err)
	}
	return syncers.Request{
		Method: "POST", Path: c.names.Path, Body: body, Type: "application/json", Accept: "application/json",
		Secrets: []qso.Secret{account.Secret}, Spacing: spacing,
	}, nil
}

// dawn is before all amateur QSOs.
const dawn = "1945-01-01"

// since returns what to ask for with a cursor: the day before it, since a day
// has no time and DCL's may begin earlier than ours. The cursor is DCL's own
// word: where our clock shows less, it is wrong, and asking from there would
// bring everything again.
func since(cursor string) string {
	from, err := time.Parse(time.DateOnly, cursor)
	if err != nil {
		return dawn
	}
	return from.AddDate(0, 0, -1).Format(time.DateOnly)
}

// forward returns the cursor that DCL's newest day moves it to: only forward,
// and never more than a day past our clock.
func forward(cursor string, newest qso.Time, now time.Time) string {
	if !newest.Given() || newest.Std().After(now.Add(24*time.Hour)) {
		return cursor
	}
	day := newest.Std().Format(time.DateOnly)
	if from, err := time.Parse(time.DateOnly, cursor); err == nil && from.Format(time.DateOnly) >= day {
		return cursor
	}
	return day
}
