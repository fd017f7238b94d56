package awards

import (
	"cmp"
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"

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
	awards []*Award
	byID   map[string]*Award
}

// facts is what awards know of the world, shared by all of a set.
type facts struct {
	table      *dxcc.Table
	continents [maxEntity]int8 // of entities: place in continentList, or -1
	atlases    atlases
}

// NewSet compiles the built-in awards. An error means that the program was
// built with a faulty definition.
func NewSet(table *dxcc.Table) (*Set, error) {
	f := &facts{table: table}
	for i := range f.continents {
		f.continents[i] = -1
	}
	for _, e := range table.Entities() {
		f.continents[e.Code] = int8(continentNumber(e.Continent))
	}
	s := &Set{facts: f, byID: map[string]*Award{}}
	files, err := embedded.ReadDir("definitions")
	if err != nil {
		return nil, fmt.Errorf("awards: %w", err)
	}
	for _, file := range files {
		data, err := embedded.ReadFile(path.Join("definitions", file.Name()))
		if err != nil {
			return nil, fmt.Errorf("awards: %w", err)
		}
		a, err := compile(f, file.Name(), data)
		if err != nil {
			return nil, fmt.Errorf("awards: %w", err)
		}
		s.add(a)
	}
	s.sort()
	return s, nil
}

// With returns a set with the user's own definitions added, by file name. A
// faulty one is left out and reported; it never hides the others. An id that is
// taken is a fault of the later file; a built-in award cannot be replaced.
func (s *Set) With(files map[string][]byte) (*Set, []error) {
	to := &Set{facts: s.facts, awards: slices.Clone(s.awards), byID: map[string]*Award{}}
	for _, a := range s.awards {
		to.byID[a.ID()] = a
	}
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
			faults = append(faults, &FileError{name, "id", fmt.Sprintf("%q is the id of %s already", a.ID(), other.file), "choose another id"})
			continue
		}
		a.custom = true
		to.add(a)
	}
	to.sort()
	return to, faults
}

// All returns the awards in the order in which they are listed.
func (s *Set) All() []*Award { return slices.Clone(s.awards) }

// Get returns the award with an id.
func (s *Set) Get(id string) (*Award, bool) {
	a, ok := s.byID[id]
	return a, ok
}

func (s *Set) add(a *Award) {
	s.awards = append(s.awards, a)
	s.byID[a.ID()] = a
}

func (s *Set) sort() {
	place := func(a *Award) int {
		if i := slices.Index(order, a.ID()); i >= 0 && !a.custom {
			return i
		}
		return len(order)
	}
	slices.SortStableFunc(s.awards, func(a, b *Award) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), strings.Compare(a.ID(), b.ID()))
	})
}
