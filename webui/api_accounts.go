package webui

import (
	"errors"
	"net/http"
	"strings"

	"qslbox/qso"
	"qslbox/syncers"
)

// accountJSON is an account as the API tells it; the secret never is.
type accountJSON struct {
	Source        string                  `json:"source"`
	Login         string                  `json:"login,omitempty"`
	Secret        bool                    `json:"secret"` // whether there is one
	Schedule      string                  `json:"schedule"`
	Next          string                  `json:"next,omitempty"`
	NextRuns      []string                `json:"next_runs,omitempty"` // the next three by the schedule
	OwnCall       string                  `json:"own_call,omitempty"`
	ImportMissing bool                    `json:"import_missing"`
	DOK           string                  `json:"dok,omitempty"` // DCL: ask, mine, dcl
	SameOwn       map[qso.Call][]qso.Call `json:"same_own,omitempty"`
	Paused        bool                    `json:"paused"`
	Why           string                  `json:"why_paused,omitempty"`
	Cursor        syncers.Cursor          `json:"cursor"`
	Note          string                  `json:"note,omitempty"` // to what was just set
}

// accountOf tells of an account. fromElsewhere is reckoned only for what is
// shown: whether the log has QSOs, which is what decides for DCL.
func (c *call) accountOf(a *syncers.Account) accountJSON {
	out := accountJSON{
		Source: a.Source.String(), Login: a.Login, Secret: !a.Secret.Empty(), Schedule: a.Schedule, OwnCall: string(a.OwnCall),
		ImportMissing: syncers.AddsMissing(a.ImportMissing, a.Source, c.book.Size() > 0), SameOwn: a.SameOwn, Paused: a.Paused,
		Cursor: syncers.Cursor{QSL: a.Cursor.QSL, QSO: a.Cursor.QSO},
	}
	if out.Schedule == "" {
		out.Schedule = syncers.DefaultSchedule
	}
	if schedule, err := syncers.ParseSchedule(a.Schedule, syncers.ShortestSync); err == nil && !a.Paused {
		for _, at := range schedule.Preview(c.time(), previewed) {
			out.NextRuns = append(out.NextRuns, rfc3339(at))
		}
	}
	if a.Source == qso.DCL {
		out.DOK = a.DOK.String()
	}
	if c.Scheduler != nil {
		if state, ok := c.Scheduler.State(syncers.JobName(c.name, a.Source)); ok {
			out.Next, out.Why = rfc3339(state.Next), state.Paused
		}
	}
	return out
}

// getAccounts answers GET /api/accounts.
func getAccounts(c *call) error {
	accounts, err := c.book.Accounts()
	if err != nil {
		return err
	}
	items := []accountJSON{}
	for i := range accounts {
		items = append(items, c.accountOf(&accounts[i]))
	}
	return writeList(c, items)
}

// accountChange is what PUT /api/accounts/{source} may set; what is not given
// stays.
type accountChange struct {
	Login         *string                  `json:"login"`
	Secret        *string                  `json:"secret"`
	Schedule      *string                  `json:"schedule"`
	OwnCall       *string                  `json:"own_call"`
	ImportMissing *bool                    `json:"import_missing"`
	DOK           *string                  `json:"dok"`
	SameOwn       *map[qso.Call][]qso.Call `json:"same_own"`
	Paused        *bool                    `json:"paused"`
}

// putAccount answers PUT /api/accounts/{source}.
func putAccount(c *call) error {
	source, err := c.syncSource()
	if err != nil {
		return err
	}
	var change accountChange
	if err := c.readJSON(&change); err != nil {
		return err
	}
	if err := c.setAccount(source, &change); err != nil {
		return err
	}
	account, err := c.book.Account(source)
	if err != nil {
		return err
	}
	out := c.accountOf(&account)
	if change.hasBlanks() {
		out.Note = "the " + map[qso.Source]string{qso.LoTW: "password", qso.DCL: "key"}[source] + " begins or ends with a blank; if that was pasted by mistake, set it again"
	}
	return c.writeJSON(http.StatusOK, out)
}

// previewed is how many runs of a schedule are shown ahead.
const previewed = 3

// hasBlanks reports whether the secret begins or ends with a blank, as one does
// that was pasted with too much.
func (n *accountChange) hasBlanks() bool {
	return n.Secret != nil && strings.TrimSpace(*n.Secret) != *n.Secret
}

// setAccount changes the account at a source, or makes it; the scheduler is
// told.
func (c *call) setAccount(source qso.Source, change *accountChange) error {
	account, err := c.book.Account(source)
	if err != nil && !errors.Is(err, syncers.ErrNoAccount) {
		return err
	}
	account.Source = source
	if err := change.applyTo(&account); err != nil {
		return err
	}
	if err := c.book.SetAccount(c.ctx(), account); err != nil {
		return err
	}
	c.audit("account-set", c.name+" "+source.String())
	if syncer := c.Syncers[source]; c.Scheduler != nil && syncer != nil {
		c.Scheduler.Set(syncer.Job(c.name, c.book))
		c.Scheduler.Wake()
	}
	return nil
}

// applyTo puts a change into an account and checks what comes out.
func (n *accountChange) applyTo(a *syncers.Account) error {
	if n.Login != nil {
		a.Login = strings.TrimSpace(*n.Login)
	}
	if n.Secret != nil {
		a.Secret = qso.NewSecret(*n.Secret)
	}
	if n.Schedule != nil {
		schedule, err := syncers.ParseSchedule(*n.Schedule, syncers.ShortestSync)
		if err != nil {
			return invalid("schedule: %v", err)
		}
		a.Schedule = schedule.String()
	}
	if n.OwnCall != nil {
		a.OwnCall = ""
		if text := strings.TrimSpace(*n.OwnCall); text != "" {
			call, err := qso.ParseCall(text)
			if err != nil {
				return invalid("own_call: %q is not a call sign", text)
			}
			a.OwnCall = call
		}
	}
	if n.DOK != nil {
		rule, ok := syncers.ParseDOKRule(*n.DOK)
		if !ok {
			return invalid("dok: %q is not ask, mine or dcl", *n.DOK)
		}
		a.DOK = rule
	}
	if n.ImportMissing != nil {
		a.ImportMissing = n.ImportMissing
	}
	if n.SameOwn != nil {
		a.SameOwn = *n.SameOwn
	}
	if n.Paused != nil {
		a.Paused = *n.Paused
	}
	switch {
	case a.Secret.Empty() && a.Source == qso.LoTW:
		return invalid("the LoTW account needs a password")
	case a.Secret.Empty():
		return invalid("the DCL account needs a key")
	case a.Source == qso.LoTW && a.Login == "":
		return invalid("the LoTW account needs a login, mostly your call sign")
	}
	return nil
}

// deleteAccount answers DELETE /api/accounts/{source}: it is forgotten, what
// came from it stays.
func deleteAccount(c *call) error {
	source, err := c.syncSource()
	if err != nil {
		return err
	}
	if err := c.removeAccount(source); err != nil {
		return err
	}
	return c.done()
}

func (c *call) removeAccount(source qso.Source) error {
	if err := c.book.RemoveAccount(c.ctx(), source); err != nil {
		return err
	}
	if c.Scheduler != nil {
		c.Scheduler.Remove(syncers.JobName(c.name, source))
	}
	c.audit("account-removed", c.name+" "+source.String())
	return nil
}

// accountTest is what the source said about an account.
type accountTest struct {
	Class   syncers.Class `json:"class"`
	Code    string        `json:"code,omitempty"`
	Message string        `json:"message"`
}

// postAccountTest answers POST /api/accounts/{source}/test.
func postAccountTest(c *call) error {
	source, err := c.syncSource()
	if err != nil {
		return err
	}
	result, err := c.testAccount(source)
	if err != nil {
		return err
	}
	return c.writeJSON(http.StatusOK, result)
}

// testAccount asks the source whether it takes the credentials.
func (c *call) testAccount(source qso.Source) (*accountTest, error) {
	account, err := c.book.Account(source)
	if err != nil {
		return nil, err
	}
	tester := c.Testers[source]
	if tester == nil {
		return nil, unavailable("trying the " + source.String() + " account")
	}
	if e := syncers.AsError(tester.Check(c.ctx(), account)); e != nil {
		return &accountTest{e.Class, e.Code, e.Message}, nil
	}
	return &accountTest{Class: syncers.OK, Message: "the credentials are taken"}, nil
}
