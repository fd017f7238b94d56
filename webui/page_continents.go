package webui

import (
	"cmp"
	"html/template"
	"slices"

	"qslbox/qso/columns"
	"qslbox/webui/chart"
)

// keyGroup is how an award stands in a group of its keys, such as a continent.
type keyGroup struct {
	Key       string `json:"key"`
	Worked    int    `json:"worked"`
	Confirmed int    `json:"confirmed"`
	Target    int    `json:"target"` // keys of the group; 0 = not known
}

// continentCard shows how much of each continent an award has.
type continentCard struct {
	Picture template.HTML
	Rows    []continentRow
}

type continentRow struct {
	keyGroup
	Name, URL string
}

// newContinents draws the continents, the largest first; nil if the groups are
// others, or nobody knows how many keys they have. Link returns where a continent
// leads.
func newContinents(v *view, groups []keyGroup, link func(continent string) string) *continentCard {
	card := &continentCard{}
	for _, g := range groups {
		if g.Target > 0 && slices.Contains(columns.Continents(), g.Key) {
			card.Rows = append(card.Rows, continentRow{g, v.continentText(g.Key), link(g.Key)})
		}
	}
	if len(card.Rows) == 0 {
		return nil
	}
	slices.SortStableFunc(card.Rows, func(a, b continentRow) int { return cmp.Compare(b.Target, a.Target) })
	parts := chart.Parts{ID: "continents", Title: v.T("chart.continents"), Desc: v.T("chart.continents.desc"), Number: v.p.Number}
	for _, r := range card.Rows {
		parts.Rows = append(parts.Rows, chart.Part{
			Label: r.Name, Name: v.T("chart.continents.line", r.Name, r.Worked, r.Confirmed, r.Target),
			Worked: r.Worked, Confirmed: r.Confirmed, Whole: r.Target, URL: r.URL,
		})
	}
	card.Picture = parts.SVG()
	return card
}

// continentsOf shows the entities of each continent, as the award dxcc counts
// them; a continent leads to its map.
func continentsOf(v *view, list []progressLine) *continentCard {
	for _, line := range list {
		if line.ID == "dxcc" {
			return newContinents(v, line.Groups, func(continent string) string { return v.Of("/awards/dxcc", "view", "map", "frame", frameOf(continent)) })
		}
	}
	return nil
}

// frameOf returns the frame of a map that shows a continent; the Earth for
// Antarctica.
func frameOf(continent string) string {
	if _, ok := chart.Continents[continent]; ok {
		return continent
	}
	return ""
}
