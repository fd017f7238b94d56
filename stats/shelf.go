package stats

import (
	"iter"
	"maps"
	"time"
)

// key names an entry. filter is Filter.Key.
type key struct{ logbook, name, filter string }

// shelf holds all entries. It never changes: the Keeper replaces it.
type shelf struct {
	front    [fronts]*entry // of the whole log, each at its place unless another one is
	named    map[key]*entry // of the whole log
	variants map[key]*entry // may be dropped
}

// fronts is a power of two, several times the number of awards.
const fronts = 256

// place is where an entry of the whole log stands in front: a look there costs
// a quarter of one into a map.
func (k *key) place() int {
	n := len(k.name)
	if n < 3 || k.logbook == "" {
		return 0
	}
	return (n + 5*int(k.name[n-1]) + 11*int(k.name[n-2]) + 31*int(k.name[n-3]) + 3*len(k.logbook) + 7*int(k.logbook[0])) & (fronts - 1)
}

// newShelf returns a shelf of these entries, which belong to it from then on.
func newShelf(named, variants map[key]*entry) *shelf {
	s := &shelf{named: named, variants: variants}
	for at, e := range named {
		s.front[at.place()] = e
	}
	return s
}

// find returns an entry, or nil.
func (s *shelf) find(at *key) *entry {
	if at.filter != "" {
		return s.variants[*at]
	}
	if e := s.front[at.place()]; e != nil && e.at.name == at.name && e.at.logbook == at.logbook {
		return e
	}
	if e := s.named[*at]; e != nil {
		return e
	}
	return s.variants[*at]
}

// all yields every entry.
func (s *shelf) all() iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		for _, entries := range [...]map[key]*entry{s.named, s.variants} {
			for _, e := range entries {
				if !yield(e) {
					return
				}
			}
		}
	}
}

// with returns a shelf with one more entry.
func (s *shelf) with(e *entry) *shelf {
	named, variants := s.named, s.variants
	to := &named
	if e.variant {
		to = &variants
	}
	*to = maps.Clone(*to)
	(*to)[e.at] = e
	return newShelf(named, variants)
}

// without returns a shelf that lacks some entries.
func (s *shelf) without(drop func(*entry) bool) *shelf {
	named, variants := maps.Clone(s.named), maps.Clone(s.variants)
	for _, entries := range [...]map[key]*entry{named, variants} {
		maps.DeleteFunc(entries, func(_ key, e *entry) bool { return drop(e) })
	}
	return newShelf(named, variants)
}

// evict returns a shelf whose variants leave room for so many more within the
// bounds of the configuration: first those go that hold no longer, then those
// not used for the longest time.
func (k *Keeper) evict(s *shelf, more int) *shelf {
	now, count, bytes := k.cfg.Elapsed(), more+len(s.variants), 0
	for _, e := range s.variants {
		bytes += e.size()
	}
	dropped := map[*entry]bool{}
	for count > k.cfg.MaxVariants || bytes > k.cfg.MaxVariantBytes {
		var worst *entry
		for _, e := range s.variants {
			if !dropped[e] && (worst == nil || k.worse(e, worst, now)) {
				worst = e
			}
		}
		if worst == nil {
			break
		}
		dropped[worst] = true
		count, bytes = count-1, bytes-worst.size()
	}
	if len(dropped) == 0 {
		return s
	}
	return s.without(func(e *entry) bool { return dropped[e] })
}

// worse reports whether a is to be dropped before b.
func (k *Keeper) worse(a, b *entry, now time.Duration) bool {
	if x, y := k.holds(a, now), k.holds(b, now); x != y {
		return y
	}
	return a.used.Load() < b.used.Load()
}

// holds reports whether an entry has a snapshot that is current; one that is
// being computed for the first time counts as such.
func (k *Keeper) holds(e *entry, now time.Duration) bool {
	h := e.current.Load()
	return h == nil || h.Generation == e.generation.Load() && now < h.until
}

// size returns how many bytes an entry holds.
func (e *entry) size() int {
	if h := e.current.Load(); h != nil {
		return len(h.Body) + len(h.json) + len(e.at.filter)
	}
	return 0
}
