package webui

import (
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
}

// bandLine is one band of the card, by mode class (CW, PHONE, DIGITAL).
type bandLine struct {
	Band             string
	Station, Country [qso.ClassCount]columns.Standing
}

// NewEntity reports whether the entity would be a new one.
func (d *callCard) NewEntity() bool { return d.Code != 0 && d.Country.QSOs == 0 }

// callCard returns the card of the call that the log is searched for; nil for
// a pattern or no call.
func (c *call) callCard() (*callCard, error) {
	text := strings.TrimSpace(c.query.Get("call"))
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
	settings := c.book.Settings()
	d.place(settings.Grid, found)
	log, err := c.book.Columns(c.ctx())
	if err != nil {
		return nil, err
	}
	own := columns.Filter{}
	if f, err := c.filter(); err == nil {
		own.Own = f.Own
	}
	log.View(func(v *columns.View) { d.look(v, own) })
	return d, nil
}

// place tells distance and direction from our usual locator.
func (d *callCard) place(home qso.Grid, found dxcc.Result) {
	if home == "" || found.Entity == 0 {
		return
	}
	lat, lon := home.Center()
	d.Km, d.Bearing = qso.Distance(lat, lon, found.Lat, found.Lon)
}

// look folds the log into the card.
func (d *callCard) look(v *columns.View, own columns.Filter) {
	by := qso.SourceSet(qso.LoTW, qso.Card)
	station, country := own, own
	station.Call, country.Entity = d.Call, d.Code
	d.Station = v.Before(station, 0, qso.Mode{}, by)
	d.Bands = nil
	lines := map[qso.Band]*bandLine{}
	mark := func(f columns.Filter, side func(*bandLine) *[qso.ClassCount]columns.Standing) {
		walk := v.Match(f).Rows(0, v.Rows())
		rows := make([]uint32, 512)
		for n := walk.Next(rows); n > 0; n = walk.Next(rows) {
			for _, row := range rows[:n] {
				band := qso.Band(v.Band[row])
				if lines[band] == nil {
					lines[band] = &bandLine{Band: band.String()}
				}
				state := columns.Worked
				if qso.Sources(v.Confirmed[row])&by != 0 {
					state = columns.Confirmed
				}
				at := &side(lines[band])[v.Class[v.Mode[row]]]
				*at = max(*at, state)
			}
		}
	}
	mark(station, func(l *bandLine) *[qso.ClassCount]columns.Standing { return &l.Station })
	if d.Code != 0 {
		d.Country = v.Before(country, 0, qso.Mode{}, by)
		mark(country, func(l *bandLine) *[qso.ClassCount]columns.Standing { return &l.Country })
	}
	for _, band := range qso.Bands() {
		if l := lines[band]; l != nil {
			d.Bands = append(d.Bands, *l)
		}
	}
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
