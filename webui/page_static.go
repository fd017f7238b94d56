package webui

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"

	"github.com/julienschmidt/httprouter"
	"sync"
)

//go:embed static
var staticFiles embed.FS

// assets are the static files. Their addresses hold a hash of all of them, so
// that browsers may keep them for ever, and modules import each other by their
// plain names.
type assets struct {
	version string
	files   map[string]asset
}

type asset struct {
	kind   []string
	plain  []byte
	packed func() []byte // nil if that is no shorter
}

func loadAssets(p *packer) (*assets, error) {
	a := &assets{files: map[string]asset{}}
	entries, err := fs.ReadDir(staticFiles, "static")
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	for _, e := range entries {
		data, err := staticFiles.ReadFile("static/" + e.Name())
		if err != nil {
			return nil, err
		}
		kind := kindOf(e.Name())
		if kind == "" {
			return nil, fmt.Errorf("webui: what kind of file is static/%s?", e.Name())
		}
		fmt.Fprintf(sum, "%s %d\n%s", e.Name(), len(data), data)
		a.files[e.Name()] = asset{kind: []string{kind}, plain: data, packed: sync.OnceValue(func() []byte {
			if packed := p.pack(data); len(packed) < len(data) {
				return packed
			}
			return nil
		})}
	}
	a.version = hex.EncodeToString(sum.Sum(nil))[:12]
	return a, nil
}

// kindOf returns the content type of a file name; not by the machine's own
// tables, which differ.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".webmanifest":
		return "application/manifest+json"
	}
	return mime.TypeByExtension(path.Ext(name))
}

// getWorker answers GET /sw.js: the service worker, at an address above all
// pages, which are its scope. Browsers look for a newer one themselves.
func getWorker(c *call) error {
	c.params = httprouter.Params{{Key: "name", Value: "sw.js"}}
	return getStatic(c)
}

// getStatic answers GET /static/{version}/{name}. A page of another version of
// the program still gets today's file, but does not keep it.
func getStatic(c *call) error {
	file, ok := c.pages.assets.files[c.params.ByName("name")]
	if !ok {
		return errNoRoute
	}
	h := c.w.Header()
	h["Content-Type"] = file.kind
	h["Cache-Control"] = headerNoStore
	if c.params.ByName("version") == c.pages.assets.version {
		h["Cache-Control"] = headerForEver
	}
	h["Vary"] = headerVary
	data := file.plain
	if c.takesGzip() {
		if packed := file.packed(); packed != nil {
			h["Content-Encoding"] = headerGzip
			data = packed
		}
	}
	h["Content-Length"] = []string{strconv.Itoa(len(data))}
	c.w.WriteHeader(http.StatusOK)
	if c.r.Method != http.MethodHead {
		_, _ = c.w.Write(data) // nobody is left to tell of an error
	}
	return nil
}

var headerForEver = []string{"public, max-age=31536000, immutable"}
