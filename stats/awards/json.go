package awards

import (
	"strconv"

	"qslbox/qso"
)

// AppendJSON appends the table as one JSON object (docs: DESIGN.md, "Award");
// as_of and generation are put in front by whoever serves it. It is written by
// hand, since a table has tens of thousands of cells.
func (t *Table) AppendJSON(b []byte) []byte {
	t.Award.ahead.Do(t.Award.writeAhead)
	d := t.Award.def
	b = append(b, `{"id":`...)
	b = qso.AppendJSONString(b, d.ID)
	b = append(b, `,"name":`...)
	b = qso.AppendJSONString(b, d.Name.EN)
	if d.Name.DE != "" {
		b = append(b, `,"name_de":`...)
		b = qso.AppendJSONString(b, d.Name.DE)
	}
	b = append(b, ',')
	b = appendCount(b, t.Count, true)
	if t.WithDeleted != t.Count || d.Points != nil {
		b = append(b, `,"with_deleted":{`...)
		b = append(appendCount(b, t.WithDeleted, true), '}')
	}
	if d.Points != nil {
		b = append(b, `,"points":{`...)
		b = append(appendCount(b, t.Points, false), `},"points_with_deleted":{`...)
		b = append(appendCount(b, t.PointsWithDeleted, false), '}')
	}
	if n := t.Award.current(); n > 0 {
		b = append(b, `,"target":`...)
		b = strconv.AppendInt(b, int64(n), 10)
	}
	b = t.appendSlots(b)
	b = append(b, `,"keys":[`...)
	for i := range t.Keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = t.Keys[i].appendJSON(b)
	}
	b = append(b, `],"needed":`...)
	b = appendTexts(b, t.Needed)
	b = t.appendLevels(b)
	b = t.appendLists(b)
	b = t.appendTerms(b)
	return append(b, '}')
}

func (t *Table) appendSlots(b []byte) []byte {
	b = append(b, `,"slots":{`...)
	first := true
	for i := range t.Slots {
		s := &t.Slots[i]
		if s.Worked == 0 && s.Target == 0 {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(qso.AppendJSONString(b, s.Name), `:{`...)
		b = appendCount(b, s.Count, s.Granted > 0)
		if s.Target > 0 {
			b = appendNumber(b, `,"target":`, s.Target)
		}
		b = append(b, '}')
	}
	return append(b, '}')
}

// writeAhead writes what is the same in every table: a table has tens of
// thousands of cells.
func (a *Award) writeAhead() {
	for i := range a.items {
		it := &a.items[i]
		it.json = appendKey(nil, it.key, it.name, it.deleted)
	}
	for i := range a.slots {
		s := &a.slots[i]
		s.json = append(qso.AppendJSONString(nil, s.name), `:{"worked":true,"confirmed":`...)
	}
}

func appendKey(b []byte, key, name string, deleted bool) []byte {
	b = qso.AppendJSONString(append(b, `{"key":`...), key)
	if name != "" {
		b = qso.AppendJSONString(append(b, `,"name":`...), name)
	}
	if deleted {
		b = append(b, `,"deleted":true`...)
	}
	return b
}

// appendJSON appends one key; slots without a QSO are left out.
func (k *KeyRow) appendJSON(b []byte) []byte {
	if items := k.table.Award.items; len(items) > 0 {
		b = append(b, items[k.at].json...)
	} else {
		b = appendKey(b, k.Key, k.Name, k.Deleted)
	}
	if k.Group != "" {
		b = append(b, `,"group":`...)
		b = qso.AppendJSONString(b, k.Group)
	}
	if kind := k.table.Award.kind; k.Located && kind != byEntity && kind != byWAE { // those stand in a table
		b = strconv.AppendFloat(append(b, `,"lat":`...), k.Lat, 'f', -1, 64)
		b = strconv.AppendFloat(append(b, `,"lon":`...), k.Lon, 'f', -1, 64)
	}
	b = append(b, `,"worked":`...)
	b = strconv.AppendBool(b, k.Worked)
	b = append(b, `,"confirmed":`...)
	b = strconv.AppendBool(b, k.Confirmed)
	b = append(b, `,"granted":`...)
	b = strconv.AppendBool(b, k.Granted)
	if k.Submitted {
		b = append(b, `,"submitted":true`...)
	}
	b = append(b, `,"slots":{`...)
	begun, slots, stride := len(b), k.table.Award.slots, k.table.stride
	worked := k.table.worked[k.at*stride:][:stride]
	for i := range slots {
		s := &slots[i]
		if worked[s.word]&s.bit == 0 { // as most are
			continue
		}
		h := k.table.in(s, k.at)
		if !h.worked {
			continue
		}
		if len(b) > begun {
			b = append(b, ',')
		}
		b = strconv.AppendBool(append(b, s.json...), h.confirmed)
		if h.granted {
			b = append(b, `,"granted":true`...)
		}
		if h.submitted {
			b = append(b, `,"submitted":true`...)
		}
		b = append(b, '}')
	}
	return append(b, "}}"...)
}

func (t *Table) appendLevels(b []byte) []byte {
	b = append(b, `,"levels":[`...)
	for i := range t.Levels {
		l := &t.Levels[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"name":`...)
		b = qso.AppendJSONString(b, l.Name)
		if l.Slot != "" {
			b = append(b, `,"slot":`...)
			b = qso.AppendJSONString(b, l.Slot)
		}
		b = appendNumber(b, `,"need":`, l.Need)
		b = appendNumber(b, `,"have":`, l.Have)
		if l.Points > 0 {
			b = appendNumber(b, `,"need_points":`, l.Points)
			b = appendNumber(b, `,"have_points":`, l.HavePoints)
		}
		b = append(b, `,"reached":`...)
		b = append(strconv.AppendBool(b, l.Reached), '}')
	}
	return append(b, ']')
}

// appendLists appends the QSOs that need a look.
func (t *Table) appendLists(b []byte) []byte {
	b = append(b, `,"not_countable":[`...)
	for i, q := range t.NotCountable {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"id":`...)
		b = strconv.AppendUint(b, q.ID, 10)
		b = append(b, `,"reason":`...)
		b = append(qso.AppendJSONString(b, q.Reason), '}')
	}
	b = append(b, ']')
	if t.NotCountableMore > 0 {
		b = appendNumber(b, `,"not_countable_more":`, t.NotCountableMore)
	}
	if len(t.LoTWWithoutValue) > 0 {
		b = append(b, `,"lotw_without_value":[`...)
		for i, id := range t.LoTWWithoutValue {
			if i > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendUint(b, id, 10)
		}
		b = append(b, ']')
	}
	return b
}

// appendTerms appends on which terms the award was counted.
func (t *Table) appendTerms(b []byte) []byte {
	if len(t.Sources) > 0 {
		b = append(b, `,"sources":`...)
		b = appendTexts(b, t.Sources)
	}
	if t.OwnEntity != 0 {
		b = appendNumber(b, `,"own_entity":`, int(t.OwnEntity))
	}
	if len(t.Places) > 0 {
		b = append(b, `,"own_places":[`...)
		for i := range t.Places {
			p := &t.Places[i]
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, `{"km":`...)
			b = strconv.AppendFloat(b, p.Km, 'f', -1, 64)
			b = append(b, `,"answer":`...)
			b = qso.AppendJSONString(b, p.Answer)
			if len(p.Bands) > 0 {
				b = append(b, `,"bands":`...)
				b = appendTexts(b, p.Bands)
			}
			b = append(b, `,"farthest_km":`...)
			b = append(strconv.AppendFloat(b, p.Farthest, 'f', 1, 64), '}')
		}
		b = append(b, ']')
	}
	if unsure := t.Award.def.Rules.Unsure; len(unsure) > 0 {
		b = append(b, `,"unsure":`...)
		b = appendTexts(b, unsure)
	}
	return b
}

func appendCount(b []byte, c Count, granted bool) []byte {
	b = appendNumber(b, `"worked":`, c.Worked)
	b = appendNumber(b, `,"confirmed":`, c.Confirmed)
	if granted {
		b = appendNumber(b, `,"granted":`, c.Granted)
	}
	if c.Submitted > 0 {
		b = appendNumber(b, `,"submitted":`, c.Submitted)
	}
	return b
}

func appendNumber(b []byte, name string, n int) []byte {
	return strconv.AppendInt(append(b, name...), int64(n), 10)
}

func appendTexts(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = qso.AppendJSONString(b, s)
	}
	return append(b, ']')
}
