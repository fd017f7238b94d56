package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// onDisk is a victim on a file system of its own, with 2,000 QSOs.
func onDisk(t *testing.T, dir string) (*victim, *running) {
	t.Helper()
	v := &victim{TB: t, binary: build(t), dir: filepath.Join(dir, "data")}
	v.withLoTW()
	r := v.start()
	v.healthy(r)
	v.account()
	if _, err := r.call(http.MethodPost, "/api/import", v.large(2000)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.kill)
	return v, r
}

// total returns how many QSOs the statistics count.
func (v *victim) total(r *running) (n int) {
	v.Helper()
	text, err := r.call(http.MethodGet, "/api/stats", nil)
	var doc struct{ Total int }
	if err != nil || json.Unmarshal(text, &doc) != nil {
		v.Errorf("statistics: %v: %.300s", err, text)
	}
	return doc.Total
}

// says waits until health has a problem with a text.
func (v *victim) says(r *running, text string) {
	v.Helper()
	var last []byte
	for range 300 {
		if last, _ = r.call(http.MethodGet, "/api/health", nil); bytes.Contains(last, []byte(text)) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	v.Errorf("health does not say %q: %.2000s", text, last)
}

// syncClass runs a sync and returns how it ended.
func (v *victim) syncClass() string {
	v.Helper()
	out, _ := v.command("sync", "lotw", "--json")
	var run struct {
		Class   string
		Message string
		Cursor  json.RawMessage
	}
	if err := json.Unmarshal(out, &run); err != nil {
		return fmt.Sprintf("%v: %s", err, out)
	}
	return run.Class
}

// TestCrashFullDisk fills the disk under the service: writes are refused with a
// sentence, reads go on, and with room again everything does, without a
// restart.
func TestCrashFullDisk(t *testing.T) {
	if !crashing() || os.Geteuid() != 0 {
		t.Skip("set QSLBOX_CRASH=1, as root")
	}
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=260m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("mount: %s", out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", dir).Run() })
	v, r := onDisk(t, dir)
	if class := v.syncClass(); class != "ok" {
		t.Errorf("a sync with room: %s", class)
	}
	ballast := filepath.Join(dir, "ballast")
	_ = exec.Command("dd", "if=/dev/zero", "of="+ballast, "bs=1M").Run() // until it is full
	if class := v.syncClass(); class == "ok" || class == "down" {
		t.Errorf("a sync without room: %s", class)
	}
	_, err := r.call(http.MethodPost, "/api/import", v.batch(150_000))
	if err == nil || !strings.Contains(err.Error(), "507") || !strings.Contains(err.Error(), "make room") || !strings.Contains(err.Error(), "the import stopped after record") {
		t.Errorf("import on a full disk: %v", err)
	}
	var answer struct{ Account struct{ Read, Added int } }
	if text, err := r.callAny(http.MethodPost, "/api/import", v.batch(150_000)); err != nil || json.Unmarshal(text, &answer) != nil {
		t.Errorf("%v: %.300s", err, text)
	}
	stored := v.total(r)
	if stored < 2000 {
		t.Errorf("%d QSOs can be read", stored)
	}
	v.says(r, "make room")
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	t.Logf("well again after %v", v.healthy(r).Round(time.Millisecond))
	if _, err := r.call(http.MethodPost, "/api/import", v.batch(150_000)); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if n := v.total(r); n != 152_000 {
		t.Errorf("%d QSOs at the end, want 152000", n)
	}
	if class := v.syncClass(); class != "ok" {
		t.Errorf("a sync with room again: %s", class)
	}
	if out, err := v.command("db", "scrub"); err != nil {
		t.Errorf("scrub: %v\n%s", err, out)
	}
}

// callAny is call without a judgement on the status.
func (r *running) callAny(method, path string, body *bytes.Buffer) ([]byte, error) {
	req, err := http.NewRequest(method, "http://localhost"+path, body)
	if err != nil {
		return nil, err
	}
	answer, err := r.api.Do(req)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var b bytes.Buffer
	_, err = b.ReadFrom(answer.Body)
	return b.Bytes(), err
}

// TestCrashReadOnlyDisk lets the kernel turn the file system read-only, as it
// does when a card begins to die; then the service starts on one.
func TestCrashReadOnlyDisk(t *testing.T) {
	if !crashing() {
		t.Skip("long; set QSLBOX_CRASH=1")
	}
	d := newDisk(t, "ext4")
	if out, err := exec.Command("mount", "-o", "remount,errors=remount-ro", d.dir).CombinedOutput(); err != nil {
		t.Skipf("remount: %s", out)
	}
	v, r := onDisk(t, d.dir)
	source, err := exec.Command("findmnt", "-n", "-o", "SOURCE", d.dir).Output()
	if err != nil {
		t.Skipf("findmnt: %v", err)
	}
	trigger := filepath.Join("/sys/fs/ext4", filepath.Base(strings.TrimSpace(string(source))), "trigger_fs_error")
	if err := os.WriteFile(trigger, []byte("1"), 0o200); err != nil {
		t.Skipf("this kernel cannot be told to fail: %v", err)
	}
	_, err = r.call(http.MethodPost, "/api/import", v.batch(10))
	if err == nil || !strings.Contains(err.Error(), "503") || !strings.Contains(err.Error(), "nothing of this was stored") {
		t.Errorf("import: %v", err)
	}
	if n := v.total(r); n != 2000 {
		t.Errorf("%d QSOs can be read", n)
	}
	v.says(r, "nothing of this was stored")
	r.kill()
	d.again()
	if out, err := exec.Command("mount", "-o", "remount,ro", d.dir).CombinedOutput(); err != nil {
		t.Skipf("remount: %s", out)
	}
	if _, err := v.command("db", "compact"); err == nil || !strings.Contains(err.Error(), "the disk takes no writes") {
		t.Errorf("db compact on a disk that is read-only: %v", err)
	}
	r = v.start()
	t.Cleanup(r.kill)
	link := regexp.MustCompile(`link="?http://([^/\s]+)`)
	for range 500 {
		if link.MatchString(r.text()) {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	address := link.FindStringSubmatch(r.text())
	if address == nil {
		t.Fatalf("it says nothing:\n%s", r.text())
	}
	for i := 0; ; i++ {
		resp, err := http.Get("http://" + address[1] + "/api/health")
		if err == nil {
			var b bytes.Buffer
			_, _ = b.ReadFrom(resp.Body)
			_ = resp.Body.Close()
			if strings.Contains(b.String(), "read-only file system") {
				break
			}
		}
		if i > 500 {
			t.Fatalf("health does not say that the disk is read-only: %v\n%s", err, r.text())
		}
		time.Sleep(20 * time.Millisecond)
	}
	if out, err := v.command("export"); err != nil || bytes.Count(bytes.ToLower(out), []byte("<eor>")) != 2000 {
		t.Errorf("an export from a disk that is read-only: %v, %d bytes", err, len(out))
	}
	if out, err := exec.Command("mount", "-o", "remount,rw", d.dir).CombinedOutput(); err != nil {
		t.Fatalf("remount: %s", out)
	}
	t.Logf("well again %v after the disk", v.healthy(r).Round(time.Millisecond))
	if n := v.total(r); n != 2000 {
		t.Errorf("%d QSOs at the end", n)
	}
}

// TestCrashSmallMemory lets the service work with 100,000 QSOs where the kernel
// gives it 96 MiB, page cache included.
func TestCrashSmallMemory(t *testing.T) {
	if !crashing() || os.Geteuid() != 0 {
		t.Skip("set QSLBOX_CRASH=1, as root")
	}
	group := filepath.Join("/sys/fs/cgroup/memory", fmt.Sprint("qslbox-test-", os.Getpid()))
	limit := filepath.Join(group, "memory.limit_in_bytes")
	if err := os.Mkdir(group, 0o700); err != nil {
		t.Skipf("no memory cgroups: %v", err)
	}
	t.Cleanup(func() { _ = os.Remove(group) })
	if err := os.WriteFile(limit, []byte("96M"), 0o600); err != nil {
		t.Skip(err)
	}
	v := &victim{TB: t, binary: build(t), dir: filepath.Join(t.TempDir(), "data"), env: []string{"GOMEMLIMIT=64MiB"}}
	v.withLoTW()
	r := v.start()
	t.Cleanup(r.kill)
	if err := os.WriteFile(filepath.Join(group, "cgroup.procs"), []byte(fmt.Sprint(r.cmd.Process.Pid)), 0o600); err != nil {
		t.Fatal(err)
	}
	v.healthy(r)
	v.account()
	if _, err := r.call(http.MethodPost, "/api/import", v.batch(100_000)); err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"/api/db/backup", "/api/db/scrub"} {
		if _, err := r.call(http.MethodPost, what, nil); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if class := v.syncClass(); class != "ok" {
		t.Errorf("a sync: %s", class)
	}
	if n := v.total(r); n < 100_000 {
		t.Errorf("%d QSOs", n)
	}
	peak, _ := os.ReadFile(filepath.Join(group, "memory.max_usage_in_bytes"))
	killed, _ := os.ReadFile(filepath.Join(group, "memory.oom_control"))
	if !strings.Contains(string(killed), "oom_kill 0") {
		t.Errorf("killed for want of memory: %s", killed)
	}
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
	t.Logf("peak of the group %s bytes of 96 MiB; %s", strings.TrimSpace(string(peak)), regexp.MustCompile(`VmHWM:\s*(\d+ kB)`).FindString(string(status)))
	r.kill()
}
