package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"qslbox/store"
	"qslbox/webui"
)

// While the data cannot be opened: how often the file is looked at, and how
// often one that could not be read is tried again.
const (
	rescueEvery = 2 * time.Second
	rescueRetry = 15 * time.Second
	lockPatient = 20 * time.Second // with a command that has the data open
)

// door is a handler that can be replaced while the service runs.
type door struct{ at atomic.Pointer[http.Handler] }

func (d *door) set(h http.Handler) { d.at.Store(&h) }

// ServeHTTP hands the request to the present handler.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) { (*d.at.Load()).ServeHTTP(w, r) }

// rescue is the service while its data are not open: being checked, damaged, or
// written by a newer version. It writes nothing, and ends when a whole file is
// in place.
type rescue struct {
	sv      *service
	mu      sync.Mutex
	trouble webui.Trouble
	again   chan struct{} // a backup was restored
}

func (sv *service) newRescue() (*rescue, error) {
	r := &rescue{sv: sv, again: make(chan struct{}, 1)}
	r.set(webui.Trouble{Kind: "checking"})
	code := rand.Text()
	page, err := webui.NewRecovery(webui.RecoveryConfig{
		State: r.state, Restore: r.restore, Code: code, Hosts: sv.cfg.serve.Host, BasePath: sv.cfg.serve.BasePath,
		Now: sv.cfg.env.now, Elapsed: sv.elapsed, Log: sv.log,
	})
	if err != nil {
		return nil, err
	}
	sv.network.set(page.Handler())
	sv.local.set(page.CommandHandler())
	sv.log.Warn("the data are not open yet; this page tells why, and what to do", "link", sv.address+sv.cfg.serve.BasePath+"/?code="+code)
	return r, nil
}

func (r *rescue) state() webui.Trouble {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.trouble
}

func (r *rescue) set(t webui.Trouble) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t.File, t.Since = r.path(), r.trouble.Since; t.Since.IsZero() {
		t.Since = r.sv.cfg.env.now().UTC()
	}
	r.trouble = t
}

func (r *rescue) path() string { return filepath.Join(r.sv.cfg.dir, dataFileName) }

// run checks the data, opens them, and waits for a person where that does not
// go. It returns the appliance, or nil when ctx ends. found is what opening
// them said; nil: they were not touched yet.
func (r *rescue) run(ctx context.Context, found error) (*appliance, error) {
	for first := true; ; first = false {
		if found == nil || !first {
			r.set(webui.Trouble{Kind: "checking"})
			a, err := r.try(ctx)
			if err == nil || ctx.Err() != nil {
				return a, nil
			}
			if !isTrouble(err) {
				return nil, err
			}
			found = err
		}
		if err := r.wait(ctx, found); err != nil || ctx.Err() != nil {
			return nil, err
		}
	}
}

// try checks the data and opens them. A command may have them open for a
// moment.
func (r *rescue) try(ctx context.Context) (*appliance, error) {
	for waited := time.Duration(0); ; waited += rescueEvery {
		var err error
		if hasFile(r.sv.cfg.dir) {
			_, err = checkData(ctx, r.sv.cfg.env, r.path())
		}
		if err == nil && ctx.Err() == nil {
			var a *appliance
			if a, err = openAppliance(ctx, r.sv.cfg); err == nil {
				return a, nil
			}
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if !errors.Is(err, store.ErrLocked) || waited >= lockPatient {
			return nil, storeError(err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(rescueEvery):
		}
	}
}

// wait shows what was found until the file is another one.
func (r *rescue) wait(ctx context.Context, found error) error {
	sv := r.sv
	if err := sv.listenSocket(); err != nil {
		sv.log.Warn("commands do not reach the service", "err", err) // a disk that takes no writes takes no socket
	}
	reason := found.Error()
	for _, remedy := range []string{"; it was left as it is", "; restore a backup"} { // the one that helps is named beside it
		reason, _, _ = strings.Cut(reason, remedy)
	}
	t := webui.Trouble{Kind: "unreadable", Reason: reason, Searching: true}
	switch {
	case errors.Is(found, errMissing):
		t.Kind = "missing"
	case errors.Is(found, store.ErrDamaged):
		t.Kind = "damaged"
	case errors.Is(found, store.ErrNewerSchema):
		t.Kind = "newer_schema"
	}
	r.set(t)
	sv.log.Error("the data cannot be opened and were left as they are", "kind", t.Kind, "err", found)
	sv.status("the data cannot be opened: " + found.Error())
	before, _ := os.Stat(r.path())
	t.Backup, t.Searching = r.newestBackup(ctx), false
	t.Command = r.command(t)
	r.set(t)
	sv.log.Error("what helps", "command", t.Command)
	tick := time.NewTicker(rescueEvery)
	defer tick.Stop()
	retry := time.NewTimer(rescueRetry)
	defer retry.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-r.again:
			return nil
		case <-retry.C:
			if t.Kind == "unreadable" {
				return nil
			}
		case <-tick.C:
			if t.Kind == "missing" && missing(sv.cfg) == nil {
				return nil
			}
			if now, err := os.Stat(r.path()); before == nil != (err != nil) || before != nil && (!os.SameFile(before, now) || before.Size() != now.Size() || !before.ModTime().Equal(now.ModTime())) {
				return nil
			}
		}
	}
}

// newestBackup returns the newest scheduled backup that passes its check.
func (r *rescue) newestBackup(ctx context.Context) *webui.VerifiedBackup {
	for _, b := range backupsIn(backupDirOf(r.sv.cfg)) {
		report, err := checkData(ctx, r.sv.cfg.env, b.path)
		if err == nil {
			return &webui.VerifiedBackup{Path: b.path, Made: b.made, QSOs: report.QSOs}
		}
		r.sv.log.Warn("a backup does not pass its check", "file", filepath.Base(b.path), "err", err)
	}
	return nil
}

// command is the one command that helps, to be typed into a shell.
func (r *rescue) command(t webui.Trouble) string {
	env := r.sv.cfg.env.getenv
	program, file := "qslbox", shellWord(r.path())
	if env("STATE_DIRECTORY") != "" { // a service of the system: its data are open to root alone
		program = "sudo qslbox"
	}
	on := program
	if dir, err := dataDir("", env); err != nil || dir != r.sv.cfg.dir {
		on += " --data " + shellWord(r.sv.cfg.dir)
	}
	switch {
	case t.Kind == "unreadable":
		return ""
	case t.Backup != nil:
		return on + " db restore " + shellWord(t.Backup.Path)
	case t.Kind == "newer_schema", t.Kind == "missing":
		return ""
	}
	salvaged := shellWord(filepath.Join(r.sv.cfg.dir, "salvaged.db"))
	return program + " db salvage " + file + " -o " + salvaged + " && " + on + " db restore " + salvaged
}

// shellWord quotes a path for a shell where that is needed.
func shellWord(path string) string {
	plain := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("/._-+,@:", c)
	}
	if strings.IndexFunc(path, func(c rune) bool { return !plain(c) }) < 0 {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

// restore puts the newest verified backup in the place of the data.
func (r *rescue) restore(context.Context) error {
	t := r.state()
	if t.Backup == nil {
		return errors.New("there is no backup that passed its check")
	}
	kept, err := store.Restore(t.Backup.Path, r.sv.cfg.dir, r.sv.cfg.env.now())
	if err != nil {
		return err
	}
	r.sv.log.Warn("a backup was restored", "file", filepath.Base(t.Backup.Path), "kept", filepath.Base(kept))
	select {
	case r.again <- struct{}{}:
	default:
	}
	return nil
}

// inRecovery reports whether the service that answers has no data open.
func inRecovery(ctx context.Context, c *apiClient) bool {
	var doc struct{ Recovery json.RawMessage }
	answer, err := c.health(ctx)
	return err == nil && json.Unmarshal(answer, &doc) == nil && doc.Recovery != nil
}
