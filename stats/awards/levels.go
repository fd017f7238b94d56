package awards

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ladder is a compiled Level: the same steps in one or several columns.
type ladder struct {
	def   *Level
	steps []int
	in    []*slot // one ladder in each; a nil slot is the total
	each  []*slot
	sum   []*slot
}

// LevelState is a level and how far the log is. Of a ladder, the highest level
// reached and the next one are given.
type LevelState struct {
	Name       string
	Slot       string // where it is counted in one slot
	Need, Have int    // keys; for "in each of these slots" summed over the slots
	Points     int    // needed besides, 0 = none
	HavePoints int
	Reached    bool
}

// ToGo returns how many keys are lacking.
func (l LevelState) ToGo() int { return max(0, l.Need-l.Have) }

func (c *compiler) compileLevels() {
	if p := c.def.Points; p != nil {
		oneOf(c, "points.per", p.Per, map[string]bool{"band": true, "band-year": true})
		if p.Cap < 0 {
			c.fail("points.cap", "is below zero", "write 0 for no limit")
		}
	}
	for i := range c.def.Levels {
		c.levels = append(c.levels, c.ladder(i, &c.def.Levels[i]))
	}
}

func (c *compiler) ladder(i int, l *Level) ladder {
	member := fmt.Sprintf("levels[%d]", i)
	made := ladder{def: l, steps: l.Steps, each: c.slotList(member+".each", l.Each), sum: c.slotList(member+".sum", l.Sum)}
	switch {
	case l.Need > 0 && len(l.Steps) == 0 && l.Lack == nil:
		made.steps = []int{l.Need}
	case l.Need == 0 && len(l.Steps) > 0 && l.Lack == nil:
		if !slices.IsSorted(l.Steps) || l.Steps[0] <= 0 {
			c.fail(member+".steps", "do not ascend from above zero", "write them like [100, 150, 200]")
		}
	case l.Need == 0 && len(l.Steps) == 0 && l.Lack != nil && *l.Lack >= 0:
		made.steps = []int{max(1, c.current()-*l.Lack)}
	default:
		c.fail(member, "does not say how much is needed", `write one of "need", "steps" and "lack"`)
	}
	switch {
	case l.Slot != "":
		made.in = c.slotList(member+".slot", []string{l.Slot})
	case slices.Equal(l.Per, []string{"bands"}):
		for i := range c.slots {
			if c.slots[i].kind == bandSlot {
				made.in = append(made.in, &c.slots[i])
			}
		}
		if len(made.in) == 0 {
			c.fail(member+".per", "asks for bands the award does not count by", `write "slots": {"bands": true} in the definition`)
		}
	case len(l.Per) > 0:
		made.in = c.slotList(member+".per", l.Per)
	default:
		made.in = []*slot{nil}
	}
	if (l.Points > 0) && c.def.Points == nil {
		c.fail(member+".points", "needs an award that gives points", `write "points": {"per": "band"} in the definition, or leave it out`)
	}
	return made
}

func (c *compiler) slotList(member string, names []string) []*slot {
	var list []*slot
	for _, name := range names {
		s := c.slotNamed(name)
		if s == nil {
			c.fail(member, fmt.Sprintf("%q is no slot of this award", name), "write one of: "+strings.Join(c.SlotNames(), ", "))
		}
		list = append(list, s)
	}
	return list
}

// current returns how many keys there are that are not deleted.
func (a *Award) current() int {
	n := 0
	for i := range a.items {
		if !a.items[i].deleted {
			n++
		}
	}
	if len(a.items) == 0 {
		return a.def.Key.Target
	}
	return n
}

// levelStates computes how far each level is.
func (t *Table) levelStates(f *fold) []LevelState {
	var all []LevelState
	for i := range f.levels {
		l := &f.levels[i]
		for _, in := range l.in {
			all = append(all, t.climb(f, l, in)...)
		}
	}
	return all
}

// climb returns the highest level reached on a ladder and the next one. A
// ladder in one of many slots that has nothing yet is left out.
func (t *Table) climb(f *fold, l *ladder, in *slot) []LevelState {
	top := LevelState{}
	var next LevelState
	for at := 0; ; at++ {
		need, ok := l.step(at)
		if !ok {
			break
		}
		s := t.level(f, l, in, need)
		if !s.Reached {
			next = s
			break
		}
		top = s
	}
	var list []LevelState
	if top.Reached {
		list = append(list, top)
	}
	if next.Need > 0 && (len(l.in) == 1 || next.Have > 0) {
		list = append(list, next)
	}
	return list
}

// step returns the number of a step of the ladder; it may go on for ever.
func (l *ladder) step(at int) (int, bool) {
	last := len(l.steps) - 1
	switch {
	case at <= last:
		return l.steps[at], true
	case l.def.Every > 0 && at < 10_000:
		return l.steps[last] + (at-last)*l.def.Every, true
	}
	return 0, false
}

func (t *Table) level(f *fold, l *ladder, in *slot, need int) LevelState {
	s := LevelState{Need: need, Points: l.def.Points}
	deleted := f.deleted || l.def.WithDeleted
	switch {
	case len(l.each) > 0:
		s.Need = need * len(l.each)
		for _, each := range l.each {
			s.Have += min(need, t.confirmedIn(f, each, deleted))
		}
	case len(l.sum) > 0:
		for _, part := range l.sum {
			s.Have += t.confirmedIn(f, part, deleted)
		}
	default:
		s.Have = t.confirmedIn(f, in, deleted)
	}
	name := strings.ReplaceAll(l.def.Name, "{n}", strconv.Itoa(need))
	if in != nil {
		s.Slot = in.name
		name = strings.ReplaceAll(name, "{slot}", in.name)
	}
	if name == "" {
		name = strconv.Itoa(need)
	}
	s.Name = name
	if s.Points > 0 {
		s.HavePoints = t.Points.Confirmed
		if l.def.WithDeleted {
			s.HavePoints = t.PointsWithDeleted.Confirmed
		}
	}
	s.Reached = s.Have >= s.Need && s.HavePoints >= s.Points
	return s
}

// confirmedIn returns how many keys are confirmed in a slot; nil is the total.
func (t *Table) confirmedIn(f *fold, s *slot, deleted bool) int {
	if s == nil {
		if deleted {
			return t.WithDeleted.Confirmed
		}
		return t.Count.Confirmed
	}
	at := slices.IndexFunc(f.slots, func(o slot) bool { return o.name == s.name })
	if deleted {
		return t.slotsWithDeleted[at].Confirmed
	}
	return t.Slots[at].Confirmed
}
