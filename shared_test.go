package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"qslbox/qso"
	"qslbox/webui/access"
)

// TestSharedPages holds that a page made for one request and sent for another
// is the one that this other would have been given: after a write, in another
// language, for another reader, with other columns.
func TestSharedPages(t *testing.T) {
	a, key := filled(t, 300)
	_, second, err := a.gate.AddKey("other", "main", []string{"read"}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	handler := a.handler()
	ask := func(key, path string, header ...string) string {
		t.Helper()
		req := httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
		req.RemoteAddr = "127.0.0.1:5"
		req.Header.Set("X-API-Key", key)
		for i := 0; i < len(header); i += 2 {
			req.Header.Add(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		return w.Body.String()
	}
	book, err := a.store.Logbook("main")
	if err != nil {
		t.Fatal(err)
	}
	size := 300
	has := func(what, page, text string) {
		t.Helper()
		if !strings.Contains(page, text) {
			t.Errorf("%s: %q is not on the page", what, text)
		}
	}
	for _, path := range []string{"/", "/awards", "/awards/dxcc", "/log"} {
		if first, again := ask(key, path), ask(key, path); first != again {
			t.Errorf("%s: a second reader is sent another page", path)
		}
		has(path+" in German", ask(key, path, "Accept-Language", "de"), `lang="de"`)
		has(path+" by cookie", ask(key, path, "Cookie", "lang=de"), `lang="de"`)
		has(path+" in English", ask(second, path), `lang="en"`)
		has(path+" in dark", ask(second, path, "Cookie", "colours=dark"), `data-colours="dark"`)
		if !strings.Contains(ask(key, path), `href="/monitor"`) || strings.Contains(ask(second, path), `href="/monitor"`) {
			t.Errorf("%s: the tabs are not those of the reader's rights", path)
		}
	}
	band, _ := qso.ParseBand("20m")
	for i := range 3 {
		q := &qso.QSO{Call: "DL1ABC", Own: "DK9XYZ", Start: qso.TimeOf(time.Date(2026, 1, 1, 0, i, 0, 0, time.UTC)), Band: band, Mode: qso.Mode{Name: "CW"}}
		if _, err := book.Add(context.Background(), q, "me"); err != nil {
			t.Fatal(err)
		}
		size++
		has("dashboard after a QSO", ask(key, "/"), fmt.Sprintf(">%d</", size))
		has("log after a QSO", ask(key, "/log?call=DL1ABC"), fmt.Sprintf("00:%02d", i))
	}
	settings := book.Settings()
	settings.DefaultOwn = "DL0TEST"
	if err := book.SetSettings(settings); err != nil {
		t.Fatal(err)
	}
	has("dashboard after its settings", ask(key, "/"), `<p class="call">DL0TEST</p>`)
	has("log with other columns", ask(key, "/log", "Cookie", "columns=band.comment"), `class="comment`)
	if strings.Contains(ask(key, "/log"), `<td class="comment`) {
		t.Error("the columns of one reader are shown to another")
	}
	if err := a.gate.AddUser(context.Background(), "anna", "long enough for a test", access.Viewer, []string{"main"}); err != nil {
		t.Fatal(err)
	}
	if token, err := a.gate.SignIn(context.Background(), "anna", "long enough for a test", "127.0.0.1", "a browser", true); err != nil {
		t.Error(err)
	} else if page := ask("", "/", "Cookie", "qslbox_session="+token); !strings.Contains(page, ">anna</a>") || strings.Contains(ask(key, "/"), ">anna</a>") {
		t.Error("the name of one reader is shown to another, or not at all")
	}
	done := make(chan struct{})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					ask(key, "/")
				}
			}
		})
	}
	for i := range 40 {
		q := &qso.QSO{Call: "W1AAA", Own: "DK9XYZ", Start: qso.TimeOf(time.Date(2026, 1, 2, 0, i, 0, 0, time.UTC)), Band: band, Mode: qso.Mode{Name: "CW"}}
		if _, err := book.Add(context.Background(), q, "me"); err != nil {
			t.Error(err)
		}
		size++
		has("dashboard after a QSO, among others", ask(key, "/"), fmt.Sprintf(">%d</", size))
	}
	close(done)
	all.Wait()
}
