package awards

import (
	"regexp"
	"strings"
	"sync"

	"qslbox/qso"
)

// Award is a compiled definition. It never changes and serves any number of
// goroutines.
type Award struct {
	def    *Definition
	file   string
	custom bool
	facts  *facts
	kind   kind
	field  field // that has the key, of kinds in keyField

	items  []item           // the list of keys; nil = any valid key
	index  map[string]int32 // value of the log -> place in items
	valid  *regexp.Regexp
	byKey  []int32 // kinds with small numbers: entity, zone or square -> key
	region map[string]int32
	// regionKeys are the keys of waeRegions.
	regionKeys []int32
	moved      *[maxEntity]int8 // continents the award gives to entities; -1 = none; nil = to none

	sat         satPolicy
	bands       uint64 // bit = qso.Band
	classes     [qso.ClassCount]bool
	modes       map[string]bool // nil = all
	notModes    map[string]bool
	from, to    uint32           // of the time column: from <= t < to
	entities    *[maxEntity]bool // nil = all
	satellites  map[string]bool
	ownEntities map[uint16]bool
	ownCalls    []string
	calls       []string

	confirmBy   qso.Sources // by default
	logConfirms bool        // the QSO in the log is enough
	blank       blankOf

	slots     []slot
	classRule [qso.ClassCount]classRule
	granting  []grant
	within    []withinRule
	levels    []ladder
	dated     bool // some keys have a window of their own

	ahead sync.Once // see writeAhead
}

// item is one listed key.
type item struct {
	key, name string
	deleted   bool
	from, to  uint32 // of the time column
	group     uint8
	lat, lon  float64
	located   bool
	json      []byte // how its row begins
}

// slot is one column of the award's table.
type slot struct {
	name string
	word int    // of a key's state: 0, or 1 + class for a band in a class
	bit  uint64 // in that word
	kind slotKind
	// group is the group of keys the slot is limited to, plus 1; 0 = all.
	group uint8
	json  []byte // how its cell begins, up to whether it is confirmed
}

type slotKind uint8

const (
	bandSlot slotKind = iota
	satSlot
	classSlot
	bandClassSlot
	continentSlot
	groupSlot
	bandGroupSlot
)

// The bits of the first word of a key's state; the bits of qso.Band lie
// between bitTotal and bitSat.
const (
	bitTotal      = 0
	bitSat        = 40
	bitClass      = 41
	bitContinent  = 44
	allBands      = uint64(1)<<bitSat - 2
	maxEntity     = 1024
	continentList = "AF AN AS EU NA OC SA"
)

type satPolicy uint8

const (
	satSeparate satPolicy = iota
	satCounts
	satExcluded
	satOnly
)

// classRule narrows the slot of a mode class.
type classRule struct {
	from     uint32
	notModes map[string]bool
}

// grant says what a word of CREDIT_GRANTED grants.
type grant struct {
	credit string
	what   grantKind
}

type grantKind uint8

const (
	grantTotal grantKind = 1 << iota
	grantBand
	grantClass
	grantSat
)

type withinRule struct {
	km    float64
	bands uint64
	sat   bool
}

// ID returns the award's id.
func (a *Award) ID() string { return a.def.ID }

// Definition returns the award's definition; it must not be changed.
func (a *Award) Definition() *Definition { return a.def }

// File returns the name of the definition's file.
func (a *Award) File() string { return a.file }

// Custom reports whether the definition is the user's own.
func (a *Award) Custom() bool { return a.custom }

// Sources returns what confirms by default.
func (a *Award) Sources() qso.Sources { return a.confirmBy }

// SlotNames returns the names of the slots in their order: bands, SAT, classes,
// bands in classes ("20m CW"), continents, groups.
func (a *Award) SlotNames() []string {
	names := make([]string, len(a.slots))
	for i := range a.slots {
		names[i] = a.slots[i].name
	}
	return names
}

// KeyName returns the name of a listed key, "" for others.
func (a *Award) KeyName(key string) string {
	for i := range a.items {
		if a.items[i].key == key {
			return a.items[i].name
		}
	}
	return ""
}

// slotNamed finds a slot by its name in any letter case.
func (a *Award) slotNamed(name string) *slot {
	for i := range a.slots {
		if strings.EqualFold(a.slots[i].name, name) {
			return &a.slots[i]
		}
	}
	return nil
}

// stride is how many words a key's state has.
func (a *Award) stride() int {
	if a.def.Slots.BandClasses {
		return 1 + qso.ClassCount
	}
	return 1
}

// continentNumber returns the place of a continent in continentList, or -1.
func continentNumber(code string) int {
	if len(code) != 2 {
		return -1
	}
	if i := strings.Index(continentList, code); i >= 0 && i%3 == 0 {
		return i / 3
	}
	return -1
}
