package webui

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"qslbox/webui/access"
)

// A form that is posted after the session has ended is not lost: it travels
// through the sign-in form and comes back filled.

const (
	maxKeptForm  = 48 << 10
	maxKeptForms = 64
)

// keptForms holds the last form of those who had to sign in again, by session.
type keptForms struct {
	mu   sync.Mutex
	list map[string]keptForm
	ids  []string // oldest first
}

// keptForm is what was posted, and where.
type keptForm struct {
	path   string // with the query
	values url.Values
}

func (k *keptForms) put(session string, form keptForm) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.list == nil {
		k.list = map[string]keptForm{}
	}
	if len(k.ids) >= maxKeptForms {
		delete(k.list, k.ids[0])
		k.ids = k.ids[1:]
	}
	k.ids = append(k.ids, session)
	k.list[session] = form
}

func (k *keptForms) get(session string) (form keptForm, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	form, ok = k.list[session]
	return form, ok
}

// signInFirst answers a form of somebody who has to sign in: with the sign-in
// form, which holds what was posted. False says that there is nothing to keep.
func (c *call) signInFirst() bool {
	kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if c.r.Method != http.MethodPost || kind != "application/x-www-form-urlencoded" || !c.claimed() {
		return false
	}
	c.limit()
	form, err := c.form()
	if err != nil {
		return false
	}
	for name := range form {
		if isSecret(name) {
			form.Set(name, "")
		}
	}
	kept := form.Encode()
	if len(kept) > maxKeptForm {
		return false
	}
	d := signPage{Again: c.r.URL.RequestURI(), Kept: kept, Problem: c.words().Text("sign.again")}
	return c.renderStatus(http.StatusUnauthorized, "signin", d) == nil
}

// isSecret reports whether a field of a form is never sent back.
func isSecret(name string) bool {
	return name == "password" || name == "secret" || name == "old_password"
}

// bringBack leads to the form that was kept, after the sign-in.
func (c *call) bringBack(token, again, kept string) error {
	values, err := url.ParseQuery(kept)
	if err != nil {
		return invalid("the form cannot be read")
	}
	id, err := c.Gate.BySessionToken(token)
	if err != nil {
		return err
	}
	c.kept.put(id.Session, keptForm{again, values})
	at, err := url.Parse(again)
	if err != nil {
		return invalid("the form cannot be read")
	}
	if !fillsItself(at.Path) {
		return c.redirect("/again", nil)
	}
	query := at.Query()
	query.Set("kept", "1")
	query.Set("done", "again")
	return c.redirect(at.Path, query)
}

// fillsItself reports whether the page of a form shows what was kept.
func fillsItself(path string) bool {
	return path == "/log/new" || strings.HasPrefix(path, "/qso/") && strings.HasSuffix(path, "/edit")
}

// keptForm returns what was kept for this page, if it is to be shown.
func (c *call) keptForm() (url.Values, bool) {
	if c.query.Get("kept") == "" || c.id.Kind != access.BySession {
		return nil, false
	}
	form, ok := c.kept.get(c.id.Session)
	path, _, _ := strings.Cut(form.path, "?")
	return form.values, ok && path == c.r.URL.Path
}

// againPage is a form that came back after the sign-in, field by field.
type againPage struct {
	Action string
	Fields []againField
}

type againField struct {
	Name, Value string
	Secret      bool // to be typed again
}

// getAgainPage answers GET /again: the form to look through and send.
func getAgainPage(c *call) error {
	if c.id.Kind != access.BySession {
		return errSignIn
	}
	form, ok := c.kept.get(c.id.Session)
	if !ok {
		return c.redirect("/", nil)
	}
	d := againPage{Action: c.BasePath + form.path}
	for name, values := range form.values {
		for _, value := range values {
			d.Fields = append(d.Fields, againField{name, value, isSecret(name)})
		}
	}
	slices.SortFunc(d.Fields, func(a, b againField) int { return strings.Compare(a.Name, b.Name) })
	return c.render("again", &d)
}
