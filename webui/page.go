package webui

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"qslbox/qso"
	"qslbox/webui/access"
	"qslbox/webui/words"
)

//go:embed templates/*.html
var templateFiles embed.FS

// pages holds the templates by name, ready to run, and the static files.
type pages struct {
	templates map[string]func() (*template.Template, error) // see loadPages
	assets    *assets
	decoded   decodedSnapshots
	shared    sharedPages
	buffers   sync.Pool
	packer
}

// loadPages lists the templates. Each is parsed when it is first asked for,
// with the layout around it: all at once would be half of the start.
func loadPages(*Server) (*pages, error) {
	p := &pages{templates: map[string]func() (*template.Template, error){}}
	p.buffers.New = func() any { return new(bytes.Buffer) }
	var err error
	if p.assets, err = loadAssets(&p.packer); err != nil {
		return nil, err
	}
	base := sync.OnceValues(func() (*template.Template, error) {
		return template.New("layout.html").ParseFS(templateFiles, "templates/layout.html", "templates/parts.html")
	})
	files, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".html")
		if name == "layout" || name == "parts" {
			continue
		}
		p.templates[name] = sync.OnceValues(func() (*template.Template, error) {
			layout, err := base()
			if err != nil {
				return nil, err
			}
			page, err := layout.Clone()
			if err != nil {
				return nil, err
			}
			return page.ParseFS(templateFiles, file)
		})
	}
	return p, nil
}

// view is what a template sees: the page's own data, and all that pages share.
// Its methods write texts, numbers and links.
type view struct {
	Lang  string
	Page  string // name of the template
	Title string
	User  string // who is signed in; empty: nobody
	Book  string // name of the logbook; empty: the page is about none
	Books []logbookJSON
	Can   rights
	Notes []string // facts to tell first, such as "saved"
	Data  any

	c    *call
	p    *words.Printer
	help [2]string // of What: what stands before the topic, and behind it
}

// rights says what the reader may do, for what is offered.
type rights struct{ Read, Write, Metrics, Admin, Whole bool }

// titled is page data that has a title of its own.
type titled interface{ title(p *words.Printer) string }

// noted are the values of ?done= that pages turn into a sentence.
var noted = []string{"saved", "deleted", "restored", "added", "started", "resolved", "removed", "tested", "revoked", "cache", "again"}

// newView puts together what pages share.
func (c *call) newView(name string, data any) *view {
	v := &view{Lang: string(c.words().Language), Page: name, Book: c.name, Data: data, c: c, p: c.words()}
	v.Title = v.p.Text("title." + name)
	if t, ok := data.(titled); ok {
		v.Title = t.title(v.p)
	}
	if c.id.Kind == access.BySession {
		v.User = c.id.Name
	}
	book := c.name
	if book == "" && c.id.SignedIn() {
		book = c.linkedLogbook()
		v.Book = book
	}
	v.Can = rights{
		c.id.May(access.Read, book), c.id.May(access.Write, book), c.id.May(access.Metrics, ""),
		c.id.May(access.Admin, book), c.id.May(access.Admin, "") && c.id.Kind != access.ByKey,
	}
	if c.id.SignedIn() {
		v.Books = c.logbooks()
	}
	done := c.query.Get("done")
	for _, word := range noted {
		if word == done {
			v.Notes = append(v.Notes, v.p.Text("done."+word))
		}
	}
	return v
}

// linkedLogbook returns the logbook that the links of a page about none lead
// to: the one that was asked for, if it can be read, else the reader's own.
func (c *call) linkedLogbook() string {
	name := c.chosenLogbook()
	if _, err := c.Books.Logbook(name); err != nil || !c.id.May(access.Read, name) {
		return c.id.Logbook()
	}
	return name
}

// render answers with a page. It is written as a whole, so that an error in a
// template never leaves half a page.
func (c *call) render(name string, data any) error {
	return c.renderStatus(http.StatusOK, name, data)
}

func (c *call) renderStatus(status int, name string, data any) error {
	parsed, ok := c.pages.templates[name]
	if !ok {
		return fmt.Errorf("webui: there is no template %s", name)
	}
	t, err := parsed()
	if err != nil {
		return fmt.Errorf("webui: page %s: %w", name, err)
	}
	b := c.pages.buffers.Get().(*bytes.Buffer)
	defer c.pages.buffers.Put(b)
	b.Reset()
	if err := t.ExecuteTemplate(b, "layout.html", c.newView(name, data)); err != nil {
		return fmt.Errorf("webui: page %s: %w", name, err)
	}
	body := b.Bytes()
	if c.takeBody(status, body) {
		return nil
	}
	if c.packs(body) {
		body = c.pages.pack(body)
	}
	c.sendPage(status, body)
	return nil
}

// packs reports whether a page is sent in gzip form, and says so in the header.
func (c *call) packs(body []byte) bool {
	if len(body) < packMin || c.local && len(body) < packMinHere || !c.acceptsGzip() {
		return false
	}
	c.w.Header()["Content-Encoding"] = headerGzip
	return true
}

// sendPage sends a page, packed or not.
func (c *call) sendPage(status int, body []byte) {
	h := c.w.Header()
	h["Content-Type"] = headerHTML
	h["Cache-Control"] = headerNoStore
	h["Vary"] = []string{"Accept-Encoding, Accept-Language, Cookie"}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	c.w.WriteHeader(status)
	if c.r.Method != http.MethodHead {
		_, _ = c.w.Write(body) // nobody is left to tell of an error
	}
}

var headerHTML = []string{"text/html; charset=utf-8"}

// problemPage says what went wrong and where to go on.
type problemPage struct {
	Status        int
	Code, Message string
}

// Lost reports whether the address is that of nothing: the log may be searched
// instead.
func (d problemPage) Lost() bool { return d.Status == http.StatusNotFound }

func (d problemPage) title(p *words.Printer) string {
	if key := "error." + d.Code; p.Has(key) {
		return p.Text(key)
	}
	return p.Text("error.other")
}

// errorPage answers a page that cannot be shown.
func (c *call) errorPage(status int, code, message string) {
	if c.book == nil {
		c.name = ""
	}
	if err := c.renderStatus(status, "error", problemPage{status, code, message}); err != nil {
		c.Log.Error("the page of an error cannot be shown", "error", err)
		http.Error(c.w, message, status)
	}
}

// T returns a text of the catalogue.
func (v *view) T(key string, args ...any) string { return v.p.Text(key, args...) }

// Say returns a sentence of the program in the page's language.
func (v *view) Say(sentence any) string { return v.p.Say(fmt.Sprint(sentence)) }

// Has reports whether the catalogue has a text.
func (v *view) Has(key string) bool { return v.p.Has(key) }

// C returns the text for n counted things.
func (v *view) C(key string, n int, more ...any) string { return v.p.Count(key, n, more...) }

// N writes a whole number.
func (v *view) N(n any) string {
	switch n := n.(type) {
	case int:
		return v.p.Number(n)
	case int64:
		return v.p.Number(int(n))
	case uint64:
		return v.p.Number(int(n))
	case uint32:
		return v.p.Number(int(n))
	}
	return fmt.Sprint(n)
}

// Percent writes part of whole.
func (v *view) Percent(part, whole int) string { return v.p.Percent(part, whole) }

// Size writes a number of bytes.
func (v *view) Size(n int64) string { return v.p.Bytes(n) }

// Took writes a measured duration.
func (v *view) Took(d time.Duration) string { return v.p.Millis(d) }

// Stamp writes an instant in UTC.
func (v *view) Stamp(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return v.p.Stamp(t, v.c.time())
}

// When is Stamp for what ran on a schedule: the page's script adds the time on
// the reader's clock.
func (v *view) When(t time.Time) template.HTML {
	if t.IsZero() {
		return template.HTML(v.Stamp(t))
	}
	return template.HTML(`<time datetime="` + t.UTC().Format(time.RFC3339) + `" data-local="no">` + template.HTMLEscapeString(v.Stamp(t)) + "</time>")
}

// StampOf writes an instant in UTC from its RFC 3339 text.
func (v *view) StampOf(text string) string {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return v.Stamp(t)
}

// Ago says how long ago an instant was.
func (v *view) Ago(t time.Time) string { return v.p.Ago(t, v.c.time()) }

// In says how long it is until an instant.
func (v *view) In(t time.Time) string { return v.p.In(t, v.c.time()) }

// Day writes a QSO's day, "" if not given.
func (v *view) Day(t qso.Time) string {
	if !t.Given() {
		return ""
	}
	return v.p.Date(t.Std())
}

// DayOf writes a day for people, from its text 2025-03-14.
func (v *view) DayOf(text string) string {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return text
	}
	return v.p.Date(t)
}

// Written writes the value of a field as the reader's language has it.
func (v *view) Written(name, value string) string {
	switch name {
	case "freq", "freq_rx":
		return v.p.Decimals(value)
	case "qso_date":
		return v.DayOf(value)
	}
	return value
}

// AsOf says how fresh a snapshot is, from its RFC 3339 text.
func (v *view) AsOf(text string) string {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return ""
	}
	return v.p.AsOf(t, v.c.time())
}

// URL returns the address of a path of ours; pairs are names and values of the
// query, of which empty ones are left out.
func (v *view) URL(path string, pairs ...any) string {
	query := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if value := fmt.Sprint(pairs[i+1]); value != "" {
			query.Set(fmt.Sprint(pairs[i]), value)
		}
	}
	return v.c.url(path, query)
}

// Static returns the address of a static file.
func (v *view) Static(name string) string {
	return v.c.BasePath + "/static/" + v.c.pages.assets.version + "/" + name
}

// Here returns the present address with one parameter of the query changed, or
// taken out if the value is empty; the place in a list is left out.
func (v *view) Here(name, value string) string {
	query := url.Values{}
	for k, list := range v.c.query {
		if k != name && k != "after" && k != "done" && k != "logbook" {
			query[k] = list
		}
	}
	if value != "" {
		query.Set(name, value)
	}
	return v.c.url(v.c.r.URL.Path, query)
}

// Languages lists the languages there are.
func (v *view) Languages() []words.Language { return words.Languages() }

// Query returns a parameter of the request's query.
func (v *view) Query(name string) string { return v.c.query.Get(name) }

// Version returns the program's version.
func (v *view) Version() string { return v.c.Server.Version }

// Part hands a part of a page its data beside the view: {{template "bars"
// ($.Part .Data.ByBand)}}.
func (v *view) Part(data any) part { return part{v, data} }

// part is the view with other data.
type part struct {
	*view
	It any
}
