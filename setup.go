package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
)

// listenFile holds the address that setup chose, in the data directory. An
// option or the environment goes before it.
const (
	listenFile    = "listen"
	onThisMachine = "127.0.0.1:3001"
	onTheNetwork  = "0.0.0.0:3001"
)

// Run asks who may reach the service, sets the address it listens on at its
// next start, and prints where to go on.
func (c *setupCommand) Run(s *session) error {
	dir, err := s.dir()
	if err != nil {
		return err
	}
	reach := c.Listen
	if reach == "ask" {
		if reach, err = s.askReach(); err != nil {
			return err
		}
	}
	api, err := s.api(mayCreate)
	if err != nil {
		return err
	}
	admins, err := s.administrators(api)
	if err != nil {
		return err
	}
	if reach == "network" {
		return s.setUpNetwork(api, dir, admins)
	}
	if err := renameio.WriteFile(filepath.Join(dir, listenFile), []byte(onThisMachine+"\n"), 0o600); err != nil {
		return err
	}
	if admins > 0 {
		s.printf("Only this machine may reach it, from the next start of the service on.\n")
		return nil
	}
	link, err := s.link("/api/setup/code")
	if err != nil {
		return err
	}
	s.printf("Open this link within 30 minutes:\n  %s\n", link)
	return nil
}

// setUpNetwork makes the first administrator here, since nobody may reach the
// service from elsewhere before there is one.
func (s *session) setUpNetwork(api *apiClient, dir string, admins int) error {
	if admins == 0 {
		name, err := s.askLine("Name of the administrator: ")
		if err != nil {
			return err
		}
		password, err := s.askSecret("password for " + name)
		if err != nil {
			return err
		}
		in := map[string]any{"name": name, "role": "admin", "password": password}
		if err := api.call(s.ctx, http.MethodPost, "/api/users", nil, in, nil); err != nil {
			return err
		}
	}
	if err := renameio.WriteFile(filepath.Join(dir, listenFile), []byte(onTheNetwork+"\n"), 0o600); err != nil {
		return err
	}
	scheme := "http://"
	if s.cli.Serve.TLSCert != "" {
		scheme = "https://"
	}
	s.printf("The home network may reach it, from the next start of the service on (systemctl restart qslbox).\n"+
		"From a phone or another computer:\n  %s%s/\n", scheme, net.JoinHostPort(homeAddress(), "3001"))
	if scheme == "http://" {
		s.printf("That is not encrypted: who can listen in your network sees passwords. See --tls-cert and --tls-key.\n")
	}
	return nil
}

// administrators counts those who may do everything.
func (s *session) administrators(api *apiClient) (n int, err error) {
	var users struct{ Items []struct{ Role string } }
	err = api.call(s.ctx, http.MethodGet, "/api/users", nil, nil, &users)
	for _, u := range users.Items {
		if u.Role == "admin" {
			n++
		}
	}
	return n, err
}

func (s *session) askReach() (string, error) {
	answer, err := s.askLine("Who may reach qslbox? 1 only this machine, 2 the home network [1]: ")
	switch {
	case err != nil:
		return "", usageError{errors.New("setup asks a question and got no answer: say --listen machine or --listen network")}
	case answer == "2" || strings.EqualFold(answer, "network"):
		return "network", nil
	case answer == "" || answer == "1" || strings.EqualFold(answer, "machine"):
		return "machine", nil
	}
	return "", usageError{fmt.Errorf("%q is no answer: say 1 or 2", answer)}
}

// askLine asks for a line. It reads no further, as more questions may follow.
func (s *session) askLine(question string) (string, error) {
	fmt.Fprint(s.env.stderr, question)
	var line []byte
	for one := make([]byte, 1); len(line) < 1000; {
		n, err := s.env.stdin.Read(one)
		if n == 1 && one[0] == '\n' {
			return strings.TrimSpace(string(line)), nil
		}
		line = append(line, one[:n]...)
		if err != nil {
			if errors.Is(err, io.EOF) && len(line) > 0 {
				return strings.TrimSpace(string(line)), nil
			}
			return "", err
		}
	}
	return "", errors.New("this line is too long for an answer")
}

// listenAddress returns where to listen: what was said, else what setup chose.
func (s *session) listenAddress(dir, said string) string {
	if s.sourceOf("", nil)("listen", "QSLBOX_LISTEN") != "default" {
		return said
	}
	if chosen := chosenAddress(dir); chosen != "" {
		return chosen
	}
	return said
}

// chosenAddress returns what setup chose; "" if it did not.
func chosenAddress(dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, listenFile))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// homeAddress is the address of this machine in the home network, else its
// name.
func homeAddress() string {
	list, _ := net.InterfaceAddrs()
	for _, a := range list {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsPrivate() {
			return n.IP.String()
		}
	}
	if name, err := os.Hostname(); err == nil && name != "" {
		return name
	}
	return "localhost"
}
