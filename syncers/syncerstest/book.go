package syncerstest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"qslbox/qso"
	"qslbox/syncers"
)

// Book is a logbook in memory: what package store does with batches,
// without a file. It is real enough to be compared with a clean run.
type Book struct {
	QSOs        map[uint64]*qso.QSO
	Next        uint64 // id of the next new QSO
	Listed      map[syncers.RecordID]syncers.Decision
	Resolutions map[syncers.RecordID]syncers.Resolution
	Runs        map[qso.Source][]syncers.Run
	Records     []syncers.Record          // all that came in, copied, in order
	Changes     int                       // transactions that changed a QSO: the generation
	Largest     int                       // records of the largest batch
	Gone        []uint64                  // what the last comparison missed
	Fail        func(syncers.Batch) error // refuses a batch; may be nil
	Discard     bool                      // records are counted as added, and forgotten

	mu       sync.Mutex
	byCall   map[qso.Call][]uint64
	accounts map[qso.Source]syncers.Account
}

// NewBook returns an empty logbook without accounts.
func NewBook() *Book {
	return &Book{
		QSOs: map[uint64]*qso.QSO{}, byCall: map[qso.Call][]uint64{}, Next: 1,
		accounts: map[qso.Source]syncers.Account{}, Runs: map[qso.Source][]syncers.Run{},
		Listed: map[syncers.RecordID]syncers.Decision{}, Resolutions: map[syncers.RecordID]syncers.Resolution{},
	}
}

// Put stores a QSO, under a new id if it has none, and returns its id.
func (b *Book) Put(q *qso.QSO) uint64 {
	if q.ID == 0 {
		q.ID = b.Next
	}
	b.Next = max(b.Next, q.ID+1)
	if b.QSOs[q.ID] == nil {
		b.byCall[q.Call] = append(b.byCall[q.Call], q.ID)
	}
	b.QSOs[q.ID] = q
	return q.ID
}

// Candidates is part of syncers.Log.
func (b *Book) Candidates(call qso.Call) []syncers.Candidate {
	var out []syncers.Candidate
	for _, id := range b.byCall[call] {
		q := b.QSOs[id]
		out = append(out, syncers.Candidate{
			ID: id, Own: q.Own, Band: q.Band, Mode: q.Mode, Start: q.Start, Satellite: q.Satellite(),
			SatName: q.Get(qso.FieldSatName), AtLoTW: q.AtLoTW.Given(), Synced: q.MadeBy != qso.NoSource,
		})
	}
	return out
}

// HeldTime is part of syncers.Log.
func (b *Book) HeldTime(id uint64) qso.Time { return syncers.HeldTime(b.QSOs[id]) }

// Resolved is part of syncers.Log.
func (b *Book) Resolved(id syncers.RecordID) syncers.Resolution { return b.Resolutions[id] }

// Account is part of syncers.Logbook.
func (b *Book) Account(source qso.Source) (syncers.Account, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a, ok := b.accounts[source]
	if !ok {
		return a, syncers.ErrNoAccount
	}
	return a, nil
}

// SetAccount stores an account with a new revision, as the settings page does.
func (b *Book) SetAccount(a syncers.Account) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a.Revision = b.accounts[a.Source].Revision + 1
	b.accounts[a.Source] = a
}

// LastRun is part of syncers.Logbook.
func (b *Book) LastRun(source qso.Source) (syncers.Run, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if runs := b.Runs[source]; len(runs) > 0 {
		return runs[len(runs)-1], nil
	}
	return syncers.Run{}, nil
}

// Size is part of syncers.Logbook.
func (b *Book) Size() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.QSOs)
}

// Elsewhere reports whether the log has a QSO that DCL did not make.
func (b *Book) Elsewhere() bool {
	for _, q := range b.QSOs {
		if q.MadeBy != qso.DCL {
			return true
		}
	}
	return false
}

// MergeSync is part of syncers.Logbook.
func (b *Book) MergeSync(_ context.Context, batch syncers.Batch) (result syncers.BatchResult, _ error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.Fail != nil {
		if err := b.Fail(batch); err != nil {
			return syncers.BatchResult{}, err
		}
	}
	account := b.accounts[batch.Source]
	if account.Revision != batch.Revision {
		return syncers.BatchResult{}, fmt.Errorf("memory: %w", syncers.ErrAccountChanged)
	}
	if b.Discard {
		records := len(batch.Records)
		batch.Records = nil
		defer func() { result.Added += records }()
	}
	for _, r := range batch.Records {
		b.Records = append(b.Records, syncers.Record{Kind: r.Kind, QSO: r.QSO.Clone()})
	}
	b.Largest = max(b.Largest, len(batch.Records))
	rules := syncers.DecideRules{
		Rules:      syncers.Rules{Source: batch.Source, SameOwn: account.SameOwn},
		AddMissing: syncers.AddsMissing(account.ImportMissing, batch.Source, b.Elsewhere()),
	}
	result = b.Apply(batch, syncers.Decide(batch.Records, b, rules), account)
	if batch.Cursor != nil {
		account.Cursor = *batch.Cursor
		b.accounts[batch.Source] = account
	}
	if batch.Gone != nil {
		b.Gone = nil
		for id, q := range b.QSOs {
			if !batch.Gone.Has(id) && q.AtLoTW.Given() && !slices.Contains(result.IDs, id) {
				b.Gone = append(b.Gone, id)
			}
		}
		result.Vanished = b.Gone
	}
	if batch.Last != nil {
		run := *batch.Last
		run.Count(result)
		b.Runs[batch.Source] = append(b.Runs[batch.Source], run)
	}
	return result, nil
}

// Apply carries the decisions about a batch out.
func (b *Book) Apply(batch syncers.Batch, decisions []syncers.Decision, account syncers.Account) syncers.BatchResult {
	var result syncers.BatchResult
	known := syncers.NewKnown()
	for _, q := range b.QSOs {
		known.Add(syncers.FactOf(q), nil)
	}
	ids, changed := make([]uint64, len(decisions)), false
	for i, d := range decisions {
		rec := &batch.Records[i]
		id := rec.ID(batch.Source)
		switch d.Action {
		case syncers.DoAdd:
			ids[i] = b.Put(syncers.Make(rec, batch.Source))
			result.Added++
			changed = true
			delete(b.Listed, id)
		case syncers.DoMatch:
			if ids[i] = d.QSO; d.QSO == 0 {
				ids[i] = ids[d.Of]
			}
			if change := syncers.Merge(b.QSOs[ids[i]], rec, batch.Source, account.DOK); change.Empty() {
				result.Unchanged++
			} else {
				result.Updated++
				result.Altered = append(result.Altered, ids[i])
				changed = true
			}
			delete(b.Listed, id)
		case syncers.DoRepeat:
			result.Repeated++
		case syncers.DoSkip:
			result.Unconfirmed++
		default:
			result.Unmatched++
			b.Listed[id] = d
		}
		if ids[i] != 0 {
			result.IDs = append(result.IDs, ids[i])
			known.Add(syncers.FactOf(b.QSOs[ids[i]]), &result.New)
		}
	}
	if changed {
		b.Changes++
	}
	return result
}

// Dump returns everything that a sync leaves in the logbook, in an order that
// does not depend on how often it took: what a clean run is compared by.
func (b *Book) Dump(tb testing.TB) string {
	tb.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	type row struct {
		Call                 qso.Call
		Time                 string
		QSO                  json.RawMessage
		AtLoTW               string
		MadeBy               string
		Confirmations        any
		Origins, Differences any
	}
	var rows []row
	for _, q := range b.QSOs {
		c := q.Clone()
		c.ID = 0
		slices.SortFunc(c.Fields, func(a, b qso.Field) int { return cmp.Compare(a.Key(), b.Key()) })
		slices.SortFunc(c.Origins, func(a, b qso.FieldOrigin) int { return cmp.Compare(a.ID, b.ID) })
		slices.SortFunc(c.Confirmations, func(a, b qso.Confirmation) int { return cmp.Compare(a.Source, b.Source) })
		rows = append(rows, row{c.Call, c.Start.String(), c.AppendJSON(nil), c.AtLoTW.String(), c.MadeBy.String(), c.Confirmations, c.Origins, c.Differences})
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.Call, b.Call), cmp.Compare(a.Time, b.Time), cmp.Compare(string(a.QSO), string(b.QSO)))
	})
	var listed []string
	for id, d := range b.Listed {
		listed = append(listed, fmt.Sprint(id, d.Action, d.Unmatched, len(d.Ambiguous)))
	}
	slices.Sort(listed)
	cursors := map[string]syncers.Cursor{}
	for source, a := range maps.All(b.accounts) {
		cursors[source.String()] = a.Cursor
	}
	text, err := json.MarshalIndent(map[string]any{"qsos": rows, "listed": listed, "cursors": cursors}, "", " ")
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}
