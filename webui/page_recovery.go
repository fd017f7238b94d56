package webui

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"qslbox/monitor"
	"qslbox/webui/words"
)

// Trouble says why the data is not open, and what a person can do.
type Trouble struct {
	// Kind is a word for programs: "checking" while nobody knows yet, else
	// "damaged", "missing", "newer_schema", "unreadable".
	Kind   string
	Reason string // what was found, in English; empty while it is checked
	File   string // the data file
	Since  time.Time
	// Backup is the newest backup that passed its check; nil if there is none,
	// or Searching says that it is looked for.
	Backup    *VerifiedBackup
	Searching bool
	Command   string // the one command that helps
}

// VerifiedBackup is a backup that passed its check just now.
type VerifiedBackup struct {
	Path string    `json:"path"`
	Made time.Time `json:"made"`
	QSOs int       `json:"qsos"`
}

// RecoveryConfig is what a Recovery needs. State and Now are needed.
type RecoveryConfig struct {
	State func() Trouble
	// Restore puts the newest verified backup in the place of the data.
	Restore func(ctx context.Context) error
	// Code lets somebody on another machine do that too: the log tells it.
	Code     string
	Hosts    []string
	BasePath string
	Now      func() time.Time
	Elapsed  func() time.Duration
	Log      *slog.Logger
}

// Recovery answers in the place of a Server while the data cannot be opened:
// one page, /api/health, and the button that restores a backup. Nothing of the
// data is shown; there is nobody who could sign in.
type Recovery struct {
	cfg    RecoveryConfig
	assets *assets
	page   *template.Template
	origin *http.CrossOriginProtection
	hosts  hostList
}

// NewRecovery returns a Recovery.
func NewRecovery(cfg RecoveryConfig) (*Recovery, error) {
	if cfg.State == nil || cfg.Now == nil || cfg.Elapsed == nil || cfg.Log == nil {
		return nil, errors.New("webui: State, Now, Elapsed and Log are needed")
	}
	r := &Recovery{cfg: cfg, origin: http.NewCrossOriginProtection(), hosts: allowedHosts(cfg.Hosts)}
	var err error
	if r.assets, err = loadAssets(&packer{}); err != nil {
		return nil, err
	}
	r.page, err = template.ParseFS(templateFiles, "templates/recovery.html")
	return r, err
}

// Handler answers the network, CommandHandler the commands of this machine.
func (r *Recovery) Handler() http.Handler { return r.handler(false) }

// CommandHandler answers with full rights.
func (r *Recovery) CommandHandler() http.Handler { return r.handler(true) }

func (r *Recovery) handler(full bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		setSecurityHeaders(w.Header(), req.TLS != nil)
		w.Header()["Cache-Control"] = headerNoStore
		if !full && !r.hosts.allows(req.Host) {
			http.Error(w, errHost.Error(), http.StatusMisdirectedRequest)
			return
		}
		if r.cfg.BasePath != "" {
			req = withoutBase(req, r.cfg.BasePath)
		}
		v := &recoveryView{r: r, p: words.For(words.Match(req.Header.Get("Accept-Language"))), Trouble: r.cfg.State(), May: full || r.hasCode(req), now: r.cfg.Now()}
		v.Inside = v.May || r.near(req)
		switch at := strings.TrimRight(strings.ToLower(req.URL.Path), "/"); {
		case at == "/api/health":
			r.health(w, v)
		case at == "/recovery" && req.Method == http.MethodPost, at == "/api/recovery" && req.Method == http.MethodPost:
			r.restore(w, req, v, full)
		case at == "/api" || strings.HasPrefix(at, "/api/") || at == "/metrics":
			answerTrouble(w, v.Kind, v.sentence())
		case strings.HasPrefix(at, "/static/"):
			r.static(w, req)
		default:
			v.Code = req.URL.Query().Get("code")
			r.show(w, v)
		}
	})
}

// hasCode reports whether a request brings the code that the log tells.
func (r *Recovery) hasCode(req *http.Request) bool {
	return r.cfg.Code != "" && subtle.ConstantTimeCompare([]byte(req.FormValue("code")), []byte(r.cfg.Code)) == 1
}

// near reports whether a request comes from this machine.
func (r *Recovery) near(req *http.Request) bool {
	for _, name := range forwarding {
		if _, ok := req.Header[name]; ok {
			return false
		}
	}
	return peerAddr(req.RemoteAddr).IsLoopback()
}

// health answers GET /api/health with the members that scripts read, all zero,
// and what is wrong.
func (r *Recovery) health(w http.ResponseWriter, v *recoveryView) {
	status, severity := http.StatusServiceUnavailable, monitor.Error
	if v.Kind == "checking" {
		status, severity = http.StatusOK, monitor.Degraded
	}
	doc := map[string]any{"status": severity, "timestamp": v.now.UTC().Format("2006-01-02T15:04:05.000Z"), "uptime": r.cfg.Elapsed().Seconds()}
	if v.Inside {
		none := map[string]int{"size": 0, "hits": 0, "misses": 0}
		doc["performance"] = map[string]any{"totalQueries": 0, "totalTime": 0, "avgTime": "0ms", "slowQueries": 0, "criticalQueries": 0, "topSlowest": []int{}}
		doc["cache"] = map[string]any{"total": 0, "valid": 0, "expired": 0, "ttl": 0, "hitRate": "0%", "awardCache": none, "statsCache": none}
		doc["problems"] = []problemJSON{{"data", severity, v.Since.UTC(), v.sentence()}}
		doc["recovery"] = map[string]any{"kind": v.Kind, "reason": v.Reason, "file": v.File, "backup": v.Backup, "command": v.Command}
	}
	writeTrouble(w, status, doc)
}

// restore answers POST /recovery (the button) and /api/recovery.
func (r *Recovery) restore(w http.ResponseWriter, req *http.Request, v *recoveryView, full bool) {
	switch {
	case !full && r.origin.Check(req) != nil:
		writeTrouble(w, http.StatusForbidden, troubleError("cross_origin", errOrigin.Error()))
		return
	case !v.May:
		writeTrouble(w, http.StatusForbidden, troubleError("forbidden", "only with the link in the log of the service, or by the command qslbox db restore"))
		return
	case r.cfg.Restore == nil || v.Backup == nil:
		answerTrouble(w, v.Kind, v.sentence())
		return
	}
	if err := r.cfg.Restore(req.Context()); err != nil {
		r.cfg.Log.Error("the backup could not be restored", "err", err)
		writeTrouble(w, http.StatusInternalServerError, troubleError("damaged", err.Error()))
		return
	}
	if strings.HasPrefix(req.URL.Path, "/api/") {
		writeTrouble(w, http.StatusOK, map[string]any{"restored": v.Backup})
		return
	}
	http.Redirect(w, req, r.cfg.BasePath+"/", http.StatusSeeOther)
}

func (r *Recovery) static(w http.ResponseWriter, req *http.Request) {
	file, ok := r.assets.files[req.URL.Path[strings.LastIndexByte(req.URL.Path, '/')+1:]]
	if !ok {
		http.NotFound(w, req)
		return
	}
	w.Header()["Content-Type"] = file.kind
	_, _ = w.Write(file.plain)
}

func (r *Recovery) show(w http.ResponseWriter, v *recoveryView) {
	var b bytes.Buffer
	if err := r.page.Execute(&b, v); err != nil {
		r.cfg.Log.Error("the recovery page cannot be shown", "err", err)
		http.Error(w, v.sentence(), http.StatusServiceUnavailable)
		return
	}
	w.Header()["Content-Type"] = headerHTML
	if v.Kind == "checking" {
		w.Header().Set("Retry-After", "5")
	}
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write(b.Bytes()) // nobody is left to tell of an error
}

// answerTrouble answers what needs the data.
func answerTrouble(w http.ResponseWriter, kind, sentence string) {
	writeTrouble(w, http.StatusServiceUnavailable, troubleError(kind, sentence))
}

func troubleError(code, message string) map[string]any {
	return map[string]any{"error": map[string]string{"code": code, "message": message}}
}

func writeTrouble(w http.ResponseWriter, status int, doc any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(doc) // nobody is left to tell of an error
}

// recoveryView is what the page shows.
type recoveryView struct {
	Trouble
	Inside bool // from this machine, or with the code: what is wrong may be told whole
	May    bool // with the code, or a command of this machine: it may restore
	Code   string
	r      *Recovery
	p      *words.Printer
	now    time.Time
}

// sentence says in English what is wrong and what to do, for programs.
func (v *recoveryView) sentence() string {
	switch {
	case v.Kind == "checking":
		return "data: the service ended without warning, and the data is being checked before it is opened"
	case v.Command == "":
		return "data: " + v.Reason
	}
	return fmt.Sprintf("data: %s; nothing was changed; to put it right: %s", v.Reason, v.Command)
}

// Said is the reason in the reader's language.
func (v *recoveryView) Said() string { return v.p.Say(v.Reason) }

// T returns a text of the catalogue.
func (v *recoveryView) T(key string, args ...any) string { return v.p.Text(key, args...) }

// C returns the text for n counted things.
func (v *recoveryView) C(key string, n int) string { return v.p.Count(key, n) }

// Lang is the language of the page.
func (v *recoveryView) Lang() string { return string(v.p.Language) }

// Stamp writes an instant in UTC.
func (v *recoveryView) Stamp(t time.Time) string { return v.p.Stamp(t, v.now) }

// Static returns the address of a static file.
func (v *recoveryView) Static(name string) string {
	return v.r.cfg.BasePath + "/static/" + v.r.assets.version + "/" + name
}

// Action is where the button leads.
func (v *recoveryView) Action() string {
	return v.r.cfg.BasePath + "/recovery?" + url.Values{"code": {v.Code}}.Encode()
}
