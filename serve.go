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
	"sync/atomic"
	"time"

	"qslbox/monitor"
	"qslbox/store"
)

// Run is the service: it opens the data, listens, and works until ctx ends.
func (c *serveCommand) Run(s *session) error {
	if err := s.checkEnvironment(); err != nil {
		return err
	}
	dir, err := s.dir()
	if err != nil {
		return err
	}
	if _, err := dialService(s.ctx, dir, ""); err == nil {
		return codedError{exitBusy, fmt.Errorf("%w (%s): stop that one first (systemctl stop qslbox), or name another directory with --data", store.ErrLocked, dir)}
	}
	log := slog.New(slog.NewTextHandler(s.env.stderr, &slog.HandlerOptions{ReplaceAttr: shortTime(s.env.getenv("JOURNAL_STREAM") != "")}))
	if err := c.checkTLS(); err != nil {
		return err
	}
	listener, err := listenTCP(s.ctx, s.listenAddress(dir, c.Listen))
	if err != nil {
		return err
	}
	defer listener.Close()
	address := publicAddress(listener.Addr(), c.TLSCert != "")
	sv := &service{command: c, listener: listener, address: address, log: log, ended: make(chan error, 2), cfg: applianceConfig{
		dir: dir, env: s.env, serve: *c, log: log, create: true, service: true, address: func() string { return address },
	}}
	sv.elapsed = monitor.Monotonic(s.env.now())
	defer sv.close()
	return sv.run(s.ctx)
}

// service is the appliance with its servers, or what answers in its place.
type service struct {
	cfg      applianceConfig
	command  *serveCommand
	listener net.Listener
	address  string
	log      *slog.Logger
	elapsed  func() time.Duration

	network, local door
	socket         net.Listener
	servers        []*http.Server
	ended          chan error
	app            atomic.Pointer[appliance]
	listening      bool
	told           bool // the service manager knows that we are ready
}

// run opens the data and serves them. After an end without warning, or where
// they cannot be opened, it serves the page that says so first.
func (sv *service) run(ctx context.Context) error {
	var found error
	if !endedUncleanly(sv.cfg.dir) {
		a, err := openAppliance(ctx, sv.cfg)
		if err == nil {
			return sv.live(ctx, a)
		}
		if !isTrouble(err) {
			return err
		}
		found = err
	}
	return sv.rescued(ctx, found, nil)
}

// rescued serves the page that says why the data are not open until they are,
// then the data. found is what opening them said; nil: they are to be checked.
// old, if any, has the data open until now.
func (sv *service) rescued(ctx context.Context, found error, old *appliance) error {
	r, err := sv.newRescue()
	if err != nil {
		return err
	}
	if old != nil {
		sv.app.Store(nil)
		if err := old.close(); err != nil {
			sv.log.Warn("the data could not be closed", "err", err)
		}
	}
	sv.listen()
	sv.ready(ctx, "checking the data")
	inner, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error, 1)
	go func() {
		select {
		case err := <-sv.ended:
			failed <- err
			stop()
		case <-inner.Done():
		}
	}()
	a, err := r.run(inner, found)
	stop()
	if err == nil && a != nil {
		return sv.live(ctx, a)
	}
	select {
	case failed := <-failed:
		return errors.Join(err, failed)
	default:
		return err
	}
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

// live serves the open data until ctx ends, then lets what is under way come to
// its end.
func (sv *service) live(ctx context.Context, a *appliance) error {
	sv.app.Store(a)
	harden(a.cfg.dir, sv.log)
	if err := sv.command.mayListen(a, sv.listener.Addr()); err != nil {
		return err
	}
	if err := sv.listenSocket(); a.store.ReadOnly() && err != nil {
		sv.log.Warn("commands do not reach the service", "err", err)
	} else if err != nil {
		return err
	}
	sv.network.set(a.handler())
	sv.local.set(a.commandHandler())
	sv.listen()
	a.store.Warm() // after the first answer: what it needs is stored
	sv.log.Info("qslbox is ready", "address", sv.address, "data", a.cfg.dir, "version", version(), "startup", a.elapsed().Round(10*time.Microsecond))
	if link, err := a.web.SetupLink(); err == nil && link != "" {
		sv.log.Info("there is no administrator yet: open this link within 30 minutes, or run qslbox user add", "link", link)
	}
	sv.ready(ctx, "serving on "+sv.address)
	select {
	case <-ctx.Done():
		return nil
	case <-sv.writable(ctx, a):
		sv.log.Info("the data may be written again, and are opened anew")
		return sv.rescued(ctx, nil, a)
	case err := <-sv.ended:
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return err
	}
}

// writable returns what is closed when data that could only be read may be
// written, and never where they may be written already.
func (sv *service) writable(ctx context.Context, a *appliance) <-chan struct{} {
	if !a.store.ReadOnly() {
		return nil
	}
	_, err := a.store.Trouble()
	sv.log.Error("the data can only be read", "err", err)
	may := make(chan struct{})
	a.loops.Go(func() {
		tick := time.NewTicker(rescueEvery)
		defer tick.Stop()
		for !a.store.Writable() {
			select {
			case <-ctx.Done():
				return
			case <-a.ended:
				return
			case <-tick.C:
			}
		}
		close(may)
	})
	return may
}

// listen answers on the network, once.
func (sv *service) listen() {
	if sv.listening {
		return
	}
	sv.listening = true
	network := newServer(&sv.network, sv.log)
	sv.servers = append(sv.servers, network)
	go func() {
		if c := sv.command; c.TLSCert != "" || c.TLSKey != "" {
			sv.ended <- network.ServeTLS(sv.listener, c.TLSCert, c.TLSKey)
			return
		}
		sv.ended <- network.Serve(sv.listener)
	}()
}

// listenSocket answers the commands of this machine, once. Nobody else may have
// the data open: a socket that is there is left over.
func (sv *service) listenSocket() error {
	if sv.socket != nil {
		return nil
	}
	var err error
	if sv.socket, err = listenSocket(sv.cfg.dir); err != nil {
		return err
	}
	local := newServer(&sv.local, sv.log)
	sv.servers = append(sv.servers, local)
	go func() { sv.ended <- local.Serve(sv.socket) }()
	return nil
}

// close ends the servers and the appliance.
func (sv *service) close() {
	sv.log.Info("stopping")
	stopping()
	stop, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	for _, server := range sv.servers {
		if server.Shutdown(stop) != nil {
			_ = server.Close()
		}
	}
	if sv.socket != nil {
		removeSocket(sv.cfg.dir, sv.socket.Addr().String())
	}
	if a := sv.app.Load(); a != nil {
		if err := a.close(); err != nil {
			sv.log.Error("the data could not be closed", "err", err)
		}
	}
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
		return scheme + net.JoinHostPort(homeAddress(), fmt.Sprint(tcp.Port))
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
