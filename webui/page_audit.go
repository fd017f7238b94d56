package webui

import (
	"strconv"
	"strings"

	"qslbox/webui/access"
)

// auditPage shows who did what, newest first.
type auditPage struct {
	Entries []access.Entry
	Next    string // number of the next page; empty: this is the last
}

const auditPerPage = 100

// Told writes the detail of an entry in the page's language. What stands in
// front of the last colon, such as the name of a file, stays as it is.
func (v *view) Told(detail string) string {
	said := v.Say(detail)
	if i := strings.LastIndex(detail, ": "); said == detail && i >= 0 {
		return detail[:i+2] + v.Say(detail[i+2:])
	}
	return said
}

// getAuditPage answers GET /audit?page=2.
func getAuditPage(c *call) error {
	trail, err := c.Gate.Trail()
	if err != nil {
		return err
	}
	page, _ := strconv.Atoi(c.query.Get("page")) // what is no number is the first page
	page = min(max(page, 1), 1+len(trail)/auditPerPage)
	first := (page - 1) * auditPerPage
	last := min(first+auditPerPage, len(trail))
	d := auditPage{Entries: trail[first:last]}
	if last < len(trail) {
		d.Next = strconv.Itoa(page + 1)
	}
	return c.render("audit", &d)
}
