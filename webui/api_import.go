package webui

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"qslbox/qso"
	"qslbox/qso/intake"
	"qslbox/syncers"
)

// postImport answers POST /api/import: an ADIF file as the body, of any content
// type, or as the part "file" of a multipart form. The answer is the account of
// every record.
func postImport(c *call) error {
	account, err := c.importBody()
	if err != nil {
		return err
	}
	return c.writeJSON(http.StatusOK, account)
}

// maxDrained is how much of a file is read on for nothing after its import
// stopped.
const maxDrained = 1 << 30

// importBody imports the request's body. What it is to do stands in the query,
// or in the form's parts before the file: own (call of records that name none),
// dry_run, overwrite, name (of the file). Every rejected record is kept for a
// while, as ADIF: see Account.RejectsLink.
func (c *call) importBody() (*intake.Account, error) {
	params := map[string]string{}
	for _, name := range []string{"own", "dry_run", "overwrite", "name"} {
		params[name] = c.query.Get(name)
	}
	body, err := c.importReader(params)
	if err != nil {
		return nil, err
	}
	settings := c.book.Settings()
	opt := intake.Options{
		Config: intake.Config{Now: c.Now, DefaultOwn: settings.DefaultOwn, Resolver: c.Table},
		Merge: intake.MergeOptions{
			Rule: qso.MergeRule{Overwrite: isYes(params["overwrite"])}, By: "import", DryRun: isYes(params["dry_run"]),
		},
	}
	if own := strings.TrimSpace(params["own"]); own != "" {
		if opt.Own, err = qso.ParseCall(own); err != nil {
			return nil, invalid("own: %q is not a call sign", own)
		}
	}
	rejects := &rejectFile{dir: c.SpoolDir}
	opt.Rejects = rejects
	account, err := syncers.File(c.ctx(), body, opt, c.book)
	if err != nil {
		rejects.drop()
		_, _ = io.Copy(io.Discard, io.LimitReader(c.r.Body, maxDrained)) // a client that is still sending would not hear why
		return nil, &stoppedError{err, account}
	}
	if account.Rejected > 0 && rejects.file != nil {
		account.RejectsLink = "/api/rejects/" + c.rejects.keep(rejects, c.name, c.time())
	}
	if !opt.Merge.DryRun {
		c.audit("import", fmt.Sprintf("%s: %s: %s, %d read, %d added, %d updated, %d rejected",
			c.name, params["name"], account.Outcome, account.Read, account.Added, account.Updated, account.Rejected))
	}
	return &account, nil
}

func isYes(text string) bool {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "1", "y", "yes", "true", "on":
		return true
	}
	return false
}

// importReader returns the file: the body, or the first file of a form, whose
// other parts before it are params.
func (c *call) importReader(params map[string]string) (io.Reader, error) {
	kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		return c.r.Body, nil
	}
	parts, err := c.r.MultipartReader()
	if err != nil {
		return nil, invalid("the form: %v", err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, invalid("the form holds no file; send it as the part %q", "file")
		}
		if err != nil {
			return nil, formError(err)
		}
		if part.FormName() == "file" {
			params["name"] = part.FileName()
			return part, nil
		}
		text, err := io.ReadAll(io.LimitReader(part, 4096))
		if err != nil {
			return nil, formError(err)
		}
		if _, ok := params[part.FormName()]; ok {
			params[part.FormName()] = string(text)
		}
	}
}

func formError(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) || errors.Is(err, context.Canceled) {
		return err
	}
	return invalid("the form is not complete: %v", err)
}

// rejectFile takes the rejected records of one import. The file has no name:
// it is gone when it is closed or the process ends.
type rejectFile struct {
	dir  string
	file *os.File
	size int64
}

// Write appends to the file, which the first write makes.
func (r *rejectFile) Write(b []byte) (int, error) {
	if r.file == nil {
		f, err := os.CreateTemp(r.dir, "rejects-*")
		if err != nil {
			return 0, err
		}
		if err := os.Remove(f.Name()); err != nil {
			_ = f.Close()
			return 0, err
		}
		r.file = f
	}
	n, err := r.file.Write(b)
	r.size += int64(n)
	return n, err
}

func (r *rejectFile) drop() {
	if r.file != nil {
		_ = r.file.Close()
	}
}

// How many rejectFiles are kept, and for how long.
const (
	maxRejectFiles = 16
	keepRejects    = 24 * time.Hour
)

// rejectFiles keeps the rejected records of the last imports for a while.
type rejectFiles struct {
	mu   sync.Mutex
	list []keptRejects // oldest first
}

type keptRejects struct {
	id, logbook string
	at          time.Time
	file        *rejectFile
	readers     *sync.WaitGroup
}

// keep takes a file and returns the id under which it can be read.
func (r *rejectFiles) keep(file *rejectFile, logbook string, now time.Time) string {
	id := strings.ToLower(rand.Text())
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.list) > 0 && (len(r.list) >= maxRejectFiles || now.Sub(r.list[0].at) > keepRejects) {
		old := r.list[0]
		r.list = r.list[1:]
		go func() {
			old.readers.Wait()
			old.file.drop()
		}()
	}
	r.list = append(r.list, keptRejects{id, logbook, now, file, &sync.WaitGroup{}})
	return id
}

// open returns a file for reading; done has to be called after it.
func (r *rejectFiles) open(id string) (k keptRejects, done func(), ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range r.list {
		if k.id == id {
			k.readers.Add(1)
			return k, k.readers.Done, true
		}
	}
	return keptRejects{}, nil, false
}

// getRejects answers GET /api/rejects/{id}: every record that an import
// rejected, as ADIF. Whoever may read the logbook may read it.
func getRejects(c *call) error {
	k, done, ok := c.rejects.open(c.params.ByName("id"))
	if ok {
		defer done()
	}
	if !ok || !c.mayRead(k.logbook) {
		return missing("these rejected records are no longer kept; import the file again")
	}
	c.download("text/plain; charset=utf-8", "rejected.adi")
	_, err := io.Copy(c.w, io.NewSectionReader(k.file.file, 0, k.file.size))
	return err
}
