package lotw

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"qslbox/qso"
	"qslbox/qso/intake"
	"qslbox/syncers"
)

// host is the only place this client ever contacts, apart from a server on
// this machine that stands in for it.
const host = "https://lotw.arrl.org"

const (
	// spacing is the least time between two requests.
	spacing = 10 * time.Second
	// fullPause is how long the first confirmations report waits for: a second
	// full download right after the first gets a tiny answer.
	fullPause = 10 * time.Minute
	// largeLog is the size from which a first download goes by QSO years.
	largeLog = 100_000
	// largeAnswer is the size from which an answer that broke off is asked for
	// in parts.
	largeAnswer = 16 << 20
	// firstYear is the first year with a window of its own.
	firstYear = 2000
)

// Config says how LoTW is reached and judged. Now, Gate and Agent are needed.
type Config struct {
	Now   func() time.Time
	Gate  *syncers.Gate
	Agent string // User-Agent: product and version
	Dir   string // for spooled answers: the data directory
	// Override is scheme, host and port of a server on this machine that stands
	// in for LoTW; empty in real life.
	Override string
	Limits   syncers.Limits  // zero fields: sound defaults
	Resolver intake.Resolver // may be nil
	LargeLog int             // zero: 100,000 QSOs; tests set less
}

// Client is the LoTW source. It keeps nothing between runs and is safe for
// concurrent use.
type Client struct {
	cfg Config
	up  *syncers.Upstream
}

// New returns a Client, or an error that says what is wrong with the override.
func New(cfg Config) (*Client, error) { return newClient(cfg, nil) }

func newClient(cfg Config, transport http.RoundTripper) (*Client, error) {
	up, err := syncers.NewUpstream(syncers.UpstreamConfig{
		Base: host, Override: cfg.Override, Dir: cfg.Dir, Agent: cfg.Agent, Gate: cfg.Gate, Limits: cfg.Limits, Now: cfg.Now, Transport: transport,
	})
	if err != nil {
		return nil, fmt.Errorf("lotw: %w", err)
	}
	if cfg.LargeLog == 0 {
		cfg.LargeLog = largeLog
	}
	return &Client{cfg, up}, nil
}

// Source returns qso.LoTW.
func (c *Client) Source() qso.Source { return qso.LoTW }

// Sync makes the two queries of a run. The cursor it returns is LoTW's word for
// every report that was read completely, and the task's own for the others.
func (c *Client) Sync(ctx context.Context, task syncers.Task, sink *syncers.Sink) (syncers.Cursor, error) {
	j := &job{client: c, task: task, sink: sink, cursor: task.Account.Cursor}
	if !task.Full {
		j.resume = parseResume(task.Account.Cursor.Resume)
	}
	err := j.ownQSOs(ctx)
	if err == nil {
		err = j.confirmations(ctx)
	}
	return j.cursor, err
}

// Check asks LoTW for next to nothing, to see whether login and password are
// right. It returns nil or an *syncers.Error.
func (c *Client) Check(ctx context.Context, account syncers.Account) error {
	q := query{report: confirmations, since: c.cfg.Now().UTC().Add(-time.Hour).Format(time.DateTime), own: account.OwnCall}
	reply, err := c.up.Ask(ctx, c.request(q, account))
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	if e := classify(reply); e != nil {
		e.Status, e.RetryAfter = reply.Status, reply.RetryAfter
		return e
	}
	return nil
}

// request makes the HTTP request of a query.
func (c *Client) request(q query, account syncers.Account) syncers.Request {
	return syncers.Request{
		Method: "GET", Path: path, RawQuery: q.encode(account.Login, account.Secret),
		Accept: "application/x-arrl-adif", Secrets: []qso.Secret{account.Secret}, Spacing: spacing,
	}
}

// job is one run.
type job struct {
	client *Client
	task   syncers.Task
	sink   *syncers.Sink
	cursor syncers.Cursor
	resume resume
	full   bool   // all own QSOs were read in this run
	behind bool   // the last years were read in a run before: they may have news
	note   string // for the progress
}

// ownQSOs asks for our own QSOs: those received since the cursor, or all of
// them.
func (j *job) ownQSOs(ctx context.Context) error {
	all := j.task.Full || j.task.Compare || j.cursor.QSO == "" || j.resume.Stage == ownQSOs
	switch {
	case j.resume.Stage == confirmations && j.cursor.QSO != "":
		return nil
	case !all:
		return j.newOwnQSOs(ctx)
	}
	j.full = true
	if j.resume.Stage == confirmations {
		j.resume = resume{Windows: j.resume.Windows}
	}
	if j.resume.Next == 0 {
		j.sink.Collect()
	}
	last, err := j.everything(ctx, ownQSOs)
	if err != nil {
		return err
	}
	j.cursor.QSO = forward(j.cursor.QSO, last, j.now())
	if j.task.Full || j.cursor.QSL == "" {
		j.resume = resume{Stage: confirmations, Windows: j.resume.Windows, Confirmed: j.resume.Confirmed}
	} else {
		j.resume = resume{}
	}
	j.resume.put(&j.cursor)
	if j.behind {
		return j.newOwnQSOs(ctx)
	}
	return nil
}

// newOwnQSOs asks for the own QSOs received since the cursor.
func (j *job) newOwnQSOs(ctx context.Context) error {
	rep, err := j.ask(ctx, query{report: ownQSOs, since: since(j.cursor.QSO)})
	if err == nil && !rep.defaulted {
		j.cursor.QSO = forward(j.cursor.QSO, rep.last, j.now())
	}
	return err
}

// confirmations asks for confirmations since the cursor, or for all of them.
func (j *job) confirmations(ctx context.Context) error {
	if j.resume.Stage != confirmations && j.cursor.QSL != "" {
		return j.newConfirmations(ctx)
	}
	j.resume.Stage = confirmations
	if j.full && j.resume.Confirmed > 0 {
		if err := j.pause(ctx); err != nil {
			return err
		}
	}
	confirmed, short := j.resume.Confirmed, j.resume.Short
	last, err := j.everything(ctx, confirmations)
	if err != nil {
		return err
	}
	switch got := j.resume.Records; {
	case got >= confirmed:
	case short == got+1: // the same again, some time later: own QSOs were counted twice
		j.sink.Warn("fewer-than-own", fmt.Sprintf("LoTW twice sent %d confirmations, though its own-QSO report has %d confirmed QSOs. Those are in the log.", got, confirmed))
	default:
		j.resume = resume{Stage: confirmations, Windows: j.resume.Windows, Confirmed: confirmed, Short: got + 1}
		j.resume.put(&j.cursor)
		return &syncers.Error{Class: syncers.Truncated, Code: "fewer-than-own", Message: fmt.Sprintf("LoTW sent fewer confirmations than it confirmed QSOs before (%d): it gives a short answer to a second download that comes too soon. What came is kept; the next run asks again.", confirmed)}
	}
	j.cursor.QSL = forward(j.cursor.QSL, last, j.now())
	j.resume = resume{}
	j.resume.put(&j.cursor)
	if j.behind {
		return j.newConfirmations(ctx)
	}
	return nil
}

// newConfirmations asks for confirmations since the cursor.
func (j *job) newConfirmations(ctx context.Context) error {
	rep, err := j.ask(ctx, query{report: confirmations, since: since(j.cursor.QSL)})
	if err == nil && !rep.defaulted {
		j.cursor.QSL = forward(j.cursor.QSL, rep.last, j.now())
	}
	return err
}

// pause waits between the two full downloads of a first run.
func (j *job) pause(ctx context.Context) error {
	if j.client.up.Loopback() {
		return nil
	}
	until := j.now().Add(fullPause)
	j.sink.Progress(syncers.Progress{Phase: "waiting", Query: confirmations, Until: until, Note: j.note})
	j.sink.Waited(fullPause)
	return syncers.Sleep(ctx, fullPause)
}

func (j *job) now() time.Time { return j.client.cfg.Now() }

// ask makes one request, hands on its records and notes how it went. The error
// is nil only if the whole report was read.
func (j *job) ask(ctx context.Context, q query) (report, error) {
	q.own = j.task.Account.OwnCall
	answer := syncers.Answer{Query: q.report, Window: q.window.String(), Class: syncers.OK}
	rep, err := j.fetch(ctx, q, &answer)
	if e := syncers.AsError(err); e != nil {
		answer.Class, answer.Code, answer.Message = e.Class, e.Code, e.Message
	} else {
		answer.Message = fmt.Sprintf("%d records", rep.records)
	}
	answer.Records = rep.records
	j.sink.Answer(answer)
	if rep.defaulted {
		j.sink.Warn("default-since", "LoTW chose the period of the "+q.report+" itself, so older records are missing; the cursor stays and the next run asks again.")
	}
	return rep, err
}

func (j *job) fetch(ctx context.Context, q query, answer *syncers.Answer) (report, error) {
	show := func(p syncers.Progress) {
		p.Query, p.Note = q.report, j.note
		j.sink.Progress(p)
	}
	r := j.client.request(q, j.task.Account)
	r.Waiting = func(until time.Time) { show(syncers.Progress{Phase: "waiting", Until: until}) }
	r.Received = func(n int64) { show(syncers.Progress{Phase: "downloading", Bytes: n}) }
	show(syncers.Progress{Phase: "asking"})
	reply, err := j.client.up.Ask(ctx, r)
	if err != nil {
		return report{}, err
	}
	defer reply.Body.Close()
	j.sink.Waited(reply.Waited)
	answer.Bytes, answer.Download = reply.Body.Size(), reply.Took.Milliseconds()
	if e := classify(reply); e != nil {
		e.Status, e.RetryAfter = reply.Status, reply.RetryAfter
		return report{}, e
	}
	rep, err := j.read(ctx, reply, q.report)
	if err != nil {
		return rep, err
	}
	if e := rep.complete(reply); e != nil {
		return rep, e
	}
	return rep, nil
}
