package awards

import (
	"slices"

	"qslbox/qso/columns"
)

// origins adds QSOs up by where the other side is, for all awards that ask for
// no more than entity, zones and continent: a log has some hundreds of origins,
// and each QSO is added once instead of once for each of these awards.
type origins struct {
	v       *columns.View
	bits    uint64 // folds of the pass that it counts for
	groups  []originGroup
	conts   *fold        // one that asks for the continent, or nil
	windows []window     // of entities that count for a time only; nil = all
	from    uint32       // times from <= t < from+span are plain
	to      uint32       //
	list    []origin     // by number
	slots   []originSlot // open addressing
	modes   []uint16     // of each mode: number of its kind
	kinds   []int        // of each kind: a mode
	sums    []sum        // by origin, kind of mode, group
}

// originGroup is folds that look at the same QSOs and confirmations.
type originGroup struct {
	folds []*fold
	shift uint8 // of the first one's bit
}

// origin is where the other side is.
type origin struct {
	dxcc      uint16
	cqz, ituz uint8
	cont      int8 // see atlas.conts
}

type originSlot struct{ key, number uint32 } // number plus 1; 0 = free

// sum is the bands of some QSOs, and bitSat for satellites.
type sum struct{ worked, confirmed uint64 }

// newOrigins returns nil if none of the folds is of this kind.
func newOrigins(p *pass, counting []quick) *origins {
	o := &origins{v: p.v, slots: make([]originSlot, 2048), to: 1<<32 - 1}
	for i, f := range p.folds {
		bit := uint64(1) << i
		if !f.byOrigin() || p.masks.closely&bit != 0 {
			continue
		}
		o.bits |= bit
		o.join(f, uint8(i))
		q := &counting[i]
		o.from, o.to = max(o.from, q.from), min(o.to, q.from+q.span)
		if f.kind == byContinent {
			o.conts = f
		}
		if f.kind == byEntity && f.dated {
			o.windows = f.entityWindows()
		}
	}
	if o.bits == 0 {
		return nil
	}
	o.sortModes()
	o.list, o.sums = make([]origin, 0, 512), make([]sum, 0, 512*len(o.kinds)*len(o.groups))
	return o
}

// sortModes finds out which modes are alike for all folds: a log has dozens of
// modes and awards tell a few kinds apart.
func (o *origins) sortModes() {
	o.modes = make([]uint16, len(o.v.Modes))
	for mode := range o.modes {
		kind := slices.IndexFunc(o.kinds, func(other int) bool { return o.alike(mode, other) })
		if kind < 0 {
			kind = len(o.kinds)
			o.kinds = append(o.kinds, mode)
		}
		o.modes[mode] = uint16(kind)
	}
}

func (o *origins) alike(mode, other int) bool {
	for _, g := range o.groups {
		for _, f := range g.folds {
			if f.modes[mode] != f.modes[other] {
				return false
			}
		}
	}
	return true
}

// byOrigin reports whether the origin, band and mode of a QSO tell how it
// counts.
func (f *fold) byOrigin() bool {
	switch {
	case f.used != nil || f.def.Slots.Continents || f.sat == satOnly:
		return false
	case f.kind == byEntity:
		return !f.dated || f.def.Key.From == "entities" && len(f.def.Key.List) == 0
	}
	return (f.kind == byCQZone || f.kind == byITUZone || f.kind == byContinent) && !f.dated
}

// entityWindows returns from when to when each entity counts.
func (f *fold) entityWindows() []window {
	list := make([]window, maxEntity)
	for e := range list {
		list[e].span = 1<<32 - 1
		if key := f.byKey[e]; key >= 0 {
			list[e] = window{f.items[key].from, f.items[key].to - f.items[key].from}
		}
	}
	return list
}

// join puts a fold into its group.
func (o *origins) join(f *fold, shift uint8) {
	for i := range o.groups {
		g := &o.groups[i]
		if g.folds[0].terms == f.terms && slices.Equal(g.folds[0].sessions, f.sessions) {
			g.folds = append(g.folds, f)
			return
		}
	}
	o.groups = append(o.groups, originGroup{[]*fold{f}, shift})
}

// rows adds up the first n rows of a block, unless some of their times are not
// plain; then it returns false, and each fold is to count them.
func (o *origins) rows(b *blockOf, n int) bool {
	if b.first < o.from || b.last >= o.to {
		for i, band := range b.band[:n] {
			if band == 1<<bitSat {
				b.closely[i] |= o.bits
			}
		}
		return false
	}
	v, groups := o.v, o.groups
	kinds := len(o.kinds)
	dxcc, cqz, ituz, windows, kindOf, all := v.DXCC, v.CQZ, v.ITUZ, o.windows, o.modes, o.bits
	for i := range b.masks[:min(n, block)] {
		if b.masks[i]&all == 0 {
			continue
		}
		row := b.rows[i]
		at := origin{dxcc: dxcc[row] & (maxEntity - 1), cqz: cqz[row], ituz: ituz[row]}
		if b.closely[i]&all != 0 || at.cqz > 40 || at.ituz > 90 || windows != nil && v.Time[row]-windows[at.dxcc].from >= windows[at.dxcc].span {
			b.each(i, all)
			continue
		}
		if o.conts != nil {
			at.cont = o.conts.c.conts[v.Place[row]]
		}
		sums := o.sums[(int(o.number(at))*kinds+int(kindOf[b.mode[i]]))*len(groups):][:len(groups)]
		ours, confirm, band := b.ours[i], b.confirm[i], b.band[i]
		for g := range groups {
			shift := groups[g].shift & (maxFolds - 1)
			bits := band & -(ours >> shift & 1)
			sums[g].worked |= bits
			sums[g].confirmed |= bits & -(confirm >> shift & 1)
		}
	}
	return true
}

// number returns the number of an origin.
func (o *origins) number(at origin) uint32 {
	key := uint32(at.dxcc) | uint32(at.cqz)<<10 | uint32(at.ituz)<<16 | uint32(at.cont+1)<<23
	mask := uint32(len(o.slots) - 1)
	slot := key * 0x9e3779b1 >> 16 & mask
	for o.slots[slot].number != 0 {
		if o.slots[slot].key == key {
			return o.slots[slot].number - 1
		}
		slot = (slot + 1) & mask
	}
	o.list = append(o.list, at)
	o.sums = append(o.sums, make([]sum, len(o.kinds)*len(o.groups))...)
	o.slots[slot] = originSlot{key, uint32(len(o.list))}
	if 2*len(o.list) > len(o.slots) {
		o.grow()
	}
	return uint32(len(o.list) - 1)
}

func (o *origins) grow() {
	old := o.slots
	o.slots = make([]originSlot, 2*len(old))
	mask := uint32(len(o.slots) - 1)
	for _, s := range old {
		if s.number == 0 {
			continue
		}
		at := s.key * 0x9e3779b1 >> 16 & mask
		for o.slots[at].number != 0 {
			at = (at + 1) & mask
		}
		o.slots[at] = s
	}
}

// finish hands the sums to the folds.
func (o *origins) finish() {
	at := 0
	for i := range o.list {
		for _, mode := range o.kinds {
			for g := range o.groups {
				if s := &o.sums[at]; s.worked != 0 {
					for _, f := range o.groups[g].folds {
						f.addSum(&o.list[i], mode, s)
					}
				}
				at++
			}
		}
	}
}

// addSum counts QSOs of one origin and mode.
func (f *fold) addSum(at *origin, mode int, s *sum) {
	m := &f.modes[mode]
	if !m.ok || f.entities != nil && !f.entities[at.dxcc] {
		return
	}
	code := f.codeAt(at)
	if code < 0 {
		return
	}
	class := noClass
	if m.slot != 0 {
		class = int(m.class)
	}
	add := func(class int, worked, confirmed, with uint64) {
		if worked != 0 {
			f.worked[f.word(code, class)] |= worked | with
		}
		if confirmed != 0 {
			f.confirmed[f.word(code, class)] |= confirmed | with
		}
	}
	add(class, s.worked&f.bands, s.confirmed&f.bands, 1<<bitTotal|m.slot)
	switch worked, confirmed := s.worked&(1<<bitSat), s.confirmed&(1<<bitSat); f.sat {
	case satSeparate:
		add(noClass, worked, confirmed, 0)
	case satCounts:
		add(class, worked, confirmed, 1<<bitTotal|m.slot)
	}
}

// codeAt returns the code of an origin.
func (f *fold) codeAt(at *origin) int32 {
	switch f.kind {
	case byEntity:
		return f.byKey[at.dxcc]
	case byCQZone:
		return f.byKey[at.cqz]
	case byITUZone:
		return f.byKey[at.ituz]
	}
	if cont := f.continentAt(at.dxcc, at.cont); cont >= 0 {
		return f.byKey[cont]
	}
	return none
}
