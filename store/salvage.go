package store

import (
	"encoding/binary"
	"io"
	"slices"
	"strconv"

	"go.etcd.io/bbolt"
)

// salvage gathers the values of a damaged file.
type salvage struct {
	report SalvageReport
	values map[place]found
	names  map[uint16]string // of logbooks
	inUse  bool              // what is read now hangs in the tree
	rooted bool              // the root of the tree was found
}

// place is where a value belongs.
type place struct {
	kind    byte
	logbook uint16
	key     string
}

// found is the newest value of a place.
type found struct {
	generation uint64
	inUse      bool
	value      []byte
}

func newSalvage() *salvage {
	return &salvage{values: map[place]found{}, names: map[uint16]string{1: MainLogbook}}
}

// read looks at what hangs in the tree, then at every other page: older
// versions that were freed are there, and, if the tree is damaged, the pages
// below the damage.
func (s *salvage) read(f io.ReaderAt, size int64) {
	p, err := openPages(f, size)
	seen := make([]uint64, p.pages/64+1)
	w := walker{pageFile: p, seen: seen, value: s.take, damage: func(string, ...any) { s.report.Unread++ }}
	if err == nil || p.root != 0 {
		s.inUse = true
		w.tree(nil, p.root, 0)
	}
	s.inUse, s.rooted = false, err == nil
	whole := s.report.Unread == 0 && s.rooted
	w.damage = func(string, ...any) {}
	for id := range p.pages {
		s.report.Pages++
		if w.seen[id/64]&(1<<(id%64)) != 0 || whole { // a whole tree needs no old pages
			continue
		}
		if pg, err := p.read(id); err == nil && pg.flags == leafPage {
			s.loose(&w, &pg)
		}
	}
}

// loose takes the values of a leaf page that hangs nowhere. Buckets inside are
// not followed: their pages come by themselves.
func (s *salvage) loose(w *walker, pg *page) {
	for i := range pg.count {
		e, ok := pg.element(i)
		switch {
		case !ok:
		case !e.bucket:
			s.take(nil, e.key, e.value)
		default:
			if in, ok := inline(e.value); ok && binary.NativeEndian.Uint64(e.value) == 0 && in.flags == leafPage {
				w.leaf(nil, &in, 1)
			}
		}
	}
}

// take keeps a value if it is whole and no newer one is known. path is nil for
// values that hang nowhere.
func (s *salvage) take(path []string, key, value []byte) {
	h, payload, err := openValue(key, value)
	if err != nil {
		s.report.Damaged++
		return
	}
	at := place{h.kind, h.logbook, string(key)}
	if len(path) == 3 && path[0] == logBucket && h.logbook != 0 {
		s.names[h.logbook] = path[1]
	}
	if h.kind == kindOf(metaBucket, false) && at.key == "schema" {
		return // the new file has its own
	}
	if h.kind == kindOf(logMeta, true) && at.key == "name" {
		s.names[h.logbook] = string(payload)
	}
	old, known := s.values[at]
	if known {
		s.report.Older++
		if old.generation > h.generation || old.generation == h.generation && old.inUse {
			return
		}
	}
	s.values[at] = found{h.generation, s.inUse, slices.Clone(value)}
	s.report.Values = len(s.values)
}

// count drops QSOs that were deleted since, and returns how many there are.
func (s *salvage) count() (qsos int) {
	kind, trash := kindOf(logQSO, true), kindOf(logTrash, true)
	for at, v := range s.values {
		if at.kind != kind {
			continue
		}
		in := place{trash, at.logbook, at.key}
		if t, ok := s.values[in]; ok && (t.generation+1 < v.generation || v.inUse) { // it was brought back
			delete(s.values, in)
		} else if ok {
			delete(s.values, at)
			continue
		}
		qsos++
	}
	s.report.Values = len(s.values)
	return qsos
}

// write makes a data file of what was found.
func (s *salvage) write(path string) error {
	db, err := bbolt.Open(path, 0o600, options(false))
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Update(func(tx *bbolt.Tx) error { return migrate(&Tx{Tx: tx}, 0) }); err != nil {
		return err
	}
	places := make([]place, 0, len(s.values))
	for at := range s.values {
		places = append(places, at)
	}
	slices.SortFunc(places, func(a, b place) int {
		switch {
		case a.logbook != b.logbook:
			return int(a.logbook) - int(b.logbook)
		case a.kind != b.kind:
			return int(a.kind) - int(b.kind)
		case a.key < b.key:
			return -1
		}
		return 1
	})
	for from := 0; from < len(places); {
		to := min(from+maxBatch, len(places))
		if err := db.Update(func(tx *bbolt.Tx) error { return s.put(tx, places[from:to]) }); err != nil {
			return err
		}
		from = to
	}
	return db.Update(s.finish)
}

// name returns a logbook's name, or makes one from its number.
func (s *salvage) name(number uint16) string {
	if name := s.names[number]; name != "" {
		return name
	}
	return "log-" + strconv.Itoa(int(number))
}

// logbook returns a logbook's bucket, and makes it with its number.
func (s *salvage) logbook(tx *bbolt.Tx, number uint16) (*bbolt.Bucket, error) {
	logs, name := tx.Bucket([]byte(logBucket)), []byte(s.name(number))
	if b := logs.Bucket(name); b != nil {
		return b, nil
	}
	if err := makeLogbook(&Tx{Tx: tx}, string(name)); err != nil {
		return nil, err
	}
	b := logs.Bucket(name)
	h := header{kind: kindOf(logMeta, true), logbook: number}
	return b, putValue(b.Bucket([]byte(logMeta)), []byte("number"), h, binary.BigEndian.AppendUint16(nil, number))
}

// put writes values to where they belong. Values of kinds that this version
// does not know are left out.
func (s *salvage) put(tx *bbolt.Tx, places []place) error {
	for _, at := range places {
		name := bucketOfKind(at.kind)
		if name == "" {
			continue
		}
		b := tx.Bucket([]byte(name))
		if at.logbook != 0 {
			log, err := s.logbook(tx, at.logbook)
			if err != nil {
				return err
			}
			b = log.Bucket([]byte(name))
		}
		if b == nil || len(at.key) == 0 {
			continue
		}
		b.FillPercent = 1
		if err := b.Put([]byte(at.key), s.values[at].value); err != nil {
			return err
		}
	}
	return nil
}

// finish sets what follows from the values: the sequences, so that no id comes
// back, and generation and size of each logbook.
func (s *salvage) finish(tx *bbolt.Tx) error {
	logs := tx.Bucket([]byte(logBucket))
	last := map[uint16]*[3]uint64{} // highest id, QSOs, highest generation
	for at, v := range s.values {
		l := last[at.logbook]
		if l == nil {
			l = &[3]uint64{}
			last[at.logbook] = l
		}
		l[2] = max(l[2], v.generation)
		if k := at.kind; len(at.key) >= 8 && (k == kindOf(logQSO, true) || k == kindOf(logTrash, true) || k == kindOf(logHistory, true)) {
			l[0] = max(l[0], binary.BigEndian.Uint64([]byte(at.key)))
			if k == kindOf(logQSO, true) {
				l[1]++
			}
		}
	}
	highest := uint64(1)
	for number, l := range last {
		if number == 0 {
			continue
		}
		highest = max(highest, uint64(number))
		b := logs.Bucket([]byte(s.name(number)))
		if b == nil {
			continue
		}
		s.report.Logbooks = append(s.report.Logbooks, s.name(number))
		if err := s.finishLogbook(b, number, l); err != nil {
			return err
		}
	}
	slices.Sort(s.report.Logbooks)
	return logs.SetSequence(max(logs.Sequence(), highest))
}

func (s *salvage) finishLogbook(b *bbolt.Bucket, number uint16, l *[3]uint64) error {
	qsos, history := b.Bucket([]byte(logQSO)), b.Bucket([]byte(logHistory))
	if err := qsos.SetSequence(l[0]); err != nil {
		return err
	}
	if key, _ := history.Cursor().Last(); len(key) == 16 { // above any that is there
		highest := uint64(0)
		c := history.Cursor()
		for k, _ := c.First(); len(k) == 16; k, _ = c.Next() {
			highest = max(highest, binary.BigEndian.Uint64(k[8:]))
		}
		if err := history.SetSequence(highest); err != nil {
			return err
		}
	}
	state := binary.AppendUvarint(binary.AppendUvarint(nil, l[2]+1), l[1])
	h := header{kind: kindOf(logMeta, true), logbook: number, generation: l[2] + 1}
	return putValue(b.Bucket([]byte(logMeta)), []byte("generation"), h, state)
}

// bucketOfKind returns the name of the bucket whose values have a kind.
func bucketOfKind(kind byte) string {
	for i := range buckets {
		if buckets[i].kind == kind && kind != 0 {
			return buckets[i].Name
		}
	}
	return ""
}
