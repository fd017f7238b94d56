package access

import (
	"slices"
	"time"
)

// Action is what a request wants to do.
type Action uint8

// The actions, one a scope of API keys.
const (
	Read    Action = iota + 1 // see a logbook
	Write                     // change a logbook: QSOs, imports, syncs
	Metrics                   // see health detail, performance, metrics
	Admin                     // users, keys, accounts, backups, settings
)

var actionNames = [...]string{"", "read", "write", "metrics", "admin"}

// String returns the scope's name.
func (a Action) String() string { return actionNames[a] }

// ParseAction reads a scope's name; zero if there is none of that name.
func ParseAction(name string) Action {
	return Action(max(0, slices.Index(actionNames[:], name)))
}

// Role is what a user is.
type Role string

// The roles.
const (
	Administrator Role = "admin"  // everything, in all logbooks
	Owner         Role = "owner"  // reads and writes the own logbooks
	Viewer        Role = "viewer" // reads the own logbooks
)

// Valid reports whether the role exists.
func (r Role) Valid() bool { return r == Administrator || r == Owner || r == Viewer }

// Kind tells how somebody was recognised.
type Kind uint8

// The kinds of identities.
const (
	Stranger  Kind = iota // nobody
	Loopback              // nobody known, but on this machine
	ByKey                 // an API key
	BySession             // a signed-in user
	BySocket              // a command on this machine: full rights
)

// Identity is who asks.
type Identity struct {
	Kind     Kind
	Name     string    // user's name or key's id
	Role     Role      // users
	Logbooks []string  // the logbooks a user or key may use; administrators may use all
	Scopes   []Action  // keys
	Session  string    // id of the session, for signing out
	Since    time.Time // of a session: when name and password, or a link, proved who this is
}

// Logbook returns the logbook meant when a request names none.
func (id Identity) Logbook() string {
	if len(id.Logbooks) > 0 {
		return id.Logbooks[0]
	}
	return "main"
}

// May decides whether the identity may do something in a logbook. An empty
// logbook means "nothing of one logbook". This table is the whole of the
// rules (DESIGN.md section 7):
//
//	stranger   nothing
//	loopback   metrics
//	key        its scopes, in its logbook
//	viewer     read, in the own logbooks
//	owner      read and write, in the own logbooks
//	admin      everything
//	socket     everything
func (id Identity) May(a Action, logbook string) bool {
	switch id.Kind {
	case BySocket:
		return true
	case Loopback:
		return a == Metrics
	case ByKey:
		if !slices.Contains(id.Scopes, a) && !(a == Read && slices.Contains(id.Scopes, Write)) {
			return false
		}
		return id.uses(logbook)
	case BySession:
		switch {
		case id.Role == Administrator:
			return true
		case a == Metrics:
			return true
		case a == Read, a == Write && id.Role == Owner:
			return id.uses(logbook)
		}
	}
	return false
}

// uses reports whether the identity's logbooks hold the named one.
func (id Identity) uses(logbook string) bool {
	return logbook == "" || slices.Contains(id.Logbooks, logbook)
}

// SignedIn reports whether this is a user, a key or a command, not a stranger.
func (id Identity) SignedIn() bool { return id.Kind >= ByKey }
