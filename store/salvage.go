package store

import (
	"cmp"
	"encoding/binary"
	"io"
	"slices"
	"strconv"

	"go.etcd.io/bbolt"
)

// salvage finds the values of a damaged file. It remembers where they are, not
// what they are: a log of any size fits into a small machine's memory.
type salvage struct {
	file   io.ReaderAt
	report SalvageReport
	values map[place]found
	names  map[uint16]string // of logbooks
	inUse  bool              // what is read now hangs in the tree
	rooted bool              // the root of the tree was found
	schema int               // the newest that the file names
}

// place is where a value belongs.
type place struct {
	kind    byte
	logbook uint16
	isID    bool   // the key is an id
	id      uint64 // then
	key     string // else
}

func placeOf(h *header, key []byte) place {
	if len(key) == 8 {
		return place{kind: h.kind, logbook: h.logbook, isID: true, id: binary.BigEndian.Uint64(key)}
	}
	return place{kind: h.kind, logbook: h.logbook, key: string(key)}
}

func (p *place) bytes() []byte {
	if p.isID {
		return idKey(p.id)
	}
	return []byte(p.key)
}

func (p *place) compare(q *place) int {
	return cmp.Or(cmp.Compare(p.logbook, q.logbook), cmp.Compare(p.kind, q.kind), cmp.Compare(p.key, q.key), cmp.Compare(p.id, q.id))
}

// found is the newest value of a place.
type found struct {
	generation uint64
	at         int64 // in the file
	size       uint32
	inUse      bool
}

func newSalvage(file io.ReaderAt) *salvage {
	return &salvage{file: file, values: map[place]found{}, names: map[uint16]string{1: MainLogbook}}
}

// read looks at what hangs in the tree, then at every other page: older
// versions that were freed are there, and, if the tree is damaged, the pages
// below the damage.
func (s *salvage) read(size int64) {
	p, err := openPages(s.file, size)
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
			s.take(nil, e.key, e.value, e.at)
		default:
			if in, ok := e.inline(); ok && binary.NativeEndian.Uint64(e.value) == 0 && in.flags == leafPage {
				w.leaf(nil, &in, 1)
			}
		}
	}
}

// take keeps a value if it is whole and no newer one is known. path is nil for
// values that hang nowhere.
func (s *salvage) take(path []string, key, value []byte, where int64) {
	h, payload, err := openValue(key, value)
	if err != nil {
		s.report.Damaged++
		return
	}
	at := placeOf(&h, key)
	if len(path) == 3 && path[0] == logBucket && h.logbook != 0 {
		s.names[h.logbook] = path[1]
	}
	if h.kind == kindOf(metaBucket, false) && at.key == "schema" {
		n, _ := strconv.Atoi(string(payload))
		s.schema = max(s.schema, n)
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
	s.values[at] = found{h.generation, where, uint32(len(value)), s.inUse}
	s.report.Values = len(s.values)
}

// count drops QSOs that were deleted since, and returns how many there are.
func (s *salvage) count() (qsos int) {
	kind, trash := kindOf(logQSO, true), kindOf(logTrash, true)
	for at, v := range s.values {
		if at.kind != kind {
			continue
		}
		in := at
		in.kind = trash
		if t, ok := s.values[in]; ok && (t.generation+1 < v.generation || v.inUse) { // it was brought back
			delete(s.values, in)
		} else if ok {
			delete(s.values, at)
			continue
		}
		qsos++
		if s.rooted && !v.inUse {
			s.report.MaybeDeleted = append(s.report.MaybeDeleted, at.id)
		}
	}
	slices.Sort(s.report.MaybeDeleted)
	s.report.MaybeDeleted = s.report.MaybeDeleted[:min(len(s.report.MaybeDeleted), maxDamaged)]
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
	slices.SortFunc(places, func(a, b place) int { return a.compare(&b) })
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
		key, v := at.bytes(), s.values[at]
		if b == nil || len(key) == 0 {
			continue
		}
		value := make([]byte, v.size)
		if _, err := s.file.ReadAt(value, v.at); err != nil {
			return err
		}
		b.FillPercent = 1
		if err := b.Put(key, value); err != nil {
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
		if k, key := at.kind, at.bytes(); len(key) >= 8 && (k == kindOf(logQSO, true) || k == kindOf(logTrash, true) || k == kindOf(logHistory, true)) {
			l[0] = max(l[0], binary.BigEndian.Uint64(key))
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
