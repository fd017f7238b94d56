package awards

import (
	"cmp"
	"embed"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"qslbox/qso/dxcc"
)

//go:embed definitions/*.json
var embedded embed.FS

// order is how the built-in awards are listed; custom ones follow by id.
var order = strings.Fields(`dxcc dxcc-challenge was was-triple-play waz waz-5band wpx vucc ffma iota wac itu wae dld dok-district
	counties rac waja jcc h26 h26-vhf wap 73on73 pota pota-activated sota sota-activated wwff wwff-activated`)

// Set is a collection of awards. It never changes; With makes another one.
type Set struct {
	facts  *facts
	awards []*listed
	byID   map[string]*listed
	faults []error
}

// listed is one award of a set. A built-in one is compiled when it is first
// asked for: a start needs few of them.
type listed struct {
	id      string
	award   *Award
	compile sync.Once
	facts   *facts // nil: award is compiled
}

// get returns the award.
func (l *listed) get() *Award {
	l.compile.Do(func() {
		if l.facts == nil {
			return
		}
		data, err := embedded.ReadFile(path.Join("definitions", l.id+".json"))
		if err == nil {
			l.award, err = compile(l.facts, l.id+".json", data)
		}
		if err != nil {
			panic(fmt.Sprintf("awards: built with a faulty definition: %v", err)) // a test compiles each
		}
	})
	return l.award
}

// facts is what awards know of the world, shared by all of a set.
type facts struct {
	table      *dxcc.Table
	continents [maxEntity]int8 // of entities: place in continentList, or -1
	atlases    atlases
}

// NewSet returns the built-in awards. An error means that the program was built
// without them.
func NewSet(table *dxcc.Table) (*Set, error) {
	f := &facts{table: table}
	for i := range f.continents {
		f.continents[i] = -1
	}
	for _, e := range table.Entities() {
		f.continents[e.Code] = int8(continentNumber(e.Continent))
	}
	s := &Set{facts: f, byID: map[string]*listed{}}
	files, err := embedded.ReadDir("definitions")
	if err != nil {
		return nil, fmt.Errorf("awards: %w", err)
	}
	for _, file := range files {
		s.add(&listed{id: strings.TrimSuffix(file.Name(), ".json"), facts: f})
	}
	s.sort()
	return s, nil
}

// With returns a set with the user's own definitions added, by file name. A
// faulty one is left out and reported; it never hides the others. An id that is
// taken is a fault of the later file; a built-in award cannot be replaced.
func (s *Set) With(files map[string][]byte) (*Set, []error) {
	to := &Set{facts: s.facts, awards: slices.Clone(s.awards), byID: maps.Clone(s.byID)}
	var faults []error
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		a, err := compile(s.facts, name, files[name])
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if other := to.byID[a.ID()]; other != nil {
			faults = append(faults, &FileError{name, "id", fmt.Sprintf("%q is the id of %s already", a.ID(), other.get().file), "choose another id"})
			continue
		}
		a.custom = true
		to.add(&listed{id: a.ID(), award: a})
	}
	to.sort()
	to.faults = append(slices.Clip(s.faults), faults...)
	return to, faults
}

// Lacking returns the set with more faults: files that could not be read.
func (s *Set) Lacking(faults []error) *Set {
	to := *s
	to.faults = append(slices.Clip(s.faults), faults...)
	return &to
}

// Faults returns what is wrong with the user's own definitions: mostly errors
// of type *[FileError].
func (s *Set) Faults() []error { return s.faults }

// All returns the awards in the order in which they are listed.
func (s *Set) All() []*Award {
	all := make([]*Award, len(s.awards))
	for i, l := range s.awards {
		all[i] = l.get()
	}
	return all
}

// Get returns the award with an id.
func (s *Set) Get(id string) (*Award, bool) {
	l, ok := s.byID[id]
	if !ok {
		return nil, false
	}
	return l.get(), true
}

func (s *Set) add(l *listed) {
	s.awards = append(s.awards, l)
	s.byID[l.id] = l
}

// sort brings the built-in awards into their order; custom ones follow.
func (s *Set) sort() {
	place := func(l *listed) int {
		if i := slices.Index(order, l.id); i >= 0 && l.facts != nil {
			return i
		}
		return len(order)
	}
	slices.SortStableFunc(s.awards, func(a, b *listed) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), strings.Compare(a.id, b.id))
	})
}
