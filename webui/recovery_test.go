package webui_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"qslbox/webui"
)

// recovery is a Recovery over data that are damaged, with a backup.
func recovery(t *testing.T, kind string) (h http.Handler, restored *int) {
	t.Helper()
	restored = new(int)
	trouble := webui.Trouble{Kind: kind, Reason: "page 7: is lost", File: "/data/qslbox.db", Command: "qslbox db restore /data/b.db",
		Backup: &webui.VerifiedBackup{Path: "/data/b.db", Made: time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC), QSOs: 1500}}
	r, err := webui.NewRecovery(webui.RecoveryConfig{
		State: func() webui.Trouble { return trouble }, Restore: func(context.Context) error { *restored++; return nil }, Code: "right",
		Now:     func() time.Time { return time.Date(2026, 2, 1, 12, 0, 0, 0, time.UTC) },
		Elapsed: func() time.Duration { return time.Second }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return r.Handler(), restored
}

func TestRecoveryShowsStrangersLittle(t *testing.T) {
	h, restored := recovery(t, "damaged")
	for _, c := range []struct {
		name, from, method, path, origin string
		status                           int
		says, hides                      string
		restores                         int
	}{
		{"here", "127.0.0.1:9", "GET", "/awards", "", 503, "/data/b.db", "", 0},
		{"elsewhere", "192.168.1.9:9", "GET", "/", "", 503, "damaged", "/data", 0},
		{"elsewhere with the code", "192.168.1.9:9", "GET", "/?code=right", "", 503, "/data/b.db", "", 0},
		{"elsewhere with a wrong code", "192.168.1.9:9", "GET", "/?code=wrong", "", 503, "", "/data", 0},
		{"health here", "127.0.0.1:9", "GET", "/api/health", "", 503, `"totalQueries":0`, "", 0},
		{"health elsewhere", "192.168.1.9:9", "GET", "/api/health", "", 503, `"status":"error"`, "/data", 0},
		{"the API", "127.0.0.1:9", "GET", "/api/stats", "", 503, `"code":"damaged"`, "", 0},
		{"the style", "127.0.0.1:9", "GET", "/static/x/style.css", "", 200, "{", "", 0},
		{"restore from elsewhere", "192.168.1.9:9", "POST", "/recovery", "", 403, "", "", 0},
		{"restore from another site", "127.0.0.1:9", "POST", "/recovery", "https://evil.example", 403, "", "", 0},
		{"here without the code", "127.0.0.1:9", "GET", "/", "", 503, "/data/b.db", "<button", 0},
		{"with the code", "127.0.0.1:9", "GET", "/?code=right", "", 503, "<button", "", 0},
		{"restore here", "127.0.0.1:9", "POST", "/recovery", "", 403, "", "", 0},
		{"restore with the code", "192.168.1.9:9", "POST", "/recovery?code=right", "", 303, "", "", 1},
		{"by a program", "127.0.0.1:9", "POST", "/api/recovery?code=right", "", 200, "restored", "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			*restored = 0
			req := httptest.NewRequest(c.method, "http://localhost"+c.path, nil)
			req.RemoteAddr = c.from
			if c.origin != "" {
				req.Header.Set("Origin", c.origin)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, req)
			body := w.Body.String()
			if w.Code != c.status || !strings.Contains(body, c.says) || c.hides != "" && strings.Contains(body, c.hides) || *restored != c.restores {
				t.Errorf("%d, restored %d times\n%s", w.Code, *restored, body)
			}
			if w.Header().Get("Content-Security-Policy") == "" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("headers: %v", w.Header())
			}
		})
	}
}

func TestRecoveryWhileChecking(t *testing.T) {
	h, _ := recovery(t, "checking")
	req := httptest.NewRequest(http.MethodGet, (&url.URL{Scheme: "http", Host: "localhost", Path: "/api/health"}).String(), nil)
	req.RemoteAddr = "127.0.0.1:9"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"status":"degraded"`) || !strings.Contains(w.Body.String(), "being checked") {
		t.Errorf("health: %d %s", w.Code, w.Body)
	}
	req.URL.Path = "/"
	req.Header.Set("Accept-Language", "de")
	w = httptest.NewRecorder()
	h.ServeHTTP(w, req)
	if w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "werden geprüft") {
		t.Errorf("page: %v\n%s", w.Header(), w.Body)
	}
}
