package stats

import "sync/atomic"

// classCounters count the reads of one class of snapshots since the start.
type classCounters struct {
	hits, misses atomic.Uint64
	_            [48]byte // the two classes are written by different goroutines
}

// Class is what the cache holds and did for one class of snapshots.
type Class struct {
	Size    int    // snapshots in memory, variants included
	Valid   int    // of them: current and not expired
	Expired int    // the others
	Hits    uint64 // reads since the start that found a current snapshot
	Misses  uint64 // the other reads
}

// HitRate returns the share of reads that were hits, 0 to 1.
func (c Class) HitRate() float64 {
	if c.Hits+c.Misses == 0 {
		return 0
	}
	return float64(c.Hits) / float64(c.Hits+c.Misses)
}

// Counters is the state of the cache, statistics and awards apart.
type Counters struct{ Stats, Awards Class }

// Total adds both classes up.
func (c Counters) Total() Class {
	a, b := c.Stats, c.Awards
	return Class{a.Size + b.Size, a.Valid + b.Valid, a.Expired + b.Expired, a.Hits + b.Hits, a.Misses + b.Misses}
}

// Counters counts without a lock.
func (k *Keeper) Counters() Counters {
	now := k.cfg.Elapsed()
	var list [classes]Class
	for i := range list {
		list[i].Hits, list[i].Misses = k.classes[i].hits.Load(), k.classes[i].misses.Load()
	}
	for e := range k.shelf.Load().all() {
		class := &list[statsClass]
		if e.def.Award {
			class = &list[awardClass]
		}
		switch {
		case e.current.Load() == nil:
			continue
		case k.holds(e, now):
			class.Valid++
		default:
			class.Expired++
		}
		class.Size++
	}
	return Counters{list[statsClass], list[awardClass]}
}
