package words_test

import (
	"regexp"
	"slices"
	"testing"

	"qslbox/webui/words"
)

// TestSay says what the program says in German, also where one sentence holds
// another, and leaves what it does not know as it is.
func TestSay(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"a sentence", "no such QSO", "dieses QSO gibt es nicht"},
		{"with a number", "no such QSO: 17", "dieses QSO gibt es nicht: 17"},
		{"with a quoted text", `not a call sign: "12 AB"`, "kein Rufzeichen: „12 AB“"},
		{"wrapped", "store: edit: QSO 5: the QSO was changed meanwhile: QSO 5 is at revision 3 now; look at it and decide again", "QSO 5: das QSO wurde inzwischen geändert: QSO 5 hat jetzt Stand 3; sieh es an und entscheide noch einmal"},
		{"a sentence inside", `QSO_DATE "20241399" is not YYYYMMDD; correct the date and import the record again`, "QSO_DATE „20241399“ ist nicht JJJJMMTT; berichtige das Datum und lies den Eintrag noch einmal ein"},
		{"a list", "870 records: 12 added to the log, 850 updated, 2 not in your log.", "870 Einträge: 12 neu im Log, 850 ergänzt, 2 nicht im Log."},
		{"a source and a sentence", "LOTW (logbook main): LoTW is offline for maintenance. The sync is tried again by itself.", "LOTW (Logbuch main): LoTW wird gerade gewartet. Der Abgleich wird von selbst wieder versucht."},
		{"a file's fault", `awards: club.json: key.kind: "dogs" is not known; write one of: call dok`, "Diplome: club.json: key.kind: „dogs“ ist nicht bekannt; schreibe eines von: call dok"},
		{"a full disk in an import", "the disk is full, so nothing of this was stored: make room and do it again (write /d/qslbox.db: no space left on device); the import stopped after record 10000 of the file: 5000 were added and 0 updated, which stays so; import the same file again when the cause is gone, and only the rest is done",
			"der Datenträger ist voll, also wurde nichts davon gespeichert: schaffe Platz, und tu es noch einmal (write /d/qslbox.db: no space left on device); der Import endete nach Eintrag 10000 der Datei: 5000 sind neu und 0 ergänzt, und das bleibt so; lies dieselbe Datei noch einmal ein, wenn die Ursache behoben ist, dann wird nur der Rest getan"},
		{"damage", "damaged data: qslbox.db: 1 places, the first: log/main/qso, key 5: damaged data: the checksum does not fit", "beschädigte Daten: qslbox.db: 1 Stellen, die erste: log/main/qso, Schlüssel 5: beschädigte Daten: die Prüfsumme stimmt nicht"},
		{"years", "2019 to 2020", "2019 bis 2020"},
		{"not known", "Something to be said in future", "Something to be said in future"},
		{"nothing", "", ""},
	}
	german, english := words.For(words.German), words.For(words.English)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := german.Say(c.text); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if got := english.Say(c.text); got != c.text {
				t.Errorf("in English: %s", got)
			}
		})
	}
}

// TestSaidPlaces holds the places of each sentence and its German together.
func TestSaidPlaces(t *testing.T) {
	place := regexp.MustCompile(`\{\d\}`)
	left := regexp.MustCompile(`^adif: \{0\}: `) // the kind of file, which the sentence says
	for english, german := range words.Said() {
		want, got := place.FindAllString(left.ReplaceAllString(english, ""), -1), place.FindAllString(german, -1)
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			t.Errorf("%q has the places %v, its German %v", english, want, got)
		}
	}
}

// FuzzSay never falls over what was stored.
func FuzzSay(f *testing.F) {
	f.Add("store: edit: QSO 5: x; y, z: ")
	f.Add(`{0}: "`)
	german := words.For(words.German)
	f.Fuzz(func(t *testing.T, text string) {
		if text != "" && german.Say(text) == "" {
			t.Errorf("%q is said with nothing", text)
		}
	})
}
