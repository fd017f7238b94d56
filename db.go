package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"qslbox/store"
)

// Run checks a data file: pages and every value. The data file of a running
// service is checked by the service, its values only.
func (c *dbCheckCommand) Run(s *session) error {
	path := c.File
	if path == "" {
		dir, err := s.dir()
		if err != nil {
			return err
		}
		if !hasData(dir) {
			return fmt.Errorf("no data in %s yet", dir)
		}
		if api, err := dialService(s.ctx, dir, ""); err == nil && !inRecovery(s.ctx, api) {
			return s.maintain("check", c.JSON)
		}
		path = filepath.Join(dir, dataFileName)
	}
	r, err := store.CheckFile(path)
	if err != nil {
		return storeError(err)
	}
	return s.report(r, c.JSON)
}

// report prints what a check found; damage is exit code 4.
func (s *session) report(r *store.Report, asJSON bool) error {
	if asJSON {
		if err := json.NewEncoder(s.env.stdout).Encode(r); err != nil {
			return err
		}
	} else {
		s.printf("%s: %d values, %d QSOs, %.1f MB: ", r.File, r.Values, r.QSOs, float64(r.Bytes)/1e6)
		if r.OK() {
			s.printf("all is well\n")
		} else {
			s.printf("%d damaged\n", r.Count)
		}
		for _, d := range r.Damaged {
			s.printf("  %s\n", d)
		}
	}
	if r.OK() {
		return nil
	}
	if asJSON {
		return codedError{exitDamaged, nil}
	}
	return codedError{exitDamaged, errors.New("damaged data: restore a backup with qslbox db restore FILE, or read out what can be read with qslbox db salvage")}
}

// maintain lets the API carry out an operation that ends with a report.
func (s *session) maintain(operation string, asJSON bool) error {
	api, err := s.api(mustExist)
	if err != nil {
		return err
	}
	var r store.Report
	if err := api.call(s.ctx, http.MethodPost, "/api/db/"+operation, nil, nil, &r); err != nil {
		return err
	}
	return s.report(&r, asJSON)
}

// Run checks every value while the service runs.
func (c *dbScrubCommand) Run(s *session) error { return s.maintain("scrub", c.JSON) }

// Run writes a verified copy of the data.
func (c *dbBackupCommand) Run(s *session) error {
	api, err := s.api(mustExist)
	if err != nil {
		return err
	}
	dir, err := s.dir()
	if err != nil {
		return err
	}
	if a, err := os.Stat(c.File); err == nil {
		if b, err := os.Stat(filepath.Join(dir, dataFileName)); err == nil && os.SameFile(a, b) {
			return usageError{fmt.Errorf("%s is the data file itself: name another file", c.File)}
		}
	}
	answer, err := api.request(s.ctx, http.MethodGet, "/api/backup", nil, nil, "")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var r *store.Report
	err = writeChecked(c.File, answer.Body, func(path string) error {
		if r, err = store.CheckFile(path); err == nil && !r.OK() {
			err = damageOf(r)
		}
		return err
	})
	if err != nil {
		return refusal("the backup was not made", err)
	}
	r.File = filepath.Base(c.File)
	return s.report(r, false)
}

// refusal says that a command changed nothing, and why, without the names that
// only the source knows.
func refusal(what string, err error) error {
	text := err.Error()
	for _, prefix := range []string{"store: restore: ", "store: salvage: ", "store: compact: ", "store: ", store.ErrDamaged.Error() + ": "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return codedError{exitCode(storeError(err)), fmt.Errorf("%s: %s", what, text)}
}

// Run restores a backup. It needs the data for itself.
func (c *dbRestoreCommand) Run(s *session) error {
	dir, err := s.exclusive()
	if err != nil {
		return err
	}
	kept, err := store.Restore(c.File, dir, s.env.now())
	switch {
	case err != nil && kept != "":
		return refusal(fmt.Sprintf("%s was not restored, and what was there is kept as %s", c.File, kept), err)
	case err != nil:
		return refusal(c.File+" was not restored, and nothing was changed", err)
	}
	s.printf("restored from %s\n", c.File)
	if kept != "" {
		s.printf("what was there before is kept as %s\n", kept)
	}
	if !store.HasSealingKey(dir) {
		s.printf("passwords for LoTW and DCL are sealed with a key that no backup holds: put your copy of seal.key into %s, or set the accounts again\n", dir)
	}
	return nil
}

// exclusive returns the data directory if no service has the data open; one
// that cannot open them waits for what a command does.
func (s *session) exclusive() (string, error) {
	dir, err := s.dir()
	if err != nil {
		return "", err
	}
	if api, err := dialService(s.ctx, dir, ""); err == nil && !inRecovery(s.ctx, api) {
		return "", codedError{exitBusy, fmt.Errorf("a service is running on %s: stop it first (systemctl stop qslbox), and start it afterwards", dir)}
	}
	return dir, nil
}

// Run writes the data file anew without the space that nothing uses.
func (c *dbCompactCommand) Run(s *session) error {
	dir, err := s.exclusive()
	if err != nil {
		return err
	}
	before, after, err := store.Compact(dir)
	if err != nil {
		return refusal("the data file was left as it is", err)
	}
	s.printf("%.1f MB before, %.1f MB now\n", float64(before)/1e6, float64(after)/1e6)
	return nil
}

// Run reads what can be read out of a damaged file.
func (c *dbSalvageCommand) Run(s *session) error {
	r, err := store.Salvage(c.Damaged, c.Output)
	if err != nil {
		return refusal("nothing was salvaged", err)
	}
	if c.JSON {
		return json.NewEncoder(s.env.stdout).Encode(r)
	}
	s.printf("%s holds %d QSOs now, of %s\n", c.Output, r.QSOs, strings.Join(r.Logbooks, ", "))
	s.printf("%d pages were looked at; %d that are in use could not be read, %d values fail their checksum, and of %d there was a newer version\n", r.Pages, r.Unread, r.Damaged, r.Older)
	if r.Complete {
		s.printf("that is everything the file held\n")
	} else {
		s.printf("that may not be everything: compare it with your newest backup; importing your last ADIF file once more adds only what is missing\n")
	}
	if n := len(r.MaybeDeleted); n > 0 {
		s.printf("these may be QSOs that you had deleted, look at them (ids): %s\n", strings.Trim(fmt.Sprint(r.MaybeDeleted), "[]"))
	}
	data := ""
	if given := s.cli.Data; given != "" {
		data = " --data " + shellWord(given)
	}
	s.printf("put it in place with: qslbox%s db restore %s\n", data, shellWord(c.Output))
	return nil
}
