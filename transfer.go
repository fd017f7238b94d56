package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"qslbox/qso"
	"qslbox/qso/intake"
	"qslbox/store"
)

// Run imports each file in turn and prints its account. It fails if a file
// was refused.
func (c *importCommand) Run(s *session) error {
	if c.Own != "" {
		if _, err := qso.ParseCall(c.Own); err != nil {
			return usageError{fmt.Errorf("--own: %w", err)}
		}
	}
	api, err := s.api(mayCreate)
	if err != nil {
		return err
	}
	var refused error
	for _, name := range c.Files {
		account, err := c.file(s, api, name)
		if err != nil {
			return fmt.Errorf("import %s: %w", name, err)
		}
		if account.Outcome == "refused" {
			refused = errors.Join(refused, codedError{exitFailed, fmt.Errorf("%s: %s", name, account.Message)})
		}
	}
	return refused
}

func (c *importCommand) file(s *session, api *apiClient, name string) (*intake.Account, error) {
	var body io.Reader = s.env.stdin
	var size int64
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil {
			size = info.Size()
		}
		body = f
	}
	if isTerminal(s.env.stderr) {
		body = &progressReader{r: body, out: s.env.stderr, label: filepath.Base(name), total: size, now: s.env.now}
	}
	query := url.Values{}
	for key, on := range map[string]bool{"dry_run": c.DryRun, "overwrite": c.Overwrite, "all_rejects": c.Rejects != ""} {
		if on {
			query.Set(key, "1")
		}
	}
	if c.Own != "" {
		query.Set("own", c.Own)
	}
	query.Set("name", filepath.Base(name))
	answer, err := api.request(s.ctx, http.MethodPost, "/api/import", query, body, "application/octet-stream")
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	var account intake.Account
	if err := json.Unmarshal(raw, &account); err != nil {
		return nil, err
	}
	if c.Rejects != "" {
		if err := c.writeRejects(s, api, &account); err != nil {
			return nil, err
		}
	}
	if c.JSON {
		s.printf("%s\n", raw)
		return &account, nil
	}
	printAccount(s, name, &account)
	return &account, nil
}

// writeRejects fetches every rejected record of the import as ADIF.
func (c *importCommand) writeRejects(s *session, api *apiClient, account *intake.Account) error {
	if account.RejectsLink == "" {
		return renameio.WriteFile(c.Rejects, nil, 0o600)
	}
	answer, err := api.request(s.ctx, http.MethodGet, account.RejectsLink, nil, nil, "")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	return writeAtomically(c.Rejects, answer.Body)
}

func printAccount(s *session, name string, a *intake.Account) {
	switch a.Outcome {
	case "refused":
		return
	case "dry-run":
		s.printf("%s (nothing was changed): ", name)
	default:
		s.printf("%s: ", name)
	}
	s.printf("%d read, %d added, %d updated, %d unchanged, %d skipped, %d rejected\n",
		a.Read, a.Added, a.Updated, a.Unchanged, a.Skipped, a.Rejected)
	if a.From == "dcl" {
		s.printf("  a download of DCL, treated like a sync: skipped are %d not in your log (listed on the Sync page), %d not confirmed, %d repeated\n",
			a.NotInLog, a.NotConfirmed, a.Repeated)
	}
	if a.OwnCallMissing > 0 {
		s.printf("  %d without own call: import again with --own CALL\n", a.OwnCallMissing)
	}
	for i, r := range a.Rejects {
		if i == 20 {
			s.printf("  ... %d more; --rejects FILE writes them all\n", a.Rejected-20)
			break
		}
		s.printf("  record %d at byte %d: %s (%s)\n", r.Record, r.Offset, r.Message, r.Reason)
	}
}

// Run writes the log to a file or to standard output.
func (c *exportCommand) Run(s *session) error {
	api, err := s.api(mustExist)
	if err != nil {
		return err
	}
	query := url.Values{}
	if c.NotAt != "" {
		query.Set("not_at", c.NotAt)
	}
	path := map[string]string{"adif": "/api/export.adi", "csv": "/api/export.csv", "json": "/api/export.json"}[c.Format]
	answer, err := api.request(s.ctx, http.MethodGet, path, query, nil, "")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if c.Output == "" || c.Output == "-" {
		_, err = io.Copy(s.env.stdout, answer.Body)
		return err
	}
	return writeAtomically(c.Output, answer.Body)
}

// writeAtomically writes a whole file or none.
func writeAtomically(name string, r io.Reader) error {
	return writeChecked(name, r, func(string) error { return nil })
}

// writeChecked writes a file that gets its name only if it is as it should be.
func writeChecked(name string, r io.Reader, check func(path string) error) error {
	if err := nameable(name); err != nil {
		return err
	}
	f, err := renameio.NewPendingFile(name, renameio.WithPermissions(0o600))
	if err != nil {
		return err
	}
	defer func() { _ = f.Cleanup() }()
	if _, err := io.Copy(f, r); err != nil {
		return fmt.Errorf("%s was not written: %w", name, err)
	}
	if err := check(f.Name()); err != nil {
		return err
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return fmt.Errorf("%s was not written: %w", name, err)
	}
	return store.SyncDir(filepath.Dir(name))
}

// nameable says why no file can have a name.
func nameable(name string) error {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a directory: name a file in it", name)
	}
	dir := filepath.Dir(name)
	switch info, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no directory %s: make it first, or name another one", dir)
	case err == nil && !info.IsDir():
		return fmt.Errorf("%s is not a directory: name another one", dir)
	}
	return nil
}
