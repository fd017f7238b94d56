package syncers

import (
	"slices"
	"strconv"

	"qslbox/qso"
)

// New is what a run brought that was not confirmed before, each list sorted:
// DXCC entities ("339"), band slots ("339/20m"), US states, squares of four
// characters, DOKs.
type New struct {
	Entities []string `json:"entities"`
	Slots    []string `json:"slots"`
	States   []string `json:"states"`
	Grids    []string `json:"grids"`
	DOKs     []string `json:"doks"`
}

// lists returns the lists in one order.
func (n *New) lists() [5]*[]string {
	return [...]*[]string{&n.Entities, &n.Slots, &n.States, &n.Grids, &n.DOKs}
}

// Add puts the entries of another New into n.
func (n *New) Add(more New) {
	from := more.lists()
	for i, list := range n.lists() {
		for _, entry := range *from[i] {
			*list = insert(*list, entry)
		}
	}
}

// fill makes nil lists empty ones, as JSON has them.
func (n *New) fill() {
	for _, list := range n.lists() {
		if *list == nil {
			*list = []string{}
		}
	}
}

func insert(list []string, entry string) []string {
	at, found := slices.BinarySearch(list, entry)
	if found {
		return list
	}
	return slices.Insert(list, at, entry)
}

// Fact is what of one QSO counts as something new.
type Fact struct {
	DXCC  uint16
	Band  qso.Band
	State string
	Grid  string // locator of any length
	DOK   string
	By    qso.Sources // confirmed by
}

// FactOf returns the Fact of a QSO.
func FactOf(q *qso.QSO) Fact {
	return Fact{q.DXCC, q.Band, q.Get(qso.FieldState), q.Get(qso.FieldGridsquare), q.Get(qso.FieldDARCDOK), q.Confirmed()}
}

// Known is what is confirmed already. The store fills it from the columns
// before a run's first batch with a confirmation, and asks it after each merged
// record. Entities, slots, states and grids count confirmations by LoTW and
// card, DOKs those by DCL and card.
type Known struct{ have [5]map[string]bool }

// NewKnown returns a Known that knows nothing.
func NewKnown() *Known {
	k := &Known{}
	for i := range k.have {
		k.have[i] = map[string]bool{}
	}
	return k
}

// Add takes a QSO in and puts what is new about it into news, which may be
// nil. It allocates only for what is new.
func (k *Known) Add(f Fact, news *New) {
	if f.By&(1<<qso.LoTW|1<<qso.Card) != 0 {
		k.award(f, news)
	}
	if f.By&(1<<qso.DCL|1<<qso.Card) != 0 && f.DOK != "" {
		if dok, kind := qso.FoldDOK(f.DOK); kind != qso.NoDOK {
			k.enter(4, dok, news)
		}
	}
}

func (k *Known) award(f Fact, news *New) {
	if f.DXCC != 0 {
		var b [24]byte
		key := strconv.AppendUint(b[:0], uint64(f.DXCC), 10)
		k.enter(0, string(key), news)
		if f.Band != 0 {
			k.enter(1, string(key)+"/"+f.Band.String(), news)
		}
	}
	switch f.DXCC {
	case 291, 6, 110: // USA, Alaska, Hawaii
		if len(f.State) == 2 {
			k.enter(2, f.State, news)
		}
	}
	if len(f.Grid) >= 4 {
		k.enter(3, f.Grid[:4], news)
	}
}

func (k *Known) enter(i int, key string, news *New) {
	if k.have[i][key] {
		return
	}
	k.have[i][key] = true
	if news != nil {
		list := news.lists()[i]
		*list = insert(*list, key)
	}
}
