package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"qslbox/syncers/lotw/lotwtest"
)

// TestStopInTheMiddle stops the service while a sync waits for LoTW, an import
// for more of its file and a backup for its reader: it ends within 10 s, and the
// data is whole. A service manager would kill it at some time.
func TestStopInTheMiddle(t *testing.T) {
	lotw := lotwtest.New(lotwtest.Options{Login: "DK9XYZ", Password: "not a real one", Now: time.Now})
	for i := range 200 {
		lotw.Add(lotwtest.QSO{Own: "DK9XYZ", Call: "DL1ABC", Band: "20m", Mode: "CW", Start: time.Now().Add(-time.Duration(i+1) * time.Hour)})
	}
	lotw.Play(lotwtest.Stall(2000, time.Hour))
	upstream := httptest.NewServer(lotw)
	defer upstream.Close()
	b := newBox(t)
	b.env["QSLBOX_LOTW_URL"] = upstream.URL
	b.ok("import", b.sample(3000))
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte("not a real one\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.ok("account", "set", "lotw", "--login", "DK9XYZ", "--password-file", secret)
	_, stop := b.serve()

	api, err := dialService(t.Context(), b.dir, "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	ask := func(method, path string, body io.Reader) {
		req, err := http.NewRequestWithContext(ctx, method, "http://localhost"+path, body)
		if err != nil {
			t.Error(err)
			return
		}
		answer, err := api.http.Do(req)
		if err != nil {
			return // the service has gone
		}
		defer answer.Body.Close()
		_, _ = io.CopyN(io.Discard, answer.Body, 1000) // then the reader sleeps
		<-ctx.Done()
	}
	file, more := io.Pipe()
	defer more.Close()
	done := make(chan struct{}, 3)
	for _, work := range []func(){
		func() { ask(http.MethodPost, "/api/sync/lotw", nil) },
		func() { ask(http.MethodPost, "/api/import", file) },
		func() { ask(http.MethodGet, "/api/backup", nil) },
	} {
		go func() { work(); done <- struct{}{} }()
	}
	for i := range 200 {
		if _, err := fmt.Fprintf(more, "<CALL:5>W1AAA <QSO_DATE:8>20240314 <TIME_ON:4>%02d%02d <BAND:3>20m <MODE:2>CW <EOR>\n", i/60, i%60); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; len(lotw.Requests()) == 0; i++ {
		if i > 1000 {
			t.Fatal("the sync does not begin")
		}
		time.Sleep(20 * time.Millisecond)
	}
	began := time.Now()
	stop()
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("stopping took %v", took)
	}
	leave()
	_ = file.CloseWithError(io.ErrClosedPipe)
	for range 3 {
		<-done
	}
	api.http.CloseIdleConnections()
	b.ok("db", "check")
}
