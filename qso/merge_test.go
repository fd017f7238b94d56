package qso_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
)

// contact returns a QSO with the given fields, named as in ADIF.
func contact(fields map[string]string) *qso.QSO {
	start, err := qso.ParseTime("2025-03-14T10:15:00Z")
	if err != nil {
		panic(err)
	}
	q := &qso.QSO{Start: start, Call: "DL1ABC", Own: "DK9XYZ", Band: qso.BandOf(14_074_000_000_000 / 1000), Mode: qso.Mode{Name: "SSB"}}
	for name, value := range fields {
		q.SetNamed(name, value)
	}
	return q
}

func ExampleMerge() {
	old := contact(map[string]string{"NAME": "Otto"})
	again := contact(map[string]string{"NAME": "Hans", "QTH": "Essen"})
	again.Confirmations = []qso.Confirmation{{Source: qso.Card, Status: 'Y'}}
	change := qso.Merge(old, again, qso.MergeRule{})
	fmt.Println(old.Get(qso.FieldName), old.Get(qso.FieldQTH), old.Confirmed().Names())
	fmt.Println(change.Differences, old.Differences[0].Field.Value)
	// Output:
	// Otto Essen [qsl]
	// 1 Hans
}

func TestMergeFields(t *testing.T) {
	type outcome struct {
		Value       string
		Changed     bool
		Differences int
	}
	for name, tt := range map[string]struct {
		field, have, say string
		rule             qso.MergeRule
		want             outcome
	}{
		"blank is filled":              {"QTH", "", "Essen", qso.MergeRule{}, outcome{"Essen", true, 0}},
		"same changes nothing":         {"QTH", "Essen", "Essen", qso.MergeRule{}, outcome{"Essen", false, 0}},
		"other is kept as difference":  {"QTH", "Essen", "Bonn", qso.MergeRule{}, outcome{"Essen", true, 1}},
		"overwrite replaces":           {"QTH", "Essen", "Bonn", qso.MergeRule{Overwrite: true}, outcome{"Bonn", true, 0}},
		"LoTW replaces an import":      {"STATE", "CT", "MA", qso.MergeRule{Origin: qso.FromLoTW}, outcome{"MA", true, 0}},
		"letter case of a county":      {"CNTY", "CT,HARTFORD", "CT,Hartford", qso.MergeRule{}, outcome{"CT,HARTFORD", false, 0}},
		"lists are united":             {"VUCC_GRIDS", "EN98,FM08", "fm08,EN97", qso.MergeRule{}, outcome{"EN98,FM08,EN97", true, 0}},
		"list without news":            {"POTA_REF", "US-0001,US-0002", "US-0002", qso.MergeRule{}, outcome{"US-0001,US-0002", false, 0}},
		"sent state is raised":         {"LOTW_QSL_SENT", "N", "Y", qso.MergeRule{}, outcome{"Y", true, 0}},
		"sent state is never lowered":  {"QSL_SENT", "Y", "N", qso.MergeRule{}, outcome{"Y", false, 0}},
		"longer locator refines":       {"GRIDSQUARE", "JO31", "JO31AB", qso.MergeRule{}, outcome{"JO31AB", true, 0}},
		"shorter locator says no news": {"GRIDSQUARE", "JO31AB", "JO31", qso.MergeRule{}, outcome{"JO31AB", false, 0}},
		"unknown field":                {"APP_X", "1", "2", qso.MergeRule{}, outcome{"1", true, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			old, in := contact(nil), contact(nil)
			old.SetNamed(tt.field, tt.have)
			in.SetNamed(tt.field, tt.say)
			change := qso.Merge(old, in, tt.rule)
			probe := contact(nil)
			probe.Fields = old.Fields
			got := outcome{"", !change.Empty(), change.Differences}
			for _, f := range old.Fields {
				if f.Key() == tt.field {
					got.Value = f.Value
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if again := qso.Merge(old, in, tt.rule); !again.Empty() {
				t.Errorf("the same record again changed %+v", again)
			}
		})
	}
}

func TestOrderOfBelief(t *testing.T) {
	origins := []qso.Origin{qso.LookedUp, qso.Imported, qso.FromLoTW, qso.Typed}
	for i, first := range origins {
		for j, second := range origins {
			old, in := contact(nil), contact(nil)
			old.DXCC, in.DXCC = 230, 81
			old.SetOrigin(qso.FieldDXCC, "", first)
			in.SetOrigin(qso.FieldDXCC, "", second)
			rule := qso.MergeRule{Origin: second}
			qso.Merge(old, in, rule)
			want := uint16(230)
			if j > i {
				want = 81
			}
			if old.DXCC != want {
				t.Errorf("%s then %s: entity %d, want %d", first, second, old.DXCC, want)
			}
			if j < i && second != qso.LookedUp && len(old.Differences) != 1 {
				t.Errorf("%s then %s: the difference is lost", first, second)
			}
		}
	}
}

func TestConfirmationsAreRaisedNeverLowered(t *testing.T) {
	for _, tt := range []struct{ have, say, want byte }{
		{'N', 'Y', 'Y'}, {'Y', 'N', 'Y'}, {'Y', 'V', 'V'}, {'V', 'Y', 'V'}, {'R', 'N', 'R'}, {'N', 'R', 'R'}, {'Y', 'I', 'Y'},
	} {
		old, in := contact(nil), contact(nil)
		old.Confirmations = []qso.Confirmation{{Source: qso.LoTW, Status: tt.have}}
		in.Confirmations = []qso.Confirmation{{Source: qso.LoTW, Status: tt.say}}
		qso.Merge(old, in, qso.MergeRule{})
		if got := old.Confirmation(qso.LoTW).Status; got != tt.want {
			t.Errorf("%c then %c = %c, want %c", tt.have, tt.say, got, tt.want)
		}
	}
}

func TestNewerRecordOfTheIssuerReplacesItsOlderOne(t *testing.T) {
	state := func(s string) []qso.Confirmation {
		return []qso.Confirmation{{Source: qso.LoTW, Status: 'Y', Stated: true, Record: []qso.Field{{ID: qso.FieldState, Value: s}}}}
	}
	old, in := contact(nil), contact(nil)
	old.Confirmations, in.Confirmations = state("CT"), state("MA")
	change := qso.Merge(old, in, qso.MergeRule{Origin: qso.FromLoTW})
	if got := old.Confirmation(qso.LoTW).Value(qso.FieldState); got != "MA" || change.Empty() || change.Confirmed != 0 {
		t.Errorf("state %q, change %+v", got, change)
	}
}

func TestDistinct(t *testing.T) {
	for name, tt := range map[string]struct {
		field, a, b string
		want        bool
	}{
		"other own grid":       {"MY_GRIDSQUARE", "JO31", "JO32", true},
		"own grid, less exact": {"MY_GRIDSQUARE", "JO31AB", "JO31", false},
		"one own grid missing": {"MY_GRIDSQUARE", "JO31", "", false},
		"other county":         {"CNTY", "CT,Hartford", "CT,Tolland", true},
		"county in other case": {"CNTY", "CT,Hartford", "CT,HARTFORD", false},
		"other state":          {"STATE", "CT", "MA", true},
	} {
		if got := qso.Distinct(contact(map[string]string{tt.field: tt.a}), contact(map[string]string{tt.field: tt.b})); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestAdoptTakesTheLoggersModeAndTime(t *testing.T) {
	old, in := contact(nil), contact(map[string]string{"NAME": "Otto"})
	old.ID, old.MadeBy, old.Mode = 7, qso.LoTW, qso.Mode{Name: "DATA"}
	in.Start, in.Mode = in.Start+125, qso.Mode{Name: "MFSK", Sub: "JS8"}
	change := qso.Adopt(old, in)
	if old.ID != 7 || old.Mode != in.Mode || old.Start != in.Start || old.MadeBy != qso.NoSource || old.Get(qso.FieldName) != "Otto" || change.Empty() {
		t.Errorf("adopted: %+v", old)
	}
}

func TestJSON(t *testing.T) {
	q := contact(map[string]string{"GRIDSQUARE": "JO31", "APP_X": "<b>", "MYFIELD": "a\"\n\xff"})
	q.ID, q.Rev, q.DXCC, q.CQZ, q.ITUZ, q.Freq = 7, 1, 230, 14, 28, 14_080_000_000
	q.Mode = qso.Mode{Name: "MFSK", Sub: "FT4"}
	q.Confirmations = []qso.Confirmation{{Source: qso.LoTW, Status: 'Y'}, {Source: qso.DCL, Status: 'Y'}, {Source: qso.EQSL, Status: 'N'}}
	data := q.AppendJSON(nil)
	var got map[string]any
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	want := map[string]any{
		"id": 7.0, "rev": 1.0, "time": "2025-03-14T10:15:00Z", "call": "DL1ABC", "station_callsign": "DK9XYZ", "band": "20m", "mode": "MFSK",
		"submode": "FT4", "freq_mhz": 14.08, "dxcc": 230.0, "cqz": 14.0, "ituz": 28.0, "gridsquare": "JO31", "lotw_rcvd": "Y", "dcl_rcvd": "Y", "eqsl_rcvd": "N",
		"confirmed": []any{"dcl", "lotw"}, "extra": map[string]any{"APP_X": "<b>", "MYFIELD": "a\"\n\ufffd"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	fields, err := qso.FieldsOfJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, f := range fields {
		texts[f.Key()] = f.Value
	}
	for name, want := range map[string]string{"QSO_DATE": "20250314", "TIME_ON": "101500", "FREQ": "14.08", "LOTW_QSL_RCVD": "Y", "APP_X": "<b>", "DXCC": "230"} {
		if texts[name] != want {
			t.Errorf("%s = %q, want %q", name, texts[name], want)
		}
	}
}

func TestFieldsOfJSONNamesWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		`{"call":["x"]}`:       "not a QSO in JSON: call is neither text nor number",
		`{"time":"yesterday"}`: `not a QSO in JSON: time: not a possible time: "yesterday" is not like 2025-03-14T10:15:00Z`,
		`{"extra":5}`:          "not a QSO in JSON: extra is no object of texts",
	} {
		_, err := qso.FieldsOfJSON([]byte(text))
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func FuzzAppendJSONString(f *testing.F) {
	f.Add("a<b>&\u2028\x00\xff")
	f.Fuzz(func(t *testing.T, s string) {
		var back string
		if err := json.Unmarshal(qso.AppendJSONString(nil, s), &back); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
	})
}
