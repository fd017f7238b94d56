package syncers

import (
	"cmp"
	"slices"
	"strings"

	"qslbox/qso"
)

// window is how far apart two start times of the same QSO may be: LoTW's own
// rule.
const window qso.Time = 30 * 60

// Candidate is one QSO of the log as matching looks at it.
type Candidate struct {
	ID        uint64
	Own       qso.Call
	Band      qso.Band
	Mode      qso.Mode
	Start     qso.Time
	Satellite bool   // PROP_MODE SAT
	SatName   string // any spelling
	AtLoTW    bool   // LoTW received our record of it
	Synced    bool   // made by a sync, not adopted by a logger's record yet
}

// Log finds the QSOs that a record may be about. The store's logbook is one,
// inside its writer lock, on the call index of the columns; tests bring lists.
type Log interface {
	// Candidates returns all QSOs whose call is exactly the given one.
	Candidates(call qso.Call) []Candidate
	// HeldTime returns HeldTime of the QSO with the given id.
	HeldTime(id uint64) qso.Time
	// Resolved returns what a person decided about an upstream record.
	Resolved(id RecordID) Resolution
}

// Resolution is what a person decided about a record "not in your log".
type Resolution struct {
	QSO    uint64 // this is that QSO; zero if not decided so
	Add    bool   // add it as a QSO of its own
	Ignore bool
}

// Reason is why a record fits no QSO: the first filter that left nothing, or
// that another record was better.
type Reason string

// The reasons, in the order of the filters.
const (
	ByCall      Reason = "call"
	ByOwnCall   Reason = "own-call"
	ByBand      Reason = "band"
	BySatellite Reason = "satellite"
	ByTime      Reason = "time"
	ByMode      Reason = "mode"
	ByTaken     Reason = "taken"
)

// Verdict is what matching found for one record. Exactly one of QSO, Unmatched,
// Ambiguous, OtherOwn and Repeat says something.
type Verdict struct {
	QSO       uint64   // the QSO it is about
	Unmatched Reason   // nothing fits, and why
	Ambiguous []uint64 // several fit alike: their ids, ascending
	OtherOwn  uint64   // fits this QSO, but that is under another own call of the same base call
	Repeat    bool     // the same record stood in the batch before, at RepeatOf
	RepeatOf  int
	Nearest   uint64 // for Unmatched: the QSO with that call nearest in time; 0 if there is none
}

// Rules say what matching may do.
type Rules struct {
	Source qso.Source
	// SameOwn names, for an own call as the service has it, the own calls of
	// the log that mean the same station ("always" of "uploaded under another
	// call").
	SameOwn map[qso.Call][]qso.Call
}

// Match finds the QSO of each record: same call, own call, band, satellite,
// start within 30 minutes and mode group (FIELD.md section 4). The best pair of
// the batch is fixed first, and so on; each QSO is used once. It changes
// nothing and creates nothing. QSOs that hold another LoTW record are not left
// out here: see Decide.
func Match(records []Record, log Log, rules Rules) []Verdict {
	m := newMatcher(records, log, rules)
	for i := range records {
		if !m.repeat(i) {
			m.find(i, nil)
		}
	}
	m.pair()
	return m.verdicts
}

// quality is how well a QSO fits a record; smaller is better.
type quality struct {
	rank  int      // 0 same mode and submode, 1 same parent mode, 2 same group
	apart qso.Time // difference of the start times
}

func (q quality) compare(o quality) int {
	return cmp.Or(cmp.Compare(q.rank, o.rank), cmp.Compare(q.apart, o.apart))
}

// pairing is one possible pair.
type pairing struct {
	quality
	record int
	qso    uint64
}

type matcher struct {
	records  []Record
	log      Log
	rules    Rules
	verdicts []Verdict
	pairs    []pairing
	first    map[RecordID]int // where a record stood first
	taken    map[uint64]bool  // QSOs of this batch that have their record
	decided  []bool

	call       qso.Call // of candidates
	candidates []Candidate
}

func newMatcher(records []Record, log Log, rules Rules) *matcher {
	return &matcher{
		records: records, log: log, rules: rules,
		verdicts: make([]Verdict, len(records)), decided: make([]bool, len(records)),
		first: make(map[RecordID]int, len(records)), taken: map[uint64]bool{},
	}
}

// repeat notes a record that stood in the batch before.
func (m *matcher) repeat(i int) bool {
	id := m.records[i].ID(m.rules.Source)
	before, seen := m.first[id]
	if !seen {
		m.first[id] = i
		return false
	}
	m.verdicts[i], m.decided[i] = Verdict{Repeat: true, RepeatOf: before}, true
	return true
}

// of returns the candidates of a call; records of a call often follow each
// other.
func (m *matcher) of(call qso.Call) []Candidate {
	if call != m.call || m.candidates == nil {
		m.call, m.candidates = call, m.log.Candidates(call)
	}
	return m.candidates
}

// find puts the pairs of a record into the list, or decides that it has none.
// QSOs that out names are no candidates.
func (m *matcher) find(i int, out func(*Candidate) bool) {
	q := m.records[i].QSO
	all := m.of(q.Call)
	fits, reason := m.filter(q, all, out)
	if len(fits) == 0 {
		v := Verdict{Unmatched: reason, Nearest: nearest(q, all)}
		if reason == ByOwnCall {
			if other := m.otherOwn(q, all, out); other != 0 {
				v = Verdict{OtherOwn: other}
			}
		}
		m.verdicts[i], m.decided[i] = v, true
		return
	}
	for _, c := range fits {
		m.pairs = append(m.pairs, pairing{qualityOf(q, &c), i, c.ID})
	}
}

// filter applies the filters in their order and returns what is left, or the
// one that left nothing.
func (m *matcher) filter(q *qso.QSO, all []Candidate, out func(*Candidate) bool) ([]Candidate, Reason) {
	if len(all) == 0 {
		return nil, ByCall
	}
	own := keep(all, func(c *Candidate) bool { return m.sameOwn(q.Own, c.Own) })
	if len(own) == 0 {
		return nil, ByOwnCall
	}
	return m.filterRest(q, own, out)
}

// filterRest applies the filters behind the own call.
func (m *matcher) filterRest(q *qso.QSO, own []Candidate, out func(*Candidate) bool) ([]Candidate, Reason) {
	band := keep(own, func(c *Candidate) bool { return c.Band == q.Band })
	if len(band) == 0 {
		return nil, ByBand
	}
	terrestrial := keep(band, func(c *Candidate) bool { return sameSatellite(q, c) })
	fits, reason := terrestrial, BySatellite
	if len(fits) > 0 {
		fits, reason = near(q, fits, out)
	}
	if len(fits) == 0 && m.rules.Source == qso.DCL && q.Get(qso.FieldPropMode) == "" {
		// DCL drops PROP_MODE of QSOs that it took from elsewhere
		if sat, _ := near(q, keep(band, func(c *Candidate) bool { return c.Satellite }), out); len(sat) == 1 {
			return sat, ""
		}
	}
	return fits, reason
}

// near applies the filters time and mode, and leaves out what is none.
func near(q *qso.QSO, cs []Candidate, out func(*Candidate) bool) ([]Candidate, Reason) {
	cs = keep(cs, func(c *Candidate) bool { return apart(q.Start, c.Start) <= window })
	if len(cs) == 0 {
		return nil, ByTime
	}
	cs = keep(cs, func(c *Candidate) bool { return c.Mode.Group() == q.Mode.Group() })
	if len(cs) == 0 {
		return nil, ByMode
	}
	if out != nil {
		cs = keep(cs, func(c *Candidate) bool { return !out(c) })
	}
	return cs, ByTaken
}

func keep(cs []Candidate, want func(*Candidate) bool) []Candidate {
	var out []Candidate
	for i := range cs {
		if want(&cs[i]) {
			out = append(out, cs[i])
		}
	}
	return out
}

// sameOwn reports whether an own call of a record is that of a QSO. DCL files
// everything under one call, so there the base call decides.
func (m *matcher) sameOwn(record, log qso.Call) bool {
	switch {
	case record == "" || log == "":
		return false
	case record == log:
		return true
	case m.rules.Source == qso.DCL:
		return record.Base() == log.Base()
	}
	return slices.Contains(m.rules.SameOwn[record], log)
}

// otherOwn finds the QSO that fits in everything but the own call, whose base
// call is the same; QSOs that out names are none.
func (m *matcher) otherOwn(q *qso.QSO, all []Candidate, out func(*Candidate) bool) uint64 {
	if q.Own == "" {
		return 0
	}
	base := keep(all, func(c *Candidate) bool { return c.Own != "" && c.Own.Base() == q.Own.Base() })
	fits, _ := m.filterRest(q, base, out)
	if len(fits) == 0 {
		return 0
	}
	return slices.MinFunc(fits, func(a, b Candidate) int {
		return cmp.Or(qualityOf(q, &a).compare(qualityOf(q, &b)), cmp.Compare(a.ID, b.ID))
	}).ID
}

// sameSatellite reports whether both sides say the same satellite, or neither
// says one. All other propagation modes are ignored, as LoTW does.
func sameSatellite(q *qso.QSO, c *Candidate) bool {
	if q.Satellite() != c.Satellite {
		return false
	}
	return !c.Satellite || satellite(q.Get(qso.FieldSatName)) == satellite(c.SatName)
}

// satellite folds the spellings of a satellite's name.
func satellite(name string) string {
	if sat, ok := qso.LookupSatellite(name); ok {
		return sat.Name
	}
	return strings.ToUpper(strings.TrimSpace(name))
}

func qualityOf(q *qso.QSO, c *Candidate) quality {
	rank := 2
	switch {
	case q.Mode == c.Mode:
		rank = 0
	case q.Mode.Name == c.Mode.Name:
		rank = 1
	}
	return quality{rank, apart(q.Start, c.Start)}
}

func apart(a, b qso.Time) qso.Time { return max(a-b, b-a) }

// nearest returns the QSO nearest in time, one of the same own call and band
// before others.
func nearest(q *qso.QSO, all []Candidate) uint64 {
	if len(all) == 0 {
		return 0
	}
	other := func(c *Candidate) int {
		if c.Own == q.Own && c.Band == q.Band {
			return 0
		}
		return 1
	}
	return slices.MinFunc(all, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(other(&a), other(&b)), cmp.Compare(apart(q.Start, a.Start), apart(q.Start, b.Start)), cmp.Compare(a.ID, b.ID))
	}).ID
}

// pair fixes the pairs, the best first.
func (m *matcher) pair() {
	slices.SortFunc(m.pairs, func(a, b pairing) int {
		return cmp.Or(a.compare(b.quality), cmp.Compare(a.record, b.record), cmp.Compare(a.qso, b.qso))
	})
	for from := 0; from < len(m.pairs); {
		to := from + 1
		for to < len(m.pairs) && m.pairs[to].quality == m.pairs[from].quality {
			to++
		}
		m.level(m.pairs[from:to])
		from = to
	}
	for _, p := range m.pairs { // what is left lost its QSOs to better records
		if !m.decided[p.record] {
			q := m.records[p.record].QSO
			m.verdicts[p.record] = Verdict{Unmatched: ByTaken, Nearest: nearest(q, m.of(q.Call))}
			m.decided[p.record] = true
		}
	}
}

// level fixes pairs of the same quality: first those of records that have but
// one QSO left, until only real choices remain, which nobody can make.
func (m *matcher) level(pairs []pairing) {
	for {
		free, fixed := map[int][]uint64{}, false
		for _, p := range pairs {
			if !m.decided[p.record] && !m.taken[p.qso] {
				free[p.record] = append(free[p.record], p.qso)
			}
		}
		for _, p := range pairs {
			if list := free[p.record]; len(list) == 1 && !m.decided[p.record] && !m.taken[p.qso] && p.qso == list[0] {
				m.fix(p.record, p.qso)
				fixed = true
			}
		}
		if fixed {
			continue
		}
		for record, list := range free {
			m.verdicts[record], m.decided[record] = Verdict{Ambiguous: list}, true
		}
		return
	}
}

// fix gives a record its QSO.
func (m *matcher) fix(record int, id uint64) {
	m.verdicts[record], m.decided[record], m.taken[id] = Verdict{QSO: id}, true, true
}
