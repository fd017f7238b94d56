package syncers

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"qslbox/qso"
)

// Limits bound one answer.
type Limits struct {
	Bytes int64         // size after decompression
	Idle  time.Duration // without a byte, headers included
	Total time.Duration // from request to end
}

// UpstreamConfig says how a service is reached.
type UpstreamConfig struct {
	// Base is scheme and host, such as https://lotw.arrl.org: https always.
	Base string
	// Override, if not empty, is used instead of Base: scheme, host and port of
	// a server on this machine. Any other host is refused.
	Override string
	Dir      string // where answers are spooled; empty: the system's
	Agent    string // User-Agent: product and version
	Gate     *Gate  // shared by everybody who asks this service
	Limits   Limits // zero fields: defaultLimits
	Now      func() time.Time
	// Transport takes the requests instead of the network; nil: the network.
	// Tests bring one that leads to a server on this machine, with the waiting
	// of real life.
	Transport http.RoundTripper
}

// defaultLimits suit a first download of a large log over a slow line.
var defaultLimits = Limits{Bytes: 1 << 30, Idle: 5 * time.Minute, Total: 90 * time.Minute}

// maxErrorPage is how much of a body is read that is no answer.
const maxErrorPage = 256 << 10

// Upstream asks one service over HTTP: no redirects, no proxy, no cookies,
// certificates checked, answers spooled to a file. Its errors hold no URL and
// no secret.
type Upstream struct {
	cfg      UpstreamConfig
	base     *url.URL
	loopback bool
	client   *http.Client
}

// NewUpstream returns an Upstream, or an error that names what is wrong with
// an address.
func NewUpstream(cfg UpstreamConfig) (*Upstream, error) {
	u := &Upstream{cfg: cfg}
	if cfg.Limits.Bytes == 0 {
		u.cfg.Limits.Bytes = defaultLimits.Bytes
	}
	if cfg.Limits.Idle == 0 {
		u.cfg.Limits.Idle = defaultLimits.Idle
	}
	if cfg.Limits.Total == 0 {
		u.cfg.Limits.Total = defaultLimits.Total
	}
	text := cfg.Base
	if cfg.Override != "" {
		text, u.loopback = cfg.Override, true
	}
	base, err := url.Parse(text)
	switch {
	case err != nil || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, fmt.Errorf("address of the service: give scheme, host and port only")
	case u.loopback && !isLoopback(base.Hostname()):
		return nil, fmt.Errorf("address %s: only a server on this machine (127.0.0.1, [::1], localhost) may stand in for the service", base.Host)
	case u.loopback && base.Scheme != "http" && base.Scheme != "https", !u.loopback && base.Scheme != "https":
		return nil, fmt.Errorf("address %s: the scheme must be https", base.Host)
	}
	base.Path = ""
	u.base = base
	transport := cfg.Transport
	if transport == nil {
		transport = u.transport()
	}
	u.client = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return u, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// transport dials as it is told to: an override never leaves this machine, even
// if a name resolves to somewhere else.
func (u *Upstream) transport() *http.Transport {
	dialer := &net.Dialer{Timeout: 30 * time.Second}
	if u.loopback {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			host, _, err := net.SplitHostPort(address)
			if err != nil || !isLoopback(host) {
				return errors.New("the address is not on this machine")
			}
			return nil
		}
	}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    30 * time.Second,
		ForceAttemptHTTP2:      true,
		DisableKeepAlives:      true, // requests are minutes apart
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// Loopback reports whether the service is a server on this machine; then
// nothing waits between requests.
func (u *Upstream) Loopback() bool { return u.loopback }

// Host returns the service's host, for the gate.
func (u *Upstream) Host() string { return u.base.Host }

// Request is one request. Its secrets are kept out of every error.
type Request struct {
	Method   string
	Path     string // absolute
	RawQuery string
	Body     []byte
	Type     string // Content-Type of Body
	Accept   string
	Secrets  []qso.Secret
	Spacing  time.Duration   // to the request before, unless on loopback
	Waiting  func(time.Time) // called with the end of a wait; may be nil
	Received func(int64)     // called with the bytes so far; may be nil
}

// Reply is an answer: its head, and the body as a file.
type Reply struct {
	Status     int
	Type       string
	RetryAfter time.Duration
	Body       *Spool
	// Cut is set if the body did not come to its end: a transport error, the
	// idle or total limit, or the cap on its size.
	Cut    *Error
	Waited time.Duration // for the gate
	Took   time.Duration // from request to end of body
}

// Ask sends a request and spools the answer. An error means that there is no
// answer at all: it is an *Error, or that of ctx.
func (u *Upstream) Ask(ctx context.Context, r Request) (*Reply, error) {
	reply := &Reply{}
	begin := u.cfg.Now()
	spacing := r.Spacing
	if u.loopback {
		spacing = 0
	}
	leave, err := u.cfg.Gate.Enter(ctx, u.Host(), spacing, r.Waiting)
	if err != nil {
		return nil, err
	}
	defer leave()
	sent := u.cfg.Now()
	reply.Waited = sent.Sub(begin)
	defer func() { reply.Took = u.cfg.Now().Sub(sent) }()
	ask, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	total := time.AfterFunc(u.cfg.Limits.Total, func() { cancel(errTotal) })
	defer total.Stop()
	idle := time.AfterFunc(u.cfg.Limits.Idle, func() { cancel(errIdle) })
	defer idle.Stop()
	answer, err := u.client.Do(u.request(ask, r))
	if err != nil {
		return nil, u.failed(ctx, ask, err, r.Secrets)
	}
	defer answer.Body.Close()
	reply.Status, reply.Type = answer.StatusCode, answer.Header.Get("Content-Type")
	reply.RetryAfter = retryAfter(answer.Header, u.cfg.Now())
	if reply.Body, err = NewSpool(u.cfg.Dir); err != nil {
		return nil, diskError(err)
	}
	if err := u.spool(ask, answer.Body, reply, idle, r); err != nil {
		_ = reply.Body.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	return reply, nil
}

// request makes the HTTP request.
func (u *Upstream) request(ctx context.Context, r Request) *http.Request {
	address := *u.base
	address.Path, address.RawQuery = r.Path, r.RawQuery
	q := (&http.Request{Method: r.Method, URL: &address, Host: u.base.Host, Header: http.Header{}}).WithContext(ctx)
	q.Header.Set("User-Agent", u.cfg.Agent)
	if r.Accept != "" {
		q.Header.Set("Accept", r.Accept)
	}
	if r.Body != nil {
		q.Body, q.ContentLength = io.NopCloser(strings.NewReader(string(r.Body))), int64(len(r.Body))
		q.Header.Set("Content-Type", r.Type)
	}
	return q
}

// Causes of an end that we made ourselves.
var (
	errIdle  = errors.New("no byte came for too long")
	errTotal = errors.New("the answer took too long")
)

// spool copies the body to the file. A body that ends early is noted in the
// reply, trouble of this side is returned.
func (u *Upstream) spool(ask context.Context, body io.Reader, reply *Reply, idle *time.Timer, r Request) error {
	buf := make([]byte, 64<<10)
	for {
		n, err := body.Read(buf)
		if n > 0 {
			idle.Reset(u.cfg.Limits.Idle)
			if _, werr := reply.Body.Write(buf[:n]); werr != nil {
				return diskError(werr)
			}
			if r.Received != nil {
				r.Received(reply.Body.Size())
			}
		}
		switch {
		case reply.Status >= 300 && reply.Body.Size() > maxErrorPage:
			return nil // an error page needs no end
		case reply.Body.Size() > u.cfg.Limits.Bytes:
			reply.Cut = &Error{Class: Truncated, Code: "too-large", TooLarge: true, Message: fmt.Sprintf("The answer is larger than %d MB and was not read to its end; the next run asks for smaller parts.", u.cfg.Limits.Bytes>>20)}
			return nil
		case err == io.EOF:
			return nil
		case err != nil:
			cause := context.Cause(ask)
			if cause != nil && !errors.Is(cause, errIdle) && !errors.Is(cause, errTotal) {
				return cause
			}
			reply.Cut = cutError(cause).Because(err, r.Secrets...)
			return nil
		}
	}
}

func cutError(cause error) *Error {
	switch {
	case errors.Is(cause, errIdle):
		return &Error{Class: Truncated, Code: "stalled", TooLarge: true, Message: "The answer stopped coming in the middle; complete records are kept and the next run asks again."}
	case errors.Is(cause, errTotal):
		return &Error{Class: Truncated, Code: "slow", TooLarge: true, Message: "The answer took too long and was not read to its end; complete records are kept and the next run asks for smaller parts."}
	}
	return &Error{Class: Truncated, Code: "cut", TooLarge: true, Message: "The connection broke in the middle of the answer; complete records are kept and the next run asks again."}
}

// failed turns an error without any answer into one without URL and secrets.
func (u *Upstream) failed(ctx, ask context.Context, err error, secrets []qso.Secret) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return u.unreachable(err, context.Cause(ask)).Because(err, secrets...)
}

func (u *Upstream) unreachable(err, cause error) *Error {
	host := u.base.Hostname()
	var invalid x509.CertificateInvalidError
	var verify *tls.CertificateVerificationError
	var lookup *net.DNSError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && invalid.Cert != nil && u.cfg.Now().Before(invalid.Cert.NotBefore):
		return &Error{Class: Local, Code: "clock", Message: "The certificate of " + host + " is not valid yet by this computer's clock: the clock is wrong. Set it; the sync is tried again by itself."}
	case errors.As(err, &verify), errors.As(err, &invalid):
		return &Error{Class: Protocol, Code: "certificate", Message: "The certificate of " + host + " cannot be trusted, so nothing was sent. If the clock here is right, the service or the network between must be put in order."}
	case errors.As(err, &lookup):
		return &Error{Class: Down, Code: "dns", Message: "The name " + host + " could not be found: no internet, or no name server. The sync is tried again by itself."}
	case errors.Is(cause, errIdle), errors.Is(cause, errTotal):
		return &Error{Class: Down, Code: "silent", Message: host + " took the request but did not answer. The sync is tried again by itself."}
	}
	return &Error{Class: Down, Code: "unreachable", Message: host + " could not be reached. The sync is tried again by itself."}
}

func diskError(err error) *Error {
	e := &Error{Class: Local, Code: "disk", Message: "The answer could not be written to a temporary file in the data directory. Make room or mend the disk; nothing is lost."}
	return e.Because(err)
}

// retryAfter reads the Retry-After header: seconds, or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.ParseInt(text, 10, 32); err == nil {
		return time.Duration(max(n, 0)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}
