package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSlowConnections holds three hundred connections that send next to
// nothing, some of them imports with a good key: everybody else is served.
func TestSlowConnections(t *testing.T) {
	b := newBox(t)
	b.ok("import", b.sample(50))
	address, _ := b.serve()
	key := b.key()
	write := b.keyFor("read,write")
	host := strings.TrimPrefix(address, "http://")
	for i := range 300 {
		conn, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		begun := "GET /api/stats HTTP/1.1\r\nHost: " + host + "\r\nX-A: "
		if i%3 == 0 {
			begun = fmt.Sprintf("POST /api/import HTTP/1.1\r\nHost: %s\r\nX-API-Key: %s\r\nContent-Length: 1000000\r\n\r\n<CALL:", host, write)
		}
		if _, err := io.WriteString(conn, begun); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		for _, path := range []string{"/api/health", "/api/stats", "/api/qsos", "/", "/awards/dxcc"} {
			if resp, body := get(t, address+path, key); resp.StatusCode != http.StatusOK {
				t.Fatalf("%s beside slow connections: %s %.200s", path, resp.Status, body)
			}
		}
	}
}

// TestConnectionCap fills every place: the next one waits, and is served when
// a place is free.
func TestConnectionCap(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &cappedListener{Listener: inner, places: make(chan struct{}, 2)}
	defer l.Close()
	accepted := make(chan net.Conn, 3)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	for range 3 {
		conn, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	first, second := <-accepted, <-accepted
	if len(l.places) != 2 || len(accepted) != 0 {
		t.Errorf("%d places are taken, %d connections wait", len(l.places), len(accepted))
	}
	_ = first.Close()
	_ = first.Close() // frees one place, not two
	third := <-accepted
	if len(l.places) != 2 {
		t.Errorf("%d places are taken after one was freed and taken again", len(l.places))
	}
	_, _ = second.Close(), third.Close()
}

// TestMalformedRequests sends what no client should: each gets a clear refusal,
// and the service goes on.
func TestMalformedRequests(t *testing.T) {
	b := newBox(t)
	b.ok("import", b.sample(5))
	address, _ := b.serve()
	host, key := strings.TrimPrefix(address, "http://"), b.keyFor("read,write")
	head := " HTTP/1.1\r\nHost: " + host + "\r\nX-API-Key: " + key + "\r\nConnection: close\r\n"
	for name, tt := range map[string]struct{ send, want string }{
		"headers over 16 KiB":   {"GET /api/stats" + head + "X-A: " + strings.Repeat("a", 40<<10) + "\r\n\r\n", " 431 "},
		"two lengths":           {"POST /api/qsos" + head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", " 400 "},
		"a negative length":     {"POST /api/qsos" + head + "Content-Length: -1\r\n\r\n", " 400 "},
		"two codings":           {"POST /api/qsos" + head + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", " 501 "},
		"a bad chunk":           {"POST /api/qsos" + head + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", " 400 "},
		"no host":               {"GET /api/stats HTTP/1.1\r\n\r\n", " 400 "},
		"two hosts":             {"GET /api/stats HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", " 400 "},
		"another site's name":   {"GET http://evil.example/api/stats HTTP/1.1\r\nHost: " + host + "\r\n\r\n", " 421 "},
		"a line break in a URL": {"GET /api/stats?a=\rb" + head + "\r\n", " 400 "},
		"a header of two lines": {"GET /api/stats" + head + "X-A: b\r\n c\r\n\r\n", " 200 "},
		"a method of its own":   {"BREW /api/stats" + head + "\r\n", " 405 "},
		"JSON over 1 MiB":       {"POST /api/qsos" + head + "Content-Type: application/json\r\nContent-Length: 2000000\r\n\r\n{\"comment\":\"" + strings.Repeat("a", 1100<<10), " 413 "},
		"JSON in depth":         {"POST /api/qsos" + head + "Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("[", 100_000), " 400 "},
		"half a JSON":           {"POST /api/qsos" + head + "Content-Type: application/json\r\nContent-Length: 8\r\n\r\n{\"call\":", " 400 "},
		"not HTTP":              {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", " 400 "},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", host)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			go func() { _, _ = io.WriteString(conn, tt.send) }() // it may be refused halfway
			answer := make([]byte, 2048)
			n, err := io.ReadAtLeast(conn, answer, 16)
			if line, _, _ := strings.Cut(string(answer[:n]), "\r\n"); err != nil || !strings.Contains(line+" ", tt.want) {
				t.Errorf("answered %q, %v; want%s", line, err, tt.want)
			}
		})
	}
	if resp, _ := get(t, address+"/api/stats", key); resp.StatusCode != http.StatusOK {
		t.Errorf("afterwards: %s", resp.Status)
	}
}

// TestNoDoorsForDebugging looks for what debug builds of servers have.
func TestNoDoorsForDebugging(t *testing.T) {
	b := newBox(t)
	address, _ := b.serve()
	for _, path := range []string{"/debug/pprof/", "/debug/vars", "/debug/requests", "/.git/config", "/.env", "/server-status", "/actuator"} {
		if resp, _ := get(t, address+path, ""); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, resp.Status)
		}
	}
}

// TestOwnTLS serves with files of its own: at least TLS 1.2, HSTS, and a cookie
// that no other host and no plain http can set.
func TestOwnTLS(t *testing.T) {
	b := newBox(t)
	cert, key, pool := b.certificate()
	if _, errs, code := b.run("three dits four dits\n", "user", "add", "op"); code != 0 {
		t.Fatal(errs)
	}
	for _, args := range [][]string{{"--tls-cert", cert}, {"--tls-key", key}} {
		if _, errs, code := b.run("", append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...); code != 2 || !strings.Contains(errs, "belong together") {
			t.Errorf("%v: exit %d, %s", args, code, errs)
		}
	}
	if _, errs, code := b.run("", "serve", "--listen", "127.0.0.1:0", "--tls-cert", key, "--tls-key", cert); code != 1 || !strings.Contains(errs, "--tls-cert") {
		t.Errorf("files exchanged: exit %d, %s", code, errs)
	}
	address, stop := b.serve("--tls-cert", cert, "--tls-key", key)
	client := func(most uint16) *http.Client {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS10, MaxVersion: most}}
		t.Cleanup(transport.CloseIdleConnections)
		return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	if _, err := client(tls.VersionTLS11).Get(address + "/api/health"); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
	form := url.Values{"name": {"op"}, "password": {"three dits four dits"}}
	resp, err := client(tls.VersionTLS13).PostForm(address+"/signin", form)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	cookie := resp.Header.Get("Set-Cookie")
	if !strings.HasPrefix(address, "https://") || resp.Header.Get("Strict-Transport-Security") == "" ||
		!strings.HasPrefix(cookie, "__Host-qslbox_session=") || !strings.Contains(cookie, "Secure") {
		t.Errorf("%s: %v", address, resp.Header)
	}
	stop()
	address, _ = b.serve()
	if resp, _ := get(t, address+"/api/health", ""); resp.Header.Get("Strict-Transport-Security") != "" {
		t.Error("plain http speaks of HSTS")
	}
}

// TestHomeNetwork is reachable from elsewhere only once there is an
// administrator, and says that plain http is no good there.
func TestHomeNetwork(t *testing.T) {
	b := newBox(t)
	b.ok("import", b.sample(5))
	if _, errs, code := b.run("", "serve", "--listen", "0.0.0.0:0"); code != 1 || !strings.Contains(errs, "no administrator yet") {
		t.Errorf("without administrator: exit %d, %s", code, errs)
	}
	if _, errs, code := b.run("three dits four dits\n", "user", "add", "op"); code != 0 {
		t.Fatal(errs)
	}
	if b.serve("--listen", "0.0.0.0:0"); !strings.Contains(b.log.String(), "passwords travel unencrypted") {
		t.Errorf("no warning in\n%s", b.log.String())
	}
}

// TestOpenFiles names files that others on the machine may read.
func TestOpenFiles(t *testing.T) {
	b := newBox(t)
	b.ok("import", b.sample(5))
	for _, name := range []string{"", dataFileName} {
		info, err := os.Stat(filepath.Join(b.dir, name))
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%q is %v, %v", name, info.Mode(), err)
		}
	}
	if err := os.Chmod(filepath.Join(b.dir, dataFileName), 0o644); err != nil {
		t.Fatal(err)
	}
	if b.serve(); !strings.Contains(b.log.String(), "chmod 600") {
		t.Errorf("no warning in\n%s", b.log.String())
	}
	if strings.Contains(b.log.String(), "chmod 700") {
		t.Error("a warning about the directory, which is closed")
	}
}

// keyFor makes an API key with scopes.
func (b *box) keyFor(scopes string) string {
	b.t.Helper()
	out := strings.Fields(b.ok("key", "add", "--name", "test", "--scope", scopes))
	return out[len(out)-1]
}

// certificate writes a certificate for this machine and its key.
func (b *box) certificate() (certFile, keyFile string, pool *x509.CertPool) {
	b.t.Helper()
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &secret.PublicKey, secret)
	if err != nil {
		b.t.Fatal(err)
	}
	pkcs, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		b.t.Fatal(err)
	}
	dir := b.t.TempDir()
	certFile, keyFile, pool = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), x509.NewCertPool()
	for name, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: pkcs}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			b.t.Fatal(err)
		}
	}
	pool.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return certFile, keyFile, pool
}
