package webui

import (
	"net/http"
	"strconv"
	"time"

	"qslbox/webui/access"
)

// signPage is the form to sign in or to set up.
type signPage struct {
	Name, Next, Code string
	Problem          string
	Good             bool   // the code of a set-up is one
	Token            string // of a sign-in link
}

// getSignInPage answers GET /signin.
func getSignInPage(c *call) error {
	if c.id.Kind == access.BySession {
		return c.redirect("/", nil)
	}
	if !c.claimed() {
		return c.redirect("/setup", nil)
	}
	d := signPage{Name: c.query.Get("name"), Next: c.query.Get("next"), Problem: c.signProblem()}
	return c.renderStatus(http.StatusOK, "signin", d)
}

// getSetupPage answers GET /setup: the first administrator. Who has no code is
// told where it stands.
func getSetupPage(c *call) error {
	if c.claimed() {
		return c.redirect("/signin", nil)
	}
	code := c.query.Get("code")
	d := signPage{Name: c.query.Get("name"), Code: code, Problem: c.signProblem()}
	if code != "" && c.setupAttempts.take(c.source, c.time()) == nil {
		d.Good = c.Gate.CodeIsGood(code)
		if !d.Good && d.Problem == "" {
			d.Problem = c.words().Text("sign.bad_code")
		}
	}
	return c.renderStatus(http.StatusOK, "setup", d)
}

// signProblem says why a form came back.
func (c *call) signProblem() string {
	code := c.query.Get("problem")
	p := c.words()
	if n, err := strconv.Atoi(c.query.Get("wait")); err == nil && n > 0 && n < 1<<20 {
		return p.Text("sign.too_many", p.Span(time.Duration(n)*time.Second, false))
	}
	if key := "sign." + code; code != "" && p.Has(key) {
		return p.Text(key)
	}
	if code != "" {
		return p.Text("error.other")
	}
	return ""
}
