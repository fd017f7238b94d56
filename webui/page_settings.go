package webui

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"qslbox/qso"
	"qslbox/syncers"
	"qslbox/webui/access"
)

// settingsPage shows and changes what a logbook and the appliance are told.
type settingsPage struct {
	Settings settingsJSON
	Holders  string // a line each: name, colon, calls
	Accounts []accountJSON
	Keys     []access.Key
	Users    []access.User
	Trail    []access.Entry
	NewKey   string // the text of a key, shown this once
	Problem  string
	Good     string
}

// getSettingsPage answers GET /settings.
func getSettingsPage(c *call) error { return c.settings(http.StatusOK, &settingsPage{}) }

// settings shows the page of settings with what has just happened.
func (c *call) settings(status int, d *settingsPage) (err error) {
	s := c.book.Settings()
	d.Settings = settingsOf(&s)
	d.Holders = holderLines(s.Holders)
	for _, source := range []qso.Source{qso.LoTW, qso.DCL} {
		account, err := c.book.Account(source)
		if errors.Is(err, syncers.ErrNoAccount) {
			account = syncers.Account{Source: source}
		} else if err != nil {
			return err
		}
		d.Accounts = append(d.Accounts, c.accountOf(&account))
	}
	if d.Keys, err = c.Gate.Keys(c.name); err != nil {
		return err
	}
	if c.id.May(access.Admin, "") && c.id.Kind != access.ByKey {
		if d.Users, err = c.Gate.Users(); err != nil {
			return err
		}
		if d.Trail, err = c.Gate.Trail(); err != nil {
			return err
		}
		d.Trail = d.Trail[:min(len(d.Trail), 30)]
	}
	return c.renderStatus(status, "settings", d)
}

func holderLines(holders []qso.Holder) string {
	var b strings.Builder
	for _, h := range holders {
		b.WriteString(h.Name + ":")
		for _, call := range h.Calls {
			b.WriteString(" " + string(call))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// parseHolders reads what holderLines writes.
func parseHolders(text string) ([]holderJSON, error) {
	list := []holderJSON{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		name, calls, ok := strings.Cut(line, ":")
		if !ok {
			return nil, invalid("holders: write each holder on a line, as in \"Anna: DL1ABC DL1ABC/P\"")
		}
		list = append(list, holderJSON{strings.TrimSpace(name), strings.FieldsFunc(calls, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' })})
	}
	return list, nil
}

// settled answers a form of the page: back to it, or the page with what was
// wrong.
func (c *call) settled(err error, done, anchor string) error {
	if err == nil {
		c.w.Header().Set("Location", c.url("/settings", url.Values{"done": {done}})+anchor)
		c.w.WriteHeader(http.StatusSeeOther)
		return nil
	}
	entry, message := c.explain(err)
	if entry.Status >= http.StatusInternalServerError || c.book == nil {
		return err
	}
	return c.settings(entry.Status, &settingsPage{Problem: message})
}

// postLogbookSettings answers POST /settings/logbook.
func postLogbookSettings(c *call) error {
	form, err := c.form()
	if err != nil {
		return err
	}
	holders, err := parseHolders(form.Get("holders"))
	if err == nil {
		own, grid, public := form.Get("default_own"), form.Get("grid"), isYes(form.Get("public"))
		err = c.setSettings(&settingsChange{DefaultOwn: &own, Holders: &holders, Grid: &grid, Public: &public})
	}
	return c.settled(err, "saved", "#logbook")
}

// postAccountSettings answers POST /settings/account/{source}. A blank secret
// leaves the stored one.
func postAccountSettings(c *call) error {
	source, form, err := c.sourceForm()
	if err != nil {
		return err
	}
	schedule, own, missing, paused := form.Get("schedule"), form.Get("own_call"), isYes(form.Get("import_missing")), isYes(form.Get("paused"))
	change := accountChange{Schedule: &schedule, OwnCall: &own, ImportMissing: &missing, Paused: &paused}
	if secret := form.Get("secret"); secret != "" {
		change.Secret = &secret
	}
	if source == qso.LoTW {
		login := form.Get("login")
		change.Login = &login
	} else {
		dok := form.Get("dok")
		change.DOK = &dok
	}
	done := "saved"
	if change.hasBlanks() {
		done = "blanks"
	}
	return c.settled(c.setAccount(source, &change), done, "#accounts")
}

// postAccountRemove answers POST /settings/account/{source}/remove.
func postAccountRemove(c *call) error {
	source, err := c.syncSource()
	if err != nil {
		return err
	}
	return c.settled(c.removeAccount(source), "removed", "#accounts")
}

// postAccountTry answers POST /settings/account/{source}/test.
func postAccountTry(c *call) error {
	source, err := c.syncSource()
	if err != nil {
		return err
	}
	result, err := c.testAccount(source)
	if err != nil {
		return c.settled(err, "", "")
	}
	if result.Class != syncers.OK {
		return c.settings(http.StatusOK, &settingsPage{Problem: c.words().Say(result.Message)})
	}
	return c.settled(nil, "tested", "#accounts")
}

// postKeySettings answers POST /settings/keys: the page shows the key's text
// this once.
func postKeySettings(c *call) error {
	form, err := c.form()
	if err != nil {
		return err
	}
	in := newKey{Name: form.Get("name"), Scopes: form["scope"]}
	if day := form.Get("expires"); day != "" {
		if in.Expires, err = time.Parse(time.DateOnly, day); err != nil {
			return c.settled(invalid("expires: %q is not a day", day), "", "")
		}
	}
	_, text, err := c.addKey(&in)
	if err != nil {
		return c.settled(err, "", "")
	}
	return c.settings(http.StatusOK, &settingsPage{NewKey: text})
}

// postKeyRevoke answers POST /settings/keys/{id}/revoke.
func postKeyRevoke(c *call) error {
	return c.settled(c.revokeKey(c.params.ByName("id")), "revoked", "#keys")
}

// postCacheClear answers POST /settings/cache.
func postCacheClear(c *call) error {
	err := c.book.Touch(c.ctx())
	if err == nil {
		c.audit("cache-cleared", "")
	}
	return c.settled(err, "cache", "#appliance")
}

// postUserSettings answers POST /settings/users.
func postUserSettings(c *call) error {
	form, err := c.form()
	if err != nil {
		return err
	}
	err = c.addUser(&newUser{
		Name: form.Get("name"), Password: form.Get("password"), Role: access.Role(form.Get("role")), Logbooks: form["logbook_of"],
	})
	return c.whole(err, "added", "#users")
}

// postUserRemove answers POST /settings/users/{name}/remove.
func postUserRemove(c *call) error {
	name := c.params.ByName("name")
	err := c.Gate.RemoveUser(name)
	if err == nil {
		c.audit("user-removed", name)
	}
	return c.whole(err, "removed", "#users")
}

// postUserPassword answers POST /settings/users/{name}/password.
func postUserPassword(c *call) error {
	form, err := c.form()
	if err != nil {
		return err
	}
	name := c.params.ByName("name")
	if err = c.Gate.SetPassword(c.ctx(), name, form.Get("password")); err == nil {
		c.audit("password-set", name)
	}
	return c.whole(err, "saved", "#users")
}

// postLogbooks answers POST /settings/logbooks.
func postLogbooks(c *call) error {
	form, err := c.form()
	if err != nil {
		return err
	}
	return c.whole(c.addLogbook(form.Get("name"), form.Get("own")), "added", "#logbooks")
}

// whole is settled for forms about the whole appliance: the page that shows a
// problem is that of the logbook at hand.
func (c *call) whole(err error, done, anchor string) error {
	c.name = c.chosenLogbook()
	book, bookErr := c.Books.Logbook(c.name)
	if bookErr != nil {
		return bookErr
	}
	c.book = book
	return c.settled(err, done, anchor)
}

// Scopes lists what a key may be allowed to do.
func (v *view) Scopes() []string {
	return []string{access.Read.String(), access.Write.String(), access.Metrics.String(), access.Admin.String()}
}
