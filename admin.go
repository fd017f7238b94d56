package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"

	"qslbox/qso"
)

// Run sets what of the account was named; the rest stays.
func (c *accountSetCommand) Run(s *session) error {
	in := map[string]any{}
	switch c.Source {
	case "lotw":
		if c.KeyFile != "" {
			return usageError{errors.New("--key-file is for dcl; LoTW takes --login and --password-file")}
		}
		if c.Login != "" {
			in["login"] = c.Login
		}
		if c.PasswordFile != "" || c.Login != "" {
			secret, err := s.secretFrom(c.PasswordFile, "LoTW password")
			if err != nil {
				return err
			}
			s.warnBlanks(secret, "password")
			in["secret"] = secret
		}
	case "dcl":
		if c.Login != "" || c.PasswordFile != "" {
			return usageError{errors.New("--login and --password-file are for lotw; DCL takes --key-file")}
		}
		if c.KeyFile != "" || c.ImportMissing == nil && c.Schedule == "" && c.DOK == "" {
			secret, err := s.secretFrom(c.KeyFile, "DCL key")
			if err != nil {
				return err
			}
			in["secret"] = strings.TrimSpace(secret)
		}
	}
	if c.ImportMissing != nil {
		in["import_missing"] = *c.ImportMissing
	}
	if c.Schedule != "" {
		in["schedule"] = c.Schedule
	}
	if c.DOK != "" {
		in["dok"] = c.DOK
	}
	api, err := s.api(mayCreate)
	if err != nil {
		return err
	}
	var set struct {
		NextRuns []string `json:"next_runs"`
	}
	if err := api.call(s.ctx, http.MethodPut, "/api/accounts/"+c.Source, nil, in, &set); err != nil {
		return err
	}
	if len(set.NextRuns) > 0 {
		s.printf("next by schedule: %s\n", strings.Join(set.NextRuns, ", "))
	}
	s.printf("%s account set; try it with: qslbox account test %s\n", c.Source, c.Source)
	return nil
}

// Run lists the accounts of the logbook.
func (c *accountListCommand) Run(s *session) error {
	var list struct {
		Items []struct {
			Source, Login, Schedule, Next string
			ImportMissing                 bool `json:"import_missing"`
			Paused                        bool
		} `json:"items"`
	}
	raw, err := s.get("/api/accounts", c.JSON, &list)
	if err != nil || raw {
		return err
	}
	w := tabwriter.NewWriter(s.env.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "source\tlogin\tschedule\tnext run\timport missing\tpaused")
	for _, a := range list.Items {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%t\t%t\n", a.Source, a.Login, a.Schedule, a.Next, a.ImportMissing, a.Paused)
	}
	return w.Flush()
}

// get fetches a document: printed as it is if asJSON (then the first result
// is true), else decoded into out.
func (s *session) get(path string, asJSON bool, out any) (printed bool, err error) {
	api, err := s.api(mustExist)
	if err != nil {
		return false, err
	}
	var raw json.RawMessage
	if err := api.call(s.ctx, http.MethodGet, path, nil, nil, &raw); err != nil {
		return false, err
	}
	if asJSON {
		s.printf("%s\n", raw)
		return true, nil
	}
	return false, json.Unmarshal(raw, out)
}

// Run forgets the account; QSOs, confirmations and the sync history stay.
func (c *accountRemoveCommand) Run(s *session) error {
	return s.change(http.MethodDelete, "/api/accounts/"+c.Source, nil, c.Source+" account removed; the log keeps what came from it")
}

// change sends one change and says that it is done.
func (s *session) change(method, path string, in any, done string) error {
	api, err := s.api(mayCreate)
	if err != nil {
		return err
	}
	if err := api.call(s.ctx, method, path, nil, in, nil); err != nil {
		return err
	}
	s.printf("%s\n", done)
	return nil
}

// Run asks the source whether it takes the credentials.
func (c *accountTestCommand) Run(s *session) error {
	api, err := s.api(mustExist)
	if err != nil {
		return err
	}
	var result struct{ Class, Message string }
	if err := api.call(s.ctx, http.MethodPost, "/api/accounts/"+c.Source+"/test", nil, nil, &result); err != nil {
		return err
	}
	s.printf("%s: %s\n", c.Source, result.Message)
	switch result.Class {
	case "ok":
		return nil
	case "auth":
		return codedError{exitAuth, nil}
	}
	return codedError{exitUpstream, nil}
}

// Run adds a user; with no name it prints a fresh link for the first
// administrator.
func (c *userAddCommand) Run(s *session) error {
	if c.Name == "" {
		link, err := s.link("/api/setup/code")
		if err != nil {
			return err
		}
		s.printf("open this within 30 minutes to make the first administrator:\n  %s\n", link)
		return nil
	}
	api, err := s.api(mayCreate)
	if err != nil {
		return err
	}
	password, err := s.secretFrom(c.PasswordFile, "password for "+c.Name)
	if err != nil {
		return err
	}
	in := map[string]any{"name": c.Name, "role": c.Role, "password": password}
	if err := api.call(s.ctx, http.MethodPost, "/api/users", nil, in, nil); err != nil {
		return err
	}
	s.printf("user %s added as %s\n", c.Name, c.Role)
	return nil
}

// Run prints a link that signs the user in.
func (c *userLinkCommand) Run(s *session) error {
	link, err := s.link("/api/users/" + url.PathEscape(c.Name) + "/link")
	if err != nil {
		return err
	}
	s.printf("%s\n", link)
	return nil
}

// link has the running service make a one-time link: it alone can honour it.
func (s *session) link(path string) (string, error) {
	api, err := s.api(mustExist)
	if err != nil {
		return "", err
	}
	if !api.live {
		return "", errors.New("a link is honoured by the service that made it, and none is running: start it with qslbox serve")
	}
	var out struct{ Link string }
	err = api.call(s.ctx, http.MethodPost, path, nil, nil, &out)
	return out.Link, err
}

// Run sets a password and ends the user's sessions.
func (c *userPasswdCommand) Run(s *session) error {
	password, err := s.secretFrom(c.PasswordFile, "new password for "+c.Name)
	if err != nil {
		return err
	}
	return s.change(http.MethodPut, "/api/users/"+url.PathEscape(c.Name)+"/password",
		map[string]any{"password": password}, "password set; "+c.Name+" has to sign in again everywhere")
}

// Run lists the users.
func (c *userListCommand) Run(s *session) error {
	var list struct {
		Items []struct {
			Name, Role, Created string
			LastSeen            string `json:"last_seen"`
		}
	}
	printed, err := s.get("/api/users", c.JSON, &list)
	if err != nil || printed {
		return err
	}
	w := tabwriter.NewWriter(s.env.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "name\trole\tlast seen")
	for _, u := range list.Items {
		fmt.Fprintf(w, "%s\t%s\t%s\n", u.Name, u.Role, u.LastSeen)
	}
	return w.Flush()
}

// Run removes a user.
func (c *userRemoveCommand) Run(s *session) error {
	return s.change(http.MethodDelete, "/api/users/"+url.PathEscape(c.Name), nil, "user "+c.Name+" removed")
}

// Run makes a key and shows it, this once.
func (c *keyAddCommand) Run(s *session) error {
	api, err := s.api(mayCreate)
	if err != nil {
		return err
	}
	var raw json.RawMessage
	in := map[string]any{"name": c.Name, "scopes": c.Scope}
	if err := api.call(s.ctx, http.MethodPost, "/api/keys", nil, in, &raw); err != nil {
		return err
	}
	if c.JSON {
		s.printf("%s\n", raw)
		return nil
	}
	var key struct{ ID, Key string }
	if err := json.Unmarshal(raw, &key); err != nil {
		return err
	}
	s.printf("key %s for logbook %s, shown only now:\n  %s\n", key.ID, s.cli.Logbook, key.Key)
	return nil
}

// Run lists the keys; what they are is not kept.
func (c *keyListCommand) Run(s *session) error {
	var list struct {
		Items []struct {
			ID, Name, Logbook string
			Scopes            []string
			LastUsed          string `json:"last_used"`
		}
	}
	printed, err := s.get("/api/keys", c.JSON, &list)
	if err != nil || printed {
		return err
	}
	w := tabwriter.NewWriter(s.env.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "id\tname\tlogbook\tscopes\tlast used")
	for _, k := range list.Items {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", k.ID, k.Name, k.Logbook, strings.Join(k.Scopes, ","), k.LastUsed)
	}
	return w.Flush()
}

// Run revokes a key.
func (c *keyRevokeCommand) Run(s *session) error {
	return s.change(http.MethodDelete, "/api/keys/"+url.PathEscape(c.ID), nil, "key "+c.ID+" revoked")
}

// Run adds a logbook.
func (c *logbookAddCommand) Run(s *session) error {
	if c.Own != "" {
		if _, err := qso.ParseCall(c.Own); err != nil {
			return usageError{fmt.Errorf("--own: %w", err)}
		}
	}
	return s.change(http.MethodPost, "/api/logbooks", map[string]any{"name": c.Name, "own": c.Own}, "logbook "+c.Name+" added")
}

// Run lists the logbooks.
func (c *logbookListCommand) Run(s *session) error {
	var list struct {
		Items []struct {
			Name string
			QSOs int `json:"qsos"`
		}
	}
	printed, err := s.get("/api/logbooks", c.JSON, &list)
	if err != nil || printed {
		return err
	}
	for _, l := range list.Items {
		s.printf("%s\t%d QSOs\n", l.Name, l.QSOs)
	}
	return nil
}

// Run removes a logbook with all its QSOs.
func (c *logbookRemoveCommand) Run(s *session) error {
	return s.change(http.MethodDelete, "/api/logbooks/"+url.PathEscape(c.Name), nil, "logbook "+c.Name+" removed")
}
