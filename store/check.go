package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"qslbox/qso"
)

// Report is what a check or a scrub found.
type Report struct {
	File    string   `json:"file"`
	Values  int      `json:"values"`
	QSOs    int      `json:"qsos"`
	Bytes   int64    `json:"bytes"`
	Damaged []string `json:"damaged"` // what is damaged, the first of them
	Count   int      `json:"damaged_count"`
	// Compared is how many QSOs were compared with the log in memory.
	Compared int `json:"compared,omitempty"`

	progress func(values int) // is told now and then how many were checked
}

// maxDamaged bounds the list of a Report.
const maxDamaged = 100

// OK reports whether nothing is damaged.
func (r *Report) OK() bool { return r.Count == 0 }

func (r *Report) damage(format string, args ...any) {
	if r.Count++; len(r.Damaged) < maxDamaged {
		r.Damaged = append(r.Damaged, fmt.Sprintf(format, args...))
	}
}

// CheckFile checks a data file that no process has open: the pages by bbolt's
// own means, then every value. Damage is in the report; an error says that the
// file cannot be opened at all (ErrDamaged, ErrLocked, ErrNewerSchema).
func CheckFile(path string) (r *Report, err error) {
	defer recovered(path, &err)
	debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(false)
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if info.IsDir() {
		return nil, fmt.Errorf("store: %s is a directory", path)
	}
	if info.Size() == 0 {
		return nil, fmt.Errorf("%w: %s is empty", ErrDamaged, path)
	}
	r = &Report{File: filepath.Base(path), Bytes: info.Size(), Damaged: []string{}}
	db, err := openBolt(path, true)
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("%w (%s)", ErrLocked, path)
	case errors.Is(err, ErrDamaged):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("store: open %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := r.pages(path); err != nil || !r.OK() { // bbolt would fall over such pages
		return r, err
	}
	err = db.View(func(tx *bbolt.Tx) error {
		for err := range tx.Check() {
			r.damage("pages: %v", err)
		}
		if r.Count > 0 {
			return nil
		}
		version, err := schemaOf(tx)
		if err != nil {
			return fmt.Errorf("%w (%s)", err, path)
		}
		if version > newest() {
			return fmt.Errorf("%w: %s has schema %d, this version knows %d", ErrNewerSchema, path, version, newest())
		}
		return r.values(context.Background(), tx)
	})
	return r, err
}

// pages checks that every page which is in use can be read.
func (r *Report) pages(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	defer f.Close()
	p, err := openPages(f, r.Bytes)
	if err != nil {
		r.damage("%v", err)
		return nil
	}
	w := walker{pageFile: p, seen: make([]uint64, p.pages/64+1), damage: r.damage, value: func([]string, []byte, []byte, int64) {}}
	w.tree(nil, p.root, 0)
	return nil
}

// values checks header, checksum and, of QSOs, the form of every value.
func (r *Report) values(ctx context.Context, tx *bbolt.Tx) error {
	for i := range buckets {
		info := &buckets[i]
		if info.PerLogbook || info.Name == logBucket {
			continue
		}
		b := tx.Bucket([]byte(info.Name))
		if b == nil {
			r.damage("bucket %s is missing", info.Name)
			continue
		}
		if err := r.bucket(ctx, info.Name, b, info.kind); err != nil {
			return err
		}
	}
	logs := tx.Bucket([]byte(logBucket))
	if logs == nil {
		r.damage("bucket %s is missing", logBucket)
		return nil
	}
	return logs.ForEachBucket(func(name []byte) error {
		for i := range buckets {
			if info := &buckets[i]; info.PerLogbook {
				path := "log/" + string(name) + "/" + info.Name
				b := logs.Bucket(name).Bucket([]byte(info.Name))
				if b == nil && info.late {
					continue
				}
				if b == nil {
					r.damage("bucket %s is missing", path)
					continue
				}
				if err := r.bucket(ctx, path, b, info.kind); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (r *Report) bucket(ctx context.Context, path string, b *bbolt.Bucket, kind byte) error {
	var q qso.QSO
	return b.ForEach(func(k, v []byte) error {
		if r.Values++; r.Values%4096 == 0 {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if r.progress != nil {
				r.progress(r.Values)
			}
		}
		h, payload, err := openValue(k, v)
		switch {
		case err != nil:
			r.damage("%s, key %s: %v", path, keyText(k), err)
		case h.kind != kind:
			r.damage("%s, key %s: a value of kind %d", path, keyText(k), h.kind)
		case kind == kindOf(logQSO, true):
			r.QSOs++
			if len(k) != 8 {
				r.damage("%s, key %s: not an id", path, keyText(k))
			} else if err := decodeShared(binary.BigEndian.Uint64(k), payload, &q); err != nil {
				r.damage("%s: %v", path, err)
			}
		}
		return nil
	})
}

// keyText shows a key: as the id it is, else as text.
func keyText(k []byte) string {
	if len(k) == 8 {
		return fmt.Sprint(binary.BigEndian.Uint64(k))
	}
	return fmt.Sprintf("%q", k)
}

// Stats are figures of the file.
type Stats struct {
	Bytes        int64 `json:"bytes"`
	FreePages    int   `json:"free_pages"`
	PendingPages int   `json:"pending_pages"`
	OpenReads    int   `json:"open_reads"`
	OldestReadMS int64 `json:"oldest_read_ms"` // how long the oldest of them has been open
	Reads        int   `json:"reads"`
	PageWrites   int64 `json:"page_writes"`
	WriteMS      int64 `json:"write_ms"` // all fsyncs and writes together
}

// Stats returns them.
func (s *Store) Stats() Stats {
	st := s.db.Stats()
	out := Stats{
		FreePages: st.FreePageN, PendingPages: st.PendingPageN, OpenReads: st.OpenTxN, Reads: st.TxN, OldestReadMS: s.OldestRead().Milliseconds(),
		PageWrites: st.TxStats.GetWrite(), WriteMS: st.TxStats.GetWriteTime().Milliseconds(),
	}
	if info, err := os.Stat(s.path); err == nil {
		out.Bytes = info.Size()
	}
	return out
}
