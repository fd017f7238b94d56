package access

import (
	"context"
	"crypto/subtle"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// User is somebody who may sign in.
type User struct {
	Name     string    `json:"name"`
	Role     Role      `json:"role"`
	Logbooks []string  `json:"logbooks,omitempty"` // of owners and viewers
	Created  time.Time `json:"created"`
	LastSeen time.Time `json:"last_seen,omitzero"` // last sign-in
}

// userRecord is a User with its hash, as it is stored.
type userRecord struct {
	User
	Hash string `json:"hash"`
}

// maxUserName is in characters.
const maxUserName = 64

// validUserName reports whether a name is letters and digits of any script and
// ._@/- behind the first. (As a pattern, the tables of letters 64 times over
// would cost milliseconds and megabytes at each start.)
func validUserName(name string) bool {
	if !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxUserName {
		return false
	}
	for i, c := range name {
		if !unicode.IsLetter(c) && !unicode.IsNumber(c) && (i == 0 || !strings.ContainsRune("._@/-", c)) {
			return false
		}
	}
	return name != ""
}

// codeLife is how long a set-up code is good for.
const codeLife = 30 * time.Minute

// NeedsSetup reports whether there is no administrator yet.
func (g *Gate) NeedsSetup() (bool, error) {
	admins, err := g.admins("")
	return admins == 0, err
}

// admins counts administrators other than the named one.
func (g *Gate) admins(except string) (n int, err error) {
	err = each(g, kindUser, func(_ string, u userRecord) error {
		if u.Role == Administrator && u.Name != except {
			n++
		}
		return nil
	})
	return n, err
}

// NewSetupCode makes the one-time code of the first start, good for 30
// minutes; an earlier one ends. It returns ErrInvalid once there is an
// administrator.
func (g *Gate) NewSetupCode() (string, error) {
	needed, err := g.NeedsSetup()
	if err != nil {
		return "", err
	}
	if !needed {
		return "", fmt.Errorf("%w: there is an administrator already; sign in, or set a password with: qslbox user passwd NAME", ErrInvalid)
	}
	code := randomText(18)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.code, g.codeEnds = digest(code), g.now().Add(codeLife)
	return code, nil
}

// CodeIsGood reports whether a code would be taken now.
func (g *Gate) CodeIsGood(code string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.codeFits(code)
}

func (g *Gate) codeFits(code string) bool {
	sum := digest(code)
	return !g.codeEnds.IsZero() && g.now().Before(g.codeEnds) && subtle.ConstantTimeCompare(sum[:], g.code[:]) == 1
}

// Claim makes the first administrator for the holder of the code. Of any
// number of claims at once, one succeeds; the others get ErrCode.
func (g *Gate) Claim(ctx context.Context, code, name, password string) error {
	if !g.CodeIsGood(code) {
		return ErrCode
	}
	record, err := g.newUser(ctx, name, password, Administrator, nil)
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.codeFits(code) {
		return ErrCode
	}
	if n, err := g.admins(""); err != nil || n > 0 {
		return ErrCode
	}
	if err := g.save(kindUser, name, record); err != nil {
		return err
	}
	g.code, g.codeEnds = [32]byte{}, time.Time{}
	return nil
}

func (g *Gate) newUser(ctx context.Context, name, password string, role Role, logbooks []string) (*userRecord, error) {
	if !validUserName(name) {
		return nil, fmt.Errorf("%w: a user name has 1 to 64 letters, digits and . _ @ / -", ErrInvalid)
	}
	if !role.Valid() {
		return nil, fmt.Errorf("%w: a role is admin, owner or viewer", ErrInvalid)
	}
	if err := CheckPassword(password, name); err != nil {
		return nil, err
	}
	hash, err := g.hashPassword(ctx, password)
	if err != nil {
		return nil, err
	}
	if role != Administrator && len(logbooks) == 0 {
		logbooks = []string{"main"}
	}
	return &userRecord{User{Name: name, Role: role, Logbooks: logbooks, Created: g.now().UTC()}, hash}, nil
}

// AddUser adds a user. It returns ErrExists, ErrInvalid or ErrPassword.
func (g *Gate) AddUser(ctx context.Context, name, password string, role Role, logbooks []string) error {
	record, err := g.newUser(ctx, name, password, role, logbooks)
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if have, err := g.load(kindUser, name, &userRecord{}); err != nil || have {
		if err == nil {
			err = fmt.Errorf("%w: user %s", ErrExists, name)
		}
		return err
	}
	return g.save(kindUser, name, record)
}

// SetPassword sets a user's password and ends the user's sessions and links.
func (g *Gate) SetPassword(ctx context.Context, name, password string) error {
	if err := CheckPassword(password, name); err != nil {
		return err
	}
	hash, err := g.hashPassword(ctx, password)
	if err != nil {
		return err
	}
	g.mu.Lock()
	var record userRecord
	have, err := g.load(kindUser, name, &record)
	if err == nil && !have {
		err = fmt.Errorf("%w: user %s", ErrNotFound, name)
	}
	if err == nil {
		record.Hash = hash
		err = g.save(kindUser, name, &record)
	}
	g.mu.Unlock()
	if err != nil {
		return err
	}
	g.endLinks(name)
	return g.EndSessions(name)
}

// RemoveUser removes a user and ends the sessions; the last administrator
// stays.
func (g *Gate) RemoveUser(name string) error {
	g.mu.Lock()
	var record userRecord
	have, err := g.load(kindUser, name, &record)
	if err == nil && !have {
		err = fmt.Errorf("%w: user %s", ErrNotFound, name)
	}
	if err == nil && record.Role == Administrator {
		var others int
		if others, err = g.admins(name); err == nil && others == 0 {
			err = ErrLastAdmin
		}
	}
	if err == nil {
		err = g.put(kindUser, name, nil)
	}
	g.mu.Unlock()
	if err != nil {
		return err
	}
	g.endLinks(name)
	return g.EndSessions(name)
}

// Users lists the users by name.
func (g *Gate) Users() ([]User, error) {
	users := []User{}
	err := each(g, kindUser, func(_ string, u userRecord) error {
		users = append(users, u.User)
		return nil
	})
	return users, err
}
