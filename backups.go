package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/renameio/v2"

	"qslbox/monitor"
	"qslbox/store"
)

// How many scheduled backups are kept: the newest of each of the last days,
// weeks and months that have one.
const (
	daysKept   = 7
	weeksKept  = 4
	monthsKept = 6
)

// backupTime is how the time of a backup is written in its name.
const backupTime = "20060102-150405"

// backupName is the name of a backup made at a time.
func backupName(at time.Time) string { return "qslbox-" + at.UTC().Format(backupTime) + ".db" }

// backupDirOf returns where scheduled backups lie.
func backupDirOf(cfg applianceConfig) string {
	if cfg.serve.BackupDir != "" {
		return cfg.serve.BackupDir
	}
	return filepath.Join(cfg.dir, "backup")
}

// backupFile is a scheduled backup.
type backupFile struct {
	path string
	made time.Time
}

// backupsIn returns the scheduled backups of a directory, the newest first.
func backupsIn(dir string) (list []backupFile) {
	names, _ := filepath.Glob(filepath.Join(dir, "qslbox-*.db"))
	for _, name := range names {
		text := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(name), "qslbox-"), ".db")
		if made, err := time.Parse(backupTime, text); err == nil {
			list = append(list, backupFile{name, made})
		}
	}
	slices.SortFunc(list, func(a, b backupFile) int { return b.made.Compare(a.made) })
	return list
}

// redundant returns the backups that need not be kept. Those from the future,
// made while the clock was wrong, are left to a person.
func redundant(list []backupFile, now time.Time) (out []backupFile) {
	periods := []struct {
		of   func(time.Time) string
		left int
		last string
	}{
		{func(t time.Time) string { return t.Format(time.DateOnly) }, daysKept, ""},
		{func(t time.Time) string { y, w := t.ISOWeek(); return fmt.Sprint(y, "-", w) }, weeksKept, ""},
		{func(t time.Time) string { return t.Format("2006-01") }, monthsKept, ""},
	}
	for _, b := range list {
		if b.made.After(now.Add(time.Hour)) {
			continue
		}
		keep := false
		for i := range periods {
			p := &periods[i]
			if in := p.of(b.made); in != p.last && p.left > 0 {
				keep, p.last = true, in
				p.left--
			}
		}
		if !keep {
			out = append(out, b)
		}
	}
	return out
}

// backups makes the scheduled backups, one at a time.
type backups struct {
	a      *appliance
	mu     sync.Mutex
	failed atomic.Pointer[string] // why the last one was not made; nil: it was
}

// scheduled makes a backup, or finds that the last one still holds everything:
// an SD card need not bear the same log every day.
func (b *backups) scheduled(ctx context.Context) error {
	err := b.current(ctx)
	if errors.Is(err, errNotCurrent) {
		_, err = b.make(ctx)
	}
	return err
}

var errNotCurrent = errors.New("the last backup lacks something")

// current checks the last backup anew if nothing has changed since.
func (b *backups) current(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := backupsIn(backupDirOf(b.a.cfg))
	of, err := b.a.store.Fingerprint(ctx)
	if err != nil {
		return err
	}
	if len(list) == 0 || b.a.store.BackupOf() != backupMark(list[0].path, of) {
		return errNotCurrent
	}
	if _, err := checkData(ctx, b.a.cfg.env, list[0].path); err != nil {
		b.a.cfg.log.Warn("the last backup does not pass its check any more, a new one is made", "file", filepath.Base(list[0].path), "err", err)
		return errors.Join(errNotCurrent, ctx.Err())
	}
	b.a.cfg.log.Info("nothing has changed since the last backup; it was checked again", "file", filepath.Base(list[0].path))
	b.failed.Store(nil)
	return b.a.store.BackedUp("")
}

func backupMark(path, fingerprint string) string { return filepath.Base(path) + " " + fingerprint }

// errNoBackup says that a backup was not made; the reason follows.
var errNoBackup = errors.New("the backup was not made")

// make writes a verified copy into the backup directory, a plain ADIF file of
// each logbook beside it, and drops what need not be kept.
func (b *backups) make(ctx context.Context) (*store.Report, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, err := b.write(ctx)
	if err != nil && ctx.Err() == nil {
		why := strings.TrimPrefix(err.Error(), "store: backup: ")
		b.failed.Store(&why)
	} else if err == nil {
		b.failed.Store(nil)
	}
	return r, err
}

func (b *backups) write(ctx context.Context) (*store.Report, error) {
	dir, now := backupDirOf(b.a.cfg), b.a.cfg.env.now()
	if err := b.place(dir); err != nil {
		return nil, err
	}
	b.removeLeftovers(dir)
	if d, err := monitor.ReadDisk(dir); err == nil {
		if need := uint64(2 * b.a.store.Stats().Bytes); d.Free < need {
			return nil, fmt.Errorf("%d MB are free in %s, %d are needed: make room, or name another disk with --backup-dir", d.Free>>20, dir, need>>20)
		}
	}
	of, err := b.a.store.Fingerprint(ctx)
	if err != nil {
		return nil, err
	}
	name := filepath.Join(dir, backupName(now))
	r, err := b.a.store.Backup(ctx, name)
	if err != nil {
		return nil, err
	}
	err = errors.Join(b.a.store.BackedUp(backupMark(name, of)), b.placed(dir))
	b.a.cfg.log.Info("backup made and verified", "file", filepath.Base(name), "qsos", r.QSOs)
	for _, logbook := range b.a.store.Logbooks() {
		err = errors.Join(err, b.writeADIF(ctx, logbook, filepath.Join(dir, logbook+".adi")))
	}
	if b.a.clock.trusted(now) {
		for _, old := range redundant(backupsIn(dir), now) {
			err = errors.Join(err, os.Remove(old.path))
		}
	}
	return r, err
}

// removeLeftovers removes what a power cut left of a backup. Nobody else makes
// one now.
func (b *backups) removeLeftovers(dir string) {
	for _, pattern := range []string{".qslbox-*.db[0-9]*", ".*.adi[0-9]*"} {
		names, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, name := range names {
			_ = os.Remove(name) // the next one tries again
		}
	}
}

// writeADIF writes a logbook as a plain file that any program reads.
func (b *backups) writeADIF(ctx context.Context, logbook, path string) error {
	api := apiClient{logbook: logbook}
	api.http.Transport = handlerTransport{b.a.commandHandler()}
	answer, err := api.request(ctx, http.MethodGet, "/api/export.adi", url.Values{}, nil, "")
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	defer answer.Body.Close()
	f, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o600), renameio.WithTempDir(filepath.Dir(path)))
	if err != nil {
		return err
	}
	defer func() { _ = f.Cleanup() }()
	if _, err := io.Copy(f, answer.Body); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return err
	}
	return store.SyncDir(filepath.Dir(path))
}
