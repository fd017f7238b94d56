package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Errors that a caller decides by.
var (
	ErrDenied    = errors.New("the name or the password is wrong") // one text for both
	ErrTooMany   = errors.New("too many attempts")
	ErrNotFound  = errors.New("no such entry")
	ErrExists    = errors.New("there is one of that name already")
	ErrPassword  = errors.New("the password is too weak")
	ErrCode      = errors.New("the code is wrong or has expired; ask for a new one with: qslbox user add")
	ErrLink      = errors.New("this link was used or has expired; ask for a new one with: qslbox user link NAME")
	ErrLastAdmin = errors.New("this is the last administrator; make another one first")
	ErrInvalid   = errors.New("not possible")
)

// Table keeps records by kind and id. *store.Store satisfies it; the interface
// keeps the database out of the rules.
type Table interface {
	// GetRecord returns a record, or false.
	GetRecord(kind, id string) ([]byte, bool, error)
	// PutRecord stores a record; nil removes it.
	PutRecord(kind, id string, data []byte) error
	// EachRecord calls fn for every record of a kind, in the order of ids.
	EachRecord(kind string, fn func(id string, data []byte) error) error
}

// The kinds of records.
const (
	kindUser    = "user"
	kindSession = "session"
	kindKey     = "key"
	kindAudit   = "audit"
)

// Config says what a Gate needs. Table and Now are needed.
type Config struct {
	Table Table
	Now   func() time.Time
	// Hashing sets the cost of passwords; the zero value is the default of
	// this package (OWASP's for argon2id: 19 MiB, 2 passes).
	Hashing Cost
}

// Gate recognises who asks. It is safe for concurrent use.
type Gate struct {
	table Table
	now   func() time.Time
	cost  Cost
	hash  chan struct{} // at most two hashes at once: each takes 19 MiB
	dummy func() (string, error)

	recalled atomic.Pointer[map[[32]byte]recalled]
	recallMu sync.Mutex    // for those who write recalled
	written  atomic.Uint64 // counts writes of users, sessions and keys

	mu        sync.Mutex
	code      [32]byte
	codeEnds  time.Time
	links     map[[32]byte]link // by the hash of their token
	throttle  throttle
	seen      map[string]time.Time // sessions and keys: last use not yet written
	auditSeq  uint64
	unwritten unwrittenSessions
}

// New returns a Gate on a table.
func New(cfg Config) (*Gate, error) {
	if cfg.Table == nil || cfg.Now == nil {
		return nil, fmt.Errorf("access: Config.Table and Config.Now are needed")
	}
	g := &Gate{
		table: cfg.Table, now: cfg.Now, cost: cfg.Hashing.orDefault(), hash: make(chan struct{}, 2),
		seen: map[string]time.Time{}, links: map[[32]byte]link{}, throttle: newThrottle(), unwritten: newUnwritten(),
	}
	g.recalled.Store(&map[[32]byte]recalled{})
	g.dummy = sync.OnceValues(func() (string, error) { return g.hashPassword(context.Background(), randomText(16)) })
	return g, g.loadAudit()
}

// load reads one record into v.
func (g *Gate) load(kind, id string, v any) (bool, error) {
	data, ok, err := g.table.GetRecord(kind, id)
	if err != nil || !ok {
		return false, err
	}
	return true, json.Unmarshal(data, v)
}

func (g *Gate) save(kind, id string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return g.put(kind, id, data)
}

// each decodes every record of a kind.
func each[T any](g *Gate, kind string, fn func(id string, v T) error) error {
	return g.table.EachRecord(kind, func(id string, data []byte) error {
		var v T
		if err := json.Unmarshal(data, &v); err != nil {
			return fmt.Errorf("access: %s %s: %w", kind, id, err)
		}
		return fn(id, v)
	})
}
