package columns

import (
	"hash/maphash"
	"strings"

	"qslbox/qso"
)

// Session is what is the same for many QSOs of ours: who was on the air, from
// where, in which contest. Texts are as the log has them but for letter case,
// which is upper in all that is compared.
type Session struct {
	Own      qso.Call
	Operator string
	Contest  string
	MyGrid   string // MY_GRIDSQUARE, up to 8 characters
	MyDXCC   string
	MyState  string
	MyCnty   string
	MyIOTA   string
	MyDOK    string
	MyPOTA   string // comma list
	MySOTA   string
	MyWWFF   string
	MySIG    string // MY_SIG:MY_SIG_INFO where one is given
}

func (s *Session) kept(w *words) Session {
	k := *s
	k.Own = qso.Call(w.keep(string(s.Own)))
	for _, text := range [...]*string{
		&k.Operator, &k.Contest, &k.MyGrid, &k.MyDXCC, &k.MyState, &k.MyCnty, &k.MyIOTA, &k.MyDOK, &k.MyPOTA, &k.MySOTA, &k.MyWWFF, &k.MySIG,
	} {
		*text = w.keep(*text)
	}
	return k
}

// Place is what is the same for many stations worked: where they were and what
// they stood for. The prefix is not there: it follows from the call, and would
// multiply the places.
type Place struct {
	State, Cnty string
	IOTA        string
	DOK         string // folded: see qso.FoldDOK; or BadDOK
	Region      string // WAE and CQ regions, as REGION has them
	Cont        string // CONT
	VUCC        string // VUCC_GRIDS, comma list
	POTA        string // comma list
	SOTA        string
	WWFF        string
	SIG         string // SIG:SIG_INFO where one is given
	SatName     string
	PropMode    string
	Granted     string // CREDIT_GRANTED, and LoTW's APP_LoTW_CREDIT_GRANTED
	Submitted   string // CREDIT_SUBMITTED, and LoTW's APP_LoTW_CREDIT_SUBMITTED
	CardWaits   string // QSL_SENT while a card waits to be sent: Q or R
}

// BadDOK stands for a DARC_DOK in which there is none, such as "??".
const BadDOK = "?"

// Word is the number of a text: see View.Text. 0 is the empty one.
type Word uint32

// PlaceWords is a Place as the log holds it, with numbers for texts: there may
// be tens of thousands of places.
type PlaceWords struct {
	State, Cnty, IOTA, DOK, Region, Cont, VUCC, POTA, SOTA, WWFF, SIG, SatName, PropMode, Granted, Submitted, CardWaits Word
}

// texts and words list the fields in one order.
func (p *Place) texts() [16]*string {
	return [...]*string{
		&p.State, &p.Cnty, &p.IOTA, &p.DOK, &p.Region, &p.Cont, &p.VUCC, &p.POTA, &p.SOTA, &p.WWFF, &p.SIG, &p.SatName, &p.PropMode, &p.Granted, &p.Submitted, &p.CardWaits,
	}
}

func (p *PlaceWords) words() [16]*Word {
	return [...]*Word{
		&p.State, &p.Cnty, &p.IOTA, &p.DOK, &p.Region, &p.Cont, &p.VUCC, &p.POTA, &p.SOTA, &p.WWFF, &p.SIG, &p.SatName, &p.PropMode, &p.Granted, &p.Submitted, &p.CardWaits,
	}
}

// words numbers texts and holds each once, apart from the records it came with.
type words struct {
	list  []string
	slots []uint32 // number, 0 = free; a power of two of them
	seed  maphash.Seed
}

func newWords() words {
	return words{[]string{""}, make([]uint32, 64), maphash.MakeSeed()}
}

// slot returns the slot of a text, or the free one where it would stand.
func (w *words) slot(s string) int {
	mask := uint32(len(w.slots) - 1)
	for at := uint32(maphash.String(w.seed, s)) & mask; ; at = (at + 1) & mask {
		if n := w.slots[at]; n == 0 || w.list[n] == s {
			return int(at)
		}
	}
}

func (w *words) number(s string) Word {
	if s == "" {
		return 0
	}
	at := w.slot(s)
	if n := w.slots[at]; n != 0 {
		return Word(n)
	}
	w.list = append(room(w.list, 1), strings.Clone(s))
	w.slots[at] = uint32(len(w.list) - 1)
	if len(w.list)*4 > len(w.slots)*3 {
		w.slots = make([]uint32, 2*len(w.slots))
		for n, text := range w.list[1:] {
			w.slots[w.slot(text)] = uint32(n + 1)
		}
	}
	return Word(len(w.list) - 1)
}

// keep returns the one copy of a text.
func (w *words) keep(s string) string { return w.list[w.number(s)] }

// place returns the numbers of a place's texts.
func (w *words) place(p *Place) PlaceWords {
	var out PlaceWords
	to := out.words()
	for i, text := range p.texts() {
		*to[i] = w.number(*text)
	}
	return out
}

// dictionary numbers values in the order they first occur. It holds each value
// once (a Go map would hold it twice, and these values are large).
type dictionary[T comparable] struct {
	list  []T
	slots []uint32 // number + 1, 0 = free; a power of two of them
	seed  maphash.Seed
	last  uint32 // found last: often the next one, too
}

func newDictionary[T comparable]() dictionary[T] {
	return dictionary[T]{slots: make([]uint32, 64), seed: maphash.MakeSeed()}
}

// find returns the number of a value.
func (d *dictionary[T]) find(value *T) (id uint32, found bool) {
	if len(d.list) > 0 && d.list[d.last] == *value {
		return d.last, true
	}
	mask := uint32(len(d.slots) - 1)
	for at := uint32(maphash.Comparable(d.seed, *value)) & mask; ; at = (at + 1) & mask {
		switch n := d.slots[at]; {
		case n == 0:
			return 0, false
		case d.list[n-1] == *value:
			d.last = n - 1
			return n - 1, true
		}
	}
}

// add numbers a value that is not there.
func (d *dictionary[T]) add(value T) uint32 {
	d.list = append(room(d.list, 1), value)
	d.last = uint32(len(d.list) - 1)
	if len(d.list)*4 <= len(d.slots)*3 {
		d.enter(d.last)
		return d.last
	}
	d.slots = make([]uint32, 2*len(d.slots))
	for i := range d.list {
		d.enter(uint32(i))
	}
	return d.last
}

func (d *dictionary[T]) enter(id uint32) {
	mask := uint32(len(d.slots) - 1)
	at := uint32(maphash.Comparable(d.seed, d.list[id])) & mask
	for d.slots[at] != 0 {
		at = (at + 1) & mask
	}
	d.slots[at] = id + 1
}
