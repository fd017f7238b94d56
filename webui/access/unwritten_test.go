package access_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/webui/access"
)

// TestDiskThatTakesNoWrites signs in, is recognised and signs out while nothing
// can be stored; what has ended stays so, and what goes on is stored when the
// disk takes it.
func TestDiskThatTakesNoWrites(t *testing.T) {
	g, table, c := newGate(t)
	before, err := g.SignIn(t.Context(), "op", goodPassword, "192.0.2.1", "", false)
	if err != nil {
		t.Fatal(err)
	}
	old, err := g.SignIn(t.Context(), "guest", goodPassword, "192.0.2.1", "", false)
	if err != nil {
		t.Fatal(err)
	}
	_, key, err := g.AddKey("logger", "main", []string{"read"}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	who := func(token string) string {
		t.Helper()
		id, err := g.BySessionToken(token)
		if err != nil {
			t.Error(err)
		}
		return id.Name
	}
	c.advance(2 * time.Hour) // the next use would be written
	table.refuses = errors.New("the disk is full")
	during, err := g.SignIn(t.Context(), "op", goodPassword, "192.0.2.1", "", false)
	if err != nil {
		t.Fatalf("a sign-in: %v", err)
	}
	if _, err := g.SignIn(t.Context(), "op", "wrong", "192.0.2.1", "", false); !errors.Is(err, access.ErrDenied) {
		t.Errorf("a wrong password: %v", err)
	}
	if diff := cmp.Diff([]string{"op", "op", "guest"}, []string{who(before), who(during), who(old)}); diff != "" {
		t.Errorf("who is recognised (-want +got):\n%s", diff)
	}
	if id, err := g.ByKeyText(key, "192.0.2.1", false); id.Kind != access.ByKey || err != nil {
		t.Errorf("a key that was never used: %+v, %v", id, err)
	}
	if list, _ := g.Sessions("op"); len(list) != 2 {
		t.Errorf("sessions: %+v", list)
	}
	if err := g.EndSessions("guest"); err == nil {
		t.Error("it does not say that the end could not be stored")
	}
	if name := who(old); name != "" {
		t.Errorf("%s is still signed in", name)
	}
	c.advance(15 * 24 * time.Hour)
	if name := who(before); name != "" {
		t.Errorf("%s is still signed in after two weeks", name)
	}

	table.refuses = nil
	again, err := g.SignIn(t.Context(), "op", goodPassword, "192.0.2.1", "", false)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Sweep(); err != nil {
		t.Fatal(err)
	}
	second, err := access.New(access.Config{Table: table, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	if list, _ := second.Sessions(""); len(list) != 1 {
		t.Errorf("sessions after a restart: %+v", list)
	}
	if name := who(again); name != "op" {
		t.Errorf("it is %q", name)
	}
}

// TestSessionIsStoredLater uses a session that was begun on a full disk: with
// room again it outlasts a restart.
func TestSessionIsStoredLater(t *testing.T) {
	g, table, c := newGate(t)
	table.refuses = errors.New("the disk is full")
	token, err := g.SignIn(t.Context(), "op", goodPassword, "192.0.2.1", "", false)
	if err != nil {
		t.Fatal(err)
	}
	table.refuses = nil
	c.advance(2 * time.Hour)
	if id, err := g.BySessionToken(token); id.Name != "op" || err != nil {
		t.Errorf("%+v, %v", id, err)
	}
	second, err := access.New(access.Config{Table: table, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	if id, err := second.BySessionToken(token); id.Name != "op" || err != nil {
		t.Errorf("after a restart: %+v, %v", id, err)
	}
}
