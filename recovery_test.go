package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"qslbox/store"
)

// serveDamaged runs the service on data that cannot be opened, and returns the
// link it logs and what it says. It runs until the test ends.
func (b *box) serveDamaged() (link string, said *buffer) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	said = &buffer{}
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"serve", "--data", b.dir, "--listen", "127.0.0.1:0"}, b.environment("", io.Discard, said))
	}()
	b.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			b.t.Errorf("serve: %v\n%s", err, said)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	found := regexp.MustCompile(`link="?(http://[^\s"]+)`)
	eventually(b.t, "the service says where its page is", func() bool { return found.MatchString(said.String()) })
	return found.FindStringSubmatch(said.String())[1], said
}

// eventually waits for something that happens in the background.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 2000 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

// recoveryHealth is the health document while the data are not open.
type recoveryHealth struct {
	Status   string
	Problems []struct{ Check, Severity, Message string }
	Recovery *struct {
		Kind, Reason, File, Command string
		Backup                      *struct {
			Path string
			QSOs int
		}
	}
}

func (b *box) recoveryHealth(link string) (h recoveryHealth) {
	b.t.Helper()
	_, body := get(b.t, "http://"+hostOf(link)+"/api/health", "")
	if err := json.Unmarshal([]byte(body), &h); err != nil {
		b.t.Fatalf("%v: %s", err, body)
	}
	return h
}

func hostOf(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return u.Host
}

// withBackup is a box with a log, two backups of which the newer one is cut
// off, and more QSOs since.
func withBackup(t *testing.T) (b *box, backup string) {
	t.Helper()
	b = newBox(t)
	b.ok("import", b.sample(150))
	backup = filepath.Join(b.dir, "backup", "qslbox-20260102-030405.db")
	if err := os.MkdirAll(filepath.Dir(backup), 0o700); err != nil {
		t.Fatal(err)
	}
	b.ok("db", "backup", backup)
	data, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.dir, "backup", "qslbox-20260103-030405.db"), data[:len(data)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	return b, backup
}

func (b *box) damage() (damaged []byte) {
	b.t.Helper()
	damaged = bytes.Repeat([]byte("rubbish "), 4096)
	if err := os.WriteFile(filepath.Join(b.dir, dataFileName), damaged, 0o600); err != nil {
		b.t.Fatal(err)
	}
	return damaged
}

// TestDamagedDataAreServedByAPage lets the service start on damaged data: it
// stays up, says what is wrong and which command helps, and the button does it.
func TestDamagedDataAreServedByAPage(t *testing.T) {
	b, backup := withBackup(t)
	damaged := b.damage()
	link, said := b.serveDamaged()
	var h recoveryHealth
	eventually(t, "a backup is found", func() bool { h = b.recoveryHealth(link); return h.Recovery != nil && h.Recovery.Backup != nil })
	if h.Status != "error" || h.Recovery.Kind != "damaged" || h.Recovery.Backup.Path != backup || h.Recovery.Backup.QSOs != 150 ||
		h.Recovery.Command != "qslbox --data "+b.dir+" db restore "+backup || len(h.Problems) != 1 || !strings.Contains(h.Problems[0].Message, h.Recovery.Command) {
		t.Errorf("health: %+v, %+v", h, h.Recovery)
	}
	if resp, page := get(t, link, ""); resp.StatusCode != http.StatusServiceUnavailable || !strings.Contains(page, backup) || !strings.Contains(page, "150 QSOs") {
		t.Errorf("page: %s\n%s", resp.Status, page)
	}
	if _, errs, code := b.run("", "stats"); code != exitDamaged || !strings.Contains(errs, "db restore") {
		t.Errorf("a command: exit %d, %s", code, errs)
	}
	if out, _, code := b.run("", "health"); code != 2 || !strings.Contains(out, "db restore") {
		t.Errorf("qslbox health: exit %d, %s", code, out)
	}
	if now, err := os.ReadFile(filepath.Join(b.dir, dataFileName)); err != nil || !bytes.Equal(now, damaged) {
		t.Errorf("the damaged file was touched (%v)", err)
	}
	at, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.PostForm("http://"+at.Host+"/recovery", at.Query())
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	eventually(t, "the service is ready", func() bool { return strings.Contains(said.String(), "qslbox is ready") })
	if out := b.ok("stats"); !strings.Contains(out, "QSOs       150 ") {
		t.Errorf("stats: %s", out)
	}
	kept, _ := filepath.Glob(filepath.Join(b.dir, dataFileName+".before-restore-*"))
	if len(kept) != 1 {
		t.Fatalf("kept: %v", kept)
	}
	if now, err := os.ReadFile(kept[0]); err != nil || !bytes.Equal(now, damaged) {
		t.Errorf("what was kept differs from the damaged file (%v)", err)
	}
}

// TestRestoreReachesAServiceWithoutData gives the one command that the page
// names.
func TestRestoreReachesAServiceWithoutData(t *testing.T) {
	b, backup := withBackup(t)
	b.damage()
	link, said := b.serveDamaged()
	eventually(t, "the damage is found", func() bool { h := b.recoveryHealth(link); return h.Recovery != nil && h.Recovery.Kind == "damaged" })
	if _, errs, code := b.run("", "db", "check"); code != exitDamaged {
		t.Errorf("check: exit %d, %s", code, errs)
	}
	b.ok("db", "restore", backup)
	eventually(t, "the service is ready", func() bool { return strings.Contains(said.String(), "qslbox is ready") })
	if out := b.ok("stats"); !strings.Contains(out, "QSOs       150 ") {
		t.Errorf("stats: %s", out)
	}
}

// TestWhatCannotBeOpened names each case, and what helps.
func TestWhatCannotBeOpened(t *testing.T) {
	for _, c := range []struct {
		name, kind, command string
		prepare             func(b *box)
	}{
		{"empty file", "damaged", "db salvage", func(b *box) {
			if err := os.WriteFile(filepath.Join(b.dir, dataFileName), nil, 0o600); err != nil {
				b.t.Fatal(err)
			}
		}},
		{"newer version", "newer_schema", "", func(b *box) {
			s, err := store.Open(b.t.Context(), store.Config{Dir: b.dir, Now: time.Now})
			if err != nil {
				b.t.Fatal(err)
			}
			if err := s.PutRecord("meta", "schema", []byte("99")); err != nil {
				b.t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				b.t.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBox(t)
			b.ok("import", b.sample(10))
			c.prepare(b)
			link, _ := b.serveDamaged()
			var h recoveryHealth
			eventually(t, "it is known what is wrong", func() bool {
				h = b.recoveryHealth(link)
				return h.Recovery != nil && h.Recovery.Kind == c.kind && (c.command == "" || h.Recovery.Command != "")
			})
			if !strings.Contains(h.Recovery.Command, c.command) || h.Recovery.Backup != nil || h.Recovery.Reason == "" {
				t.Errorf("%+v", h.Recovery)
			}
		})
	}
}

// TestUncleanEnd finds the marker of a service that was killed: the data are
// checked, then served, and the marker goes with a clean end.
func TestUncleanEnd(t *testing.T) {
	b := newBox(t)
	b.ok("import", b.sample(30))
	marker := filepath.Join(b.dir, markerName)
	if _, err := os.Stat(marker); err == nil {
		t.Error("a command left its marker")
	}
	if err := os.WriteFile(marker, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	address, stop := b.serve()
	if resp, _ := get(t, address+"/api/health", ""); resp.StatusCode != http.StatusOK {
		t.Error(resp.Status)
	}
	if _, err := os.Stat(marker); err != nil {
		t.Errorf("no marker while it runs: %v", err)
	}
	stop()
	if _, err := os.Stat(marker); err == nil {
		t.Error("the marker is still there")
	}
	if err := os.WriteFile(marker, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	b.damage()
	if _, errs, code := b.run("", "stats"); code != exitDamaged {
		t.Errorf("a command after an unclean end: exit %d, %s", code, errs)
	}
}
