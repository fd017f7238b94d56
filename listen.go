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
	"sync"
	"syscall"
	"time"

	"github.com/google/renameio/v2"
)

// Limits of the HTTP servers (RELIABILITY: slow clients must not starve
// others).
const (
	readHeaderTimeout = 5 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 16 << 10
	maxConnections    = 512
	stopTimeout       = 6 * time.Second // what is left of the 10 s promised is for closing the data on a slow disk
)

// newServer returns a server with the limits that every listener has. Time
// limits for bodies are set by route (webui).
func newServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: readHeaderTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// listenTCP listens on the address; a port that is taken gets a sentence of
// its own.
func listenTCP(ctx context.Context, addr string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, codedError{exitBusy, fmt.Errorf("%s is taken by another program: stop it, or choose another address with --listen", addr)}
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%s may not be used by this user: choose a port above 1023 with --listen", addr)
	case err != nil:
		return nil, fmt.Errorf("cannot listen on %s: %w", addr, err)
	}
	return &cappedListener{Listener: l, places: make(chan struct{}, maxConnections)}, nil
}

// listenSocket listens on the data directory's Unix socket. A path that is too
// long for a socket moves to a short one, noted in the directory.
func listenSocket(dir string) (net.Listener, error) {
	path := filepath.Join(dir, socketName)
	pointer := filepath.Join(dir, socketPointer)
	_ = os.Remove(pointer)
	if len(path) > socketMaxPath {
		short, err := os.MkdirTemp("", "qslbox-")
		if err != nil {
			return nil, err
		}
		path = filepath.Join(short, socketName)
		if err := renameio.WriteFile(pointer, []byte(path+"\n"), 0o600); err != nil {
			return nil, err
		}
	}
	// the file lock says that no other service lives, so what is there is left over
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	old := syscall.Umask(0o177)
	l, err := net.Listen("unix", path)
	syscall.Umask(old)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", path, err)
	}
	return l, nil
}

// cappedListener accepts no more than a number of connections at once; others
// wait in the kernel's queue.
type cappedListener struct {
	net.Listener
	places chan struct{}
}

func (l *cappedListener) Accept() (net.Conn, error) {
	l.places <- struct{}{}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.places
		return nil, err
	}
	return &cappedConn{Conn: conn, places: l.places}, nil
}

type cappedConn struct {
	net.Conn
	places chan struct{}
	once   sync.Once
}

func (c *cappedConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() { <-c.places })
	return err
}
