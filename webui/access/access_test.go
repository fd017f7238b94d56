package access_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/webui/access"
)

// memoryTable is a Table in memory.
type memoryTable struct {
	mu      sync.Mutex
	records map[string][]byte
	writes  int
	reads   int
	refuses error // what the disk has against a write
}

func newTable() *memoryTable { return &memoryTable{records: map[string][]byte{}} }

func (t *memoryTable) GetRecord(kind, id string) ([]byte, bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reads++
	data, ok := t.records[kind+"/"+id]
	return data, ok, nil
}

func (t *memoryTable) PutRecord(kind, id string, data []byte) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.refuses != nil {
		return t.refuses
	}
	t.writes++
	if data == nil {
		delete(t.records, kind+"/"+id)
	} else {
		t.records[kind+"/"+id] = data
	}
	return nil
}

func (t *memoryTable) EachRecord(kind string, fn func(id string, data []byte) error) error {
	t.mu.Lock()
	var ids []string
	for key := range t.records {
		if id, ok := strings.CutPrefix(key, kind+"/"); ok {
			ids = append(ids, id)
		}
	}
	t.mu.Unlock()
	slices.Sort(ids)
	for _, id := range ids {
		data, _, _ := t.GetRecord(kind, id)
		if err := fn(id, data); err != nil {
			return err
		}
	}
	return nil
}

// clock is a clock that only moves when told to.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

const goodPassword = "three dits four dits"

// newGate returns a gate with cheap hashes, one administrator and one viewer.
func newGate(t testing.TB) (*access.Gate, *memoryTable, *clock) {
	t.Helper()
	table, c := newTable(), &clock{t: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)}
	g, err := access.New(access.Config{Table: table, Now: c.now, Hashing: access.Cost{MemoryKiB: 64, Passes: 1}})
	if err != nil {
		t.Fatal(err)
	}
	for name, role := range map[string]access.Role{"op": access.Administrator, "guest": access.Viewer} {
		if err := g.AddUser(t.Context(), name, goodPassword, role, []string{"main"}); err != nil {
			t.Fatal(err)
		}
	}
	return g, table, c
}

func ExampleIdentity_May() {
	viewer := access.Identity{Kind: access.BySession, Role: access.Viewer, Logbooks: []string{"main"}}
	fmt.Println(viewer.May(access.Read, "main"), viewer.May(access.Read, "club"), viewer.May(access.Write, "main"))
	// Output: true false false
}

func TestMay(t *testing.T) {
	key := func(scopes ...access.Action) access.Identity {
		return access.Identity{Kind: access.ByKey, Logbooks: []string{"main"}, Scopes: scopes}
	}
	user := func(role access.Role) access.Identity {
		return access.Identity{Kind: access.BySession, Role: role, Logbooks: []string{"main"}}
	}
	// read, write, metrics, admin in main, then read in another logbook
	for name, tt := range map[string]struct {
		id   access.Identity
		want [5]bool
	}{
		"stranger":   {access.Identity{}, [5]bool{}},
		"loopback":   {access.Identity{Kind: access.Loopback}, [5]bool{false, false, true, false, false}},
		"socket":     {access.Identity{Kind: access.BySocket}, [5]bool{true, true, true, true, true}},
		"read key":   {key(access.Read), [5]bool{true, false, false, false, false}},
		"write key":  {key(access.Write), [5]bool{true, true, false, false, false}},
		"metrics":    {key(access.Metrics), [5]bool{false, false, true, false, false}},
		"admin key":  {key(access.Admin), [5]bool{false, false, false, true, false}},
		"viewer":     {user(access.Viewer), [5]bool{true, false, true, false, false}},
		"owner":      {user(access.Owner), [5]bool{true, true, true, false, false}},
		"admin user": {user(access.Administrator), [5]bool{true, true, true, true, true}},
	} {
		got := [5]bool{tt.id.May(access.Read, "main"), tt.id.May(access.Write, "main"), tt.id.May(access.Metrics, ""), tt.id.May(access.Admin, "main"), tt.id.May(access.Read, "club")}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestFiftyClaimsMakeOneAdministrator(t *testing.T) {
	c := &clock{t: time.Unix(1e9, 0)}
	g, err := access.New(access.Config{Table: newTable(), Now: c.now, Hashing: access.Cost{MemoryKiB: 64, Passes: 1}})
	if err != nil {
		t.Fatal(err)
	}
	code, err := g.NewSetupCode()
	if err != nil {
		t.Fatal(err)
	}
	results := make(chan error, 50)
	for i := range 50 {
		go func() { results <- g.Claim(t.Context(), code, fmt.Sprintf("op%d", i), goodPassword) }()
	}
	made := 0
	for range 50 {
		switch err := <-results; {
		case err == nil:
			made++
		case !errors.Is(err, access.ErrCode):
			t.Errorf("a late claim got %v", err)
		}
	}
	users, err := g.Users()
	if made != 1 || len(users) != 1 || err != nil {
		t.Fatalf("%d claims succeeded, %d users, %v", made, len(users), err)
	}
	if _, err := g.NewSetupCode(); !errors.Is(err, access.ErrInvalid) {
		t.Errorf("a code was made although there is an administrator: %v", err)
	}
}

func TestSetupCodeEnds(t *testing.T) {
	c := &clock{t: time.Unix(1e9, 0)}
	g, err := access.New(access.Config{Table: newTable(), Now: c.now, Hashing: access.Cost{MemoryKiB: 64, Passes: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if g.CodeIsGood("") || g.CodeIsGood("x") {
		t.Error("a code was good before there was one")
	}
	first, _ := g.NewSetupCode()
	second, _ := g.NewSetupCode()
	if g.CodeIsGood(first) || !g.CodeIsGood(second) {
		t.Error("a new code does not end the one before")
	}
	c.advance(31 * time.Minute)
	if err := g.Claim(t.Context(), second, "op", goodPassword); !errors.Is(err, access.ErrCode) {
		t.Errorf("after 31 minutes: %v", err)
	}
}

func TestSignIn(t *testing.T) {
	g, table, c := newGate(t)
	token, err := g.SignIn(t.Context(), "op", goodPassword, "192.0.2.1", "test", false)
	if err != nil {
		t.Fatal(err)
	}
	for key := range table.records {
		if strings.Contains(key, token) || strings.Contains(string(table.records[key]), token) || strings.Contains(string(table.records[key]), goodPassword) {
			t.Errorf("the stored %s holds a secret", key)
		}
	}
	id, err := g.BySessionToken(token)
	if err != nil || id.Name != "op" || id.Role != access.Administrator {
		t.Fatalf("identity %+v, %v", id, err)
	}
	for name, err := range map[string]error{
		"wrong password": second(g.SignIn(t.Context(), "op", "wrong", "192.0.2.2", "", false)),
		"unknown user":   second(g.SignIn(t.Context(), "nobody", "wrong", "192.0.2.2", "", false)),
	} {
		if err == nil || err.Error() != access.ErrDenied.Error() {
			t.Errorf("%s: %v", name, err)
		}
	}
	c.advance(15 * 24 * time.Hour)
	if id, _ := g.BySessionToken(token); id.Kind != access.Stranger {
		t.Error("the session did not end when idle")
	}
}

func second(_ string, err error) error { return err }

func TestPasswordChangeEndsSessions(t *testing.T) {
	g, _, _ := newGate(t)
	token, _ := g.SignIn(t.Context(), "guest", goodPassword, "192.0.2.1", "", false)
	if err := g.SetPassword(t.Context(), "guest", "another long password"); err != nil {
		t.Fatal(err)
	}
	if id, _ := g.BySessionToken(token); id.Kind != access.Stranger {
		t.Error("the old session still lets in")
	}
}

func TestLastAdministratorStays(t *testing.T) {
	g, _, _ := newGate(t)
	if err := g.RemoveUser("op"); !errors.Is(err, access.ErrLastAdmin) {
		t.Errorf("removed: %v", err)
	}
	if err := g.RemoveUser("guest"); err != nil {
		t.Error(err)
	}
}

func TestGuessingIsSlowedButLoopbackNeverLockedOut(t *testing.T) {
	g, _, c := newGate(t)
	denied := 0
	for i := range 40 {
		_, err := g.SignIn(t.Context(), "op", "guess", fmt.Sprintf("2001:db8::%x", i+1), "", false) // one /64
		if errors.Is(err, access.ErrDenied) {
			denied++
		}
	}
	if denied != 10 {
		t.Errorf("%d guesses were heard from one network, want 10", denied)
	}
	for i := range 40 {
		_, _ = g.SignIn(t.Context(), "op", "guess", fmt.Sprintf("198.51.100.%d", i), "", false)
	}
	var wait *access.TooManyError
	if _, err := g.SignIn(t.Context(), "op", goodPassword, "203.0.113.9", "", false); !errors.As(err, &wait) || wait.Wait > time.Minute {
		t.Errorf("the account is not protected: %v", err)
	}
	if _, err := g.SignIn(t.Context(), "op", goodPassword, "127.0.0.1", "", true); err != nil {
		t.Errorf("the right password from this machine: %v", err)
	}
	c.advance(61 * time.Second)
	if _, err := g.SignIn(t.Context(), "op", goodPassword, "203.0.113.9", "", false); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

func TestCheckPassword(t *testing.T) {
	for password, ok := range map[string]bool{
		goodPassword: true, "short": false, "123456789012": false, "zzzzzzzzzzzzzz": false, "PasswordPassword": false,
		"operator12345": false, strings.Repeat("x y ", 300): false, "drei kurz vier kurz": true,
	} {
		if err := access.CheckPassword(password, "operator"); (err == nil) != ok {
			t.Errorf("%.30q: %v", password, err)
		}
	}
}

func TestKeys(t *testing.T) {
	g, table, c := newGate(t)
	key, text, err := g.AddKey("logger", "main", []string{"read", "write"}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	id, err := g.ByKeyText(text, "192.0.2.1", false)
	if err != nil || !id.May(access.Write, "main") || id.May(access.Read, "club") {
		t.Fatalf("%+v, %v", id, err)
	}
	other := text[:len(text)-1] + "0"
	if other == text {
		other = text[:len(text)-1] + "1"
	}
	for _, wrong := range []string{text + "x", other, "qslbox_", "", strings.ToUpper(text), strings.Repeat("q", 5000)} {
		if id, _ := g.ByKeyText(wrong, "192.0.2.1", true); id.Kind != access.Stranger {
			t.Errorf("%.40q lets in", wrong)
		}
	}
	if trail, err := g.Trail(); err != nil || len(trail) != 1 || trail[0].What != "key-first-used" || trail[0].Source != "192.0.2.1" {
		t.Errorf("the first use is not noted: %+v, %v", trail, err)
	}
	for _, want := range []int{0, 1} { // within the hour of the first use, and in the next
		before := table.writes
		for range 100 {
			if _, err := g.ByKeyText(text, "192.0.2.7", false); err != nil {
				t.Fatal(err)
			}
		}
		if n := table.writes - before; n != want {
			t.Errorf("100 uses within an hour wrote %d times, want %d", n, want)
		}
		c.advance(time.Hour)
	}
	if err := g.RevokeKey(key.ID); err != nil {
		t.Fatal(err)
	}
	if id, _ := g.ByKeyText(text, "192.0.2.1", true); id.Kind != access.Stranger {
		t.Error("a revoked key lets in")
	}
	_, expiring, _ := g.AddKey("guest", "main", []string{"read"}, c.now().Add(time.Hour))
	c.advance(2 * time.Hour)
	if id, _ := g.ByKeyText(expiring, "192.0.2.1", false); id.Kind != access.Stranger {
		t.Error("an expired key lets in")
	}
	if _, _, err := g.AddKey("x", "main", []string{"everything"}, time.Time{}); !errors.Is(err, access.ErrInvalid) {
		t.Errorf("unknown scope: %v", err)
	}
}

func TestAuditIsBoundedAndCannotBeForged(t *testing.T) {
	g, table, _ := newGate(t)
	for i := range 2100 {
		if err := g.Audit(access.Identity{Name: "op"}, "192.0.2.1", "import", fmt.Sprintf("file\nsign-in ok %d\u202e", i)); err != nil {
			t.Fatal(err)
		}
	}
	trail, err := g.Trail()
	if err != nil || len(trail) != 2000 || strings.ContainsAny(trail[0].Detail, "\n\u202e") || !strings.Contains(trail[0].Detail, "2099") {
		t.Errorf("%d entries, newest %+v, %v", len(trail), trail[0], err)
	}
	again, err := access.New(access.Config{Table: table, Now: time.Now, Hashing: access.Cost{MemoryKiB: 64, Passes: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Audit(access.Identity{Kind: access.BySocket}, "", "restore", ""); err != nil {
		t.Fatal(err)
	}
	if trail, _ = again.Trail(); trail[0].What != "restore" || len(trail) != 2000 {
		t.Errorf("after a restart the newest is %+v of %d", trail[0], len(trail))
	}
}

func TestHashWaitsForItsPlace(t *testing.T) {
	g, _, _ := newGate(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	// With both places free either result is fine; it must not hang or panic.
	_, _ = g.SignIn(ctx, "op", goodPassword, "192.0.2.1", "", true)
}

func TestLinkSignsInOnce(t *testing.T) {
	g, _, c := newGate(t)
	use := func(token string) error {
		_, _, err := g.SignInByLink(t.Context(), token, "192.0.2.1", "", false)
		return err
	}
	link := func() string {
		t.Helper()
		token, err := g.NewLink("op")
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	token := link()
	session, user, err := g.SignInByLink(t.Context(), token, "192.0.2.1", "", false)
	if id, _ := g.BySessionToken(session); err != nil || user != "op" || id.Name != "op" {
		t.Errorf("the link: %q, %+v, %v", user, id, err)
	}
	expired, first := link(), link()
	c.advance(31 * time.Minute)
	for range 16 {
		link()
	}
	for name, token := range map[string]string{"used": token, "expired": expired, "of too many": first, "invented": "x", "empty": ""} {
		if err := use(token); !errors.Is(err, access.ErrLink) {
			t.Errorf("a link that is %s: %v", name, err)
		}
	}
	ended := link()
	if err := g.SetPassword(t.Context(), "op", "another long password"); err != nil {
		t.Fatal(err)
	}
	if err := use(ended); !errors.Is(err, access.ErrLink) {
		t.Errorf("a link from before the password was set: %v", err)
	}
	if _, err := g.NewLink("nobody"); !errors.Is(err, access.ErrNotFound) {
		t.Errorf("a link for nobody: %v", err)
	}
	for range 20 {
		_ = use("guess")
	}
	if err := use(link()); !errors.Is(err, access.ErrTooMany) {
		t.Errorf("after twenty guesses: %v", err)
	}
}

// TestUserNames holds what a user may be called.
func TestUserNames(t *testing.T) {
	g, _, _ := newGate(t)
	for name, ok := range map[string]bool{
		"DL1ABC": true, "dl1abc/p": true, "Müller": true, "オペ": true, "op.2-b_c@home": true, strings.Repeat("x", 64): true,
		"": false, ".op": false, "op 2": false, "op\n": false, "<b>": false, strings.Repeat("x", 65): false, "op\xff": false,
	} {
		err := g.AddUser(t.Context(), name, "a long enough pass phrase", access.Viewer, nil)
		if got := err == nil; got != ok || !ok && !errors.Is(err, access.ErrInvalid) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
