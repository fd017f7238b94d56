package stats

import (
	"strconv"

	"qslbox/qso"
)

// Statistics are the numbers of the dashboard (DESIGN.md section 9). "Worked"
// counts QSOs; "confirmed" counts those that LoTW or a card confirms, which is
// the headline and what most awards ask for. ConfirmedBy tells the sources
// apart.
type Statistics struct {
	AsOf       string `json:"as_of"` // RFC 3339; given by the snapshot, as is Generation
	Generation uint64 `json:"generation"`
	Stale      bool   `json:"stale,omitempty"`

	Total     int    `json:"total"`
	ThisYear  int    `json:"this_year"` // UTC, as the next two
	ThisMonth int    `json:"this_month"`
	Today     int    `json:"today"`
	First     string `json:"first,omitempty"` // start of the first QSO, RFC 3339
	Last      string `json:"last,omitempty"`

	// ConfirmedBy counts QSOs by any, award (LoTW or card), lotw, card, dcl,
	// eqsl, qrz and clublog.
	ConfirmedBy map[string]int `json:"confirmed_by"`
	Unique      Unique         `json:"unique"`

	ByBand  []Group `json:"by_band"`  // by frequency; with classes
	ByMode  []Group `json:"by_mode"`  // most QSOs first; modes as people call them (FT4, SSB)
	ByClass []Group `json:"by_class"` // CW, PHONE, DIGITAL
	ByYear  []Group `json:"by_year"`  // every year from the first to the last; with classes
	ByMonth []Group `json:"by_month"` // "2025-03", every month from the first to the last; the last ClassedMonths with classes
	// ByWeekday has the keys 1 (Monday) to 7, ByHour 00 to 23 (UTC).
	ByWeekday   []Group    `json:"by_weekday"`
	ByHour      []Group    `json:"by_hour"`
	HourWeekday [7][24]int `json:"hour_weekday"` // QSOs by weekday, Monday first, and hour
	ByContinent []Group    `json:"by_continent"` // what the log says, else where the entity is
	TopEntities []Group    `json:"top_entities"` // most QSOs first, at most MaxGroups
	ByOwn       []Group    `json:"by_own"`       // most QSOs first, as all below, and at most MaxGroups each
	ByOperator  []Group    `json:"by_operator"`
	ByContest   []Group    `json:"by_contest"`
	BySatellite []Group    `json:"by_satellite"`
	ByPropMode  []Group    `json:"by_prop_mode"` // ADIF's PROP_MODE, where given
}

// MaxGroups bounds the lists whose length the log decides.
const MaxGroups = 100

// ClassedMonths is how many of the last months of ByMonth tell mode classes apart:
// those that a page draws.
const ClassedMonths = 24

// Unique counts different values.
type Unique struct {
	Calls    int `json:"calls"`
	Entities int `json:"entities"` // what award dxcc calls worked: current, terrestrial
	Bands    int `json:"bands"`
	Modes    int `json:"modes"`
	Grids    int `json:"grids"` // four-character squares, also those of VUCC_GRIDS
}

// Tally counts QSOs.
type Tally struct {
	Worked    int `json:"worked"`
	Confirmed int `json:"confirmed"`
}

// Group is one line of a table.
type Group struct {
	Key  string `json:"key"`
	Name string `json:"name,omitempty"`
	Tally
	CW      *Tally `json:"CW,omitempty"` // by mode class; nil where there are none
	Phone   *Tally `json:"PHONE,omitempty"`
	Digital *Tally `json:"DIGITAL,omitempty"`
}

// AppendJSON appends the statistics as one JSON object, without as_of and
// generation: a snapshot puts them in front.
func (s *Statistics) AppendJSON(b []byte) []byte {
	b = append(b, '{')
	for _, m := range [...]struct {
		name string
		n    int
	}{{"total", s.Total}, {"this_year", s.ThisYear}, {"this_month", s.ThisMonth}, {"today", s.Today}} {
		b = appendNumber(b, m.name, m.n)
	}
	if s.Total > 0 {
		b = append(appendText(appendName(b, "first"), s.First), ',')
		b = append(appendText(appendName(b, "last"), s.Last), ',')
	}
	b = append(appendName(b, "confirmed_by"), '{')
	for _, name := range confirmedNames {
		b = appendNumber(b, name, s.ConfirmedBy[name])
	}
	b = append(closing(b, '}'), ',')
	u := &s.Unique
	b = append(appendName(b, "unique"), '{')
	b = appendNumber(appendNumber(appendNumber(b, "calls", u.Calls), "entities", u.Entities), "bands", u.Bands)
	b = append(closing(appendNumber(appendNumber(b, "modes", u.Modes), "grids", u.Grids), '}'), ',')
	for _, list := range s.lists() {
		b = append(appendGroups(appendName(b, list.name), *list.groups), ',')
	}
	b = append(appendName(b, "hour_weekday"), '[')
	for d := range s.HourWeekday {
		b = append(b, '[')
		for _, n := range s.HourWeekday[d] {
			b = append(strconv.AppendInt(b, int64(n), 10), ',')
		}
		b = append(closing(b, ']'), ',')
	}
	return append(closing(b, ']'), '}')
}

// lists names the tables in the order in which they are written.
func (s *Statistics) lists() []struct {
	name   string
	groups *[]Group
} {
	return []struct {
		name   string
		groups *[]Group
	}{
		{"by_band", &s.ByBand}, {"by_mode", &s.ByMode}, {"by_class", &s.ByClass}, {"by_year", &s.ByYear}, {"by_month", &s.ByMonth},
		{"by_weekday", &s.ByWeekday}, {"by_hour", &s.ByHour}, {"by_continent", &s.ByContinent}, {"top_entities", &s.TopEntities},
		{"by_own", &s.ByOwn}, {"by_operator", &s.ByOperator}, {"by_contest", &s.ByContest}, {"by_satellite", &s.BySatellite},
		{"by_prop_mode", &s.ByPropMode},
	}
}

func appendGroups(b []byte, groups []Group) []byte {
	b = append(b, '[')
	for i := range groups {
		g := &groups[i]
		b = append(appendText(appendName(append(b, '{'), "key"), g.Key), ',')
		if g.Name != "" {
			b = append(appendText(appendName(b, "name"), g.Name), ',')
		}
		b = appendTally(b, &g.Tally)
		for _, class := range [...]struct {
			name  string
			tally *Tally
		}{{"CW", g.CW}, {"PHONE", g.Phone}, {"DIGITAL", g.Digital}} {
			if class.tally != nil {
				b = append(appendName(append(b, ','), class.name), '{')
				b = append(appendTally(b, class.tally), '}')
			}
		}
		b = append(b, '}', ',')
	}
	return closing(b, ']')
}

func appendTally(b []byte, t *Tally) []byte {
	return closing(appendNumber(appendNumber(b, "worked", t.Worked), "confirmed", t.Confirmed), 0)
}

func appendName(b []byte, name string) []byte {
	return append(append(append(b, '"'), name...), '"', ':')
}

// appendNumber appends a member and a comma.
func appendNumber(b []byte, name string, n int) []byte {
	return append(strconv.AppendInt(appendName(b, name), int64(n), 10), ',')
}

func appendText(b []byte, text string) []byte { return qso.AppendJSONString(b, text) }

// closing drops a comma at the end and appends a bracket, unless that is 0.
func closing(b []byte, bracket byte) []byte {
	if n := len(b) - 1; b[n] == ',' {
		b = b[:n]
	}
	if bracket != 0 {
		b = append(b, bracket)
	}
	return b
}
