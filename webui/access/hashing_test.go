package access_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"qslbox/webui/access"
)

// hashOf returns the stored hash of a user.
func hashOf(t *testing.T, table *memoryTable, name string) string {
	t.Helper()
	data, _, _ := table.GetRecord("user", name)
	var record struct{ Hash string }
	if err := json.Unmarshal(data, &record); err != nil {
		t.Fatal(err)
	}
	return record.Hash
}

// TestCostOfPasswords holds the cost at what OWASP asks for, and makes cheaper
// hashes anew at the next sign-in.
func TestCostOfPasswords(t *testing.T) {
	_, table, c := newGate(t)
	if cheap := hashOf(t, table, "op"); !strings.HasPrefix(cheap, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Fatalf("the fixture's hash is %s", cheap)
	}
	dear, err := access.New(access.Config{Table: table, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dear.SignIn(t.Context(), "op", "wrong", "192.0.2.1", "", false); !errors.Is(err, access.ErrDenied) {
		t.Errorf("a wrong password: %v", err)
	}
	if _, err := dear.SignIn(t.Context(), "op", goodPassword, "192.0.2.1", "", false); err != nil {
		t.Fatal(err)
	}
	if hash := hashOf(t, table, "op"); !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("after the sign-in the hash is %s", hash)
	}
	if _, err := dear.SignIn(t.Context(), "op", goodPassword, "192.0.2.1", "", false); err != nil {
		t.Errorf("with the hash made anew: %v", err)
	}
}

// TestUnknownUsersCostTheSame fills both places for hashing: the sign-in of
// somebody unknown waits for one like that of somebody known.
func TestUnknownUsersCostTheSame(t *testing.T) {
	g, _, _ := newGate(t)
	_, _ = g.SignIn(t.Context(), "nobody", "x", "192.0.2.1", "", true) // makes the hash for those unknown
	leave := g.FillHashing()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, name := range []string{"op", "guest", "nobody", ""} {
		if _, err := g.SignIn(ctx, name, goodPassword, "192.0.2.1", "", true); !errors.Is(err, context.Canceled) {
			t.Errorf("%q did not come to hashing: %v", name, err)
		}
	}
	leave()
	if _, err := g.SignIn(t.Context(), "op", goodPassword, "192.0.2.1", "", true); err != nil {
		t.Errorf("with places free: %v", err)
	}
}

// TestSessionsEnd uses a session daily: it ends after ninety days all the same.
func TestSessionsEnd(t *testing.T) {
	g, _, c := newGate(t)
	token, err := g.SignIn(t.Context(), "op", goodPassword, "192.0.2.1", "", false)
	if err != nil {
		t.Fatal(err)
	}
	for day := range 91 {
		if id, _ := g.BySessionToken(token); id.Kind != access.BySession {
			t.Fatalf("ended on day %d", day)
		}
		c.advance(24 * time.Hour)
	}
	if id, _ := g.BySessionToken(token); id.Kind != access.Stranger {
		t.Error("the session never ends")
	}
	if err := g.Sweep(); err != nil {
		t.Fatal(err)
	}
	if list, _ := g.Sessions(""); len(list) != 0 {
		t.Errorf("%d sessions are kept", len(list))
	}
}

// TestGuessingEverywhere guesses from many places at many accounts: all of them
// together are slowed, what is remembered is bounded, and this machine is let
// in with the right password and key.
func TestGuessingEverywhere(t *testing.T) {
	g, _, c := newGate(t)
	_, key, err := g.AddKey("logger", "main", []string{"read"}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	heard := 0
	for i := range 5000 {
		if _, err := g.SignIn(t.Context(), fmt.Sprint("user", i), "guess", fmt.Sprintf("10.%d.%d.1", i/250, i%250), "", false); errors.Is(err, access.ErrDenied) {
			heard++
		}
	}
	if heard != 200 {
		t.Errorf("%d guesses were heard in a minute, want 200", heard)
	}
	if _, err := g.SignIn(t.Context(), "op", goodPassword, "203.0.113.9", "", false); !errors.Is(err, access.ErrTooMany) {
		t.Errorf("from elsewhere: %v", err)
	}
	if _, err := g.SignIn(t.Context(), "op", goodPassword, "127.0.0.1", "", true); err != nil {
		t.Errorf("this machine, with the right password: %v", err)
	}
	if id, err := g.ByKeyText(key, "127.0.0.1", true); id.Kind != access.ByKey || err != nil {
		t.Errorf("this machine, with the right key: %v, %v", id.Kind, err)
	}
	if _, err := g.SignIn(t.Context(), "op", "guess", "127.0.0.1", "", true); !errors.Is(err, access.ErrTooMany) {
		t.Errorf("this machine, with a wrong password: %v", err)
	}
	c.advance(time.Minute)
	if _, err := g.SignIn(t.Context(), "op", goodPassword, "203.0.113.9", "", false); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}
