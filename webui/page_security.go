package webui

import (
	"fmt"
	"time"
)

// securityLife is how far ahead security.txt says that it is good: it is
// written anew for each who asks.
const securityLife = 180 * 24 * time.Hour

// getSecurityText answers GET /.well-known/security.txt (RFC 9116): whom to tell
// of a weakness. The program knows no address of whoever runs it, so the page
// of help says the rest.
func getSecurityText(c *call) error {
	scheme := "http://"
	if c.secure() {
		scheme = "https://"
	}
	own := scheme + c.r.Host + c.BasePath
	c.w.Header()["Content-Type"] = []string{"text/plain; charset=utf-8"}
	c.w.Header()["Cache-Control"] = headerNoStore
	_, err := fmt.Fprintf(c.w, "Contact: %s/help#security\nExpires: %s\nPreferred-Languages: en, de\nCanonical: %s/.well-known/security.txt\n",
		own, c.time().Add(securityLife).Format(time.RFC3339), own)
	return err
}
