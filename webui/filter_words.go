package webui

import (
	"net/url"
	"strconv"
	"strings"

	"qslbox/qso"
	"qslbox/qso/columns"
)

// parseWeek reads hour and weekday: lists of 0 to 23, and of 1 (Monday) to 7.
func parseWeek(q url.Values, f *columns.Filter) error {
	hours, err := bitsOf(q, "hour", 0, 23)
	if err != nil {
		return err
	}
	days, err := bitsOf(q, "weekday", 1, 7)
	if err != nil {
		return err
	}
	f.Hours, f.Weekdays = uint32(hours), uint8(days)
	return nil
}

// bitsOf reads a list of numbers as a set whose first bit is the first number.
func bitsOf(q url.Values, name string, first, last int) (set uint64, err error) {
	for _, text := range values(q, name) {
		n, err := strconv.Atoi(text)
		if err != nil || n < first || n > last {
			return 0, badFilter("%s: %q is not a number from %d to %d", name, text, first, last)
		}
		set |= 1 << (n - first)
	}
	return set, nil
}

// parseAbove reads id_above: the QSOs that were added after the one with that
// id.
func parseAbove(q url.Values, f *columns.Filter) (err error) {
	text := strings.TrimSpace(q.Get("id_above"))
	if text == "" {
		return nil
	}
	if f.Above, err = strconv.ParseUint(text, 10, 64); err != nil {
		return badFilter("id_above: %q is not the number of a QSO", text)
	}
	return nil
}

// checkWords refuses modes and propagation that ADIF has not and that no QSO
// of the log has either: a word that was mistyped.
func (c *call) checkWords(f *columns.Filter) error {
	var modes []string
	for _, name := range f.Modes {
		if name = strings.TrimPrefix(name, "-"); !qso.KnowsMode(name) {
			modes = append(modes, name)
		}
	}
	prop := f.Prop
	if qso.KnowsPropagation(prop) {
		prop = ""
	}
	if c.book == nil || len(modes) == 0 && prop == "" {
		return nil
	}
	log, err := c.book.Columns(c.ctx())
	if err != nil {
		return err
	}
	log.View(func(v *columns.View) {
		for _, name := range modes {
			if !v.HasMode(name) {
				err = badFilter("mode: %q is no mode of ADIF, and no QSO of the log has it", name)
				return
			}
		}
		if prop != "" && !v.HasPropagation(prop) {
			err = badFilter("prop: %q is no propagation mode of ADIF, and no QSO of the log has it", prop)
		}
	})
	return err
}

// weekText writes hours and days of the week for people.
func (v *view) weekText(name, value string) string {
	var list []string
	for part := range strings.SplitSeq(value, ",") {
		part = strings.TrimSpace(part)
		n, err := strconv.Atoi(part)
		switch {
		case err != nil:
		case name == "hour" && n >= 0 && n < 24:
			part = hourText(n)
		case name == "weekday" && n >= 1 && n <= 7:
			part = v.p.Weekday(n - 1)
		}
		list = append(list, part)
	}
	return strings.Join(list, ", ")
}

// hourText writes an hour of the day as what it spans.
func hourText(hour int) string {
	two := func(n int) string { return strconv.Itoa(n/10) + strconv.Itoa(n%10) }
	return two(hour) + "–" + two(hour+1) + " UTC"
}

// numbersFrom lists the numbers from first to last as texts.
func numbersFrom(first, last int) (list []string) {
	for n := first; n <= last; n++ {
		list = append(list, strconv.Itoa(n))
	}
	return list
}
