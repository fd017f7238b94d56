package webui

import (
	"net/url"
	"strings"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/qso/dxcc"
)

// callCard is what the log holds of one station, and where it is: the answer
// while it still calls CQ.
type callCard struct {
	Call      string
	Entity    string
	Code      uint16
	Continent string
	CQZ, ITUZ uint8
	Km        float64
	Bearing   float64
	Station   columns.Before // QSOs with the station
	Country   columns.Before // QSOs with its entity
	Bands     []bandLine     // bands on which the station or its entity was worked
	Missing   []string       // bands that the log knows, but not with this entity

	Band     qso.Band // the band and mode of the contact at hand, if there is one
	Mode     qso.Mode
	DOK      string // the one of the contact at hand, else that of the last QSO with the station
	DOKState columns.Standing

	own columns.Filter // our own calls that count
}

// bandLine is one band of the card, by mode class (CW, PHONE, DIGITAL).
type bandLine struct {
	Band             string
	Station, Country [qso.ClassCount]columns.Standing
}

// headline are the sources that count as confirmed on the pages.
var headline = qso.SourceSet(qso.LoTW, qso.Card)

// NewEntity reports whether the entity would be a new one.
func (d *callCard) NewEntity() bool { return d.Code != 0 && d.Country.QSOs == 0 }

// AtHand reports whether the card is about a contact on a band.
func (d *callCard) AtHand() bool { return d.Band != 0 }

// NewBand reports whether the contact at hand would be a new band slot.
func (d *callCard) NewBand() bool {
	return d.AtHand() && d.Country.QSOs > 0 && d.Country.Band == columns.NotWorked
}

// NewClass reports whether the contact at hand would be the first with the
// entity in its mode class.
func (d *callCard) NewClass() bool {
	return d.Mode.Name != "" && d.Country.QSOs > 0 && d.Country.Class == columns.NotWorked
}

// NewDOK reports whether the DOK of the contact at hand would be a new one.
func (d *callCard) NewDOK() bool {
	return d.AtHand() && d.DOK != "" && d.DOKState == columns.NotWorked
}

// Class returns the mode class of the contact at hand.
func (d *callCard) Class() string { return d.Mode.Class().String() }

// callCard returns the card of the call that a query names; nil for a pattern
// or no call. A band, a mode, a locator and a DOK beside it are those of the
// contact at hand.
func (c *call) callCard(query url.Values) (*callCard, error) {
	text := strings.TrimSpace(query.Get("call"))
	if text == "" || strings.ContainsAny(text, "*?") {
		return nil, nil
	}
	sign, err := qso.ParseCall(text)
	if err != nil {
		return nil, nil //nolint:nilerr // the search says so already
	}
	found := c.Table.Lookup(sign, qso.TimeOf(c.time()))
	d := &callCard{Call: string(sign), CQZ: found.CQZone, ITUZ: found.ITUZone, Continent: found.Continent, Code: found.Entity}
	if e, ok := c.Table.Entity(found.Entity); ok {
		d.Entity = e.Name
	}
	d.Band, _ = qso.ParseBand(query.Get("band"))
	if name := query.Get("mode"); d.AtHand() && name != "" {
		d.Mode, _ = qso.ParseMode(name, query.Get("submode"))
	}
	d.DOK, _ = qso.FoldDOK(query.Get("darc_dok"))
	if f, err := c.filter(); err == nil {
		d.own.Own, d.own.Holder = f.Own, f.Holder
	}
	log, err := c.book.Columns(c.ctx())
	if err != nil {
		return nil, err
	}
	d.place(c.home(log), query.Get("gridsquare"), found)
	log.View(func(v *columns.View) { d.look(v) })
	return d, nil
}

// home returns where we are: the locator of today's location, else the usual
// one, else that of the last QSOs; empty if nothing says so.
func (c *call) home(log *columns.Log) (grid qso.Grid) {
	settings := c.book.Settings()
	if grid = settings.GridAt(settings.DefaultOwn, qso.TimeOf(c.time())); grid != "" {
		return grid
	}
	const last = 100
	log.View(func(v *columns.View) {
		order := v.Order()
		for i := order.Len() - 1; i >= max(0, order.Len()-last) && grid == ""; i-- {
			if row := order.At(i); v.Live(int(row)) {
				grid, _ = qso.ParseGrid(v.Sessions[v.Session[row]].MyGrid)
			}
		}
	})
	return grid
}

// place tells distance and direction from our usual locator: to the locator of
// the other side if it is known, else to the middle of its entity.
func (d *callCard) place(home qso.Grid, theirs string, found dxcc.Result) {
	if home == "" || found.Entity == 0 {
		return
	}
	lat, lon := home.Center()
	if g, err := qso.ParseGrid(theirs); err == nil {
		toLat, toLon := g.Center()
		d.Km, d.Bearing = qso.Distance(lat, lon, toLat, toLon)
		return
	}
	d.Km, d.Bearing = qso.Distance(lat, lon, found.Lat, found.Lon)
}

// look folds the log into the card.
func (d *callCard) look(v *columns.View) {
	station, country := d.own, d.own
	station.Call, country.Entity = d.Call, d.Code
	d.Station = v.Before(station, d.Band, d.Mode, headline)
	lines := map[qso.Band]*bandLine{}
	d.mark(v, station, lines, func(l *bandLine) *[qso.ClassCount]columns.Standing { return &l.Station })
	if d.Code != 0 {
		d.Country = v.Before(country, d.Band, d.Mode, headline)
		d.mark(v, country, lines, func(l *bandLine) *[qso.ClassCount]columns.Standing { return &l.Country })
	}
	used := [256]bool{}
	for _, band := range v.Band {
		used[band] = true
	}
	for _, band := range qso.Bands() {
		l := lines[band]
		if l != nil {
			d.Bands = append(d.Bands, *l)
		}
		if used[band] && (l == nil || l.Country == [qso.ClassCount]columns.Standing{}) && d.Country.QSOs > 0 {
			d.Missing = append(d.Missing, band.String())
		}
	}
	d.lookDOK(v, station)
}

// mark notes the standing of each band and class in the lines.
func (d *callCard) mark(v *columns.View, f columns.Filter, lines map[qso.Band]*bandLine, side func(*bandLine) *[qso.ClassCount]columns.Standing) {
	eachRow(v, f, func(row uint32) {
		band := qso.Band(v.Band[row])
		if lines[band] == nil {
			lines[band] = &bandLine{Band: band.String()}
		}
		at := &side(lines[band])[v.Class[v.Mode[row]]]
		*at = max(*at, standingOf(v, row, headline))
	})
}

// lookDOK finds the DOK of the station, if none was given, and how far it has
// come with anybody.
func (d *callCard) lookDOK(v *columns.View, station columns.Filter) {
	if d.DOK == "" {
		last := uint32(0)
		eachRow(v, station, func(row uint32) {
			if dok := v.PlaceOf(v.Place[row]).DOK; dok != "" && dok != columns.BadDOK && v.Time[row] >= last {
				d.DOK, last = dok, v.Time[row]
			}
		})
	}
	if d.DOK == "" {
		return
	}
	has := make([]bool, len(v.Places))
	for i := range v.Places {
		has[i] = v.Text(v.Places[i].DOK) == d.DOK
	}
	eachRow(v, d.own, func(row uint32) {
		if has[v.Place[row]] {
			d.DOKState = max(d.DOKState, standingOf(v, row, headline|qso.SourceSet(qso.DCL)))
		}
	})
}

// eachRow calls fn for each row that passes a filter.
func eachRow(v *columns.View, f columns.Filter, fn func(row uint32)) {
	walk := v.Match(f).Rows(0, v.Rows())
	rows := make([]uint32, 1024)
	for n := walk.Next(rows); n > 0; n = walk.Next(rows) {
		for _, row := range rows[:n] {
			fn(row)
		}
	}
}

// standingOf says whether a row is confirmed by one of the sources.
func standingOf(v *columns.View, row uint32, by qso.Sources) columns.Standing {
	if qso.Sources(v.Confirmed[row])&by != 0 {
		return columns.Confirmed
	}
	return columns.Worked
}

// Mark returns the letter of a standing: C, W or nothing.
func (v *view) Mark(s columns.Standing) string {
	switch s {
	case columns.Confirmed:
		return "C"
	case columns.Worked:
		return "W"
	}
	return ""
}
