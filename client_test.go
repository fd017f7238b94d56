package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"
)

// TestAnswerNobodyReads has whoever asked in this process leave at some point: the
// handler has to notice, as it may hold a transaction and its turn.
func TestAnswerNobodyReads(t *testing.T) {
	for _, c := range []struct {
		name  string
		leave func(cancel context.CancelFunc, answer func() *http.Response)
	}{
		{"before the answer begins", func(cancel context.CancelFunc, _ func() *http.Response) { cancel() }},
		{"without reading the body", func(cancel context.CancelFunc, answer func() *http.Response) { answer(); cancel() }},
		{"in the middle of the body", func(cancel context.CancelFunc, answer func() *http.Response) {
			if _, err := io.ReadFull(answer().Body, make([]byte, 100_000)); err != nil {
				t.Error(err)
			}
			cancel()
		}},
		{"by closing the body", func(_ context.CancelFunc, answer func() *http.Response) { _ = answer().Body.Close() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			began, ended := make(chan struct{}), make(chan error, 1)
			client := http.Client{Transport: handlerTransport{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				close(began)
				if c.name == "before the answer begins" {
					<-r.Context().Done()
				}
				for {
					if _, err := w.Write(bytes.Repeat([]byte("log "), 1000)); err != nil {
						ended <- err
						return
					}
				}
			})}}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/api/export.adi", nil)
			if err != nil {
				t.Fatal(err)
			}
			answers := make(chan *http.Response, 1)
			go func() {
				resp, err := client.Do(req)
				if err == nil {
					answers <- resp
				}
			}()
			<-began
			c.leave(cancel, func() *http.Response { return <-answers })
			if err := <-ended; err == nil {
				t.Error("the handler could write for ever")
			}
		})
	}
}
