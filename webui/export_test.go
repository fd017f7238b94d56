package webui

import (
	"context"

	"qslbox/webui/access"
)

// Route is a route as tests see it.
type Route struct {
	Method, Path             string
	Needs                    access.Action
	PerLogbook, Public, Page bool
	Heavy                    string
}

// Routes returns the table of routes.
func (s *Server) Routes() []Route {
	var out []Route
	for _, r := range s.routes.table {
		out = append(out, Route{r.method, r.path, r.needs, r.perLogbook, r.public, r.page, r.heavy})
	}
	return out
}

// ParseFilter is parseFilter.
var ParseFilter = parseFilter

// LocalPath is localPath.
var LocalPath = localPath

// CSVText is csvText.
var CSVText = csvText

// Lanes is lanes.
type Lanes struct{ lanes }

// Enter is enter.
func (l *Lanes) Enter(ctx context.Context, name string, patient bool) (func(), error) {
	return l.enter(ctx, name, patient)
}

// Len counts the lanes that somebody is in.
func (l *Lanes) Len() int { return len(l.list) }

// ErrHeavy is errHeavy.
var ErrHeavy error = errHeavy
