package webui

import (
	"net/http"
	"net/url"
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
	Again, Kept      string // a form that waits for the sign-in: where it goes, what is in it
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
	if code != "" && c.setupAttempts.take(access.Network(c.source), c.time()) == nil {
		d.Good = c.Gate.CodeIsGood(code)
		if !d.Good && d.Problem == "" {
			d.Problem = c.words().Text("sign.bad_code")
		}
	}
	return c.renderStatus(http.StatusOK, "setup", d)
}

// Plain reports whether what is typed here travels unencrypted through a
// network.
func (v *view) Plain() bool { return !v.c.secure() && !v.c.local }

// signProblem says why a form came back.
func (c *call) signProblem() string { return c.signProblemOf(c.query) }

func (c *call) signProblemOf(query url.Values) string {
	code := query.Get("problem")
	p := c.words()
	if n, err := strconv.Atoi(query.Get("wait")); err == nil && n > 0 && n < 1<<20 {
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
