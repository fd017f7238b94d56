package webui

import (
	"html/template"
	"net/url"

	"qslbox/stats"
)

// tab is one divider of the box: a page everybody finds at the top.
type tab struct {
	Name, URL string
	Here      bool
}

// Tabs lists the pages that the reader may open.
func (v *view) Tabs() (tabs []tab) {
	open := []struct {
		name, path string
		may        bool
		also       []string // pages under the same tab
	}{
		{"dashboard", "/", v.Can.Read || v.Page == "dashboard", []string{"welcome"}},
		{"log", "/log", v.Can.Read, []string{"qso", "edit", "trash", "bulk", "stations"}},
		{"cards", "/cards", v.Can.Read, []string{"cardlist"}},
		{"awards", "/awards", v.Can.Read, []string{"award", "contacts"}},
		{"map", "/map", v.Can.Read, nil},
		{"sync", "/sync", v.Can.Read, []string{"run"}},
		{"import", "/import", v.Can.Write, nil},
		{"monitor", "/monitor", v.Can.Metrics && v.Can.Read, nil},
		{"settings", "/settings", v.Can.Admin && v.Can.Read, nil},
	}
	for _, t := range open {
		if !t.may {
			continue
		}
		here := v.Page == t.name
		for _, other := range t.also {
			here = here || v.Page == other
		}
		tabs = append(tabs, tab{v.T("title." + t.name), v.URL(t.path), here})
	}
	return tabs
}

// Filtered returns the address of another page for the QSOs that are shown.
func (v *view) Filtered(path string) string { return v.c.url(path, v.filters()) }

// filters returns the filter of the query and nothing else of it.
func (v *view) filters() url.Values {
	query := url.Values{}
	for _, name := range filterParams {
		if list := v.c.query[name]; len(list) > 0 {
			query[name] = list
		}
	}
	return query
}

// Hidden returns the filter of the query as hidden fields of a form, with the
// logbook unless it is the one that is meant without.
func (v *view) Hidden() (fields []pair) {
	for _, name := range filterParams {
		for _, value := range v.c.query[name] {
			fields = append(fields, pair{name, value})
		}
	}
	if v.c.name != "" && v.c.name != mainLogbook {
		fields = append(fields, pair{"logbook", v.c.name})
	}
	return fields
}

// Export returns the address of the QSOs that are shown, in a format.
func (v *view) Export(format string) string {
	return v.c.url("/api/export."+format, v.filters())
}

// helpTopics are the numbers that the page "how we count" explains, in its
// order.
var helpTopics = []string{
	"qsos", "confirmed", "entities", "grids", "calls", "modes", "lists", "since", "awards", "slots", "granted", "countable", "distance",
	"asof", "time", "cards", "map", "import", "sync", "listed", "own", "stations", "health", "speed", "slower", "gauges", "cache", "security",
}

// What writes a text that leads to what a number means.
func (v *view) What(topic, text string) template.HTML {
	if v.help[0] == "" {
		v.help = [2]string{`<a class="what" href="` + template.HTMLEscapeString(v.URL("/help")) + "#", `" title="` + template.HTMLEscapeString(v.T("title.help")) + `">`}
	}
	return template.HTML(v.help[0] + topic + v.help[1] + template.HTMLEscapeString(text) + "</a>")
}

// getHelpPage answers GET /help: how we count.
func getHelpPage(c *call) error { return c.render("help", helpTopics) }

// Next returns the number after i: lists count from 1.
func (v *view) Next(i int) int { return i + 1 }

// List names a list for the part "bars".
func (v *view) List(title, param string, rows []stats.Group) listing {
	return listing{title, param, rows}
}
