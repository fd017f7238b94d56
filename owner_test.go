package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestRootLeavesNothingBehind has root work on the data of another user: what is
// made there belongs to that user afterwards, or their service could not go on.
func TestRootLeavesNothingBehind(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can work on the data of others")
	}
	b := newBox(t)
	outside := filepath.Join(t.TempDir(), "root's own")
	for _, err := range []error{
		os.MkdirAll(filepath.Join(b.dir, "inbox"), 0o700), os.Chown(b.dir, 65532, 65532),
		os.WriteFile(outside, []byte("of root"), 0o600),
		os.Symlink(outside, filepath.Join(b.dir, "inbox", "link")), os.Link(outside, filepath.Join(b.dir, "other name")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	backup := filepath.Join(t.TempDir(), "backup.db")
	secret := write(t, "secret", "not a real one\n")
	theirs := func(after string) {
		t.Helper()
		err := filepath.WalkDir(b.dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := entry.Info()
			if err != nil {
				return err
			}
			if owner := info.Sys().(*syscall.Stat_t).Uid; owner != 65532 && entry.Name() != "other name" {
				t.Errorf("after %s: %s belongs to user %d", after, path, owner)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	b.ok("import", b.sample(3))
	theirs("import")
	b.ok("account", "set", "lotw", "--login", "DL1ABC", "--password-file", secret)
	theirs("account set")
	b.ok("db", "backup", backup)
	b.ok("db", "restore", backup)
	theirs("db restore")
	b.ok("db", "compact")
	theirs("db compact")
	if info, err := os.Stat(outside); err != nil || info.Sys().(*syscall.Stat_t).Uid != 0 {
		t.Errorf("a file of root elsewhere was given away: %v", err)
	}
}
