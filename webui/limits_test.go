package webui_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"qslbox/webui"
)

// TestAsksAreLimited asks too often: from one network, with one key, and from
// this machine, which may.
func TestAsksAreLimited(t *testing.T) {
	const many = 300
	count := func(f *fixture, ask func(i int) ask) (refused int, last answer) {
		for i := range many {
			if got := f.do(ask(i)); got.status == http.StatusTooManyRequests {
				refused, last = refused+1, got
			}
		}
		return refused, last
	}
	f := newFixture(t).withPeople()
	refused, last := count(f, func(i int) ask { return ask{path: "/signin", from: fmt.Sprintf("[2001:db8::%x]:1", i+1)} })
	if wait, err := strconv.Atoi(last.header.Get("Retry-After")); refused != many-200 || err != nil || wait < 1 {
		t.Errorf("one network: %d of %d refused, Retry-After %q", refused, many, last.header.Get("Retry-After"))
	}
	if got := f.do(ask{path: "/signin", from: "[2001:db8:0:1::1]:1"}); got.status != http.StatusOK {
		t.Errorf("another network: %d", got.status)
	}
	f.clock.advance(time.Second)
	if got := f.do(ask{path: "/signin", from: "[2001:db8::1]:1"}); got.status != http.StatusOK {
		t.Errorf("a second later: %d", got.status)
	}

	key := map[string]string{"X-API-Key": f.key("main", "read")}
	refused, last = count(f, func(i int) ask {
		return ask{path: "/api/logbooks", from: fmt.Sprintf("198.51.100.%d:1", i%250+1), header: key}
	})
	if refused != many-200 || last.header.Get("Retry-After") == "" || code(last.body) != "too_many" {
		t.Errorf("one key from many places: %d of %d refused; %d %v %s", refused, many, last.status, last.header, last.body)
	}
	if got := f.do(ask{path: "/api/logbooks", header: map[string]string{"X-API-Key": f.key("main", "read")}}); got.status != http.StatusOK {
		t.Errorf("another key: %d", got.status)
	}
	if refused, _ = count(f, func(int) ask { return ask{path: "/api/logbooks", from: "127.0.0.1:1", header: key} }); refused != 0 {
		t.Errorf("this machine was refused %d times", refused)
	}
}

// stuck is an answer that nobody reads until told to.
type stuck struct {
	*httptest.ResponseRecorder
	begun, read chan struct{}
}

func (s *stuck) Write(b []byte) (int, error) {
	if s.begun != nil {
		close(s.begun)
		s.begun = nil
		<-s.read
	}
	return s.ResponseRecorder.Write(b)
}

// TestExportsOneAtATime holds an export: a second of the same logbook waits,
// another logbook and the pages do not.
func TestExportsOneAtATime(t *testing.T) {
	f := newFixture(t).withPeople()
	for _, name := range []string{"main", "club"} {
		f.books.book(name).add(contact("DL1ABC", "20m", "CW", started))
	}
	cookie := f.cookie("admin")
	request := func(ctx context.Context, path string) *http.Request {
		req := httptest.NewRequestWithContext(ctx, http.MethodGet, "http://localhost"+path, nil)
		req.Header.Set("Cookie", cookie)
		return req
	}
	first := &stuck{httptest.NewRecorder(), make(chan struct{}), make(chan struct{})}
	begun, done := first.begun, make(chan struct{})
	go func() {
		defer close(done)
		f.server.Handler().ServeHTTP(first, request(t.Context(), "/api/export.csv"))
	}()
	<-begun
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	second := httptest.NewRecorder()
	f.server.Handler().ServeHTTP(second, request(ctx, "/api/export.adi"))
	if second.Code == http.StatusOK {
		t.Error("a second export of the logbook did not wait")
	}
	for _, path := range []string{"/api/export.adi?logbook=club", "/api/stats", "/"} {
		w := httptest.NewRecorder()
		f.server.Handler().ServeHTTP(w, request(t.Context(), path))
		if w.Code != http.StatusOK {
			t.Errorf("beside an export, %s: %d", path, w.Code)
		}
	}
	close(first.read)
	<-done
	third := httptest.NewRecorder()
	f.server.Handler().ServeHTTP(third, request(t.Context(), "/api/export.adi"))
	if first.Code != http.StatusOK || third.Code != http.StatusOK {
		t.Errorf("the first: %d; after it: %d", first.Code, third.Code)
	}
}

// TestHeavyWorkWaitsNotForEver shows what becomes of those who wait.
func TestHeavyWorkWaitsNotForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lanes webui.Lanes
		leave, err := lanes.Enter(t.Context(), "export main", false)
		if err != nil {
			t.Fatal(err)
		}
		patient := make(chan error)
		go func() {
			leave, err := lanes.Enter(t.Context(), "export main", true)
			if err == nil {
				leave()
			}
			patient <- err
		}()
		before := time.Now()
		if _, err := lanes.Enter(t.Context(), "export main", false); !errors.Is(err, webui.ErrHeavy) || time.Since(before) != 30*time.Second {
			t.Errorf("after %v: %v", time.Since(before), err)
		}
		time.Sleep(time.Hour)
		leave()
		if err := <-patient; err != nil {
			t.Errorf("a command: %v", err)
		}
		if n := lanes.Len(); n != 0 {
			t.Errorf("%d lanes are kept though nobody is in them", n)
		}
	})
}

// TestEveryHeavyRouteIsMarked finds what moves a whole log or the whole file.
func TestEveryHeavyRouteIsMarked(t *testing.T) {
	want := map[string]string{
		"POST /api/import": "import", "POST /import": "import", "GET /api/export.adi": "export", "GET /api/export.csv": "export",
		"GET /api/export.json": "export", "POST /api/db/:operation": "data", "GET /api/backup": "data", "POST /settings/backup": "data",
	}
	for _, r := range newFixture(t).server.Routes() {
		if name := r.Method + " " + r.Path; r.Heavy != want[name] {
			t.Errorf("%s is %q, want %q", name, r.Heavy, want[name])
		}
	}
}
