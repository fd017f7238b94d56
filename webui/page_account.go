package webui

import (
	"net/http"
	"slices"

	"qslbox/webui/access"
)

// accountPage shows somebody who is signed in where else that is so.
type accountPage struct {
	User     access.User
	Sessions []access.Session
	Here     string // id of this session
	Problem  string
}

// getAccountPage answers GET /account.
func getAccountPage(c *call) error { return c.account(http.StatusOK, "") }

func (c *call) account(status int, problem string) error {
	if c.id.Kind != access.BySession {
		return errSignIn
	}
	d := accountPage{User: access.User{Name: c.id.Name, Role: c.id.Role, Logbooks: c.id.Logbooks}, Here: c.id.Session, Problem: problem}
	var err error
	if d.Sessions, err = c.Gate.Sessions(c.id.Name); err != nil {
		return err
	}
	slices.SortFunc(d.Sessions, func(a, b access.Session) int { return b.Seen.Compare(a.Seen) })
	return c.renderStatus(status, "account", &d)
}

// postAccountPassword answers POST /account/password (old_password, password):
// all sessions of the user end, and this browser gets a new one.
func postAccountPassword(c *call) error {
	if c.id.Kind != access.BySession {
		return errSignIn
	}
	form, err := c.form()
	if err != nil {
		return err
	}
	name := c.id.Name
	err = c.Gate.Prove(c.ctx(), name, form.Get("old_password"), c.source, c.local)
	if err == nil {
		err = c.Gate.SetPassword(c.ctx(), name, form.Get("password"))
	}
	if err != nil {
		c.auditRefusal(name, err)
		entry, message := c.explain(err)
		if entry.Status >= http.StatusInternalServerError {
			return err
		}
		if c.words().Has("sign."+entry.Code) && entry.Code != "too_many" {
			message = c.words().Text("sign." + entry.Code)
		}
		return c.account(http.StatusUnprocessableEntity, message)
	}
	c.audit("password-set", name)
	if _, err := c.signIn(name, form.Get("password")); err != nil {
		return err
	}
	return c.redirect("/account", map[string][]string{"done": {"saved"}})
}

// postAccountEnd answers POST /account/end: one session of the user's (session),
// or all of them.
func postAccountEnd(c *call) error {
	if c.id.Kind != access.BySession {
		return errSignIn
	}
	form, err := c.form()
	if err != nil {
		return err
	}
	one := form.Get("session")
	if one == "" || one == c.id.Session {
		if one == "" {
			err = c.Gate.EndSessions(c.id.Name)
		} else {
			err = c.Gate.EndSession(one)
		}
		if err != nil {
			return err
		}
		c.audit("sessions-ended", c.id.Name)
		c.setSessionCookie("")
		return c.redirect("/signin", nil)
	}
	own, err := c.Gate.Sessions(c.id.Name)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(own, func(s access.Session) bool { return s.ID == one }) {
		return missing("there is no such session of yours")
	}
	if err := c.Gate.EndSession(one); err != nil {
		return err
	}
	c.audit("sessions-ended", c.id.Name)
	return c.redirect("/account", map[string][]string{"done": {"removed"}})
}
