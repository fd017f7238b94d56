package store

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"slices"
	"time"

	"qslbox/qso"
	"qslbox/qso/columns"
)

// writing is one transaction that changes QSOs of a logbook, with what it has
// read and made so far. It lives under the writer lock.
type writing struct {
	l   *Logbook
	log *columns.Log
	tx  *Tx
	by  string

	entries []entry
	byID    map[uint64]int32 // QSOs of the log that were read
	byKey   map[uint64]int32 // hash -> link; new ones, and those whose key moved
	links   []link
	seed    maphash.Seed
	lastID  uint64
	near    []columns.Candidate
	history []historyRow
	deletes []*qso.QSO // keys to remember
	revived []*qso.QSO // keys to forget
	blocks  []block    // encoded records: bbolt keeps them until the commit
}

// entry is a QSO of the transaction.
type entry struct {
	q       *qso.QSO
	was     qso.Source // what had made it, before
	isNew   bool
	changed bool
	gone    bool
}

// link is one of the entries that once had a key, and the link before; 0 ends.
type link struct{ entry, before int32 }

type historyRow struct {
	id    uint64
	entry qso.HistoryEntry
}

// begin opens a writing in a transaction, for about n QSOs.
func (l *Logbook) begin(tx *Tx, log *columns.Log, by string, n int) (*writing, error) {
	b := l.bucket(tx, logQSO)
	if b == nil {
		return nil, fmt.Errorf("%w: %q", qso.ErrNoLogbook, l.name)
	}
	w, ok := l.s.writings.Get().(*writing)
	if !ok {
		w = &writing{byID: map[uint64]int32{}, byKey: make(map[uint64]int32, n), entries: make([]entry, 0, n), links: make([]link, 0, n+1)}
	}
	w.l, w.log, w.tx, w.by, w.seed, w.lastID = l, log, tx, by, maphash.MakeSeed(), b.Sequence()
	w.links = append(w.links, link{})
	return w, nil
}

// existing returns the entry of a QSO of the log.
func (w *writing) existing(id uint64) (int32, error) {
	if i, ok := w.byID[id]; ok {
		return i, nil
	}
	q, err := w.l.get(w.tx, id)
	if err != nil {
		return -1, err
	}
	i := int32(len(w.entries))
	w.entries = append(w.entries, entry{q: q, was: q.MadeBy})
	w.byID[id] = i
	return i, nil
}

// add gives a QSO its id and takes it into the log. It must stay as it is
// until the writing has ended.
func (w *writing) add(q *qso.QSO) int32 {
	w.lastID++
	q.ID, q.Rev = w.lastID, 1
	i := int32(len(w.entries))
	w.entries = append(w.entries, entry{q: q, isNew: true, changed: true})
	w.index(i)
	return i
}

// hash is the same for QSOs with the same key; qso.Same tells the others.
func (w *writing) hash(q *qso.QSO) uint64 {
	return maphash.String(w.seed, string(q.Call)) ^ uint64(q.Start.Minute())*0x9e3779b97f4a7c15
}

// index makes an entry findable by its present key. Links under former keys
// stay: they are passed over.
func (w *writing) index(i int32) {
	hash := w.hash(w.entries[i].q)
	w.links = append(w.links, link{i, w.byKey[hash]})
	w.byKey[hash] = int32(len(w.links) - 1)
}

// change notes that an entry was changed.
func (w *writing) change(i int32, action string, before qso.Key, fields []qso.FieldChange) {
	e := &w.entries[i]
	if !e.changed && !e.isNew {
		e.q.Rev++
	}
	e.changed = true
	if e.q.Key() != before {
		w.index(i)
	}
	if len(fields) > 0 {
		w.history = append(w.history, historyRow{e.q.ID, qso.HistoryEntry{Rev: e.q.Rev, At: w.tx.now, By: w.by, Action: action, Fields: fields}})
	}
}

// pending finds a QSO of this transaction that is the same contact; -1 if
// there is none.
func (w *writing) pending(q *qso.QSO) int32 {
	if len(w.byKey) == 0 {
		return -1
	}
	for at := w.byKey[w.hash(q)]; at != 0; at = w.links[at].before {
		i := w.links[at].entry
		if e := &w.entries[i]; !e.gone && qso.Same(e.q, q) {
			return i
		}
	}
	return -1
}

// find finds the QSO of the log, as it was before the transaction, that a
// record is about: same own call, call, band, mode and minute, and not another
// place. A record or QSO without own call says nothing against an own call. 0
// is none; synced tells whether only a sync has made it. The QSO with the id
// without, if that is not 0, is passed over.
func (w *writing) find(q *qso.QSO, without uint64) (id uint64, synced bool, err error) {
	minute := q.Start.Minute()
	w.near = w.log.Near(w.near[:0], q.Call, minute, minute+59)
	blank, blanks := columns.Candidate{}, 0
	for i := range w.near {
		c := &w.near[i]
		if c.ID == without || c.Band != q.Band || c.Mode.Name != q.Mode.Name || c.Own != q.Own && c.Own != "" && q.Own != "" {
			continue
		}
		at, err := w.existing(c.ID)
		if err != nil {
			return 0, false, err
		}
		if w.entries[at].gone || qso.Distinct(w.entries[at].q, q) {
			continue
		}
		if c.Own == q.Own {
			if id == 0 || c.ID < id {
				id, synced = c.ID, c.Synced
			}
			continue
		}
		blank = *c
		blanks++
	}
	if id == 0 && blanks == 1 {
		return blank.ID, blank.Synced, nil
	}
	return id, synced, nil
}

// isDeleted reports whether a person deleted this QSO.
func (w *writing) isDeleted(q *qso.QSO) bool {
	for _, d := range w.l.deleted[q.Call] {
		if qso.Same(d, q) {
			return true
		}
	}
	return false
}

// wasDeleted reports whether a person deleted the QSO that a sync record is
// about: times and modes of services differ from the log's, so it looks as far
// around as matching does.
func (w *writing) wasDeleted(q *qso.QSO) bool {
	for _, d := range w.l.deleted[q.Call] {
		apart := d.Start - q.Start
		if d.Band == q.Band && (d.Own == q.Own || d.Own == "" || q.Own == "") && d.Mode.Group() == q.Mode.Group() &&
			d.Satellite() == q.Satellite() && -matchWindow <= apart && apart <= matchWindow {
			return true
		}
	}
	return false
}

// dirty reports whether anything is to be stored.
func (w *writing) dirty() bool {
	for i := range w.entries {
		if w.entries[i].changed {
			return true
		}
	}
	return false
}

// store writes the changed QSOs in the order of their ids, their history, and
// the next generation.
func (w *writing) store() error {
	l, b := w.l, w.l.bucket(w.tx, logQSO)
	h := header{kindOf(logQSO, true), l.number, l.generation.Load() + 1}
	order := make([]int32, 0, len(w.entries))
	onlyNew, size := true, l.Size()
	for i := range w.entries {
		e := &w.entries[i]
		if !e.changed {
			continue
		}
		order = append(order, int32(i))
		onlyNew = onlyNew && e.isNew
		switch {
		case e.isNew && !e.gone:
			size++
		case e.gone && !e.isNew:
			size--
		}
	}
	slices.SortFunc(order, func(a, b int32) int {
		if w.entries[a].q.ID < w.entries[b].q.ID {
			return -1
		}
		return 1
	})
	if b.FillPercent = 0.9; onlyNew {
		b.FillPercent = 1
	}
	if err := w.put(b, h, order); err != nil {
		return err
	}
	if w.lastID > b.Sequence() {
		if err := b.SetSequence(w.lastID); err != nil {
			return err
		}
	}
	if err := w.storeHistory(); err != nil {
		return err
	}
	return l.putState(w.tx, h.generation, size)
}

func (w *writing) storeHistory() error {
	if len(w.history) == 0 {
		return nil
	}
	b := w.l.bucket(w.tx, logHistory)
	slices.SortStableFunc(w.history, func(a, b historyRow) int {
		switch {
		case a.id < b.id:
			return -1
		case a.id > b.id:
			return 1
		}
		return 0
	})
	for i := range w.history {
		n, err := b.NextSequence()
		if err != nil {
			return err
		}
		text, err := json.Marshal(storedHistoryOf(&w.history[i].entry))
		if err != nil {
			return err
		}
		key := binary.BigEndian.AppendUint64(idKey(w.history[i].id), n)
		if err := w.l.put(w.tx, logHistory, key, text); err != nil {
			return err
		}
	}
	return nil
}

// apply brings columns, counters and generation up to what was committed.
func (w *writing) apply() {
	l := w.l
	size := l.Size()
	for i := range w.entries {
		e := &w.entries[i]
		if !e.changed {
			continue
		}
		if !e.isNew && e.was != qso.NoSource {
			l.made[e.was]--
		}
		if e.gone {
			if !e.isNew {
				w.log.Delete(e.q.ID)
				size--
			}
			continue
		}
		if e.isNew {
			size++
		}
		if e.q.MadeBy != qso.NoSource {
			l.made[e.q.MadeBy]++
		}
		w.log.Put(e.q)
	}
	for _, q := range w.deletes {
		l.deleted[q.Call] = append(l.deleted[q.Call], q)
	}
	for _, q := range w.revived {
		l.deleted[q.Call] = slices.DeleteFunc(l.deleted[q.Call], func(d *qso.QSO) bool { return d.ID == q.ID })
	}
	l.size.Store(int64(size))
	l.generation.Add(1)
}

// storedHistory is a HistoryEntry in its stored form.
type storedHistory struct {
	Rev    uint32               `json:"rev"`
	At     time.Time            `json:"at"`
	By     string               `json:"by"`
	Action string               `json:"action"`
	Fields map[string][2]string `json:"fields,omitempty"`
}

func storedHistoryOf(h *qso.HistoryEntry) storedHistory {
	s := storedHistory{h.Rev, h.At, h.By, h.Action, map[string][2]string{}}
	for _, f := range h.Fields {
		s.Fields[f.Key()] = [2]string{f.From, f.To}
	}
	return s
}

func (s *storedHistory) entry() qso.HistoryEntry {
	h := qso.HistoryEntry{Rev: s.Rev, At: s.At, By: s.By, Action: s.Action}
	for name, v := range s.Fields {
		f := qso.FieldChange{ID: qso.LookupField([]byte(name)), From: v[0], To: v[1]}
		if f.ID == qso.NoField {
			f.Name = name
		}
		h.Fields = append(h.Fields, f)
	}
	slices.SortFunc(h.Fields, func(a, b qso.FieldChange) int {
		if a.Key() < b.Key() {
			return -1
		}
		return 1
	})
	return h
}
