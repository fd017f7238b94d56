package intake_test

import (
	"os"
	"strings"
	"testing"

	"qslbox/qso"
	"qslbox/qso/adif"
	"qslbox/qso/intake"
)

// TestDocumented holds that docs/adif.md names every reason, every kind of
// refused file and our own fields.
func TestDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/adif.md")
	if err != nil {
		t.Fatal(err)
	}
	words := []string{intake.OriginalPrefix, qso.FieldAppQSLBoxOwnAssumed.String()}
	for _, r := range []intake.Reason{intake.NoCall, intake.BadCall, intake.BadDate, intake.BadTime, intake.NoBandOrFreq, intake.BadBand,
		intake.NoMode, intake.BadLength, intake.Truncated, intake.TooBig} {
		words = append(words, "| `"+string(r)+"` |")
	}
	for _, k := range []adif.Kind{adif.Empty, adif.HTML, adif.Archive, adif.Binary, adif.ADX, adif.NotADIF} {
		words = append(words, "| `"+string(k)+"` |")
	}
	for _, word := range words {
		if !strings.Contains(string(page), word) {
			t.Errorf("docs/adif.md does not name %s", word)
		}
	}
}
