package webui

import (
	"net/http"
	"strconv"
	"time"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/stats"
	"qslbox/stats/awards"
)

// getStats answers GET /api/stats: the numbers of the dashboard.
func getStats(c *call) error {
	f, err := c.filter()
	if err != nil {
		return err
	}
	s, err := c.snapshot(stats.Dashboard, f)
	if err != nil {
		return err
	}
	return c.writeSnapshot(s)
}

// getAwards answers GET /api/awards: all awards with their progress.
func getAwards(c *call) error {
	f, err := c.filter()
	if err != nil {
		return err
	}
	s, err := c.snapshot(stats.Overview, f)
	if err != nil {
		return err
	}
	return c.writeSnapshot(s)
}

// getAward answers GET /api/awards/{id}: one award's table.
func getAward(c *call) error {
	a, o, err := c.award()
	if err != nil {
		return err
	}
	s, err := c.snapshot(stats.AwardName(a.ID(), o), o.Filter)
	if err != nil {
		return err
	}
	return c.writeSnapshot(s)
}

// award returns the award of the path and the options of the query: the filter,
// sources (what confirms), two_way, deleted, my_dxcc (our entity) and as_of.
func (c *call) award() (*awards.Award, awards.Options, error) {
	var o awards.Options
	id := c.params.ByName("id")
	a, ok := c.Awards().Get(id)
	if !ok {
		return nil, o, missing("there is no award %q; /api/awards lists them", id)
	}
	var err error
	if o.Filter, err = c.filter(); err != nil {
		return nil, o, err
	}
	if o.Sources, err = sourcesOf(c.query, "sources"); err != nil {
		return nil, o, err
	}
	if o.TwoWay, err = yesNo(c.query, "two_way"); err != nil {
		return nil, o, err
	}
	o.Deleted = c.on("deleted")
	if text := c.query.Get("my_dxcc"); text != "" {
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			return nil, o, badFilter("my_dxcc: %q is not the number of a DXCC entity, such as 230", text)
		}
		o.OwnEntity = uint16(n)
	}
	var day bool
	if o.AsOf, day, err = moment(c.query, "as_of"); err != nil {
		return nil, o, err
	}
	if day {
		o.AsOf += 24*3600 - 1
	}
	return a, o, nil
}

// getAwardPart answers GET /api/awards/{id}/{part}: what lies behind the table.
func getAwardPart(c *call) error {
	a, o, err := c.award()
	if err != nil {
		return err
	}
	log, err := c.book.Columns(c.ctx())
	if err != nil {
		return err
	}
	switch part := c.params.ByName("part"); part {
	case "qsos":
		return c.awardQSOs(a, log, o)
	case "unconfirmed":
		return c.awardUnconfirmed(a, log, o)
	case "timeline":
		return c.awardTimeline(a, log, o)
	case "table.csv":
		c.download("text/csv; charset=utf-8", a.ID()+".csv")
		return a.Table(log, o).WriteCSV(c.w)
	default:
		return missing("an award has qsos, unconfirmed, timeline and table.csv, not %q", part)
	}
}

// maxContacts is how many QSOs behind a cell are answered at most.
const maxContacts = 5000

func (c *call) awardQSOs(a *awards.Award, log *columns.Log, o awards.Options) error {
	type contact struct {
		ID        uint64 `json:"id"`
		Confirmed bool   `json:"confirmed"`
	}
	items := []contact{}
	contacts := a.Contacts(log, o, c.query.Get("key"), c.query.Get("slot"))
	for _, one := range contacts[:min(len(contacts), maxContacts)] {
		items = append(items, contact{one.ID, one.Confirmed})
	}
	return c.writeJSON(http.StatusOK, struct {
		Items []contact `json:"items"`
		More  int       `json:"more,omitempty"`
	}{items, len(contacts) - len(items)})
}

func (c *call) awardUnconfirmed(a *awards.Award, log *columns.Log, o awards.Options) error {
	type open struct {
		Key  string   `json:"key"`
		Name string   `json:"name"`
		IDs  []uint64 `json:"ids"`
	}
	items := []open{}
	for _, one := range a.Unconfirmed(log, o) {
		items = append(items, open{one.Key, one.Name, one.IDs})
	}
	return writeList(c, items)
}

func (c *call) awardTimeline(a *awards.Award, log *columns.Log, o awards.Options) error {
	type point struct {
		Day       string `json:"day"`
		Worked    int    `json:"worked"`
		Confirmed int    `json:"confirmed"`
	}
	items := []point{}
	for _, p := range a.Timeline(log, o) {
		items = append(items, point{dayOf(p.Day), p.Worked, p.Confirmed})
	}
	return writeList(c, items)
}

func dayOf(t qso.Time) string { return t.Std().Format(time.DateOnly) }

// deleteCache answers DELETE /api/cache: everything is computed anew.
func deleteCache(c *call) error {
	if err := c.book.Touch(c.ctx()); err != nil {
		return err
	}
	c.audit("cache-cleared", "")
	return c.done()
}
