package webui

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"qslbox/qso"
	"qslbox/syncers"
	"qslbox/webui/words"
)

// syncPage shows where the syncs stand.
type syncPage struct{ Sources []syncSide }

// syncSide is one source of the page.
type syncSide struct {
	Source  string
	Account bool // there is one
	Job     syncers.JobState
	Known   bool // the scheduler knows the job
	Last    *syncers.Run
	Runs    []syncers.Run
	Listed  []listedLine
	Settled int  // listed records about which somebody decided
	Missing bool // it is known which QSOs LoTW lacks: they can be had as a file
}

// listedLine is a record that is not in the log, with the QSOs it may be.
type listedLine struct {
	listedJSON
	QSO    *qso.QSO
	Likely []*qso.QSO
}

// Bounds of the page.
const (
	shownRuns   = 12
	shownListed = 100
)

// getSyncPage answers GET /sync.
func getSyncPage(c *call) error {
	var d syncPage
	for _, source := range []qso.Source{qso.LoTW, qso.DCL} {
		side, err := c.syncSide(source)
		if err != nil {
			return err
		}
		d.Sources = append(d.Sources, side)
	}
	return c.render("sync", &d)
}

func (c *call) syncSide(source qso.Source) (side syncSide, err error) {
	side.Source = source.String()
	if _, err = c.book.Account(source); err != nil && !errors.Is(err, syncers.ErrNoAccount) {
		return side, err
	}
	side.Account = err == nil
	if c.Scheduler != nil {
		side.Job, side.Known = c.Scheduler.State(syncers.JobName(c.name, source))
	}
	if side.Runs, err = c.book.Runs(source, shownRuns); err != nil {
		return side, err
	}
	if len(side.Runs) > 0 {
		side.Last = &side.Runs[0]
		side.Missing = source == qso.LoTW && side.Account && !side.Last.LastOK.IsZero()
	}
	listed, err := c.book.Listed(source)
	if err != nil {
		return side, err
	}
	for i := range listed {
		if listed[i].Resolution != (syncers.Resolution{}) {
			side.Settled++
			continue
		}
		if len(side.Listed) < shownListed {
			line, err := c.listedLine(&listed[i])
			if err != nil {
				return side, err
			}
			side.Listed = append(side.Listed, line)
		}
	}
	return side, nil
}

func (c *call) listedLine(l *syncers.Listed) (line listedLine, err error) {
	line = listedLine{listedJSON: listedOf(l), QSO: l.Record}
	ids := l.Ambiguous
	for _, id := range []uint64{l.OtherOwn, l.Nearest} {
		if id != 0 && len(ids) == 0 {
			ids = []uint64{id}
		}
	}
	line.Likely, err = c.book.GetMany(ids)
	return line, err
}

// sourceForm returns what a form about a source of confirmations is about, and
// what was filled in.
func (c *call) sourceForm() (qso.Source, url.Values, error) {
	source, err := c.syncSource()
	if err != nil {
		return source, nil, err
	}
	form, err := c.form()
	return source, form, err
}

// postSyncPage answers POST /sync/{source}: a run now.
func postSyncPage(c *call) error {
	source, form, err := c.sourceForm()
	if err != nil {
		return err
	}
	if _, err := c.startSync(source, syncers.Start{Trigger: syncers.ByButton, Full: isYes(form.Get("full"))}); err != nil {
		return err
	}
	return c.redirect("/sync", url.Values{"done": {"started"}})
}

// runPage shows one entry of the sync history.
type runPage struct {
	Run     syncers.Run
	Listed  []listedLine
	Gone    []*qso.QSO        // no longer at LoTW, the first of them
	Altered []*qso.QSO        // see syncers.Run
	Names   map[string]string // of the new entities
}

func (d *runPage) title(p *words.Printer) string {
	return p.Text("sync.run", p.Text("source."+d.Run.Source), d.Run.Run)
}

// Slot writes a band slot such as 339/20m with the entity's name.
func (d *runPage) Slot(text string) string {
	code, band, _ := strings.Cut(text, "/")
	if name := d.Names[code]; name != "" {
		return name + " " + band
	}
	return text
}

// getRunPage answers GET /sync/{source}/runs/{n}.
func getRunPage(c *call) error {
	source, err := c.syncSource()
	if err != nil {
		return err
	}
	n, _ := strconv.Atoi(c.params.ByName("n"))
	run, ok, err := c.book.Run(source, n)
	if err != nil {
		return err
	}
	if !ok {
		return missing("there is no run %s with %s; the last 200 are kept", c.params.ByName("n"), source)
	}
	d := runPage{Run: run, Names: map[string]string{}}
	for _, text := range slices.Concat(run.New.Entities, run.New.Slots) {
		text, _, _ = strings.Cut(text, "/")
		code, _ := strconv.ParseUint(text, 10, 16)
		if e, ok := c.Table.Entity(uint16(code)); ok {
			d.Names[text] = e.Name
		}
	}
	if d.Gone, err = c.book.GetMany(run.Gone); err != nil {
		return err
	}
	if d.Altered, err = c.book.GetMany(run.Altered); err != nil {
		return err
	}
	listed, err := c.book.Listed(source)
	if err != nil {
		return err
	}
	for i := range listed {
		if listed[i].Run == n && len(d.Listed) < shownListed {
			line, err := c.listedLine(&listed[i])
			if err != nil {
				return err
			}
			d.Listed = append(d.Listed, line)
		}
	}
	return c.render("run", &d)
}

// postResolvePage answers POST /sync/{source}/resolve: what somebody decided
// about a record that is not in the log.
func postResolvePage(c *call) error {
	source, form, err := c.sourceForm()
	if err != nil {
		return err
	}
	var r syncers.Resolution
	switch form.Get("action") {
	case "always":
		if err := c.alwaysSame(source, form.Get("id")); err != nil {
			return err
		}
		return c.redirect("/sync", url.Values{"done": {"resolved"}})
	case "add":
		r.Add = true
	case "ignore":
		r.Ignore = true
	default:
		if r.QSO, err = strconv.ParseUint(form.Get("qso"), 10, 64); err != nil || r.QSO == 0 {
			return invalid("qso: which QSO it is has to be chosen")
		}
	}
	listed, err := c.book.Listed(source)
	if err != nil {
		return err
	}
	for i := range listed {
		if listed[i].ID == form.Get("id") {
			if err := c.book.Resolve(c.ctx(), listed[i].ID, r, c.by()); err != nil {
				return err
			}
			return c.redirect("/sync", url.Values{"done": {"resolved"}})
		}
	}
	return &problem{ErrorEntry: ErrorEntry{http.StatusNotFound, "not_found"}, message: "this record is not listed any more"}
}
