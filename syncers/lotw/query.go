package lotw

import (
	"strings"
	"time"

	"qslbox/qso"
	"qslbox/syncers"
)

// path is where the report lives (ARRL's developer page on query results).
const path = "/lotwuser/lotwreport.adi"

// The two reports, as pages name them.
const (
	ownQSOs       = "own QSOs"
	confirmations = "confirmations"
)

// dawn is before all amateur QSOs. A since date must always be sent: LoTW
// picks a recent one itself otherwise.
const dawn = "1945-01-01"

// overlap is how much before the cursor is asked for again: the server's date
// may be a day without a time, and repeats cost nothing.
const overlap = 24 * time.Hour

// query is one report request.
type query struct {
	report string // ownQSOs or confirmations
	since  string
	own    qso.Call
	window window
}

// window is a span of years of the QSO time; zero ends are open.
type window struct{ from, to int }

func (w window) String() string {
	switch {
	case w == window{}:
		return ""
	case w.from == 0:
		return "up to " + year(w.to)
	case w.to == 0:
		return "from " + year(w.from)
	case w.from == w.to:
		return year(w.from)
	}
	return year(w.from) + " to " + year(w.to)
}

func year(y int) string { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC).Format("2006") }

// encode writes the query string. Every value is percent-encoded once, byte by
// byte of its UTF-8; a blank is %20 and a plus %2B, so that no decoder can
// mistake them.
func (q query) encode(login string, password qso.Secret) string {
	var b strings.Builder
	add := func(name, value string) {
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(name)
		b.WriteByte('=')
		b.WriteString(syncers.EscapeQuery(value))
	}
	add("login", login)
	add("password", password.Reveal())
	add("qso_query", "1")
	if q.report == ownQSOs {
		add("qso_qsl", "no")
		add("qso_qsorxsince", q.since)
	} else {
		add("qso_qsl", "yes")
		add("qso_qslsince", q.since)
	}
	add("qso_qsldetail", "yes")
	add("qso_mydetail", "yes")
	add("qso_withown", "yes")
	if q.own != "" {
		add("qso_owncall", string(q.own))
	}
	if q.window.from != 0 {
		add("qso_startdate", year(q.window.from)+"-01-01")
	}
	if q.window.to != 0 {
		add("qso_enddate", year(q.window.to)+"-12-31")
	}
	return b.String()
}
