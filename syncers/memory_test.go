package syncers_test

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

// memoryBook is a logbook in memory: what package store does with batches,
// without a file. It is real enough to be compared with a clean run.
type memoryBook struct {
	mu       sync.Mutex
	qsos     map[uint64]*qso.QSO
	byCall   map[qso.Call][]uint64
	next     uint64
	accounts map[qso.Source]syncers.Account
	runs     map[qso.Source][]syncers.Run
	listed   map[syncers.RecordID]syncers.Decision
	resolved map[syncers.RecordID]syncers.Resolution
	changes  int // transactions that changed a QSO: the generation
	largest  int // records of the largest batch
	gone     []uint64
	fail     func(syncers.Batch) error
}

func newBook() *memoryBook {
	return &memoryBook{
		qsos: map[uint64]*qso.QSO{}, byCall: map[qso.Call][]uint64{}, next: 1,
		accounts: map[qso.Source]syncers.Account{}, runs: map[qso.Source][]syncers.Run{},
		listed: map[syncers.RecordID]syncers.Decision{}, resolved: map[syncers.RecordID]syncers.Resolution{},
	}
}

func (b *memoryBook) put(q *qso.QSO) uint64 {
	if q.ID == 0 {
		q.ID = b.next
	}
	b.next = max(b.next, q.ID+1)
	if b.qsos[q.ID] == nil {
		b.byCall[q.Call] = append(b.byCall[q.Call], q.ID)
	}
	b.qsos[q.ID] = q
	return q.ID
}

func (b *memoryBook) Candidates(call qso.Call) []syncers.Candidate {
	var out []syncers.Candidate
	for _, id := range b.byCall[call] {
		q := b.qsos[id]
		out = append(out, syncers.Candidate{
			ID: id, Own: q.Own, Band: q.Band, Mode: q.Mode, Start: q.Start, Satellite: q.Satellite(),
			SatName: q.Get(qso.FieldSatName), AtLoTW: q.AtLoTW.Given(), Synced: q.MadeBy != qso.NoSource,
		})
	}
	return out
}

func (b *memoryBook) HeldTime(id uint64) qso.Time { return syncers.HeldTime(b.qsos[id]) }

func (b *memoryBook) Resolved(id syncers.RecordID) syncers.Resolution { return b.resolved[id] }

func (b *memoryBook) Account(source qso.Source) (syncers.Account, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a, ok := b.accounts[source]
	if !ok {
		return a, syncers.ErrNoAccount
	}
	return a, nil
}

func (b *memoryBook) setAccount(a syncers.Account) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a.Revision = b.accounts[a.Source].Revision + 1
	b.accounts[a.Source] = a
}

func (b *memoryBook) LastRun(source qso.Source) (syncers.Run, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if runs := b.runs[source]; len(runs) > 0 {
		return runs[len(runs)-1], nil
	}
	return syncers.Run{}, nil
}

func (b *memoryBook) Size() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.qsos)
}

// elsewhere reports whether the log has a QSO that DCL did not make.
func (b *memoryBook) elsewhere() bool {
	for _, q := range b.qsos {
		if q.MadeBy != qso.DCL {
			return true
		}
	}
	return false
}

func (b *memoryBook) MergeSync(_ context.Context, batch syncers.Batch) (syncers.BatchResult, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		if err := b.fail(batch); err != nil {
			return syncers.BatchResult{}, err
		}
	}
	account := b.accounts[batch.Source]
	if account.Revision != batch.Revision {
		return syncers.BatchResult{}, fmt.Errorf("memory: %w", syncers.ErrAccountChanged)
	}
	b.largest = max(b.largest, len(batch.Records))
	rules := syncers.DecideRules{
		Rules:      syncers.Rules{Source: batch.Source, SameOwn: account.SameOwn},
		AddMissing: syncers.AddsMissing(account.ImportMissing, batch.Source, b.elsewhere()),
	}
	result := b.apply(batch, syncers.Decide(batch.Records, b, rules), account)
	if batch.Cursor != nil {
		account.Cursor = *batch.Cursor
		b.accounts[batch.Source] = account
	}
	if batch.Gone != nil {
		b.gone = nil
		for id, q := range b.qsos {
			if _, there := batch.Gone[id]; !there && q.AtLoTW.Given() {
				b.gone = append(b.gone, id)
			}
		}
	}
	if batch.Last != nil {
		run := *batch.Last
		run.Count(result)
		b.runs[batch.Source] = append(b.runs[batch.Source], run)
	}
	return result, nil
}

// apply carries the decisions out.
func (b *memoryBook) apply(batch syncers.Batch, decisions []syncers.Decision, account syncers.Account) syncers.BatchResult {
	var result syncers.BatchResult
	known := syncers.NewKnown()
	for _, q := range b.qsos {
		known.Add(syncers.FactOf(q), nil)
	}
	ids, changed := make([]uint64, len(decisions)), false
	for i, d := range decisions {
		rec := &batch.Records[i]
		id := rec.ID(batch.Source)
		switch d.Action {
		case syncers.DoAdd:
			ids[i] = b.put(syncers.Make(rec, batch.Source))
			result.Added++
			changed = true
			delete(b.listed, id)
		case syncers.DoMatch:
			if ids[i] = d.QSO; d.QSO == 0 {
				ids[i] = ids[d.Of]
			}
			if change := syncers.Merge(b.qsos[ids[i]], rec, batch.Source, account.DOK); change.Empty() {
				result.Unchanged++
			} else {
				result.Updated++
				changed = true
			}
			delete(b.listed, id)
		case syncers.DoRepeat:
			result.Repeated++
		default:
			result.Unmatched++
			b.listed[id] = d
		}
		if ids[i] != 0 {
			result.IDs = append(result.IDs, ids[i])
			known.Add(syncers.FactOf(b.qsos[ids[i]]), &result.New)
		}
	}
	if changed {
		b.changes++
	}
	return result
}

// dump returns everything that a sync leaves in the logbook, in an order that
// does not depend on how often it took: what a clean run is compared by.
func (b *memoryBook) dump(t *testing.T) string {
	t.Helper()
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
	for _, q := range b.qsos {
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
	for id, d := range b.listed {
		listed = append(listed, fmt.Sprint(id, d.Action, d.Unmatched, len(d.Ambiguous)))
	}
	slices.Sort(listed)
	cursors := map[string]syncers.Cursor{}
	for source, a := range maps.All(b.accounts) {
		cursors[source.String()] = a.Cursor
	}
	text, err := json.MarshalIndent(map[string]any{"qsos": rows, "listed": listed, "cursors": cursors}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
