package syncers

import (
	"cmp"
	"slices"

	"qslbox/qso"
)

// sameTime is how far apart two contacts of other mode group or way
// (satellite, terrestrial) may be that are suspected to be one with a wrong
// mode.
const sameTime qso.Time = 5 * 60

// maxHeld is how many QSOs of a call are asked for the LoTW record they hold,
// the nearest in time first.
const maxHeld = 64

// Action is what a sync does with a record.
type Action uint8

// The actions.
const (
	DoMatch  Action = iota + 1 // merge into the QSO that the verdict names
	DoAdd                      // make a QSO of it
	DoList                     // keep it under "not in your log"
	DoRepeat                   // the batch holds it twice: nothing to do
	DoIgnore                   // a person said so; counts as listed
	DoSkip                     // it confirms nothing, and adds nothing
)

// Decision is what becomes of one record.
type Decision struct {
	Verdict
	Action Action
	// Of is the place in the batch of the record whose new QSO this one is
	// about, if Action is DoMatch and QSO is zero.
	Of int
}

// DecideRules say what a sync may do.
type DecideRules struct {
	Rules
	AddMissing bool // a record that fits no QSO becomes one (see AddsMissing)
}

// AddsMissing returns what an account's setting of import-missing means: LoTW
// adds by default, DCL only while the log has no QSO from elsewhere.
func AddsMissing(setting *bool, source qso.Source, fromElsewhere bool) bool {
	switch {
	case setting != nil:
		return *setting
	case source == qso.DCL:
		return !fromElsewhere
	}
	return true
}

// Decide says what a sync does with each record of a batch, in order. The
// record that a QSO already holds is that QSO's; such a QSO is no candidate for
// another LoTW record. What fits nothing is added, but never because of a mode
// alone: another mode group or satellite within five minutes is listed, and so
// is what fits two QSOs alike or a QSO under another own call. It changes
// nothing.
func Decide(records []Record, log Log, rules DecideRules) []Decision {
	d := decider{newMatcher(records, log, rules.Rules), rules, make([]Decision, len(records))}
	for i := range records {
		if !d.skipped(i) && !d.repeat(i) && !d.resolved(i) && !d.held(i) {
			continue
		}
		d.decided[i] = true
	}
	for i := range records {
		if !d.decided[i] {
			d.find(i, d.holdsAnother)
		}
	}
	d.pair()
	for i := range records {
		if d.out[i].Action == 0 {
			d.out[i] = d.decide(i)
		}
	}
	return d.out
}

type decider struct {
	*matcher
	rules DecideRules
	out   []Decision
}

// skipped passes over a QSO that DCL merely has: DCL is asked for confirmations,
// and its word on anything else only counts where it fills an empty log.
func (d *decider) skipped(i int) bool {
	if d.rules.Source != qso.DCL || d.rules.AddMissing || confirms(d.records[i].QSO) {
		return false
	}
	d.out[i] = Decision{Action: DoSkip}
	return true
}

// repeat notes a record that stood in the batch before. If this one confirms
// and that one does not, it still has something to say.
func (d *decider) repeat(i int) bool {
	if !d.matcher.repeat(i) {
		return false
	}
	before := d.verdicts[i].RepeatOf
	if confirms(d.records[i].QSO) && !confirms(d.records[before].QSO) {
		d.out[i] = Decision{Action: DoMatch, Of: before}
		return true
	}
	d.out[i] = Decision{Verdict: d.verdicts[i], Action: DoRepeat}
	return true
}

func confirms(q *qso.QSO) bool { return q.Confirmed() != 0 }

// resolved applies what a person decided.
func (d *decider) resolved(i int) bool {
	r := d.log.Resolved(d.records[i].ID(d.rules.Source))
	switch {
	case r.QSO != 0:
		d.fix(i, r.QSO)
		d.out[i] = Decision{Verdict: d.verdicts[i], Action: DoMatch}
	case r.Ignore:
		d.out[i] = Decision{Action: DoIgnore}
	case r.Add && !d.heldBy(i):
		d.out[i] = Decision{Action: DoAdd}
	}
	return d.out[i].Action != 0
}

// held finds the QSO that holds this very record.
func (d *decider) held(i int) bool {
	if !d.heldBy(i) {
		return false
	}
	d.out[i] = Decision{Verdict: d.verdicts[i], Action: DoMatch}
	return true
}

func (d *decider) heldBy(i int) bool {
	if d.rules.Source != qso.LoTW {
		return false
	}
	q := d.records[i].QSO
	mine := keep(d.of(q.Call), func(c *Candidate) bool {
		return c.AtLoTW && c.Band == q.Band && d.sameOwn(q.Own, c.Own) && c.Mode.Group() == q.Mode.Group() && !d.taken[c.ID]
	})
	slices.SortFunc(mine, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(apart(q.Start, a.Start), apart(q.Start, b.Start)), cmp.Compare(a.ID, b.ID))
	})
	for _, c := range mine[:min(len(mine), maxHeld)] {
		if d.log.HeldTime(c.ID) == q.Start {
			d.fix(i, c.ID)
			return true
		}
	}
	return false
}

// holdsAnother reports whether a QSO is no candidate because it holds a LoTW
// record, which is not the one in question (see held).
func (d *decider) holdsAnother(c *Candidate) bool {
	return d.rules.Source == qso.LoTW && c.AtLoTW && d.log.HeldTime(c.ID).Given()
}

// decide turns a verdict into an action.
func (d *decider) decide(i int) Decision {
	v, q := d.verdicts[i], d.records[i].QSO
	if v.QSO == 0 && len(v.Ambiguous) == 0 {
		v = d.underOtherOwn(q, v)
	}
	switch {
	case v.QSO != 0:
		return Decision{Verdict: v, Action: DoMatch}
	case len(v.Ambiguous) > 0, v.OtherOwn != 0, !d.rules.AddMissing, q.Own == "":
		return Decision{Verdict: v, Action: DoList}
	}
	if other, reason := d.sameTime(q); other != 0 {
		return Decision{Verdict: Verdict{Unmatched: reason, Nearest: other}, Action: DoList}
	}
	return Decision{Action: DoAdd}
}

// underOtherOwn looks for the QSO under any own call of the same base call. The
// log may hold other QSOs with that call under the very own call, some of them
// of an earlier part of this download: they must not hide it. A QSO that has a
// record of its own is another one.
func (d *decider) underOtherOwn(q *qso.QSO, v Verdict) Verdict {
	other := d.otherOwn(q, d.of(q.Call), func(c *Candidate) bool { return d.taken[c.ID] || d.holdsAnother(c) })
	switch {
	case other != 0:
		return Verdict{OtherOwn: other}
	case v.OtherOwn != 0:
		return Verdict{Unmatched: ByOwnCall, Nearest: nearest(q, d.of(q.Call))}
	}
	return v
}

// sameTime finds a QSO at most five minutes away that differs in mode group or
// satellite only, and has no record of its own: it may be the same contact
// with a wrong mode.
func (d *decider) sameTime(q *qso.QSO) (uint64, Reason) {
	for _, c := range d.of(q.Call) {
		if !d.sameOwn(q.Own, c.Own) || c.Band != q.Band || apart(q.Start, c.Start) > sameTime {
			continue
		}
		satellite, mode := !sameSatellite(q, &c), c.Mode.Group() != q.Mode.Group()
		if !satellite && !mode || d.taken[c.ID] {
			continue
		}
		if d.holdsAnother(&c) && d.log.HeldTime(c.ID) != q.Start {
			continue
		}
		if satellite {
			return c.ID, BySatellite
		}
		return c.ID, ByMode
	}
	return 0, ""
}

// Adopt finds, for each record of an imported file, the QSO made by a sync that
// it is the logger's own account of: same own call and fit by the matching
// rules. The result holds ids, 0 where the record adopts none. A record that is
// a duplicate of a QSO made by a sync adopts that one. The caller merges with
// qso.Adopt.
func Adopt(records []*qso.QSO, log Log) []uint64 {
	batch := make([]Record, len(records))
	for i, q := range records {
		batch[i] = Record{QSO: q}
	}
	m := newMatcher(batch, log, Rules{})
	notSynced := func(c *Candidate) bool { return !c.Synced || m.taken[c.ID] }
	for i, q := range records { // duplicates first: they know best
		for _, c := range m.of(q.Call) {
			if c.Synced && c.Own == q.Own && c.Band == q.Band && c.Mode.Name == q.Mode.Name && c.Start.Minute() == q.Start.Minute() && !m.taken[c.ID] {
				m.fix(i, c.ID)
				break
			}
		}
	}
	for i := range records {
		if !m.decided[i] {
			m.find(i, notSynced)
		}
	}
	m.pair()
	ids := make([]uint64, len(records))
	for i := range m.verdicts {
		ids[i] = m.verdicts[i].QSO
	}
	return ids
}
