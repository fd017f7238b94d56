package webui

import (
	"errors"
	"net/http"
	"strings"

	"qslbox/webui/access"
)

// getSignInLink answers GET /signin/link: it signs in whoever opens the link.
// Its token is known to nobody else and works once, so this one GET may change
// something (docs/decisions/0008). Where a page of another site sent the
// browser here, or the browser only looks ahead, a button asks first.
func getSignInLink(c *call) error {
	token := c.query.Get("token")
	if c.r.Method == http.MethodHead || !c.ownWill() {
		return c.renderStatus(http.StatusOK, "signin", signPage{Token: token})
	}
	return c.takeLink(token)
}

// ownWill reports whether somebody typed or clicked the address of this request
// outside of other sites' pages, and wants the page now.
func (c *call) ownWill() bool {
	if strings.Contains(c.r.Header.Get("Sec-Purpose")+c.r.Header.Get("Purpose"), "prefetch") {
		return false
	}
	site := c.r.Header.Get("Sec-Fetch-Site")
	return site == "" || site == "none" || site == "same-origin"
}

// postSignInLink answers POST /signin/link (token), the button's form.
func postSignInLink(c *call) error {
	form, err := c.form()
	if err != nil {
		return err
	}
	return c.takeLink(form.Get("token"))
}

// takeLink signs in by a link. Who is signed in already stays so, whatever
// became of the link.
func (c *call) takeLink(token string) error {
	session, user, err := c.Gate.SignInByLink(c.ctx(), token, c.source, c.r.UserAgent(), c.local)
	if err != nil {
		if c.id.Kind == access.BySession && errors.Is(err, access.ErrLink) {
			return c.redirect("/", nil)
		}
		query := problemQuery(c, err)
		if query == nil {
			return err
		}
		return c.redirect("/signin", query)
	}
	c.begin(session)
	c.auditAs(access.Identity{Kind: access.BySession, Name: user}, "sign-in", "by link")
	return c.redirect("/", nil)
}
