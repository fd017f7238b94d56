package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const answerWithin = 60 * time.Second

// startOurs measures from exec to the first answer of the statistics.
func (s *stage) startOurs(ctx context.Context) (values, error) {
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	return s.start(ctx, "http://"+addr+"/api/stats", s.key, s.binary, "--data", s.data, "serve", "--listen", addr)
}

func (s *stage) startNode(ctx context.Context) (values, error) {
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(addr)
	return s.start(ctx, "http://"+addr+"/", "", "node", s.node, "serve", s.nodeDB, s.queries, port)
}

// start runs a server until it answers, reads its memory, and stops it.
func (s *stage) start(ctx context.Context, url, key, name string, args ...string) (values, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = cleared(os.Environ())
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	err := firstAnswer(url, key, began.Add(answerWithin))
	took := time.Since(began)
	v := values{"first_ms": float64(took) / float64(time.Millisecond), "rss_mib": resident(cmd.Process.Pid)}
	_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	_ = cmd.Wait()                          // ended by our signal
	return v, err
}

// firstAnswer asks until the answer is there, without keeping connections.
func firstAnswer(url, key string, until time.Time) error {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		req, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		req.Header.Set("X-API-Key", key)
		resp, err := client.Do(req)
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
			err = fmt.Errorf("%s: %s", url, resp.Status)
		}
		if time.Now().After(until) {
			return err
		}
		time.Sleep(200 * time.Microsecond)
	}
}

// resident returns the memory of a process, in MiB, without what is only
// mapped from files.
func resident(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "RssAnon:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kib, _ := strconv.ParseFloat(fields[0], 64)
	return kib / 1024
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	addr := l.Addr().String()
	return addr, l.Close()
}
