package webui

import (
	"html"
	"html/template"
	"maps"
	"net/url"
	"slices"
	"strings"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/stats"
	"qslbox/stats/awards"
	"qslbox/webui/words"
)

// awardTable is an award as its snapshot has it.
type awardTable struct {
	AsOf      string               `json:"as_of"`
	Stale     bool                 `json:"stale"`
	ID        string               `json:"id"`
	Name      string               `json:"name"`
	NameDE    string               `json:"name_de"`
	Worked    int                  `json:"worked"`
	Confirmed int                  `json:"confirmed"`
	Granted   int                  `json:"granted"`
	Submitted int                  `json:"submitted"`
	Target    int                  `json:"target"`
	Points    *stats.Tally         `json:"points"`
	Slots     map[string]awardSlot `json:"slots"`
	Keys      []awardKey           `json:"keys"`
	Needed    []string             `json:"needed"`
	Levels    []awardLevel         `json:"levels"`
	Sources   []string             `json:"sources"`
	Unsure    []string             `json:"unsure"`

	NotCountable []struct {
		ID     uint64 `json:"id"`
		Reason string `json:"reason"`
	} `json:"not_countable"`
	NotCountableMore int      `json:"not_countable_more"`
	WithoutValue     []uint64 `json:"lotw_without_value"`
	Places           []struct {
		Km       float64  `json:"km"`
		Answer   string   `json:"answer"`
		Bands    []string `json:"bands"`
		Farthest float64  `json:"farthest_km"`
	} `json:"own_places"`
}

type awardSlot struct {
	Worked    int `json:"worked"`
	Confirmed int `json:"confirmed"`
	Granted   int `json:"granted"`
	Submitted int `json:"submitted"`
	Target    int `json:"target"` // keys of a slot that is a group of keys
}

type awardKey struct {
	Key       string              `json:"key"`
	Name      string              `json:"name"`
	Deleted   bool                `json:"deleted"`
	Worked    bool                `json:"worked"`
	Confirmed bool                `json:"confirmed"`
	Granted   bool                `json:"granted"`
	Submitted bool                `json:"submitted"`
	Slots     map[string]keyState `json:"slots"`
	Lat       float64             `json:"lat"`
	Lon       float64             `json:"lon"`
}

// state returns what the key has in total.
func (k *awardKey) state() keyState {
	return keyState{k.Worked, k.Confirmed, k.Granted, k.Submitted}
}

type keyState struct {
	Worked    bool `json:"worked"`
	Confirmed bool `json:"confirmed"`
	Granted   bool `json:"granted"`
	Submitted bool `json:"submitted"`
}

// Letter returns G, S, C, W or nothing.
func (s keyState) Letter() string {
	switch {
	case s.Granted:
		return "G"
	case s.Submitted:
		return "S"
	case s.Confirmed:
		return "C"
	case s.Worked:
		return "W"
	}
	return ""
}

type awardLevel struct {
	Name    string `json:"name"`
	Slot    string `json:"slot"`
	Need    int    `json:"need"`
	Have    int    `json:"have"`
	Reached bool   `json:"reached"`
}

// ToGo returns how many keys are lacking.
func (l awardLevel) ToGo() int { return l.Need - l.Have }

// awardPage shows one award.
type awardPage struct {
	*awardTable
	Form       filterForm
	Terms      awardTerms
	Rules      awards.Rules
	Issuer     string
	Kind       string   // of the keys
	Views      []choice // table, map, growth
	Frames     []choice // of the map: the Earth, or a continent
	Choices    []choice // which keys are listed
	Bands      []choice // which slots are shown
	Columns    []string
	Rows       template.HTML // the table's body: thousands of cells, so no template makes them
	Foot       template.HTML // its sums
	More       int           // rows that are not shown
	Sums       []slotLine
	Continents *continentCard
	CSV        string // address of the table as a file
	Picture    template.HTML
	Growth     []growthLine
	Chase      []chaseLine
	Lacking    []neededKey
	Refused    []refusedQSO
	NoValue    []*qso.QSO
	addition   url.Values // what links keep of the query: filter and terms
}

// choice is a link that chooses something.
type choice struct {
	Name, URL string
	Here      bool
}

// slotLine is a slot with its count.
type slotLine struct {
	Name string
	awardSlot
}

func (d *awardPage) title(p *words.Printer) string {
	if p.Language == words.German && d.NameDE != "" {
		return d.NameDE
	}
	return d.Name
}

// maxAwardRows is how many keys stand on the page, maxAwardLinks how many cells
// with something in them: every band in every mode of every entity is more than
// a phone likes to load.
const (
	maxAwardRows  = 400
	maxAwardLinks = 9000
)

// getAwardPage answers GET /awards/{id}.
func getAwardPage(c *call) error { return c.share("", c.awardPage) }

func (c *call) awardPage() error {
	a, o, err := c.award()
	if err != nil {
		return err
	}
	table, err := decoded[awardTable](c, stats.AwardName(a.ID(), o), o.Filter)
	if err != nil {
		return err
	}
	v := &view{c: c, p: c.words()}
	d := awardPage{awardTable: table, Rules: a.Definition().Rules, Issuer: a.Definition().Issuer, Kind: a.Definition().Key.Kind, addition: c.termsOf(v)}
	all, err := c.statistics(columns.Filter{})
	if err != nil {
		return err
	}
	d.Form = c.newFilterForm("/awards/"+a.ID(), all, append([]string{"view", "frame", "show", "slots"}, termParams...)...)
	d.Terms = newTerms(v, a, table)
	d.CSV = c.url("/api/awards/"+a.ID()+"/table.csv", d.addition)
	if err := d.look(v, a, o); err != nil {
		return err
	}
	return c.render("award", &d)
}

// choose decides which keys and slots the table shows.
func (d *awardPage) choose(v *view, slots []string) {
	show, which := v.Query("show"), v.Query("slots")
	for _, name := range []string{"", "open", "needed", "all"} {
		d.Choices = append(d.Choices, choice{v.T("award.show." + name), v.Here("show", name), show == name})
	}
	d.Continents = newContinents(v, d.keyGroups(), func(continent string) string { return d.onMap(v, continent) })
	groups := map[string][]string{}
	for _, name := range slots {
		if count, ok := d.Slots[name]; ok && count.Worked > 0 {
			kind := slotKind(name)
			groups[kind] = append(groups[kind], name)
			if kind != "both" && (d.Continents == nil || !slices.Contains(columns.Continents(), name)) {
				d.Sums = append(d.Sums, slotLine{name, count})
			}
		}
	}
	for _, kind := range []string{"", "class", "both", "other"} {
		if len(groups[kind]) > 0 {
			d.Bands = append(d.Bands, choice{v.T("award.slots." + kind), v.Here("slots", kind), which == kind})
		}
	}
	d.Columns = groups[which]
	var rows []*awardKey
	for i := range d.Keys {
		k := &d.Keys[i]
		in := map[string]bool{"": k.Worked, "open": k.Worked && !k.Confirmed, "needed": !k.Worked, "all": true}[show]
		if in {
			rows = append(rows, k)
		}
	}
	shown := rowsThatFit(rows, d.Columns)
	d.More, rows = len(rows)-shown, rows[:shown]
	link := d.cellLink(v)
	d.Rows, d.Foot = rowsOf(v, rows, d.Columns, link), d.foot(v)
}

// keyGroups returns the slots that are groups of keys whose number is known.
func (d *awardPage) keyGroups() (list []keyGroup) {
	for _, name := range slices.Sorted(maps.Keys(d.Slots)) {
		if s := d.Slots[name]; s.Target > 0 {
			list = append(list, keyGroup{name, s.Worked, s.Confirmed, s.Target})
		}
	}
	return list
}

// onMap returns the address of the map of a continent.
func (d *awardPage) onMap(v *view, continent string) string {
	query := url.Values{"view": {"map"}}
	maps.Copy(query, d.addition)
	if frame := frameOf(continent); frame != "" {
		query.Set("frame", frame)
	}
	return v.c.url("/awards/"+d.ID, query)
}

// rowsThatFit returns how many of the rows a page holds.
func rowsThatFit(rows []*awardKey, slots []string) int {
	links := 0
	for i, k := range rows {
		for _, slot := range slots {
			if k.Slots[slot].Letter() != "" {
				links++
			}
		}
		if i == maxAwardRows || links > maxAwardLinks {
			return i
		}
	}
	return len(rows)
}

// rowsOf writes the rows of the table of keys; what is worked leads to its
// QSOs.
func rowsOf(v *view, keys []*awardKey, slots []string, link string) template.HTML {
	var b strings.Builder
	deleted := v.T("award.deleted")
	for _, k := range keys {
		b.WriteString(`<tr><th scope="row">` + html.EscapeString(strings.TrimSpace(k.Key+" "+v.KeyName(k.Key, k.Name))))
		if k.Deleted {
			b.WriteString(" <small>" + html.EscapeString(deleted) + "</small>")
		}
		key := link + url.QueryEscape(k.Key)
		b.WriteString(cell(k.state(), key))
		for _, slot := range slots {
			b.WriteString(cell(k.Slots[slot], key+"&amp;slot="+url.QueryEscape(slot)))
		}
		b.WriteByte('\n')
	}
	return template.HTML(b.String())
}

// cell writes a cell; its letter is its class too. A table has thousands: what
// HTML lets us leave out is left out.
func cell(s keyState, link string) string {
	if letter := s.Letter(); letter != "" {
		return "<td class=" + letter + `><a href="` + link + `">` + letter + "</a>"
	}
	return "<td>"
}

// foot writes the sums of the columns.
func (d *awardPage) foot(v *view) template.HTML {
	var b strings.Builder
	for _, line := range []struct {
		name  string
		count func(awardSlot) int
	}{
		{"award.confirmed", func(s awardSlot) int { return s.Confirmed }}, {"award.worked", func(s awardSlot) int { return s.Worked }},
		{"award.submitted", func(s awardSlot) int { return s.Submitted }}, {"award.granted", func(s awardSlot) int { return s.Granted }},
	} {
		total := line.count(awardSlot{Worked: d.Worked, Confirmed: d.Confirmed, Granted: d.Granted, Submitted: d.Submitted})
		if total == 0 && line.name != "award.confirmed" && line.name != "award.worked" {
			continue
		}
		b.WriteString(`<tr><th scope="row">` + html.EscapeString(v.T(line.name)) + "<td>" + v.N(total))
		for _, slot := range d.Columns {
			b.WriteString("<td>" + v.N(line.count(d.Slots[slot])))
		}
		b.WriteByte('\n')
	}
	return template.HTML(b.String())
}

// slotKind sorts a slot: bands and satellites (""), mode classes, both
// together, anything else.
func slotKind(name string) string {
	if _, err := qso.ParseBand(name); err == nil || name == "SAT" {
		return ""
	}
	if slices.Contains([]string{"CW", "PHONE", "DIGITAL"}, name) {
		return "class"
	}
	if band, _, ok := strings.Cut(name, " "); ok {
		if _, err := qso.ParseBand(band); err == nil {
			return "both"
		}
	}
	return "other"
}

// SlotName writes a slot for a reader.
func (v *view) SlotName(name string) string {
	if key := "class." + name; v.p.Has(key) {
		return v.T(key)
	}
	if key := "slot." + name; v.p.Has(key) {
		return v.T(key)
	}
	return name
}

// KeyName writes the name of an award's key. Names of entities and states are
// their own; those of continents are in the reader's language.
func (v *view) KeyName(key, name string) string {
	if len(key) == 2 {
		return v.Say(name)
	}
	return name
}

// Reason writes why a QSO does not count.
func (v *view) Reason(word string) string {
	if key := "countable." + word; v.p.Has(key) {
		return v.T(key)
	}
	return word
}

// Text writes a text of a definition.
func (v *view) Text(t awards.Text) string { return t.In(v.Lang) }
