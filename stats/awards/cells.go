package awards

import (
	"cmp"
	"slices"

	"qslbox/qso"
	"qslbox/qso/columns"
)

// Contact is a QSO that counts for a key.
type Contact struct {
	ID        uint64
	Confirmed bool // for this award
}

// Contacts returns the QSOs behind a cell of the table, ascending by id: those
// that count for the key (empty = every key) in the slot (empty = the total). A
// slot that the award does not have gives none.
func (a *Award) Contacts(log *columns.Log, o Options, key, slot string) []Contact {
	in := a.slotNamed(slot)
	if slot != "" && in == nil {
		return nil
	}
	var list []Contact
	log.View(func(v *columns.View) {
		c := newCounting(v, &o)
		f := c.newFold(a)
		meant := f.keysNamed(key)
		f.hit = func(row uint32, at int32, bits uint64, class int, confirmed bool) {
			if inSlot(in, bits, class) && meant(at) &&
				(in == nil || in.group == 0 || f.keyGroup(at) == in.group) {
				list = append(list, Contact{v.ID(int(row)), confirmed})
			}
		}
		c.run(f)
	})
	return unique(list)
}

// keysNamed tells the keys with a name from others; all are, if it is empty. A
// name is written once for each key, not for each QSO.
func (f *fold) keysNamed(name string) func(at int32) bool {
	const yes, no = 1, 2
	var known []uint8
	return func(at int32) bool {
		if name == "" {
			return true
		}
		for int(at) >= len(known) {
			known = append(known, make([]uint8, len(known)+64)...)
		}
		if known[at] == 0 {
			known[at] = no
			if f.keyText(int(at)) == name {
				known[at] = yes
			}
		}
		return known[at] == yes
	}
}

// inSlot reports whether a QSO with these bits counts in a slot.
func inSlot(in *slot, bits uint64, class int) bool {
	switch {
	case in == nil:
		return bits&(1<<bitTotal) != 0
	case in.word != 0:
		return class == in.word-1 && bits&in.bit != 0
	}
	return bits&in.bit != 0
}

// unique sorts by id and leaves one of each, the confirmed one.
func unique(list []Contact) []Contact {
	slices.SortFunc(list, func(a, b Contact) int {
		switch {
		case a.ID != b.ID:
			return cmp.Compare(a.ID, b.ID)
		case a.Confirmed == b.Confirmed:
			return 0
		case a.Confirmed:
			return -1
		}
		return 1
	})
	return slices.CompactFunc(list, func(a, b Contact) bool { return a.ID == b.ID })
}

// Open is a key that is worked but not confirmed, and the QSOs that could
// confirm it: what to chase.
type Open struct {
	Key, Name string
	IDs       []uint64 // ascending
}

// Unconfirmed returns the keys that are worked but not confirmed in total, in
// the order of the table, with their QSOs.
func (a *Award) Unconfirmed(log *columns.Log, o Options) []Open {
	var list []Open
	log.View(func(v *columns.View) {
		c := newCounting(v, &o)
		f := c.newFold(a)
		ids := map[int][]uint64{}
		f.hit = func(row uint32, at int32, bits uint64, _ int, _ bool) {
			if bits&(1<<bitTotal) != 0 {
				ids[int(at)] = append(ids[int(at)], v.ID(int(row)))
			}
		}
		c.run(f)
		t := f.table()
		for i := range t.Keys {
			if k := &t.Keys[i]; k.Worked && !k.Confirmed {
				list = append(list, Open{k.Key, k.Name, ids[k.at]})
			}
		}
	})
	return list
}

// Point is how the award stood at the end of a day.
type Point struct {
	Day               qso.Time // its first second
	Worked, Confirmed int
}

// Timeline returns how the total grew: a point for each day on which a key was
// worked or confirmed for the first time, ascending. Confirmations count from
// the day they are dated, those without a date from their QSO.
func (a *Award) Timeline(log *columns.Log, o Options) []Point {
	var points []Point
	log.View(func(v *columns.View) {
		c := newCounting(v, &o)
		f := c.newFold(a)
		first := make([][2]uint16, f.n) // day of first QSO, of first confirmation, plus 1
		f.hit = func(row uint32, at int32, bits uint64, _ int, confirmed bool) {
			if bits&(1<<bitTotal) == 0 {
				return
			}
			worked := uint16(v.Time[row]/86400) + 1
			if confirmed {
				day := f.firstConfirmed(row) + 1
				earliest(&first[at][1], day)
				if f.said {
					worked = day // what LoTW says is known since
				}
			}
			earliest(&first[at][0], worked)
		}
		c.run(f)
		points = f.timeline(first)
	})
	return points
}

func earliest(day *uint16, other uint16) {
	if *day == 0 || other < *day {
		*day = other
	}
}

// firstConfirmed returns the day of the earliest confirmation of the QSO that is
// being counted.
func (f *fold) firstConfirmed(row uint32) uint16 {
	day := uint16(0)
	for s := qso.LoTW; int(s) < qso.SourceCount; s++ {
		if f.by&(1<<s) != 0 {
			earliest(&day, f.confirmedOn(row, s)+1)
		}
	}
	made := uint16(f.v.Time[row] / 86400)
	if day == 0 { // the log is enough
		return made
	}
	return max(day-1, made)
}

// timeline adds up the days.
func (f *fold) timeline(first [][2]uint16) []Point {
	var days []uint32 // day * 2, odd for a confirmation
	for key, d := range first {
		if len(f.items) > 0 && f.items[key].deleted && !f.deleted {
			continue
		}
		for i := range d {
			if d[i] != 0 {
				days = append(days, uint32(d[i]-1)*2+uint32(i))
			}
		}
	}
	slices.Sort(days)
	var points []Point
	now := Point{}
	for i, d := range days {
		if d&1 == 0 {
			now.Worked++
		} else {
			now.Confirmed++
		}
		if i+1 == len(days) || days[i+1]/2 != d/2 {
			now.Day = columns.TimeOfDay(uint16(d / 2))
			points = append(points, now)
		}
	}
	return points
}
