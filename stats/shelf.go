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
	named    map[string]map[string]*entry // of the whole log: by logbook, then name
	variants map[key]*entry               // may be dropped
}

func newShelf() *shelf {
	return &shelf{named: map[string]map[string]*entry{}, variants: map[key]*entry{}}
}

// find returns an entry, or nil. What pages ask for mostly takes two looks into
// small maps.
func (s *shelf) find(at key) *entry {
	if at.filter == "" {
		if e := s.named[at.logbook][at.name]; e != nil {
			return e
		}
	}
	return s.variants[at]
}

// all yields every entry.
func (s *shelf) all() iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		for _, entries := range s.named {
			for _, e := range entries {
				if !yield(e) {
					return
				}
			}
		}
		for _, e := range s.variants {
			if !yield(e) {
				return
			}
		}
	}
}

// with returns a shelf with one more entry.
func (s *shelf) with(e *entry) *shelf {
	if e.variant {
		to := &shelf{s.named, maps.Clone(s.variants)}
		to.variants[e.at] = e
		return to
	}
	to := &shelf{maps.Clone(s.named), s.variants}
	entries := maps.Clone(to.named[e.at.logbook])
	if entries == nil {
		entries = map[string]*entry{}
	}
	entries[e.at.name] = e
	to.named[e.at.logbook] = entries
	return to
}

// without returns a shelf that lacks some entries.
func (s *shelf) without(drop func(*entry) bool) *shelf {
	to := newShelf()
	for logbook, entries := range s.named {
		entries = maps.Clone(entries)
		maps.DeleteFunc(entries, func(_ string, e *entry) bool { return drop(e) })
		to.named[logbook] = entries
	}
	maps.Copy(to.variants, s.variants)
	maps.DeleteFunc(to.variants, func(_ key, e *entry) bool { return drop(e) })
	return to
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
	return h == nil || h.Generation == k.cfg.Source.Generation(e.at.logbook) && now < h.until
}

// size returns how many bytes an entry holds.
func (e *entry) size() int {
	if h := e.current.Load(); h != nil {
		return len(h.Body) + len(h.json) + len(e.at.filter)
	}
	return 0
}
