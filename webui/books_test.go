package webui_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/qso/intake"
	"qslbox/syncers"
	"qslbox/webui"
)

func itoa(n int) string { return strconv.Itoa(n) }

// books are logbooks in memory: what the server asks, and what snapshots are
// computed from.
type books struct {
	mu   sync.Mutex
	list map[string]*book
}

func newBooks(names ...string) *books {
	b := &books{list: map[string]*book{}}
	for _, name := range names {
		_ = b.CreateLogbook(name)
	}
	return b
}

func (b *books) Logbooks() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	names := []string{"main"}
	for name := range b.list {
		if name != "main" {
			names = append(names, name)
		}
	}
	slices.Sort(names[1:])
	return names
}

func (b *books) book(name string) *book {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.list[name]
}

func (b *books) Logbook(name string) (webui.Logbook, error) {
	if l := b.book(name); l != nil {
		return l, nil
	}
	return nil, qso.ErrNoLogbook
}

func (b *books) CreateLogbook(name string) error {
	if !qso.ValidLogbookName(name) {
		return qso.ErrLogbookName
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.list[name] != nil {
		return qso.ErrLogbookExists
	}
	b.list[name] = &book{name: name, log: columns.New(), qsos: map[uint64]*qso.QSO{}, trash: map[uint64]qso.Deleted{}, accounts: map[qso.Source]syncers.Account{}}
	return nil
}

func (b *books) RemoveLogbook(name string) error {
	if b.book(name) == nil {
		return qso.ErrNoLogbook
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.list, name)
	return nil
}

func (b *books) Counter(name string) *atomic.Uint64 {
	if l := b.book(name); l != nil {
		return &l.generation
	}
	return nil
}

func (b *books) Columns(_ context.Context, name string) (*columns.Log, error) {
	return b.book(name).log, nil
}

func (b *books) ColumnsReady(string) bool { return true }

// book is one logbook in memory.
type book struct {
	name       string
	log        *columns.Log
	generation atomic.Uint64

	mu       sync.Mutex
	settings qso.Settings
	qsos     map[uint64]*qso.QSO
	last     uint64
	history  []qso.HistoryEntry
	trash    map[uint64]qso.Deleted
	accounts map[qso.Source]syncers.Account
	runs     []syncers.Run // oldest first
	listed   []syncers.Listed
	resolved map[string]syncers.Resolution
	merges   int
	edits    []qso.ManyEdit
	former   [][]*qso.QSO
	failAt   uint64 // Scan fails at this id; 0 = never
}

func (b *book) Name() string                                  { return b.name }
func (b *book) Columns(context.Context) (*columns.Log, error) { return b.log, nil }
func (b *book) Touch(context.Context) error                   { b.generation.Add(1); return nil }
func (b *book) Settings() qso.Settings                        { b.mu.Lock(); defer b.mu.Unlock(); return b.settings }
func (b *book) SetSettings(s qso.Settings) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settings = s
	return nil
}
func (b *book) Size() int                                   { return b.log.Len() }
func (b *book) History(uint64) ([]qso.HistoryEntry, error)  { return b.history, nil }
func (b *book) Listed(qso.Source) ([]syncers.Listed, error) { return b.listed, nil }

// put stores a QSO; the caller holds mu.
func (b *book) put(q *qso.QSO) *qso.QSO {
	b.qsos[q.ID] = q
	b.log.Put(q)
	b.generation.Add(1)
	return q.Clone()
}

// add stores new QSOs for a test.
func (b *book) add(list ...*qso.QSO) {
	for _, q := range list {
		_, _ = b.Add(context.Background(), q, "test")
	}
}

func (b *book) Get(id uint64) (*qso.QSO, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if q := b.qsos[id]; q != nil {
		return q.Clone(), nil
	}
	return nil, qso.ErrNoQSO
}

func (b *book) GetMany(ids []uint64) (out []*qso.QSO, _ error) {
	for _, id := range ids {
		if q, err := b.Get(id); err == nil {
			out = append(out, q)
		}
	}
	return out, nil
}

func (b *book) Scan(_ context.Context, after uint64, fn func(*qso.QSO) bool) error {
	for id := after + 1; id <= b.last; id++ {
		if id == b.failAt {
			return errors.New("a page of the file is damaged")
		}
		if q, err := b.Get(id); err == nil && !fn(q) {
			return nil
		}
	}
	return nil
}

func (b *book) Trash() (out []qso.Deleted, _ error) {
	for _, d := range b.trash {
		out = append(out, d)
	}
	return out, nil
}

func (b *book) Add(_ context.Context, q *qso.QSO, _ string) (*qso.QSO, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, have := range b.qsos {
		if have.Key() == q.Key() {
			return nil, &qso.DuplicateError{ID: have.ID}
		}
	}
	b.last++
	q = q.Clone()
	q.ID, q.Rev = b.last, 1
	return b.put(q), nil
}

func (b *book) Edit(_ context.Context, id uint64, rev uint32, _ string, edit func(*qso.QSO) error) (*qso.QSO, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	q := b.qsos[id]
	switch {
	case q == nil:
		return nil, qso.ErrNoQSO
	case rev != 0 && rev != q.Rev:
		return nil, &qso.StaleError{Current: q.Clone()}
	}
	q = q.Clone()
	if err := edit(q); err != nil {
		return nil, err
	}
	q.Rev++
	return b.put(q), nil
}

func (b *book) Delete(_ context.Context, id uint64, rev uint32, by string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	q := b.qsos[id]
	switch {
	case q == nil:
		return qso.ErrNoQSO
	case rev != 0 && rev != q.Rev:
		return &qso.StaleError{Current: q.Clone()}
	}
	delete(b.qsos, id)
	b.log.Delete(id)
	b.trash[id] = qso.Deleted{QSO: q, At: started, By: by, Until: started.Add(30 * 24 * time.Hour)}
	b.generation.Add(1)
	return nil
}

func (b *book) Restore(_ context.Context, id uint64, _ string) (*qso.QSO, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	d, ok := b.trash[id]
	if !ok {
		return nil, qso.ErrNoQSO
	}
	delete(b.trash, id)
	return b.put(d.QSO), nil
}

func (b *book) Merge(ctx context.Context, batch []*qso.QSO, opt intake.MergeOptions) ([]intake.Outcome, error) {
	var out []intake.Outcome
	for _, q := range batch {
		if opt.DryRun {
			out = append(out, intake.Outcome{Result: intake.Added})
			continue
		}
		stored, err := b.Add(ctx, q, opt.By)
		if err != nil {
			out = append(out, intake.Outcome{Result: intake.Unchanged})
			continue
		}
		out = append(out, intake.Outcome{ID: stored.ID, Result: intake.Added})
	}
	return out, nil
}

func (b *book) Account(source qso.Source) (syncers.Account, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a, ok := b.accounts[source]
	if !ok {
		return syncers.Account{}, syncers.ErrNoAccount
	}
	return a, nil
}

func (b *book) Accounts() (out []syncers.Account, _ error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, source := range []qso.Source{qso.LoTW, qso.DCL} {
		if a, ok := b.accounts[source]; ok {
			out = append(out, a)
		}
	}
	return out, nil
}

func (b *book) SetAccount(_ context.Context, a syncers.Account) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.accounts[a.Source] = a
	return nil
}

func (b *book) RemoveAccount(_ context.Context, source qso.Source) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.accounts[source]; !ok {
		return syncers.ErrNoAccount
	}
	delete(b.accounts, source)
	return nil
}

func (b *book) LastRun(source qso.Source) (syncers.Run, error) {
	runs, _ := b.Runs(source, 1)
	if len(runs) == 0 {
		return syncers.Run{}, nil
	}
	return runs[0], nil
}

func (b *book) Runs(source qso.Source, limit int) (out []syncers.Run, _ error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range slices.Backward(b.runs) {
		if r.Source == source.String() && len(out) < limit {
			out = append(out, r)
		}
	}
	return out, nil
}

func (b *book) Run(source qso.Source, n int) (syncers.Run, bool, error) {
	runs, _ := b.Runs(source, math.MaxInt)
	i := slices.IndexFunc(runs, func(r syncers.Run) bool { return r.Run == n })
	if i < 0 {
		return syncers.Run{}, false, nil
	}
	return runs[i], true, nil
}

func (b *book) MergeSync(_ context.Context, batch syncers.Batch) (syncers.BatchResult, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.merges++
	if batch.Last != nil {
		b.runs = append(b.runs, *batch.Last)
	}
	return syncers.BatchResult{}, nil
}

func (b *book) Resolve(_ context.Context, id string, r syncers.Resolution, _ string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.resolved == nil {
		b.resolved = map[string]syncers.Resolution{}
	}
	b.resolved[id] = r
	return nil
}

// records is an access.Table in memory.
type records struct {
	mu   sync.Mutex
	list map[string][]byte
}

func newRecords() *records { return &records{list: map[string][]byte{}} }

func (r *records) GetRecord(kind, id string) ([]byte, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	data, ok := r.list[kind+"/"+id]
	return data, ok, nil
}

func (r *records) PutRecord(kind, id string, data []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if data == nil {
		delete(r.list, kind+"/"+id)
		return nil
	}
	r.list[kind+"/"+id] = data
	return nil
}

func (r *records) EachRecord(kind string, fn func(id string, data []byte) error) error {
	r.mu.Lock()
	found := map[string][]byte{}
	for key, data := range r.list {
		if id, ok := strings.CutPrefix(key, kind+"/"); ok {
			found[id] = data
		}
	}
	r.mu.Unlock()
	ids := make([]string, 0, len(found))
	for id := range found {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if err := fn(id, found[id]); err != nil {
			return err
		}
	}
	return nil
}
