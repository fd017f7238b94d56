package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/google/renameio/v2"

	"qslbox/qso"
	"qslbox/syncers"
)

// ErrSealingKey says that a secret was sealed with another key.
var ErrSealingKey = errors.New("the sealing key is another one")

// sealKeyFile holds the key that secrets are sealed with; it is never in a
// backup (DESIGN.md section 3).
const sealKeyFile = "seal.key"

// HasSealingKey reports whether there is a key for the data of a directory.
func HasSealingKey(dir string) bool {
	_, err := (&sealer{dir: dir}).key(false)
	return err == nil
}

// sealer seals the secrets of accounts.
type sealer struct {
	dir  string
	mu   sync.Mutex
	read []byte
}

// key returns the sealing key: from systemd's credentials, else from the data
// directory, where it is made when first needed.
func (s *sealer) key(create bool) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.read != nil {
		return s.read, nil
	}
	var paths []string
	if dir := os.Getenv("CREDENTIALS_DIRECTORY"); dir != "" {
		paths = append(paths, filepath.Join(dir, sealKeyFile))
	}
	own := filepath.Join(s.dir, sealKeyFile)
	for _, path := range append(paths, own) {
		text, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, fmt.Errorf("store: sealing key: %w", err)
		case len(text) < chacha20poly1305.KeySize:
			return nil, fmt.Errorf("%w: %s is too short; put the right file back, or set login and password again", ErrSealingKey, path)
		}
		sum := sha256.Sum256(text)
		s.read = sum[:]
		return s.read, nil
	}
	if !create {
		return nil, fmt.Errorf("%w: %s is missing; put it back, or set login and password again", ErrSealingKey, own)
	}
	text := make([]byte, chacha20poly1305.KeySize)
	if _, err := rand.Read(text); err != nil {
		return nil, err
	}
	if err := errors.Join(renameio.WriteFile(own, text, 0o400), SyncDir(s.dir)); err != nil {
		return nil, fmt.Errorf("store: sealing key: %w", err)
	}
	sum := sha256.Sum256(text)
	s.read = sum[:]
	return s.read, nil
}

// fingerprint names a key without giving it away.
func fingerprint(key []byte) string {
	sum := sha256.Sum256(append([]byte("qslbox seal fingerprint "), key...))
	return hex.EncodeToString(sum[:6])
}

// storedAccount is an account in its stored form.
type storedAccount struct {
	Login         string                  `json:"login,omitempty"`
	Sealed        []byte                  `json:"sealed,omitempty"` // nonce and secret
	Key           string                  `json:"key,omitempty"`    // fingerprint of the sealing key
	Schedule      string                  `json:"schedule,omitempty"`
	OwnCall       qso.Call                `json:"own_call,omitempty"`
	ImportMissing *bool                   `json:"import_missing,omitempty"`
	DOK           string                  `json:"dok,omitempty"`
	SameOwn       map[qso.Call][]qso.Call `json:"same_own,omitempty"`
	Cursor        syncers.Cursor          `json:"cursor"`
	Revision      uint64                  `json:"revision"`
	Paused        bool                    `json:"paused,omitempty"`
}

// bound is what a sealed secret belongs to: it opens nowhere else.
func (l *Logbook) bound(source qso.Source) []byte {
	return []byte("qslbox account " + strconv.Itoa(int(l.number)) + " " + source.String())
}

func (l *Logbook) sealAccount(a syncers.Account) ([]byte, error) {
	s := storedAccount{
		Login: a.Login, Schedule: a.Schedule, OwnCall: a.OwnCall, ImportMissing: a.ImportMissing, DOK: a.DOK.String(), SameOwn: a.SameOwn,
		Cursor: a.Cursor, Revision: a.Revision, Paused: a.Paused,
	}
	if secret := a.Secret.Reveal(); secret != "" {
		key, err := l.s.seal.key(true)
		if err != nil {
			return nil, err
		}
		box, err := chacha20poly1305.NewX(key)
		if err != nil {
			return nil, err
		}
		nonce := make([]byte, box.NonceSize(), box.NonceSize()+len(secret)+box.Overhead())
		if _, err := rand.Read(nonce); err != nil {
			return nil, err
		}
		s.Sealed, s.Key = box.Seal(nonce, nonce, []byte(secret), l.bound(a.Source)), fingerprint(key)
	}
	return json.Marshal(s)
}

func (l *Logbook) openAccount(source qso.Source, payload []byte) (syncers.Account, error) {
	var s storedAccount
	if err := json.Unmarshal(payload, &s); err != nil {
		return syncers.Account{}, fmt.Errorf("%w: account %s: %v", ErrDamaged, source, err)
	}
	a := syncers.Account{
		Source: source, Login: s.Login, Schedule: s.Schedule, OwnCall: s.OwnCall, ImportMissing: s.ImportMissing, SameOwn: s.SameOwn,
		Cursor: s.Cursor, Revision: s.Revision, Paused: s.Paused,
	}
	a.DOK, _ = syncers.ParseDOKRule(s.DOK)
	if len(s.Sealed) == 0 {
		return a, nil
	}
	key, err := l.s.seal.key(false)
	if err != nil {
		return a, err
	}
	box, err := chacha20poly1305.NewX(key)
	if err != nil {
		return a, err
	}
	if len(s.Sealed) < box.NonceSize() {
		return a, fmt.Errorf("%w: account %s: sealed secret", ErrDamaged, source)
	}
	n := box.NonceSize()
	secret, err := box.Open(nil, s.Sealed[:n], s.Sealed[n:], l.bound(source))
	if err != nil {
		return a, fmt.Errorf("%w: the %s secret was sealed with key %s, this one is %s: put the old %s back, or set the account again",
			ErrSealingKey, source, s.Key, fingerprint(key), sealKeyFile)
	}
	a.Secret = qso.NewSecret(string(secret))
	return a, nil
}

// putCursor changes only the cursor of a stored account; its secret stays
// sealed as it is.
func (l *Logbook) putCursor(tx *Tx, source qso.Source, cursor syncers.Cursor) error {
	key := []byte(source.String())
	payload, err := getValue(l.bucket(tx, logAccount), key)
	if err != nil {
		return err
	}
	var s storedAccount
	if err := json.Unmarshal(payload, &s); err != nil {
		return fmt.Errorf("%w: account %s: %v", ErrDamaged, source, err)
	}
	s.Cursor = cursor
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return l.put(tx, logAccount, key, text)
}

// Account returns the account at a source, or syncers.ErrNoAccount; with
// ErrSealingKey everything but the secret is there.
func (l *Logbook) Account(source qso.Source) (a syncers.Account, err error) {
	err = l.view(func(tx *Tx) error {
		a, err = l.account(tx, source)
		return err
	})
	return a, err
}

func (l *Logbook) account(tx *Tx, source qso.Source) (syncers.Account, error) {
	b := l.bucket(tx, logAccount)
	if b == nil {
		return syncers.Account{}, fmt.Errorf("%w: %q", qso.ErrNoLogbook, l.name)
	}
	payload, err := getValue(b, []byte(source.String()))
	if err != nil {
		return syncers.Account{}, err
	}
	if payload == nil {
		return syncers.Account{}, fmt.Errorf("%w at %s", syncers.ErrNoAccount, source)
	}
	return l.openAccount(source, payload)
}

// Accounts returns all accounts of the logbook. One whose secret cannot be
// opened comes without it.
func (l *Logbook) Accounts() ([]syncers.Account, error) {
	var out []syncers.Account
	for _, source := range [...]qso.Source{qso.LoTW, qso.DCL} {
		a, err := l.Account(source)
		switch {
		case errors.Is(err, syncers.ErrNoAccount):
			continue
		case err != nil && !errors.Is(err, ErrSealingKey):
			return out, err
		}
		out = append(out, a)
	}
	return out, nil
}

// SetAccount stores an account. The revision moves, and the cursor begins
// anew, if login, secret or own call differ from the stored ones; an empty
// secret keeps the stored one. Listed records are looked at again if other own
// calls mean the same now.
func (l *Logbook) SetAccount(ctx context.Context, a syncers.Account) error {
	again, err := l.setAccount(ctx, a)
	if err != nil {
		return fmt.Errorf("store: account %s: %w", a.Source, err)
	}
	if !again {
		return nil
	}
	log, err := l.Columns(ctx)
	if err != nil {
		return fmt.Errorf("store: account %s: %w", a.Source, err)
	}
	l.write.Lock()
	err = l.retrySource(log, a.Source, nil)
	l.write.Unlock()
	if err != nil {
		return fmt.Errorf("store: account %s: %w", a.Source, err)
	}
	l.changed()
	return nil
}

// setAccount is SetAccount under the writer lock; it reports whether listed
// records are to be looked at again.
func (l *Logbook) setAccount(ctx context.Context, a syncers.Account) (again bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	l.write.Lock()
	defer l.write.Unlock()
	err = l.update("account", func(tx *Tx) error {
		old, err := l.account(tx, a.Source)
		if err != nil && !errors.Is(err, syncers.ErrNoAccount) && !errors.Is(err, ErrSealingKey) {
			return err
		}
		if a.Secret.Reveal() == "" {
			if errors.Is(err, ErrSealingKey) {
				return err
			}
			a.Secret = old.Secret
		}
		again = len(a.SameOwn) > 0 && !maps.EqualFunc(old.SameOwn, a.SameOwn, slices.Equal)
		a.Revision, a.Cursor = old.Revision, old.Cursor
		if err != nil || old.Login != a.Login || old.OwnCall != a.OwnCall || old.Secret.Reveal() != a.Secret.Reveal() {
			if a.Revision, err = l.bucket(tx, logAccount).NextSequence(); err != nil {
				return err
			}
		}
		if old.Login != a.Login || old.OwnCall != a.OwnCall {
			a.Cursor = syncers.Cursor{}
		}
		payload, err := l.sealAccount(a)
		if err != nil {
			return err
		}
		return l.put(tx, logAccount, []byte(a.Source.String()), payload)
	})
	return again, err
}

// RemoveAccount forgets an account; QSOs, confirmations and the history of
// syncs stay.
func (l *Logbook) RemoveAccount(ctx context.Context, source qso.Source) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.write.Lock()
	defer l.write.Unlock()
	return l.update("account", func(tx *Tx) error {
		b, key := l.bucket(tx, logAccount), []byte(source.String())
		if b == nil || b.Get(key) == nil {
			return fmt.Errorf("%w at %s", syncers.ErrNoAccount, source)
		}
		return b.Delete(key)
	})
}
