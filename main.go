// Command qslbox is a radio amateur's QSL box: it keeps the log, fetches
// confirmations from LoTW and DCL, keeps every statistic and award ready, and
// shows that it is healthy. This package reads the command line, builds the
// appliance and joins its parts; it is the only place that knows them all.
// Start reading at run in this file, then appliance.go and serve.go.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	env := environment{
		environ: os.Environ, getenv: os.Getenv, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, now: time.Now,
	}
	if self, err := os.Executable(); err == nil {
		env.self = self
	}
	err := run(ctx, os.Args[1:], env)
	if err != nil && err.Error() != "" {
		fmt.Fprintln(os.Stderr, "qslbox:", err)
	}
	os.Exit(exitCode(err))
}

// environment is what the process gets from outside; tests bring their own.
type environment struct {
	environ func() []string // all of it; nil: nothing
	getenv  func(string) string
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
	now     func() time.Time
	self    string // this program, to do in a process of its own what may end it; empty: in this one
}

// run reads the command line and carries the command out.
func run(ctx context.Context, args []string, env environment) error {
	var cli commandLine
	if parsed := parseServe(&cli, args, env); parsed != nil {
		s := &session{ctx: ctx, env: env, cli: &cli, parsed: parsed}
		defer s.close()
		return parsed.Run(s)
	}
	exited := -1
	parser, err := newParser(&cli, env, func(code int) { exited = code; panic(helpShown{}) })
	if err != nil {
		return err
	}
	parsed, err := parse(parser, args)
	switch {
	case exited >= 0:
		return nil
	case err != nil:
		return usageError{err}
	}
	s := &session{ctx: ctx, env: env, cli: &cli, parsed: parsed}
	defer s.close()
	return parsed.Run(s)
}

// parseServe reads a command line that starts the service; nil for all others,
// also for those with a mistake: the whole parser knows what to say of them.
func parseServe(cli *commandLine, args []string, env environment) *kong.Context {
	if !slices.Contains(args, "serve") || slices.ContainsFunc(args, func(arg string) bool { return arg == "-h" || strings.HasPrefix(arg, "--help") }) {
		return nil
	}
	var line serveLine
	parser, err := newParser(&line, env, func(int) {})
	if err != nil {
		return nil
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return nil
	}
	cli.common, cli.Serve = line.common, line.Serve
	return parsed
}

// newParser makes the parser of a command line; exit is called after --help.
func newParser(cli any, env environment, exit func(int)) (*kong.Kong, error) {
	return kong.New(cli,
		kong.Name("qslbox"),
		kong.Description("A radio amateur's QSL box: keeps the log, fetches confirmations from LoTW and DCL, counts awards."),
		kong.Writers(env.stdout, env.stderr),
		kong.Exit(exit),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Vars{"version": version()},
	)
}

// helpShown unwinds the parser after --help.
type helpShown struct{}

func parse(parser *kong.Kong, args []string) (parsed *kong.Context, err error) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(helpShown); !ok {
				panic(r)
			}
		}
	}()
	if len(args) == 0 {
		args = []string{"--help"}
	}
	return parser.Parse(args)
}

// Exit codes (DESIGN.md section 8).
const (
	exitOK       = 0
	exitFailed   = 1
	exitUsage    = 2
	exitBusy     = 3
	exitDamaged  = 4
	exitAuth     = 5
	exitUpstream = 6
)

// codedError is an error that decides the exit code.
type codedError struct {
	code int
	err  error
}

func (e codedError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e codedError) Unwrap() error { return e.err }

// usageError is a mistake on the command line.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() + " (see qslbox --help)" }
func (e usageError) Unwrap() error { return e.err }

func exitCode(err error) int {
	var coded codedError
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &coded):
		return coded.code
	}
	return exitFailed
}
