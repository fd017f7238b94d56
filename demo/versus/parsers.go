package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// library is a Go reader of ADIF, and how a program reads records with it.
type library struct {
	name, module string
	loop         string // counts in n what it reads from f
}

var libraries = []library{
	{
		name: "farmergreg/adif", module: "github.com/farmergreg/adif/v5",
		loop: `s := adif.NewScanner(f)
	for s.Scan() {
		if !s.IsHeader() {
			n++
		}
	}
	err = s.Err()`,
	},
	{
		name: "Matir/adifparser", module: "github.com/Matir/adifparser",
		loop: `r := adif.NewADIFReader(f)
	for {
		if _, err = r.ReadRecord(); err != nil {
			break
		}
		n++
	}
	if err == io.EOF {
		err = nil
	}`,
	},
}

// countText is a program that reads a file with one of them.
const countText = `package main

import (
	"fmt"
	"io"
	"os"
	"time"

	adif %q
)

func main() {
	f, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	info, _ := f.Stat()
	n, began := 0, time.Now()
	_ = io.EOF
	%s
	if err != nil {
		panic(err)
	}
	fmt.Println("parse_mb_per_s", float64(info.Size())/1e6/time.Since(began).Seconds())
	fmt.Println("count_records", n)
}
`

// findParsers builds a program with each library that can be had, and
// adif-multitool's from its checkout if it is not installed.
func (s *stage) findParsers(ctx context.Context) {
	s.goParsers = map[string]string{}
	for _, l := range libraries {
		program, err := s.buildParser(ctx, l)
		if err != nil {
			s.say("left out: %s: %v", l.name, err)
			continue
		}
		s.goParsers[l.name] = program
	}
	checkout := filepath.Join(s.o.peers, "flwyd+adif-multitool")
	if found, err := exec.LookPath(s.o.adifmt); err == nil {
		s.adifmt = absolute(found)
	} else if _, err := os.Stat(checkout); s.o.peers != "" && err == nil {
		built := filepath.Join(s.dir, "adifmt")
		if err := s.goTool(ctx, checkout, "build", "-o", built, "./adifmt"); err != nil {
			s.say("left out: adif-multitool: %v", err)
			return
		}
		s.adifmt = built
	} else {
		s.say("left out: adif-multitool: no program %s here, and no checkout under -peers", s.o.adifmt)
	}
}

// buildParser builds a program with one library: inside its checkout where
// there is one, without writing into it, else in a module of its own.
func (s *stage) buildParser(ctx context.Context, l library) (string, error) {
	flat := strings.ReplaceAll(l.name, "/", "+")
	dir, program := filepath.Join(s.dir, flat), filepath.Join(s.dir, flat, "parser")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	source := filepath.Join(dir, "main.go")
	if err := os.WriteFile(source, fmt.Appendf(nil, countText, l.module, l.loop), 0o600); err != nil {
		return "", err
	}
	if checkout := absolute(filepath.Join(s.o.peers, flat)); s.o.peers != "" && exists(checkout) {
		overlay := filepath.Join(dir, "overlay.json")
		text := fmt.Sprintf(`{"Replace":{%q:%q}}`, filepath.Join(checkout, "versusparser/main.go"), source)
		if err := os.WriteFile(overlay, []byte(text), 0o600); err != nil {
			return "", err
		}
		return program, s.goTool(ctx, checkout, "build", "-overlay", overlay, "-o", program, "./versusparser")
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module parser\n\ngo 1.26.0\n"), 0o600); err != nil {
		return "", err
	}
	if err := s.goTool(ctx, dir, "mod", "tidy"); err != nil {
		return "", err
	}
	return program, s.goTool(ctx, dir, "build", "-o", program, ".")
}

func (s *stage) goTool(ctx context.Context, dir string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return fmt.Errorf("go %s: %w: %s", args[0], err, lines[len(lines)-1])
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
