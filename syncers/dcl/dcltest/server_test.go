package dcltest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"qslbox/syncers/dcl/dcltest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 2, 11, 12, 0, 0, 0, time.UTC)

func Example() {
	dcl := dcltest.New(dcltest.Options{Key: "K1", Now: func() time.Time { return noon }})
	dcl.Add(dcltest.QSO{Own: "DK9XYZ", Call: "DL1ABC", Start: noon, Band: "80m", Mode: "SSB", DOK: "B36", Confirmed: noon})
	server := httptest.NewServer(dcl)
	defer server.Close()

	answer, _ := http.Post(server.URL+dcltest.Path, "application/json", strings.NewReader(`{"key":"K1","cnf_only":"T","limit":10}`))
	var body struct{ Status, ADIF string }
	_ = json.NewDecoder(answer.Body).Decode(&body)
	_ = answer.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	fmt.Println(body.Status)
	fmt.Print(body.ADIF)
	// Output:
	// ok
	// DCL ADIF export
	// <ADIF_VER:5>3.1.4 <PROGRAMID:3>DCL <EOH>
	// <CALL:6>DL1ABC <QSO_DATE:8>20260211 <TIME_ON:6>120000 <BAND:3>80M <MODE:3>SSB <STATION_CALLSIGN:6>DK9XYZ <DCL_QSL_RCVD:1>Y <DCL_QSLRDATE:8>20260211 <DARC_DOK:3>B36 <EOR>
}

func start(t *testing.T) (*dcltest.Server, string) {
	t.Helper()
	dcl := dcltest.New(dcltest.Options{Key: "K1", Now: func() time.Time { return noon }})
	for i := range 9 {
		dcl.Add(dcltest.QSO{Own: "DK9XYZ", Call: fmt.Sprintf("DL%dABC", i), Start: noon.AddDate(0, 0, -i), Band: "80m", Mode: "SSB", DOK: "B36", Name: "Jürgen"})
	}
	dcl.ConfirmNext(6)
	server := httptest.NewServer(dcl)
	t.Cleanup(func() { server.Close(); http.DefaultTransport.(*http.Transport).CloseIdleConnections() })
	return dcl, server.URL + dcltest.Path
}

func post(t *testing.T, address, body string) (int, string, error) {
	t.Helper()
	answer, err := http.Post(address, "application/json", strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), err
}

func TestQueries(t *testing.T) {
	for _, test := range []struct {
		name, body string
		status     int
		records    int
	}{
		{"confirmed only", `{"key":"K1","cnf_only":"T"}`, 200, 6},
		{"limit", `{"key":"K1","cnf_only":"T","limit":2}`, 200, 2},
		{"since later", `{"key":"K1","cnf_only":"T","qsl_since":"2026-02-12"}`, 200, 0},
		{"since the day", `{"key":"K1","cnf_only":"T","qsl_since":"2026-02-11"}`, 200, 6},
		{"all", `{"key":"K1"}`, 200, 9},
		{"wrong key", `{"key":"K2"}`, 401, 0},
		{"no JSON", `key=K1`, 400, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, address := start(t)
			status, body, err := post(t, address, test.body)
			if err != nil || status != test.status || strings.Count(body, "EOR") != test.records {
				t.Errorf("status %d, %d records, error %v, want %d and %d", status, strings.Count(body, "EOR"), err, test.status, test.records)
			}
		})
	}
}

func TestFaults(t *testing.T) {
	good := `{"key":"K1","cnf_only":"T"}`
	for _, test := range []struct {
		fault  dcltest.Fault
		status int
		failed bool
		says   string
	}{
		{dcltest.BadKey(403), 403, false, "invalid key"},
		{dcltest.Status(429, 60), 429, false, "error"},
		{dcltest.ErrorInside(), 200, false, "database busy"},
		{dcltest.HTML(), 200, false, "Wartung"},
		{dcltest.Empty(), 200, false, ""},
		{dcltest.Changed(), 200, false, "count"},
		{dcltest.WrongType(), 200, false, "["},
		{dcltest.Null(), 200, false, "null"},
		{dcltest.Refuse(), 0, true, ""},
		{dcltest.Cut(200), 200, false, "CALL"},
		{dcltest.CutRecord(2), 200, false, "DL9ZZZ"},
		{dcltest.WrongLength(5), 200, true, "EOR"},
		{dcltest.WrongLength(-5), 200, false, "EOR"},
		{dcltest.Fault{StallAt: 100, StallFor: 30 * time.Millisecond, Members: `, "next": 1`, Extra: "<EOR>"}, 200, false, `"next": 1}`},
		{dcltest.Fault{Delay: time.Millisecond}, 200, false, "EOR"},
	} {
		t.Run(test.fault.Name, func(t *testing.T) {
			dcl, address := start(t)
			dcl.Play(test.fault)
			status, body, err := post(t, address, good)
			if status != test.status || (err != nil) != test.failed || !strings.Contains(body, test.says) {
				t.Errorf("status %d, error %v, body %.300s", status, err, body)
			}
			if status, body, err = post(t, address, good); status != 200 || err != nil || strings.Count(body, "EOR") != 6 {
				t.Errorf("the answer after the fault: status %d, error %v, %.200s", status, err, body)
			}
			if diff := cmp.Diff(map[string]any{"key": "K1", "cnf_only": "T"}, dcl.Requests()[0].Body); diff != "" {
				t.Errorf("request kept (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMany(t *testing.T) {
	dcl, address := start(t)
	dcl.Many(5000)
	if _, body, err := post(t, address, `{"key":"K1","cnf_only":"T"}`); err != nil || strings.Count(body, "EOR") != 5006 {
		t.Errorf("%d records, %v", strings.Count(body, "EOR"), err)
	}
}
