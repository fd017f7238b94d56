package main

import (
	"io/fs"
	"os"
	"syscall"
)

// giveBack makes what root has left in the data directory belong to the owner of
// the directory: the service could not read it otherwise. A file that has another
// name elsewhere is left alone.
func giveBack(dir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil // no directory, nothing left in it
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || owner.Uid == 0 {
		return nil
	}
	root, err := os.OpenRoot(dir) // follows no link that leads out
	if err != nil {
		return err
	}
	defer root.Close()
	return fs.WalkDir(root.FS(), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := root.Lstat(path)
		if err != nil {
			return err
		}
		if s, ok := info.Sys().(*syscall.Stat_t); ok && s.Uid == 0 && (info.IsDir() || s.Nlink == 1) {
			return root.Lchown(path, int(owner.Uid), int(owner.Gid))
		}
		return nil
	})
}
