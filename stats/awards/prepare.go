package awards

import (
	"path"
	"strings"

	"qslbox/qso"
	"qslbox/qso/columns"
)

// counting is what the folds of one view with one filter share.
type counting struct {
	v     *columns.View
	o     *Options
	match *columns.Matches
	tally *sessionTally
}

// sessionTally is how many QSOs of the first rows each of our sessions has.
type sessionTally struct {
	rows   int
	counts []int
}

func newCounting(v *columns.View, o *Options) *counting {
	return &counting{v: v, o: o, match: v.Match(o.Filter), tally: &sessionTally{}}
}

// run runs some folds over the view.
func (c *counting) run(folds ...*fold) {
	c.gather(folds)
	for _, f := range folds {
		f.finish()
	}
}

// gather is run, and leaves the states open for more QSOs.
func (c *counting) gather(folds []*fold) {
	for len(folds) > 0 {
		n := min(len(folds), maxFolds)
		p := &pass{v: c.v, match: c.match, folds: folds[:n]}
		p.run()
		folds = folds[n:]
	}
}

// newFold makes a fold of an award.
func (c *counting) newFold(a *Award) *fold {
	v, o := c.v, c.o
	f := &fold{Award: a, terms: a.terms(o), v: v, c: a.facts.atlases.of(v.Log()).chart(a, v)}
	f.n, f.stride = a.keyCount(v, f.c), a.stride()
	f.worked = make([]uint64, f.n*f.stride)
	f.confirmed = make([]uint64, f.n*f.stride)
	if a.def.Points != nil && a.def.Points.Per == "band-year" {
		f.years = map[yearKey][]uint64{}
	}
	f.prepare(c)
	return f
}

// keyCount returns how many keys a fold must have room for.
func (a *Award) keyCount(v *columns.View, c *chart) int {
	switch {
	case len(a.items) > 0:
		return len(a.items)
	case a.kind == byGrid:
		return 32400
	case a.kind == byCall:
		return v.Calls()
	}
	return len(c.keys)
}

// prepare computes what the award makes of the log's modes, places and
// sessions. Done again, it adds what the log has got since.
func (f *fold) prepare(c *counting) {
	for i := len(f.modes); i < len(f.v.Modes); i++ {
		f.modes = append(f.modes, f.modeTerms(f.v.Modes[i], f.v.Class[i]))
	}
	if f.satellites != nil {
		for _, name := range f.c.words[fieldSat][len(f.sats):] {
			f.sats = append(f.sats, f.satellites[name])
		}
	}
	if len(f.granting) > 0 {
		f.readCredits()
	}
	if len(f.calls) > 0 {
		f.callOK = grown(f.callOK, f.v.Calls())
	}
	if len(f.within) > 0 {
		f.used = grown(f.used, len(f.v.Sessions))
	}
	f.readSessions(c)
}

// modeTerms says whether a mode counts, and in which slot.
func (f *fold) modeTerms(m qso.Mode, class qso.Class) modeTerms {
	named := func(set map[string]bool) bool { return set[m.Name] || m.Sub != "" && set[m.Sub] }
	t := modeTerms{ok: f.classes[class] && (f.Award.modes == nil || named(f.Award.modes)) && !named(f.notModes), class: uint8(class)}
	if (f.def.Slots.Classes || f.def.Slots.BandClasses) && !named(f.classRule[class].notModes) {
		t.slot = 1 << (bitClass + class)
	}
	return t
}

// readCredits finds out what each text of CREDIT_GRANTED and CREDIT_SUBMITTED
// grants, if there are any.
func (f *fold) readCredits() {
	granted, submitted := f.c.words[fieldGranted], f.c.words[fieldSubmitted]
	if len(granted) == 1 && len(submitted) == 1 {
		return
	}
	f.grants, f.submits = f.creditsOf(f.grants, granted), f.creditsOf(f.submits, submitted)
	if !f.probe {
		f.granted, f.submitted = grown(f.granted, f.n*f.stride), grown(f.submitted, f.n*f.stride)
	}
}

// creditsOf reads comma lists of credits, each with its sources behind a colon:
// those that are not on the list yet.
func (f *fold) creditsOf(list []grantKind, texts []string) []grantKind {
	for _, text := range texts[len(list):] {
		what := grantKind(0)
		for part := range strings.SplitSeq(text, ",") {
			credit, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(part)), ":")
			for _, g := range f.granting {
				if g.credit == credit {
					what |= g.what
				}
			}
		}
		list = append(list, what)
	}
	return list
}

// continent returns the place of a row's continent in continentList: what the
// award says of its entity, else what the log says, else the entity's; -1 if
// none is known.
func (f *fold) continent(row uint32) int {
	return f.continentAt(f.v.DXCC[row]&(maxEntity-1), f.c.conts[f.v.Place[row]])
}

func (f *fold) continentAt(entity uint16, logged int8) int {
	switch {
	case f.moved != nil && f.moved[entity] >= 0:
		return int(f.moved[entity])
	case logged >= 0:
		return int(logged)
	}
	return int(f.facts.continents[entity])
}

// readSessions decides which of our own stations count.
func (f *fold) readSessions(c *counting) {
	o := c.o
	oneEntity := f.def.Own != nil && f.def.Own.OneEntity
	if oneEntity {
		f.ownEntity = o.OwnEntity
		if f.ownEntity == 0 {
			f.ownEntity = f.mostUsedEntity(c)
		}
	} else {
		f.ownEntity = o.OwnEntity
	}
	if f.ownEntity == 0 && f.ownEntities == nil && len(f.ownCalls) == 0 {
		return
	}
	f.sessions = make([]bool, len(f.v.Sessions))
	for i := range f.sessions {
		entity := f.c.ownEntities[i]
		ok := f.ownEntity == 0 || entity == f.ownEntity || entity == 0 && o.OwnEntity == 0
		ok = ok && (f.Award.ownEntities == nil || f.Award.ownEntities[entity])
		f.sessions[i] = ok && (len(f.ownCalls) == 0 || matchesAny(f.ownCalls, string(f.v.Sessions[i].Own)))
	}
}

// mostUsedEntity returns the own entity with the most QSOs, 0 if there is only
// one or none.
func (f *fold) mostUsedEntity(c *counting) uint16 {
	first, more := uint16(0), false
	for _, e := range f.c.ownEntities {
		if first == 0 {
			first = e
		}
		more = more || e != 0 && e != first
	}
	if !more {
		return 0
	}
	counts := c.sessionCounts()
	var total [maxEntity]int
	best := uint16(0)
	for i, e := range f.c.ownEntities {
		e &= maxEntity - 1
		if total[e] += counts[i]; e != 0 && total[e] > total[best] {
			best = e
		}
	}
	return best
}

// sessionCounts returns how many QSOs each of our sessions has.
func (c *counting) sessionCounts() []int {
	t := c.tally
	t.counts = grown(t.counts, len(c.v.Sessions))
	var rows [block]uint32
	walk := c.match.Rows(t.rows, c.v.Rows())
	for n := walk.Next(rows[:]); n > 0; n = walk.Next(rows[:]) {
		for _, row := range rows[:n] {
			t.counts[c.v.Session[row]]++
		}
	}
	t.rows = c.v.Rows()
	return t.counts
}

// grown returns a list with zeros up to n at its end.
func grown[T any](list []T, n int) []T { return append(list, make([]T, max(0, n-len(list)))...) }

// passes checks the filters that most awards do not have.
func (f *fold) passes(row uint32) bool {
	if f.sessions != nil && !f.sessions[f.v.Session[row]] {
		return false
	}
	if f.sats != nil && !f.sats[f.c.values[fieldSat][f.v.Place[row]]] {
		return false
	}
	if f.callOK == nil {
		return true
	}
	call := f.v.Call[row]
	if f.callOK[call] == 0 {
		f.callOK[call] = -1
		if matchesAny(f.calls, f.v.CallText(call)) {
			f.callOK[call] = 1
		}
	}
	return f.callOK[call] > 0
}

func matchesAny(patterns []string, call string) bool {
	call = strings.ReplaceAll(call, "/", "|") // * stands for slashes too
	for _, p := range patterns {
		if ok, _ := path.Match(strings.ReplaceAll(p, "/", "|"), call); ok {
			return true
		}
	}
	return false
}
