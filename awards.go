package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sort"
	"sync/atomic"
	"time"

	"qslbox/monitor"
	"qslbox/qso/dxcc"
	"qslbox/stats/awards"
)

// ownAwards is the built-in awards and those of DIR/awards/*.json, which are
// read again when a file changes. A file that cannot be used is a fault of the
// set and hides no other.
type ownAwards struct {
	dir     string
	log     *slog.Logger
	builtIn *awards.Set
	current atomic.Pointer[awards.Set]
	seen    map[string]fileState // of one goroutine
	print   string               // of the contents
}

// awardsEvery is how often the files are looked at; biggestAward is more than
// any definition needs.
const (
	awardsEvery  = 5 * time.Second
	biggestAward = 4 << 20
)

func newOwnAwards(dir string, table *dxcc.Table, log *slog.Logger) (*ownAwards, error) {
	builtIn, err := awards.NewSet(table)
	if err != nil {
		return nil, err
	}
	o := &ownAwards{dir: filepath.Join(dir, "awards"), log: log, builtIn: builtIn}
	o.current.Store(builtIn)
	o.look()
	return o, nil
}

// set returns the awards as they are now.
func (o *ownAwards) set() *awards.Set { return o.current.Load() }

// look reads the files if one has changed since the last look, and reports
// whether the set is another one now.
func (o *ownAwards) look() bool {
	names, err := filepath.Glob(filepath.Join(o.dir, "*.json"))
	if err != nil {
		return false
	}
	seen := map[string]fileState{}
	for _, name := range names {
		state := fileState{size: -1}
		if info, err := os.Stat(name); err == nil {
			state = fileState{info.Size(), info.ModTime()}
		}
		seen[name] = state
	}
	if sameStates(o.seen, seen) {
		return false
	}
	o.seen = seen
	return o.read(names)
}

func sameStates(a, b map[string]fileState) bool {
	if len(a) != len(b) {
		return false
	}
	for name, state := range a {
		if other, ok := b[name]; !ok || other.size != state.size || !other.changed.Equal(state.changed) {
			return false
		}
	}
	return true
}

// read makes the set anew.
func (o *ownAwards) read(names []string) bool {
	sort.Strings(names)
	files, sum := map[string][]byte{}, sha256.New()
	var unreadable []error
	for _, name := range names {
		base := filepath.Base(name)
		data, err := readAward(name)
		fmt.Fprintf(sum, "%q %d %q\n", base, len(data), data)
		switch {
		case errors.Is(err, fs.ErrNotExist): // gone meanwhile
		case err != nil:
			unreadable = append(unreadable, err)
		default:
			files[base] = data
		}
	}
	set, _ := o.builtIn.With(files)
	set = set.Lacking(unreadable)
	for _, err := range set.Faults() {
		o.log.Warn("award not used", "err", err)
	}
	before := o.print
	if o.print = ""; len(names) > 0 {
		o.print = hex.EncodeToString(sum.Sum(nil)[:12])
	}
	o.current.Store(set)
	return o.print != before
}

// readAward reads one file; the error names it and the remedy.
func readAward(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, &awards.FileError{File: filepath.Base(name), Problem: "cannot be read: " + err.Error(), Remedy: "let the service read it, or remove it"}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, biggestAward+1))
	switch {
	case err != nil:
		return nil, &awards.FileError{File: filepath.Base(name), Problem: "cannot be read: " + err.Error(), Remedy: "put a file there, or remove it"}
	case len(data) > biggestAward:
		return nil, &awards.FileError{File: filepath.Base(name), Problem: fmt.Sprintf("is larger than %d MiB", biggestAward>>20), Remedy: "split the award, or remove the file"}
	}
	return data, nil
}

// run looks at the files until ctx ends; changed is called after each change.
func (o *ownAwards) run(ctx context.Context, changed func()) {
	tick := time.NewTicker(awardsEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if o.look() {
				changed()
			}
		}
	}
}

// check names the first file that cannot be used.
func (o *ownAwards) check() monitor.Check {
	faults := o.set().Faults()
	if len(faults) == 0 {
		return monitor.Check{}
	}
	text := fmt.Sprintf("awards: %v", faults[0])
	if len(faults) > 1 {
		text += fmt.Sprintf(" (and %d more)", len(faults)-1)
	}
	return monitor.Check{Severity: monitor.Degraded, Message: text}
}

// awardsPrint is the record that says for which awards the snapshots are.
const awardsPrint = "awards"

// awardsChanged makes every snapshot be computed anew if the awards are others
// than those it was computed with, also when they changed while nobody looked.
func (a *appliance) awardsChanged(ctx context.Context) {
	have, _, err := a.store.GetRecord("meta", awardsPrint)
	if err == nil && string(have) == a.awards.print {
		return
	}
	for _, name := range a.store.Logbooks() {
		l, err := a.store.Logbook(name)
		if err == nil {
			err = l.Touch(ctx)
		}
		if err != nil {
			a.cfg.log.Error("snapshots stay as they are", "logbook", name, "err", err)
			return
		}
	}
	if err := a.store.PutRecord("meta", awardsPrint, []byte(a.awards.print)); err != nil {
		a.cfg.log.Error("awards not noted", "err", err)
	}
}
