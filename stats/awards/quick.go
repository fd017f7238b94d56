package awards

import "qslbox/qso/columns"

// quick counts the plain rows, which are nearly all, with a few loads each, and
// hands the others to fold.row. A test holds the two together.
type quick struct {
	f        *fold
	slow     columns.Flag // rows with one of these are not plain
	from     uint32       // plain rows are from <= t < from+span
	span     uint32
	bands    [64]uint64  // of each band: its bits, 0 if it does not count
	modes    []quickMode // of each mode
	stride   int32
	sources  uint8 // confirm without a closer look
	looked   uint8 // confirm after a closer look
	blank    columns.Blank
	keys     []window // nil = keys have no windows
	sessions []bool
	used     []uint64
	granted  bool // places with credits need a closer look
	conts    bool
}

// quickMode is what a mode adds: its bits, 0 if it does not count, and which
// word of a key it has.
type quickMode struct {
	bits uint64
	word int32
}

type window struct{ from, span uint32 }

// newQuick returns nil if the fold must look closely at each row.
func (f *fold) newQuick() *quick {
	if f.hit != nil || f.years != nil || f.day != 0 || f.sats != nil || f.callOK != nil || f.sat == satOnly {
		return nil
	}
	q := &quick{
		f: f, slow: columns.Satellite, stride: int32(f.stride), blank: f.blank, sessions: f.sessions, used: f.used,
		sources: uint8(f.sources), granted: f.credits != nil, conts: f.def.Slots.Continents,
	}
	switch {
	case f.placed() || f.entities != nil:
		q.slow |= columns.HasStatement
	case f.blank != 0:
		q.blank |= columns.Elsewhere
	}
	if !f.def.CountAny {
		q.slow |= columns.NotCountable
	}
	if f.twoWay {
		q.slow |= columns.NotTwoWay
	}
	if f.ag {
		q.looked, q.sources = q.sources&eqslBit, q.sources&^eqslBit
	}
	if f.byLog {
		q.sources = 0
	}
	to := min(f.to, f.until)
	q.from = f.from
	for i := range f.classRule {
		q.from = max(q.from, f.classRule[i].from)
	}
	if to > q.from {
		q.span = to - q.from
	}
	for b := range q.bands {
		if bit := uint64(1) << b; f.bands&bit != 0 {
			q.bands[b] = bit
		}
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
		if m.ok {
			added.bits = 1<<bitTotal | m.slot
		}
		if f.stride > 1 {
			added.word = noClass
			if m.slot != 0 {
				added.word = int32(m.class)
			}
		}
	}
	return modes
}

// rows counts rows with their codes.
func (q *quick) rows(rows []uint32, codes []int32) {
	f, v := q.f, q.f.v
	worked, confirmed := f.worked, f.confirmed
	for i, row := range rows {
		code := codes[i]
		t := v.Time[row]
		flags := v.Flags[row]
		if code < 0 || flags&q.slow != 0 || t-q.from >= q.span {
			f.row(row, code)
			continue
		}
		mode := q.modes[v.Mode[row]]
		bits := q.bands[v.Band[row]&63]
		if bits == 0 || mode.bits == 0 || q.sessions != nil && !q.sessions[v.Session[row]] {
			continue
		}
		bits |= mode.bits
		all := v.Confirmed[row]
		by := all & q.sources
		if all&q.looked != 0 && by == 0 || by&lotwBit != 0 && v.Blank[row]&q.blank != 0 ||
			q.granted && f.c.has[v.Place[row]]&hasGranted != 0 {
			f.row(row, code)
			continue
		}
		if q.keys != nil {
			if w := q.keys[code]; t-w.from >= w.span {
				continue
			}
		}
		if q.conts {
			if at := f.continent(row); at >= 0 {
				bits |= 1 << (bitContinent + at)
			}
		}
		if q.used != nil {
			q.used[v.Session[row]] |= bits
		}
		at := code*q.stride + mode.word
		worked[at] |= bits
		if by != 0 || f.byLog {
			confirmed[at] |= bits
		}
	}
}
