package webui

import (
	"errors"
	"net/http"

	"qslbox/qso"
	"qslbox/syncers"
)

// welcomePage greets whoever has an empty logbook with three ways in, and shows
// how far a sync is until the dashboard stands.
type welcomePage struct {
	Sides   []syncSide // LoTW and DCL, without their history
	Login   string     // what was typed
	Problem string
	Own     string
}

// welcome shows the page of an empty logbook.
func (c *call) welcome(status int, d welcomePage) error {
	if !c.id.SignedIn() {
		return c.renderStatus(status, "welcome", d)
	}
	d.Own = string(c.book.Settings().DefaultOwn)
	for _, source := range []qso.Source{qso.LoTW, qso.DCL} {
		side := syncSide{Source: source.String()}
		_, err := c.book.Account(source)
		if err != nil && !errors.Is(err, syncers.ErrNoAccount) {
			return err
		}
		side.Account = err == nil
		if c.Scheduler != nil {
			side.Job, side.Known = c.Scheduler.State(syncers.JobName(c.name, source))
		}
		last, err := c.book.LastRun(source)
		if err != nil {
			return err
		}
		if last.Run > 0 {
			side.Last = &last
		}
		d.Sides = append(d.Sides, side)
	}
	return c.renderStatus(status, "welcome", d)
}

// postWelcome answers POST /welcome/{source}: an account, and a first run of it
// at once; the page shows how far it is.
func postWelcome(c *call) error {
	source, form, err := c.sourceForm()
	if err != nil {
		return err
	}
	login, secret := form.Get("login"), form.Get("secret")
	change := accountChange{Secret: &secret}
	if source == qso.LoTW {
		change.Login = &login
	}
	if err := c.setAccount(source, &change); err != nil {
		entry, message := c.explain(err)
		if entry.Status >= http.StatusInternalServerError {
			return err
		}
		return c.welcome(entry.Status, welcomePage{Login: login, Problem: message})
	}
	if _, err := c.startSync(source, syncers.Start{Trigger: syncers.ByButton}); err != nil {
		c.Log.Warn("a first sync was not started", "source", source.String(), "error", err) // the schedule will
	}
	return c.redirect("/", nil)
}
