package access

import (
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"strings"
	"time"
)

// KeyPrefix begins every API key, so that secret scanners know it.
const KeyPrefix = "qslbox_"

// Key is an API key; what lets in is not part of it.
type Key struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Logbook  string    `json:"logbook"`
	Scopes   []string  `json:"scopes"`
	Created  time.Time `json:"created"`
	Expires  time.Time `json:"expires,omitzero"`
	LastUsed time.Time `json:"last_used,omitzero"` // to the hour
}

// keyRecord is a Key with the hash of its secret, as it is stored.
type keyRecord struct {
	Key
	Hash string `json:"hash"`
}

var keyText = base32.StdEncoding.WithPadding(base32.NoPadding)

// AddKey makes a key: prefix, id, 256 random bits, checksum. The text is
// returned this once; only its hash is kept. A zero expires means never.
func (g *Gate) AddKey(name, logbook string, scopes []string, expires time.Time) (Key, string, error) {
	if name == "" || len(name) > 100 {
		return Key{}, "", fmt.Errorf("%w: a key needs a name of at most 100 characters that says what it is for", ErrInvalid)
	}
	if len(scopes) == 0 {
		return Key{}, "", fmt.Errorf("%w: a key needs a scope: read, write, metrics or admin", ErrInvalid)
	}
	for _, s := range scopes {
		if ParseAction(s) == 0 {
			return Key{}, "", fmt.Errorf("%w: no scope %q; there are read, write, metrics and admin", ErrInvalid, clip(s, 20))
		}
	}
	id := strings.ToLower(keyText.EncodeToString([]byte(randomText(6))))[:8]
	body := KeyPrefix + id + "_" + randomText(32)
	text := body + "_" + checksum(body)
	sum := digest(text)
	record := keyRecord{Key{ID: id, Name: name, Logbook: logbook, Scopes: scopes, Created: g.now().UTC(), Expires: expires}, hex.EncodeToString(sum[:])}
	return record.Key, text, g.save(kindKey, id, &record)
}

func checksum(body string) string { return fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(body))) }

// ByKeyText recognises an API key: a Stranger if there is no such key.
// Wrong ones are throttled by source, on this machine too; a right one from
// this machine always passes.
func (g *Gate) ByKeyText(text, source string, local bool) (Identity, error) {
	sum, now := digest(text), g.now()
	if id, ok := g.recall(sum, now); ok {
		return id, nil
	}
	wait := g.throttled(source, "")
	if wait > 0 && !local {
		return Identity{}, &TooManyError{wait}
	}
	id, err := g.keyIdentity(text, sum, now, source)
	if err == nil && id.Kind == Stranger {
		g.failed(source, "")
		if wait > 0 {
			return Identity{}, &TooManyError{wait}
		}
	}
	return id, err
}

func (g *Gate) keyIdentity(text string, sum [32]byte, now time.Time, source string) (Identity, error) {
	rest, ok := strings.CutPrefix(text, KeyPrefix)
	if !ok || len(text) > 200 {
		return Identity{}, nil
	}
	keyID, _, ok := strings.Cut(rest, "_")
	last := strings.LastIndexByte(text, '_')
	if !ok || checksum(text[:last]) != text[last+1:] {
		return Identity{}, nil
	}
	before := g.written.Load()
	var record keyRecord
	have, err := g.load(kindKey, keyID, &record)
	if err != nil || !have {
		return Identity{}, err
	}
	if subtle.ConstantTimeCompare([]byte(hex.EncodeToString(sum[:])), []byte(record.Hash)) != 1 {
		return Identity{}, nil
	}
	if !record.Expires.IsZero() && now.After(record.Expires) {
		return Identity{}, nil
	}
	identity := Identity{Kind: ByKey, Name: keyID, Logbooks: []string{record.Logbook}}
	for _, s := range record.Scopes {
		identity.Scopes = append(identity.Scopes, ParseAction(s))
	}
	if !g.touch("key/"+keyID, now) || now.Sub(record.LastUsed) < seenEvery {
		g.remember(sum, recalled{identity, now, record.Expires}, before)
		return identity, nil
	}
	if record.LastUsed.IsZero() {
		_ = g.Audit(identity, source, "key-first-used", record.Name) // a disk that takes no writes keeps nobody from reading
	}
	record.LastUsed = now.UTC().Truncate(time.Hour)
	_ = g.save(kindKey, keyID, &record) // the next hour's use tries again
	return identity, nil
}

// Keys lists the keys of a logbook; of all if the name is empty.
func (g *Gate) Keys(logbook string) ([]Key, error) {
	keys := []Key{}
	err := each(g, kindKey, func(_ string, k keyRecord) error {
		if logbook == "" || k.Logbook == logbook {
			keys = append(keys, k.Key)
		}
		return nil
	})
	return keys, err
}

// RevokeKey ends a key.
func (g *Gate) RevokeKey(id string) error {
	have, err := g.load(kindKey, id, &keyRecord{})
	if err != nil {
		return err
	}
	if !have {
		return fmt.Errorf("%w: key %s", ErrNotFound, clip(id, 40))
	}
	return g.put(kindKey, id, nil)
}
