package webui

import "qslbox/webui/access"

// Route is a route as tests see it.
type Route struct {
	Method, Path             string
	Needs                    access.Action
	PerLogbook, Public, Page bool
}

// Routes returns the table of routes.
func (s *Server) Routes() []Route {
	var out []Route
	for _, r := range s.routes.table {
		out = append(out, Route{r.method, r.path, r.needs, r.perLogbook, r.public, r.page})
	}
	return out
}

// ParseFilter is parseFilter.
var ParseFilter = parseFilter

// LocalPath is localPath.
var LocalPath = localPath

// CSVText is csvText.
var CSVText = csvText
