package access

import (
	"encoding/hex"
	"errors"
)

// maxUnwritten bounds how many sessions are kept in memory alone.
const maxUnwritten = 100

// unwrittenSessions is what could not be stored of sessions: a disk that is full or
// takes no writes must not keep people from reading, and from what helps. It
// lasts until the process ends.
type unwrittenSessions struct {
	begun map[string]Session
	ended map[string]bool
}

func newUnwritten() unwrittenSessions {
	return unwrittenSessions{begun: map[string]Session{}, ended: map[string]bool{}}
}

// begin makes a session; only the hash of its token is stored.
func (g *Gate) begin(user, source, agent string) (string, error) {
	token, now := randomText(32), g.now().UTC()
	sum := digest(token)
	s := Session{ID: hex.EncodeToString(sum[:]), User: user, Created: now, Seen: now, Agent: clip(agent, 200), Source: source}
	err := g.save(kindSession, s.ID, &s)
	if err == nil {
		return token, nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.unwritten.begun) >= maxUnwritten {
		return "", err
	}
	g.unwritten.begun[s.ID] = s
	return token, nil
}

// loadSession reads a session that nobody has ended.
func (g *Gate) loadSession(id string) (s Session, ok bool, err error) {
	g.mu.Lock()
	s, ok = g.unwritten.begun[id]
	ended := g.unwritten.ended[id]
	g.mu.Unlock()
	if ok || ended {
		return s, ok, nil
	}
	ok, err = g.load(kindSession, id, &s)
	return s, ok, err
}

// seeSession notes the use of a session; one that was kept in memory is stored
// when the disk takes it.
func (g *Gate) seeSession(id string, s *Session) {
	err := g.save(kindSession, id, s)
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, inMemory := g.unwritten.begun[id]; !inMemory {
		return // the next hour's use tries again
	}
	if g.unwritten.begun[id] = *s; err == nil {
		delete(g.unwritten.begun, id)
	}
}

// EndSession ends one session. It has ended even where an error says that this
// could not be stored; Sweep tries again.
func (g *Gate) EndSession(id string) error {
	g.mu.Lock()
	_, inMemory := g.unwritten.begun[id]
	delete(g.unwritten.begun, id)
	g.mu.Unlock()
	if inMemory {
		g.forget()
		return nil
	}
	err := g.put(kindSession, id, nil)
	g.mu.Lock()
	if err != nil {
		g.unwritten.ended[id] = true
	} else {
		delete(g.unwritten.ended, id)
	}
	g.mu.Unlock()
	if err != nil {
		g.forget()
	}
	return err
}

// Sessions lists a user's sessions; of all users if the name is empty.
func (g *Gate) Sessions(user string) ([]Session, error) {
	list, now := []Session{}, g.now()
	g.mu.Lock()
	defer g.mu.Unlock()
	add := func(id string, s Session) error {
		if (user == "" || s.User == user) && !g.unwritten.ended[id] && !g.ended(&s, now) {
			list = append(list, s)
		}
		return nil
	}
	for id, s := range g.unwritten.begun {
		_ = add(id, s) // returns no error
	}
	return list, each(g, kindSession, add)
}

// EndSessions ends all sessions of a user.
func (g *Gate) EndSessions(user string) error {
	list, err := g.Sessions(user)
	for _, s := range list {
		err = errors.Join(err, g.EndSession(s.ID))
	}
	return err
}

// Sweep removes sessions that have ended. Do not call it while the clock is
// not to be trusted.
func (g *Gate) Sweep() error {
	over, now := map[string]bool{}, g.now()
	err := each(g, kindSession, func(id string, s Session) error {
		if g.ended(&s, now) {
			over[id] = true
		}
		return nil
	})
	g.mu.Lock()
	for id := range g.unwritten.ended {
		over[id] = true
	}
	for id, s := range g.unwritten.begun {
		if g.ended(&s, now) {
			over[id] = true
		}
	}
	g.mu.Unlock()
	for id := range over {
		if err == nil {
			err = g.EndSession(id)
		}
	}
	return err
}
