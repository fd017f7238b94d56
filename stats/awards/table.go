package awards

import (
	"math/bits"
	"slices"
	"strings"

	"qslbox/qso/columns"
)

// Table is an award counted from a log.
type Table struct {
	Award *Award

	// Count is the total: deleted keys are in it if the options or the award
	// say so. WithDeleted always has them.
	Count, WithDeleted Count
	// Points are the points of an award that gives some (band points).
	Points, PointsWithDeleted Count

	Slots  []SlotCount // in the order of Award.SlotNames
	Keys   []KeyRow    // every current key; deleted ones if worked
	Needed []string    // keys that are not confirmed, deleted ones left out
	Levels []LevelState

	// NotCountable are QSOs that would count but for a reason: at most 1,000;
	// NotCountableMore says how many more.
	NotCountable     []NotCountable
	NotCountableMore int
	// LoTWWithoutValue are QSOs that LoTW confirms without saying the grid,
	// state, zone or what else the award needs.
	LoTWWithoutValue []uint64

	// OwnEntity is the entity of ours that was counted; 0 = all.
	OwnEntity uint16
	// Places answers the award's rules on the distance between own locations.
	Places []PlacesRule
	// Sources confirm in this table; empty if the log is enough.
	Sources []string

	slotsWithDeleted []SlotCount
	rows             int     // how many Keys there will be, at most
	groups           []uint8 // of each key of the fold, see group
	stride           int
	worked           []uint64
	confirmed        []uint64
	granted          []uint64
	submitted        []uint64
}

// Count is how many keys are worked, how many of them confirmed, how many
// granted, and how many submitted: applied for, by CREDIT_SUBMITTED, and not
// granted yet.
type Count struct{ Worked, Confirmed, Granted, Submitted int }

func (c *Count) add(h have) {
	if h.worked {
		c.Worked++
	}
	if h.confirmed {
		c.Confirmed++
	}
	if h.granted {
		c.Granted++
	}
	if h.submitted {
		c.Submitted++
	}
}

// have is what a key has in a slot.
type have struct{ worked, confirmed, submitted, granted bool }

func (h have) state() State {
	switch {
	case h.granted:
		return Granted
	case h.submitted:
		return Submitted
	case h.confirmed:
		return Confirmed
	case h.worked:
		return Worked
	}
	return NotWorked
}

// SlotCount is the count in one slot. Target is how many keys a slot that is a
// group of keys has, such as the entities of a continent; 0 = not known.
type SlotCount struct {
	Name string
	Count
	Target int
}

// State is what a key has in a slot.
type State uint8

// The states of a key. A credit, submitted or granted, does not prove a
// confirmation.
const (
	NotWorked State = iota
	Worked
	Confirmed
	Submitted
	Granted
)

// String returns worked, confirmed, submitted, granted, or nothing.
func (s State) String() string {
	return [...]string{"", "worked", "confirmed", "submitted", "granted"}[s]
}

// Letter returns W, C, S, G or nothing, for narrow tables.
func (s State) Letter() string { return [...]string{"", "W", "C", "S", "G"}[s] }

// KeyRow is one key of the table.
type KeyRow struct {
	Key, Name string
	Deleted   bool
	Group     string // regular or special; a continent; mostly empty
	Lat, Lon  float64
	Located   bool // Lat and Lon are known

	Worked, Confirmed, Granted, Submitted bool // in total

	table *Table
	at    int
}

// State returns what the key has in total.
func (k *KeyRow) State() State {
	return have{k.Worked, k.Confirmed, k.Submitted, k.Granted}.state()
}

// In returns what the key has in the slot at a place of Award.SlotNames.
func (k *KeyRow) In(place int) State { return k.table.in(&k.table.Award.slots[place], k.at).state() }

// NotCountable is a QSO that does not count, and why: repeater, echolink, irlp,
// internet, cross-band, or unknown- and the kind of key.
type NotCountable struct {
	ID     uint64
	Reason string
}

// maxRefused is how many QSOs that do not count a table lists.
const maxRefused = 1000

// Table counts the award from a log.
func (a *Award) Table(log *columns.Log, o Options) *Table {
	var t *Table
	log.View(func(v *columns.View) { t = a.Count(v, o) })
	return t
}

// Count is Table inside a view that is open already: a view may not be opened
// within another.
func (a *Award) Count(v *columns.View, o Options) *Table {
	return CountAll(v, []*Award{a}, o)[0]
}

// CountAll counts several awards in one walk over the log, inside a view that
// is open already.
func CountAll(v *columns.View, list []*Award, o Options) []*Table { return countAll(v, list, o, true) }

// Progress is CountAll for who wants counts, slots and levels only: the tables
// have no Keys, Needed, Places, nor lists of QSOs.
func Progress(v *columns.View, list []*Award, o Options) []*Table {
	return countAll(v, list, o, false)
}

func countAll(v *columns.View, list []*Award, o Options, whole bool) []*Table {
	c := newCounting(v, &o)
	folds := make([]*fold, len(list))
	for i, a := range list {
		folds[i] = c.newFold(a)
	}
	c.run(folds...)
	tables := make([]*Table, len(list))
	for i, f := range folds {
		if tables[i] = f.newTable(); whole {
			tables[i].addRows(f)
		}
		tables[i].Levels = tables[i].levelStates(f)
	}
	return tables
}

// table makes the result of a fold.
func (f *fold) table() *Table {
	t := f.newTable()
	t.addRows(f)
	t.Levels = t.levelStates(f)
	return t
}

// newTable counts the keys of a fold.
func (f *fold) newTable() *Table {
	t := &Table{Award: f.Award, stride: f.stride, worked: f.worked, confirmed: f.confirmed, granted: f.granted, submitted: f.submitted, groups: f.groupsOf(), OwnEntity: f.ownEntity}
	if !f.byLog {
		t.Sources = f.sources.Names()
	}
	f.countKeys(t)
	f.addPoints(t)
	return t
}

// addRows adds what the counts consist of.
func (t *Table) addRows(f *fold) {
	f.addKeys(t)
	for i := range t.Keys {
		if k := &t.Keys[i]; !k.Confirmed && !k.Deleted && (k.Worked || len(f.items) > 0) {
			t.Needed = append(t.Needed, k.Key)
		}
	}
	t.NotCountable = f.notCountable
	t.NotCountableMore = f.refused - len(t.NotCountable)
	for _, row := range f.without {
		t.LoTWWithoutValue = append(t.LoTWWithoutValue, f.v.ID(int(row)))
	}
	t.Places = f.placesRules()
}

// in returns what the key at a place of the fold has in a slot.
func (t *Table) in(s *slot, key int) have {
	if s.group != 0 && t.group(key) != s.group {
		return have{}
	}
	return t.have(key*t.stride+s.word, s.bit)
}

// have reads a bit of a word of the states. What is granted is no longer
// submitted.
func (t *Table) have(at int, bit uint64) have {
	h := have{worked: t.worked[at]&bit != 0, confirmed: t.confirmed[at]&bit != 0}
	if t.granted != nil {
		h.granted = t.granted[at]&bit != 0
		h.submitted = t.submitted[at]&bit != 0 && !h.granted
	}
	return h
}

// countKeys counts the keys that are worked.
func (f *fold) countKeys(t *Table) {
	counts := &tally{}
	t.rows = len(f.items)
	for key := range f.n {
		at := key * f.stride
		if f.worked[at] == 0 {
			continue
		}
		if len(f.items) == 0 {
			t.rows++
		}
		deleted := len(f.items) > 0 && f.items[key].deleted
		counts.add(t, key, deleted && !f.deleted)
		total := t.have(at, 1<<bitTotal)
		t.WithDeleted.add(total)
		if f.deleted || !deleted {
			t.Count.add(total)
		}
	}
	t.Slots, t.slotsWithDeleted = make([]SlotCount, len(f.slots)), make([]SlotCount, len(f.slots))
	for i := range f.slots {
		s := &f.slots[i]
		word, bit := s.word, bits.TrailingZeros64(s.bit)
		t.Slots[i] = SlotCount{Name: s.name, Count: counts.current[s.group][word][bit].count()}
		t.slotsWithDeleted[i] = SlotCount{Name: s.name, Count: counts.all[s.group][word][bit].count()}
	}
	f.addTargets(t)
}

// addKeys gives the keys that are worked or listed a row: listed ones in the
// order of the list, others in alphabetical order.
func (f *fold) addKeys(t *Table) {
	order := f.c.order
	if len(f.items) > 0 || f.kind == byGrid || f.kind == byCall {
		order = nil
	}
	t.Keys = make([]KeyRow, 0, t.rows)
	for i := range f.n {
		key := i
		if order != nil {
			key = int(order[i])
		}
		if f.worked[key*f.stride] != 0 || len(f.items) > 0 && !f.items[key].deleted {
			t.Keys = append(t.Keys, f.keyRow(t, key))
		}
	}
	if f.kind == byCall && len(f.items) == 0 {
		slices.SortFunc(t.Keys, func(a, b KeyRow) int { return strings.Compare(a.Key, b.Key) })
	}
}

// tally counts keys by group (0 = all), word and bit.
type tally struct{ current, all [maxGroups][4][64]small }

// small is a Count in half the room.
type small struct{ worked, confirmed, granted, submitted uint32 }

func (s *small) add(h have) {
	s.worked += one(h.worked)
	s.confirmed += one(h.confirmed)
	s.granted += one(h.granted)
	s.submitted += one(h.submitted)
}

func (s small) count() Count {
	return Count{int(s.worked), int(s.confirmed), int(s.granted), int(s.submitted)}
}

func one(is bool) uint32 {
	if is {
		return 1
	}
	return 0
}

// maxGroups is one more than the largest number of groups of keys.
const maxGroups = 8

func (c *tally) add(t *Table, key int, deleted bool) {
	at := key * t.stride
	for word := range t.stride {
		for left := t.worked[at+word]; left != 0; left &= left - 1 {
			bit := bits.TrailingZeros64(left)
			h := t.have(at+word, 1<<bit)
			c.all[0][word][bit].add(h)
			if !deleted {
				c.current[0][word][bit].add(h)
			}
			group := t.group(key)
			if group == 0 {
				continue
			}
			c.all[group][word][bit].add(h)
			if !deleted {
				c.current[group][word][bit].add(h)
			}
		}
	}
}

func (f *fold) keyRow(t *Table, key int) KeyRow {
	row := KeyRow{table: t, at: key, Key: f.keyText(key)}
	if len(f.items) > 0 {
		it := &f.items[key]
		row.Name, row.Deleted, row.Lat, row.Lon, row.Located = it.name, it.deleted, it.lat, it.lon, it.located
	}
	total := t.have(key*f.stride, 1<<bitTotal)
	row.Worked, row.Confirmed, row.Granted, row.Submitted = total.worked, total.confirmed, total.granted, total.submitted
	if g := t.group(key); g != 0 {
		row.Group = groupName(f.def.Key.Groups, g)
	}
	return row
}

// keyText returns the key at a place of the fold.
func (f *fold) keyText(key int) string {
	switch {
	case len(f.items) > 0:
		return f.items[key].key
	case f.kind == byGrid:
		return columns.UnpackGrid(uint16(key + 1))
	case f.kind == byCall:
		return f.v.CallText(uint32(key))
	}
	return f.c.keys[key]
}

// addPoints counts a point for each key and band, at most so many a key.
func (f *fold) addPoints(t *Table) {
	if f.def.Points == nil {
		return
	}
	limit := f.def.Points.Cap
	if limit == 0 {
		limit = 64
	}
	add := func(key int, worked, confirmed uint64) {
		w, c := min(limit, bits.OnesCount64(worked&allBands)), min(limit, bits.OnesCount64(confirmed&allBands))
		t.PointsWithDeleted.Worked += w
		t.PointsWithDeleted.Confirmed += c
		if f.deleted || len(f.items) == 0 || !f.items[key].deleted {
			t.Points.Worked += w
			t.Points.Confirmed += c
		}
	}
	if f.years != nil {
		for k, pair := range f.years {
			add(int(k.key), pair[0], pair[1])
		}
		return
	}
	for key := range f.n {
		add(key, f.worked[key*f.stride], f.confirmed[key*f.stride])
	}
}
