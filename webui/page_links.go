package webui

import (
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"

	"qslbox/qso"
)

// Of returns the address of a page for the QSOs that are shown and that pass
// the filters of the pairs too; "" for readers who may not see QSOs.
func (v *view) Of(path string, pairs ...any) string {
	if !v.Can.Read {
		return ""
	}
	query := v.filters()
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		value, text := pairs[i+1].(string)
		if !text {
			value = fmt.Sprint(pairs[i+1])
		}
		value = strings.TrimSpace(value)
		switch {
		case value == "":
		case name == "mode":
			query["mode"] = modesWithin(query["mode"], value)
		case name == "from" && query.Get("from") > value, name == "to" && query.Has("to") && query.Get("to") < value:
			// what is asked for already is narrower
		default:
			query[name] = []string{value}
		}
	}
	return v.c.url(path, query)
}

// Confirmed returns the address of the QSOs of Of that count as confirmed; ""
// where the filter asks for confirmations of its own.
func (v *view) Confirmed(pairs ...any) string {
	if v.c.query.Has("confirmed") || v.c.query.Has("confirmed_by") {
		return ""
	}
	return v.Of("/log", append(pairs, "confirmed_by", awardSources)...)
}

// awardSources confirm what counts as confirmed.
var awardSources = qso.LoTW.String() + "," + qso.Card.String()

// To writes a number that leads to what it counts; a zero leads nowhere.
func (v *view) To(n int, href string) template.HTML {
	if n == 0 {
		href = ""
	}
	return v.Linked(v.N(n), href)
}

// Linked writes a text that leads somewhere, or only the text.
func (v *view) Linked(text, href string) template.HTML {
	text = template.HTMLEscapeString(text)
	if href == "" {
		return template.HTML(text)
	}
	return template.HTML(`<a href="` + template.HTMLEscapeString(href) + `">` + text + "</a>")
}

// By returns the address of the QSOs that a source has confirmed; any has if
// it is empty.
func (v *view) By(source string) string {
	switch {
	case v.c.query.Has("confirmed") || v.c.query.Has("confirmed_by"):
		return ""
	case source == "":
		return v.Of("/log", "confirmed", "yes")
	case source == "card":
		source = qso.Card.String()
	}
	return v.Of("/log", "confirmed_by", source)
}

// ClassAt returns the mode class of a column of Cells, as the filter has it.
func (v *view) ClassAt(column int) string { return qso.Class(column).String() }

// Line writes the key of a line of a list.
func (v *view) Line(param, key string) string {
	if param == "continent" {
		return v.continentText(key)
	}
	return key
}

// Exactly returns the value of a filter that finds what a line of a list
// counts: a mode's name finds its submodes too, which have lines of their own.
func (v *view) Exactly(l any, key string) string {
	list, ok := l.(listing)
	if !ok || list.Param != "mode" {
		return key
	}
	only := key
	for _, row := range list.Rows {
		if mode, err := qso.ParseMode(row.Key, ""); err == nil && row.Key != key && mode.Name == key {
			only += ",-" + row.Key
		}
	}
	return only
}

// During is Of for the QSOs of a year such as 2025, a month such as 2025-03, or
// a day.
func (v *view) During(when string, pairs ...any) string {
	first, last := when, when
	switch len(when) {
	case len("2025"):
		first, last = when+"-01-01", when+"-12-31"
	case len("2025-03"):
		first = when + "-01"
		if day, err := time.Parse(time.DateOnly, first); err == nil {
			last = day.AddDate(0, 1, -1).Format(time.DateOnly)
		}
	}
	return v.Of("/log", append(pairs, "from", first, "to", last)...)
}

// ConfirmedDuring is During for the QSOs that count as confirmed.
func (v *view) ConfirmedDuring(when string) string {
	if v.Confirmed() == "" {
		return ""
	}
	return v.During(when, "confirmed_by", awardSources)
}

// AtHour returns the address of the QSOs at a day of the week, 0 (Monday) to 6,
// and an hour of the day; "" where the filter asks for hours of its own.
func (v *view) AtHour(weekday, hour int) string {
	if v.c.query.Has("hour") || v.c.query.Has("weekday") {
		return ""
	}
	return v.Of("/log", "weekday", weekday+1, "hour", hour)
}

// Weekdays names the days of the week, short.
func (v *view) Weekdays() (names []string) {
	for day := range 7 {
		names = append(names, v.p.WeekdayShort(day))
	}
	return names
}

// Today, and the month and the year that hold it, as During takes them.
func (v *view) Today(length int) string { return v.c.time().Format(time.DateOnly)[:length] }

// modesWithin narrows a filter of modes to a mode or a class of modes, behind
// which others may be left out.
func modesWithin(asked []string, to string) []string {
	to, without, _ := strings.Cut(to, ",")
	var keep []string
	for _, name := range values(url.Values{"mode": asked}, "mode") {
		mode, err := qso.ParseMode(strings.TrimPrefix(name, "-"), "")
		if strings.HasPrefix(name, "-") || err == nil && strings.EqualFold(mode.Class().String(), to) && !strings.EqualFold(name, to) {
			keep = append(keep, name)
		}
	}
	if !slices.ContainsFunc(keep, func(name string) bool { return !strings.HasPrefix(name, "-") }) {
		keep = append(keep, to)
	}
	if without != "" {
		keep = append(keep, without)
	}
	return []string{strings.Join(keep, ",")}
}
