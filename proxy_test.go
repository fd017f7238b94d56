package main

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// proxied is the service behind a proxy, and a browser that has signed in.
type proxied struct {
	t       *testing.T
	origin  string // https://127.0.0.1:PORT
	base    string // the path under which the service is, "" for none
	browser *http.Client

	thorough bool // it takes a while
}

// fromDocument gives the example that follows a text of docs/reverse-proxy.md.
func fromDocument(t *testing.T, text string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), ".ci/doc-lines", "docs/reverse-proxy.md", text).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %s", text, out)
	}
	return string(out)
}

// run starts a proxy and waits until it listens.
func (p *proxied) run(name string, args ...string) {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), name, args...)
	said := &buffer{}
	cmd.Stdout, cmd.Stderr = said, said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // nginx has workers
	cmd.Env = append(os.Environ(), "XDG_DATA_HOME="+p.t.TempDir(), "XDG_CONFIG_HOME="+p.t.TempDir())
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); _ = cmd.Wait() })
	for range 1000 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(p.origin, "https://"))
		if err == nil {
			_ = conn.Close()
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	p.t.Fatalf("%s does not listen: %s", name, said.String())
}

// nginx starts nginx with the example of the document.
func (p *proxied) nginx(address, certificate, key, slash string) {
	dir := p.t.TempDir()
	server := strings.NewReplacer(
		"listen 443 ssl", "listen "+strings.TrimPrefix(p.origin, "https://")+" ssl", "log.example.org;", "127.0.0.1;",
		"/etc/letsencrypt/live/log.example.org/fullchain.pem", certificate, "/etc/letsencrypt/live/log.example.org/privkey.pem", key,
		"location / ", "location "+p.base+"/ ", "http://127.0.0.1:3001;", address+slash+";",
	).Replace(fromDocument(p.t, "## nginx"))
	config := "daemon off; pid " + dir + "/pid; error_log stderr; events {} http { access_log off;"
	for _, module := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		config += fmt.Sprintf(" %s_temp_path %s/%s;", module, dir, module)
	}
	if os.Getuid() == 0 {
		config = "user root; " + config
	}
	p.run("nginx", "-p", dir, "-c", write(p.t, "nginx.conf", config+server+"}"))
}

// caddy starts Caddy with one of the examples of the document.
func (p *proxied) caddy(address, certificate, key, text string) {
	site := strings.NewReplacer("127.0.0.1:3001", strings.TrimPrefix(address, "http://")).Replace(fromDocument(p.t, text))
	site = regexp.MustCompile(`^\S+ \{\n`).ReplaceAllString(site, p.origin+" {\ntls "+certificate+" "+key+"\n")
	p.run("caddy", "run", "--adapter", "caddyfile", "--config", write(p.t, "Caddyfile", "{\nadmin off\nauto_https disable_redirects\n}\n"+site))
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// send asks as a browser does that tells where a form came from by Origin only,
// and returns the answer and its body.
func (p *proxied) send(method, path, kind string, body io.Reader) (*http.Response, string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.origin+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	if method != http.MethodGet {
		req.Header.Set("Origin", p.origin)
		req.Header.Set("Content-Type", kind)
	}
	resp, err := p.browser.Do(req)
	if err != nil {
		p.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Errorf("%s %s: %v", method, path, err)
	}
	if to := resp.Header.Get("Location"); to != "" {
		p.inside(method+" "+path, to)
	}
	return resp, string(text)
}

// inside complains of an address that is not under the path of the service.
func (p *proxied) inside(from, to string) bool {
	p.t.Helper()
	to = strings.TrimPrefix(to, p.origin)
	if !strings.HasPrefix(to, p.base+"/") && to != p.base {
		p.t.Errorf("%s leads to %s", from, to)
		return false
	}
	return true
}

// walk follows every link from the first page on, so many of a kind, and
// returns how many it followed.
func (p *proxied) walk(each int) int {
	p.t.Helper()
	address := regexp.MustCompile(`(?:href|src|action|formaction|data-[a-z-]+)="([^"#]+)["#]`)
	name := regexp.MustCompile(`/awards/[a-z0-9-]+|[0-9]+`)
	queue, seen, kinds := []string{p.base + "/"}, map[string]bool{}, map[string]int{}
	for ; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		resp, text := p.send(http.MethodGet, at, "", nil)
		if resp.StatusCode >= 400 {
			p.t.Errorf("%s: %s", at, resp.Status)
		}
		if to := resp.Header.Get("Location"); to != "" {
			text = `href="` + strings.TrimPrefix(to, p.origin) + `"`
		}
		here, err := url.Parse(at)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, m := range address.FindAllStringSubmatch(text, -1) {
			to, err := here.Parse(strings.ReplaceAll(m[1], "&amp;", "&"))
			if err != nil || to.Host != "" || to.Scheme != "" || strings.HasPrefix(m[0], "data-") && m[1][0] != '/' {
				continue // of another host, or no address
			}
			link, kind := to.String(), name.ReplaceAllString(to.Path, "one")
			if seen[link] || !p.inside(at, link) || kinds[kind] >= each || strings.HasPrefix(m[0], "action") || strings.HasPrefix(m[0], "formaction") {
				continue
			}
			seen[link] = true
			kinds[kind]++
			queue = append(queue, link)
		}
	}
	return len(seen)
}

// TestBehindProxies has the service behind the proxies of docs/reverse-proxy.md, as
// that page sets them up: every link stays under the path, signing in and a large
// import work, cookies are secure, and nobody counts as being on the machine. Some
// are left to `make soak`: each takes ten seconds under the race detector.
func TestBehindProxies(t *testing.T) {
	for _, c := range []struct {
		name, tool, base string
		start            func(p *proxied, address, certificate, key string)
		soak             bool
	}{
		{"nginx", "nginx", "", func(p *proxied, a, c, k string) { p.nginx(a, c, k, "") }, true},
		{"nginx under a path", "nginx", "/qslbox", func(p *proxied, a, c, k string) { p.nginx(a, c, k, "") }, false},
		{"nginx takes the path off", "nginx", "/qslbox", func(p *proxied, a, c, k string) { p.nginx(a, c, k, "/") }, true},
		{"Caddy", "caddy", "", func(p *proxied, a, c, k string) { p.caddy(a, c, k, "## Caddy") }, false},
		{"Caddy under a path", "caddy", "/qslbox", func(p *proxied, a, c, k string) { p.caddy(a, c, k, "Under a path of an existing") }, true},
		{"one in Go under a path", "", "/qslbox", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := exec.LookPath(c.tool); c.tool != "" && err != nil {
				t.Skip(c.tool + " is not on this machine")
			}
			if c.soak && os.Getenv("QSLBOX_SOAK") == "" {
				t.Skip("long; set QSLBOX_SOAK=1")
			}
			b := newBox(t)
			b.ok("import", b.sample(200))
			if _, errs, code := b.run("four dits and a dah\n", "user", "add", "anna"); code != 0 {
				t.Fatal(errs)
			}
			address, _ := b.serve("--base-path", c.base, "--trusted-proxy", "127.0.0.1/32")
			certificate, key, pool := b.certificate()
			p := &proxied{t: t, base: c.base, browser: stay(t), thorough: c.tool == ""}
			if c.start != nil {
				free, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				p.origin = "https://" + free.Addr().String()
				_ = free.Close()
				c.start(p, address, certificate, key)
			} else {
				to, err := url.Parse(address)
				if err != nil {
					t.Fatal(err)
				}
				server := httptest.NewTLSServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = r.In.Host; r.SetXForwarded() }})
				t.Cleanup(server.Close)
				p.origin = server.URL
				pool.AddCert(server.Certificate())
			}
			p.browser.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
			t.Cleanup(p.browser.CloseIdleConnections)
			p.check()
		})
	}
}

func (p *proxied) check() {
	t := p.t
	if _, text := p.send(http.MethodGet, p.base+"/api/health", "", nil); !strings.HasPrefix(text, `{"status":"ok"`) || strings.Contains(text, "performance") {
		t.Errorf("health for a stranger: %.200s", text)
	}
	form := url.Values{"name": {"anna"}, "password": {"four dits and a dah"}}
	resp, text := p.send(http.MethodPost, p.base+"/signin", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	if cookies := resp.Cookies(); resp.StatusCode != http.StatusSeeOther || len(cookies) == 0 || !cookies[0].Secure || !cookies[0].HttpOnly {
		t.Fatalf("signing in: %s, cookies %v: %.300s", resp.Status, cookies, text)
	}
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	file, err := parts.CreateFormFile("file", "large.adi")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 300 {
		fmt.Fprintf(file, "<CALL:6>DL1ABC <QSO_DATE:8>20250314 <TIME_ON:4>%02d%02d <BAND:3>20m <MODE:2>CW <COMMENT:5000>%s <EOR>\n", i/60%24, i%60, strings.Repeat("x", 5000))
	}
	if err := parts.Close(); err != nil {
		t.Fatal(err)
	}
	size := body.Len()
	resp, text = p.send(http.MethodPost, p.base+"/api/import", parts.FormDataContentType(), &body)
	if resp.StatusCode != http.StatusOK || !strings.Contains(text, `"read":300`) {
		t.Errorf("import of %d bytes: %s: %.300s", size, resp.Status, text)
	}
	each, least := 1, 25
	if p.thorough {
		each, least = 2, 45
	}
	if n := p.walk(each); n < least {
		t.Errorf("%d links, want %d at least", n, least)
	}
}
