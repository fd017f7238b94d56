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
// anew meanwhile, and the last sign-in. A disk that takes neither keeps nobody
// out.
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
	_ = g.save(kindUser, name, &record) // the next sign-in tries again
	return nil
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
	s, have, err := g.loadSession(id)
	if err != nil || !have {
		return Identity{}, err
	}
	if g.ended(&s, now) {
		_ = g.EndSession(id) // Sweep tries again
		return Identity{}, nil
	}
	var u userRecord
	if have, err = g.load(kindUser, s.User, &u); err != nil || !have {
		return Identity{}, err
	}
	if g.touch("session/"+id, now) && now.Sub(s.Seen) >= seenEvery {
		s.Seen = now.UTC()
		g.seeSession(id, &s)
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

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}
