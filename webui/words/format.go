package words

import (
	"strconv"
	"strings"
	"time"
)

// nbsp keeps a number and its unit on one line.
const nbsp = "\u00a0"

// Number writes an integer with its thousands apart: 12,345 or 12.345.
func (p *Printer) Number(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, digits = "−", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + p.thousand + digits[i:]
	}
	return sign + digits
}

// Decimal writes a number with at most the given digits after the decimal
// sign, without trailing zeros.
func (p *Printer) Decimal(f float64, digits int) string {
	whole, frac, _ := strings.Cut(strconv.FormatFloat(f, 'f', digits, 64), ".")
	n, err := strconv.Atoi(whole)
	if err != nil {
		return whole
	}
	out := p.Number(n)
	if n == 0 && f < 0 {
		out = "−" + out
	}
	if frac = strings.TrimRight(frac, "0"); frac != "" {
		out += p.decimal + frac
	}
	return out
}

// Decimals writes a number that is a text already, such as 14.0437, with the
// decimal sign of the language.
func (p *Printer) Decimals(text string) string { return strings.Replace(text, ".", p.decimal, 1) }

// Percent writes part of whole in percent: whole numbers, "<1 %" for a small
// rest and never 100 % for less than everything. Nothing of nothing is 0 %.
func (p *Printer) Percent(part, whole int) string {
	n, sign := 0, ""
	switch {
	case whole <= 0 || part <= 0:
	case part >= whole:
		n = 100
	default:
		n = min(99, (part*200+whole)/(2*whole))
		if n == 0 {
			n, sign = 1, "<"
		}
	}
	if p.Language == German {
		return sign + strconv.Itoa(n) + nbsp + "%"
	}
	return sign + strconv.Itoa(n) + "%"
}

// Date writes a day: 14.03.2025 in German, and in English 2025-03-14, as logs
// write it, since 3/4 is not the same day on both sides of an ocean.
func (p *Printer) Date(t time.Time) string { return t.UTC().Format(p.dateLayout()) }

func (p *Printer) dateLayout() string {
	if p.Language == German {
		return "02.01.2006"
	}
	return time.DateOnly
}

var months = map[Language][]string{
	English: {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	German:  {"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
}

var weekdays = map[Language][]string{
	English: {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"},
	German:  {"Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"},
}

// Month returns the name of a month, 1 to 12.
func (p *Printer) Month(n int) string { return months[p.Language][(n+11)%12] }

// MonthShort returns the first three letters of a month's name.
func (p *Printer) MonthShort(n int) string { return string([]rune(p.Month(n))[:3]) }

// Weekday returns the name of a day of the week, 0 (Monday) to 6 (Sunday).
func (p *Printer) Weekday(n int) string { return weekdays[p.Language][n%7] }

// WeekdayShort returns the usual short form: Mon or Mo.
func (p *Printer) WeekdayShort(n int) string {
	if p.Language == German {
		return p.Weekday(n)[:2]
	}
	return p.Weekday(n)[:3]
}

// LongDate writes a day for prose: 14 March 2025 or 14. März 2025.
func (p *Printer) LongDate(t time.Time) string {
	t = t.UTC()
	dot := ""
	if p.Language == German {
		dot = "."
	}
	return strconv.Itoa(t.Day()) + dot + " " + p.Month(int(t.Month())) + " " + strconv.Itoa(t.Year())
}

// Minute writes an instant to the minute in UTC: 2025-03-14 10:15.
func (p *Printer) Minute(t time.Time) string { return p.Date(t) + t.UTC().Format(" 15:04") }

// Stamp writes an instant in UTC and says so: "14:05 UTC" on the day of now,
// else with its date.
func (p *Printer) Stamp(t, now time.Time) string {
	t, now = t.UTC(), now.UTC()
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return t.Format("15:04") + nbsp + "UTC"
	}
	return p.Minute(t) + nbsp + "UTC"
}

// AsOf says how fresh something is: "as of 14:05 UTC", "Stand 14:05 UTC".
func (p *Printer) AsOf(t, now time.Time) string { return p.Text("time.as_of", p.Stamp(t, now)) }

// Ago says how long before now an instant was, in its largest unit.
func (p *Printer) Ago(t, now time.Time) string {
	d := now.Sub(t)
	if d < time.Minute {
		return p.Text("time.just_now")
	}
	return p.Text("time.ago", p.Span(d, true))
}

// In says how long after now an instant will be, in its largest unit.
func (p *Printer) In(t, now time.Time) string {
	d := t.Sub(now)
	if d < time.Minute {
		return p.Text("time.soon")
	}
	return p.Text("time.in", p.Span(d, true))
}

// Span writes a stretch of time in its largest unit, rounded down; dative is
// the form after a preposition ("vor 2 Tagen").
func (p *Printer) Span(d time.Duration, dative bool) string {
	unit, n := "second", int(d/time.Second)
	switch {
	case d >= 48*time.Hour:
		unit, n = "day", int(d/(24*time.Hour))
	case d >= time.Hour:
		unit, n = "hour", int(d/time.Hour)
	case d >= time.Minute:
		unit, n = "minute", int(d/time.Minute)
	}
	if dative && p.Has("span."+unit+".dative.other") {
		unit += ".dative"
	}
	return p.Count("span."+unit, n)
}

// Millis writes a measured duration: three significant digits in µs, ms or s.
func (p *Printer) Millis(d time.Duration) string {
	value, unit := float64(d)/float64(time.Millisecond), "ms"
	switch {
	case d == 0:
		return "0" + nbsp + "ms"
	case d < time.Millisecond:
		value, unit = float64(d)/float64(time.Microsecond), "µs"
	case d >= time.Second:
		value, unit = d.Seconds(), "s"
	}
	digits := 2
	if value >= 100 {
		digits = 0
	} else if value >= 10 {
		digits = 1
	}
	return p.Decimal(value, digits) + nbsp + unit
}

// Bytes writes a size in B, kB, MB or GB (powers of 1,024).
func (p *Printer) Bytes(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	value, i := float64(n), 0
	for value >= 1024 && i < len(units)-1 {
		value, i = value/1024, i+1
	}
	digits := 1
	if i == 0 || value >= 100 {
		digits = 0
	}
	return p.Decimal(value, digits) + nbsp + units[i]
}
