package access

import (
	"context"
	"fmt"
	"time"
)

// A link signs a user in once, without the password: it is made on the machine
// itself, for a phone or for somebody who forgot.
const (
	linkLife = 30 * time.Minute
	maxLinks = 16 // the oldest makes room
)

// link is a sign-in link that was not used yet.
type link struct {
	user string
	ends time.Time
}

// NewLink returns the token of a sign-in link for a user. It works once, for
// 30 minutes, and only in this process.
func (g *Gate) NewLink(user string) (token string, err error) {
	have, err := g.load(kindUser, user, &userRecord{})
	if err != nil {
		return "", err
	}
	if !have {
		return "", fmt.Errorf("%w: user %s", ErrNotFound, clip(user, 64))
	}
	token = randomText(24)
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.links) >= maxLinks {
		g.dropOldestLink()
	}
	g.links[digest(token)] = link{user, g.now().Add(linkLife)}
	return token, nil
}

func (g *Gate) dropOldestLink() {
	var oldest [32]byte
	var ends time.Time
	for sum, l := range g.links {
		if ends.IsZero() || l.ends.Before(ends) {
			oldest, ends = sum, l.ends
		}
	}
	delete(g.links, oldest)
}

// SignInByLink begins a session for the user of a link, which is used up by
// that. Wrong links are throttled like wrong passwords.
func (g *Gate) SignInByLink(_ context.Context, token, source, agent string, local bool) (session, user string, err error) {
	if wait := g.throttled(source, ""); wait > 0 && !local {
		return "", "", &TooManyError{wait}
	}
	sum := digest(token)
	g.mu.Lock()
	l, ok := g.links[sum]
	delete(g.links, sum)
	g.mu.Unlock()
	if !ok || !g.now().Before(l.ends) {
		g.failed(source, "")
		return "", "", ErrLink
	}
	if have, err := g.load(kindUser, l.user, &userRecord{}); err != nil || !have {
		if err == nil {
			err = ErrLink
		}
		return "", "", err
	}
	session, err = g.begin(l.user, source, agent)
	return session, l.user, err
}

// endLinks ends the links of a user.
func (g *Gate) endLinks(user string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for sum, l := range g.links {
		if l.user == user {
			delete(g.links, sum)
		}
	}
}
