package columns

import "qslbox/qso"

// Standing says how far something has come: nothing, worked, confirmed.
type Standing uint8

// The standings; each includes the one before.
const (
	NotWorked Standing = iota
	Worked
	Confirmed
)

// String returns worked, confirmed, or "".
func (s Standing) String() string { return [...]string{"", "worked", "confirmed"}[s] }

// Before says what the log holds of a station, an entity or a square.
type Before struct {
	QSOs, Confirmed int
	First, Last     qso.Time // NoTime without QSOs
	LastID          uint64

	// Any counts every QSO, the others those on the band, in the mode, in the
	// mode's class that were asked about.
	Any, Band, Mode, Class, BandMode, BandClass Standing
}

// Before looks up what was worked before: the filter says of what (Call,
// Entity or Square) and, if it is to count, with which own calls; band and
// mode are those of the contact at hand. A QSO is confirmed if one of the
// sources confirms it, anyone if there are none. A call is answered from the
// call index, the rest by a walk over the columns.
func (v *View) Before(f Filter, band qso.Band, mode qso.Mode, by qso.Sources) Before {
	if by == 0 {
		by = 0xff
	}
	class := mode.Class()
	var b Before
	var rows [256]uint32
	walk := v.Match(f).Rows(0, v.Rows())
	for n := walk.Next(rows[:]); n > 0; n = walk.Next(rows[:]) {
		for _, row := range rows[:n] {
			standing := Worked
			if v.Confirmed[row]&uint8(by) != 0 {
				standing = Confirmed
				b.Confirmed++
			}
			b.count(v, int(row))
			onBand, inMode, inClass := v.Band[row] == uint8(band), v.Modes[v.Mode[row]] == mode, v.Class[v.Mode[row]] == class
			raise(&b.Any, standing, true)
			raise(&b.Band, standing, onBand)
			raise(&b.Mode, standing, inMode)
			raise(&b.Class, standing, inClass)
			raise(&b.BandMode, standing, onBand && inMode)
			raise(&b.BandClass, standing, onBand && inClass)
		}
	}
	return b
}

// count takes a QSO into the sums.
func (b *Before) count(v *View, row int) {
	t := TimeOf(v.Time[row])
	if b.QSOs == 0 || t < b.First {
		b.First = t
	}
	if b.QSOs == 0 || t >= b.Last {
		b.Last, b.LastID = t, v.ID(row)
	}
	b.QSOs++
}

func raise(to *Standing, standing Standing, applies bool) {
	if applies {
		*to = max(*to, standing)
	}
}
