package main

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"qslbox/store"
)

// TestBadStart starts the service where it cannot serve: one sentence says why
// and what to do, and the exit code whether a service manager should try again.
func TestBadStart(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	twice := newBox(t)
	twice.serve()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("no directory, no PEM"), 0o600); err != nil {
		t.Fatal(err)
	}
	free := []string{"--listen", "127.0.0.1:0"}
	for _, c := range []struct {
		name string
		box  *box
		args []string
		code int
		says string
	}{
		{"port in use", newBox(t), []string{"--listen", taken.Addr().String()}, exitBusy, "is taken by another program: stop it, or choose another address with --listen"},
		{"an address of elsewhere", newBox(t), []string{"--listen", "192.0.2.1:3001"}, exitFailed, "cannot listen on 192.0.2.1:3001"},
		{"no address", newBox(t), []string{"--listen", "everywhere"}, exitFailed, "cannot listen on everywhere"},
		{"two services", twice, free, exitBusy, "the data is in use by another qslbox"},
		{"data under a file", &box{t: t, dir: filepath.Join(file, "data")}, free, exitFailed, "not a directory"},
		{"certificate without key", newBox(t), append([]string{"--tls-cert", file}, free...), exitUsage, "--tls-cert and --tls-key belong together"},
		{"no certificate", newBox(t), append([]string{"--tls-cert", file + ".pem", "--tls-key", file}, free...), exitFailed, "no such file or directory"},
		{"no PEM", newBox(t), append([]string{"--tls-cert", file, "--tls-key", file}, free...), exitFailed, "TLS with --tls-cert"},
		{"unknown option", newBox(t), append([]string{"--lisen", "x"}, free...), exitUsage, "--listen"},
		{"no such proxy", newBox(t), append([]string{"--trusted-proxy", "the router"}, free...), exitUsage, `--trusted-proxy "the router" is no network`},
		{"base path", newBox(t), append([]string{"--base-path", "qslbox"}, free...), exitUsage, `--base-path "qslbox" has to begin with /`},
		{"open to all without an administrator", newBox(t), []string{"--listen", "0.0.0.0:0"}, exitFailed, "qslbox user add NAME first"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, errs, code := c.box.run("", append([]string{"serve"}, c.args...)...)
			lines := strings.Split(strings.TrimSpace(errs), "\n")
			if code != c.code || !strings.Contains(lines[len(lines)-1], c.says) {
				t.Errorf("exit %d, want %d; the last line says %q, want %q in it", code, c.code, lines[len(lines)-1], c.says)
			}
		})
	}
}

// TestCommandWaitsForTheData has a command come while a service that was just
// started has the data open and does not answer commands yet.
func TestCommandWaitsForTheData(t *testing.T) {
	b := newBox(t)
	b.ok("import", b.sample(5))
	s, err := store.Open(t.Context(), store.Config{Dir: b.dir, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	time.AfterFunc(3*time.Second, func() { done <- s.Close() })
	out, errs, code := b.run("", "stats")
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if code != exitOK || !strings.Contains(out, "QSOs") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// TestMissingSealingKey starts without the key, or with another one: the log and
// the health page say so, the service serves.
func TestMissingSealingKey(t *testing.T) {
	for _, c := range []struct {
		name, says string
		change     func(key string) error
	}{
		{"missing", "seal.key is missing", os.Remove},
		{"another one", "put the old seal.key back", func(key string) error {
			return errors.Join(os.Remove(key), os.WriteFile(key, []byte(strings.Repeat("another key ", 4)), 0o400))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBox(t)
			secret := filepath.Join(t.TempDir(), "password")
			if err := os.WriteFile(secret, []byte("not a real one\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			b.ok("import", b.sample(1))
			b.ok("account", "set", "lotw", "--login", "DL1ABC", "--password-file", secret)
			if err := c.change(filepath.Join(b.dir, "seal.key")); err != nil {
				t.Fatal(err)
			}
			address, _ := b.serve()
			_, health := get(t, address+"/api/health", "")
			if !strings.Contains(health, `"check":"sealing","severity":"degraded"`) || !strings.Contains(health, c.says) {
				t.Errorf("health: %.600s", health)
			}
		})
	}
}

// TestNotWritable has another user start the service on a directory that is not
// theirs.
func TestNotWritable(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can become another user")
	}
	dir, err := os.MkdirTemp("", "qslbox")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "qslbox")
	if err := os.Rename(built(t), program); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "serve", "--data", filepath.Join(dir, "data"), "--listen", "127.0.0.1:0")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if want := "the data may not be read and written by this user"; err == nil || cmd.ProcessState.ExitCode() != exitFailed || !strings.Contains(string(out), want) {
		t.Errorf("%v: %s; want exit %d and %q", err, out, exitFailed, want)
	}
}
