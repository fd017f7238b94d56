package store

import (
	"context"
	"fmt"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/qso/intake"
	"qslbox/syncers"
)

// maxBatch is how many records one transaction takes at most (DESIGN.md
// section 2).
const maxBatch = 10_000

// Merge puts a batch of QSOs into the log in one transaction and returns one
// outcome for each, in order. A QSO that is there already is updated by the
// order of belief; one that a sync had made is adopted; one that was deleted
// by hand stays deleted. A batch that changes nothing commits nothing. The
// batch may be used again when Merge returns.
func (l *Logbook) Merge(ctx context.Context, batch []*qso.QSO, opt intake.MergeOptions) ([]intake.Outcome, error) {
	if len(batch) == 0 {
		return nil, nil
	}
	if len(batch) > maxBatch {
		return nil, fmt.Errorf("store: a batch of %d QSOs is too large, %d is the most", len(batch), maxBatch)
	}
	log, err := l.Columns(ctx)
	if err != nil {
		return nil, err
	}
	m := merge{batch: batch, opt: opt, out: make([]intake.Outcome, len(batch))}
	changed, err := l.change(ctx, log, opt.By, len(batch), func(w *writing) error {
		if err := m.run(w); err != nil || !opt.DryRun {
			return err
		}
		return errUnchanged
	})
	if err != nil {
		return nil, fmt.Errorf("store: merge: %w", err)
	}
	if changed {
		l.changed()
	}
	return m.out, nil
}

// change runs fn, which touches about n QSOs, in a transaction under the writer
// lock, stores what it changed, and lets the columns follow. It reports whether
// anything did.
func (l *Logbook) change(ctx context.Context, log *columns.Log, by string, n int, fn func(w *writing) error) (changed bool, err error) {
	l.write.Lock()
	defer l.write.Unlock()
	if err := ctx.Err(); err != nil {
		return false, err
	}
	var w *writing
	defer func() {
		if w != nil {
			w.release()
		}
	}()
	err = l.update("qsos", func(tx *Tx) (err error) {
		changed = false
		if w, err = l.begin(tx, log, by, n); err != nil {
			return err
		}
		if err := fn(w); err != nil {
			return err
		}
		if !w.dirty() {
			return errUnchanged
		}
		changed = true
		return w.store()
	})
	if err != nil || !changed {
		return false, err
	}
	w.apply()
	if len(l.listed) > 0 {
		l.retryListed(log, w, qso.NoSource)
	}
	return true, nil
}

// merge is one batch on its way into the log.
type merge struct {
	batch []*qso.QSO
	opt   intake.MergeOptions
	out   []intake.Outcome
}

// run decides what each record is about, then carries it out.
func (m *merge) run(w *writing) error {
	target := make([]uint64, len(m.batch)) // the QSO of the log it is about
	adopt := make([]bool, len(m.batch))
	var free []int // records that may adopt what a sync has made
	synced := w.l.synced() > 0
	first := map[qso.Key]bool{}
	for i, q := range m.batch {
		id, bySync, err := w.find(q, 0)
		if err != nil {
			return err
		}
		if !synced {
			target[i] = id
			continue
		}
		if id != 0 && !bySync {
			target[i] = id
			continue
		}
		if !first[q.Key()] {
			first[q.Key()] = true
			free = append(free, i)
		}
	}
	if len(free) > 0 {
		records := make([]*qso.QSO, len(free))
		for n, i := range free {
			records[n] = m.batch[i]
		}
		for n, id := range syncers.Adopt(records, matchLog{w}) {
			if id != 0 {
				target[free[n]], adopt[free[n]] = id, true
			}
		}
	}
	for i, q := range m.batch {
		outcome, err := m.one(w, q, target[i], adopt[i])
		if err != nil {
			return err
		}
		m.out[i] = outcome
	}
	return nil
}

// one carries out what was decided about a record.
func (m *merge) one(w *writing, q *qso.QSO, target uint64, adopt bool) (intake.Outcome, error) {
	at := int32(-1)
	if target != 0 {
		i, err := w.existing(target)
		if err != nil {
			return intake.Outcome{}, err
		}
		// a record of this batch may have given it an own call meanwhile
		if old := w.entries[i].q; adopt || old.Own == q.Own || old.Own == "" || q.Own == "" {
			at = i
		}
	}
	if at < 0 {
		at = w.pending(q)
	}
	if at < 0 {
		if w.isDeleted(q) {
			return intake.Outcome{Result: intake.Skipped}, nil
		}
		i := w.add(q)
		outcome := intake.Outcome{ID: w.entries[i].q.ID, Result: intake.Added, Change: qso.Change{Added: true, Confirmed: q.Confirmed()}}
		if m.opt.DryRun {
			outcome.ID = 0
		}
		return outcome, nil
	}
	old := w.entries[at].q
	key, change := old.Key(), qso.Change{}
	if adopt && old.MadeBy != qso.NoSource {
		change = qso.Adopt(old, q)
	} else {
		change = qso.Merge(old, q, m.opt.Rule)
	}
	if change.Empty() {
		return intake.Outcome{ID: old.ID, Result: intake.Unchanged}, nil
	}
	w.change(at, "update", key, change.Replaced())
	return intake.Outcome{ID: old.ID, Result: intake.Updated, Change: change}, nil
}

// synced returns how many QSOs of the log a sync has made and nobody adopted.
func (l *Logbook) synced() int {
	n := 0
	for _, made := range l.made {
		n += made
	}
	return n
}

// matchLog is the log as matching looks at it: the columns, inside the writer
// lock.
type matchLog struct{ w *writing }

// Candidates returns the QSOs with a call.
func (m matchLog) Candidates(call qso.Call) []syncers.Candidate {
	found := m.w.log.Candidates(call)
	out := make([]syncers.Candidate, len(found))
	for i := range found {
		c := &found[i]
		out[i] = syncers.Candidate{
			ID: c.ID, Own: c.Own, Band: c.Band, Mode: c.Mode, Start: c.Start, Satellite: c.Satellite, SatName: c.SatName,
			AtLoTW: c.AtLoTW, Synced: c.Synced,
		}
	}
	return out
}

// HeldTime returns the start in the LoTW record that a QSO holds.
func (m matchLog) HeldTime(id uint64) qso.Time {
	i, err := m.w.existing(id)
	if err != nil {
		return qso.NoTime
	}
	return syncers.HeldTime(m.w.entries[i].q)
}

// Resolved returns what a person decided about an upstream record.
func (m matchLog) Resolved(id syncers.RecordID) syncers.Resolution {
	e, err := m.w.l.listedByID(m.w.tx, id)
	if err != nil || e == nil {
		return syncers.Resolution{}
	}
	return syncers.Resolution(e.Resolution)
}
