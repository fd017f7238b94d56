package awards

import "qslbox/qso/columns"

// codesOf finds the codes of the rows on a list. Each kind has a loop of its
// own.
func (f *fold) codesOf(b *blockOf, list []uint8) {
	v := f.v
	switch f.kind {
	case byEntity:
		codesBy(b, list, v.DXCC, f.byKey)
	case byCQZone:
		codesBy(b, list, v.CQZ, f.byKey)
	case byITUZone:
		codesBy(b, list, v.ITUZ, f.byKey)
	case byPrefix:
		codesByWord(b, list, v.Call, f.c.prefixes, f.c.codes)
	case byWAE:
		f.countriesOf(b, list)
	case byGrid, byContinent, byCall:
		for _, i := range list {
			b.codes[i] = f.keyOf(b.rows[i])
		}
	case byMyPOTA, byMySOTA, byMyWWFF:
		codesByWord(b, list, v.Session, f.c.values[f.field], f.c.codes)
	default:
		codesByWord(b, list, v.Place, f.c.values[f.field], f.c.codes)
	}
}

// codesBy finds codes by the numbers of a column.
func codesBy[T uint8 | uint16](b *blockOf, list []uint8, column []T, byKey []int32) {
	rows, codes := &b.rows, &b.codes
	for _, i := range list {
		codes[i] = byKey[int(column[rows[i]])&(len(byKey)-1)]
	}
}

// codesByWord finds codes by the words that the numbers of a column stand for.
func codesByWord(b *blockOf, list []uint8, column, words []uint32, meant []int32) {
	rows, codes := &b.rows, &b.codes
	for _, i := range list {
		codes[i] = meant[words[column[rows[i]]]]
	}
}

// placed reports whether a key is what LoTW may know and the log may not: a
// state, county, island or square. Entities and zones both have.
func (a *Award) placed() bool {
	return a.kind == byState || a.kind == byCounty || a.kind == byIOTA || a.kind == byGrid
}

// keyOf finds the code of a row.
func (f *fold) keyOf(row uint32) int32 {
	v := f.v
	switch field := f.field; f.kind {
	case byEntity:
		return f.byKey[v.DXCC[row]&(maxEntity-1)]
	case byCQZone:
		return f.byKey[v.CQZ[row]]
	case byITUZone:
		return f.byKey[v.ITUZ[row]]
	case byPrefix:
		return f.c.codes[f.c.prefixes[v.Call[row]]]
	case byGrid:
		return f.square(row)
	case byWAE:
		return f.countryOf(row)
	case byContinent:
		if at := f.continent(row); at >= 0 {
			return f.byKey[at]
		}
		return none
	case byCall:
		if len(f.items) > 0 {
			return f.listed(v.CallText(v.Call[row]), none)
		}
		return int32(v.Call[row])
	case byMyPOTA, byMySOTA, byMyWWFF:
		return f.c.codes[f.c.values[field][v.Session[row]]]
	default:
		return f.c.codes[f.c.values[field][v.Place[row]]]
	}
}

// square: VUCC_GRIDS before GRIDSQUARE.
func (f *fold) square(row uint32) int32 {
	v := f.v
	if place := v.Place[row]; f.c.has[place]&(1<<fieldVUCC) != 0 {
		return f.c.codes[f.c.values[fieldVUCC][place]]
	}
	code := f.byKey[v.Grid[row]]
	if code == none && v.Flags[row]&columns.BadGrid != 0 {
		return faulty
	}
	return code
}

// countriesOf is countryOf for the rows on a list.
func (f *fold) countriesOf(b *blockOf, list []uint8) {
	v, byKey, logged := f.v, f.byKey, len(f.c.words[fieldRegion]) > 1
	for _, i := range list {
		row := b.rows[i]
		if entity := v.DXCC[row] & (maxEntity - 1); logged || regional(entity) {
			b.codes[i] = f.countryOf(row)
		} else {
			b.codes[i] = byKey[entity]
		}
	}
}

// countryOf returns the code of a WAE country: a region counts before its
// entity.
func (f *fold) countryOf(row uint32) int32 {
	entity := f.v.DXCC[row] & (maxEntity - 1)
	if place := f.v.Place[row]; len(f.c.words[fieldRegion]) > 1 && f.c.has[place]&(1<<fieldRegion) != 0 {
		if code := f.c.codes[f.c.values[fieldRegion][place]]; code != none {
			return code
		}
	} else if regional(entity) {
		if code := f.regionKeys[f.c.regions[f.v.Call[row]]]; code != none {
			return code
		}
	}
	return f.byKey[entity]
}

// stated counts a QSO for LoTW under what LoTW says of the other side. If LoTW
// left the value blank, it does not confirm, and the QSO is listed.
func (f *fold) stated(row uint32, logged int32, bits uint64, class int) {
	if f.v.Blank[row]&f.blank != 0 {
		if logged != none {
			f.news = true
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
	s, differs := f.sayings.of(f.v, row)
	if !differs {
		return f.keyOf(row), f.v.DXCC[row]
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
		return f.c.codes[f.c.values[f.field][s.Place]], s.DXCC
	}
	return f.keyOf(row), s.DXCC
}
