package store

import (
	"context"
	"errors"
	"fmt"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/syncers"
)

// MergeSync stores a batch of a sync in one transaction: what becomes of each
// record (syncers.Decide), the QSOs, the records that are listed, cursor and
// run, all or nothing. It returns syncers.ErrAccountChanged if the account is
// not the one the records were fetched with.
func (l *Logbook) MergeSync(ctx context.Context, batch syncers.Batch) (syncers.BatchResult, error) {
	log, err := l.Columns(ctx)
	if err != nil {
		return syncers.BatchResult{}, err
	}
	result, changed, err := l.mergeSync(ctx, log, batch)
	if err != nil {
		return syncers.BatchResult{}, fmt.Errorf("store: sync: %w", err)
	}
	if changed {
		l.changed()
	}
	return result, nil
}

// mergeSync is MergeSync under the writer lock; it reports whether a QSO was
// changed.
func (l *Logbook) mergeSync(ctx context.Context, log *columns.Log, batch syncers.Batch) (result syncers.BatchResult, changed bool, err error) {
	l.write.Lock()
	defer l.write.Unlock()
	if err := ctx.Err(); err != nil {
		return result, false, err
	}
	var w *writing
	var m *syncMerge
	err = l.update("sync", func(tx *Tx) (err error) {
		if w, err = l.begin(tx, log, batch.Source.String(), len(batch.Records)); err != nil {
			return err
		}
		account, err := l.account(tx, batch.Source)
		switch byHand := batch.ByHand != nil; {
		case byHand && errors.Is(err, syncers.ErrNoAccount):
		case err != nil && !errors.Is(err, ErrSealingKey):
			return err
		case !byHand && account.Revision != batch.Revision:
			return syncers.ErrAccountChanged
		}
		m = &syncMerge{w: w, batch: &batch, account: account, ids: make([]uint64, len(batch.Records))}
		return m.run()
	})
	if err != nil {
		l.known = nil // it may hold what was not stored
		return result, false, err
	}
	if m.dry() {
		l.known = nil
		return m.result, false, nil
	}
	l.countListed(m.listed)
	l.known = m.known
	if w.dirty() {
		w.apply()
		if len(l.listed) > 0 { // what another source has of these QSOs
			l.retryListed(log, w, batch.Source)
		}
		return m.result, true, nil
	}
	return m.result, false, nil
}

// matchWindow is how far apart a record and its QSO may be: the 30
// minutes of LoTW.
const matchWindow = 30 * 60

// syncMerge is one batch of a sync on its way into the log.
type syncMerge struct {
	w       *writing
	batch   *syncers.Batch
	account syncers.Account
	ids     []uint64 // the QSO of each record
	result  syncers.BatchResult
	known   *known
	listed  map[qso.Call]int // change of the number of listed records
	stored  bool             // something besides QSOs is to be committed
}

func (m *syncMerge) run() error {
	l := m.w.l
	m.known, m.listed = l.known, map[qso.Call]int{}
	if m.batch.ByHand != nil { // files have no numbers to tell them apart by
		m.known = nil
	}
	rules := syncers.DecideRules{
		Rules:      syncers.Rules{Source: m.batch.Source, SameOwn: m.account.SameOwn},
		AddMissing: syncers.AddsMissing(m.account.ImportMissing, m.batch.Source, l.Size() > l.made[qso.DCL]),
	}
	for i, d := range syncers.Decide(m.batch.Records, matchLog{m.w}, rules) {
		if err := m.one(i, d); err != nil {
			return err
		}
	}
	if m.batch.Gone != nil {
		if err := m.compare(); err != nil {
			return err
		}
	}
	if m.batch.Cursor != nil && *m.batch.Cursor != m.account.Cursor {
		m.stored = true
		if err := l.putCursor(m.w.tx, m.batch.Source, *m.batch.Cursor); err != nil {
			return err
		}
	}
	if m.batch.Last != nil {
		run := *m.batch.Last
		run.Count(m.result)
		if err := l.putRun(m.w.tx, m.batch.Source, &run); err != nil {
			return err
		}
		m.stored = true
	}
	switch {
	case m.dry():
		return errUnchanged
	case m.w.dirty():
		return m.w.store()
	case !m.stored:
		return errUnchanged
	}
	return nil
}

// dry reports whether nothing is to be stored.
func (m *syncMerge) dry() bool { return m.batch.ByHand != nil && m.batch.ByHand.DryRun }

// one carries out what was decided about a record.
func (m *syncMerge) one(i int, d syncers.Decision) error {
	rec := &m.batch.Records[i]
	switch d.Action {
	case syncers.DoRepeat:
		m.result.Repeated++
		return nil
	case syncers.DoSkip:
		m.result.Unconfirmed++
		return nil
	case syncers.DoAdd:
		q := syncers.Make(rec, m.batch.Source)
		if m.w.wasDeleted(q) {
			m.result.Unmatched++
			return nil
		}
		at := m.w.add(q)
		m.ids[i] = m.w.entries[at].q.ID
		m.result.Added++
	case syncers.DoMatch:
		if m.ids[i] = d.QSO; d.QSO == 0 {
			m.ids[i] = m.ids[d.Of]
		}
		if m.ids[i] == 0 { // of a QSO that was deleted by hand
			m.result.Unmatched++
			return nil
		}
		changed, err := m.match(m.ids[i], rec)
		if err != nil {
			return err
		}
		if changed {
			m.result.Updated++
			m.result.Altered = append(m.result.Altered, m.ids[i])
		} else {
			m.result.Unchanged++
		}
	default:
		m.result.Unmatched++
		if d.Action == syncers.DoIgnore {
			return nil
		}
		return m.list(rec, d)
	}
	m.result.IDs = append(m.result.IDs, m.ids[i])
	m.newness(m.ids[i])
	return m.unlist(rec)
}

// match merges a record into its QSO.
func (m *syncMerge) match(id uint64, rec *syncers.Record) (changed bool, err error) {
	at, err := m.w.entryOf(id)
	if err != nil {
		return false, err
	}
	q := m.w.entries[at].q
	key := q.Key()
	change := syncers.Merge(q, rec, m.batch.Source, m.account.DOK)
	if change.Empty() {
		return false, nil
	}
	m.w.change(at, "update", key, change.Replaced())
	return true, nil
}

// entryOf returns the entry of a QSO of the log or of this transaction.
func (w *writing) entryOf(id uint64) (int32, error) {
	for i := len(w.entries) - 1; i >= 0 && id > w.l.bucket(w.tx, logQSO).Sequence(); i-- {
		if w.entries[i].q.ID == id {
			return int32(i), nil
		}
	}
	return w.existing(id)
}

// newness notes what of a QSO was not confirmed before.
func (m *syncMerge) newness(id uint64) {
	at, err := m.w.entryOf(id)
	if err != nil {
		return
	}
	fact := syncers.FactOf(m.w.entries[at].q)
	if fact.By == 0 {
		return
	}
	if m.known == nil || m.known.run != m.batch.Run || m.known.source != m.batch.Source {
		m.known = &known{m.batch.Source, m.batch.Run, knownOf(m.w.log)}
	}
	m.known.Add(fact, &m.result.New)
}

// compare notes, for QSOs that LoTW had and has no more, that they are not
// there: they would have to be uploaded again.
func (m *syncMerge) compare() error {
	var gone []uint64
	seen := &syncers.IDSet{}
	for _, id := range m.result.IDs {
		seen.Add(id)
	}
	m.w.log.View(func(v *columns.View) {
		for row, flags := range v.Flags {
			if flags&(columns.Dead|columns.AtLoTW) != columns.AtLoTW {
				continue
			}
			if id := v.ID(row); !m.batch.Gone.Has(id) && !seen.Has(id) {
				gone = append(gone, id)
			}
		}
	})
	for _, id := range gone {
		at, err := m.w.existing(id)
		if err != nil {
			return err
		}
		q := m.w.entries[at].q
		if q.Confirmed().Has(qso.LoTW) { // a confirmation is never lowered
			continue
		}
		key := q.Key()
		from := q.AtLoTW.String()
		q.AtLoTW = qso.NoTime
		m.w.change(at, "update", key, []qso.FieldChange{{ID: qso.FieldAppLoTWRXQSO, From: from}})
		m.result.Vanished = append(m.result.Vanished, id)
	}
	return nil
}

// known is what was confirmed before a run.
type known struct {
	source qso.Source
	run    int
	*syncers.Known
}

// knownOf reads it from the columns: a walk over the rows that only sets bits,
// then one look at each thing that was found.
func knownOf(log *columns.Log) *syncers.Known {
	k := syncers.NewKnown()
	log.View(func(v *columns.View) {
		const headline, doks = 1<<qso.LoTW | 1<<qso.Card, 1<<qso.DCL | 1<<qso.Card
		slots := make([]uint64, 1024)
		grids := make([]bool, 1<<16)
		states, dok := make([]uint16, len(v.Places)), make([]bool, len(v.Places))
		for row, by := range v.Confirmed {
			if by == 0 || v.Flags[row]&columns.Dead != 0 {
				continue
			}
			if by&doks != 0 {
				dok[v.Place[row]] = true
			}
			if by&headline == 0 {
				continue
			}
			slots[v.DXCC[row]&1023] |= 1 << (v.Band[row] & 63)
			grids[v.Grid[row]] = true
			states[v.Place[row]] = v.DXCC[row]
		}
		for code, bands := range slots {
			for band := range 64 {
				if bands&(1<<band) != 0 {
					k.Add(syncers.Fact{DXCC: uint16(code), Band: qso.Band(band), By: headline}, nil)
				}
			}
		}
		for grid, seen := range grids {
			if seen {
				k.Add(syncers.Fact{Grid: columns.UnpackGrid(uint16(grid)), By: headline}, nil)
			}
		}
		for i := range v.Places {
			if states[i] != 0 {
				k.Add(syncers.Fact{DXCC: states[i], State: v.Text(v.Places[i].State), By: headline}, nil)
			}
			if dok[i] {
				k.Add(syncers.Fact{DOK: v.Text(v.Places[i].DOK), By: doks}, nil)
			}
		}
	})
	return k
}

var _ syncers.Logbook = (*Logbook)(nil)
