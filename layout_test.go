package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Lengths that keep a file and a function readable in one go.
const (
	maxFileLines     = 400
	maxFunctionLines = 60
)

// floors is the house of ARCHITECTURE.md: a package imports only packages on
// lower floors.
var floors = map[string]int{
	"qso": 0, "monitor": 0, "systemd": 0, "webui/words": 0, "webui/chart": 0,
	"qso/adif": 1, "qso/dxcc": 1, "qso/columns": 1,
	"stats/awards": 2, "qso/intake": 2, "webui/access": 2,
	"stats": 3, "syncers": 3,
	"store": 4, "syncers/lotw": 4, "syncers/dcl": 4, "webui": 4,
	".": 5, "demo": 5,
}

// helpers are imported by tests and by the demo only.
var helpers = []string{"qso/qsotest", "syncers/syncerstest", "syncers/lotw/lotwtest", "syncers/dcl/dcltest", "store/storetest"}

// A door says which packages may import a dependency, and why no other may.
type door struct {
	packages  []string
	testsOnly bool
	reason    string
}

var doors = map[string]door{
	"go.etcd.io/bbolt":                    {[]string{"store"}, false, "the file format has one owner"},
	"github.com/julienschmidt/httprouter": {[]string{"webui"}, false, "routes are one table"},
	"github.com/robfig/cron/v3":           {[]string{"syncers"}, false, "schedules are one place"},
	"github.com/alecthomas/kong":          {[]string{"."}, false, "the command line is main's"},
	"github.com/prometheus/client_golang": {[]string{"webui"}, false, "the monitor knows no exposition format"},
	"github.com/coreos/go-systemd/v22":    {[]string{"systemd"}, false, "others must run without systemd"},
	"golang.org/x/crypto":                 {[]string{"webui/access", "store", "."}, false, "passwords are hashed in access, secrets sealed at rest"},
	"golang.org/x/time":                   {[]string{"webui", "webui/access", "syncers", "syncers/lotw", "syncers/dcl"}, false, "rates belong to the edges"},
	"golang.org/x/term":                   {[]string{"."}, false, "only commands talk to a terminal"},
	"golang.org/x/sys":                    {[]string{"store", "systemd", "."}, false, "the operating system is met at the edges"},
	"github.com/google/renameio/v2":       {[]string{"store", "webui", "."}, false, "files outside the database are written by few"},
	"github.com/google/go-cmp":            {nil, true, "it shows differences in tests"},
	"pgregory.net/rapid":                  {nil, true, "it draws cases for tests"},
	"go.uber.org/goleak":                  {nil, true, "it looks for leaks in tests"},
	"github.com/chromedp/chromedp":        {nil, true, "it drives a browser in tests"},
	"github.com/prometheus/client_model":  {[]string{"webui"}, true, "metrics are read back in tests"},
	"github.com/prometheus/common":        {[]string{"webui"}, true, "metrics are read back in tests"},
	"github.com/chromedp/cdproto":         {nil, true, "it drives a browser in tests"},
	"github.com/go-json-experiment/json":  {nil, true, "chromedp's values are read in tests"},
	"google.golang.org/protobuf":          {[]string{"webui"}, true, "metrics are read back in tests"},
}

// A source is one Go file of the module.
type source struct {
	name, dir string // relative, with slashes
	test      bool
	file      *ast.File
	fset      *token.FileSet
	lines     int
}

func TestFloors(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || slices.Contains(helpers, s.dir) {
			continue
		}
		from, ok := floors[s.dir]
		if !ok {
			t.Errorf("%s: package %s has no floor: find its place in ARCHITECTURE.md, then in this table", s.name, s.dir)
			continue
		}
		for _, own := range ownImports(s) {
			if slices.Contains(helpers, own) {
				continue // TestHelpers
			}
			to, ok := floors[own]
			switch {
			case s.dir == "demo":
				t.Errorf("%s imports %s: the demo runs the built program and imports test helpers only", s.name, own)
			case !ok:
				t.Errorf("%s imports %s, which has no floor", s.name, own)
			case to == from:
				t.Errorf("%s imports %s on the same floor %d: let one own a small interface and main join them", s.name, own, to)
			case to > from:
				t.Errorf("%s (floor %d) imports %s (floor %d): imports go down only", s.name, from, own, to)
			}
		}
	}
}

func TestHelpers(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || s.dir == "demo" || slices.Contains(helpers, s.dir) {
			continue
		}
		for _, own := range ownImports(s) {
			if slices.Contains(helpers, own) {
				t.Errorf("%s imports the test helper %s: only tests and the demo may", s.name, own)
			}
		}
	}
}

func TestDoors(t *testing.T) {
	for _, s := range sources(t) {
		for _, imported := range imports(s) {
			if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
				continue
			}
			module := moduleOf(imported)
			d, ok := doors[module]
			helper := slices.Contains(helpers, s.dir)
			switch {
			case !ok:
				t.Errorf("%s imports %s: a new dependency needs a decision record and a door in this table", s.name, imported)
			case d.testsOnly && !s.test && !helper:
				t.Errorf("%s imports %s outside a test: %s", s.name, module, d.reason)
			case !d.testsOnly && !slices.Contains(d.packages, s.dir) && !(s.test && s.dir == "."):
				t.Errorf("%s imports %s, whose door is %v: %s", s.name, module, d.packages, d.reason)
			}
		}
	}
}

// TestDecisions finds each dependency of the program in a decision record.
func TestDecisions(t *testing.T) {
	records, err := filepath.Glob("docs/decisions/*.md")
	if err != nil || len(records) == 0 {
		t.Fatalf("decision records: %v, %d files", err, len(records))
	}
	var all strings.Builder
	for _, r := range records {
		all.WriteString(read(t, r))
	}
	_, direct, _ := strings.Cut(read(t, "go.mod"), "require (")
	direct, _, _ = strings.Cut(direct, ")")
	for line := range strings.Lines(direct) {
		module, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if module == "" || strings.HasSuffix(strings.TrimSpace(line), "// indirect") {
			continue
		}
		if _, ok := doors[module]; !ok {
			t.Errorf("go.mod requires %s, which has no door in this table", module)
		}
		if !strings.Contains(all.String(), module) {
			t.Errorf("go.mod requires %s, which no record in docs/decisions names", module)
		}
	}
}

func TestPackageComments(t *testing.T) {
	documented := map[string]int{}
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		documented[s.dir] += 0
		if doc := s.file.Doc.Text(); strings.HasPrefix(doc, "Package "+s.file.Name.Name+" ") || s.file.Name.Name == "main" && strings.HasPrefix(doc, "Command ") {
			documented[s.dir]++
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(documented)) {
		if n := documented[dir]; n != 1 {
			t.Errorf("package %s has %d package comments, want one that begins with its name", dir, n)
		}
	}
}

func TestClock(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || s.name == "main.go" || s.dir == "demo" || s.name == "monitor/clock.go" {
			continue // monitor/clock.go is a clock that others take
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" && x.Obj == nil && slices.Contains([]string{"Now", "Since", "Until"}, sel.Sel.Name) {
				t.Errorf("%s: time.%s: take now func() time.Time at construction, so that tests own the clock", s.fset.Position(sel.Pos()), sel.Sel.Name)
			}
			return true
		})
	}
}

func TestLengths(t *testing.T) {
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		if s.lines > maxFileLines {
			t.Errorf("%s has %d lines, more than %d: split it by what it does", s.name, s.lines, maxFileLines)
		}
		for _, decl := range s.file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			if n := s.fset.Position(f.End()).Line - s.fset.Position(f.Pos()).Line + 1; n > maxFunctionLines {
				t.Errorf("%s: %s has %d lines, more than %d", s.fset.Position(f.Pos()), f.Name.Name, n, maxFunctionLines)
			}
			if f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: init: a package does nothing until it is called", s.fset.Position(f.Pos()))
			}
		}
	}
}

// Texts that look like a secret, and paths that exist on one machine only.
var (
	credential = regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----\s*[A-Za-z0-9+/]{16}|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bxox[abp]-[0-9]{8,}|(?i)lotwreport\.adi\?\S*password=[a-z0-9]{4,}`)
	machine    = regexp.MustCompile(`(?:^|[\s"'=(:])/(?:root|work|Users|home)/[\w.-]+|\b[A-Z]:\\Users\\`)
)

// TestNothingPrivate reads every text in the tree.
func TestNothingPrivate(t *testing.T) {
	walk(t, func(name string) {
		info, err := os.Lstat(name)
		if err != nil || !info.Mode().IsRegular() || info.Size() > 4<<20 {
			return
		}
		text := read(t, name)
		if strings.ContainsRune(text[:min(len(text), 8000)], 0) {
			return // no text
		}
		for _, look := range []struct {
			what    string
			pattern *regexp.Regexp
			hints   []string // without one of them there is none, found many times faster
		}{
			{"a credential", credential, []string{"PRIVATE KEY", "AKIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "xox", "password=", "PASSWORD=", "Password="}},
			{"a path of one machine", machine, []string{"/root/", "/work/", "/Users/", "/home/", `\Users\`}},
		} {
			if !slices.ContainsFunc(look.hints, func(hint string) bool { return strings.Contains(text, hint) }) {
				continue
			}
			if found := look.pattern.FindString(text); found != "" {
				t.Errorf("%s holds what looks like %s: %q", name, look.what, found)
			}
		}
	})
}

var link = regexp.MustCompile("\\[(`?)([^\\]`]+)`?\\]\\(([^)\\s]+)\\)")

// TestLinks follows the links of the documents: the file is there, and where
// the text of the link is an identifier, the file declares it.
func TestLinks(t *testing.T) {
	walk(t, func(name string) {
		if path.Ext(name) != ".md" {
			return
		}
		for _, m := range link.FindAllStringSubmatch(read(t, name), -1) {
			code, text, target := m[1] != "", m[2], m[3]
			if strings.Contains(target, "://") || strings.HasPrefix(target, "#") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			target, _, _ = strings.Cut(target, "#")
			target = path.Join(path.Dir(name), target)
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: link %q leads nowhere: %v", name, m[0], err)
				continue
			}
			if !code || path.Ext(target) != ".go" {
				continue
			}
			words := regexp.MustCompile(`\w+`).FindAllString(text, -1)
			if last := words[len(words)-1]; last != "go" && !regexp.MustCompile(`\b`+last+`\b`).MatchString(read(t, target)) {
				t.Errorf("%s: link %q: %s does not mention %s", name, m[0], target, last)
			}
		}
	})
}

// TestHouse keeps grab-bags out.
func TestHouse(t *testing.T) {
	for _, s := range sources(t) {
		for part := range strings.SplitSeq(s.dir, "/") {
			if slices.Contains([]string{"internal", "pkg", "util", "utils", "common", "helpers"}, part) {
				t.Errorf("%s: a package is a noun one can explain, not %q", s.name, part)
			}
		}
	}
}

// sources parses every Go file of the module; nested modules are not ours.
func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	walk(t, func(name string) {
		if path.Ext(name) != ".go" {
			return
		}
		text := read(t, name)
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, text, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, source{name, path.Dir(name), strings.HasSuffix(name, "_test.go"), file, fset, strings.Count(text, "\n")})
	})
	return out
}

// walk visits the files of the tree but for what git and tools keep in it,
// test data, and nested modules.
func walk(t *testing.T, visit func(name string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			if err == nil && d.Name() != ".git" { // a file in a second work tree
				visit(filepath.ToSlash(name))
			}
			return err
		}
		if slices.Contains([]string{".git", "bin", "dist", "testdata", "node_modules"}, d.Name()) {
			return filepath.SkipDir
		}
		if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil && name != "." {
			return filepath.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func imports(s source) []string {
	var out []string
	for _, spec := range s.file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err == nil {
			out = append(out, name)
		}
	}
	return out
}

// ownImports returns the imported packages of this module, as directories.
func ownImports(s source) []string {
	var out []string
	for _, name := range imports(s) {
		if dir, ok := strings.CutPrefix(name, "qslbox/"); ok {
			out = append(out, dir)
		}
	}
	return out
}

// moduleOf returns the longest module with a door that holds the package, else
// the package itself.
func moduleOf(pkg string) string {
	best := ""
	for module := range doors {
		if (pkg == module || strings.HasPrefix(pkg, module+"/")) && len(module) > len(best) {
			best = module
		}
	}
	if best == "" {
		return pkg
	}
	return best
}
