package webui

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"qslbox/webui/access"
)

// signRoutes lists the forms by which people come in and go. They answer with
// a redirect: to the page asked for, or back to the form with ?problem= set to
// a code of the error table.
func signRoutes() []route {
	return []route{
		{method: http.MethodPost, path: "/signin", page: true, body: 4 * maxKeptForm, handler: postSignIn},
		{method: http.MethodGet, path: "/signin/link", page: true, handler: getSignInLink},
		{method: http.MethodPost, path: "/signin/link", page: true, body: smallBody, handler: postSignInLink},
		{method: http.MethodPost, path: "/signout", page: true, body: 64 << 10, handler: postSignOut},
		{method: http.MethodPost, path: "/setup", page: true, body: 64 << 10, handler: postSetup},
	}
}

// form reads a posted form.
func (c *call) form() (url.Values, error) {
	if err := c.r.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, err
		}
		return nil, invalid("the form cannot be read")
	}
	return c.r.PostForm, nil
}

// postSignIn answers POST /signin (name, password, next).
func postSignIn(c *call) error {
	form, err := c.form()
	if err != nil {
		return err
	}
	next, again := localPath(form.Get("next")), localPath(form.Get("again"))
	token, err := c.signIn(form.Get("name"), form.Get("password"))
	switch {
	case err == nil && again != "/":
		return c.bringBack(token, again, form.Get("kept"))
	case err == nil:
		return c.redirect(next, nil)
	}
	query := problemQuery(c, err)
	if query == nil {
		return err
	}
	if again != "/" {
		entry, _ := c.explain(err)
		return c.renderStatus(entry.Status, "signin", signPage{
			Name: form.Get("name"), Again: again, Kept: form.Get("kept"), Problem: c.signProblemOf(query),
		})
	}
	if next != "/" {
		query.Set("next", next)
	}
	query.Set("name", form.Get("name"))
	return c.redirect("/signin", query)
}

// signIn begins a session and sets its cookie. A session that the browser had
// ends.
func (c *call) signIn(name, password string) (token string, err error) {
	token, err = c.Gate.SignIn(c.ctx(), name, password, c.source, c.r.UserAgent(), c.local)
	if err != nil {
		c.auditRefusal(name, err)
		return "", err
	}
	c.auditAs(access.Identity{Kind: access.BySession, Name: name}, "sign-in", c.r.UserAgent())
	c.begin(token)
	return token, nil
}

// begin gives the browser a session; one that it had ends.
func (c *call) begin(token string) {
	if c.id.Kind == access.BySession {
		_ = c.Gate.EndSession(c.id.Session)
	}
	c.setSessionCookie(token)
}

// problemQuery returns the query that tells a form why it comes back; nil for
// errors that are not the reader's.
func problemQuery(c *call, err error) url.Values {
	entry, message := c.explain(err)
	if entry.Status >= http.StatusInternalServerError {
		return nil
	}
	query := url.Values{"problem": {entry.Code}}
	var many *access.TooManyError
	switch {
	case errors.As(err, &many):
		query.Set("wait", strconv.Itoa(max(1, int(many.Wait.Seconds()+0.999))))
	case errors.Is(err, access.ErrPassword), errors.Is(err, access.ErrInvalid):
		query.Set("why", message)
	}
	return query
}

// localPath returns a path of ours to go on with; anything else is the first
// page, so that nobody is sent to another site.
func localPath(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") ||
		strings.HasPrefix(text, "//") || strings.ContainsAny(text, "\\\r\n\t") {
		return "/"
	}
	if u.Path == "/signin" || u.Path == "/setup" || u.Path == "/signout" {
		return "/"
	}
	return u.RequestURI()
}

// postSignOut answers POST /signout: the session ends, also where the disk
// takes no writes.
func postSignOut(c *call) error {
	if c.id.Kind == access.BySession {
		_ = c.Gate.EndSession(c.id.Session)
		c.audit("sign-out", "")
	}
	c.setSessionCookie("")
	return c.redirect("/signin", nil)
}

// postSetup answers POST /setup (code, name, password): the first
// administrator, who is signed in at once.
func postSetup(c *call) error {
	form, err := c.form()
	if err != nil {
		return err
	}
	code, name := form.Get("code"), form.Get("name")
	if err := c.setupAttempts.take(access.Network(c.source), c.time()); err != nil {
		return c.redirect("/setup", problemQuery(c, err))
	}
	if err := c.Gate.Claim(c.ctx(), code, name, form.Get("password")); err != nil {
		if errors.Is(err, access.ErrCode) {
			c.audit("setup-refused", name)
		}
		query := problemQuery(c, err)
		if query == nil {
			return err
		}
		if !errors.Is(err, access.ErrCode) {
			query.Set("code", code)
		}
		query.Set("name", name)
		return c.redirect("/setup", query)
	}
	c.auditAs(access.Identity{Kind: access.BySession, Name: name}, "setup", "the first administrator")
	if _, err := c.signIn(name, form.Get("password")); err != nil {
		return c.redirect("/signin", nil)
	}
	return c.redirect("/", nil)
}
