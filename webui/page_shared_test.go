package webui_test

import (
	"net/http"
	"strings"
	"testing"

	"qslbox/qso/qsotest"
	"qslbox/webui"
)

// TestSharedPageFollowsSnapshots holds that a page is not kept beyond its
// snapshots, even where no write is counted.
func TestSharedPageFollowsSnapshots(t *testing.T) {
	f := newFixture(t, func(c *webui.Config) { c.Writes = func() uint64 { return 0 } })
	f.command(http.MethodPost, "/api/import", string(qsotest.ADIF(qsotest.Options{N: 10})))
	if body := f.command(http.MethodGet, "/", "").body; !strings.Contains(body, "<dd>10</dd>") {
		t.Fatalf("10 QSOs are not on the page: %s", body)
	}
	f.command(http.MethodPost, "/api/import", string(qsotest.ADIF(qsotest.Options{N: 11, Seed: 9})))
	if body := f.command(http.MethodGet, "/", "").body; !strings.Contains(body, "<dd>21</dd>") {
		t.Error("the page stayed as it was before 11 more QSOs")
	}
}
