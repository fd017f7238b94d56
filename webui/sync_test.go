package webui_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/syncers"
	"qslbox/webui"
)

// upstream is a source that answers when it is told to.
type upstream struct{ answer chan error }

func (u *upstream) Source() qso.Source { return qso.LoTW }

func (u *upstream) Sync(ctx context.Context, task syncers.Task, _ *syncers.Sink) (syncers.Cursor, error) {
	select {
	case err := <-u.answer:
		return task.Cursor(), err
	case <-ctx.Done():
		return task.Cursor(), ctx.Err()
	}
}

func (u *upstream) Check(_ context.Context, a syncers.Account) error {
	if a.Secret.Reveal() != "right & <good>" {
		return &syncers.Error{Class: syncers.Auth, Code: "wrong-password", Message: "LoTW refuses login or password"}
	}
	return nil
}

// newSyncFixture has LoTW, and a scheduler that runs if asked.
func newSyncFixture(t *testing.T, scheduled bool) (*fixture, *upstream) {
	t.Helper()
	up := &upstream{answer: make(chan error, 1)}
	f := newFixture(t, func(c *webui.Config) {
		c.Syncers = map[qso.Source]*syncers.Syncer{qso.LoTW: syncers.NewSyncer(up, c.Now, c.Log)}
		c.Testers = map[qso.Source]webui.Tester{qso.LoTW: up}
		if !scheduled {
			return
		}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { defer close(done); c.Scheduler.Run(ctx) }()
		t.Cleanup(func() { cancel(); <-done })
	})
	return f, up
}

// TestAccounts sets, shows, tries and removes an account; the secret is never
// told.
func TestAccounts(t *testing.T) {
	f, _ := newSyncFixture(t, false)
	put := func(body string) answer {
		return f.do(ask{method: http.MethodPut, path: "/api/accounts/lotw", body: body, full: true})
	}
	for name, body := range map[string]string{
		"no password": `{"login":"DK9XYZ"}`, "no login": `{"secret":"x"}`, "too often": `{"login":"DK9XYZ","secret":"x","schedule":"* * * * *"}`,
		"bad call": `{"login":"DK9XYZ","secret":"x","own_call":"no"}`, "unknown member": `{"login":"DK9XYZ","secret":"x","pasword":"y"}`, "no JSON": `{`,
	} {
		if got := put(body); got.status != 400 || code(got.body) != "invalid" {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	got := put(`{"login":" DK9XYZ ","secret":"wrong","import_missing":false,"schedule":"@daily"}`)
	want := `{"source":"lotw","login":"DK9XYZ","secret":true,"schedule":"@daily","import_missing":false,"paused":false,"cursor":{}}`
	if got.status != 200 || strings.Contains(got.body, "wrong") {
		t.Errorf("set: %d %s", got.status, got.body)
	}
	if diff := cmp.Diff(decode[map[string]any](t, want), without(decode[map[string]any](t, got.body), "next", "next_runs", "why_paused")); diff != "" {
		t.Errorf("account (-want +got):\n%s", diff)
	}
	test := func() string { return f.command(http.MethodPost, "/api/accounts/lotw/test", "").body }
	if got := test(); got != `{"class":"auth","code":"wrong-password","message":"LoTW refuses login or password"}`+"\n" {
		t.Errorf("test: %s", got)
	}
	put(`{"secret":"right & <good>"}`)
	if a, _ := f.books.book("main").Account(qso.LoTW); a.Login != "DK9XYZ" || a.Schedule != "@daily" {
		t.Errorf("what was not given did not stay: %+v", a)
	}
	if got := test(); !strings.HasPrefix(got, `{"class":"ok"`) {
		t.Errorf("test: %s", got)
	}
	f.command(http.MethodDelete, "/api/accounts/lotw", "")
	for path, want := range map[string]string{"/api/accounts/lotw/test": "no_account", "/api/sync/lotw": "no_account", "/api/sync/eqsl": "not_found"} {
		if got := f.do(ask{method: http.MethodPost, path: path, full: true}); got.status != 404 || code(got.body) != want {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

func without(m map[string]any, names ...string) map[string]any {
	for _, name := range names {
		delete(m, name)
	}
	return m
}

// TestSync starts a run, finds it busy, and reads the history.
func TestSync(t *testing.T) {
	f, up := newSyncFixture(t, true)
	f.command(http.MethodPut, "/api/accounts/lotw", `{"login":"DK9XYZ","secret":"x","paused":true}`)
	start := func(query string) answer {
		t.Helper()
		deadline := time.Now().Add(5 * time.Second)
		for {
			got := f.do(ask{method: http.MethodPost, path: "/api/sync/lotw" + query, full: true})
			if got.status != http.StatusServiceUnavailable || time.Now().After(deadline) {
				return got
			}
			time.Sleep(time.Millisecond) // until the scheduler runs
		}
	}
	got := start("")
	if got.status != http.StatusAccepted || got.body != `{"run":1,"source":"lotw"}`+"\n" || got.header.Get("Location") != "/api/sync/lotw/runs/1" {
		t.Fatalf("start: %d %s %v", got.status, got.body, got.header)
	}
	busy := start("?wait=1")
	if busy.status != http.StatusConflict || code(busy.body) != "busy" || !strings.Contains(busy.body, `"run":1`) {
		t.Errorf("start while it runs: %d %s", busy.status, busy.body)
	}
	if got := f.command(http.MethodGet, "/api/sync/lotw", "").body; !strings.Contains(got, `"running":true`) {
		t.Errorf("while it runs: %s", got)
	}
	up.answer <- nil
	deadline := time.Now().Add(5 * time.Second)
	for f.do(ask{path: "/api/sync/lotw/runs/1", full: true}).status != 200 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	run := decode[syncers.Run](t, f.command(http.MethodGet, "/api/sync/lotw/runs/1", "").body)
	if run.Run != 1 || run.Class != syncers.OK || run.Trigger != syncers.ByCommand {
		t.Errorf("run: %+v", run)
	}
	up.answer <- &syncers.Error{Class: syncers.Down, Message: "LoTW is down; it is tried again later"}
	waited := start("?wait=1&full=1")
	for waited.status == http.StatusConflict {
		waited = start("?wait=1&full=1")
	}
	if run := decode[syncers.Run](t, waited.body); run.Class != syncers.Down || !run.Full {
		t.Errorf("waited for: %d %s", waited.status, waited.body)
	}
	if got := decode[struct{ Items []syncers.Run }](t, f.command(http.MethodGet, "/api/sync?limit=1", "").body); len(got.Items) != 1 || got.Items[0].Run != 2 {
		t.Errorf("history: %+v", got.Items)
	}
	health := f.command(http.MethodGet, "/api/health", "").body
	if !strings.Contains(health, `"sync":{"lotw":{"last_success":"2025-01-21T06:37:55`) || !strings.Contains(health, `"class":"down"`) {
		t.Errorf("health: %s", health)
	}
}

// TestSyncWithoutService runs a sync in a process that has no scheduler at
// work, as commands do while no service runs.
func TestSyncWithoutService(t *testing.T) {
	f, up := newSyncFixture(t, false)
	f.command(http.MethodPut, "/api/accounts/lotw", `{"login":"DK9XYZ","secret":"x"}`)
	up.answer <- nil
	run := decode[syncers.Run](t, f.command(http.MethodPost, "/api/sync/lotw?trigger=command&wait=1", "").body)
	if run.Class != syncers.OK || run.Trigger != syncers.ByCommand {
		t.Errorf("run: %+v", run)
	}
	if got := f.do(ask{method: http.MethodPost, path: "/api/sync/lotw", full: true}); got.status != http.StatusServiceUnavailable {
		t.Errorf("without waiting: %d", got.status)
	}
}

// TestUnmatched lists records that are not in the log and decides about one.
func TestUnmatched(t *testing.T) {
	f := newFixture(t)
	main := f.books.book("main")
	portable := contact("JA1ZZZ", "20m", "CW", started)
	portable.ID, portable.Own = 1, "DK9XYZ/P"
	main.qsos[1] = portable
	main.runs = []syncers.Run{{Run: 3, Source: "lotw", Class: syncers.OK, Unmatched: 2}}
	main.listed = []syncers.Listed{
		{ID: "a1", Source: qso.LoTW, Run: 3, Seen: started, Record: contact("DL1ABC", "20m", "CW", started), Reason: syncers.ByTime, Nearest: 7},
		{ID: "a2", Source: qso.LoTW, Run: 2, Seen: started, Record: contact("W1AAA", "20m", "CW", started), Ambiguous: []uint64{1, 2}, Resolution: syncers.Resolution{Ignore: true}},
		{ID: "a3", Source: qso.LoTW, Run: 1, Seen: started, Record: contact("JA1ZZZ", "20m", "CW", started), OtherOwn: 1},
	}
	got := f.command(http.MethodGet, "/api/sync/lotw/runs/3", "").body
	if !strings.Contains(got, `"unmatched":2`) || !strings.Contains(got, `"not_in_log":[{"id":"a1",`) || strings.Contains(got, "W1AAA") {
		t.Errorf("run: %s", got)
	}
	got = f.command(http.MethodGet, "/api/sync/lotw/unmatched", "").body
	if !strings.Contains(got, `"reason":"time","nearest":7`) || !strings.Contains(got, `"reason":"ambiguous","ambiguous":[1,2],"resolution":"ignore"`) {
		t.Errorf("unmatched: %s", got)
	}
	f.command(http.MethodPut, "/api/accounts/lotw", `{"login":"DK9XYZ","secret":"x"}`)
	f.command(http.MethodPost, "/api/sync/lotw/unmatched/a3", `{"action":"always"}`)
	if a, err := main.Account(qso.LoTW); err != nil || cmp.Diff(map[qso.Call][]qso.Call{main.listed[2].Record.Own: {"DK9XYZ/P"}}, a.SameOwn) != "" {
		t.Errorf("always: %v, %v", a.SameOwn, err)
	}
	f.command(http.MethodPost, "/api/sync/lotw/unmatched/a1", `{"action":"attach","qso":7}`)
	f.command(http.MethodPost, "/api/sync/lotw/unmatched/a2", `{"action":"add"}`)
	want := map[string]syncers.Resolution{"a1": {QSO: 7}, "a2": {Add: true}}
	if diff := cmp.Diff(want, main.resolved); diff != "" {
		t.Errorf("decisions (-want +got):\n%s", diff)
	}
	for body, status := range map[string]int{`{"action":"attach"}`: 400, `{"action":"always"}`: 400, `{"action":"burn"}`: 400} {
		if got := f.do(ask{method: http.MethodPost, path: "/api/sync/lotw/unmatched/a1", body: body, full: true}); got.status != status {
			t.Errorf("%s: %d", body, got.status)
		}
	}
	if got := f.do(ask{method: http.MethodPost, path: "/api/sync/lotw/unmatched/zz", body: `{"action":"add"}`, full: true}); got.status != 404 {
		t.Errorf("unknown record: %d", got.status)
	}
	if got := f.do(ask{path: "/api/sync/lotw/runs/9", full: true}); got.status != 404 {
		t.Errorf("unknown run: %d", got.status)
	}
}

// TestBlanksAndPreview sets an account with a blank too many and a schedule: the
// one is pointed out, of the other the next three runs are told.
func TestBlanksAndPreview(t *testing.T) {
	f, _ := newSyncFixture(t, false)
	put := func(secret string) map[string]any {
		return decode[map[string]any](t, f.command(http.MethodPut, "/api/accounts/lotw", `{"login":"DK9XYZ","secret":"`+secret+`","schedule":"15 */6 * * *"}`).body)
	}
	if got := put("pasted "); !strings.Contains(got["note"].(string), "ends with a blank") {
		t.Errorf("a blank behind it: %v", got)
	}
	got := put("in the middle")
	if got["note"] != nil {
		t.Errorf("no blank at its ends: %v", got)
	}
	want := []any{"2025-01-21T12:15:00Z", "2025-01-21T18:15:00Z", "2025-01-22T00:15:00Z"}
	if diff := cmp.Diff(want, got["next_runs"]); diff != "" {
		t.Errorf("next runs (-want +got):\n%s", diff)
	}
}
