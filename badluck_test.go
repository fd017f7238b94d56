package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// inGerman gets a page as a German browser does, without its tags.
func inGerman(t *testing.T, address string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Language", "de")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`<[^>]*>`).ReplaceAllString(string(page), "")
}

// TestTheOneCommandHelps damages data without backups, in a directory whose
// name has a space, and types the command that the page names into a shell.
func TestTheOneCommandHelps(t *testing.T) {
	b := newBox(t)
	b.dir = filepath.Join(t.TempDir(), "my data")
	b.ok("import", b.sample(300))
	file := filepath.Join(b.dir, dataFileName)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	clear(data[:2*os.Getpagesize()]) // both places that say where the data begin
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	link, said := b.serveDamaged()
	var h recoveryHealth
	eventually(t, "a command is named", func() bool { h = b.recoveryHealth(link); return h.Recovery != nil && h.Recovery.Command != "" })
	if page := inGerman(t, link); !strings.Contains(page, "beschädigte Daten: keine Seite sagt, wo die Daten beginnen (") || !strings.Contains(page, "Liegt eine Sicherung auf einem anderen Datenträger") {
		t.Errorf("the page:\n%s", page)
	}
	if strings.Contains(h.Recovery.Reason, "db restore") {
		t.Errorf("the reason names a second command: %s", h.Recovery.Reason)
	}
	bin := t.TempDir()
	if err := os.Symlink(built(t), filepath.Join(bin, "qslbox")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", h.Recovery.Command)
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("holds 300 QSOs now, of main")) {
		t.Fatalf("%s: %v\n%s", h.Recovery.Command, err, out)
	}
	eventually(t, "the service is ready", func() bool { return strings.Contains(said.String(), "qslbox is ready") })
	if out := b.ok("stats"); !strings.Contains(out, "QSOs       300 ") {
		t.Errorf("stats: %s", out)
	}
}

// TestDataFileIsGone takes the data file away where there are backups: nothing
// new is begun in its place, and the button brings it back; with the backups
// moved away a new log begins.
func TestDataFileIsGone(t *testing.T) {
	b, backup := withBackup(t)
	if err := os.Remove(filepath.Join(b.dir, dataFileName)); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := b.run("", "import", b.sample(1)); code != exitDamaged || !strings.Contains(errs, "the data file is missing, but there are backups of it in") {
		t.Errorf("an import: exit %d, %s", code, errs)
	}
	link, said := b.serveDamaged()
	var h recoveryHealth
	eventually(t, "a backup is found", func() bool { h = b.recoveryHealth(link); return h.Recovery != nil && h.Recovery.Backup != nil })
	if h.Recovery.Kind != "missing" || h.Recovery.Backup.Path != backup || hasFile(b.dir) {
		t.Errorf("%+v; a file is there: %v", h.Recovery, hasFile(b.dir))
	}
	if page := inGerman(t, link); !strings.Contains(page, "Die Datendatei fehlt, aber es gibt Sicherungen von ihr") || strings.Contains(page, "beschädigte Datei") {
		t.Errorf("the page:\n%s", page)
	}
	if err := os.RemoveAll(filepath.Dir(backup)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the service is ready", func() bool { return strings.Contains(said.String(), "qslbox is ready") })
	if out := b.ok("stats"); !strings.Contains(out, "QSOs       0 ") {
		t.Errorf("stats: %s", out)
	}
}

// TestBackupDiskIsGone has the directory of the backups vanish, and its disk not
// be mounted: no backup is made on the disk of the data instead, health and the
// API say why, and with the disk all is well again.
func TestBackupDiskIsGone(t *testing.T) {
	b := newBox(t)
	b.ok("import", b.sample(10))
	a := b.keeping(clockAt(time.Now()))
	dir := filepath.Join(t.TempDir(), "usb", "qslbox")
	a.cfg.serve.BackupDir = dir
	if _, err := a.Maintain(t.Context(), "backup"); err != nil {
		t.Fatalf("a new place: %v", err)
	}
	fails := func(why string) {
		t.Helper()
		_, err := a.Maintain(t.Context(), "backup")
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%v, want %q", err, why)
		}
		if failed := a.backups.failed.Load(); failed == nil || !strings.Contains(*failed, why) {
			t.Errorf("health says %v, want %q", failed, why)
		}
	}
	moved := dir + " elsewhere"
	if err := os.Rename(dir, moved); err != nil {
		t.Fatal(err)
	}
	fails("is gone, and with it the backups that were there")
	if _, err := os.Stat(dir); err == nil {
		t.Error("the directory was made anew")
	}
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	fails("is not a directory")
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(moved, dir); err != nil {
		t.Fatal(err)
	}
	if err := a.store.PutRecord("meta", backupPlace, []byte(dir+onOther)); err != nil {
		t.Fatal(err)
	}
	fails("was on another one: mount that again")
	if err := a.store.PutRecord("meta", backupPlace, []byte(dir)); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Maintain(t.Context(), "backup"); err != nil || a.backups.failed.Load() != nil {
		t.Errorf("with the disk again: %v", err)
	}
}

// TestBackupOfADiskThatTakesNone downloads a backup while nothing can be made in
// the data directory.
func TestBackupOfADiskThatTakesNone(t *testing.T) {
	b := newBox(t)
	b.ok("import", b.sample(10))
	a := b.keeping(clockAt(time.Now()))
	a.cfg.dir = filepath.Join(b.dir, "no such directory")
	var copied bytes.Buffer
	if err := a.WriteBackup(t.Context(), &copied); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "copy.db")
	if err := os.WriteFile(file, copied.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := b.ok("db", "check", file); !strings.Contains(out, "10 QSOs") || !strings.Contains(out, "all is well") {
		t.Errorf("the copy: %s", out)
	}
}

// TestCommandsThatRefuse says in plain words what was not done, and why.
func TestCommandsThatRefuse(t *testing.T) {
	b := newBox(t)
	b.ok("import", b.sample(10))
	dir := t.TempDir()
	html, backup := filepath.Join(dir, "page.html"), filepath.Join(dir, "backup.db")
	if err := os.WriteFile(html, []byte("<!DOCTYPE html><html></html>"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.ok("db", "backup", backup)
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"restore a page", []string{"db", "restore", html}, exitDamaged, html + " was not restored, and nothing was changed: this is an HTML page, no data file of qslbox ("},
		{"restore nothing", []string{"db", "restore", html + "x"}, exitFailed, html + "x was not restored, and nothing was changed: stat "},
		{"salvage a page", []string{"db", "salvage", html, "-o", html + ".db"}, exitDamaged, "nothing was salvaged: " + html + " holds no value of qslbox"},
		{"salvage onto a file", []string{"db", "salvage", backup, "-o", html}, exitFailed, "nothing was salvaged: " + html + " is there already"},
		{"backup into nowhere", []string{"db", "backup", filepath.Join(dir, "no", "b.db")}, exitFailed, "the backup was not made: there is no directory " + filepath.Join(dir, "no") + ": make it first"},
		{"backup onto a directory", []string{"db", "backup", dir}, exitFailed, "the backup was not made: " + dir + " is a directory: name a file in it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, errs, code := b.run("", c.args...); code != c.code || !strings.HasPrefix(errs, c.says) {
				t.Errorf("exit %d, want %d:\n%s\nwant\n%s", code, c.code, errs, c.says)
			}
		})
	}
	fresh := newBox(t)
	if out := fresh.ok("db", "restore", backup); !strings.Contains(out, "put your copy of seal.key into "+fresh.dir) {
		t.Errorf("restored on a new machine: %s", out)
	}
}

// TestSalvageSaysWhatItFound reads a whole file out, in words and as JSON.
func TestSalvageSaysWhatItFound(t *testing.T) {
	b := newBox(t)
	b.ok("import", b.sample(10))
	out := filepath.Join(t.TempDir(), "new.db")
	text := b.ok("db", "salvage", filepath.Join(b.dir, dataFileName), "-o", out)
	want := []string{out + " holds 10 QSOs now, of main", "that is everything the file held", "put it in place with: qslbox --data " + b.dir + " db restore " + out}
	var got []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); !strings.Contains(line, "pages were looked at") {
			got = append(got, line)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var doc struct {
		QSOs     int
		Complete bool
	}
	if err := json.Unmarshal([]byte(b.ok("db", "salvage", "--json", filepath.Join(b.dir, dataFileName), "-o", out+"2")), &doc); err != nil || doc.QSOs != 10 || !doc.Complete {
		t.Errorf("%+v, %v", doc, err)
	}
}
