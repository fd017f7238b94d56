package syncers_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"

	"qslbox/qso"
	"qslbox/syncers"
)

func TestScrub(t *testing.T) {
	for _, plain := range []string{`a b+c"ü&`, `x#y%z\'1`, "plain", "[a-z]*$1"} {
		inJSON, _ := json.Marshal(plain)
		again, _ := json.Marshal(string(inJSON))
		secret := qso.NewSecret(plain)
		for _, spelling := range []string{
			plain, url.QueryEscape(plain), url.PathEscape(plain), syncers.EscapeQuery(plain), strings.ToLower(syncers.EscapeQuery(plain)), html.EscapeString(plain),
			string(inJSON[1 : len(inJSON)-1]), string(again[3 : len(again)-3]), fmt.Sprintf("%q", plain),
		} {
			if got := syncers.Scrub("x "+spelling+" y", secret, qso.Secret{}); got != "x "+secret.String()+" y" {
				t.Errorf("%s becomes %s", spelling, got)
			}
		}
		if got := syncers.Scrub("nothing here", secret); got != "nothing here" {
			t.Errorf("an innocent text becomes %q", got)
		}
	}
}
