package awards

import (
	"qslbox/qso/columns"
)

// masks say by each value of a row which folds it may matter to: a bit each.
type masks struct {
	all, dense uint64   // dense: folds that most rows matter to
	lotw       uint64   // folds that LoTW confirms for
	placed     uint64   // of those: LoTW's state, county, island or square counts
	bySat      uint64   // folds that look closely at satellites
	refusing   uint64   // folds that list what is not countable
	closely    uint64   // folds that look closely at each row: see fold.row
	granting   uint64   // folds that ask for credits
	has        []uint16 // of each place: see chart
	byPlace    bool     // the place matters
	entity     [maxEntity]uint64
	band       [satBand + 1]uint64
	confirm    [1 << 10]uint64 // by sources, EQSLAG, NotTwoWay: confirmed
	stated     [256]uint64     // by columns.Blank: LoTW states the value that is the key
	blank      [256]uint64     // by columns.Blank: LoTW does not state it
	mode       []uint64
	session    []uint64
	place      []uint64
}

const (
	// satBand stands for all satellites among the bands.
	satBand = 63
	// The flags that masks.confirm asks for stand above the sources.
	confirmShift     = 3
	confirmNotTwoWay = int(columns.NotTwoWay) >> confirmShift
	confirmAG        = int(columns.EQSLAG) >> confirmShift
	// unusual are the flags of rows that are not plain for each fold.
	unusual = columns.NotCountable | columns.Satellite | columns.LoTWStated | columns.HasStatement
)

func newMasks(v *columns.View, folds []*fold) *masks {
	m := &masks{mode: make([]uint64, len(v.Modes)), session: make([]uint64, len(v.Sessions)), place: make([]uint64, len(v.Places)), has: folds[0].c.has}
	words := [placeFields][]uint64{}
	anywhere := uint64(0)
	for i, f := range folds {
		bit := uint64(1) << i
		m.add(f, bit)
		field := keyField[f.kind]
		switch {
		case f.keyIn() == inSession:
			mark(m.session, bit, func(at int) bool { return f.ours(at) && f.c.codes[f.c.values[field][at]] != none })
		default:
			mark(m.session, bit, f.ours)
		}
		if f.keyIn() != inPlace {
			anywhere |= bit
			continue
		}
		if words[field] == nil {
			words[field] = make([]uint64, len(f.c.words[field]))
		}
		mark(words[field], bit, func(at int) bool { return f.c.codes[at] != none })
	}
	m.places(folds, words, anywhere)
	return m
}

// add enters what no dictionary is needed for.
func (m *masks) add(f *fold, bit uint64) {
	m.all |= bit
	if f.keyIn() == inColumn && f.entities == nil && f.sat != satOnly {
		m.dense |= bit
	}
	if f.hit != nil || f.years != nil || f.day != 0 || f.sats != nil || f.callOK != nil {
		m.closely |= bit
	}
	if !f.byOrigin() {
		m.bySat |= bit
	}
	if f.granted != nil {
		m.granting |= bit
	}
	if !f.def.CountAny {
		m.refusing |= bit
	}
	mark(m.entity[:], bit, f.wantsEntity)
	mark(m.band[:], bit, f.wantsBand)
	mark(m.mode, bit, func(at int) bool { return f.modes[at].ok })
	mark(m.confirm[:], bit, f.confirmedBy)
	if uint8(f.sources)&lotwBit == 0 {
		return
	}
	m.lotw |= bit
	if f.placed() {
		m.placed |= bit
		mark(m.stated[:], bit, func(blank int) bool { return columns.Blank(blank)&f.blank == 0 })
	}
	mark(m.blank[:], bit, func(blank int) bool { return columns.Blank(blank)&f.blank != 0 })
}

// mark sets the bit of a fold where it wants what stands at a place.
func mark(list []uint64, bit uint64, wants func(at int) bool) {
	for at := range list {
		if wants(at) {
			list[at] |= bit
		}
	}
}

// places adds up what the words of each place say.
func (m *masks) places(folds []*fold, words [placeFields][]uint64, anywhere uint64) {
	for at := range m.place {
		m.place[at] = anywhere
	}
	for field, list := range words {
		if list == nil {
			continue
		}
		m.byPlace = true
		values := folds[0].c.values[field]
		for at := range m.place {
			m.place[at] |= list[values[at]]
		}
	}
}

// keyPlace is where a QSO's key stands.
type keyPlace uint8

const (
	inColumn  keyPlace = iota // of its own, or of the call
	inPlace                   // a text of the other side's place
	inSession                 // a text of our session
)

// keyIn returns where the keys stand.
func (a *Award) keyIn() keyPlace {
	switch a.kind {
	case byEntity, byWAE, byCQZone, byITUZone, byContinent, byPrefix, byGrid, byCall:
		return inColumn
	case byMyPOTA, byMySOTA, byMyWWFF:
		return inSession
	}
	return inPlace
}

// ours reports whether QSOs of one of our sessions may count.
func (f *fold) ours(session int) bool { return f.sessions == nil || f.sessions[session] }

// wantsEntity reports whether QSOs with an entity may count.
func (f *fold) wantsEntity(e int) bool {
	switch {
	case f.entities != nil && !f.entities[e]:
		return false
	case f.kind == byEntity:
		return f.byKey[e] != none
	case f.kind == byWAE:
		return f.byKey[e] != none || regional(uint16(e)) || len(f.c.words[fieldRegion]) > 1
	}
	return true
}

// wantsBand reports whether QSOs on a band, or by satellite, may count.
func (f *fold) wantsBand(band int) bool {
	if band == satBand {
		return f.sat != satExcluded
	}
	return f.sat != satOnly && f.bands&(1<<band) != 0
}

// confirmedBy returns the folds for which a row's sources confirm.
func (m *masks) confirmedBy(sources uint8, flags columns.Flag) uint64 {
	return m.confirm[confirmSet(sources, flags)]
}

// confirmSet is the place of sources and flags in masks.confirm.
func confirmSet(sources uint8, flags columns.Flag) int {
	return int(sources) | int(flags&(columns.NotTwoWay|columns.EQSLAG))>>confirmShift
}

// confirmedBy reports whether a place in masks.confirm confirms.
func (f *fold) confirmedBy(set int) bool {
	by := uint8(set) & uint8(f.sources)
	if f.ag && set&confirmAG == 0 {
		by &^= eqslBit
	}
	if f.twoWay && set&confirmNotTwoWay != 0 {
		by &^= lotwBit
	}
	return by != 0 || f.byLog
}
