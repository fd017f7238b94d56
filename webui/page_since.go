package webui

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/syncers"
)

// sinceVisit is what has happened since the reader's last visit: what is new
// first, then the mass.
type sinceVisit struct {
	Since    time.Time
	Entities newsList
	Slots    newsList // such as "Japan 20m"
	DOKs     newsList
	States   newsList
	Updated  int    // QSOs that a sync confirmed or completed
	QSOs     int    // QSOs that the log did not hold then
	Newest   uint64 // the newest QSO of then
}

// newsItem is a piece of news that leads to its QSOs.
type newsItem struct{ Name, URL string }

// newsList is news of one kind.
type newsList []newsItem

// Shown returns the first of them, for a line of news.
func (l newsList) Shown() newsList { return l[:min(len(l), shownNews)] }

// Beyond returns how many Shown leaves out.
func (l newsList) Beyond() int { return max(0, len(l)-shownNews) }

// Any reports whether anything has happened.
func (s *sinceVisit) Any() bool {
	return s.QSOs+s.Updated+len(s.Entities)+len(s.Slots)+len(s.DOKs)+len(s.States) > 0
}

// text says the same if and only if the page says the same of it.
func (s *sinceVisit) text() string {
	if s == nil || !s.Any() {
		return ""
	}
	return fmt.Sprint(*s)
}

// The cookie of visits holds when the last visit ended and what the newest QSO
// was then, and the same of the present visit. A pause ends a visit.
const (
	visitCookie = "visit"
	visitPause  = 30 * time.Minute
	shownNews   = 12
)

// visit is a moment of a visit.
type visit struct {
	at   int64 // Unix seconds
	last uint64
}

// sinceVisit returns what is new for the reader, nil on a first visit, and
// notes this one.
func (c *call) sinceVisit() (*sinceVisit, error) {
	log, err := c.book.Columns(c.ctx())
	if err != nil {
		return nil, err
	}
	now := visit{at: c.time().Unix()}
	log.View(func(v *columns.View) {
		if n := v.Rows(); n > 0 {
			now.last = v.ID(n - 1)
		}
	})
	before, latest := c.visits()
	if latest.at == 0 || latest.at > now.at {
		before, latest = visit{}, now
	} else if now.at-latest.at > int64(visitPause/time.Second) {
		before = latest
	}
	c.keep(visitCookie, fmt.Sprintf("%d.%d.%d.%d", before.at, before.last, now.at, now.last))
	if before.at == 0 {
		return nil, nil
	}
	s := &sinceVisit{Since: time.Unix(before.at, 0).UTC(), Newest: before.last}
	log.View(func(v *columns.View) {
		for row := v.Rows() - 1; row >= 0 && v.ID(row) > before.last; row-- {
			if v.Live(row) {
				s.QSOs++
			}
		}
	})
	return s, c.newsOfSyncs(s)
}

// visits reads the cookie; zero visits if it is none of ours.
func (c *call) visits() (before, latest visit) {
	cookie, err := c.r.Cookie(visitCookie)
	if err != nil {
		return visit{}, visit{}
	}
	if n, err := fmt.Sscanf(cookie.Value, "%d.%d.%d.%d", &before.at, &before.last, &latest.at, &latest.last); n != 4 || err != nil || before.at < 0 {
		return visit{}, visit{}
	}
	return before, latest
}

// newsOfSyncs takes over what the syncs since then have brought.
func (c *call) newsOfSyncs(s *sinceVisit) error {
	var news syncers.New
	for _, source := range []qso.Source{qso.LoTW, qso.DCL} {
		runs, err := c.book.Runs(source, defaultRuns)
		if err != nil {
			return err
		}
		for i := range runs {
			if runs[i].Ended.Before(s.Since) {
				break // they are newest first
			}
			news.Add(runs[i].New)
			s.Updated += runs[i].Updated
		}
	}
	for _, code := range news.Entities {
		s.Entities = append(s.Entities, newsItem{c.keyName(code), c.url("/log", url.Values{"entity": {code}})})
	}
	for _, text := range news.Slots {
		code, band, _ := strings.Cut(text, "/")
		if !slices.Contains(news.Entities, code) { // a new entity is said already
			s.Slots = append(s.Slots, newsItem{c.keyName(code) + " " + band, c.url("/log", url.Values{"entity": {code}, "band": {band}})})
		}
	}
	s.DOKs, s.States = c.behind("dld", news.DOKs), c.behind("was", news.States)
	return nil
}

// behind makes the keys of an award lead to the QSOs that count for them.
func (c *call) behind(award string, keys []string) (items newsList) {
	for _, key := range keys {
		items = append(items, newsItem{key, c.url("/awards/"+award+"/qsos", url.Values{"key": {key}})})
	}
	return items
}

// keyName returns the name of an entity by the text of its number.
func (c *call) keyName(code string) string {
	if n, err := strconv.ParseUint(code, 10, 16); err == nil {
		if e, ok := c.Table.Entity(uint16(n)); ok {
			return e.Name
		}
	}
	return code
}

// Some returns the first names of a list, for a line of news.
func (v *view) Some(list []string) []string { return list[:min(len(list), shownNews)] }

// Beyond returns how many names Some leaves out.
func (v *view) Beyond(list []string) int { return max(0, len(list)-shownNews) }
