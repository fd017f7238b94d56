package awards

import "qslbox/qso/columns"

// quick counts the plain rows, which are nearly all, with a few loads each, and
// hands the others to fold.row. A test holds the two together.
type quick struct {
	f     *fold
	bit   uint64      // of the fold in the pass
	shift uint8       // and its number
	modes []quickMode // of each mode
	from  uint32      // plain rows are from <= t < from+span
	span  uint32
	keys  []window // nil = keys have no windows
	conts bool
}

// quickMode is what a mode adds: its bits, and which word of a key it has.
type quickMode struct {
	bits uint64
	word int32
}

type window struct{ from, span uint32 }

// newQuick returns how the fold counts its plain rows.
func (f *fold) newQuick(place int) quick {
	q := quick{f: f, bit: 1 << place, shift: uint8(place), conts: f.def.Slots.Continents}
	to := min(f.to, f.until)
	q.from = f.from
	for i := range f.classRule {
		q.from = max(q.from, f.classRule[i].from)
	}
	if to > q.from {
		q.span = to - q.from
	}
	q.modes = f.quickModes()
	if f.dated {
		q.keys = make([]window, len(f.items))
		for i := range f.items {
			q.keys[i] = window{f.items[i].from, f.items[i].to - f.items[i].from}
		}
	}
	return q
}

// quickModes says what each mode of the log adds.
func (f *fold) quickModes() []quickMode {
	modes := make([]quickMode, len(f.modes))
	for i := range f.modes {
		m, added := &f.modes[i], &modes[i]
		added.bits = 1<<bitTotal | m.slot
		if f.stride > 1 {
			added.word = noClass
			if m.slot != 0 {
				added.word = int32(m.class)
			}
		}
	}
	return modes
}

// rows counts rows of a block that are on the fold's list.
func (q *quick) rows(b *blockOf, list []uint8) {
	f, v := q.f, q.f.v
	inTime := b.first >= q.from && b.last-q.from < q.span
	worked, confirmed, stride, bit, shift := f.worked, f.confirmed, int32(f.stride), q.bit, q.shift&(maxFolds-1)
	for _, i := range list {
		code := b.codes[i]
		if code < 0 || b.closely[i]&bit != 0 || !inTime && v.Time[b.rows[i]]-q.from >= q.span {
			f.row(b.rows[i], code)
			continue
		}
		if q.keys != nil {
			if w := q.keys[code]; v.Time[b.rows[i]]-w.from >= w.span {
				continue
			}
		}
		mode := &q.modes[b.mode[i]]
		bits := b.band[i] | mode.bits
		if q.conts {
			if at := f.continent(b.rows[i]); at >= 0 {
				bits |= 1 << (bitContinent + at)
			}
		}
		if f.used != nil {
			f.used[v.Session[b.rows[i]]] |= bits
		}
		at := code*stride + mode.word
		worked[at] |= bits
		confirmed[at] |= bits & -(b.confirm[i] >> shift & 1)
	}
}

// alone counts all rows of a block for the only fold of a pass: looking for
// others would cost as much again.
func (q *quick) alone(b *blockOf, rows []uint32) {
	f, v, m := q.f, q.f.v, b.p.masks
	f.codesOf(b, everyPlace[:len(rows)])
	slow, blank := columns.Satellite|columns.NotCountable, f.blank|columns.Elsewhere
	if f.placed() {
		slow |= columns.HasStatement
	}
	worked, confirmed, stride := f.worked, f.confirmed, int32(f.stride)
	for i, row := range rows[:min(len(rows), block)] {
		code, flags, t := b.codes[i], v.Flags[row], v.Time[row]
		if code < 0 || flags&slow != 0 || v.Blank[row]&blank != 0 || t-q.from >= q.span {
			f.row(row, code)
			continue
		}
		mode, band := v.Mode[row], v.Band[row]&satBand
		if m.mode[mode]&m.band[band]&m.session[v.Session[row]] == 0 {
			continue
		}
		if q.keys != nil {
			if w := q.keys[code]; t-w.from >= w.span {
				continue
			}
		}
		if m.granting != 0 && m.has[v.Place[row]]&hasCredits != 0 {
			f.row(row, code)
			continue
		}
		bits := 1<<band | q.modes[mode].bits
		if q.conts {
			if at := f.continent(row); at >= 0 {
				bits |= 1 << (bitContinent + at)
			}
		}
		if f.used != nil {
			f.used[v.Session[row]] |= bits
		}
		at := code*stride + q.modes[mode].word
		worked[at] |= bits
		confirmed[at] |= bits & -(m.confirmedBy(v.Confirmed[row], flags) & 1)
	}
}

// everyPlace is the list of all rows of a block.
var everyPlace = func() (list [block]uint8) {
	for i := range list {
		list[i] = uint8(i)
	}
	return list
}()
