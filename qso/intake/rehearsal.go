package intake

import (
	"hash/maphash"

	"qslbox/qso"
)

// rehearsal remembers what a dry run would have added. The log does not hold
// it, and so cannot know a later batch's duplicate of it.
type rehearsal struct {
	seed          maphash.Seed
	keys, records map[uint64]struct{} // hashes: a log of a million QSOs takes 50 MB
	text          []byte
}

func newRehearsal() *rehearsal {
	return &rehearsal{seed: maphash.MakeSeed(), keys: map[uint64]struct{}{}, records: map[uint64]struct{}{}}
}

// judge corrects the outcomes of a batch: what has been added by a batch before
// is unchanged if it says the same, else updated.
func (r *rehearsal) judge(batch []*qso.QSO, outcomes []Outcome) {
	for i := range outcomes {
		if outcomes[i].Result != Added {
			continue
		}
		q := *batch[i]
		q.ID, q.Rev = 0, 0
		r.text = q.AppendJSON(r.text[:0])
		key, record := maphash.Comparable(r.seed, q.Key()), maphash.Bytes(r.seed, r.text)
		_, known := r.keys[key]
		_, same := r.records[record]
		switch {
		case known && same:
			outcomes[i] = Outcome{Result: Unchanged}
		case known:
			outcomes[i] = Outcome{Result: Updated}
		}
		r.keys[key], r.records[record] = struct{}{}, struct{}{}
	}
}
