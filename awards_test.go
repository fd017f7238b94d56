package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const clubAward = `{"version": 1, "id": "club-50", "name": "Fifty years",
 "key": {"kind": "continent"}, "confirm": {"sources": ["log"]}, "levels": [{"name": "Bronze", "need": 1}]}`

// opened returns an appliance of a command, without a service's loops, on a box
// with a log.
func opened(t *testing.T, b *box) *appliance {
	t.Helper()
	env := b.environment("", io.Discard, io.Discard)
	a, err := openAppliance(context.Background(), applianceConfig{dir: b.dir, env: env, create: true, log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func asked(a *appliance, path string) (status int, body string) {
	w := httptest.NewRecorder()
	a.commandHandler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

// TestOwnAwards puts awards into the data directory while the appliance runs:
// they are there at the next look, with numbers of the log, and a broken one is
// named everywhere and hides no other.
func TestOwnAwards(t *testing.T) {
	b := newBox(t)
	b.ok("import", b.sample(300))
	a := opened(t, b)
	look := func() {
		if a.awards.look() {
			a.awardsChanged(t.Context())
		}
	}
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(b.dir, "awards", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		look()
	}
	if status, _ := asked(a, "/api/awards/club-50"); status != http.StatusNotFound {
		t.Errorf("before: %d", status)
	}
	asked(a, "/api/awards") // a snapshot that the file must overtake
	write("club.json", clubAward)
	if status, body := asked(a, "/api/awards/club-50"); status != 200 || strings.Contains(body, `"worked":0,`) {
		t.Errorf("the award: %d %.200s", status, body)
	}
	if _, body := asked(a, "/api/awards"); !strings.Contains(body, `"club-50"`) || strings.Contains(body, `"faults"`) {
		t.Errorf("the list: %s", body)
	}
	write("typo.json", `{"version": 1, "id": "typo", "name": "Typo", "key": {"kind": "cal"}, "confirm": {"sources": ["log"]}}`)
	for path, want := range map[string]string{
		"/api/awards": `"faults":[{"file":"typo.json","member":"key.kind"`, "/awards": "typo.json", "/api/health": "awards: typo.json: key.kind",
		"/api/awards/club-50": `"id":"club-50"`, "/api/awards/dxcc": `"id":"dxcc"`,
	} {
		if status, body := asked(a, path); status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d, without %s", path, status, want)
		}
	}
	time.Sleep(10 * time.Millisecond) // file times are coarse
	write("club.json", strings.Replace(clubAward, `"continent"`, `"cqzone", "from": "cqzones"`, 1))
	if _, body := asked(a, "/api/awards/club-50"); !strings.Contains(body, `"target":40`) {
		t.Errorf("the award after a change: %.200s", body)
	}
	if err := os.Remove(filepath.Join(b.dir, "awards", "typo.json")); err != nil {
		t.Fatal(err)
	}
	look()
	if _, body := asked(a, "/api/awards"); strings.Contains(body, `"faults"`) {
		t.Error("the fault is still there")
	}
	if err := a.close(); err != nil {
		t.Fatal(err)
	}
	// changed while nobody looked: the command must not show the old snapshot
	if err := os.WriteFile(filepath.Join(b.dir, "awards", "club.json"), []byte(clubAward), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := b.ok("award", "club-50", "--json"); strings.Contains(out, `"target":40`) {
		t.Errorf("the command shows the award as it was: %.200s", out)
	}
	if err := os.WriteFile(filepath.Join(b.dir, "awards", "typo.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := b.ok("award"); !strings.Contains(out, "not used: typo.json") || !strings.Contains(out, "club-50") {
		t.Errorf("qslbox award: %s", out)
	}
}
