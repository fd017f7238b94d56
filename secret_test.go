package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"qslbox/syncers"
	"qslbox/syncers/dcl/dcltest"
	"qslbox/syncers/lotw/lotwtest"
)

// canary is a secret that must be found nowhere but in requests; needle is the
// part of it that no spelling changes.
const (
	needle = "canary7f3"
	canary = `p&a#s+s% ü"w` + needle
)

// spellings are how a service, a proxy or a library may write the secret.
func spellings() []string {
	inJSON, _ := json.Marshal(canary)
	return []string{canary, url.QueryEscape(canary), url.PathEscape(canary), syncers.EscapeQuery(canary), string(inJSON), fmt.Sprintf("%q", canary)}
}

// TestPasswordStaysHidden plays every fault of LoTW, and answers that quote the
// password, to a service with everything joined, and looks for it in all that
// comes out.
func TestPasswordStaysHidden(t *testing.T) {
	fake := lotwtest.New(lotwtest.Options{Login: "dk9xyz", Password: canary, Now: time.Now})
	fake.Add(slices.Collect(lotwtest.Generate(8, "DK9XYZ", 1, 50, time.Now().Add(-time.Hour)))...)
	faults := lotwtest.All()
	for _, text := range spellings() {
		quote := "GET /lotwuser/lotwreport.adi?login=dk9xyz&password=" + text
		faults = append(faults,
			lotwtest.Fault{Name: "quoted", Page: quote},
			lotwtest.Fault{Name: "quoted in a page", Page: "<html><body>" + quote + "</body></html>"},
			lotwtest.Fault{Name: "quoted with 500", Status: http.StatusInternalServerError, Page: quote, Header: http.Header{"X-Asked": {strings.ReplaceAll(quote, "\n", "")}}},
			lotwtest.Redirect("http://127.0.0.1:1/?password="+url.QueryEscape(text)),
		)
	}
	hidden(t, "lotw", fake, len(faults), func(i int) string {
		fake.Calm()
		fake.Play(lotwtest.Fault{}, faults[i]) // in the second report, then in the first
		fake.Play(faults[i])
		return faults[i].Name
	}, "--login", "dk9xyz", "--password-file")
}

// TestKeyStaysHidden is the same for DCL's key, which stands in the body.
func TestKeyStaysHidden(t *testing.T) {
	fake := dcltest.New(dcltest.Options{Key: canary, Now: time.Now})
	for i := range 5 {
		fake.Add(dcltest.QSO{Own: "DK9XYZ", Call: fmt.Sprintf("DL1AA%c", 'A'+i), Start: time.Now().Add(-time.Hour), Band: "80m", Mode: "SSB", DOK: "B36", Confirmed: time.Now()})
	}
	faults := dcltest.All()
	for _, text := range spellings() {
		request := `{"key":` + text + `,"limit":400000}`
		inside, _ := json.Marshal("cannot read " + request)
		faults = append(faults,
			dcltest.Fault{Name: "quoted", Body: request},
			dcltest.Fault{Name: "quoted in a page", Body: "<html><body>" + request + "</body></html>"},
			dcltest.Fault{Name: "quoted in a message", Body: `{"status":"error","message":` + string(inside) + `}`},
			dcltest.Fault{Name: "quoted as status", Body: `{"status":` + string(inside) + `}`},
			dcltest.Fault{Name: "quoted with 400", Status: http.StatusBadRequest, Body: request},
		)
	}
	hidden(t, "dcl", fake, len(faults), func(i int) string {
		fake.Calm()
		fake.Play(faults[i], faults[i])
		return faults[i].Name
	}, "--key-file")
}

// hidden runs a service with an account whose secret is the canary, lets each
// fault happen to syncs and to a try of the account, and looks at everything.
func hidden(t *testing.T, source string, fake http.Handler, faults int, play func(i int) string, account ...string) {
	t.Helper()
	server := httptest.NewServer(fake)
	defer server.Close()
	b := newBox(t)
	b.env[map[string]string{"lotw": "QSLBOX_LOTW_URL", "dcl": "QSLBOX_DCL_URL"}[source]] = server.URL
	said, errs, code := b.run(canary+"\n", append(append([]string{"account", "set", source}, account...), "-")...)
	if code != 0 {
		t.Fatalf("account: exit %d, %s", code, errs)
	}
	look(t, "account set", said+errs)
	_, stop := b.serve()
	for i := range faults {
		name := play(i)
		for _, args := range [][]string{{"sync", source, "--json"}, {"sync", source}, {"account", "test", source}} {
			out, errs, _ := b.run("", args...)
			look(t, fmt.Sprintf("%s: %s", name, strings.Join(args, " ")), out+errs)
		}
	}
	api, err := dialService(t.Context(), b.dir, "")
	if err != nil {
		t.Fatal(err)
	}
	paths := []string{
		"/", "/sync", "/settings", "/monitor", "/import", "/log", "/api/sync?limit=200", "/api/sync/" + source + "/unmatched", "/api/accounts", "/api/settings", "/api/health",
		"/api/performance", "/api/audit", "/metrics", "/api/export.adi", "/api/export.json",
	}
	runs := 0
	for n := 1; n <= 2*faults; n += 3 {
		paths = append(paths, fmt.Sprintf("/sync/%s/runs/%d", source, n), fmt.Sprintf("/api/sync/%s/runs/%d", source, n))
	}
	for _, path := range paths {
		answer, err := api.request(t.Context(), http.MethodGet, path, nil, nil, "")
		if err != nil {
			look(t, path, err.Error())
			continue
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(path, "/runs/") && len(body) > 0 {
			runs++
		}
		look(t, path, string(body))
	}
	if runs < faults {
		t.Errorf("only %d pages of runs were seen, of %d faults", runs, faults)
	}
	backup := filepath.Join(t.TempDir(), "backup.db")
	b.ok("db", "backup", backup)
	look(t, "config", b.ok("config"))
	look(t, "account list", b.ok("account", "list"))
	stop()
	look(t, "the log of the service", b.log.String())
	for _, file := range []string{backup, filepath.Join(b.dir, dataFileName)} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		look(t, filepath.Base(file), string(data))
	}
}

// look searches a text for the canary, whatever spelling it has.
func look(t *testing.T, where, text string) {
	t.Helper()
	if at := strings.Index(text, needle); at >= 0 {
		t.Errorf("%s holds the secret: …%s…", where, text[max(0, at-200):min(len(text), at+40)])
	}
}

// TestCrashHidesSecret lets the program crash while it waits for an answer to a
// request that holds the password: what the runtime prints of all goroutines
// does not hold it.
func TestCrashHidesSecret(t *testing.T) {
	fake := &stopwatch{Server: lotwtest.New(lotwtest.Options{Login: "dk9xyz", Password: killPassword, Now: time.Now})}
	fake.Always(lotwtest.Fault{Name: "never", Delay: time.Minute})
	fake.Add(lotwtest.QSO{Own: "DK9XYZ", Call: "DL1ABC", Start: time.Now().Add(-time.Hour), Band: "20m", Mode: "CW"})
	server := httptest.NewServer(fake)
	defer server.Close()
	v := newVictim(t, server.URL, fake.Log())
	if _, errs, code := v.run(canary+"\n", "account", "set", "lotw", "--login", "dk9xyz", "--password-file", "-"); code != 0 {
		t.Fatalf("account: exit %d, %s", code, errs)
	}
	asked := fake.arm()
	cmd, said := v.start()
	<-asked
	if err := cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if !strings.Contains(said.String(), "goroutine ") {
		t.Errorf("no crash: %.300s", said)
	}
	look(t, "the crash", said.String())
}
