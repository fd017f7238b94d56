package syncers

// IDSet is a set of QSO ids. They begin at 1 and are dense, so it takes about a
// bit for each QSO that ever was; the nil set is empty.
type IDSet struct{ words []uint64 }

// Add puts an id in.
func (s *IDSet) Add(id uint64) {
	for uint64(len(s.words)) <= id/64 {
		s.words = append(s.words, 0)
	}
	s.words[id/64] |= 1 << (id % 64)
}

// Has reports whether an id is in.
func (s *IDSet) Has(id uint64) bool {
	return s != nil && id/64 < uint64(len(s.words)) && s.words[id/64]&(1<<(id%64)) != 0
}
