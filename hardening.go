package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
)

// harden keeps memory out of core files, and names what in the data directory
// others on this machine may read.
func harden(dir string, log *slog.Logger) {
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err != nil {
		log.Warn("a crash may leave the memory, with secrets in it, in a core file", "err", err)
	}
	for _, name := range []string{"", dataFileName, "seal.key"} {
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm()&0o077 == 0 {
			continue
		}
		mode := "600"
		if info.IsDir() {
			mode = "700"
		}
		log.Warn("others on this machine may read the data", "path", path, "mode", info.Mode().Perm().String(), "remedy", "chmod "+mode+" "+path)
	}
}

// checkTLS refuses half a pair of files, and files that do not fit, before
// anything is opened.
func (c *serveCommand) checkTLS() error {
	switch {
	case c.TLSCert == "" && c.TLSKey == "":
		return nil
	case c.TLSCert == "" || c.TLSKey == "":
		return usageError{errors.New("--tls-cert and --tls-key belong together: name both files, or none")}
	}
	if _, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey); err != nil {
		return fmt.Errorf("TLS with --tls-cert %s and --tls-key %s: %w", c.TLSCert, c.TLSKey, err)
	}
	return nil
}
