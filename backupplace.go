package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// backupPlace is the record of where the last backup was made.
const backupPlace = "backup-place"

// onOther marks a place that was on another disk than the data.
const onOther = " on another disk"

// place makes the directory of the backups ready. One that is gone, or whose
// disk is not mounted any more, is not made anew: the backups would fill the
// disk they are to help against, and nobody would notice.
func (b *backups) place(dir string) error {
	switch info, err := os.Stat(dir); {
	case err == nil && !info.IsDir():
		return fmt.Errorf("%s is not a directory: move that file away, or name another place with --backup-dir", dir)
	case err == nil:
		if b.lastPlace() == dir+onOther && !otherDisk(dir, b.a.cfg.dir) {
			return fmt.Errorf("%s is on the disk of the data now, and was on another one: mount that again, or name another place with --backup-dir", dir)
		}
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s cannot be reached (%w): see whether its disk is well and mounted", dir, cause(err))
	}
	if dir != filepath.Join(b.a.cfg.dir, "backup") && strings.TrimSuffix(b.lastPlace(), onOther) == dir {
		return fmt.Errorf("%s is gone, and with it the backups that were there: mount its disk, or make the directory anew if you removed it", dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("%s cannot be made (%w): make it yourself so that the service may write there, or name another place with --backup-dir", dir, cause(err))
	}
	return nil
}

// lastPlace returns where the last backup was made, marked with onOther.
func (b *backups) lastPlace() string {
	text, _, err := b.a.store.GetRecord("meta", backupPlace)
	if err != nil {
		return "" // then nothing is known of it
	}
	return string(text)
}

// placed notes where a backup was made.
func (b *backups) placed(dir string) error {
	at := dir
	if otherDisk(dir, b.a.cfg.dir) {
		at += onOther
	}
	if at == b.lastPlace() {
		return nil
	}
	return b.a.store.PutRecord("meta", backupPlace, []byte(at))
}

// otherDisk reports whether two directories are on different file systems.
func otherDisk(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	if errX != nil || errY != nil {
		return false
	}
	s, okS := x.Sys().(*syscall.Stat_t)
	t, okT := y.Sys().(*syscall.Stat_t)
	return okS && okT && s.Dev != t.Dev
}

// cause is what the system says, without the operation and the path.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
