package lotwtest

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// query is a report request as LoTW understands it.
type query struct {
	records    bool // qso_query=1
	confirmed  bool // qso_qsl, yes unless "no"
	since      time.Time
	defaulted  bool // the since parameter was missing: LoTW chose one
	own, call  string
	band, mode string
	dxcc       int
	from, to   time.Time // window over the QSO time, both included
	mydetail   bool
	withown    bool
	qsldetail  bool
}

// defaultSince is how far LoTW looks back when it is not told.
const defaultSince = 24 * time.Hour

// parseQuery reads the parameters. Words are compared without letter case;
// unknown ones are ignored, as LoTW does.
func parseQuery(v url.Values, now time.Time) (query, error) {
	yes := func(name string) bool { return strings.EqualFold(v.Get(name), "yes") }
	q := query{
		records:   v.Get("qso_query") == "1",
		confirmed: !strings.EqualFold(v.Get("qso_qsl"), "no"),
		own:       strings.ToUpper(v.Get("qso_owncall")),
		call:      strings.ToUpper(v.Get("qso_callsign")),
		band:      strings.ToUpper(v.Get("qso_band")),
		mode:      strings.ToUpper(v.Get("qso_mode")),
		mydetail:  yes("qso_mydetail"),
		withown:   yes("qso_withown"),
		qsldetail: yes("qso_qsldetail"),
	}
	if text := v.Get("qso_dxcc"); text != "" {
		q.dxcc, _ = strconv.Atoi(text)
		q.confirmed = true
	}
	name := "qso_qsorxsince"
	if q.confirmed {
		name = "qso_qslsince"
	}
	var err error
	switch text := v.Get(name); text {
	case "":
		q.since, q.defaulted = now.Add(-defaultSince), true
	default:
		if q.since, err = parseStamp(text); err != nil {
			return q, fmt.Errorf("%s: %w", name, err)
		}
	}
	if q.from, err = window(v, "qso_startdate", "qso_starttime", 0); err != nil {
		return q, err
	}
	q.to, err = window(v, "qso_enddate", "qso_endtime", 24*time.Hour-time.Second)
	return q, err
}

// parseStamp reads a date, or a date and a time of day.
func parseStamp(text string) (time.Time, error) {
	for _, layout := range []string{time.DateTime, "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is neither YYYY-MM-DD nor YYYY-MM-DD HH:MM:SS", text)
}

// window reads one end of the QSO time window; a time without its date is
// ignored.
func window(v url.Values, date, clock string, rest time.Duration) (time.Time, error) {
	text := v.Get(date)
	if text == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return day, fmt.Errorf("%s: %q is not YYYY-MM-DD", date, text)
	}
	at := v.Get(clock)
	if at == "" {
		return day.Add(rest), nil
	}
	return parseStamp(text + " " + at)
}

// stamp returns the time that the query's since compares.
func (q *query) stamp(rec *QSO) time.Time {
	if q.confirmed {
		return rec.Confirmed
	}
	return rec.Received
}

func (q *query) wants(rec *QSO) bool {
	switch {
	case q.confirmed && rec.Confirmed.IsZero(),
		q.stamp(rec).Before(q.since),
		q.own != "" && q.own != rec.Own,
		q.call != "" && q.call != rec.Call,
		q.band != "" && !strings.EqualFold(q.band, rec.Band),
		q.mode != "" && !strings.EqualFold(q.mode, rec.Mode),
		q.dxcc != 0 && q.dxcc != rec.Partner.DXCC,
		!q.from.IsZero() && rec.Start.Before(q.from),
		!q.to.IsZero() && rec.Start.After(q.to):
		return false
	}
	return true
}
