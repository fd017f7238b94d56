package webui

import (
	"qslbox/qso/columns"
	"qslbox/stats"
)

// progressLine is one award of the overview, as its snapshot has it.
type progressLine struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	NameDE    string     `json:"name_de"`
	Issuer    string     `json:"issuer"`
	Custom    bool       `json:"custom"`
	Worked    int        `json:"worked"`
	Confirmed int        `json:"confirmed"`
	Granted   int        `json:"granted"`
	Groups    []keyGroup `json:"groups"`
	Next      *struct {
		Name string `json:"name"`
		Need int    `json:"need"`
		Have int    `json:"have"`
	} `json:"next"`
}

// progressList is the overview.
type progressList struct {
	Items  []progressLine `json:"items"`
	Faults []awardFault   `json:"faults"`
}

// awardFault is a definition of the user's own that cannot be used.
type awardFault struct {
	File    string `json:"file"`
	Member  string `json:"member"`
	Problem string `json:"problem"`
	Remedy  string `json:"remedy"`
}

// ToGo returns how many keys the next level lacks.
func (l progressLine) ToGo() int {
	if l.Next == nil {
		return 0
	}
	return l.Next.Need - l.Next.Have
}

// In returns the award's name in a language.
func (l progressLine) In(lang string) string {
	if lang == "de" && l.NameDE != "" {
		return l.NameDE
	}
	return l.Name
}

// progress returns the overview of awards for a filter; of those with the ids
// only, if any are given.
func (c *call) progress(f columns.Filter, ids []string) ([]progressLine, error) {
	doc, err := decoded[progressList](c, stats.Overview, f)
	if err != nil {
		return nil, err
	}
	if ids == nil {
		return doc.Items, nil
	}
	var out []progressLine
	for _, id := range ids {
		for _, line := range doc.Items {
			if line.ID == id {
				out = append(out, line)
			}
		}
	}
	return out, nil
}

// awardsPage lists all awards.
type awardsPage struct {
	Form   filterForm
	All    []progressLine
	Faults []awardFault
}

// getAwardsPage answers GET /awards.
func getAwardsPage(c *call) error { return c.share("", c.awardsPage) }

func (c *call) awardsPage() error {
	f, err := c.filter()
	if err != nil {
		return err
	}
	doc, err := decoded[progressList](c, stats.Overview, f)
	if err != nil {
		return err
	}
	d := awardsPage{All: doc.Items, Faults: doc.Faults}
	all, err := c.statistics(columns.Filter{})
	if err != nil {
		return err
	}
	d.Form = c.newFilterForm("/awards", all)
	return c.render("awards", &d)
}
