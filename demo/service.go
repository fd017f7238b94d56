package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	portsTried  = 20
	readyWithin = 30 * time.Second
	stopWithin  = 15 * time.Second
)

// program is the built qslbox with its data.
type program struct {
	dir, binary string
	env         []string
	log         io.Writer // what the service says
	cage        *cage     // limits of the service; nil: none
	service     *os.Process
}

// build compiles qslbox.
func (p *program) build(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-o", p.binary, "qslbox")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	return nil
}

// command runs one command of the program to its end; the error, if it fails, holds
// what it said.
func (p *program) command(ctx context.Context, args ...string) (output string, err error) {
	out, err := p.prepare(ctx, args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("qslbox %s: %w\n%s", strings.Join(args[:min(2, len(args))], " "), err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

// serve starts the service; the channel tells once how it ended. It ends by a
// signal when ctx does, and by force if it does not listen.
func (p *program) serve(ctx context.Context, addr string) (<-chan error, error) {
	var tail bytes.Buffer
	cmd := p.prepare(ctx, "serve", "--listen", addr)
	cmd.Stdout = io.MultiWriter(p.log, &tail)
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p.service = cmd.Process
	if err := p.cage.take(cmd.Process.Pid); err != nil {
		return nil, errors.Join(err, cmd.Process.Kill(), cmd.Wait())
	}
	ended := make(chan error, 1)
	go func() {
		err := cmd.Wait()
		if ctx.Err() != nil {
			ended <- nil
			return
		}
		text := tail.Bytes()
		ended <- fmt.Errorf("the service ended by itself: %w\n%s", errors.Join(err), text[max(0, len(text)-4000):])
	}()
	return ended, nil
}

// prepare sets a command up so that it gets our environment and signals, but
// not the terminal's.
func (p *program) prepare(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.binary, args...)
	cmd.Env = append(withoutOurs(os.Environ()), p.env...)
	cmd.Env = append(cmd.Env, "QSLBOX_DATA="+filepath.Join(p.dir, "data"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopWithin
	return cmd
}

// withoutOurs drops settings of a qslbox that may live on this machine.
func withoutOurs(env []string) []string {
	var out []string
	for _, e := range env {
		if !strings.HasPrefix(e, "QSLBOX_") {
			out = append(out, e)
		}
	}
	return out
}

// waitReady asks until the service answers.
func (p *program) waitReady(ctx context.Context, url string, ended <-chan error) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case err := <-ended:
			return err
		case <-ctx.Done():
			return fmt.Errorf("the service did not answer: %w", ctx.Err())
		case <-tick.C:
		}
	}
}

// freeAddress returns the loopback address with the first free port from the
// given one on, and says so when that is another one. Port 0 is any.
func freeAddress(port int, stderr io.Writer) (string, error) {
	for next := port; next < port+portsTried; next++ {
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(next)))
		if errors.Is(err, syscall.EADDRINUSE) {
			fmt.Fprintf(stderr, "port %d is taken, trying %d\n", next, next+1)
			continue
		}
		if err != nil {
			return "", err
		}
		addr := l.Addr().String()
		return addr, l.Close()
	}
	return "", fmt.Errorf("ports %d to %d are all taken; choose another with -port", port, port+portsTried-1)
}

// withParent ends the context when the program that started us is gone, as
// with a killed `make run`.
func withParent(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	parent := os.Getppid()
	go func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for os.Getppid() == parent {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
		cancel()
	}()
	return ctx, cancel
}
