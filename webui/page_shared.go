package webui

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"qslbox/qso/columns"
	"qslbox/stats"
)

const (
	// sharePage is how long a page is kept at most. Nothing is known that changes
	// a page without one of its snapshots, a write or the minute; this bounds
	// what is not known.
	sharePage = 10 * time.Second
	// maxShared and maxSharedBytes bound what is kept.
	maxShared      = 64
	maxSharedBytes = 4 << 20
)

// sharedPages keeps pages as they were sent, for all who would be sent the very
// same: making one of templates costs some hundred times as much as looking
// whether it still holds.
type sharedPages struct {
	mu    sync.Mutex
	list  map[pageKey]*sharedPage
	bytes int // of the bodies, about
}

// pageKey stands for all that a page takes from the request, see call.pageKey.
type pageKey [sha256.Size]byte

// sharedPage is one page. Its lock is held while it is made: whoever wants it too
// waits for it, and does not make another.
type sharedPage struct {
	mu   sync.Mutex
	made *madePage // nil at first
}

// madePage is a page and what it was made of.
type madePage struct {
	body   []byte
	packed func() []byte // the body in gzip form
	writes uint64        // Config.Writes, before
	at     time.Time
	uses   []usedSnapshot
}

// usedSnapshot is a snapshot that a page shows.
type usedSnapshot struct {
	name     string
	filter   columns.Filter
	snapshot *stats.Snapshot
}

// share answers with a page that make renders, or with the same page made
// before, as long as all that it shows is the same: its snapshots, which are
// asked for each time, everything else that is stored, and the minute. more is
// what the page shows besides of this reader.
func (c *call) share(more string, make func() error) error {
	if c.Writes == nil {
		return make()
	}
	made, err := c.pages.shared.at(c.pageKey(more)).get(c, make)
	if err != nil || made == nil {
		return err
	}
	body := made.body
	if c.packs(body) {
		body = made.packed()
	}
	c.sendPage(http.StatusOK, body)
	return nil
}

// get returns the page as it holds now; nil if make has answered otherwise.
func (p *sharedPage) get(c *call, make func() error) (*madePage, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.made != nil && p.made.holds(c) {
		return p.made, nil
	}
	p.made = nil
	c.making = &madePage{writes: c.Writes(), at: c.time()}
	err := make()
	made := c.making
	c.making = nil
	if err != nil || made.body == nil {
		return nil, err
	}
	made.packed = sync.OnceValue(func() []byte { return c.pages.pack(made.body) })
	c.pages.shared.count(len(made.body))
	p.made = made
	return made, nil
}

// holds reports whether the page made now would be the same.
func (m *madePage) holds(c *call) bool {
	now := c.time()
	if m.writes != c.Writes() || now.Before(m.at) || now.Sub(m.at) >= sharePage || !now.Truncate(time.Minute).Equal(m.at.Truncate(time.Minute)) {
		return false
	}
	for i := range m.uses {
		u := &m.uses[i]
		if s, err := c.snapshot(u.name, u.filter); err != nil || s != u.snapshot {
			return false
		}
	}
	return true
}

// pageKey names the page that the reader would see: what of the request may
// show in it. The cookie of visits is not in it: see getDashboardPage.
func (c *call) pageKey(more string) pageKey {
	b := make([]byte, 0, 1024)
	text := func(s string) { b = append(strconv.AppendInt(b, int64(len(s)), 10), s...) }
	text(c.r.URL.RequestURI())
	text(c.name)
	text(c.r.Header.Get("Accept-Language"))
	for _, cookie := range c.r.Cookies() {
		if cookie.Name != visitCookie {
			text(cookie.Name)
			text(cookie.Value)
		}
	}
	text(more)
	text(fmt.Sprint(c.id.Kind, c.id.Name, c.id.Role, c.id.Logbooks, c.id.Scopes))
	return sha256.Sum256(b) // and no cookie stays behind
}

// at returns the place of a page.
func (s *sharedPages) at(key pageKey) *sharedPage {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.list[key]
	if p == nil {
		if s.list == nil || len(s.list) >= maxShared || s.bytes > maxSharedBytes {
			s.list, s.bytes = map[pageKey]*sharedPage{}, 0 // they end after seconds: few are lost
		}
		p = &sharedPage{}
		s.list[key] = p
	}
	return p
}

// count notes a page that was made.
func (s *sharedPages) count(n int) {
	s.mu.Lock()
	s.bytes += n
	s.mu.Unlock()
}

// takeBody keeps a page that is being made and reports whether it is to be kept:
// share sends it then.
func (c *call) takeBody(status int, body []byte) bool {
	if c.making == nil || status != http.StatusOK {
		return false
	}
	c.making.body = bytes.Clone(body)
	return true
}
