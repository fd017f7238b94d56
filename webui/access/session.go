package access

import (
	"context"
	"encoding/hex"
	"time"
)

// How long a session lasts without use, and at most; and how often its last
// use is written (an SD card counts writes).
const (
	idleEnd     = 14 * 24 * time.Hour
	absoluteEnd = 90 * 24 * time.Hour
	seenEvery   = time.Hour
)

// Session is a user signed in on one device.
type Session struct {
	ID      string    `json:"id"` // hash of its token: safe to show
	User    string    `json:"user"`
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen"`
	Agent   string    `json:"agent,omitempty"`
	Source  string    `json:"source,omitempty"`
}

// SignIn checks name and password and begins a session. source is where the
// request comes from, local whether that is this machine. Wrong ones cost the
// same time whether the name exists or not; too many return ErrTooMany, but a
// right password from this machine always passes.
func (g *Gate) SignIn(ctx context.Context, name, password, source, agent string, local bool) (token string, err error) {
	if err := g.prove(ctx, name, password, source, local, true); err != nil {
		return "", err
	}
	return g.begin(name, source, agent)
}

// Prove checks the password of somebody who is signed in, by the same rules.
func (g *Gate) Prove(ctx context.Context, name, password, source string, local bool) error {
	return g.prove(ctx, name, password, source, local, false)
}

// prove checks name and password. A hash of another cost than today's is made
// anew; seen notes the sign-in.
func (g *Gate) prove(ctx context.Context, name, password, source string, local, seen bool) error {
	wait := g.throttled(source, name)
	if wait > 0 && !local {
		return &TooManyError{wait}
	}
	var record userRecord
	have, err := g.load(kindUser, name, &record)
	if err != nil {
		return err
	}
	hash, err := g.dummy() // made by the first who signs in, known or not: the time tells nothing
	if err != nil {
		return err
	}
	if have {
		hash = record.Hash
	}
	ok, stale, err := g.verifyPassword(ctx, hash, password)
	if err != nil {
		return err
	}
	if !ok || !have {
		g.failed(source, name)
		if wait > 0 {
			return &TooManyError{wait}
		}
		return ErrDenied
	}
	g.succeeded(source, name)
	again := ""
	if stale {
		if again, err = g.hashPassword(ctx, password); err != nil {
			return err
		}
	}
	return g.noteProof(name, hash, again, seen)
}

// noteProof writes what a proof changed: the hash, unless the password was set
// anew meanwhile, and the last sign-in.
func (g *Gate) noteProof(name, was, again string, seen bool) error {
	if !seen && again == "" {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	var record userRecord
	if have, err := g.load(kindUser, name, &record); err != nil || !have || record.Hash != was {
		if err == nil {
			err = ErrDenied // removed, or another password now
		}
		return err
	}
	if again != "" {
		record.Hash = again
	}
	if seen {
		record.LastSeen = g.now().UTC()
	}
	return g.save(kindUser, name, &record)
}

// begin makes a session; only the hash of its token is stored.
func (g *Gate) begin(user, source, agent string) (string, error) {
	token, now := randomText(32), g.now().UTC()
	sum := digest(token)
	s := Session{ID: hex.EncodeToString(sum[:]), User: user, Created: now, Seen: now, Agent: clip(agent, 200), Source: source}
	return token, g.save(kindSession, s.ID, &s)
}

// BySessionToken recognises a user by the token of a session that has not
// ended; a Stranger otherwise.
func (g *Gate) BySessionToken(token string) (Identity, error) {
	if len(token) < 20 {
		return Identity{}, nil
	}
	sum, now := digest(token), g.now()
	if id, ok := g.recall(sum, now); ok {
		return id, nil
	}
	before := g.written.Load()
	id := hex.EncodeToString(sum[:])
	var s Session
	have, err := g.load(kindSession, id, &s)
	if err != nil || !have {
		return Identity{}, err
	}
	if g.ended(&s, now) {
		return Identity{}, g.put(kindSession, id, nil)
	}
	var u userRecord
	if have, err = g.load(kindUser, s.User, &u); err != nil || !have {
		return Identity{}, err
	}
	if g.touch("session/"+id, now) && now.Sub(s.Seen) >= seenEvery {
		s.Seen = now.UTC()
		if err := g.save(kindSession, id, &s); err != nil {
			return Identity{}, err
		}
	}
	identity := Identity{Kind: BySession, Name: u.Name, Role: u.Role, Logbooks: u.Logbooks, Session: id, Since: s.Created}
	g.remember(sum, recalled{identity, now, s.Created.Add(absoluteEnd)}, before)
	return identity, nil
}

// ended reports whether a session is over; a clock that went back ends none.
func (g *Gate) ended(s *Session, now time.Time) bool {
	return now.Sub(s.Seen) > idleEnd || now.Sub(s.Created) > absoluteEnd
}

// touch notes a use and reports whether it may be time to write it.
func (g *Gate) touch(key string, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if last, ok := g.seen[key]; ok && now.Sub(last) < seenEvery && !now.Before(last) {
		return false
	}
	if len(g.seen) > 10_000 {
		clear(g.seen)
	}
	g.seen[key] = now
	return true
}

// Sessions lists a user's sessions; of all users if the name is empty.
func (g *Gate) Sessions(user string) ([]Session, error) {
	list, now := []Session{}, g.now()
	err := each(g, kindSession, func(_ string, s Session) error {
		if (user == "" || s.User == user) && !g.ended(&s, now) {
			list = append(list, s)
		}
		return nil
	})
	return list, err
}

// EndSession ends one session.
func (g *Gate) EndSession(id string) error { return g.put(kindSession, id, nil) }

// EndSessions ends all sessions of a user.
func (g *Gate) EndSessions(user string) error {
	list, err := g.Sessions(user)
	for _, s := range list {
		if err == nil {
			err = g.EndSession(s.ID)
		}
	}
	return err
}

// Sweep removes sessions that have ended. Do not call it while the clock is
// not to be trusted.
func (g *Gate) Sweep() error {
	var ended []string
	now := g.now()
	err := each(g, kindSession, func(id string, s Session) error {
		if g.ended(&s, now) {
			ended = append(ended, id)
		}
		return nil
	})
	for _, id := range ended {
		if err == nil {
			err = g.EndSession(id)
		}
	}
	return err
}

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}
