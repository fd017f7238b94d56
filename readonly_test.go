package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// TestDataThatCanOnlyBeRead starts the service, as a user who is not root, on a
// data file that it may read and not write: what is stored can be read, health
// and every refused write say what is wrong, and when the file may be written
// the service does so without a restart.
func TestDataThatCanOnlyBeRead(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can become another user")
	}
	b := newBox(t)
	b.ok("import", b.sample(40))
	const password = "three dits four dits"
	if _, errs, code := b.run(password+"\n", "user", "add", "op", "--password-file", "-"); code != 0 {
		t.Fatalf("user add: exit %d, %s", code, errs)
	}
	dir, err := os.MkdirTemp("", "qslbox") // t.TempDir is closed to others
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	data := filepath.Join(dir, "data")
	program, file := filepath.Join(dir, "qslbox"), filepath.Join(data, dataFileName)
	if err := os.CopyFS(data, os.DirFS(b.dir)); err != nil {
		t.Fatal(err)
	}
	for _, step := range []error{
		os.Rename(built(t), program), os.Chmod(dir, 0o755), os.Chown(data, 65534, 65534), os.Chown(file, 65534, 65534), os.Chmod(file, 0o400),
	} {
		if step != nil {
			t.Fatal(step)
		}
	}
	as := func(args ...string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), program, append([]string{"--data", data}, args...)...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		return cmd
	}
	if out, err := as("stats").CombinedOutput(); err != nil || !bytes.Contains(out, []byte("QSOs       40 ")) {
		t.Errorf("a command that reads: %v: %s", err, out)
	}
	service, said := as("serve", "--listen", "127.0.0.1:0"), &buffer{}
	service.Stdout, service.Stderr = said, said
	if err := service.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = service.Process.Signal(syscall.SIGTERM); _ = service.Wait() }()
	ready := regexp.MustCompile(`qslbox is ready" address="?(http://[^\s"]+)`)
	eventually(t, "it is ready", func() bool { return ready.MatchString(said.String()) })
	address := ready.FindStringSubmatch(said.String())[1]
	resp, health := get(t, address+"/api/health", "")
	if resp.StatusCode != http.StatusOK || !strings.Contains(health, `"status":"degraded"`) || !strings.Contains(health, "what is stored can still be read") || !strings.Contains(health, "permission denied") {
		t.Errorf("%s: %s", resp.Status, health)
	}
	signInAndOut(t, address, password)
	one := "<CALL:6>DL1ABC <QSO_DATE:8>20250314 <TIME_ON:4>1015 <BAND:3>20m <MODE:2>CW <EOR>\n"
	write := func() ([]byte, error) {
		cmd := as("import", "-")
		cmd.Stdin = strings.NewReader(one)
		return cmd.CombinedOutput()
	}
	if out, err := write(); err == nil || !bytes.Contains(out, []byte("nothing of this was stored")) {
		t.Errorf("an import: %v: %s", err, out)
	}
	if out, err := as("export").CombinedOutput(); err != nil || bytes.Count(bytes.ToLower(out), []byte("<eor>")) != 40 {
		t.Errorf("an export: %v, %d bytes", err, len(out))
	}
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is ready again", func() bool { return len(ready.FindAllString(said.String(), -1)) == 2 })
	if out, err := write(); err != nil || !bytes.Contains(out, []byte("1 added")) {
		t.Errorf("an import into data that may be written: %v: %s", err, out)
	}
	if _, health := get(t, address+"/api/health", ""); !strings.Contains(health, `"status":"ok"`) {
		t.Errorf("health in the end: %s", health)
	}
}

// signInAndOut looks at the log as somebody who was not signed in before.
func signInAndOut(t *testing.T, address, password string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Jar: jar}
	defer client.CloseIdleConnections()
	read := func(resp *http.Response, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		page, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %v", resp.Status, err)
		}
		return string(page)
	}
	read(client.PostForm(address+"/signin", url.Values{"name": {"op"}, "password": {password}}))
	if page := read(client.Get(address + "/log")); !strings.Contains(page, "/account") || strings.Count(page, "/qso/") < 40 {
		t.Errorf("the log of who signed in:\n%.3000s", page)
	}
	read(client.PostForm(address+"/signout", nil))
	if page := read(client.Get(address + "/log")); strings.Contains(page, "/qso/") {
		t.Error("still signed in")
	}
}
