package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"qslbox/store"
)

// markerName is a file in the data directory that is there while a process has
// the data open: who finds it without that process knows that it ended without
// warning, and checks the data before opening them.
const markerName = "running"

// endedUncleanly reports whether the last one who had the data open did not
// close them.
func endedUncleanly(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, markerName))
	if err != nil {
		return false
	}
	_, err = os.Lstat(filepath.Join(dir, dataFileName))
	return err == nil
}

// mark says that the data are in use. It reports whether the marker is new. A
// disk that takes no marker keeps nobody from reading.
func mark(dir string) bool {
	f, err := os.OpenFile(filepath.Join(dir, markerName), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return false
	}
	return f.Close() == nil
}

func unmark(dir string) { _ = os.Remove(filepath.Join(dir, markerName)) }

// syncMarker makes the marker last; a power cut before that is noticed when
// opening falls over the damage itself.
func syncMarker(dir string) {
	d, err := os.Open(dir)
	if err != nil {
		return
	}
	_ = d.Sync()
	_ = d.Close()
}

// errMissing says that the data file is gone although there are backups of it,
// as after a repair of the file system: a new log in its place would look as if
// all were well.
var errMissing = errors.New("the data file is missing, but there are backups of it")

// missing finds that.
func missing(cfg applianceConfig) error {
	dir := backupDirOf(cfg)
	if hasFile(cfg.dir) || len(backupsIn(dir)) == 0 {
		return nil
	}
	return fmt.Errorf("%w in %s: restore one with qslbox db restore FILE, or move them away to begin a new log", errMissing, dir)
}

// isTrouble reports whether an error says that the data cannot be opened and
// that trying again will not help.
func isTrouble(err error) bool {
	return errors.Is(err, errMissing) || errors.Is(err, store.ErrDamaged) || errors.Is(err, store.ErrNewerSchema) || errors.Is(err, syscall.EIO) || errors.Is(err, syscall.EROFS)
}

// checkData checks a data file or backup. A damaged one can end the process
// that reads it, so another one does if there is a program to run; damage is an
// error.
func checkData(ctx context.Context, env environment, path string) (*store.Report, error) {
	if env.self != "" {
		return checkInChild(ctx, env.self, path)
	}
	r, err := store.CheckFile(path)
	if err == nil && !r.OK() {
		err = damageOf(r)
	}
	return r, err
}

func damageOf(r *store.Report) error {
	return fmt.Errorf("%w: %s: %d places, the first: %s", store.ErrDamaged, r.File, r.Count, r.Damaged[0])
}

func checkInChild(ctx context.Context, self, path string) (*store.Report, error) {
	var out, said bytes.Buffer
	cmd := exec.CommandContext(ctx, self, "db", "check", "--json", path)
	cmd.Stdout, cmd.Stderr = &out, &said
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var r store.Report
	known := json.Unmarshal(out.Bytes(), &r) == nil
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, fmt.Errorf("check %s: %w", filepath.Base(path), err)
	}
	text := strings.TrimPrefix(strings.TrimSpace(said.String()), "qslbox: ")
	switch code := cmd.ProcessState.ExitCode(); {
	case code == exitOK && known:
		return &r, nil
	case code == exitBusy:
		return nil, fmt.Errorf("%w (%s)", store.ErrLocked, path)
	case code == exitDamaged && known:
		return &r, damageOf(&r)
	case code == exitDamaged && strings.HasPrefix(text, store.ErrNewerSchema.Error()):
		return nil, fmt.Errorf("%w%s", store.ErrNewerSchema, strings.TrimPrefix(text, store.ErrNewerSchema.Error()))
	case code == exitDamaged:
		return nil, fmt.Errorf("%w%s", store.ErrDamaged, strings.TrimPrefix(text, store.ErrDamaged.Error()))
	case code == exitFailed:
		return nil, fmt.Errorf("check %s: %w: %s", filepath.Base(path), syscall.EIO, text)
	}
	first, _, _ := strings.Cut(text, "\n")
	return nil, fmt.Errorf("%w: %s: reading it ended the program that checked it (%v: %s)", store.ErrDamaged, filepath.Base(path), err, first)
}

// What makes a compaction at start worth its while: half of the file is free,
// and that is much.
const (
	compactFrom = 64 << 20
	compactPage = 4096
)

// openStore opens the data, and writes them anew first if half of the file is
// free.
func openStore(ctx context.Context, cfg applianceConfig, sc store.Config) (*store.Store, error) {
	s, err := store.Open(ctx, sc)
	if err != nil || !cfg.service {
		return s, err
	}
	st := s.Stats()
	if st.Bytes < compactFrom || 2*int64(st.FreePages)*compactPage < st.Bytes {
		return s, nil
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	before, after, err := store.Compact(cfg.dir)
	if err != nil {
		cfg.log.Warn("free space in the data file could not be given back", "err", err)
	} else {
		cfg.log.Info("free space in the data file was given back", "bytes_before", before, "bytes_after", after)
	}
	return store.Open(ctx, sc)
}

// hasFile reports whether there is a data file at all, be it empty.
func hasFile(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, dataFileName))
	return !errors.Is(err, fs.ErrNotExist)
}
