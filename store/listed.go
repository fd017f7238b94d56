package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/syncers"
)

// storedResolution is what a person decided, in its stored form.
type storedResolution syncers.Resolution

func (r storedResolution) zero() bool { return r == storedResolution{} }

// listedRecord is an upstream record that is not in the log, in its stored
// form: JSON in front, the record behind it.
type listedRecord struct {
	Kind       syncers.Kind     `json:"kind"`
	Run        int              `json:"run"`
	Seen       time.Time        `json:"seen"`
	Reason     syncers.Reason   `json:"reason,omitempty"`
	Nearest    uint64           `json:"nearest,omitempty"`
	Ambiguous  []uint64         `json:"ambiguous,omitempty"`
	OtherOwn   uint64           `json:"other_own,omitempty"`
	Resolution storedResolution `json:"resolution"`
	record     *qso.QSO
}

func listedKey(id syncers.RecordID) []byte {
	text := fmt.Sprintf("%d %s %s %d %d %d", id.Source, id.Own, id.Call, id.Band, id.Group, id.Start)
	sum := sha256.Sum256([]byte(text))
	return append([]byte{byte(id.Source)}, sum[:16]...)
}

func (e *listedRecord) encode() ([]byte, error) {
	text, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	return appendRecord(appendText(nil, string(text)), e.record), nil
}

func decodeListed(payload []byte) (*listedRecord, error) {
	d := decoder{rest: string(payload)}
	text := d.text()
	e := &listedRecord{record: &qso.QSO{}}
	if err := json.Unmarshal([]byte(text), e); err != nil || d.bad {
		return nil, fmt.Errorf("%w: a listed record cannot be read", ErrDamaged)
	}
	return e, decodeText(0, d.rest, e.record)
}

// eachListed calls fn for each record that is not in the log.
func (l *Logbook) eachListed(tx *Tx, fn func(key []byte, e *listedRecord) error) error {
	return l.bucket(tx, logUnmatched).ForEach(func(k, v []byte) error {
		_, payload, err := openValue(k, v)
		if err != nil {
			return fmt.Errorf("listed record %x: %w", k, err)
		}
		e, err := decodeListed(payload)
		if err != nil {
			return err
		}
		return fn(k, e)
	})
}

// listedByID returns the entry of a record, or nil.
func (l *Logbook) listedByID(tx *Tx, id syncers.RecordID) (*listedRecord, error) {
	return l.listedAt(tx, listedKey(id))
}

func (l *Logbook) listedAt(tx *Tx, key []byte) (*listedRecord, error) {
	payload, err := getValue(l.bucket(tx, logUnmatched), key)
	if err != nil || payload == nil {
		return nil, err
	}
	return decodeListed(payload)
}

// list keeps a record that is not in the log, with the reason. One that is
// there with the same reason is left as it is.
func (m *syncMerge) list(rec *syncers.Record, d syncers.Decision) error {
	l, id := m.w.l, rec.ID(m.batch.Source)
	old, err := l.listedByID(m.w.tx, id)
	if err != nil {
		return err
	}
	e := &listedRecord{
		Kind: rec.Kind, Run: m.batch.Run, Seen: m.w.tx.now, Reason: d.Unmatched, Nearest: d.Nearest, Ambiguous: d.Ambiguous, OtherOwn: d.OtherOwn,
		record: rec.QSO,
	}
	if old != nil {
		e.Resolution = old.Resolution
		if old.Kind == syncers.Confirmation {
			e.Kind = old.Kind
		}
		if old.Reason == e.Reason && old.Nearest == e.Nearest && old.OtherOwn == e.OtherOwn && slices.Equal(old.Ambiguous, e.Ambiguous) && old.Kind == e.Kind {
			return nil
		}
	} else {
		m.listed[rec.QSO.Call]++
	}
	payload, err := e.encode()
	if err != nil {
		return err
	}
	m.stored = true
	return l.put(m.w.tx, logUnmatched, listedKey(id), payload)
}

// unlist drops the entry of a record that is in the log now; what a person
// decided about it stays.
func (m *syncMerge) unlist(rec *syncers.Record) error {
	l, key := m.w.l, listedKey(rec.ID(m.batch.Source))
	if len(l.listed) == 0 && len(m.listed) == 0 {
		return nil
	}
	e, err := l.listedAt(m.w.tx, key)
	if err != nil || e == nil || !e.Resolution.zero() {
		return err
	}
	m.stored = true
	m.listed[rec.QSO.Call]--
	return l.bucket(m.w.tx, logUnmatched).Delete(key)
}

// retryListed looks again at listed records whose call was added or changed
// by a write that has just been committed, but for those of the source that
// wrote. Trouble here is logged only: the records stay listed.
func (l *Logbook) retryListed(log *columns.Log, done *writing, by qso.Source) {
	calls := map[qso.Call]bool{}
	for i := range done.entries {
		if e := &done.entries[i]; e.changed && l.listed[e.q.Call] > 0 {
			calls[e.q.Call] = true
		}
	}
	if len(calls) == 0 {
		return
	}
	for _, source := range [...]qso.Source{qso.LoTW, qso.DCL} {
		if source == by {
			continue
		}
		if err := l.retrySource(log, source, calls); err != nil {
			l.s.cfg.Log.Error("records not in the log could not be looked at again", "logbook", l.name, "source", source, "err", err)
		}
	}
}

// retrySource looks again at the listed records of a source, those of the calls
// only if there are any.
func (l *Logbook) retrySource(log *columns.Log, source qso.Source, calls map[qso.Call]bool) error {
	var w *writing
	var m *syncMerge
	err := l.update("unmatched", func(tx *Tx) (err error) {
		if w, err = l.begin(tx, log, source.String(), 0); err != nil {
			return err
		}
		var records []syncers.Record
		if err := l.eachListed(tx, func(key []byte, e *listedRecord) error {
			if key[0] == byte(source) && (calls == nil || calls[e.record.Call]) && e.Resolution.zero() {
				records = append(records, syncers.Record{Kind: e.Kind, QSO: e.record})
			}
			return nil
		}); err != nil {
			return err
		}
		if len(records) == 0 {
			return errUnchanged
		}
		account, _ := l.account(tx, source)
		batch := &syncers.Batch{Source: source, Records: records}
		m = &syncMerge{w: w, batch: batch, account: account, ids: make([]uint64, len(records)), listed: map[qso.Call]int{}}
		rules := syncers.DecideRules{Rules: syncers.Rules{Source: source, SameOwn: account.SameOwn}}
		for i, d := range syncers.Decide(records, matchLog{w}, rules) {
			if d.Action != syncers.DoMatch || d.QSO == 0 {
				continue
			}
			if _, err := m.match(d.QSO, &records[i]); err != nil {
				return err
			}
			if err := m.unlist(&records[i]); err != nil {
				return err
			}
		}
		if !w.dirty() && !m.stored {
			return errUnchanged
		}
		if !w.dirty() {
			return nil
		}
		return w.store()
	})
	if err != nil || m == nil {
		return err
	}
	l.countListed(m.listed)
	if w.dirty() {
		w.apply()
	}
	return nil
}

// countListed changes the numbers of listed records by call.
func (l *Logbook) countListed(by map[qso.Call]int) {
	for call, n := range by {
		if l.listed[call] += n; l.listed[call] <= 0 {
			delete(l.listed, call)
		}
	}
}

// Listed returns the records of a source that are not in the log, newest
// first.
func (l *Logbook) Listed(source qso.Source) ([]syncers.Listed, error) {
	var out []syncers.Listed
	err := l.view(func(tx *Tx) error {
		return l.eachListed(tx, func(key []byte, e *listedRecord) error {
			if key[0] == byte(source) {
				out = append(out, syncers.Listed{
					ID: hex.EncodeToString(key), Source: source, Run: e.Run, Seen: e.Seen, Record: e.record, Reason: e.Reason, Nearest: e.Nearest,
					Ambiguous: e.Ambiguous, OtherOwn: e.OtherOwn, Resolution: syncers.Resolution(e.Resolution),
				})
			}
			return nil
		})
	})
	slices.SortStableFunc(out, func(a, b syncers.Listed) int { return cmp.Compare(b.Record.Start, a.Record.Start) })
	return out, err
}

// Resolve carries out what a person decided about a listed record: it is that
// QSO, it is a QSO of its own, or it is to be ignored. The decision is kept
// for the next time the record comes. It returns qso.ErrNoQSO if there is no
// such record or QSO.
func (l *Logbook) Resolve(ctx context.Context, id string, r syncers.Resolution, by string) error {
	key, err := hex.DecodeString(id)
	if err != nil || len(key) != 17 {
		return fmt.Errorf("%w: no record %q is listed", qso.ErrNoQSO, id)
	}
	log, err := l.Columns(ctx)
	if err != nil {
		return err
	}
	changed, err := l.resolve(ctx, log, key, r, by)
	if err != nil {
		return fmt.Errorf("store: resolve: %w", err)
	}
	if changed {
		l.changed()
	}
	return nil
}

// resolve is Resolve under the writer lock; it reports whether a QSO was
// changed.
func (l *Logbook) resolve(ctx context.Context, log *columns.Log, key []byte, r syncers.Resolution, by string) (changed bool, err error) {
	l.write.Lock()
	defer l.write.Unlock()
	if err := ctx.Err(); err != nil {
		return false, err
	}
	var w *writing
	counts := map[qso.Call]int{}
	err = l.update("unmatched", func(tx *Tx) (err error) {
		if w, err = l.begin(tx, log, by, 0); err != nil {
			return err
		}
		e, err := l.listedAt(tx, key)
		if err != nil {
			return err
		}
		if e == nil {
			return fmt.Errorf("%w: no such record is listed", qso.ErrNoQSO)
		}
		if e.Resolution == storedResolution(r) {
			return errUnchanged
		}
		if err := w.resolve(e, qso.Source(key[0]), r); err != nil {
			return err
		}
		if e.Resolution.zero() {
			counts[e.record.Call]--
		}
		if e.Resolution = storedResolution(r); e.Resolution.zero() {
			counts[e.record.Call]++
		}
		payload, err := e.encode()
		if err != nil {
			return err
		}
		if err := l.put(tx, logUnmatched, key, payload); err != nil {
			return err
		}
		if w.dirty() {
			return w.store()
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	l.countListed(counts)
	if w.dirty() {
		w.apply()
		return true, nil
	}
	return false, nil
}

// resolve does what was decided about a listed record.
func (w *writing) resolve(e *listedRecord, source qso.Source, r syncers.Resolution) error {
	rec := &syncers.Record{Kind: e.Kind, QSO: e.record}
	switch {
	case r.QSO != 0:
		account, _ := w.l.account(w.tx, source)
		m := &syncMerge{w: w, batch: &syncers.Batch{Source: source}, account: account}
		_, err := m.match(r.QSO, rec)
		return err
	case r.Add:
		q := syncers.Make(rec, source)
		if id, _, err := w.find(q, 0); err != nil {
			return err
		} else if id != 0 {
			return &qso.DuplicateError{ID: id}
		}
		w.add(q)
	}
	return nil
}
