package webui

import (
	"html"
	"html/template"
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
}

type awardKey struct {
	Key       string              `json:"key"`
	Name      string              `json:"name"`
	Deleted   bool                `json:"deleted"`
	Worked    bool                `json:"worked"`
	Confirmed bool                `json:"confirmed"`
	Granted   bool                `json:"granted"`
	Slots     map[string]keyState `json:"slots"`
}

type keyState struct {
	Worked    bool `json:"worked"`
	Confirmed bool `json:"confirmed"`
	Granted   bool `json:"granted"`
}

// Letter returns G, C, W or nothing.
func (s keyState) Letter() string {
	switch {
	case s.Granted:
		return "G"
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
	Form    filterForm
	Rules   awards.Rules
	Issuer  string
	Choices []choice // which keys are listed
	Bands   []choice // which slots are shown
	Columns []string
	Rows    template.HTML // the table's body: thousands of cells, so no template makes them
	More    int           // rows that are not shown
	Sums    []slotLine
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

// maxAwardRows is how many keys stand on the page.
const maxAwardRows = 400

// getAwardPage answers GET /awards/{id}.
func getAwardPage(c *call) error {
	a, o, err := c.award()
	if err != nil {
		return err
	}
	table, err := decoded[awardTable](c, stats.AwardName(a.ID(), o), o.Filter)
	if err != nil {
		return err
	}
	d := awardPage{awardTable: table, Rules: a.Definition().Rules, Issuer: a.Definition().Issuer}
	all, err := c.statistics(columns.Filter{})
	if err != nil {
		return err
	}
	d.Form = c.newFilterForm("/awards/"+a.ID(), all, "show", "slots", "sources", "deleted", "two_way")
	d.choose(&view{c: c, p: c.words()}, a.SlotNames())
	return c.render("award", &d)
}

// choose decides which keys and slots the table shows.
func (d *awardPage) choose(v *view, slots []string) {
	show, which := v.Query("show"), v.Query("slots")
	for _, name := range []string{"", "open", "needed", "all"} {
		d.Choices = append(d.Choices, choice{v.T("award.show." + name), v.Here("show", name), show == name})
	}
	groups := map[string][]string{}
	for _, name := range slots {
		if count, ok := d.Slots[name]; ok && count.Worked > 0 {
			kind := slotKind(name)
			groups[kind] = append(groups[kind], name)
			if kind != "both" {
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
	if len(rows) > maxAwardRows {
		d.More = len(rows) - maxAwardRows
		rows = rows[:maxAwardRows]
	}
	d.Rows = rowsOf(rows, d.Columns, v.T("award.deleted"))
}

// rowsOf writes the rows of the table of keys.
func rowsOf(keys []*awardKey, slots []string, deleted string) template.HTML {
	var b strings.Builder
	for _, k := range keys {
		b.WriteString(`<tr><th scope="row">` + html.EscapeString(strings.TrimSpace(k.Key+" "+k.Name)))
		if k.Deleted {
			b.WriteString(" <small>" + html.EscapeString(deleted) + "</small>")
		}
		b.WriteString("</th>" + cell(keyState{k.Worked, k.Confirmed, k.Granted}))
		for _, slot := range slots {
			b.WriteString(cell(k.Slots[slot]))
		}
		b.WriteString("</tr>\n")
	}
	return template.HTML(b.String())
}

// cell writes a cell; its letter is its class too.
func cell(s keyState) string {
	if letter := s.Letter(); letter != "" {
		return `<td class="s ` + letter + `">` + letter + "</td>"
	}
	return "<td class=s></td>"
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

// Reason writes why a QSO does not count.
func (v *view) Reason(word string) string {
	if key := "countable." + word; v.p.Has(key) {
		return v.T(key)
	}
	return word
}

// Text writes a text of a definition.
func (v *view) Text(t awards.Text) string { return t.In(v.Lang) }
