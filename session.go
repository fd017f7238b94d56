package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"qslbox/store"
)

// session is one run of a command: what it was told, and the way to the data.
type session struct {
	ctx context.Context
	env environment
	cli *commandLine
	// parsed is the command line with all commands and options that there are.
	parsed *kong.Context
	app    *appliance // only if no service is running
}

// dataNeed says what a command does to the data directory.
type dataNeed int

const (
	mustExist dataNeed = iota // the data must be there
	mayCreate                 // an empty directory becomes a data directory
)

// dir returns the data directory.
func (s *session) dir() (string, error) { return dataDir(s.cli.Data, s.env.getenv) }

// How long a command waits for data that are in use while no service answers: one
// that has just been started checks them after a crash.
const (
	lookAgain    = 200 * time.Millisecond
	startPatient = 10 * time.Second
)

// api returns the way to the data: the running service, else the appliance
// built in this process for the length of the command.
func (s *session) api(how dataNeed) (*apiClient, error) {
	dir, err := s.dir()
	if err != nil {
		return nil, err
	}
	for waited := time.Duration(0); ; waited += lookAgain {
		client, err := s.reach(dir, how)
		if !errors.Is(err, store.ErrLocked) || waited >= startPatient {
			return client, err
		}
		select {
		case <-s.ctx.Done():
			return nil, s.ctx.Err()
		case <-time.After(lookAgain):
		}
	}
}

func (s *session) reach(dir string, how dataNeed) (*apiClient, error) {
	client, err := dialService(s.ctx, dir, s.cli.Logbook)
	if !errors.Is(err, errNoService) {
		return client, err
	}
	if how == mustExist && !hasData(dir) {
		return nil, fmt.Errorf("no data in %s yet: import a log or start the service first, or name another directory with --data", dir)
	}
	if s.app == nil {
		cfg := applianceConfig{dir: dir, env: s.env, serve: s.cli.Serve, create: how == mayCreate}
		if s.app, err = openAppliance(s.ctx, cfg); err != nil {
			return nil, err
		}
	}
	client = &apiClient{logbook: s.cli.Logbook}
	client.http.Transport = handlerTransport{s.app.commandHandler()}
	return client, nil
}

// close ends the appliance if this command had to build one, and leaves nothing
// behind that the service could not read.
func (s *session) close() {
	if s.app != nil {
		_ = s.app.close()
	}
	dir, err := s.dir()
	if err == nil {
		err = giveBack(dir)
	}
	if err != nil {
		fmt.Fprintln(s.env.stderr, "note: what root made in the data directory does not belong to its owner:", err)
	}
}

// hasData reports whether the directory holds a data file.
func hasData(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, dataFileName))
	return err == nil && info.Size() > 0
}

func (s *session) printf(format string, args ...any) { fmt.Fprintf(s.env.stdout, format, args...) }

// isTerminal reports whether a stream is a terminal, where progress may show.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// secretFrom reads a secret: the first line of a file, or of what is typed
// ("-" or nothing named, on a terminal without echo).
func (s *session) secretFrom(file, what string) (string, error) {
	if file == "" || file == "-" {
		return s.askSecret(what)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(data), "\n")
	line = strings.TrimSuffix(line, "\r")
	if line == "" {
		return "", fmt.Errorf("%s: the first line is empty; it must hold the %s", file, what)
	}
	return line, nil
}

func (s *session) askSecret(what string) (string, error) {
	if f, ok := s.env.stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprintf(s.env.stderr, "%s: ", what)
		data, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(s.env.stderr)
		return string(data), err
	}
	line, err := bufio.NewReader(s.env.stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", fmt.Errorf("no %s given", what)
	}
	return line, nil
}

// warnBlanks points out blanks that came along when a secret was pasted.
func (s *session) warnBlanks(secret, what string) {
	if strings.TrimSpace(secret) != secret {
		fmt.Fprintf(s.env.stderr, "note: the %s begins or ends with a blank; if that was pasted by mistake, set it again\n", what)
	}
}
