package intake

import (
	"encoding/binary"
	"time"

	"qslbox/qso"
)

const (
	day        = 24 * 60 * 60 // seconds
	firstYear  = 1930
	cycleYears = 400
	cycleDays  = 146097 // days of 400 years
	epochDays  = 719468 // days from 0000-03-01 to 1970-01-01
)

// refreshClock asks the clock for the last day a QSO may have: tomorrow.
func (in *Intake) refreshClock() { in.latest = qso.TimeOf(in.cfg.Now().Add(24 * time.Hour)) }

// start reads QSO_DATE and TIME_ON.
func (in *Intake) start() *Rejection {
	date := in.value(slotDate)
	if date == nil {
		return reject(in.rec, BadDate, "QSO_DATE is missing; add the date and import the record again")
	}
	midnight, ok := in.date(date)
	if !ok {
		_, err := qso.ParseDate(string(date), in.latest)
		return reject(in.rec, BadDate, "QSO_DATE %s; correct the date and import the record again", cause(err))
	}
	clock := in.value(slotTime)
	if clock == nil {
		return reject(in.rec, BadTime, "TIME_ON is missing; add the time in UTC and import the record again")
	}
	seconds, ok := parseClock(clock)
	if !ok {
		_, err := qso.ParseClock(string(clock))
		return reject(in.rec, BadTime, "TIME_ON %s; correct the time and import the record again", cause(err))
	}
	in.q.Start = midnight + qso.Time(seconds)
	return nil
}

// end reads TIME_OFF and QSO_DATE_OFF (rule 8). A QSO that ends before it
// begins ended the next day if no date says otherwise; a time without seconds
// in the minute of the start is the start. What is impossible is no end.
func (in *Intake) end() {
	clock, date := in.value(slotTimeOff), in.value(slotDateOff)
	if clock == nil && date == nil {
		return
	}
	start := in.q.Start
	midnight, dated := start-clockOf(start), false
	if date != nil {
		if midnight, dated = in.date(date); !dated {
			in.original(slotDateOff)
			midnight = start - clockOf(start)
		}
	}
	seconds, ok := parseClock(clock)
	if !ok {
		in.original(slotTimeOff)
		if dated {
			in.q.Set(qso.FieldQSODateOff, string(date))
		}
		return
	}
	end := midnight + qso.Time(seconds)
	switch {
	case end >= start:
	case len(clock) == 4 && end == start.Minute():
		end = start
	case !dated:
		end += day
	default:
		in.original(slotTimeOff)
		in.original(slotDateOff)
		return
	}
	in.q.End = end
}

// date reads YYYYMMDD into the start of that day; false if there is no such
// day between 1930 and tomorrow. It is qso.ParseDate without its errors.
// The last good one is remembered: a log has many QSOs a day.
func (in *Intake) date(b []byte) (qso.Time, bool) {
	if len(b) != 8 {
		return 0, false
	}
	word := binary.LittleEndian.Uint64(b)
	if word == in.dayWord && word != 0 {
		return in.day, true
	}
	t, ok := parseDay(b)
	if ok && t > in.latest {
		in.refreshClock()
	}
	if !ok || t > in.latest {
		return 0, false
	}
	in.dayWord, in.day = word, t
	return t, true
}

func parseDay(b []byte) (qso.Time, bool) {
	if len(b) != 8 || !allDigits(b) {
		return 0, false
	}
	y := two(b)*100 + two(b[2:])
	m, d := two(b[4:]), two(b[6:])
	if y < firstYear || m < 1 || m > 12 || d < 1 || d > daysIn(y, m) {
		return 0, false
	}
	// Days since 0000-03-01, so that the leap day is the last of a year.
	if m <= 2 {
		y, m = y-1, m+12
	}
	era := y / cycleYears
	of := y % cycleYears
	days := era*cycleDays + of*365 + of/4 - of/100 + (153*(m-3)+2)/5 + d - 1
	return qso.Time(days-epochDays) * day, true
}

func daysIn(y, m int) int {
	switch m {
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// parseClock reads HHMM or HHMMSS into seconds of the day. It is
// qso.ParseClock without its errors.
func parseClock(b []byte) (int, bool) {
	if len(b) != 4 && len(b) != 6 || !allDigits(b) {
		return 0, false
	}
	h, m, s := two(b), two(b[2:]), 0
	if len(b) == 6 {
		s = two(b[4:])
	}
	return h*3600 + m*60 + s, h <= 23 && m <= 59 && s <= 59
}

func allDigits(b []byte) bool {
	for _, c := range b {
		if c-'0' > 9 {
			return false
		}
	}
	return true
}

// two reads two digits.
func two(b []byte) int { return int(b[0]-'0')*10 + int(b[1]-'0') }

// clockOf returns how long after midnight t is.
func clockOf(t qso.Time) qso.Time {
	return (t%day + day) % day
}

// parseInstant reads the times of LoTW ("2026-02-10 21:14:09") and RFC 3339;
// NoTime for other texts.
func parseInstant(s string) qso.Time {
	for _, layout := range [...]string{"2006-01-02 15:04:05", time.RFC3339, "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return qso.TimeOf(t)
		}
	}
	return qso.NoTime
}
