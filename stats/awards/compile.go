package awards

import (
	"fmt"
	"math"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"qslbox/qso"
	"qslbox/qso/columns"
)

// compiler turns a definition into an award and remembers the first fault.
type compiler struct {
	*Award
	err error
}

// fail notes a fault; the first one counts.
func (c *compiler) fail(member, problem, remedy string) {
	if c.err == nil {
		c.err = &FileError{c.file, member, problem, remedy}
	}
}

// compile reads, checks and compiles one file.
func compile(f *facts, file string, data []byte) (*Award, error) {
	d, err := Parse(file, data)
	if err != nil {
		return nil, err
	}
	c := &compiler{Award: &Award{def: d, file: path.Base(file), facts: f, index: map[string]int32{}}}
	c.compileKey()
	c.compileFilter()
	c.compileConfirm()
	c.compileSlots()
	c.compileLevels()
	c.compileOwn()
	if c.err != nil {
		return nil, c.err
	}
	return c.Award, nil
}

func (c *compiler) compileFilter() {
	f := &c.def.Filter
	c.sat = oneOf(c, "satellite", c.def.Satellite, map[string]satPolicy{
		"": satSeparate, "separate": satSeparate, "counts": satCounts, "excluded": satExcluded, "only": satOnly,
	})
	c.bands = allBands
	if len(f.Bands) > 0 {
		c.bands = c.bandSet("filter.bands", f.Bands)
	}
	c.bands &^= c.bandSet("filter.not_bands", f.NotBands)
	c.classes = [qso.ClassCount]bool{true, true, true}
	if len(f.Classes) > 0 {
		c.classes = [qso.ClassCount]bool{}
		for _, name := range f.Classes {
			c.classes[c.class("filter.classes", name)] = true
		}
	}
	c.modes, c.notModes = modeSet(f.Modes), modeSet(f.NotModes)
	c.from, c.to = c.day("filter.from", f.From, 0), c.day("filter.to", f.To, math.MaxUint32)
	if c.from >= c.to {
		c.fail("filter.to", "is not after filter.from", "write the first day that no longer counts")
	}
	if len(f.Entities) > 0 {
		c.entities = &[maxEntity]bool{}
		for _, code := range f.Entities {
			c.checkEntity("filter.entities", code)
			c.entities[code&(maxEntity-1)] = true
		}
		c.entities[0] = f.Unknown
	}
	for _, name := range f.Satellites {
		if c.satellites == nil {
			c.satellites = map[string]bool{}
		}
		c.satellites[strings.ToUpper(name)] = true
	}
	for _, code := range f.OwnEntities {
		c.checkEntity("filter.own_entities", code)
		if c.ownEntities == nil {
			c.ownEntities = map[uint16]bool{}
		}
		c.ownEntities[uint16(code)] = true
	}
	c.ownCalls = c.patterns("filter.own_calls", f.OwnCalls)
	c.calls = c.patterns("filter.calls", f.Calls)
}

func (c *compiler) checkEntity(member string, code int) {
	if code <= 0 || code >= maxEntity {
		c.fail(member, fmt.Sprintf("%d is no DXCC entity", code), "use ADIF's entity codes, like 230 for Germany")
		return
	}
	if _, ok := c.facts.table.Entity(uint16(code)); !ok {
		c.fail(member, fmt.Sprintf("%d is no DXCC entity", code), "use ADIF's entity codes, like 230 for Germany")
	}
}

// patterns checks patterns of calls.
func (c *compiler) patterns(member string, list []string) []string {
	var upper []string
	for _, p := range list {
		p = strings.ToUpper(strings.TrimSpace(p))
		if _, err := path.Match(p, "DL1ABC"); err != nil || p == "" {
			c.fail(member, fmt.Sprintf("%q is no pattern", p), "write a call, with * and ? for what may differ")
		}
		upper = append(upper, p)
	}
	return upper
}

func modeSet(names []string) map[string]bool {
	if len(names) == 0 {
		return nil
	}
	set := map[string]bool{}
	for _, name := range names {
		set[strings.ToUpper(strings.TrimSpace(name))] = true
	}
	return set
}

func (c *compiler) bandSet(member string, names []string) (set uint64) {
	for _, name := range names {
		band, err := qso.ParseBand(name)
		if err != nil {
			c.fail(member, fmt.Sprintf("%q is no band", name), `use ADIF's names, like "20m" or "70cm"`)
			continue
		}
		set |= 1 << band
	}
	return set
}

func (c *compiler) class(member, name string) qso.Class {
	return oneOf(c, member, name, map[string]qso.Class{"CW": qso.ClassCW, "PHONE": qso.ClassPhone, "DIGITAL": qso.ClassDigital})
}

// oneOf looks a word up in its choices.
func oneOf[T any](c *compiler, member, word string, choices map[string]T) T {
	value, ok := choices[word]
	if !ok {
		words := make([]string, 0, len(choices))
		for w := range choices {
			if w != "" {
				words = append(words, w)
			}
		}
		slices.Sort(words)
		c.fail(member, fmt.Sprintf("%q is not known", word), "write one of: "+strings.Join(words, " "))
	}
	return value
}

// day reads a date into the time column; a blank gives the default.
func (c *compiler) day(member, text string, blank uint32) uint32 {
	if text == "" {
		return blank
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		c.fail(member, fmt.Sprintf("%q is no date", text), "write it like 1945-11-15")
		return blank
	}
	return columns.ToColumn(qso.TimeOf(t))
}

func (c *compiler) compileConfirm() {
	for _, name := range c.def.Confirm.Sources {
		if name == "log" {
			c.logConfirms = true
			continue
		}
		source, err := qso.ParseSource(name)
		if err != nil {
			c.fail("confirm.sources", fmt.Sprintf("%q confirms nothing", name), "write some of: lotw dcl qsl eqsl qrz clublog log")
			continue
		}
		c.confirmBy |= qso.SourceSet(source)
	}
	if !c.logConfirms && c.confirmBy == 0 {
		c.fail("confirm.sources", "is empty", `write what confirms, like ["lotw", "qsl"], or ["log"] if the log is enough`)
	}
	for _, g := range c.def.Credits {
		what := oneOf(c, "credits.slot", g.Slot, map[string]grantKind{
			"": grantTotal, "total": grantTotal, "band": grantBand, "class": grantClass, "sat": grantSat,
		})
		c.granting = append(c.granting, grant{strings.ToUpper(g.Credit), what})
	}
	for _, r := range c.def.ClassRule {
		class := c.class("class_rules.class", r.Class)
		c.classRule[class] = classRule{c.day("class_rules.from", r.From, 0), modeSet(r.NotModes)}
	}
}

// compileSlots lays out the columns of the table: one for each thing that can
// be counted with the award's filter.
func (c *compiler) compileSlots() {
	s := &c.def.Slots
	var bands []qso.Band
	for _, b := range qso.Bands() {
		if c.bands&(1<<b) != 0 && c.sat != satOnly {
			bands = append(bands, b)
		}
	}
	groups := c.groupNames()
	for _, b := range bands {
		if s.Bands {
			c.slots = append(c.slots, slot{name: b.String(), bit: 1 << b})
		}
	}
	if c.sat != satExcluded {
		c.slots = append(c.slots, slot{name: "SAT", bit: 1 << bitSat, kind: satSlot})
	}
	for class := range c.classes {
		name := qso.Class(class).String()
		if !c.classes[class] {
			continue
		}
		if s.Classes {
			c.slots = append(c.slots, slot{name: name, bit: 1 << (bitClass + class), kind: classSlot})
		}
	}
	for _, b := range bands {
		for class := range c.classes {
			if s.BandClasses && c.classes[class] {
				name := b.String() + " " + qso.Class(class).String()
				c.slots = append(c.slots, slot{name: name, word: 1 + class, bit: 1 << b, kind: bandClassSlot})
			}
		}
	}
	for i, name := range strings.Fields(continentList) {
		if s.Continents {
			c.slots = append(c.slots, slot{name: name, bit: 1 << (bitContinent + i), kind: continentSlot})
		}
	}
	for i, name := range groups {
		c.slots = append(c.slots, slot{name: name, bit: 1 << bitTotal, kind: groupSlot, group: uint8(i + 1)})
	}
	for _, b := range bands {
		for i, name := range groups {
			if s.BandGroups {
				c.slots = append(c.slots, slot{name: b.String() + " " + name, bit: 1 << b, kind: bandGroupSlot, group: uint8(i + 1)})
			}
		}
	}
}

func (c *compiler) groupNames() []string {
	return oneOf(c, "key.groups", c.def.Key.Groups, map[string][]string{
		"": nil, "dok-kind": {"regular", "special"}, "continent": strings.Fields(continentList),
	})
}

func (c *compiler) compileOwn() {
	if c.def.Own == nil {
		return
	}
	for _, w := range c.def.Own.Within {
		bands := allBands
		if len(w.Bands) > 0 {
			bands = c.bandSet("own.within.bands", w.Bands)
		}
		if !(w.Km > 0 && w.Km < 20_040) {
			c.fail("own.within.km", fmt.Sprint(w.Km, " is no distance"), "write kilometres, like 200")
		}
		c.within = append(c.within, withinRule{w.Km, bands, w.Satellite})
	}
}

// compilePattern compiles what values must look like.
func (c *compiler) compilePattern(member, pattern string) *regexp.Regexp {
	if pattern == "" {
		return nil
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		c.fail(member, fmt.Sprintf("%q is no regular expression: %v", pattern, err), "mend it, or leave it out")
		return nil
	}
	return re
}
