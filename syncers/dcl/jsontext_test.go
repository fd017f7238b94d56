package dcl_test

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/syncers"
	"qslbox/syncers/dcl"
	"qslbox/syncers/syncerstest"
)

// answer makes the bytes of an HTTP answer.
func answer(body string) []byte {
	return []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" + body)
}

const oneRecord = `<EOH><CALL:6>DL1ABC<QSO_DATE:8>20260110<TIME_ON:6>101500<BAND:3>80M<MODE:3>SSB<STATION_CALLSIGN:6>DK9XYZ<DCL_QSL_RCVD:1>Y`

func TestJSONText(t *testing.T) {
	for _, test := range []struct{ name, body, want string }{
		{"escapes", `{"status":"ok","adif":"` + oneRecord + `<NAME:10>a\"\\\/b\t\u00e9f\u0041<EOR>"}`, "a\"\\/b\téfA"},
		{"pair", `{"status":"ok","adif":"` + oneRecord + `<NAME:4>\ud83d\ude00<EOR>"}`, "😀"},
		{"half a pair", `{"status":"ok","adif":"` + oneRecord + `<NAME:5>x\ud83dy<EOR>"}`, "x\uFFFDy"},
		{"half a pair before an escape", `{"status":"ok","adif":"` + oneRecord + `<NAME:4>\ud83d\u0041<EOR>"}`, "\uFFFDA"},
		{"byte order mark, blanks, status behind", "\xEF\xBB\xBF { \"adif\" : \"" + oneRecord + "<NAME:1>x<EOR>\" ,\r\n \"status\":\"ok\" } \n", "x"},
		{"bare control characters", "{\"status\":\"ok\",\"adif\":\"" + oneRecord + "\n<NAME:1>x\r\n<EOR>\"}", "x"},
		{"the last of two counts", `{"adif":"<EOH>","status":"ok","adif":"` + oneRecord + `<NAME:1>x<EOR>"}`, "x"},
		{"upper-case status", `{"status":"OK","adif":"` + oneRecord + `<NAME:1>x<EOR>"}`, "x"},
	} {
		t.Run(test.name, func(t *testing.T) {
			book := newBook("")
			r := run(t, syncer(t, dcl.Config{Override: syncerstest.Raw(t, answer(test.body))}), book, syncers.Options{})
			if r.Class != syncers.OK || len(book.Records) != 1 || book.Records[0].QSO.Get(qso.FieldName) != test.want {
				t.Errorf("%s %s: %d records, name %q, want %q", r.Class, r.Message, len(book.Records), book.Records[0].QSO.Get(qso.FieldName), test.want)
			}
		})
	}
}

func TestNames(t *testing.T) {
	names, err := dcl.ParseNames(`{"host":"api.darc.de","path":"/v2","key":"token","adif":"log","status":"state","ok":"fine","fields":{"DOK":"DARC_DOK"}}`)
	if err != nil {
		t.Fatal(err)
	}
	book := newBook("")
	body := `{"state":"fine","log":"` + oneRecord + `<DOK:3>B36<EOR>"}`
	r := run(t, syncer(t, dcl.Config{Names: names, Override: syncerstest.Raw(t, answer(body))}), book, syncers.Options{})
	if r.Class != syncers.OK || len(book.Records) != 1 || book.Records[0].QSO.Get(qso.FieldDARCDOK) != "B36" {
		t.Errorf("%+v", r)
	}
	if names, err := dcl.ParseNames(" "); err != nil || names.Path != "" {
		t.Errorf("blank: %v", err)
	}
	for _, bad := range []string{
		`{"host":"darc.de.example.org"}`, `{"host":"notdarc.de"}`, `{"host":"x@y.darc.de"}`, `{"host":"a.darc.de:8443"}`,
		`{"path":"v2"}`, `{"path":"/x?y"}`, `{"pth":"/v2"}`, `{} {}`, `[]`, `{`,
	} {
		if _, err := dcl.ParseNames(bad); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
	if _, err := dcl.New(dcl.Config{Names: dcl.Names{Fields: map[string]string{"X": "NO_SUCH_FIELD"}}}); err == nil {
		t.Error("an unknown field was taken")
	}
	if _, err := dcl.New(dcl.Config{Override: "http://192.0.2.1"}); err == nil {
		t.Error("an override elsewhere was taken")
	}
}

// FuzzScan looks through answers: what package json takes is taken and means
// the same, what ends too early or is no JSON is an error, never a panic.
func FuzzScan(f *testing.F) {
	f.Add(`{"status":"ok","adif":"` + oneRecord + `<EOR>"}`)
	f.Add(`{"status":"ok","adif":null}`)
	f.Add(`{"status":"error","message":"\ud83d\ude00 key\ud83d\u0041"}`)
	f.Add(`{"a":[{"b":"}"},1e5,true],"status":"ok","adif":"\u00`)
	f.Fuzz(func(t *testing.T, body string) {
		texts, err := dcl.Texts(body)
		var parsed map[string]any
		if json.Unmarshal([]byte(body), &parsed) != nil || parsed == nil || !utf8.ValidString(body) {
			return
		}
		if err != nil {
			t.Fatalf("%q: %v", body, err)
		}
		want := map[string]string{}
		for name, value := range parsed {
			if text, ok := value.(string); ok && len(name) < 1000 {
				want[name] = text
			}
		}
		for name := range texts {
			if len(name) >= 1000 {
				delete(texts, name)
			}
		}
		if diff := cmp.Diff(want, texts); diff != "" {
			t.Errorf("%q (-want +got):\n%s", body, diff)
		}
	})
}
