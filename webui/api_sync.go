package webui

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"qslbox/qso"
	"qslbox/syncers"
	"qslbox/webui/access"
)

// Bounds of the sync history in one answer.
const (
	defaultRuns = 50
	maxRuns     = 200
)

// Tester asks a source whether it takes an account's credentials. *lotw.Client
// and *dcl.Client satisfy it; it keeps their protocols out of here.
type Tester interface {
	// Check returns nil, or an *syncers.Error with class and remedy.
	Check(ctx context.Context, account syncers.Account) error
}

// syncSource reads the source of the path: one that can be synced.
func (c *call) syncSource() (qso.Source, error) {
	name := c.params.ByName("source")
	source, err := qso.ParseSource(strings.ToLower(name))
	if err != nil || source != qso.LoTW && source != qso.DCL {
		return 0, missing("there is no source %q to sync with; there are lotw and dcl", name)
	}
	return source, nil
}

// getSync answers GET /api/sync and GET /api/sync/{source}: where the jobs of
// the logbook stand, and the sync history, newest first (?limit=).
func getSync(c *call) error {
	sources := []qso.Source{qso.LoTW, qso.DCL}
	if c.params.ByName("source") != "" {
		source, err := c.syncSource()
		if err != nil {
			return err
		}
		sources = []qso.Source{source}
	}
	limit := defaultRuns
	if text := c.query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxRuns {
			return invalid("limit: %q is not a number from 1 to %d", text, maxRuns)
		}
		limit = n
	}
	jobs, runs := []syncers.JobState{}, []syncers.Run{}
	for _, source := range sources {
		if c.Scheduler != nil {
			if state, ok := c.Scheduler.State(syncers.JobName(c.name, source)); ok {
				jobs = append(jobs, state)
			}
		}
		list, err := c.book.Runs(source, limit)
		if err != nil {
			return err
		}
		runs = append(runs, list...)
	}
	return c.writeJSON(http.StatusOK, struct {
		Items []syncers.Run      `json:"items"`
		Jobs  []syncers.JobState `json:"jobs"`
	}{runs, jobs})
}

// listedJSON is an entry of "not in your log".
type listedJSON struct {
	ID         string          `json:"id"`
	Source     string          `json:"source"`
	Run        int             `json:"run"`
	Seen       string          `json:"seen"`
	Record     json.RawMessage `json:"record"`
	Reason     string          `json:"reason"` // of syncers.Reason; ambiguous; other-own-call
	Nearest    uint64          `json:"nearest,omitempty"`
	Ambiguous  []uint64        `json:"ambiguous,omitempty"`
	OtherOwn   uint64          `json:"other_own,omitempty"`
	Resolution string          `json:"resolution,omitempty"` // attach, add, ignore
}

func listedOf(l *syncers.Listed) listedJSON {
	out := listedJSON{
		ID: l.ID, Source: l.Source.String(), Run: l.Run, Seen: rfc3339(l.Seen), Record: l.Record.AppendJSON(nil),
		Reason: string(l.Reason), Nearest: l.Nearest, Ambiguous: l.Ambiguous, OtherOwn: l.OtherOwn,
	}
	switch {
	case len(l.Ambiguous) > 0:
		out.Reason = "ambiguous"
	case l.OtherOwn != 0:
		out.Reason = "other-own-call"
	}
	switch {
	case l.Resolution.QSO != 0:
		out.Resolution = "attach"
	case l.Resolution.Add:
		out.Resolution = "add"
	case l.Resolution.Ignore:
		out.Resolution = "ignore"
	}
	return out
}

// getRun answers GET /api/sync/{source}/runs/{n}: one run, with the records
// that are not in the log.
func getRun(c *call) error {
	source, err := c.syncSource()
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(c.params.ByName("n"))
	if err != nil {
		return missing("%q is not the number of a run", c.params.ByName("n"))
	}
	run, ok, err := c.book.Run(source, n)
	if err != nil {
		return err
	}
	if !ok {
		return missing("there is no run %d with %s; the last 200 are kept", n, source)
	}
	listed, err := c.book.Listed(source)
	if err != nil {
		return err
	}
	items := []listedJSON{}
	for i := range listed {
		if listed[i].Run == n {
			items = append(items, listedOf(&listed[i]))
		}
	}
	b, err := json.Marshal(run)
	if err != nil {
		return err
	}
	tail, err := json.Marshal(map[string]any{"not_in_log": items})
	if err != nil {
		return err
	}
	b[len(b)-1] = ','
	return c.writeBody(http.StatusOK, append(append(b, tail[1:]...), '\n'))
}

// getUnmatched answers GET /api/sync/{source}/unmatched: all records that are
// not in the log.
func getUnmatched(c *call) error {
	source, err := c.syncSource()
	if err != nil {
		return err
	}
	listed, err := c.book.Listed(source)
	if err != nil {
		return err
	}
	items := []listedJSON{}
	for i := range listed {
		items = append(items, listedOf(&listed[i]))
	}
	return writeList(c, items)
}

// postResolve answers POST /api/sync/{source}/unmatched/{id}: what a person
// decided, as {"action":"attach","qso":7}, {"action":"add"}, "ignore" or "always".
func postResolve(c *call) error {
	source, err := c.syncSource()
	if err != nil {
		return err
	}
	var in struct {
		Action string `json:"action"`
		QSO    uint64 `json:"qso"`
	}
	if err := c.readJSON(&in); err != nil {
		return err
	}
	var r syncers.Resolution
	switch in.Action {
	case "attach":
		if r.QSO = in.QSO; r.QSO == 0 {
			return invalid("qso: which QSO it is has to be named")
		}
	case "add":
		r.Add = true
	case "ignore":
		r.Ignore = true
	case "always":
		if err := c.alwaysSame(source, c.params.ByName("id")); err != nil {
			return err
		}
		return c.done()
	default:
		return invalid("action: %q is not attach, always, add or ignore", in.Action)
	}
	return c.resolve(source, c.params.ByName("id"), r)
}

// alwaysSame notes that the own call of a listed record means, at this source,
// the own call of the QSO that it fits; the store then looks at all listed
// records again.
func (c *call) alwaysSame(source qso.Source, id string) error {
	listed, err := c.book.Listed(source)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(listed, func(l syncers.Listed) bool { return l.ID == id })
	if at < 0 {
		return missing("this record is not listed any more")
	}
	if listed[at].OtherOwn == 0 {
		return invalid("action: this record fits no QSO under another own call")
	}
	q, err := c.book.Get(listed[at].OtherOwn)
	if err != nil {
		return err
	}
	account, err := c.book.Account(source)
	if err != nil {
		return err
	}
	own := listed[at].Record.Own
	same := maps.Clone(account.SameOwn)
	if same == nil {
		same = map[qso.Call][]qso.Call{}
	}
	if !slices.Contains(same[own], q.Own) {
		same[own] = append(slices.Clone(same[own]), q.Own)
	}
	return c.setAccount(source, &accountChange{SameOwn: &same})
}

// resolve carries a decision out if the record is one of this logbook.
func (c *call) resolve(source qso.Source, id string, r syncers.Resolution) error {
	listed, err := c.book.Listed(source)
	if err != nil {
		return err
	}
	for i := range listed {
		if listed[i].ID == id {
			if err := c.book.Resolve(c.ctx(), id, r, c.by()); err != nil {
				return err
			}
			return c.done()
		}
	}
	return missing("this record is not listed any more")
}

// postSync answers POST /api/sync/{source}: a run now. trigger says what for
// (button, command), full downloads everything again. Without wait the answer
// is 202 and the run's number; with it, the run.
func postSync(c *call) error {
	source, err := c.syncSource()
	if err != nil {
		return err
	}
	start := syncers.Start{Trigger: syncers.ByButton, Full: c.on("full")}
	if c.query.Get("trigger") == string(syncers.ByCommand) || c.id.Kind == access.BySocket {
		start.Trigger = syncers.ByCommand
	}
	wait := c.on("wait")
	ticket, err := c.startSync(source, start)
	switch {
	case errors.Is(err, errNoScheduler) && wait:
		run, err := c.Syncers[source].Run(c.ctx(), c.book, syncers.Options{Trigger: start.Trigger, Full: start.Full})
		if err != nil {
			return err
		}
		return c.writeJSON(http.StatusOK, run)
	case err != nil:
		return err
	case wait:
		run, err := ticket.Wait(c.ctx())
		if err != nil {
			return err
		}
		return c.writeJSON(http.StatusOK, run)
	}
	c.w.Header().Set("Location", c.url("/api/sync/"+source.String()+"/runs/"+strconv.Itoa(ticket.Run), nil))
	return c.writeJSON(http.StatusAccepted, map[string]any{"source": source.String(), "run": ticket.Run})
}

// errNoScheduler says that nothing runs by schedule here: this process lives
// for one command.
var errNoScheduler = &problem{ErrorEntry: ErrorEntry{http.StatusServiceUnavailable, "unavailable"}, message: "nothing runs by schedule in this process"}

// startSync starts a run of an account that exists.
func (c *call) startSync(source qso.Source, start syncers.Start) (*syncers.Ticket, error) {
	if _, err := c.book.Account(source); err != nil {
		if errors.Is(err, syncers.ErrNoAccount) {
			return nil, &problem{
				ErrorEntry: ErrorEntry{http.StatusNotFound, "no_account"},
				message:    "there is no " + source.String() + " account yet; set it under Settings, or with: qslbox account set " + source.String(),
			}
		}
		return nil, err
	}
	if c.Syncers[source] == nil {
		return nil, unavailable("syncing with " + source.String())
	}
	if c.Scheduler == nil {
		return nil, errNoScheduler
	}
	ticket, err := c.Scheduler.Start(syncers.JobName(c.name, source), start)
	if errors.Is(err, syncers.ErrStopped) {
		return nil, errNoScheduler
	}
	return ticket, err
}
