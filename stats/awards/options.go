package awards

import (
	"math"

	"qslbox/qso"
	"qslbox/qso/columns"
)

// Options choose what of the log an award is counted from. The zero value is
// the issuer's view of the whole log.
type Options struct {
	// Filter limits the QSOs: own calls or holder, dates, bands, modes and so
	// on. A DXCC or a WAS is one holder's: whoever asks sees to it.
	Filter columns.Filter
	// Sources confirm instead of the award's default. EQSL counts with or
	// without AG then, as the award has it.
	Sources qso.Sources
	// TwoWay asks for a two-way contact in the same mode, or does not; nil as
	// the award has it.
	TwoWay *bool
	// Deleted counts deleted keys in the total.
	Deleted bool
	// OwnEntity is the entity all contacts are made from, for awards that ask
	// for one; 0 takes the one with the most QSOs.
	OwnEntity uint16
	// AsOf shows the award as it stood at that time: QSOs up to then, and
	// confirmations dated up to then (those without a date count from their
	// QSO on). NoTime is now.
	AsOf qso.Time
}

// terms is what a fold reads of the options.
type terms struct {
	sources qso.Sources
	byLog   bool
	twoWay  bool
	ag      bool
	deleted bool
	until   uint32 // of the time column
	day     uint16 // confirmations up to this day; 0 = all
}

func (a *Award) terms(o *Options) terms {
	t := terms{sources: a.confirmBy, byLog: a.logConfirms, twoWay: a.def.Confirm.TwoWay, ag: a.def.Confirm.EQSLAG, until: math.MaxUint32}
	if o.Sources != 0 {
		t.sources, t.byLog = o.Sources, false
	}
	if o.TwoWay != nil {
		t.twoWay = *o.TwoWay
	}
	t.deleted = o.Deleted || a.def.Key.Deleted == "counted"
	if o.AsOf.Given() {
		t.until, t.day = columns.ToColumn(o.AsOf), columns.DayOf(o.AsOf)
	}
	return t
}
