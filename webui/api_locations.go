package webui

import (
	"strings"

	"qslbox/qso"
)

// locationJSON is a location that somebody entered; from and to are days, both
// included.
type locationJSON struct {
	Name string `json:"name"`
	Own  string `json:"own"`
	Grid string `json:"grid"`
	From string `json:"from"`
	To   string `json:"to"`
}

// maxLocations bounds what somebody may enter.
const maxLocations = 1000

// locationsOf writes locations.
func locationsOf(list []qso.Location) []locationJSON {
	out := []locationJSON{}
	for _, l := range list {
		one := locationJSON{Name: l.Name, Own: string(l.Own), Grid: string(l.Grid), From: dayText(l.From)}
		if l.To.Given() {
			one.To = dayText(l.To - 1)
		}
		out = append(out, one)
	}
	return out
}

// parseLocations reads what locationsOf writes.
func parseLocations(list []locationJSON) (out []qso.Location, err error) {
	if len(list) > maxLocations {
		return nil, invalid("locations: %d are too many, %d is the most", len(list), maxLocations)
	}
	names := map[string]bool{}
	for _, in := range list {
		l := qso.Location{Name: strings.TrimSpace(in.Name)}
		switch {
		case l.Name == "" || len(l.Name) > 64:
			return nil, invalid("locations: a name has 1 to 64 letters")
		case names[l.Name]:
			return nil, invalid("locations: %q is there twice", l.Name)
		}
		names[l.Name] = true
		if l.Own, err = callOrNone("own", in.Own); err != nil {
			return nil, err
		}
		if l.Grid, err = qso.ParseGrid(in.Grid); err != nil {
			return nil, invalid("grid: %q is not a locator such as JO31 or JO31LK", in.Grid)
		}
		if l.From, err = parseDay("from", in.From); err != nil {
			return nil, err
		}
		if l.To, err = parseDay("to", in.To); err != nil {
			return nil, err
		}
		if l.To.Given() {
			l.To += 24 * 3600
		}
		if l.From.Given() && l.To.Given() && l.From >= l.To {
			return nil, invalid("to: %s is before from, %s", in.To, in.From)
		}
		out = append(out, l)
	}
	return out, nil
}

// parseDay reads a day, NoTime if there is none.
func parseDay(name, text string) (qso.Time, error) {
	text = strings.ReplaceAll(strings.TrimSpace(text), "-", "")
	if text == "" {
		return qso.NoTime, nil
	}
	t, err := qso.ParseDate(text, qso.Time(1<<33-1))
	if err != nil {
		return qso.NoTime, invalid("%s: %q is not a day such as 2025-03-14", name, text)
	}
	return t, nil
}
