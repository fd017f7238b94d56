package webui_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"qslbox/webui"
)

// TestSharedPageFollowsSnapshots holds that a page is not kept beyond its
// snapshots, even where no write is counted.
func TestSharedPageFollowsSnapshots(t *testing.T) {
	f := newFixture(t, func(c *webui.Config) { c.Writes = func() uint64 { return 0 } })
	for _, call := range []string{"DL1ABC", "W1AAA"} {
		f.command(http.MethodPost, "/api/import", "<CALL:"+strconv.Itoa(len(call))+">"+call+"<QSO_DATE:8>20240314<TIME_ON:4>1015<BAND:3>20m<MODE:2>CW<EOR>")
		if body := f.command(http.MethodGet, "/log", "").body; !strings.Contains(body, call) {
			t.Errorf("the page stayed as it was before the QSO with %s", call)
		}
	}
}
