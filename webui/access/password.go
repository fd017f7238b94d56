package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/crypto/argon2"
)

// Cost is what one password hash costs.
type Cost struct {
	MemoryKiB uint32
	Passes    uint32
}

func (c Cost) orDefault() Cost {
	if c.MemoryKiB == 0 {
		c.MemoryKiB = 19 << 10
	}
	if c.Passes == 0 {
		c.Passes = 2
	}
	return c
}

const (
	minPassword = 12
	maxPassword = 1024
	hashLength  = 32
)

//go:embed weak.txt
var weakText string

// weak holds passwords that are guessed first.
var weak = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(weakText) {
		set[strings.TrimSpace(line)] = true
	}
	return set
})

// CheckPassword reports why a password cannot be taken (ErrPassword, with the
// reason), or nil. Length counts, not kinds of signs.
func CheckPassword(password, name string) error {
	switch folded := strings.ToLower(password); {
	case len([]rune(password)) < minPassword:
		return fmt.Errorf("%w: it needs at least %d characters; a few words make a good one", ErrPassword, minPassword)
	case len(password) > maxPassword:
		return fmt.Errorf("%w: it has more than %d bytes", ErrPassword, maxPassword)
	case weak()[folded] || strings.Trim(folded, folded[:1]) == "":
		return fmt.Errorf("%w: it is one of those that are guessed first", ErrPassword)
	case name != "" && strings.Contains(folded, strings.ToLower(name)) && len(folded)-len(name) < 6:
		return fmt.Errorf("%w: it is little more than the user name", ErrPassword)
	}
	return nil
}

// hashPassword returns the PHC text of an argon2id hash.
func (g *Gate) hashPassword(ctx context.Context, password string) (string, error) {
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	sum, err := g.derive(ctx, password, salt, g.cost)
	if err != nil {
		return "", err
	}
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, g.cost.MemoryKiB, g.cost.Passes,
		enc.EncodeToString(salt), enc.EncodeToString(sum)), nil
}

// derive computes one hash when one of the two places is free.
func (g *Gate) derive(ctx context.Context, password string, salt []byte, cost Cost) ([]byte, error) {
	select {
	case g.hash <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-g.hash }()
	return argon2.IDKey([]byte(password), salt, cost.Passes, cost.MemoryKiB, 1, hashLength), nil
}

// verifyPassword compares a password with a PHC text; stale says that the
// hash was made at another cost and should be made anew.
func (g *Gate) verifyPassword(ctx context.Context, phc, password string) (ok, stale bool, err error) {
	var version int
	var cost Cost
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, false, fmt.Errorf("access: unreadable password hash")
	}
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil {
		return false, false, fmt.Errorf("access: unreadable password hash")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=1", &cost.MemoryKiB, &cost.Passes); err != nil || cost.MemoryKiB > 1<<20 || cost.Passes > 64 {
		return false, false, fmt.Errorf("access: unreadable password hash")
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil {
		return false, false, fmt.Errorf("access: unreadable password hash")
	}
	got, err := g.derive(ctx, password, salt, cost)
	if err != nil {
		return false, false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, cost != g.cost, nil
}

// randomText returns n random bytes as text for URLs and cookies.
func randomText(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b)
}

// digest is how tokens are kept.
func digest(token string) [32]byte {
	var short [128]byte // holds every token of ours, without allocating
	if len(token) > len(short) {
		return sha256.Sum256([]byte(token))
	}
	return sha256.Sum256(short[:copy(short[:], token)])
}
