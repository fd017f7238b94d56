package awards

import (
	"strings"

	"qslbox/qso"
	"qslbox/qso/columns"
)

// fold is one pass of an award over a log.
type fold struct {
	*Award
	terms
	v *columns.View
	c *chart

	n         int      // keys
	stride    int      // words a key
	worked    []uint64 // of each key: a bit a slot, see class and finish
	confirmed []uint64
	granted   []uint64
	submitted []uint64

	modes     []modeTerms // of each mode of the log
	sats      []bool      // of each word of fieldSat: allowed; nil = all
	grants    []grantKind // of each word of fieldGranted
	submits   []grantKind // of each word of fieldSubmitted
	sessions  []bool      // own side allowed; nil = all
	callOK    []int8      // of each call: 1 allowed, -1 not, 0 not looked up; nil = all
	ownEntity uint16

	used         []uint64 // of each session: slots its QSOs count in; nil = not asked
	refused      int
	notCountable []NotCountable       // the first of them
	without      []uint32             // rows that LoTW confirms without the value
	years        map[yearKey][]uint64 // for points per band and year: worked, confirmed
	hit          func(row uint32, key int32, bits uint64, class int, confirmed bool)
	sayings      *sayings
	by           uint8 // the sources that confirm the QSO being counted
	said         bool  // by what LoTW says of it
	news         bool  // something was counted, by row, that was not there
	probe        bool  // nothing is counted, only news are told
}

// modeTerms is what an award makes of one mode of the log.
type modeTerms struct {
	ok    bool
	class uint8
	slot  uint64 // bit of the class slot, or 0
}

type yearKey struct {
	key  int32
	year uint16
}

// finish brings the states into the form of slot: the first word has all slots,
// the others the bands in one class each. While counting, a key has a word a
// class, and one for what counts in no class.
func (f *fold) finish() {
	if f.stride == 1 {
		return
	}
	for _, state := range [...][]uint64{f.worked, f.confirmed, f.granted, f.submitted} {
		for at := 0; at < len(state); at += 4 {
			w := state[at : at+4 : at+4]
			w[0], w[1], w[2], w[3] = w[0]|w[1]|w[2]|w[3], w[0]&allBands, w[1]&allBands, w[2]&allBands
		}
	}
}

// row counts one QSO under the key of the log, or under each of several.
func (f *fold) row(row uint32, code int32) {
	flags := f.v.Flags[row]
	t := f.v.Time[row]
	if t < f.from || t >= f.to || t > f.until {
		return
	}
	if f.entities != nil && !f.entities[f.v.DXCC[row]&(maxEntity-1)] {
		code = none
	}
	mode := &f.modes[f.v.Mode[row]]
	if !mode.ok || code == none && flags&columns.HasStatement == 0 || !f.passes(row) {
		return
	}
	sat := flags&columns.Satellite != 0
	if sat && f.sat == satExcluded || !sat && (f.sat == satOnly || f.bands&(1<<f.v.Band[row]) == 0) {
		return
	}
	if flags&columns.NotCountable != 0 && !f.def.CountAny {
		if code != none {
			f.refuse(row, flags.Reason())
		}
		return
	}
	bits, class := f.bits(row, t, mode, sat)
	by := f.v.Confirmed[row] & uint8(f.sources)
	if by != 0 {
		by = f.confirming(row, flags, by)
	}
	if by&lotwBit != 0 && flags&columns.LoTWStated != 0 && (flags&columns.HasStatement != 0 || f.v.Blank[row]&f.blank != 0) {
		by &^= lotwBit
		f.stated(row, code, bits, class)
	}
	f.by = by
	f.count(row, code, bits, class, by != 0 || f.byLog)
}

const (
	lotwBit = uint8(1) << qso.LoTW
	eqslBit = uint8(1) << qso.EQSL
)

// noClass is the class of what counts in no class slot.
const noClass = 3

// bits returns the slots that a QSO counts in, and its class, or noClass.
func (f *fold) bits(row, t uint32, mode *modeTerms, sat bool) (bits uint64, class int) {
	if sat {
		bits = 1 << bitSat
		if f.sat == satSeparate {
			return bits, noClass
		}
	}
	bits |= 1<<bitTotal | mode.slot
	if t < f.classRule[mode.class].from {
		bits &^= mode.slot
	}
	if !sat {
		bits |= 1 << f.v.Band[row]
	}
	if f.def.Slots.Continents {
		if at := f.continent(row); at >= 0 {
			bits |= 1 << (bitContinent + at)
		}
	}
	if bits&mode.slot == 0 {
		return bits, noClass
	}
	return bits, int(mode.class)
}

// confirming takes away what does not confirm after all.
func (f *fold) confirming(row uint32, flags columns.Flag, set uint8) uint8 {
	if f.ag && flags&columns.EQSLAG == 0 {
		set &^= eqslBit
	}
	if f.twoWay && flags&columns.NotTwoWay != 0 {
		set &^= lotwBit
	}
	if f.day != 0 {
		for s := qso.LoTW; int(s) < qso.SourceCount; s++ {
			if set&(1<<s) != 0 && f.confirmedOn(row, s) > f.day {
				set &^= 1 << s
			}
		}
	}
	return set
}

// confirmedOn returns the day on which a source confirmed; the QSO's day if it
// did not say.
func (f *fold) confirmedOn(row uint32, s qso.Source) uint16 {
	day := uint16(0)
	switch s {
	case qso.LoTW:
		day = f.v.LoTWDay[row]
	case qso.Card:
		day = f.v.CardDay[row]
	case qso.DCL:
		day = f.v.DCLDay[row]
	}
	if day == 0 {
		day = uint16(f.v.Time[row] / 86400)
	}
	return day
}

// count counts a QSO under a code.
func (f *fold) count(row uint32, code int32, bits uint64, class int, confirmed bool) {
	if code >= 0 {
		f.mark(row, code, bits, class, confirmed)
		return
	}
	if code <= several {
		for _, key := range f.c.lists[several-code] {
			f.mark(row, key, bits, class, confirmed)
		}
		return
	}
	if code == faulty {
		f.refuse(row, f.faultReason())
	}
}

// mark sets the slots of one key.
func (f *fold) mark(row uint32, key int32, bits uint64, class int, confirmed bool) {
	if f.dated {
		if t, it := f.v.Time[row], &f.items[key]; t < it.from || t >= it.to {
			return
		}
	}
	if f.probe {
		f.news = true
		return
	}
	at, more := f.word(key, class), bits
	if !confirmed {
		more = 0
	}
	f.news = f.news || bits&^f.worked[at]|more&^f.confirmed[at] != 0
	f.worked[at] |= bits
	f.confirmed[at] |= more
	if f.granted != nil {
		place := f.v.Place[row]
		f.credit(f.granted, f.grants[f.c.values[fieldGranted][place]], key, bits, class)
		f.credit(f.submitted, f.submits[f.c.values[fieldSubmitted][place]], key, bits, class)
	}
	if f.years != nil && bits&allBands != 0 {
		f.year(row, key, bits&allBands, confirmed)
	}
	if f.used != nil {
		used := &f.used[f.v.Session[row]]
		f.news = f.news || bits&^*used != 0
		*used |= bits
	}
	if f.hit != nil {
		f.hit(row, key, bits, class, confirmed)
	}
}

// word returns the place of a key's state for a class.
func (f *fold) word(key int32, class int) int {
	if f.stride == 1 {
		return int(key)
	}
	return int(key)*f.stride + class
}

// credit sets the slots that a QSO's credits grant, or would grant if they were.
// A band in a class is granted only by a credit for the band and one for the
// class.
func (f *fold) credit(state []uint64, what grantKind, key int32, bits uint64, class int) {
	if what == 0 {
		return
	}
	set := uint64(0)
	if what&(grantTotal|grantBand|grantClass) != 0 {
		set |= bits & (1 << bitTotal)
	}
	if what&grantBand != 0 {
		set |= bits & allBands
	}
	if what&grantClass != 0 {
		set |= bits & (7 << bitClass)
	}
	if what&grantSat != 0 {
		set |= bits & (1 << bitSat)
	}
	if what&grantBand == 0 || what&grantClass == 0 {
		class = noClass
	}
	at := f.word(key, class)
	f.news = f.news || set&^state[at] != 0
	state[at] |= set
}

// year notes a band of a key in the QSO's calendar year.
func (f *fold) year(row uint32, key int32, band uint64, confirmed bool) {
	k := yearKey{key, uint16(columns.TimeOf(f.v.Time[row]).Std().Year())}
	pair := f.years[k]
	if pair == nil {
		pair = make([]uint64, 2)
		f.years[k] = pair
	}
	before := [2]uint64{pair[0], pair[1]}
	pair[0] |= band
	if confirmed {
		pair[1] |= band
	}
	f.news = f.news || before != [2]uint64{pair[0], pair[1]}
}

// refuse lists a QSO that would count but for the reason.
func (f *fold) refuse(row uint32, reason string) {
	f.news = true
	if f.refused++; f.refused <= maxRefused {
		f.notCountable = append(f.notCountable, NotCountable{ID: f.v.ID(int(row)), Reason: reason})
	}
}

// faultReason names the value that stands for no key.
func (f *fold) faultReason() string { return "unknown-" + strings.TrimPrefix(f.def.Key.Kind, "my-") }
