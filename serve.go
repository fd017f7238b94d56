package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Run is the service: it opens the data, listens, and works until ctx ends.
func (c *serveCommand) Run(s *session) error {
	dir, err := s.dir()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(s.env.stderr, &slog.HandlerOptions{ReplaceAttr: shortTime(s.env.getenv("JOURNAL_STREAM") != "")}))
	listener, err := listenTCP(s.ctx, c.Listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	address := publicAddress(listener.Addr(), c.TLSCert != "")
	a, err := openAppliance(s.ctx, applianceConfig{
		dir: dir, env: s.env, serve: *c, log: log, create: true, service: true, address: func() string { return address },
	})
	if err != nil {
		return err
	}
	defer func() {
		if err := a.close(); err != nil {
			log.Error("the data could not be closed", "err", err)
		}
	}()
	if err := c.mayListen(a, listener.Addr()); err != nil {
		return err
	}
	return c.serve(s.ctx, a, listener, address, log)
}

// mayListen refuses to be reachable from elsewhere before there is an
// administrator.
func (c *serveCommand) mayListen(a *appliance, addr net.Addr) error {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || tcp.IP.IsLoopback() {
		return nil
	}
	needs, err := a.gate.NeedsSetup()
	if err != nil {
		return err
	}
	if needs {
		return fmt.Errorf("%s can be reached from elsewhere, and there is no administrator yet: run qslbox user add NAME first, or listen on 127.0.0.1", addr)
	}
	if c.TLSCert == "" {
		a.cfg.log.Warn("passwords travel unencrypted on this address: use --tls-cert and --tls-key, or a reverse proxy", "listen", addr.String())
	}
	return nil
}

// serve answers on the network and on the socket until ctx ends, then lets
// what is under way come to its end.
func (c *serveCommand) serve(ctx context.Context, a *appliance, listener net.Listener, address string, log *slog.Logger) error {
	socket, err := listenSocket(a.cfg.dir)
	if err != nil {
		return err
	}
	defer removeSocket(a.cfg.dir, socket.Addr().String())
	network, local := newServer(a.handler(), log), newServer(a.commandHandler(), log)
	ended := make(chan error, 2)
	go func() {
		if c.TLSCert != "" || c.TLSKey != "" {
			ended <- network.ServeTLS(listener, c.TLSCert, c.TLSKey)
			return
		}
		ended <- network.Serve(listener)
	}()
	go func() { ended <- local.Serve(socket) }()
	log.Info("qslbox is ready", "address", address, "data", a.cfg.dir, "version", version(), "startup", a.elapsed().Round(10*time.Microsecond))
	if link, err := a.web.SetupLink(); err == nil && link != "" {
		log.Info("there is no administrator yet: open this link within 30 minutes, or run qslbox user add", "link", link)
	}
	notifyReady(ctx, a, log)
	select {
	case <-ctx.Done():
		err = nil
	case err = <-ended:
		if errors.Is(err, http.ErrServerClosed) {
			err = nil
		}
	}
	log.Info("stopping")
	stopping()
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	for _, server := range []*http.Server{network, local} {
		if server.Shutdown(stop) != nil {
			_ = server.Close()
		}
	}
	return err
}

// removeSocket takes the socket away, with what led to it.
func removeSocket(dir, path string) {
	_ = os.Remove(path)
	if filepath.Dir(path) != dir {
		_ = os.Remove(filepath.Dir(path))
		_ = os.Remove(filepath.Join(dir, socketPointer))
	}
}

// publicAddress is what a person types to reach us from this machine, or, if
// we listen on all addresses, from another one.
func publicAddress(addr net.Addr, tls bool) string {
	scheme := "http://"
	if tls {
		scheme = "https://"
	}
	tcp, ok := addr.(*net.TCPAddr)
	if ok && tcp.IP.IsUnspecified() {
		if host, err := os.Hostname(); err == nil && host != "" {
			return scheme + net.JoinHostPort(host, fmt.Sprint(tcp.Port))
		}
	}
	return scheme + strings.ToLower(addr.String())
}

// shortTime leaves the time of log lines to the journal where there is one.
func shortTime(journal bool) func([]string, slog.Attr) slog.Attr {
	return func(groups []string, attr slog.Attr) slog.Attr {
		if len(groups) > 0 || attr.Key != slog.TimeKey {
			return attr
		}
		if journal {
			return slog.Attr{}
		}
		return slog.String(slog.TimeKey, attr.Value.Time().UTC().Format("2006-01-02T15:04:05.000Z"))
	}
}
