package awards

import "qslbox/qso/columns"

// candidates writes the rows that may count, and their codes, and returns how
// many they are; out may be the memory of rows. Most rows end here, so each
// kind has a loop of its own. A row without a key, or from outside the award's
// entities, stays in only if LoTW says something else about it than the log.
func (f *fold) candidates(rows []uint32, out *[block]uint32, codes *[block]int32) int {
	switch field, ok := keyField[f.kind]; {
	case f.kind == byGrid:
		return f.squares(rows, out, codes)
	case f.kind == byMyPOTA, f.kind == byMySOTA, f.kind == byMyWWFF:
		return f.ownReferences(field, rows, out, codes)
	case ok && f.kind != byWAE && f.kind != byContinent:
		return f.placeKeys(field, rows, out, codes)
	}
	v, n := f.v, 0
	switch f.kind {
	case byEntity:
		for _, row := range rows {
			out[n], codes[n] = row, f.byKey[v.DXCC[row]&(maxEntity-1)]
			n++
		}
	case byCQZone:
		for _, row := range rows {
			out[n], codes[n] = row, f.byKey[v.CQZ[row]]
			n++
		}
	case byITUZone:
		for _, row := range rows {
			out[n], codes[n] = row, f.byKey[v.ITUZ[row]]
			n++
		}
	case byPrefix:
		for _, row := range rows {
			out[n], codes[n] = row, f.c.codes[f.c.prefixes[v.Call[row]]]
			n++
		}
	default:
		for _, row := range rows {
			out[n], codes[n] = row, f.keyOf(row)
			n++
		}
	}
	return f.keep(out, codes, n)
}

// placed reports whether a key is what LoTW may know and the log may not: a
// state, county, island or square. Entities and zones both have.
func (a *Award) placed() bool {
	return a.kind == byState || a.kind == byCounty || a.kind == byIOTA || a.kind == byGrid
}

// differs reports whether LoTW says of a row that has no key, or is from
// outside the award's entities, what may give it one.
func (f *fold) differs(row uint32, outside bool) bool {
	return f.v.Flags[row]&columns.HasStatement != 0 && (f.v.Blank[row]&columns.Elsewhere != 0 || !outside && f.placed())
}

// keep leaves of n rows those with a key, and those about which LoTW says
// something else.
func (f *fold) keep(out *[block]uint32, codes *[block]int32, n int) int {
	kept := 0
	entities := f.entities
	for i, row := range out[:n] {
		code := codes[i]
		out[kept], codes[kept] = row, code
		outside := entities != nil && !entities[f.v.DXCC[row]&(maxEntity-1)]
		if code != none && !outside || f.differs(row, outside) {
			kept++
		}
	}
	return kept
}

// placeKeys: the key is a text of the other side's place. Few places have most
// of them.
func (f *fold) placeKeys(key field, rows []uint32, out *[block]uint32, codes *[block]int32) int {
	v, values, entities := f.v, f.c.values[key], f.entities
	bit, n := uint16(1)<<key, 0
	for _, row := range rows {
		place := v.Place[row]
		if f.c.has[place]&bit == 0 && (f.blank == 0 || v.Flags[row]&columns.HasStatement == 0) {
			continue
		}
		if entities != nil && !entities[v.DXCC[row]&(maxEntity-1)] && !f.differs(row, true) {
			continue
		}
		out[n], codes[n] = row, f.c.codes[values[place]]
		n++
	}
	return n
}

func (f *fold) ownReferences(key field, rows []uint32, out *[block]uint32, codes *[block]int32) int {
	v, values, n := f.v, f.c.values[key], 0
	for _, row := range rows {
		if word := values[v.Session[row]]; word != 0 {
			out[n], codes[n] = row, f.c.codes[word]
			n++
		}
	}
	return n
}

// squares: VUCC_GRIDS before GRIDSQUARE. Most rows are on bands that do not
// count.
func (f *fold) squares(rows []uint32, out *[block]uint32, codes *[block]int32) int {
	v, values, n := f.v, f.c.values[fieldVUCC], 0
	for _, row := range rows {
		if f.bands&(1<<v.Band[row]) == 0 && (f.sat == satExcluded || v.Flags[row]&columns.Satellite == 0) {
			continue
		}
		code := f.byKey[v.Grid[row]]
		if code == none && v.Flags[row]&columns.BadGrid != 0 {
			code = faulty
		}
		if place := v.Place[row]; f.c.has[place]&(1<<fieldVUCC) != 0 {
			code = f.c.codes[values[place]]
		}
		out[n], codes[n] = row, code
		n++
	}
	return f.keep(out, codes, n)
}

// keyOf finds the code of a row of the rarer kinds.
func (f *fold) keyOf(row uint32) int32 {
	switch f.kind {
	case byWAE:
		if place := f.v.Place[row]; f.c.has[place]&(1<<fieldRegion) != 0 {
			if code := f.c.codes[f.c.values[fieldRegion][place]]; code != none {
				return code
			}
		} else if at := f.c.regions[f.v.Call[row]]; at != 0 && regional(f.v.DXCC[row]) {
			if code := f.regionKeys[at]; code != none {
				return code
			}
		}
		return f.byKey[f.v.DXCC[row]&(maxEntity-1)]
	case byContinent:
		if at := f.continent(row); at >= 0 {
			return f.byKey[at]
		}
		return none
	default: // byCall
		if len(f.items) > 0 {
			return f.listed(f.v.CallText(f.v.Call[row]), none)
		}
		return int32(f.v.Call[row])
	}
}

// keyOfRow finds the code of one row of any kind.
func (f *fold) keyOfRow(row uint32) int32 {
	var rows [block]uint32
	var codes [block]int32
	if f.candidates([]uint32{row}, &rows, &codes) == 0 {
		return none
	}
	return codes[0]
}

// stated counts a QSO for LoTW under what LoTW says of the other side. If LoTW
// left the value blank, it does not confirm, and the QSO is listed.
func (f *fold) stated(row uint32, logged int32, bits uint64, class int) {
	if f.v.Blank[row]&f.blank != 0 {
		if logged != none {
			f.without = append(f.without, row)
		}
		return
	}
	code, entity := f.statedKey(row)
	if code == faulty || f.entities != nil && !f.entities[entity&(maxEntity-1)] {
		return
	}
	f.by, f.said = lotwBit, true
	f.count(row, code, bits, class, true)
	f.said = false
}

// statedKey returns the code and the entity by LoTW's own record.
func (f *fold) statedKey(row uint32) (code int32, entity uint16) {
	s, differs := f.v.Statement(row)
	if !differs {
		return f.keyOfRow(row), f.v.DXCC[row]
	}
	switch f.kind {
	case byEntity:
		return f.byKey[s.DXCC&(maxEntity-1)], s.DXCC
	case byWAE:
		if s.DXCC == f.v.DXCC[row] {
			return f.keyOf(row), s.DXCC
		}
		return f.byKey[s.DXCC&(maxEntity-1)], s.DXCC
	case byCQZone:
		return f.byKey[s.CQZ], s.DXCC
	case byITUZone:
		return f.byKey[s.ITUZ], s.DXCC
	case byGrid:
		code = f.byKey[s.Grid]
		if word := f.c.values[fieldVUCC][s.Place]; word != 0 {
			code = f.c.codes[word]
		}
		return code, s.DXCC
	case byState, byCounty, byIOTA:
		return f.c.codes[f.c.values[keyField[f.kind]][s.Place]], s.DXCC
	}
	return f.keyOfRow(row), s.DXCC
}
