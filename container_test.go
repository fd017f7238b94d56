package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// TestFromScratch runs the program as the image does: nothing but itself and
// an empty directory, as a user without name. The image's own check answers.
func TestFromScratch(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give a program a root directory of its own")
	}
	recipe := document(t, "Containerfile")
	root, err := os.MkdirTemp("", "scratch")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(root)
	if err := os.Link(built(t), filepath.Join(root, "qslbox")); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(root, "data")
	for _, err := range []error{os.Chmod(root, 0o755), os.Mkdir(data, 0o700), os.Chown(data, 65532, 65532)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	inside := func(words ...string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), words[0], words[1:]...)
		cmd.Env, cmd.Dir = []string{"QSLBOX_DATA=/data", "QSLBOX_LISTEN=127.0.0.1:0"}, "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
		return cmd
	}
	serve := inside("/qslbox", "serve")
	errs, err := serve.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	said := ""
	for lines := bufio.NewScanner(errs); !strings.Contains(said, "is ready") && lines.Scan(); {
		said += lines.Text() + "\n"
	}
	_, check, found := strings.Cut(recipe, "HEALTHCHECK ")
	if !found {
		t.Fatal("the image has no health check")
	}
	var words []string
	for _, m := range regexp.MustCompile(`"([^"]+)"`).FindAllStringSubmatch(check[:strings.IndexByte(check, '\n')], -1) {
		words = append(words, m[1])
	}
	if out, err := inside(words...).CombinedOutput(); err != nil || !strings.HasPrefix(string(out), "OK - status ok") {
		t.Errorf("%v: %v: %s%s", words, err, out, said)
	}
	_ = serve.Process.Signal(syscall.SIGTERM)
	if err := serve.Wait(); err != nil {
		t.Errorf("serve: %v\n%s", err, said)
	}
}
