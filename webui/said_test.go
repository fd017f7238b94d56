package webui_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"qslbox/webui/words"
)

// speakers are the packages whose sentences reach pages.
var speakers = []string{"../qso", "../qso/intake", "../qso/columns", "../syncers", "../syncers/lotw", "../syncers/dcl", "../stats/awards", "../monitor", "access", ".", ".."}

// sayers are the functions that take a sentence, with the argument that it is.
var sayers = map[string]int{
	"reject": 2, "invalid": 0, "missing": 0, "badFilter": 0, "Warn": 1, "truncated": 0, "degraded": 0, "fail": 1,
}

// unsaid are sentences that no page shows, since they answer programs, and
// those whose place stands for nothing or for words that are in the list.
var unsaid = []string{
	"rev: {0} is not a revision", "If-Match: {0} is not a revision such as \"3\"", "send the body as application/json", "the body holds more than one JSON value",
	"the body is no complete JSON text", "the body is no JSON text: {0} at byte {1}", "{0} must not be a JSON {1}", "the body: {0}",
	"an award has qsos, unconfirmed, timeline and table.csv, not {0}", "there is no operation {0}; there are: {1}", "over: {0} is no duration such as 100ms or 2s",
	"adif: {0}: {1}", "not a QSO in JSON", "faulty award definition", "a fault in the program; its log says more", "answered with a status of 500 or above",
	"DCL answered that it cannot do it at the moment.{0} The sync is tried again by itself.",
	"DCL refused the key{0}: it is unknown, has run out or was revoked. Make a new one at dcl.darc.de and enter it under Settings.",
	"extra is no object of texts", "{0} is neither text nor number",
}

// TestSentencesAreSaid finds the sentences that the program's sources make for
// people, and wants each of them in German.
func TestSentencesAreSaid(t *testing.T) {
	found := 0
	german := words.For(words.German)
	for _, dir := range speakers {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", dir, len(files), err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			for at, text := range sentencesOf(t, name, dir == "..") {
				if slices.Contains(unsaid, text) {
					continue
				}
				found++
				sample := place.ReplaceAllStringFunc(text, func(p string) string { return "1" + p[1:2] })
				if german.Say(sample) == sample {
					t.Errorf("%s: no German for %q", at, text)
				}
			}
		}
	}
	if found < 150 {
		t.Errorf("only %d sentences were found in the sources", found)
	}
}

var (
	place = regexp.MustCompile(`\{\d\}`)
	verb  = regexp.MustCompile(`%[-+#0-9.]*[a-z]`)
)

// sentencesOf returns the sentences of a file by their place in it. Of package
// main only what health says.
func sentencesOf(t *testing.T, name string, onlyHealth bool) map[string]string {
	t.Helper()
	fset, out := token.NewFileSet(), map[string]string{}
	file, err := parser.ParseFile(fset, name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	note := func(e ast.Expr) {
		n := 0
		text := template(e, &n)
		text = verb.ReplaceAllStringFunc(text, func(string) string { n++; return "{" + strconv.Itoa(n-1) + "}" })
		if strings.Contains(place.ReplaceAllString(text, ""), " ") && strings.ContainsAny(place.ReplaceAllString(text, ""), "abcdefghijklmnopqrstuvwxyz") {
			out[fset.Position(e.Pos()).String()] = text
		}
	}
	ast.Inspect(file, func(node ast.Node) bool {
		switch e := node.(type) {
		case *ast.KeyValueExpr:
			if key, ok := e.Key.(*ast.Ident); ok && slices.Contains([]string{"Message", "message", "Paused"}, key.Name) {
				note(e.Value)
			}
		case *ast.AssignStmt:
			if target, ok := e.Lhs[0].(*ast.SelectorExpr); ok && target.Sel.Name == "Message" && len(e.Rhs) == 1 {
				note(e.Rhs[0])
			}
		case *ast.CallExpr:
			if text, is := detail(e); is && !onlyHealth {
				note(text)
			}
			if at, ok := sayers[called(e)]; ok && len(e.Args) > at && (!onlyHealth || called(e) == "degraded") {
				note(e.Args[at])
			}
		case *ast.ValueSpec:
			for i, value := range e.Values {
				if call, ok := value.(*ast.CallExpr); ok && called(call) == "New" && (ast.IsExported(e.Names[i].Name) || name == "errors.go") && !onlyHealth {
					note(call.Args[0])
				}
			}
		}
		return true
	})
	return out
}

// detail returns what an error says behind a sentinel.
func detail(e *ast.CallExpr) (ast.Expr, bool) {
	if called(e) != "Errorf" {
		return nil, false
	}
	format, ok := e.Args[0].(*ast.BasicLit)
	if !ok || !strings.HasPrefix(format.Value, `"%w: `) {
		return nil, false
	}
	return &ast.BasicLit{ValuePos: format.ValuePos, Value: `"` + format.Value[len(`"%w: `):]}, true
}

// called returns the name of the function that is called.
func called(e *ast.CallExpr) string {
	switch f := e.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// template returns the text of an expression, with places for what is no text.
func template(e ast.Expr, n *int) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value)
		return text
	case *ast.BinaryExpr:
		return template(e.X, n) + template(e.Y, n)
	case *ast.CallExpr:
		if called(e) == "Sprintf" {
			return template(e.Args[0], n)
		}
	}
	*n++
	return "{" + strconv.Itoa(*n-1) + "}"
}
