package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

//go:embed queries.sql
var queries []byte

//go:embed peer.mjs
var nodePeer []byte

// stage is what all benches share: the log in its forms, and the peers that
// are there.
type stage struct {
	o   options
	dir string
	say func(format string, args ...any)

	binary       string // qslbox
	log, plain   string // as ADIF; the same in a form that every reader can read
	rows         string // as rows for SQL, parsed already
	data, key    string // qslbox's, with the log imported, and what opens it
	queries      string // file with the SQL
	node         string // peer.mjs beside node_modules; empty: no Node
	nodeSQLite   bool
	nodeParser   bool
	adifmt       string            // adif-multitool; empty: not there
	goParsers    map[string]string // name -> program
	nodeDB, goDB string            // filled databases
}

// prepare builds the program, makes the log and finds the peers.
func (s *stage) prepare(ctx context.Context) error {
	s.say("building qslbox ...")
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "qslbox").Output()
	if err != nil {
		return fmt.Errorf("go list -m qslbox (run it in demo/versus): %w", err)
	}
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-o", s.binary, ".")
	build.Dir = strings.TrimSpace(string(root))
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	if err := os.WriteFile(s.queries, queries, 0o600); err != nil {
		return err
	}
	s.say("making a log of %d QSOs ...", s.o.size)
	if _, err := s.self(ctx, "generate", s.log, fmt.Sprint(s.o.size)); err != nil {
		return err
	}
	if _, err := s.command(ctx, s.binary, "--data", s.data, "import", s.log); err != nil {
		return err
	}
	if _, err := s.self(ctx, "plain", s.log, s.plain); err != nil {
		return err
	}
	exported := filepath.Join(s.dir, "log.json")
	if _, err := s.command(ctx, s.binary, "--data", s.data, "export", "--format", "json", "-o", exported); err != nil {
		return err
	}
	if _, err := s.self(ctx, "rows", exported, s.rows); err != nil {
		return err
	}
	if err := s.findNode(ctx); err != nil {
		return err
	}
	s.findParsers(ctx)
	s.nodeDB, s.goDB = filepath.Join(s.dir, "node.db"), filepath.Join(s.dir, "go.db")
	if s.nodeSQLite {
		if _, err := s.command(ctx, "node", s.node, "insert", s.rows, s.nodeDB, s.queries); err != nil {
			return err
		}
	}
	made, err := exec.CommandContext(ctx, s.binary, "--data", s.data, "key", "add", "--name", "versus", "--scope", "read", "--json").Output()
	if err != nil {
		return fmt.Errorf("key add: %w", err)
	}
	var key struct{ Key string }
	if err := json.Unmarshal(made, &key); err != nil {
		return err
	}
	s.key = key.Key
	if _, err = s.self(ctx, "sqlite-insert", s.rows, s.goDB, s.queries); err != nil {
		return err
	}
	_, err = s.startOurs(ctx) // a first start ends cleanly, with its snapshots stored
	return err
}

// findNode installs the npm peers into a temporary folder, or takes those that
// are there. A machine without Node or npm, or without a compiler, is no error.
func (s *stage) findNode(ctx context.Context) error {
	if _, err := exec.LookPath("node"); err != nil {
		s.say("left out: Node.js is not here, so no better-sqlite3 and no adif-parser-ts")
		return nil
	}
	folder := s.o.node
	if folder == "" {
		if _, err := exec.LookPath("npm"); err != nil {
			s.say("left out: npm is not here, so no better-sqlite3 and no adif-parser-ts")
			return nil
		}
		folder = filepath.Join(s.dir, "node")
		s.say("installing better-sqlite3 and adif-parser-ts ...")
		if err := os.Mkdir(folder, 0o700); err != nil {
			return err
		}
		for _, pkg := range []string{"better-sqlite3@12", "adif-parser-ts@0.7.7"} {
			npm := exec.CommandContext(ctx, "npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", folder, pkg)
			if out, err := npm.CombinedOutput(); err != nil {
				s.say("left out: npm cannot install %s: %v\n%s", pkg, err, bytes.TrimSpace(out[max(0, len(out)-600):]))
			}
		}
		s.compile(ctx, folder)
	}
	copied := filepath.Join(s.dir, "node_modules")
	if err := os.Symlink(absolute(filepath.Join(folder, "node_modules")), copied); err != nil {
		return err
	}
	s.node = filepath.Join(s.dir, "peer.mjs")
	if err := os.WriteFile(s.node, nodePeer, 0o600); err != nil {
		return err
	}
	s.nodeSQLite, s.nodeParser = s.nodeHas(ctx, "better-sqlite3"), s.nodeHas(ctx, "adif-parser-ts")
	return nil
}

// compile builds better-sqlite3 where npm has not: newer versions of npm run no
// script of a package unasked. It takes some minutes.
func (s *stage) compile(ctx context.Context, folder string) {
	if built, _ := filepath.Glob(filepath.Join(folder, "node_modules/better-sqlite3/build/Release/better_sqlite3.node")); len(built) > 0 {
		return
	}
	s.say("compiling better-sqlite3 ...")
	args := []string{"rebuild", "--foreground-scripts", "--prefix", folder, "better-sqlite3"}
	if exists("/usr/include/node/node.h") {
		args = append(args, "--nodedir=/usr")
	}
	_ = exec.CommandContext(ctx, "npm", args...).Run() // nodeHas says what is missing
}

// nodeHas reports whether Node can load a package, and says so if it cannot.
func (s *stage) nodeHas(ctx context.Context, pkg string) bool {
	script := `const m = await import(process.argv[1]); if (process.argv[1] === "better-sqlite3") new m.default(":memory:").close();`
	cmd := exec.CommandContext(ctx, "node", "--input-type=module", "-e", script, pkg)
	cmd.Dir = s.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		s.say("left out: %s does not load: %s", pkg, lines[min(4, len(lines)-1)])
		return false
	}
	return true
}

func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}

// machine says what was measured on, and how busy it was.
func machine() string {
	load, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(load), " ")
	if first == "" {
		first = "unknown"
	}
	return fmt.Sprintf("%s/%s, %d processors, %s, load %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), first)
}
