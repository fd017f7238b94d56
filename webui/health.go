package webui

import "net/http"

// healthWriter writes the answer of GET /api/health.
type healthWriter struct{}

func (h *healthWriter) init(*Server) {}

func getHealth(c *call) error {
	return c.writeJSON(http.StatusOK, map[string]string{"status": "ok"})
}
