package awards

import (
	"slices"

	"qslbox/qso/columns"
)

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
	codes []int32  // of entities, with closely in those whose window ends within the log; nil = not for this award
	conts bool
	most  bool // most rows are on its bands: no use in looking first
}

// quickMode is what a mode adds: its bits, and which word of a key it has.
type quickMode struct {
	bits uint64
	word int32
	ok   bool // it counts
}

type window struct{ from, span uint32 }

// closely marks the code of a key that has to be looked at closely.
const closely = 1 << 30

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

// prepare makes the table of codes for alone. Few entities have a window that begins or
// ends within the log: only these are compared with the time.
func (q *quick) prepare() {
	f := q.f
	if f.kind != byEntity || q.keys == nil {
		return
	}
	first, last := f.v.TimeRange()
	q.codes = slices.Clone(f.byKey)
	for e, code := range q.codes {
		if code >= 0 && (f.items[code].from > first || f.items[code].to <= last) {
			q.codes[e] |= closely
		}
	}
}

// quickModes says what each mode of the log adds.
func (f *fold) quickModes() []quickMode {
	modes := make([]quickMode, len(f.modes))
	for i := range f.modes {
		m, added := &f.modes[i], &modes[i]
		added.bits, added.ok = 1<<bitTotal|m.slot, m.ok
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
// others would cost as much again. It takes two loops, each with as many
// columns as the processor has registers for.
func (q *quick) alone(b *blockOf, rows []uint32) {
	f, m := q.f, b.p.masks
	rows = q.sieve(b, rows[:min(len(rows), block)])
	if m.closely != 0 {
		f.codesOf(b, everyPlace[:len(rows)])
		for i, row := range rows {
			f.row(row, b.codes[i])
		}
		return
	}
	if q.codes != nil {
		codesBy(b, everyPlace[:len(rows)], f.v.DXCC, q.codes)
	} else {
		f.codesOf(b, everyPlace[:len(rows)])
	}
	r := b.rowsOf(f.v, rows)
	slow, blanks := columns.Satellite|columns.NotCountable, f.blank|columns.Elsewhere
	if f.placed() {
		slow |= columns.HasStatement
	}
	codes, from, span := b.codes[:len(r.time)], q.from, q.span
	times, flags, blank := r.time[:len(codes)], r.flags[:len(codes)], r.blank[:len(codes)]
	for i, code := range codes {
		if uint32(code) >= closely || flags[i]&slow != 0 || blank[i]&blanks != 0 || times[i]-from >= span {
			if code >= 0 {
				code &^= closely
			}
			f.row(rows[i], code)
			codes[i] = none
		}
	}
	if q.conts || f.used != nil || m.granting != 0 || f.sessions != nil {
		q.choosy(b, &r, rows)
		return
	}
	if q.keys != nil && q.codes == nil {
		for i, code := range codes {
			if code >= 0 {
				if w := q.keys[code]; r.time[i]-w.from >= w.span {
					codes[i] = none
				}
			}
		}
	}
	q.mark(codes, &r, &m.confirm)
}

// sieve leaves the rows that may count by entity, band, place and session, if
// the award asks for these; b.rows is their room.
func (q *quick) sieve(b *blockOf, rows []uint32) []uint32 {
	f, v, m := q.f, q.f.v, b.p.masks
	left, n := &b.rows, 0
	if f.entities != nil || f.bands&allBands != allBands && !q.most {
		for _, row := range rows {
			band, keep := v.Band[row]&satBand, m.entity[v.DXCC[row]&(maxEntity-1)]
			if v.Flags[row]&columns.Satellite != 0 {
				band = satBand
			}
			if v.Blank[row]&columns.Elsewhere != 0 {
				keep |= m.lotw
			}
			left[n&(block-1)] = row
			n += int(keep & m.band[band] & 1)
		}
		q.most = 4*n > 3*len(rows)
		rows, n = left[:n], 0
	}
	switch f.keyIn() {
	case inPlace:
		for _, row := range rows {
			keep := m.place[v.Place[row]]
			if v.Flags[row]&columns.HasStatement != 0 {
				if keep |= m.stated[v.Blank[row]]; v.Blank[row]&columns.Elsewhere != 0 {
					keep |= m.lotw
				}
			}
			left[n&(block-1)] = row
			n += int(keep & 1)
		}
		rows = left[:n]
	case inSession:
		for _, row := range rows {
			left[n&(block-1)] = row
			n += int(m.session[v.Session[row]] & 1)
		}
		rows = left[:n]
	}
	return rows
}

// mark sets the slots of rows that have a code.
func (q *quick) mark(codes []int32, r *rowsOf, confirms *[1 << 10]uint64) {
	worked, stride, bands, modes := q.f.worked, int32(q.f.stride), q.f.bands, q.modes
	confirmed := q.f.confirmed[:len(worked)]
	mode, band, sources, flags := r.mode[:len(codes)], r.band[:len(codes)], r.confirmed[:len(codes)], r.flags[:len(codes)]
	for i, code := range codes {
		added, bits := &modes[mode[i]], uint64(1)<<(band[i]&satBand)&bands
		if code < 0 || bits == 0 || !added.ok {
			continue
		}
		bits |= added.bits
		at := code*stride + added.word
		worked[at] |= bits
		confirmed[at] |= bits & -(confirms[confirmSet(sources[i], flags[i])] & 1)
	}
}

// choosy is mark for folds that ask for more.
func (q *quick) choosy(b *blockOf, r *rowsOf, rows []uint32) {
	f, v, m := q.f, q.f.v, b.p.masks
	for i, row := range rows {
		code, mode, bits := b.codes[i], &q.modes[r.mode[i]], uint64(1)<<(r.band[i]&satBand)&f.bands
		if code < 0 || bits == 0 || !mode.ok || !f.ours(int(v.Session[row])) {
			continue
		}
		if q.keys != nil {
			if w := q.keys[code]; r.time[i]-w.from >= w.span {
				continue
			}
		}
		if m.granting != 0 && m.has[v.Place[row]]&hasCredits != 0 {
			f.row(row, code)
			continue
		}
		bits |= mode.bits
		if q.conts {
			if at := f.continent(row); at >= 0 {
				bits |= 1 << (bitContinent + at)
			}
		}
		if f.used != nil {
			f.used[v.Session[row]] |= bits
		}
		at := code*int32(f.stride) + mode.word
		f.worked[at] |= bits
		f.confirmed[at] |= bits & -(m.confirmedBy(r.confirmed[i], r.flags[i]) & 1)
	}
}

// rowsOf are columns of some rows, side by side.
type rowsOf struct {
	time            []uint32
	flags           []columns.Flag
	blank           []columns.Blank
	mode            []uint16
	band, confirmed []uint8
}

// rowsOf returns the columns of rows: parts of them if the rows stand together,
// else copies.
func (b *blockOf) rowsOf(v *columns.View, rows []uint32) rowsOf {
	n := len(rows)
	if n == 0 {
		return rowsOf{}
	}
	if at := rows[0]; rows[n-1]-at == uint32(n-1) {
		return rowsOf{v.Time[at:][:n], v.Flags[at:][:n], v.Blank[at:][:n], v.Mode[at:][:n], v.Band[at:][:n], v.Confirmed[at:][:n]}
	}
	r := &b.apart
	r.time, r.flags, r.blank = pick(r.time, v.Time, rows), pick(r.flags, v.Flags, rows), pick(r.blank, v.Blank, rows)
	r.mode, r.band, r.confirmed = pick(r.mode, v.Mode, rows), pick(r.band, v.Band, rows), pick(r.confirmed, v.Confirmed, rows)
	return *r
}

// pick copies the values of rows, into the memory of to if that is enough.
func pick[T any](to, column []T, rows []uint32) []T {
	if cap(to) < len(rows) {
		to = make([]T, block)
	}
	to = to[:len(rows)]
	for i, row := range rows {
		to[i] = column[row]
	}
	return to
}

// everyPlace is the list of all rows of a block.
var everyPlace = func() (list [block]uint8) {
	for i := range list {
		list[i] = uint8(i)
	}
	return list
}()
