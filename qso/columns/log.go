package columns

import (
	"sync"

	"qslbox/qso"
)

// Log is one logbook in memory. Reads go through View; Put, Delete and Reserve
// are for one writer at a time.
type Log struct {
	mu    sync.RWMutex
	v     View
	ids   idRuns
	calls callTable
	next  []uint32 // of each row: an older row of the same call, noRow at the end

	sessions   dictionary[Session]
	places     dictionary[PlaceWords]
	modes      dictionary[qso.Mode]
	words      words
	statements statements
	live       int
	edits      uint64 // see View.Edits

	scratch row // what Put is about

	disorder bool       // the rows are not in order of time
	ordering sync.Mutex // readers bring the order up to date under it
	order    []uint32   // if disorder: the first rows by time, then row; later ones are missing
	shuffled bool       // order is to be made anew
}

// New returns an empty log.
func New() *Log {
	l := &Log{
		sessions: newDictionary[Session](), places: newDictionary[PlaceWords](), modes: newDictionary[qso.Mode](),
		words: newWords(),
	}
	l.v.log, l.calls = l, newCallTable(&l.v.Call)
	return l
}

// Len returns how many QSOs the log holds.
func (l *Log) Len() int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.live
}

// Reserve makes room for n more rows, so that a load of known size allocates
// once and wastes nothing.
func (l *Log) Reserve(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.room(n)
}

// View calls fn with the columns while no one writes. fn must keep none of the
// slices, and must not call View or a writing method of the same log.
func (l *Log) View(fn func(v *View)) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	fn(&l.v)
}

// Put inserts a QSO, or replaces the one with its id. The QSO is not kept.
func (l *Log) Put(q *qso.QSO) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.scratch.read(q)
	row, found := l.ids.find(q.ID)
	switch {
	case found:
		l.edits++
	case row == l.ids.rows:
		l.push(q.ID)
	default:
		l.edits++
		l.insert(row, q.ID)
	}
	l.write(uint32(row), q.Call, &l.scratch)
}

// Delete takes a QSO out; an unknown id is no error.
func (l *Log) Delete(id uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	row, found := l.ids.find(id)
	if !found || l.v.Flags[row]&Dead != 0 {
		return
	}
	l.edits++
	l.unlink(uint32(row))
	if l.v.Flags[row]&HasStatement != 0 {
		l.statements.drop(uint32(row))
	}
	l.v.Flags[row] = Dead
	l.live--
}

// write fills a row.
func (l *Log) write(row uint32, call qso.Call, r *row) {
	v := &l.v
	dead := v.Flags[row]&Dead != 0
	if dead {
		l.live++
	}
	if v.Flags[row]&HasStatement != 0 {
		l.statements.drop(row)
	}
	l.setTime(int(row), r.time)
	v.Band[row], v.Mode[row] = r.band, l.mode(r.mode)
	v.DXCC[row], v.CQZ[row], v.ITUZ[row] = r.dxcc, r.cqz, r.ituz
	v.Confirmed[row], v.Flags[row], v.Blank[row], v.Grid[row] = r.confirmed, r.flags, r.blank, r.grid
	v.LoTWDay[row], v.CardDay[row], v.DCLDay[row] = r.lotw, r.card, r.dcl
	v.Session[row], v.Place[row] = l.session(&r.session), l.place(&r.place)
	if r.flags&HasStatement != 0 {
		l.statements.put(row, Statement{r.stated.dxcc, r.stated.cqz, r.stated.ituz, r.stated.grid, l.place(&r.stated.place)})
	}
	switch {
	case dead:
		l.next[row] = l.calls.link(row, call)
	case string(l.calls.text(v.Call[row])) != string(call):
		l.unlink(row)
		l.next[row] = l.calls.link(row, call)
	}
}

// mode returns the number of a mode.
func (l *Log) mode(m qso.Mode) uint16 {
	id, found := l.modes.find(&m)
	if !found {
		m.Name, m.Sub = l.words.keep(m.Name), l.words.keep(m.Sub)
		id = l.modes.add(m)
		l.v.Modes, l.v.Class = l.modes.list, append(l.v.Class, m.Class())
	}
	return uint16(id)
}

func (l *Log) session(s *Session) uint32 {
	id, found := l.sessions.find(s)
	if !found {
		id = l.sessions.add(s.kept(&l.words))
		l.v.Sessions = l.sessions.list
	}
	return id
}

func (l *Log) place(p *Place) uint32 {
	words := l.words.place(p)
	id, found := l.places.find(&words)
	if !found {
		id = l.places.add(words)
		l.v.Places, l.v.texts = l.places.list, l.words.list
	}
	return id
}

// unlink takes a row out of its call's chain.
func (l *Log) unlink(row uint32) {
	text := string(l.calls.text(l.v.Call[row]))
	hash := hashCall(text)
	slot, _ := l.calls.slot(text, hash)
	at := l.calls.row(slot)
	switch older := l.next[row]; {
	case at == row && older == noRow:
		l.calls.drop(slot)
	case at == row:
		l.calls.set(slot, hash, older)
	default:
		for l.next[at] != row {
			at = l.next[at]
		}
		l.next[at] = older
	}
	l.next[row] = noRow
}
