package qso

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Errors of dates and times of QSOs.
var (
	ErrBadDate = errors.New("not a possible date")
	ErrBadTime = errors.New("not a possible time")
)

// Time is an instant in UTC, in whole seconds since 1970; QSOs before 1970
// have negative times. Where a time is optional, NoTime means "not given".
type Time int64

// NoTime is the zero Time. A QSO always has a start, so only its optional
// times are ever "not given".
const NoTime Time = 0

// firstDate is the first day a QSO may have (corpus rule: 1930).
var firstDate = TimeOf(time.Date(1930, 1, 1, 0, 0, 0, 0, time.UTC))

// TimeOf returns t without its fraction of a second.
func TimeOf(t time.Time) Time { return Time(t.Unix()) }

// Given reports whether the time is known.
func (t Time) Given() bool { return t != NoTime }

// Std returns the instant as a time.Time in UTC.
func (t Time) Std() time.Time { return time.Unix(int64(t), 0).UTC() }

// String returns RFC 3339 in UTC, empty for NoTime.
func (t Time) String() string {
	if !t.Given() {
		return ""
	}
	return string(t.Append(nil))
}

// Append appends RFC 3339 in UTC.
func (t Time) Append(b []byte) []byte { return t.Std().AppendFormat(b, time.RFC3339) }

// Minute returns the time with its seconds cut.
func (t Time) Minute() Time {
	m := t / 60
	if t%60 < 0 {
		m--
	}
	return m * 60
}

// Date returns the date as ADIF writes it (YYYYMMDD).
func (t Time) Date() string { return t.Std().Format("20060102") }

// Clock returns the time of day as ADIF writes it (HHMMSS).
func (t Time) Clock() string { return t.Std().Format("150405") }

// ParseTime reads RFC 3339 as JSON uses it.
func ParseTime(s string) (Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return NoTime, fmt.Errorf("%w: %q is not like 2025-03-14T10:15:00Z", ErrBadTime, clip(s, 40))
	}
	return TimeOf(t), nil
}

// ParseDate reads YYYYMMDD into the start of that day. Days before 1930, days
// after latest, and days that no calendar has return ErrBadDate.
func ParseDate(s string, latest Time) (Time, error) {
	if len(s) != 8 || !allDigits(s) {
		return NoTime, fmt.Errorf("%w: %q is not YYYYMMDD", ErrBadDate, clip(s, 20))
	}
	y, m, d := digits(s[:4]), digits(s[4:6]), digits(s[6:])
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	switch {
	case t.Year() != y || int(t.Month()) != m || t.Day() != d:
		return NoTime, fmt.Errorf("%w: no calendar has %s", ErrBadDate, s)
	case TimeOf(t) < firstDate:
		return NoTime, fmt.Errorf("%w: %s is before 1930", ErrBadDate, s)
	case TimeOf(t) > latest:
		return NoTime, fmt.Errorf("%w: %s is in the future", ErrBadDate, s)
	}
	return TimeOf(t), nil
}

// ParseClock reads HHMM or HHMMSS into seconds of the day, 0 to 86,399. It
// returns ErrBadTime for other texts.
func ParseClock(s string) (int, error) {
	if len(s) != 4 && len(s) != 6 || !allDigits(s) {
		return 0, fmt.Errorf("%w: %q is not HHMM or HHMMSS", ErrBadTime, clip(s, 20))
	}
	h, m, sec := digits(s[:2]), digits(s[2:4]), 0
	if len(s) == 6 {
		sec = digits(s[4:])
	}
	if h > 23 || m > 59 || sec > 59 {
		return 0, fmt.Errorf("%w: no clock shows %s", ErrBadTime, s)
	}
	return h*3600 + m*60 + sec, nil
}

// digits reads a short text of digits.
func digits(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
