package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// apiClient speaks the HTTP API for the commands: through the Unix socket of
// a running service, or straight to a handler in this process.
type apiClient struct {
	http    http.Client
	logbook string
	live    bool // a service is running
}

// errNoService says that nothing listens on the data directory's socket.
var errNoService = errors.New("no service is running")

const (
	socketName    = "qslbox.sock"
	socketPointer = "qslbox.sock.path" // holds another place if the directory's path is too long for a socket
	socketMaxPath = 100
)

// socketPath returns where the service of a data directory listens.
func socketPath(dir string) string {
	if text, err := os.ReadFile(filepath.Join(dir, socketPointer)); err == nil {
		return strings.TrimSpace(string(text))
	}
	return filepath.Join(dir, socketName)
}

// dialService returns a client of the running service, or errNoService.
func dialService(ctx context.Context, dir, logbook string) (*apiClient, error) {
	path := socketPath(dir)
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}
	conn, err := dial(ctx, "", "")
	if err != nil {
		return nil, errNoService
	}
	_ = conn.Close()
	return &apiClient{http: http.Client{Transport: &http.Transport{DialContext: dial}}, logbook: logbook, live: true}, nil
}

// handlerTransport answers requests by a handler of this process; bodies
// stream both ways.
type handlerTransport struct{ handler http.Handler }

// RoundTrip starts the handler and returns as soon as it has sent its header.
// The handler's writing fails as soon as the body is closed or the request's
// context ends, so that one whose answer nobody reads does not stay.
func (t handlerTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	reader, writer := io.Pipe()
	w := &pipeResponse{header: http.Header{}, body: writer, started: make(chan struct{})}
	inner := req.Clone(req.Context())
	if inner.Body == nil {
		inner.Body = http.NoBody
	}
	inner.RequestURI = req.URL.RequestURI()
	stop := context.AfterFunc(req.Context(), func() { _ = writer.CloseWithError(context.Cause(req.Context())) })
	go func() {
		defer stop()
		defer func() {
			if r := recover(); r != nil {
				w.WriteHeader(http.StatusInternalServerError)
				_ = writer.CloseWithError(fmt.Errorf("request %s: %v", req.URL.Path, r))
				return
			}
			w.WriteHeader(http.StatusOK)
			_ = writer.Close()
		}()
		t.handler.ServeHTTP(w, inner)
	}()
	select {
	case <-w.started:
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	return &http.Response{
		StatusCode: w.status, Header: w.sent, Body: reader, Request: req,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: -1,
	}, nil
}

// pipeResponse is the http.ResponseWriter of handlerTransport.
type pipeResponse struct {
	header, sent http.Header
	status       int
	body         *io.PipeWriter
	started      chan struct{}
}

func (w *pipeResponse) Header() http.Header { return w.header }
func (w *pipeResponse) Flush()              {}

func (w *pipeResponse) WriteHeader(status int) {
	if w.status == 0 {
		w.status, w.sent = status, w.header.Clone()
		close(w.started)
	}
}

func (w *pipeResponse) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// request sends one request and turns an error answer into an error with the
// right exit code. The caller closes the body.
func (c *apiClient) request(ctx context.Context, method, path string, query url.Values, body io.Reader, contentType string) (*http.Response, error) {
	if query == nil {
		query = url.Values{}
	}
	if c.logbook != "" {
		query.Set("logbook", c.logbook)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://localhost"+path+"?"+query.Encode(), body)
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	req.Header.Set("Accept", "application/json")
	answer, err := c.http.Do(req)
	if err != nil {
		return nil, unwrapURLError(err)
	}
	if answer.StatusCode >= 400 {
		defer answer.Body.Close()
		return nil, answerError(answer)
	}
	return answer, nil
}

// call sends a JSON body (nil: none) and decodes the JSON answer into out
// (nil: dropped).
func (c *apiClient) call(ctx context.Context, method, path string, query url.Values, in, out any) error {
	var body io.Reader
	contentType := ""
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body, contentType = bytes.NewReader(data), "application/json"
	}
	answer, err := c.request(ctx, method, path, query, body, contentType)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if out == nil {
		_, err = io.Copy(io.Discard, answer.Body)
		return err
	}
	if raw, ok := out.(*json.RawMessage); ok {
		*raw, err = io.ReadAll(answer.Body)
		return err
	}
	return json.NewDecoder(answer.Body).Decode(out)
}

// unwrapURLError drops the URL from a transport error: it is ours and says
// nothing to a person.
func unwrapURLError(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// health returns the health document, whatever it says.
func (c *apiClient) health(ctx context.Context) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/api/health", nil)
	if err != nil {
		return nil, err
	}
	answer, err := c.http.Do(req)
	if err != nil {
		return nil, unwrapURLError(err)
	}
	defer answer.Body.Close()
	return io.ReadAll(io.LimitReader(answer.Body, 8<<20))
}

// apiExitCodes maps the codes of the API's error table to exit codes; all
// others are 1.
var apiExitCodes = map[string]int{
	"busy": exitBusy, "locked": exitBusy, "checking": exitBusy, "damaged": exitDamaged, "newer_schema": exitDamaged,
	"auth": exitAuth, "rate": exitUpstream, "down": exitUpstream, "truncated": exitUpstream, "protocol": exitUpstream,
}

// answerError reads an error answer of the API.
func answerError(answer *http.Response) error {
	var doc struct {
		Error struct{ Code, Message string }
	}
	data, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err := json.Unmarshal(data, &doc); err != nil || doc.Error.Message == "" {
		return fmt.Errorf("the service answered %s", answer.Status)
	}
	code, ok := apiExitCodes[doc.Error.Code]
	if !ok {
		code = exitFailed
	}
	return codedError{code, errors.New(doc.Error.Message)}
}
