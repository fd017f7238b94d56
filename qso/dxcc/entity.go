package dxcc

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"qslbox/qso"
)

// Entity is one entry of the DXCC list, current or deleted.
type Entity struct {
	Code      uint16 // ADIF 3.1.6
	Name      string // ASCII, unique
	ADIFName  string // as ADIF spells it in COUNTRY
	Prefix    string // main prefix; a part after a slash in lower case only tells entities apart
	Continent string // AF AN AS EU NA OC SA
	CQZone    uint8  // the usual one
	ITUZone   uint8  // the usual one
	Lat, Lon  float64
	Deleted   bool
	// Started is the first day that counts, NoTime if that is the beginning of
	// DXCC (1945-11-15). Ended is the first day that no longer counts, NoTime
	// for current entities.
	Started, Ended qso.Time
}

// Valid reports whether the entity was on the list at that time.
func (e *Entity) Valid(at qso.Time) bool {
	return (!e.Started.Given() || e.Started <= at) && (!e.Ended.Given() || at < e.Ended)
}

// Entity returns the entity with an ADIF code.
func (t *Table) Entity(code uint16) (Entity, bool) {
	if int(code) >= len(t.byCode) || t.byCode[code] == 0 {
		return Entity{}, false
	}
	return t.entities[t.byCode[code]-1], true
}

// Entities returns all entities, ascending by code.
func (t *Table) Entities() []Entity { return slices.Clone(t.entities) }

// ByName returns the entity that a country's name means, as loggers write it in
// COUNTRY: ADIF's spelling, ours, or that of the country files, in any letter
// case. Where a deleted entity shares its name, the current one is meant.
func (t *Table) ByName(country string) (code uint16, ok bool) {
	code, ok = t.names()[foldName(country)]
	return code, ok
}

// newTable reads the small tables and prepares the others.
func newTable() (*Table, error) {
	t := &Table{}
	for n, r := range rows(entityFile) {
		code := number(r.cells[0])
		if code <= len(t.byCode)-1 || code > 0xffff || r.cells[6] == "" {
			return nil, fmt.Errorf("dxcc: entities.tsv line %d: code %q is out of order or has no continent", n, r.cells[0])
		}
		t.entities = append(t.entities, Entity{
			Code: uint16(code), Name: r.cells[1], Deleted: r.cells[2] == "1", Ended: day(r.cells[3]), Started: day(r.cells[4]),
			Prefix: r.cells[5], Continent: r.cells[6], CQZone: uint8(number(r.cells[7])), ITUZone: uint8(number(r.cells[8])),
			Lat: decimal(r.cells[9]), Lon: decimal(r.cells[10]), ADIFName: r.cells[11],
		})
		t.byCode = append(t.byCode, make([]uint16, code+1-len(t.byCode))...)
		t.byCode[code] = uint16(len(t.entities))
	}
	t.names = sync.OnceValue(t.readNames)
	t.states = sync.OnceValue(readStates)
	return t, nil
}

func (t *Table) readNames() map[string]uint16 {
	names := map[string]uint16{}
	for _, deleted := range []bool{true, false} {
		for i := range t.entities {
			if e := &t.entities[i]; e.Deleted == deleted {
				names[foldName(e.ADIFName)] = e.Code
				names[foldName(e.Name)] = e.Code
			}
		}
	}
	for _, r := range rows(nameFile) {
		names[foldName(r.cells[1])] = uint16(number(r.cells[0]))
	}
	delete(names, "")
	return names
}

// abbreviations are the words of country names that spellings differ in.
var abbreviations = map[string]string{
	"I": "", "IS": "", "ISL": "", "ISLAND": "", "ISLANDS": "", "THE": "", "OF": "", "AND": "",
	"ST": "SAINT", "REP": "REPUBLIC", "FED": "FEDERAL", "DEM": "DEMOCRATIC", "1": "",
}

// foldName reduces a name to what its spellings have in common.
func foldName(name string) string {
	words := strings.FieldsFunc(strings.ToUpper(name), func(r rune) bool {
		return !('A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r > 127 || r == '\'')
	})
	var b strings.Builder
	for _, word := range words {
		short, known := abbreviations[word]
		if known {
			word = short
		}
		b.WriteString(strings.ReplaceAll(word, "'", ""))
	}
	return b.String()
}

// Region is one ADIF REGION: a part of an entity that WAE or CQ awards count
// by itself.
type Region struct {
	Code, Name string
	DXCC       uint16 // the entity it lies in; 0 while it lay in none
	WAE        bool   // counts for WAE
	// From is the first day, To the first day that no longer counts; NoTime =
	// open.
	From, To qso.Time
}

// Regions returns the ADIF REGION values; one with several windows has several
// entries.
func Regions() []Region {
	var all []Region
	for _, r := range rows(regionFile) {
		all = append(all, Region{
			Code: r.cells[0], Name: r.cells[1], DXCC: uint16(number(r.cells[2])), WAE: r.cells[4] == "1",
			From: day(r.cells[6]), To: day(r.cells[7]),
		})
	}
	return all
}
