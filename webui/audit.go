package webui

import (
	"errors"
	"net/http"
	"time"

	"qslbox/webui/access"
)

// audit notes what the caller did. That it could not be noted is no reason to
// undo it.
func (c *call) audit(what, detail string) { c.auditAs(c.id, what, detail) }

// auditAs notes what somebody did who only now is known.
func (c *call) auditAs(id access.Identity, what, detail string) {
	if err := c.Gate.Audit(id, c.source, what, detail); err != nil {
		c.Log.Error("the audit trail could not be written", "what", what, "error", err)
	}
}

// auditRefusal notes a wrong name or password: twenty at once and one in ten
// minutes, so that guessing neither pushes out what else happened nor wears the
// card out.
func (c *call) auditRefusal(name string, err error) {
	if errors.Is(err, access.ErrDenied) && c.refusals.take("", c.time()) == nil {
		c.auditAs(access.Identity{Name: name}, "sign-in-refused", c.r.UserAgent())
	}
}

// getAudit answers GET /api/audit: who did what, newest first.
func getAudit(c *call) error {
	entries, err := c.Gate.Trail()
	if err != nil {
		return err
	}
	if entries == nil {
		entries = []access.Entry{}
	}
	return c.writeJSON(http.StatusOK, list[access.Entry]{Items: entries})
}

// rfc3339 writes a time as the API does; "" for none.
func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
