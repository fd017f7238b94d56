package webui

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"qslbox/qso"
	"qslbox/syncers"
	"qslbox/webui/access"
)

// getUsers answers GET /api/users.
func getUsers(c *call) error {
	users, err := c.Gate.Users()
	if err != nil {
		return err
	}
	return writeList(c, users)
}

// newUser is the body of POST /api/users.
type newUser struct {
	Name     string      `json:"name"`
	Password string      `json:"password"`
	Role     access.Role `json:"role"`     // admin, owner, viewer
	Logbooks []string    `json:"logbooks"` // of an owner or viewer; nothing is the logbook of the request
}

// postUser answers POST /api/users.
func postUser(c *call) error {
	var in newUser
	if err := c.readJSON(&in); err != nil {
		return err
	}
	if err := c.addUser(&in); err != nil {
		return err
	}
	return c.writeJSON(http.StatusCreated, map[string]any{"name": in.Name, "role": in.Role, "logbooks": in.Logbooks})
}

func (c *call) addUser(in *newUser) error {
	if !in.Role.Valid() {
		return invalid("role: %q is not admin, owner or viewer", in.Role)
	}
	switch {
	case in.Role == access.Administrator:
		in.Logbooks = nil // all of them
	case len(in.Logbooks) == 0:
		in.Logbooks = []string{c.chosenLogbook()}
	}
	for _, name := range in.Logbooks {
		if _, err := c.Books.Logbook(name); err != nil {
			return err
		}
	}
	if err := c.Gate.AddUser(c.ctx(), in.Name, in.Password, in.Role, in.Logbooks); err != nil {
		return err
	}
	c.audit("user-added", in.Name+" as "+string(in.Role))
	return nil
}

// putPassword answers PUT /api/users/{name}/password; the user's sessions end.
func putPassword(c *call) error {
	var in struct {
		Password string `json:"password"`
	}
	if err := c.readJSON(&in); err != nil {
		return err
	}
	name := c.params.ByName("name")
	if err := c.Gate.SetPassword(c.ctx(), name, in.Password); err != nil {
		return err
	}
	c.audit("password-set", name)
	return c.done()
}

// deleteUser answers DELETE /api/users/{name}.
func deleteUser(c *call) error {
	name := c.params.ByName("name")
	if err := c.Gate.RemoveUser(name); err != nil {
		return err
	}
	c.audit("user-removed", name)
	return c.done()
}

// getSessions answers GET /api/users/{name}/sessions.
func getSessions(c *call) error {
	sessions, err := c.Gate.Sessions(c.params.ByName("name"))
	if err != nil {
		return err
	}
	return writeList(c, sessions)
}

// deleteSessions answers DELETE /api/users/{name}/sessions: all of them end.
func deleteSessions(c *call) error {
	name := c.params.ByName("name")
	if err := c.Gate.EndSessions(name); err != nil {
		return err
	}
	c.audit("sessions-ended", name)
	return c.done()
}

// getKeys answers GET /api/keys: those of the logbook.
func getKeys(c *call) error {
	keys, err := c.Gate.Keys(c.name)
	if err != nil {
		return err
	}
	return writeList(c, keys)
}

// newKey is the body of POST /api/keys.
type newKey struct {
	Name    string    `json:"name"`
	Scopes  []string  `json:"scopes"`  // read, write, metrics, admin
	Expires time.Time `json:"expires"` // zero: never
}

// postKey answers POST /api/keys: the key's text, this once.
func postKey(c *call) error {
	var in newKey
	if err := c.readJSON(&in); err != nil {
		return err
	}
	key, text, err := c.addKey(&in)
	if err != nil {
		return err
	}
	return c.writeJSON(http.StatusCreated, map[string]any{
		"id": key.ID, "key": text, "name": key.Name, "logbook": key.Logbook, "scopes": key.Scopes,
	})
}

func (c *call) addKey(in *newKey) (access.Key, string, error) {
	key, text, err := c.Gate.AddKey(in.Name, c.name, in.Scopes, in.Expires)
	if err != nil {
		return access.Key{}, "", err
	}
	c.audit("key-added", fmt.Sprintf("%s %q for %s: %s", key.ID, key.Name, c.name, strings.Join(key.Scopes, ",")))
	return key, text, nil
}

// deleteKey answers DELETE /api/keys/{id}. Administrators may revoke any key,
// a key those of its own logbook.
func deleteKey(c *call) error {
	if err := c.revokeKey(c.params.ByName("id")); err != nil {
		return err
	}
	return c.done()
}

func (c *call) revokeKey(id string) error {
	keys, err := c.Gate.Keys("")
	if err != nil {
		return err
	}
	i := slices.IndexFunc(keys, func(k access.Key) bool { return k.ID == id })
	if i < 0 || !c.id.May(access.Admin, keys[i].Logbook) {
		return fmt.Errorf("key %s: %w", id, access.ErrNotFound)
	}
	if err := c.Gate.RevokeKey(id); err != nil {
		return err
	}
	c.audit("key-revoked", id)
	return nil
}

// logbookJSON is one logbook of the list.
type logbookJSON struct {
	Name string `json:"name"`
	QSOs int    `json:"qsos"`
}

// getLogbooks answers GET /api/logbooks: those that the caller may read.
func getLogbooks(c *call) error { return writeList(c, c.logbooks()) }

func (c *call) logbooks() []logbookJSON {
	items := []logbookJSON{}
	for _, name := range c.Books.Logbooks() {
		if !c.mayRead(name) {
			continue
		}
		if book, err := c.Books.Logbook(name); err == nil {
			items = append(items, logbookJSON{name, book.Size()})
		}
	}
	return items
}

// postLogbook answers POST /api/logbooks: {"name":"club","own":"DK0XYZ"}.
func postLogbook(c *call) error {
	var in struct {
		Name string `json:"name"`
		Own  string `json:"own"`
	}
	if err := c.readJSON(&in); err != nil {
		return err
	}
	if err := c.addLogbook(in.Name, in.Own); err != nil {
		return err
	}
	return c.writeJSON(http.StatusCreated, logbookJSON{Name: in.Name})
}

// addLogbook makes a logbook; own, if given, becomes its own call.
func (c *call) addLogbook(name, own string) error {
	var settings qso.Settings
	if own = strings.TrimSpace(own); own != "" {
		call, err := qso.ParseCall(own)
		if err != nil {
			return invalid("own: %q is not a call sign", own)
		}
		settings.DefaultOwn = call
	}
	if err := c.Books.CreateLogbook(name); err != nil {
		return err
	}
	c.audit("logbook-added", name)
	if settings.DefaultOwn == "" {
		return nil
	}
	book, err := c.Books.Logbook(name)
	if err != nil {
		return err
	}
	return book.SetSettings(settings)
}

// deleteLogbook answers DELETE /api/logbooks/{name}: with all that is in it.
func deleteLogbook(c *call) error {
	if err := c.removeLogbook(c.params.ByName("name")); err != nil {
		return err
	}
	return c.done()
}

func (c *call) removeLogbook(name string) error {
	if name == mainLogbook {
		return invalid("the logbook %s stays", mainLogbook)
	}
	if c.Scheduler != nil {
		for source := range c.Syncers {
			c.Scheduler.Remove(syncers.JobName(name, source))
		}
	}
	if err := c.Books.RemoveLogbook(name); err != nil {
		return err
	}
	c.Keeper.Forget(name)
	c.audit("logbook-removed", name)
	return nil
}

// postSetupCode answers POST /api/setup/code: a fresh link for the first
// administrator.
func postSetupCode(c *call) error {
	link, err := c.setupLink()
	if err != nil {
		return err
	}
	return c.writeJSON(http.StatusOK, map[string]string{"link": link})
}

// setupLink makes a code and returns the address to open with it.
func (s *Server) setupLink() (string, error) {
	code, err := s.Gate.NewSetupCode()
	if err != nil {
		return "", err
	}
	return s.address() + "/setup?code=" + code, nil
}

// SetupLink makes a fresh one-time code and returns the link for the first
// administrator, good for 30 minutes; "" once there is an administrator.
func (s *Server) SetupLink() (string, error) {
	if s.claimed() {
		return "", nil
	}
	return s.setupLink()
}

// postLink answers POST /api/users/{name}/link: a link that signs the user in,
// once.
func postLink(c *call) error {
	name := c.params.ByName("name")
	token, err := c.Gate.NewLink(name)
	if err != nil {
		return err
	}
	c.audit("link-made", name)
	return c.writeJSON(http.StatusOK, map[string]string{"link": c.address() + "/signin/link?token=" + token})
}

// address returns where a person's browser reaches us.
func (s *Server) address() string {
	if s.Address != nil {
		return s.Address() + s.BasePath
	}
	return "http://localhost:3001" + s.BasePath
}

// postDB answers POST /api/db/{operation}: check, scrub, backup or compact.
func postDB(c *call) error {
	if c.Maintenance == nil {
		return unavailable("maintenance")
	}
	operation := c.params.ByName("operation")
	report, err := c.Maintenance.Maintain(c.ctx(), operation)
	if err != nil {
		return err
	}
	c.audit("db-"+operation, "")
	return c.writeJSON(http.StatusOK, report)
}

// proofLife is how long after signing in a backup is given without the password.
const proofLife = 10 * time.Minute

// getBackup answers GET /api/backup: a verified copy of the data file, for
// commands and who has signed in only now.
func getBackup(c *call) error {
	if c.id.Kind == access.BySession && c.time().Sub(c.id.Since) > proofLife {
		return errProve
	}
	return c.sendBackup()
}

// postBackup answers POST /settings/backup (password), the same for those who
// are signed in for longer.
func postBackup(c *call) error {
	form, err := c.form()
	if err != nil {
		return err
	}
	if c.id.Kind == access.BySession {
		if err := c.Gate.Prove(c.ctx(), c.id.Name, form.Get("password"), c.source, c.local); err != nil {
			c.auditRefusal(c.id.Name, err)
			if errors.Is(err, access.ErrDenied) {
				err = invalid("%s", c.words().Text("sign.denied"))
			}
			return c.whole(err, "", "#appliance")
		}
	}
	return c.sendBackup()
}

func (c *call) sendBackup() error {
	if c.Maintenance == nil {
		return unavailable("maintenance")
	}
	c.download("application/octet-stream", "qslbox-"+c.time().Format("20060102-1504")+".db")
	if c.r.Method == http.MethodHead {
		return nil
	}
	if err := c.Maintenance.WriteBackup(c.ctx(), c.w); err != nil {
		return err
	}
	c.audit("backup-downloaded", "")
	return nil
}
