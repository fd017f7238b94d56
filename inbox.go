package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/renameio/v2"

	"qslbox/qso/intake"
)

// inbox imports the ADIF files that other programs put into a directory:
// DIR/inbox for the logbook main, DIR/inbox/NAME for another one. A file that
// has not changed between two looks is imported and moved to done/ with its
// account beside it, or to failed/ with the reason.
type inbox struct {
	dir      string
	log      *slog.Logger
	now      func() time.Time
	logbooks func() []string
	// importFile imports one stream into a logbook.
	importFile func(ctx context.Context, logbook string, r io.Reader) (intake.Account, error)
	seen       map[string]fileState
}

type fileState struct {
	size    int64
	changed time.Time
}

// inboxEvery is how often the inbox is looked at.
const inboxEvery = 5 * time.Second

// run looks into the inbox until ctx ends.
func (in *inbox) run(ctx context.Context) {
	tick := time.NewTicker(inboxEvery)
	defer tick.Stop()
	for {
		in.look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// look imports every file that has come to rest since the last look.
func (in *inbox) look(ctx context.Context) {
	before := in.seen
	in.seen = map[string]fileState{}
	for _, logbook := range in.logbooks() {
		dir := in.dir
		if logbook != "main" {
			dir = filepath.Join(in.dir, logbook)
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			if !errors.Is(err, fs.ErrNotExist) {
				in.log.Warn("inbox not readable", "dir", dir, "err", err)
			}
			continue
		}
		for _, e := range entries {
			info, err := e.Info()
			if ctx.Err() != nil || err != nil || !info.Mode().IsRegular() || !isADIFName(e.Name()) {
				continue
			}
			path := filepath.Join(dir, e.Name())
			state := fileState{info.Size(), info.ModTime()}
			if before[path] != state {
				in.seen[path] = state
				continue
			}
			if err := in.take(ctx, logbook, path); err != nil && ctx.Err() == nil {
				in.log.Error("inbox file not imported", "file", e.Name(), "err", err)
			}
		}
	}
}

func isADIFName(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".adi", ".adif":
		return !strings.HasPrefix(name, ".")
	}
	return false
}

// take imports one file and moves it out of the way. A file that could not be
// read for a passing reason (disk full, stop of the service) stays.
func (in *inbox) take(ctx context.Context, logbook, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	account, err := in.importFile(ctx, logbook, f)
	_ = f.Close()
	if err != nil {
		return err
	}
	where := "done"
	if account.Outcome == "refused" {
		where = "failed"
	}
	report, err := json.MarshalIndent(account, "", " ")
	if err != nil {
		return err
	}
	target := filepath.Join(filepath.Dir(path), where)
	if err := os.MkdirAll(target, 0o700); err != nil {
		return err
	}
	name := freeName(target, in.now().UTC().Format("20060102-150405-")+filepath.Base(path))
	if err := renameio.WriteFile(name+".json", append(report, '\n'), 0o600); err != nil {
		return err
	}
	if err := os.Rename(path, name); err != nil {
		return err
	}
	in.log.Info("inbox file imported", "file", filepath.Base(path), "logbook", logbook, "outcome", account.Outcome,
		"added", account.Added, "updated", account.Updated, "rejected", account.Rejected)
	return nil
}

// freeName returns a path in dir that is not taken.
func freeName(dir, name string) string {
	path := filepath.Join(dir, name)
	for n := 2; ; n++ {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			return path
		}
		path = filepath.Join(dir, fmt.Sprintf("%d-%s", n, name))
	}
}
