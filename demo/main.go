// Command demo shows qslbox with a made-up log: it builds the program, gives it
// temporary data and a log of twelve thousand QSOs that ends today, starts a
// fake LoTW and a fake DCL beside it, and prints a link that signs in. Each sync
// brings new confirmations. Ctrl-C stops everything and leaves nothing behind.
//
//	go run ./demo          what `make run` does
//	go run ./demo -n 500   a smaller log
//	go run ./demo -v       with the log lines of the service
//	go run ./demo load     many readers while QSOs arrive and a sync runs
//	go run ./demo scale    what things cost, from a small log to a large one
//
// It runs the built program as anybody would, through its command line, and
// imports only test helpers. Start reading at run, then service.go (the
// program) and fakes.go (LoTW and DCL); load.go and scale.go measure it.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"qslbox/qso/qsotest"
)

// options are what can be said on the command line.
type options struct {
	size    int
	port    int
	verbose bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	ctx, cancel := withParent(ctx)
	defer cancel()
	err := command(ctx, os.Args[1:])
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// command is what the arguments ask for.
func command(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == "load" {
		return load(ctx, args[1:], os.Stdout, os.Stderr)
	}
	if len(args) > 0 && args[0] == "scale" {
		return scale(ctx, args[1:], os.Stdout, os.Stderr)
	}
	var o options
	flag.IntVar(&o.size, "n", 12_000, "number of QSOs in the log")
	flag.IntVar(&o.port, "port", 3001, "port to listen on; the next free one if it is taken")
	flag.BoolVar(&o.verbose, "v", false, "show the log lines of the service")
	flag.Parse()
	return run(ctx, o, os.Stdout, os.Stderr)
}

// run shows the program until ctx ends. What it makes lies in a temporary
// directory, which it removes.
func run(ctx context.Context, o options, stdout, stderr io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "qslbox-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	fmt.Fprintln(stderr, "building qslbox ...")
	p := program{dir: dir, binary: filepath.Join(dir, "qslbox"), log: io.Discard}
	if o.verbose {
		p.log = stderr
	}
	if err := p.build(ctx); err != nil {
		return err
	}
	log := qsotest.Options{N: o.size, Seed: 1, End: time.Now()}
	f, err := startFakes(log)
	if err != nil {
		return err
	}
	defer f.close()
	p.env = f.environment()

	fmt.Fprintf(stderr, "making a log of %d QSOs ...\n", o.size)
	user, err := p.fill(ctx, log, f)
	if err != nil {
		return err
	}
	addr, err := freeAddress(o.port, stderr)
	if err != nil {
		return err
	}
	ended, err := p.serve(ctx, addr)
	if err != nil {
		return err
	}
	url := "http://" + addr + "/"
	if err := p.waitReady(ctx, url+"api/health", ended); err != nil {
		return err
	}
	link, err := p.command(ctx, "user", "link", user.name)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "qslbox is at %s  (signs you in, once; later: user %s, password %s; Ctrl-C stops it and removes its data)\n", link, user.name, user.password)
	return <-ended
}

// login is a user of the demo.
type login struct{ name, password string }

// fill imports the log, sets the accounts of the fakes and adds a user.
func (p *program) fill(ctx context.Context, log qsotest.Options, f *fakes) (login, error) {
	user := login{"demo", rand.Text()[:12]}
	sample := filepath.Join(p.dir, "sample.adi")
	log.KnownUntil = log.End.AddDate(0, 0, -knownDaysAgo)
	out, err := os.Create(sample)
	if err != nil {
		return user, err
	}
	if err := errors.Join(qsotest.Write(out, log), out.Close()); err != nil {
		return user, err
	}
	var secrets []string
	for _, secret := range []string{f.password, f.key, user.password} {
		name := filepath.Join(p.dir, fmt.Sprintf("secret%d", len(secrets)))
		if err := os.WriteFile(name, []byte(secret+"\n"), 0o600); err != nil {
			return user, err
		}
		secrets = append(secrets, name)
	}
	for _, args := range [][]string{
		{"import", sample},
		{"account", "set", "lotw", "--login", lotwLogin, "--password-file", secrets[0]},
		{"account", "set", "dcl", "--key-file", secrets[1]},
		{"user", "add", user.name, "--role", "admin", "--password-file", secrets[2]},
	} {
		if _, err := p.command(ctx, args...); err != nil {
			return user, err
		}
	}
	return user, nil
}
