package columns

import (
	"errors"
	"fmt"
	"math/bits"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"qslbox/qso"
)

// Filter chooses rows. Empty members choose all; all others must hold.
type Filter struct {
	Own    []qso.Call // own calls
	Holder string     // whose own calls count; the caller puts them into Own, and without any nothing passes
	// From and To limit the start of the QSO; To itself is out. NoTime is open.
	From, To qso.Time
	Bands    []qso.Band
	Modes    []string // modes, submodes or mode classes (CW, PHONE, DIGITAL), any letter case; one with - in front is left out
	Sat      string   // "none": no satellite QSOs; "any": only those; else those by one SAT_NAME
	Operator string
	Contest  string
	Grid     string // what our own locator begins with
	// ConfirmedBy asks for a confirmation by one of the sources.
	ConfirmedBy qso.Sources
	// Confirmed asks for a confirmation by one of ConfirmedBy (by anyone if
	// that is empty), or for its absence; nil asks for nothing of its own.
	Confirmed *bool
	Call      string // call of the other side; * stands for any text, ? for one character
	Entity    uint16
	Square    string // four-character square of the other side
	// Continent is the one that the log names (CONT); where it names none, the
	// QSOs with Entities pass, which the caller puts there: those on it.
	Continent string
	Entities  []uint16
	Prop      string // PROP_MODE
	// Hours are the hours of the day (UTC) in which a QSO may start: bit 14 is
	// 14:00 to 14:59. Weekdays are its days of the week: bit 0 is Monday.
	Hours    uint32
	Weekdays uint8
	Above    uint64 // ids above this one: what was added since
}

// ErrBadFilter says that a filter asks for something that does not exist.
var ErrBadFilter = errors.New("not a filter")

// Empty reports whether every row passes.
func (f *Filter) Empty() bool {
	return len(f.Own) == 0 && len(f.Bands) == 0 && len(f.Modes) == 0 && f.From == 0 && f.To == 0 && f.Holder == "" && f.Sat == "" &&
		f.Operator == "" && f.Contest == "" && f.Grid == "" && f.ConfirmedBy == 0 && f.Confirmed == nil && f.Call == "" && f.Entity == 0 && f.Square == "" && f.Continent == "" && f.Prop == "" &&
		f.Hours == 0 && f.Weekdays == 0 && f.Above == 0
}

// Key returns the filter as one text, the same for filters that mean the same,
// and "" for the empty one. It looks like the query of a URL.
func (f *Filter) Key() string {
	if f.Empty() {
		return ""
	}
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	texts := func(n int, at func(int) string) string {
		list := make([]string, n)
		for i := range list {
			list[i] = strings.ToUpper(at(i))
		}
		slices.Sort(list)
		return strings.Join(slices.Compact(list), ",")
	}
	set("own", texts(len(f.Own), func(i int) string { return string(f.Own[i]) }))
	set("holder", f.Holder)
	set("from", f.From.String())
	set("to", f.To.String())
	set("band", strings.ToLower(texts(len(f.Bands), func(i int) string { return f.Bands[i].String() })))
	set("mode", texts(len(f.Modes), func(i int) string { return f.Modes[i] }))
	set("sat", strings.ToUpper(f.Sat))
	set("operator", strings.ToUpper(f.Operator))
	set("contest", strings.ToUpper(f.Contest))
	set("grid", strings.ToUpper(f.Grid))
	set("confirmed_by", strings.Join(f.ConfirmedBy.Names(), ","))
	if f.Confirmed != nil {
		set("confirmed", strconv.FormatBool(*f.Confirmed))
	}
	set("call", strings.ToUpper(f.Call))
	if f.Entity != 0 {
		set("dxcc", strconv.Itoa(int(f.Entity)))
	}
	set("square", strings.ToUpper(f.Square))
	set("continent", strings.ToUpper(f.Continent))
	set("prop", strings.ToUpper(f.Prop))
	set("hour", numbersOf(uint64(f.Hours), 0))
	set("weekday", numbersOf(uint64(f.Weekdays), 1))
	if f.Above != 0 {
		set("id_above", strconv.FormatUint(f.Above, 10))
	}
	return q.Encode()
}

// numbersOf lists the bits of a set, counted from first.
func numbersOf(set uint64, first int) string {
	var list []string
	for ; set != 0; set &= set - 1 {
		list = append(list, strconv.Itoa(first+bits.TrailingZeros64(set)))
	}
	return strings.Join(list, ",")
}

// Check returns ErrBadFilter, naming the member, for a filter that no QSO can
// pass by its own fault.
func (f *Filter) Check() error {
	switch {
	case f.From.Given() && f.To.Given() && f.From >= f.To:
		return fmt.Errorf("%w: from %s is not before to %s", ErrBadFilter, f.From, f.To)
	case f.Square != "" && (len(f.Square) != 4 || PackGrid(strings.ToUpper(f.Square)) == 0):
		return fmt.Errorf("%w: square %q is not like JO31", ErrBadFilter, f.Square)
	}
	return nil
}
