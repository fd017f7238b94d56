// Command versus shows what qslbox costs beside what people would use instead,
// on the same made-up log and in the same run: the predecessor's design (SQLite
// asked by SQL, on Node and through a Go driver) and other readers of ADIF.
//
//	go run .                 what `make versus` does
//	go run . -n 1000000      a larger log
//	go run . -peers DIR      checkouts of Go libraries, where the module proxy has none
//
// A peer that cannot be had here is left out, and a line says so. Every figure
// is the median of the rounds, every ratio the median of the rounds' ratios. It
// is a module of its own, so that nobody who builds qslbox needs the peers.
// Start reading at run, then bench.go (what is run) and report.go (the table).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// options are what can be said on the command line.
type options struct {
	size, rounds int
	only         string // names of benches, separated by commas; empty: all
	node, peers  string // where npm's packages and checkouts lie already
	adifmt       string
}

func main() {
	if len(os.Args) > 2 && os.Args[1] == "worker" {
		if err := worker(os.Args[2], os.Args[3:]); err != nil {
			fmt.Fprintln(os.Stderr, "versus:", err)
			os.Exit(1)
		}
		return
	}
	var o options
	flag.IntVar(&o.size, "n", 100_000, "number of QSOs in the log")
	flag.IntVar(&o.rounds, "rounds", 5, "how often everything is measured")
	flag.StringVar(&o.only, "only", "", "only these: fold,import,parse,start")
	flag.StringVar(&o.node, "node", "", "folder with node_modules; else npm installs into a temporary one")
	flag.StringVar(&o.peers, "peers", "", "folder with checkouts named owner+name of Go libraries")
	flag.StringVar(&o.adifmt, "adifmt", "adifmt", "the program of adif-multitool")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "versus:", err)
		os.Exit(1)
	}
}

// run measures everything and prints the table. What it makes lies in a
// temporary directory, which it removes.
func run(ctx context.Context, o options, stdout, stderr io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "qslbox-versus-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	say := func(format string, args ...any) { fmt.Fprintf(stderr, format+"\n", args...) }
	s := &stage{dir: dir, o: o, say: say, binary: filepath.Join(dir, "qslbox"), log: filepath.Join(dir, "log.adi"),
		plain: filepath.Join(dir, "plain.adi"), rows: filepath.Join(dir, "rows.tsv"), data: filepath.Join(dir, "data"), queries: filepath.Join(dir, "queries.sql")}
	if err := s.prepare(ctx); err != nil {
		return err
	}
	began := time.Now()
	rounds, err := s.measure(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "\n%d QSOs, %d rounds in %s, %s\n\n", o.size, o.rounds, time.Since(began).Round(time.Second), machine())
	return report(stdout, rounds)
}
