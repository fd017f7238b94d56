package webui

import (
	"net/http"
	"slices"

	"qslbox/webui/access"
)

// Largest bodies, beside defaultBody.
const (
	smallBody = 64 << 10
	anyBody   = -1
)

// apiRoutes lists the routes of the API. Paths end without a slash and are in
// lower case: see spellings. What concerns the whole appliance (Admin, but of
// no logbook) is for administrators and commands, never for a key.
func apiRoutes() []route {
	return slices.Concat(signRoutes(), figureRoutes(), logRoutes(), syncRoutes(), adminRoutes())
}

func figureRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "/api/health", handler: getHealth},
		{method: http.MethodGet, path: "/api/performance", needs: access.Metrics, handler: getPerformance},
		{method: http.MethodGet, path: "/api/performance/*operation", needs: access.Metrics, handler: getOperation},
		{method: http.MethodGet, path: "/metrics", needs: access.Metrics, handler: getMetrics},

		{method: http.MethodGet, path: "/api/stats", needs: access.Read, perLogbook: true, public: true, handler: getStats},
		{method: http.MethodGet, path: "/api/awards", needs: access.Read, perLogbook: true, public: true, handler: getAwards},
		{method: http.MethodGet, path: "/api/awards/:id", needs: access.Read, perLogbook: true, public: true, handler: getAward},
		{method: http.MethodGet, path: "/api/awards/:id/:part", needs: access.Read, perLogbook: true, handler: getAwardPart},
		{method: http.MethodDelete, path: "/api/cache", needs: access.Write, perLogbook: true, handler: deleteCache},
	}
}

func logRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "/api/qsos", needs: access.Read, perLogbook: true, handler: getQSOs},
		{method: http.MethodPost, path: "/api/qsos", needs: access.Write, perLogbook: true, handler: postQSO},
		{method: http.MethodGet, path: "/api/qsos/:id", needs: access.Read, perLogbook: true, handler: getQSO},
		{method: http.MethodPatch, path: "/api/qsos/:id", needs: access.Write, perLogbook: true, handler: patchQSO},
		{method: http.MethodDelete, path: "/api/qsos/:id", needs: access.Write, perLogbook: true, handler: deleteQSO},
		{method: http.MethodGet, path: "/api/qsos/:id/history", needs: access.Read, perLogbook: true, handler: getHistory},
		{method: http.MethodPost, path: "/api/qsos/:id/restore", needs: access.Write, perLogbook: true, handler: postRestore},
		{method: http.MethodGet, path: "/api/edits", needs: access.Read, perLogbook: true, handler: getEdits},
		{method: http.MethodPost, path: "/api/edits/:id/undo", needs: access.Write, perLogbook: true, handler: postUndo},
		{method: http.MethodGet, path: "/api/trash", needs: access.Read, perLogbook: true, handler: getTrash},

		{method: http.MethodPost, path: "/api/import", needs: access.Write, perLogbook: true, body: anyBody, stream: true, heavy: "import", handler: postImport},
		{method: http.MethodGet, path: "/api/rejects/:id", needs: access.Read, stream: true, handler: getRejects},
		{
			method: http.MethodGet, path: "/api/export.adi", needs: access.Read, perLogbook: true, stream: true, heavy: "export",
			handler: getExport("text/plain; charset=utf-8", ".adi", exportADIF),
		},
		{
			method: http.MethodGet, path: "/api/export.csv", needs: access.Read, perLogbook: true, stream: true, heavy: "export",
			handler: getExport("text/csv; charset=utf-8", ".csv", exportCSV),
		},
		{
			method: http.MethodGet, path: "/api/export.json", needs: access.Read, perLogbook: true, stream: true, heavy: "export",
			handler: getExport("application/x-ndjson", ".json", exportJSON),
		},
	}
}

func syncRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "/api/sync", needs: access.Read, perLogbook: true, handler: getSync},
		{method: http.MethodGet, path: "/api/sync/:source", needs: access.Read, perLogbook: true, handler: getSync},
		{method: http.MethodPost, path: "/api/sync/:source", needs: access.Write, perLogbook: true, stream: true, handler: postSync},
		{method: http.MethodGet, path: "/api/sync/:source/runs/:n", needs: access.Read, perLogbook: true, handler: getRun},
		{method: http.MethodGet, path: "/api/sync/:source/unmatched", needs: access.Read, perLogbook: true, handler: getUnmatched},
		{method: http.MethodPost, path: "/api/sync/:source/unmatched/:id", needs: access.Write, perLogbook: true, body: smallBody, handler: postResolve},

		{method: http.MethodGet, path: "/api/accounts", needs: access.Admin, perLogbook: true, handler: getAccounts},
		{method: http.MethodPut, path: "/api/accounts/:source", needs: access.Admin, perLogbook: true, body: smallBody, handler: putAccount},
		{method: http.MethodDelete, path: "/api/accounts/:source", needs: access.Admin, perLogbook: true, handler: deleteAccount},
		{method: http.MethodPost, path: "/api/accounts/:source/test", needs: access.Admin, perLogbook: true, stream: true, handler: postAccountTest},
	}
}

func adminRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "/api/settings", needs: access.Read, perLogbook: true, handler: getSettings},
		{method: http.MethodPut, path: "/api/settings", needs: access.Admin, perLogbook: true, body: smallBody, handler: putSettings},
		{method: http.MethodGet, path: "/api/keys", needs: access.Admin, perLogbook: true, handler: getKeys},
		{method: http.MethodPost, path: "/api/keys", needs: access.Admin, perLogbook: true, body: smallBody, handler: postKey},
		{method: http.MethodDelete, path: "/api/keys/:id", needs: access.Admin, perLogbook: true, handler: deleteKey},
		{method: http.MethodGet, path: "/api/logbooks", needs: access.Read, handler: getLogbooks},

		{method: http.MethodPost, path: "/api/logbooks", needs: access.Admin, body: smallBody, handler: postLogbook},
		{method: http.MethodDelete, path: "/api/logbooks/:name", needs: access.Admin, handler: deleteLogbook},
		{method: http.MethodGet, path: "/api/users", needs: access.Admin, handler: getUsers},
		{method: http.MethodPost, path: "/api/users", needs: access.Admin, body: smallBody, handler: postUser},
		{method: http.MethodDelete, path: "/api/users/:name", needs: access.Admin, handler: deleteUser},
		{method: http.MethodPut, path: "/api/users/:name/password", needs: access.Admin, body: smallBody, handler: putPassword},
		{method: http.MethodPost, path: "/api/users/:name/link", needs: access.Admin, body: smallBody, handler: postLink},
		{method: http.MethodGet, path: "/api/users/:name/sessions", needs: access.Admin, handler: getSessions},
		{method: http.MethodDelete, path: "/api/users/:name/sessions", needs: access.Admin, handler: deleteSessions},
		{method: http.MethodGet, path: "/api/audit", needs: access.Admin, handler: getAudit},
		{method: http.MethodPost, path: "/api/setup/code", needs: access.Admin, handler: postSetupCode},
		{method: http.MethodPost, path: "/api/db/:operation", needs: access.Admin, stream: true, heavy: "data", handler: postDB},
		{method: http.MethodGet, path: "/api/backup", needs: access.Admin, stream: true, heavy: "data", handler: getBackup},
	}
}
