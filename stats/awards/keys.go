package awards

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/qso/dxcc"
)

// kind is where a QSO's key comes from.
type kind uint8

const (
	byEntity kind = iota
	byWAE
	byCQZone
	byITUZone
	byContinent
	byState
	byCounty
	byPrefix
	byGrid
	byIOTA
	byDOK
	byDistrict
	byPOTA
	bySOTA
	byWWFF
	byMyPOTA
	byMySOTA
	byMyWWFF
	bySIG
	byCall
)

var kinds = map[string]kind{
	"entity": byEntity, "wae": byWAE, "cqzone": byCQZone, "ituzone": byITUZone, "continent": byContinent,
	"state": byState, "county": byCounty, "prefix": byPrefix, "grid4": byGrid, "iota": byIOTA,
	"dok": byDOK, "district": byDistrict, "pota": byPOTA, "sota": bySOTA, "wwff": byWWFF,
	"my-pota": byMyPOTA, "my-sota": byMySOTA, "my-wwff": byMyWWFF, "sig": bySIG, "call": byCall,
}

// blankOf is which value LoTW must have stated for a kind of key.
type blankOf = columns.Blank

var blanks = map[kind]blankOf{
	byEntity: columns.NoDXCC, byWAE: columns.NoDXCC, byCQZone: columns.NoCQZ, byITUZone: columns.NoITUZ,
	byState: columns.NoState, byCounty: columns.NoCnty, byGrid: columns.NoGrid, byIOTA: columns.NoIOTA,
}

// referencePattern is what references of a programme look like.
var referencePattern = map[kind]string{
	byIOTA: `^(AF|AN|AS|EU|NA|OC|SA)-[0-9]{3}$`,
	byPOTA: `^[A-Z0-9]{1,4}-[0-9]{4,5}$`, byMyPOTA: `^[A-Z0-9]{1,4}-[0-9]{4,5}$`,
	bySOTA: `^[A-Z0-9]{1,8}/[A-Z]{2}-[0-9]{3}$`, byMySOTA: `^[A-Z0-9]{1,8}/[A-Z]{2}-[0-9]{3}$`,
	byWWFF: `^[A-Z0-9]{1,4}FF-[0-9]{4}$`, byMyWWFF: `^[A-Z0-9]{1,4}FF-[0-9]{4}$`,
}

func (c *compiler) compileKey() {
	k := &c.def.Key
	c.kind = oneOf(c, "key.kind", k.Kind, kinds)
	c.blank, c.field = blanks[c.kind], keyField[c.kind]
	pattern := k.Pattern
	if pattern == "" {
		pattern = referencePattern[c.kind]
	}
	c.valid = c.compilePattern("key.pattern", pattern)
	if c.kind == bySIG && k.SIG == "" {
		c.fail("key.sig", "is missing", "write the programme as it stands in SIG, like WCA")
	}
	oneOf(c, "key.deleted", k.Deleted, map[string]bool{"": true, "hidden": true, "counted": true})
	c.keysFrom(k.From)
	for _, code := range strings.Fields(k.Codes) {
		c.addItem(Item{Key: strings.ToUpper(code)})
	}
	for i := range k.List {
		c.addItem(k.List[i])
	}
	if c.err == nil {
		c.indexKeys()
	}
}

// keysFrom lists the keys of a table.
func (c *compiler) keysFrom(from string) {
	list := oneOf(c, "key.from", from, map[string]func(){
		"": func() {}, "entities": c.entityKeys, "wae": c.waeKeys, "districts": c.districtKeys,
		"cqzones": func() { c.numberedKeys(40) }, "ituzones": func() { c.numberedKeys(90) },
		"continents": c.continentKeys,
	})
	if list != nil {
		list()
	}
}

func (c *compiler) entityKeys() {
	for _, e := range c.facts.table.Entities() {
		c.addEntity(e)
	}
}

func (c *compiler) addEntity(e dxcc.Entity) {
	c.addItem(Item{Key: strconv.Itoa(int(e.Code)), Name: e.Name, Deleted: e.Deleted, Lat: e.Lat, Lon: e.Lon})
	it := &c.items[len(c.items)-1]
	if e.Started.Given() {
		it.from = columns.ToColumn(e.Started)
	}
	if e.Ended.Given() {
		it.to = columns.ToColumn(e.Ended)
	}
	it.group = uint8(continentNumber(e.Continent) + 1)
	c.dated = c.dated || it.from != 0 || it.to != math.MaxUint32
}

// waeRegions are the regions that a call can tell; the first stands for none.
var waeRegions = [...]string{"", "SY", "SI", "BI", "IV", "ET"}

// regional reports whether such a region lies in an entity.
func regional(entity uint16) bool {
	switch entity {
	case 206, 248, 259, 279, 390:
		return true
	}
	return false
}

// waeKeys are the entities of Europe and the regions that count by themselves.
func (c *compiler) waeKeys() {
	for _, e := range c.facts.table.Entities() {
		if e.Continent == "EU" {
			c.addEntity(e)
		}
	}
	c.region = map[string]int32{}
	for _, r := range dxcc.Regions() {
		_, known := c.region[r.Code]
		switch at, entity := c.index[strconv.Itoa(int(r.DXCC))]; {
		case !r.WAE || known && r.DXCC != 522:
		case r.Code == "KO":
			if entity { // Kosovo is an entity of its own since 2018
				c.region[r.Code] = at
			}
		default:
			c.region[r.Code] = int32(len(c.items))
			c.addItem(Item{Key: r.Code, Name: r.Name})
		}
	}
}

func (c *compiler) numberedKeys(n int) {
	for i := 1; i <= n; i++ {
		c.addItem(Item{Key: strconv.Itoa(i)})
	}
}

func (c *compiler) continentKeys() {
	names := map[string]string{"AF": "Africa", "AS": "Asia", "EU": "Europe", "NA": "North America", "OC": "Oceania", "SA": "South America"}
	for _, code := range strings.Fields(continentList) {
		if names[code] != "" {
			c.addItem(Item{Key: code, Name: names[code]})
		}
	}
}

func (c *compiler) districtKeys() {
	letters, names := qso.DOKDistricts()
	for i := range letters {
		if names[i] != "" { // J is not in use
			c.addItem(Item{Key: letters[i], Name: names[i]})
		}
	}
}

// addItem adds one key with the values that mean it.
func (c *compiler) addItem(in Item) {
	it := item{key: in.Key, name: in.Name, deleted: in.Deleted, lat: in.Lat, lon: in.Lon, located: in.Lat != 0 || in.Lon != 0}
	it.from, it.to = c.day("key.list.from", in.From, 0), c.day("key.list.to", in.To, math.MaxUint32)
	c.dated = c.dated || in.From != "" || in.To != ""
	values := in.Values
	if len(values) == 0 {
		values = []string{in.Key}
	}
	if in.Key == "" {
		c.fail("key.list", fmt.Sprintf("entry %d has no key", len(c.items)+1), `write "key": "..."`)
	}
	for _, v := range values {
		v = strings.ToUpper(strings.TrimSpace(v))
		if _, taken := c.index[v]; taken || v == "" {
			c.fail("key.list", fmt.Sprintf("%q stands for two keys or for none", v), "give each value once")
		}
		c.index[v] = int32(len(c.items))
	}
	c.items = append(c.items, it)
}

// indexKeys makes the tables from small numbers to keys.
func (c *compiler) indexKeys() {
	switch c.kind {
	case byEntity, byWAE:
		c.byKey = c.numberIndex(maxEntity, maxEntity)
	case byCQZone:
		c.byKey = c.numberIndex(256, 40)
	case byITUZone:
		c.byKey = c.numberIndex(256, 90)
	case byGrid:
		c.byKey = make([]int32, 1<<16)
		for g := range c.byKey {
			switch {
			case g == 0 || g > 32400:
				c.byKey[g] = none
			case len(c.items) > 0:
				c.byKey[g] = c.listed(columns.UnpackGrid(uint16(g)), none)
			default:
				c.byKey[g] = int32(g) - 1
			}
		}
	case byContinent:
		if len(c.items) == 0 {
			c.continentKeys()
		}
		for _, code := range strings.Fields(continentList) {
			c.byKey = append(c.byKey, c.listed(code, none))
		}
	}
	if c.kind == byWAE {
		for _, code := range waeRegions {
			at, ok := c.region[code]
			if !ok {
				at = none
			}
			c.regionKeys = append(c.regionKeys, at)
		}
	}
	if (c.kind == byEntity || c.kind == byWAE || c.kind == byCQZone || c.kind == byITUZone) && len(c.items) == 0 {
		c.fail("key.from", "is missing", "list the keys, or take them from a table: entities, wae, cqzones, ituzones")
	}
	c.moveEntities()
}

// moveEntities gives entities to other continents than the log's.
func (c *compiler) moveEntities() {
	if len(c.def.Key.Continents) == 0 {
		return
	}
	c.moved = &[maxEntity]int8{}
	for i := range c.moved {
		c.moved[i] = -1
	}
	for value, code := range c.def.Key.Continents {
		n, err := strconv.Atoi(value)
		if err != nil || continentNumber(code) < 0 {
			c.fail("key.continents", fmt.Sprintf("%q: %q moves no entity", value, code), `write "248": "EU"`)
			continue
		}
		c.checkEntity("key.continents", n)
		c.moved[n&(maxEntity-1)] = int8(continentNumber(code))
	}
}

// numberIndex maps numbers to keys. Numbers above the highest one there is are
// faulty.
func (c *compiler) numberIndex(size, highest int) []int32 {
	table := make([]int32, size)
	for n := range table {
		table[n] = none
		if n > highest {
			table[n] = faulty
		}
		if at, ok := c.index[strconv.Itoa(n)]; ok {
			table[n] = at
		}
	}
	return table
}

// listed returns the key that a value means, or missing.
func (a *Award) listed(value string, missing int32) int32 {
	if at, ok := a.index[value]; ok {
		return at
	}
	return missing
}
