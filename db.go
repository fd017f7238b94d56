package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

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
	if err := writeAtomically(c.File, answer.Body); err != nil {
		return err
	}
	r, err := store.CheckFile(c.File)
	if err != nil {
		return storeError(err)
	}
	return s.report(r, false)
}

// Run restores a backup. It needs the data for itself.
func (c *dbRestoreCommand) Run(s *session) error {
	dir, err := s.exclusive()
	if err != nil {
		return err
	}
	kept, err := store.Restore(c.File, dir, s.env.now())
	if err != nil {
		return storeError(err)
	}
	s.printf("restored from %s\n", c.File)
	if kept != "" {
		s.printf("what was there before is kept as %s\n", kept)
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
		return "", codedError{exitBusy, fmt.Errorf("a service is running on %s: stop it first", dir)}
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
		return storeError(err)
	}
	s.printf("%.1f MB before, %.1f MB now\n", float64(before)/1e6, float64(after)/1e6)
	return nil
}

// Run reads what can be read out of a damaged file.
func (c *dbSalvageCommand) Run(s *session) error {
	r, err := store.Salvage(c.Damaged, c.Output)
	if err != nil {
		return storeError(err)
	}
	if c.JSON {
		return json.NewEncoder(s.env.stdout).Encode(r)
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	s.printf("%s\nput it in place with: qslbox db restore %s\n", text, c.Output)
	return nil
}
