package store

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"qslbox/qso"
)

// keepDeleted is how long a deleted QSO can be brought back.
const keepDeleted = 30 * 24 * time.Hour

// Add stores a new QSO and returns it as stored, or a *qso.DuplicateError if
// the log holds it already.
func (l *Logbook) Add(ctx context.Context, q *qso.QSO, by string) (*qso.QSO, error) {
	log, err := l.Columns(ctx)
	if err != nil {
		return nil, err
	}
	added := q.Clone()
	_, err = l.change(ctx, log, by, 1, func(w *writing) error {
		id, _, err := w.find(added, 0)
		if err != nil {
			return err
		}
		if id != 0 {
			return &qso.DuplicateError{ID: id}
		}
		w.add(added)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("store: add: %w", err)
	}
	l.changed()
	return added, nil
}

// Edit calls edit on a copy of the QSO and stores that; what it changed counts
// as typed by a person, and the old values go to the history. rev is the
// revision that was looked at, 0 for any. It returns qso.ErrNoQSO, a
// *qso.StaleError, a *qso.DuplicateError, or what edit returned.
func (l *Logbook) Edit(ctx context.Context, id uint64, rev uint32, by string, edit func(*qso.QSO) error) (*qso.QSO, error) {
	log, err := l.Columns(ctx)
	if err != nil {
		return nil, err
	}
	var result *qso.QSO
	changed, err := l.change(ctx, log, by, 1, func(w *writing) (err error) {
		result, err = w.edit(qso.Ref{ID: id, Rev: rev}, edit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: edit: %w", err)
	}
	if changed {
		l.changed()
	}
	return result, nil
}

// edit changes one QSO of the transaction and returns it as it is then.
func (w *writing) edit(ref qso.Ref, edit func(*qso.QSO) error) (*qso.QSO, error) {
	i, err := w.at(ref.ID, ref.Rev)
	if err != nil {
		return nil, err
	}
	old := w.entries[i].q
	edited := old.Clone()
	if err := edit(edited); err != nil {
		return nil, err
	}
	edited.ID, edited.Rev = old.ID, old.Rev
	fields := typedChanges(old, edited)
	if len(fields) == 0 {
		return edited, nil
	}
	w.entries[i].q = edited
	if !qso.Same(old, edited) {
		if other, _, err := w.find(edited, ref.ID); err != nil {
			return nil, err
		} else if other != 0 {
			return nil, &qso.DuplicateError{ID: other}
		}
	}
	w.change(i, "edit", old.Key(), fields)
	return edited, nil
}

// at returns the entry of a QSO that has the revision, or any if that is 0.
func (w *writing) at(id uint64, rev uint32) (int32, error) {
	i, err := w.existing(id)
	if err != nil {
		return -1, err
	}
	if q := w.entries[i].q; rev != 0 && q.Rev != rev {
		return -1, &qso.StaleError{Current: q}
	}
	return i, nil
}

// typedChanges compares a QSO before and after a person's edit and notes the
// new origin of each field that differs.
func typedChanges(old, edited *qso.QSO) []qso.FieldChange {
	before := map[string]qso.Field{}
	for f := range shown(old) {
		before[f.Key()] = f
	}
	var out []qso.FieldChange
	note := func(f qso.Field, from, to string) {
		out = append(out, qso.FieldChange{ID: f.ID, Name: f.Name, From: from, To: to})
		if s, _ := qso.SourceOfField(f.ID); s == qso.NoSource {
			origin := qso.Typed
			if to == "" {
				origin = qso.Imported
			}
			edited.SetOrigin(f.ID, f.Name, origin)
		}
	}
	for f := range shown(edited) {
		was, had := before[f.Key()]
		delete(before, f.Key())
		if !had || was.Value != f.Value {
			note(f, was.Value, f.Value)
		}
	}
	for _, f := range before {
		note(f, f.Value, "")
	}
	if len(out) > 0 && old.OwnAssumed && old.Own != edited.Own {
		edited.OwnAssumed = false
	}
	slices.SortFunc(out, func(a, b qso.FieldChange) int {
		if a.Key() < b.Key() {
			return -1
		}
		return 1
	})
	return out
}

// shown yields the values of a QSO as a person sees them: what is exported,
// and what was looked up.
func shown(q *qso.QSO) func(yield func(qso.Field) bool) {
	return func(yield func(qso.Field) bool) {
		for f := range q.ADIF() {
			switch f.ID {
			case qso.FieldDXCC, qso.FieldCQZ, qso.FieldITUZ, qso.FieldAppQSLBoxOrigin, qso.FieldAppQSLBoxOwnAssumed:
				continue
			}
			f.Type = 0
			if !yield(f) {
				return
			}
		}
		for _, id := range [...]qso.FieldID{qso.FieldDXCC, qso.FieldCQZ, qso.FieldITUZ} {
			if text := q.Text(id); text != "" && !yield(qso.Field{ID: id, Value: text}) {
				return
			}
		}
	}
}

// Delete moves a QSO to the trash, where it stays for 30 days; its key is
// remembered, so that no sync or import brings it back.
func (l *Logbook) Delete(ctx context.Context, id uint64, rev uint32, by string) error {
	log, err := l.Columns(ctx)
	if err != nil {
		return err
	}
	_, err = l.change(ctx, log, by, 1, func(w *writing) error {
		i, err := w.at(id, rev)
		if err != nil {
			return err
		}
		q := w.entries[i].q
		w.entries[i].gone = true
		w.change(i, "delete", q.Key(), nil)
		w.history = append(w.history, historyRow{id, qso.HistoryEntry{Rev: q.Rev, At: w.tx.now, By: by, Action: "delete"}})
		w.deletes = append(w.deletes, q)
		t := trashed{at: w.tx.now, by: by, q: q}
		return l.put(w.tx, logTrash, idKey(id), t.encode(nil))
	})
	if err != nil {
		return fmt.Errorf("store: delete: %w", err)
	}
	l.changed()
	return nil
}

// Restore brings a QSO back out of the trash, with its id. It returns
// qso.ErrNoQSO if it is not there (any more), or a *qso.DuplicateError if the
// log holds the same contact meanwhile.
func (l *Logbook) Restore(ctx context.Context, id uint64, by string) (*qso.QSO, error) {
	log, err := l.Columns(ctx)
	if err != nil {
		return nil, err
	}
	var q *qso.QSO
	_, err = l.change(ctx, log, by, 1, func(w *writing) error {
		b, key := l.bucket(w.tx, logTrash), idKey(id)
		payload, err := getValue(b, key)
		if err != nil {
			return err
		}
		t, err := decodeTrashed(id, payload)
		if payload == nil || err != nil || t.keyOnly {
			return fmt.Errorf("%w in the trash: %d", qso.ErrNoQSO, id)
		}
		if other, _, err := w.find(&t.q2, 0); err != nil {
			return err
		} else if other != 0 {
			return &qso.DuplicateError{ID: other}
		}
		q = t.q2.Clone()
		q.Rev++
		w.entries = append(w.entries, entry{q: q, isNew: true, changed: true})
		w.history = append(w.history, historyRow{id, qso.HistoryEntry{Rev: q.Rev, At: w.tx.now, By: by, Action: "restore"}})
		w.revived = append(w.revived, q)
		return b.Delete(key)
	})
	if err != nil {
		return nil, fmt.Errorf("store: restore: %w", err)
	}
	l.changed()
	return q, nil
}

// History returns the earlier values of a QSO, newest first.
func (l *Logbook) History(id uint64) ([]qso.HistoryEntry, error) {
	var out []qso.HistoryEntry
	err := l.view(func(tx *Tx) error {
		c, prefix := l.bucket(tx, logHistory).Cursor(), idKey(id)
		for k, v := c.Seek(prefix); len(k) == 16 && binary.BigEndian.Uint64(k) == id; k, v = c.Next() {
			_, payload, err := openValue(k, v)
			if err != nil {
				return fmt.Errorf("history of QSO %d: %w", id, err)
			}
			var s storedHistory
			if err := json.Unmarshal(payload, &s); err != nil {
				return fmt.Errorf("%w: history of QSO %d: %v", ErrDamaged, id, err)
			}
			out = append(out, s.entry())
		}
		return nil
	})
	slices.Reverse(out)
	return out, err
}

// trashed is a deleted QSO: whole for 30 days, then what recognises it.
type trashed struct {
	keyOnly bool
	at      time.Time
	by      string
	q       *qso.QSO
	q2      qso.QSO // where decodeTrashed puts it
}

func (t *trashed) encode(b []byte) []byte {
	kind := byte(0)
	if t.keyOnly {
		kind = 1
	}
	b = binary.AppendVarint(append(b, kind), t.at.Unix())
	return appendRecord(appendText(b, t.by), t.q)
}

func decodeTrashed(id uint64, payload []byte) (*trashed, error) {
	d := decoder{rest: string(payload)}
	t := &trashed{keyOnly: d.byte() == 1, at: time.Unix(d.int(), 0).UTC(), by: d.text()}
	if d.bad {
		return nil, fmt.Errorf("%w: deleted QSO %d cannot be read", ErrDamaged, id)
	}
	if err := decodeText(id, d.rest, &t.q2); err != nil {
		return nil, err
	}
	t.q = &t.q2
	return t, nil
}

// eachDeleted calls fn for each entry of the trash.
func (l *Logbook) eachDeleted(tx *Tx, fn func(*trashed) error) error {
	return l.bucket(tx, logTrash).ForEach(func(k, v []byte) error {
		_, payload, err := openValue(k, v)
		if err != nil || len(k) != 8 {
			return fmt.Errorf("trash, key %x: %w", k, err)
		}
		t, err := decodeTrashed(binary.BigEndian.Uint64(k), payload)
		if err != nil {
			return err
		}
		return fn(t)
	})
}

// Trash returns the deleted QSOs that can be brought back, newest first.
func (l *Logbook) Trash() ([]qso.Deleted, error) {
	var out []qso.Deleted
	err := l.view(func(tx *Tx) error {
		return l.eachDeleted(tx, func(t *trashed) error {
			if !t.keyOnly {
				out = append(out, qso.Deleted{QSO: t.q.Clone(), At: t.at, By: t.by, Until: t.at.Add(keepDeleted)})
			}
			return nil
		})
	})
	slices.SortStableFunc(out, func(a, b qso.Deleted) int { return b.At.Compare(a.At) })
	return out, err
}

// EmptyTrash makes what was deleted more than 30 days ago final: only what
// recognises the QSO stays. It returns how many there were. Changes of many of
// that age cannot be taken back any more either. Do not call it while the clock
// is not to be trusted.
func (l *Logbook) EmptyTrash(ctx context.Context) (n int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	l.write.Lock()
	defer l.write.Unlock()
	err = l.update("trash", func(tx *Tx) error {
		n = 0
		var old []*trashed
		if err := l.eachDeleted(tx, func(t *trashed) error {
			if !t.keyOnly && tx.now.Sub(t.at) > keepDeleted {
				old = append(old, t)
			}
			return nil
		}); err != nil {
			return err
		}
		edits, err := l.forgetEdits(tx)
		if err != nil {
			return err
		}
		if len(old) == 0 && edits == 0 {
			return errUnchanged
		}
		for _, t := range old {
			t.keyOnly, t.q = true, keyOf(t.q)
			if err := l.put(tx, logTrash, idKey(t.q.ID), t.encode(nil)); err != nil {
				return err
			}
		}
		n = len(old)
		return nil
	})
	return n, err
}

// keyOf returns what of a QSO recognises it.
func keyOf(q *qso.QSO) *qso.QSO {
	k := &qso.QSO{ID: q.ID, Rev: q.Rev, Start: q.Start, Call: q.Call, Own: q.Own, Band: q.Band, Mode: qso.Mode{Name: q.Mode.Name}}
	for _, id := range [...]qso.FieldID{qso.FieldMyGridsquare, qso.FieldState, qso.FieldCnty, qso.FieldPropMode} {
		k.Set(id, q.Get(id))
	}
	return k
}
