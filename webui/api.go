package webui

import (
	"net/http"
)

// apiRoutes lists the routes of the API. Paths end without a slash and are in
// lower case: see spellings.
func apiRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "/api/health", handler: getHealth},
	}
}
