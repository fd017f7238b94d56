package store

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"qslbox/qso"
)

// keptEdits is how many changes of many can be taken back: each holds a copy
// of what its QSOs were.
const keptEdits = 50

// EditMany is Edit for many QSOs in one transaction: all are changed, or none.
// The error names the first QSO that could not be. field and value say what is
// set, for the list of changes; id is what UndoMany takes, 0 if none of the
// QSOs was changed.
func (l *Logbook) EditMany(ctx context.Context, refs []qso.Ref, by, field, value string, edit func(*qso.QSO) error) (id uint64, err error) {
	if len(refs) > maxBatch {
		return 0, fmt.Errorf("store: %d QSOs are too many to change at once, %d is the most", len(refs), maxBatch)
	}
	log, err := l.Columns(ctx)
	if err != nil {
		return 0, err
	}
	changed, err := l.change(ctx, log, by, len(refs), func(w *writing) error {
		m := manyEdit{edit: storedEdit{At: w.tx.now, By: by, Field: field, Value: value}}
		for _, ref := range refs {
			if err := m.change(w, ref, edit); err != nil {
				return fmt.Errorf("QSO %d: %w", ref.ID, err)
			}
		}
		if m.edit.QSOs = len(m.before); m.edit.QSOs == 0 {
			return nil
		}
		id, err = l.addEdit(w.tx, &m)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("store: edit: %w", err)
	}
	if changed {
		l.changed()
	}
	return id, nil
}

// UndoMany takes a change of many back: each QSO is again what it was before,
// unless something else changed it since. It returns the change with what came
// of it, or qso.ErrNoEdit.
func (l *Logbook) UndoMany(ctx context.Context, id uint64, by string) (qso.ManyEdit, error) {
	log, err := l.Columns(ctx)
	if err != nil {
		return qso.ManyEdit{}, err
	}
	var m *manyEdit
	l.write.Lock()
	defer l.write.Unlock()
	if err := ctx.Err(); err != nil {
		return qso.ManyEdit{}, err
	}
	var w *writing
	err = l.update("qsos", func(tx *Tx) (err error) {
		if m, err = l.edit(tx, id); err != nil {
			return err
		}
		if w, err = l.begin(tx, log, by, len(m.before)); err != nil {
			return err
		}
		if err := m.undo(w); err != nil {
			return err
		}
		if err := l.putEdit(tx, id, m); err != nil {
			return err
		}
		if !w.dirty() {
			return nil
		}
		return w.store()
	})
	if err != nil {
		return qso.ManyEdit{}, fmt.Errorf("store: undo: %w", err)
	}
	if w.dirty() {
		w.apply()
		if len(l.listed) > 0 {
			l.retryListed(log, w, qso.NoSource)
		}
		l.changed()
	}
	return m.edit.entry(id), nil
}

// ManyEdits returns the changes of many of the last 30 days, newest first.
func (l *Logbook) ManyEdits() (out []qso.ManyEdit, err error) {
	err = l.view(func(tx *Tx) error {
		return l.eachEdit(tx, func(id uint64, e *storedEdit) { out = append(out, e.entry(id)) })
	})
	slices.Reverse(out)
	return out, err
}

// manyEdit is one change of many with what its QSOs were: each as it was
// before, with the revision that it had after.
type manyEdit struct {
	edit   storedEdit
	before []*qso.QSO // none when it was taken back
}

// storedEdit is a ManyEdit in its stored form.
type storedEdit struct {
	At     time.Time     `json:"at"`
	By     string        `json:"by"`
	Field  string        `json:"field"`
	Value  string        `json:"value,omitempty"`
	QSOs   int           `json:"qsos"`
	Undone *storedUndone `json:"undone,omitempty"`
}

type storedUndone struct {
	At   time.Time    `json:"at"`
	By   string       `json:"by"`
	QSOs int          `json:"qsos"`
	Left []storedLeft `json:"left,omitempty"`
}

type storedLeft struct {
	ID    uint64   `json:"id"`
	Call  qso.Call `json:"call"`
	Start int64    `json:"start"`
	Why   string   `json:"why"`
}

func (s *storedEdit) entry(id uint64) qso.ManyEdit {
	e := qso.ManyEdit{ID: id, At: s.At, By: s.By, Field: s.Field, Value: s.Value, QSOs: s.QSOs, Until: s.At.Add(keepDeleted)}
	if u := s.Undone; u != nil {
		e.Undone = &qso.Undone{At: u.At, By: u.By, QSOs: u.QSOs}
		for _, k := range u.Left {
			e.Undone.Left = append(e.Undone.Left, qso.LeftOut{ID: k.ID, Call: k.Call, Start: qso.Time(k.Start), Why: qso.LeftReason(k.Why)})
		}
	}
	return e
}

// change changes one QSO and remembers what it was.
func (m *manyEdit) change(w *writing, ref qso.Ref, edit func(*qso.QSO) error) error {
	at, err := w.at(ref.ID, ref.Rev)
	if err != nil {
		return err
	}
	old := w.entries[at].q
	edited, err := w.edit(ref, edit)
	if err != nil || w.entries[at].q == old {
		return err
	}
	former := old.Clone()
	former.Rev = edited.Rev
	m.before = append(m.before, former)
	return nil
}

// undo makes each QSO what it was, or notes why it stays.
func (m *manyEdit) undo(w *writing) error {
	u := &storedUndone{At: w.tx.now, By: w.by}
	for _, q := range m.before {
		why, err := w.undo(q)
		switch {
		case err != nil:
			return err
		case why != "":
			u.Left = append(u.Left, storedLeft{q.ID, q.Call, int64(q.Start), string(why)})
		default:
			u.QSOs++
		}
	}
	m.edit.Undone, m.before = u, nil
	return nil
}

// undo makes a QSO again what it was, if it has the revision still.
func (w *writing) undo(former *qso.QSO) (why qso.LeftReason, err error) {
	at, err := w.at(former.ID, former.Rev)
	switch {
	case errors.Is(err, qso.ErrNoQSO):
		return qso.LeftDeleted, nil
	case errors.Is(err, qso.ErrStale):
		return qso.LeftChanged, nil
	case err != nil:
		return "", err
	}
	now := w.entries[at].q
	if !qso.Same(now, former) {
		if other, _, err := w.find(former, former.ID); err != nil {
			return "", err
		} else if other != 0 || w.pending(former) >= 0 {
			return qso.LeftDuplicate, nil
		}
	}
	w.entries[at].q = former
	w.change(at, "undo", now.Key(), typedChanges(now, former.Clone()))
	return "", nil
}

// formerKey is where the QSOs of a change are kept, beside the change itself.
func formerKey(id uint64) []byte { return append(idKey(id), 0) }

// putEdit stores a change, and what its QSOs were unless it was taken back.
func (l *Logbook) putEdit(tx *Tx, id uint64, m *manyEdit) error {
	text, err := json.Marshal(&m.edit)
	if err != nil {
		return err
	}
	if err := l.put(tx, logEdits, idKey(id), text); err != nil {
		return err
	}
	if len(m.before) == 0 {
		return l.bucket(tx, logEdits).Delete(formerKey(id))
	}
	var b, record []byte
	for _, q := range m.before {
		record = appendRecord(record[:0], q)
		b = appendText(binary.AppendUvarint(b, q.ID), string(record))
	}
	return l.put(tx, logEdits, formerKey(id), b)
}

// addEdit stores a new change; beyond keptEdits the oldest goes. A file that
// was made before there were such changes gets its bucket here.
func (l *Logbook) addEdit(tx *Tx, m *manyEdit) (id uint64, err error) {
	b, err := tx.Bucket([]byte(logBucket)).Bucket([]byte(l.name)).CreateBucketIfNotExists([]byte(logEdits))
	if err != nil {
		return 0, err
	}
	if last, _ := b.Cursor().Last(); len(last) >= 8 {
		id = binary.BigEndian.Uint64(last)
	}
	if id = max(id, b.Sequence()) + 1; id > keptEdits {
		if err := dropEdit(b, id-keptEdits); err != nil {
			return 0, err
		}
	}
	if err := b.SetSequence(id); err != nil {
		return 0, err
	}
	return id, l.putEdit(tx, id, m)
}

func dropEdit(b *bbolt.Bucket, id uint64) error {
	if err := b.Delete(formerKey(id)); err != nil {
		return err
	}
	return b.Delete(idKey(id))
}

// edit returns a change that was not taken back yet, with what its QSOs were.
func (l *Logbook) edit(tx *Tx, id uint64) (*manyEdit, error) {
	b := l.bucket(tx, logEdits)
	if b == nil {
		return nil, fmt.Errorf("%w: %d", qso.ErrNoEdit, id)
	}
	text, err := getValue(b, idKey(id))
	if err != nil {
		return nil, err
	}
	records, err := getValue(b, formerKey(id))
	if err != nil {
		return nil, err
	}
	if text == nil || records == nil {
		return nil, fmt.Errorf("%w: %d", qso.ErrNoEdit, id)
	}
	m, d := new(manyEdit), decoder{rest: string(records)}
	if err := json.Unmarshal(text, &m.edit); err != nil {
		return nil, fmt.Errorf("%w: change %d of many QSOs: %v", ErrDamaged, id, err)
	}
	for d.rest != "" && !d.bad {
		q, of := new(qso.QSO), d.uint()
		if err := decodeText(of, d.text(), q); err != nil {
			return nil, err
		}
		m.before = append(m.before, q)
	}
	return m, nil
}

// eachEdit calls fn for each change, oldest first.
func (l *Logbook) eachEdit(tx *Tx, fn func(id uint64, e *storedEdit)) error {
	b := l.bucket(tx, logEdits)
	if b == nil {
		return nil
	}
	c := b.Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if len(k) != 8 {
			continue
		}
		_, payload, err := openValue(k, v)
		if err != nil {
			return fmt.Errorf("changes of many, key %x: %w", k, err)
		}
		var e storedEdit
		if err := json.Unmarshal(payload, &e); err != nil {
			return fmt.Errorf("%w: changes of many, key %x: %v", ErrDamaged, k, err)
		}
		fn(binary.BigEndian.Uint64(k), &e)
	}
	return nil
}

// forgetEdits removes the changes that are too old to be taken back.
func (l *Logbook) forgetEdits(tx *Tx) (n int, err error) {
	var old []uint64
	err = l.eachEdit(tx, func(id uint64, e *storedEdit) {
		if tx.now.Sub(e.At) > keepDeleted {
			old = append(old, id)
		}
	})
	for _, id := range old {
		err = errors.Join(err, dropEdit(l.bucket(tx, logEdits), id))
	}
	return len(old), err
}
