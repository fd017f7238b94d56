package webui

import (
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"

	"qslbox/webui/access"
)

// identify finds out where a request comes from and who asks.
//
// With full rights it is a command of this machine. Else a key (Authorization:
// Bearer or X-API-Key), else the cookie of a session, else nobody, who on this
// machine may see health and figures. That is so before there is an
// administrator, too: the way in is the link that the service prints.
func (c *call) identify(full bool) error {
	if full {
		c.id, c.source, c.local = access.Identity{Kind: access.BySocket}, "socket", true
		return nil
	}
	c.source, c.local = c.origin()
	if err := c.allowSource(); err != nil {
		return err
	}
	if key := keyText(c.r.Header); key != "" {
		var err error
		c.id, err = c.Gate.ByKeyText(key, c.source, c.local)
		return err
	}
	if cookie := c.sessionCookie(); cookie != "" {
		var err error
		if c.id, err = c.Gate.BySessionToken(cookie); err != nil || c.id.SignedIn() {
			return err
		}
	}
	if c.local {
		c.id = access.Identity{Kind: access.Loopback}
	}
	return nil
}

// claimed reports whether there is an administrator. Once there is one, one
// stays: package access sees to it.
func (s *Server) claimed() bool {
	if s.hasAdmin.Load() {
		return true
	}
	needed, err := s.Gate.NeedsSetup()
	if err != nil || needed {
		return err != nil // in doubt nobody is let in
	}
	s.hasAdmin.Store(true)
	return true
}

// keyText returns the API key of a request; keys in the query are not taken.
func keyText(h http.Header) string {
	if key := h.Get("X-Api-Key"); key != "" {
		return strings.TrimSpace(key)
	}
	auth := h.Get("Authorization")
	if scheme, key, ok := strings.Cut(auth, " "); ok && strings.EqualFold(scheme, "bearer") {
		return strings.TrimSpace(key)
	}
	return ""
}

// forwarding are the headers by which proxies say for whom they ask.
var forwarding = []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via"}

// origin returns the address a request comes from, without port, and whether
// that is this machine. Forwarding headers count from trusted proxies only;
// from others they show that the request is not from here.
func (c *call) origin() (source string, local bool) {
	peer := peerAddr(c.r.RemoteAddr)
	forwarded := false
	for _, name := range forwarding {
		if _, ok := c.r.Header[name]; ok {
			forwarded = true
			break
		}
	}
	if !forwarded {
		return peer.String(), peer.IsLoopback()
	}
	if !c.trusted(peer) {
		return peer.String(), false
	}
	// the last address that no trusted proxy has is the client's
	hops := strings.Split(strings.Join(c.r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		addr := peerAddr(strings.TrimSpace(hops[i]))
		if !addr.IsValid() {
			break
		}
		peer = addr
		if !c.trusted(addr) {
			break
		}
	}
	return peer.String(), false
}

func (c *call) trusted(addr netip.Addr) bool {
	for _, p := range c.TrustedProxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// peerAddr reads an address with or without port; the zero Addr if it is none.
func peerAddr(text string) netip.Addr {
	if at, err := netip.ParseAddrPort(text); err == nil {
		return at.Addr().Unmap().WithZone("")
	}
	addr, _ := netip.ParseAddr(strings.Trim(text, "[]"))
	return addr.Unmap().WithZone("")
}

// secure reports whether the browser speaks https with us, or with a trusted
// proxy before us.
func (c *call) secure() bool {
	return c.r.TLS != nil || strings.EqualFold(c.r.Header.Get("X-Forwarded-Proto"), "https") && c.trusted(peerAddr(c.r.RemoteAddr))
}

// The session's cookie: with https under a name that browsers accept only
// from this host and by https.
const (
	sessionCookie       = "qslbox_session"
	sessionCookieSecure = "__Host-qslbox_session"
)

func (c *call) sessionCookieName() string {
	if c.secure() {
		return sessionCookieSecure
	}
	return sessionCookie
}

func (c *call) sessionCookie() string {
	cookie, err := c.r.Cookie(c.sessionCookieName())
	if err != nil {
		return ""
	}
	return cookie.Value
}

// setSessionCookie begins (or, with an empty token, ends) a session in the
// browser.
func (c *call) setSessionCookie(token string) {
	cookie := &http.Cookie{
		Name: c.sessionCookieName(), Value: token, Path: "/", HttpOnly: true, Secure: c.secure(),
		SameSite: http.SameSiteLaxMode, MaxAge: 90 * 24 * 3600,
	}
	if token == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(c.w, cookie)
}

// hostList are the names under which we may be asked. A page elsewhere can
// make a browser ask us under its own name (DNS rebinding): such are refused.
type hostList map[string]bool

// allowedHosts returns localhost, this machine's name, the same in .local and
// the further ones.
func allowedHosts(more []string) hostList {
	list := hostList{"localhost": true}
	if name, err := os.Hostname(); err == nil && name != "" {
		name = strings.ToLower(strings.TrimSuffix(name, "."))
		short, _, _ := strings.Cut(name, ".")
		list[name], list[short], list[short+".local"] = true, true, true
	}
	for _, h := range more {
		list[strings.ToLower(strings.TrimSuffix(h, "."))] = true
	}
	return list
}

// allows reports whether a Host header names us; addresses always do.
func (l hostList) allows(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.Trim(name, "[]")
	if l[name] {
		return true
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	return l[name] || strings.HasSuffix(name, ".localhost")
}
