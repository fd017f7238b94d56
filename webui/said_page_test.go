package webui_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"qslbox/monitor"
	"qslbox/stats/awards"
	"qslbox/webui/words"
)

// TestGermanFigures reads in German what the program notes for itself: details
// of the audit list, names of operations and checks. In English they stay as
// they are.
func TestGermanFigures(t *testing.T) {
	f := filled(t, 20).withPeople()
	admin := f.cookie("admin")
	f.upload(admin, "<eoh>\n"+adif("CALL", "W1AAA", "QSO_DATE", "20240301", "TIME_ON", "1015", "BAND", "20m", "MODE", "CW"))
	f.send(admin, "/settings/keys", "name", "my logger", "scope", "read")
	f.send(admin, "/settings/users", "name", "eva", "password", password, "role", "viewer", "logbook_of", "main")
	for _, name := range []string{"sync lotw: download", "runtime tick lag", "write unmatched", "import from the inbox", "snapshot award/dxcc miss", "scrub"} {
		f.monitor.Observe(monitor.Job, name, 3*time.Second, nil)
	}
	f.health.Add("disk", func() monitor.Check { return monitor.Check{Severity: monitor.Degraded, Message: "full"} })
	for _, c := range []struct {
		path            string
		german, english []string
	}{
		{"/audit", []string{"eingelesen: 1 gelesen, 1 neu", "„my logger“ für main: Lesen", "eva als Leser"}, []string{"imported, 1 read, 1 added", "&#34;my logger&#34; for main: read", "eva as viewer"}},
		{"/monitor", []string{"Abgleich lotw: Herunterladen", "Laufzeit: verspäteter Takt", "Schreiben: nicht im Log", "Einlesen aus dem Eingang", "Abruf Diplom dxcc, neu berechnet", ">Prüflauf ", "<b>Speicherplatz</b>"},
			[]string{">sync lotw: download ", ">scrub ", "<b>Disk</b>"}},
	} {
		for lang, want := range map[string][]string{"de": c.german, "en": c.english} {
			page := f.visit(admin+"; lang="+lang, c.path).body
			for _, text := range want {
				if !strings.Contains(page, text) {
					t.Errorf("%s in %s: no %q in %s", c.path, lang, text, page[strings.Index(page, "<main"):])
				}
			}
		}
	}
}

// TestGermanJSONErrors breaks the definition of an award in every way that
// makes it no JSON: what is wrong is said in German.
func TestGermanJSONErrors(t *testing.T) {
	german := words.For(words.German)
	for _, text := range []string{
		`{"id": dogs}`, `{id: 1}`, `{"id" 1}`, `{"id": "x" "name": 1}`, `{"list": [1 2]}`, `{} {}`, "{\"id\": \"a\nb\"}", `{"id": "\x"}`, `{"n": 1.x}`, `{"n": 1ex}`,
		`{"id": trye}`, `{"id": "`, `[`, ``, `{"n": -x}`, `{"id": 7}`, `{"dog": 1}`,
	} {
		_, err := awards.Parse("club.json", []byte(text))
		var fault *awards.FileError
		if !errors.As(err, &fault) {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if said := german.Say(fault.Problem); said == fault.Problem {
			t.Errorf("%s: no German for %q", text, said)
		}
	}
}
