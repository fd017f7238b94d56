package main

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// setupLink waits for the link that the service prints at its start.
func (b *box) setupLink() string {
	b.t.Helper()
	printed := regexp.MustCompile(`link="?(http://[^"\s]+/setup\?code=[^"\s]+)`)
	for range 1000 {
		if m := printed.FindStringSubmatch(b.log.String()); m != nil {
			return m[1]
		}
		time.Sleep(5 * time.Millisecond)
	}
	b.t.Fatalf("the service printed no link:\n%s", b.log.String())
	return ""
}

// claim posts the form of a set-up link and returns where that leads; it may run
// beside the test.
func claim(t *testing.T, client *http.Client, link, name string) string {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		t.Error(err)
		return ""
	}
	form := url.Values{"code": {u.Query().Get("code")}, "name": {name}, "password": {"three dits four dits"}}
	resp, err := client.PostForm("http://"+u.Host+"/setup", form)
	if err != nil {
		t.Error(err)
		return ""
	}
	_ = resp.Body.Close()
	return resp.Header.Get("Location")
}

// stay returns a client that keeps cookies and follows no redirect.
func stay(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// TestFirstStart goes from an imported log to the first administrator. Until
// there is one, this machine sees health and figures and nothing of the log;
// commands work; only the newest code opens.
func TestFirstStart(t *testing.T) {
	b := newBox(t)
	b.ok("import", b.sample(50))
	if _, errs, code := b.run("", "setup", "--listen", "machine"); code != 1 || !strings.Contains(errs, "qslbox serve") {
		t.Errorf("a link that nobody would honour: exit %d, %q", code, errs)
	}
	address, stop := b.serve()
	for path, want := range map[string]int{
		"/api/stats": 401, "/api/qsos": 401, "/api/export.adi": 401, "/api/users": 401, "/api/backup": 401, "/api/import": 405,
		"/api/health": 200, "/api/performance": 200, "/metrics": 200, "/setup": 200,
	} {
		if resp, body := get(t, address+path, ""); resp.StatusCode != want {
			t.Errorf("%s: %s, want %d: %.200s", path, resp.Status, want, body)
		}
	}
	if _, health := get(t, address+"/api/health", ""); !strings.Contains(health, `"hitRate"`) {
		t.Errorf("curl sees no health detail: %s", health)
	}
	if out := b.ok("stats"); !strings.Contains(out, "50") {
		t.Errorf("the command: %s", out)
	}
	printed := b.setupLink()
	stop()
	address, _ = b.serve()
	restarted := b.setupLink()
	_, renewed, _ := strings.Cut(b.ok("user", "add"), "\n")
	renewed = strings.TrimSpace(renewed)
	for name, old := range map[string]string{"of the first start": printed, "before the renewal": restarted} {
		old = strings.Replace(old, strings.SplitN(old, "/setup", 2)[0], address, 1)
		if to := claim(t, stay(t), old, "late"); !strings.Contains(to, "problem=bad_code") {
			t.Errorf("the code %s leads to %s", name, to)
		}
	}
	client := stay(t)
	if to := claim(t, client, renewed, "op"); to != "/" {
		t.Errorf("the newest code leads to %s", to)
	}
	resp, err := client.Get(address + "/api/stats")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("the first administrator: %s", resp.Status)
	}
	if _, errs, code := b.run("", "user", "add"); code != 1 || !strings.Contains(errs, "there is an administrator already") {
		t.Errorf("a code for a second first one: exit %d, %q", code, errs)
	}
}

// TestFiftyClaims has fifty browsers take the same link at once.
func TestFiftyClaims(t *testing.T) {
	b := newBox(t)
	b.serve()
	link := b.setupLink()
	const browsers = 50
	results := make(chan string, browsers)
	for i := range browsers {
		client := stay(t)
		go func() { results <- claim(t, client, link, "op"+string(rune('a'+i%26))+string(rune('a'+i/26))) }()
	}
	made := 0
	for range browsers {
		if <-results == "/" {
			made++
		}
	}
	users := b.ok("user", "list")
	if made != 1 || strings.Count(users, "admin") != 1 || strings.Count(users, "\n") != 2 {
		t.Errorf("%d claims succeeded; users:\n%s", made, users)
	}
}

// TestUserLink prints a link that signs in once.
func TestUserLink(t *testing.T) {
	b := newBox(t)
	b.ok("import", b.sample(5))
	if _, errs, code := b.run("three dits four dits\n", "user", "add", "op"); code != 0 {
		t.Fatal(errs)
	}
	if _, errs, code := b.run("", "user", "link", "op"); code != 1 || !strings.Contains(errs, "qslbox serve") {
		t.Errorf("a link that nobody would honour: exit %d, %q", code, errs)
	}
	b.serve()
	if _, errs, code := b.run("", "user", "link", "nobody"); code != 1 || !strings.Contains(errs, "nobody") {
		t.Errorf("a link for nobody: exit %d, %q", code, errs)
	}
	link := strings.TrimSpace(b.ok("user", "link", "op"))
	for _, want := range []string{"/", "/signin?problem=bad_link"} {
		resp, err := stay(t).Get(link)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if to := resp.Header.Get("Location"); to != want {
			t.Errorf("the link leads to %q, want %q", to, want)
		}
	}
}

// TestSetup answers the question of setup in every way, and starts the service
// where that leads.
func TestSetup(t *testing.T) {
	b := newBox(t)
	for answer, says := range map[string]string{"": "--listen", "3\n": "1 or 2"} {
		if _, errs, code := b.run(answer, "setup"); code != 2 || !strings.Contains(errs, says) {
			t.Errorf("answer %q: exit %d, %s", answer, code, errs)
		}
	}
	if _, errs, code := b.run("2\nop\nshort\n", "setup"); code != 1 || !strings.Contains(errs, "12 characters") {
		t.Errorf("a weak password: exit %d, %s", code, errs)
	}
	if chosen := chosenAddress(b.dir); chosen != "" {
		t.Errorf("chose %s although there is no administrator", chosen)
	}
	out, errs, code := b.run("2\nop\nthree dits four dits\n", "setup")
	if code != 0 || !regexp.MustCompile(`http://\S+:3001/\n`).MatchString(out) || !strings.Contains(out, "not encrypted") || chosenAddress(b.dir) != onTheNetwork {
		t.Errorf("exit %d, %q, %s; chose %s", code, out, errs, chosenAddress(b.dir))
	}
	if users := b.ok("user", "list"); !strings.Contains(users, "op") {
		t.Errorf("users: %s", users)
	}
	if out := b.ok("config"); !regexp.MustCompile(`listen\s+0\.0\.0\.0:3001\s+setup`).MatchString(out) {
		t.Errorf("config: %s", out)
	}
	if _, errs, code := b.run("\n", "setup"); code != 0 || chosenAddress(b.dir) != onThisMachine {
		t.Errorf("only this machine: exit %d, %s; chose %s", code, errs, chosenAddress(b.dir))
	}
}

// TestSetupChoosesWhereToListen starts the service at the chosen address, unless
// an option says another one.
func TestSetupChoosesWhereToListen(t *testing.T) {
	b := newBox(t)
	b.ok("import", b.sample(5))
	if err := os.WriteFile(filepath.Join(b.dir, listenFile), []byte("192.0.2.1:3001\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := b.run("", "serve"); code != 1 || !strings.Contains(errs, "cannot listen on 192.0.2.1:3001") {
		t.Errorf("the chosen address: exit %d, %s", code, errs)
	}
	if address, _ := b.serve(); !strings.HasPrefix(address, "http://127.0.0.1:") {
		t.Errorf("an option says 127.0.0.1, the service is at %s", address)
	}
}
