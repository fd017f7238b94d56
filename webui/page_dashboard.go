package webui

import (
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/stats"
	"qslbox/syncers"
	"qslbox/webui/access"
	"qslbox/webui/chart"
	"qslbox/webui/words"
)

// dashboardPage shows the statistics of the log, or of a part of it.
type dashboardPage struct {
	Form       filterForm
	Stats      *stats.Statistics
	Own        string // the call on the card
	Confirmed  []share
	Awards     []progressLine
	Syncs      []syncers.Run // the last run of each source
	Since      *sinceVisit   // nil: nothing is known of a visit before
	Years      template.HTML
	Months     template.HTML
	Heat       template.HTML
	Hours      [24][7]template.HTML // the numbers of Heat, by hour
	Recent     []stats.Group        // the last months, newest first
	More       []listing            // the lists that only some logs have
	Continents *continentCard       // entities per continent
}

// share is a part of all QSOs.
type share struct {
	Key   string
	Count int
}

// listing is a list with a heading.
type listing struct {
	Title string
	Param string // the filter that a line stands for; empty: none
	Rows  []stats.Group
}

// bigAwards are the awards on the dashboard.
var bigAwards = []string{"dxcc", "was", "waz", "wpx", "dld", "vucc"}

// MoreIn returns the listings of More that stand in a column, of three; the
// continents stand in the first already.
func (d *dashboardPage) MoreIn(column int) (list []listing) {
	for i := (column + 2) % 3; i < len(d.More); i += 3 {
		list = append(list, d.More[i])
	}
	return list
}

// getDashboardPage answers GET /.
func getDashboardPage(c *call) error {
	f, err := c.filter()
	if err != nil {
		return err
	}
	s, err := c.statistics(f)
	if err != nil {
		return err
	}
	if s.Total == 0 && f.Empty() {
		return c.welcome(http.StatusOK, welcomePage{})
	}
	var since *sinceVisit
	if c.id.SignedIn() {
		if since, err = c.sinceVisit(); err != nil {
			return err
		}
	}
	return c.share(since.text(), func() error { return c.dashboard(f, since) })
}

// dashboard makes the page.
func (c *call) dashboard(f columns.Filter, since *sinceVisit) error {
	s, err := c.statistics(f)
	if err != nil {
		return err
	}
	all := s
	if !f.Empty() {
		if all, err = c.statistics(columns.Filter{}); err != nil {
			return err
		}
	}
	d := dashboardPage{Form: c.newFilterForm("/", all), Stats: s, Own: c.ownCall(f, all), Since: since}
	for _, key := range []string{"lotw", "card", "dcl", "eqsl", "qrz", "clublog"} {
		if n := s.ConfirmedBy[key]; n > 0 || key == "lotw" || key == "card" || key == "dcl" {
			d.Confirmed = append(d.Confirmed, share{key, n})
		}
	}
	if d.Awards, err = c.progress(f, bigAwards); err != nil {
		return err
	}
	if c.id.SignedIn() {
		for _, source := range []qso.Source{qso.LoTW, qso.DCL} {
			runs, err := c.book.Runs(source, 1)
			if err != nil {
				return err
			}
			d.Syncs = append(d.Syncs, runs...)
		}
	}
	d.draw(&view{c: c, p: c.words(), Can: rights{Read: c.id.May(access.Read, c.name)}})
	for _, l := range []listing{
		{"own", "own", s.ByOwn}, {"operators", "operator", s.ByOperator}, {"contests", "contest", s.ByContest},
		{"satellites", "sat", s.BySatellite}, {"propagation", "prop", s.ByPropMode},
	} {
		if len(l.Rows) > 0 {
			l.Rows = l.Rows[:min(len(l.Rows), 12)]
			d.More = append(d.More, l)
		}
	}
	return c.render("dashboard", &d)
}

// statistics returns the numbers of the dashboard, from their snapshot.
func (c *call) statistics(f columns.Filter) (*stats.Statistics, error) {
	return decoded[stats.Statistics](c, stats.Dashboard, f)
}

// ownCall returns whose QSOs are shown: the own calls of the filter or their
// holder, else the call of the settings, else the one with the most QSOs.
func (c *call) ownCall(f columns.Filter, s *stats.Statistics) string {
	switch {
	case f.Holder != "" && len(f.Own) > 1:
		return f.Holder
	case len(f.Own) == 1:
		return string(f.Own[0])
	case len(f.Own) > 1:
		calls := make([]string, len(f.Own))
		for i, own := range f.Own {
			calls[i] = string(own)
		}
		return strings.Join(calls, ", ")
	}
	settings := c.book.Settings()
	if settings.DefaultOwn != "" {
		return string(settings.DefaultOwn)
	}
	if len(s.ByOwn) > 0 {
		return s.ByOwn[0].Key
	}
	return ""
}

// draw makes the pictures.
func (d *dashboardPage) draw(v *view) {
	p := v.p
	d.Years = yearsOf(v, d.Stats.ByYear).SVG()
	months := d.Stats.ByMonth[max(0, len(d.Stats.ByMonth)-stats.ClassedMonths):]
	d.Months = monthsOf(v, months).SVG()
	d.Recent = slices.Clone(months)
	slices.Reverse(d.Recent)
	d.Continents = continentsOf(v, d.Awards)
	heat := chart.Heat{
		ID: "heat", Title: p.Text("chart.heat"), Desc: p.Text("chart.heat.desc"),
		Cell: func(row, col, value int) string {
			return fmt.Sprintf("%s %02d–%02d: %s", p.Weekday(row), col, col+1, p.Number(value))
		},
		URL: v.AtHour,
	}
	for hour := range 24 {
		heat.Columns = append(heat.Columns, fmt.Sprintf("%02d", hour))
	}
	for day, hours := range d.Stats.HourWeekday {
		heat.Rows = append(heat.Rows, chart.HeatRow{Label: p.WeekdayShort(day), Values: hours[:]})
		for hour, n := range hours {
			d.Hours[hour][day] = v.To(n, v.AtHour(day, hour))
		}
	}
	d.Heat = heat.SVG()
}

// yearsOf makes a chart of years by mode class.
func yearsOf(v *view, years []stats.Group) chart.Stack {
	p := v.p
	s := chart.Stack{ID: "years", Title: p.Text("chart.years"), Desc: p.Text("chart.years.desc"), Number: p.Number, Series: byClass(p), Marked: p.Text("chart.confirmed")}
	for _, g := range years {
		s.Columns = append(s.Columns, chart.Column{Label: g.Key, Values: classesOf(g), Mark: g.Confirmed, URL: v.During(g.Key)})
	}
	return s
}

// monthsOf makes a chart of months by mode class, with a line at what is
// confirmed.
func monthsOf(v *view, months []stats.Group) chart.Stack {
	p := v.p
	s := chart.Stack{
		ID: "months", Title: p.Text("chart.months"), Desc: p.Text("chart.months.desc"), Number: p.Number, Series: byClass(p), Marked: p.Text("chart.confirmed"),
	}
	for _, g := range months {
		label, name := monthNames(p, g.Key)
		s.Columns = append(s.Columns, chart.Column{Label: label, Name: name, Values: classesOf(g), Mark: g.Confirmed, URL: v.During(g.Key)})
	}
	return s
}

// byClass are the layers of a bar by mode class.
func byClass(p *words.Printer) []chart.Series {
	return []chart.Series{{Name: p.Text("class.CW"), Class: "cw"}, {Name: p.Text("class.PHONE"), Class: "phone"}, {Name: p.Text("class.DIGITAL"), Class: "digital"}}
}

func classesOf(g stats.Group) []int { return []int{worked(g.CW), worked(g.Phone), worked(g.Digital)} }

func worked(t *stats.Tally) int {
	if t == nil {
		return 0
	}
	return t.Worked
}

// monthNames writes a month such as 2025-03 short and in full.
func monthNames(p *words.Printer, key string) (label, name string) {
	if len(key) != 7 {
		return key, key
	}
	n, err := strconv.Atoi(key[5:])
	if err != nil {
		return key, key
	}
	return p.MonthShort(n) + " " + key[2:4], p.Month(n) + " " + key[:4]
}

// Month writes a month such as 2025-03 in full.
func (v *view) Month(key string) string {
	_, name := monthNames(v.p, key)
	return name
}

// Most returns the largest number of QSOs of a group.
func (v *view) Most(groups []stats.Group) int {
	most := 0
	for _, g := range groups {
		most = max(most, g.Worked)
	}
	return most
}

// BarTo is Bar that leads somewhere. The keyboard passes over it: a number in
// the same line leads there too.
func (v *view) BarTo(href string, worked, confirmed, most int) template.HTML {
	return chart.BarTo(href, worked, confirmed, most)
}

// Bar draws a bar of worked and confirmed.
func (v *view) Bar(worked, confirmed, most int) template.HTML {
	return chart.Bar(worked, confirmed, most)
}

// MostCell returns the largest cell of the table of bands by classes.
func (v *view) MostCell(groups []stats.Group) int {
	most := 0
	for _, g := range groups {
		most = max(most, worked(g.CW), worked(g.Phone), worked(g.Digital))
	}
	return most
}

// First returns at most n groups.
func (v *view) First(n int, groups []stats.Group) []stats.Group { return groups[:min(n, len(groups))] }
