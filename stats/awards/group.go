package awards

import "qslbox/qso"

// group returns the group of a key plus 1, 0 if the award has no groups.
func (t *Table) group(key int) uint8 {
	if t.groups == nil {
		return 0
	}
	return t.groups[key]
}

// groupsOf returns the group of each key; nil if the award has no groups.
func (f *fold) groupsOf() []uint8 {
	switch {
	case f.def.Key.Groups == "":
		return nil
	case len(f.items) == 0 && f.kind != byGrid && f.kind != byCall:
		return f.c.groups
	}
	groups := make([]uint8, f.n)
	for key := range groups {
		groups[key] = f.keyGroup(int32(key))
	}
	return groups
}

// Groups are the slots that are groups of keys, such as continents, in the order
// of Award.SlotNames; nil if the award has none.
func (t *Table) Groups() (list []SlotCount) {
	for i := range t.Slots {
		if t.Award.slots[i].kind == groupSlot {
			list = append(list, t.Slots[i])
		}
	}
	return list
}

// addTargets counts the current keys of each group of a listed award.
func (f *fold) addTargets(t *Table) {
	if f.def.Key.Groups == "" {
		return
	}
	var n [maxGroups]int
	for key := range f.items {
		if !f.items[key].deleted {
			n[f.keyGroup(int32(key))]++
		}
	}
	for i := range f.slots {
		if s := &f.slots[i]; s.kind == groupSlot {
			t.Slots[i].Target = n[s.group]
		}
	}
}

// keyGroup returns the group of a key of the fold.
func (f *fold) keyGroup(key int32) uint8 {
	listed := uint8(0)
	if len(f.items) > 0 {
		listed = f.items[key].group
	}
	return f.groupOf(f.keyText(int(key)), listed)
}

// groupOf returns the group of a key plus 1; 0 if it is of none. The group that
// a list gives holds.
func (a *Award) groupOf(key string, listed uint8) uint8 {
	switch {
	case a.def.Key.Groups == "dok-kind":
		_, kind := qso.FoldDOK(key)
		return uint8(kind)
	case listed != 0 || a.def.Key.Groups == "":
		return listed
	case len(key) > 2:
		return uint8(continentNumber(key[:2]) + 1)
	}
	return 0
}

// groupName returns the name of a group.
func groupName(kind string, group uint8) string {
	if kind == "dok-kind" {
		return [...]string{"regular", "special"}[group-1]
	}
	at := 3 * int(group-1)
	return continentList[at : at+2]
}
