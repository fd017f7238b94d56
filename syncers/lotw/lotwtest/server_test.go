package lotwtest_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"qslbox/syncers/lotw/lotwtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 2, 11, 12, 0, 0, 0, time.UTC)

func Example() {
	lotw := lotwtest.New(lotwtest.Options{Login: "dk9xyz", Password: "secret1", Now: func() time.Time { return noon }})
	lotw.Add(lotwtest.QSO{Own: "DK9XYZ", Call: "W1AAA", Start: noon.Add(-time.Hour), Band: "20m", Mode: "FT8", Received: noon})
	lotw.ConfirmNext(1)
	server := httptest.NewServer(lotw)
	defer server.Close()

	query := url.Values{"login": {"dk9xyz"}, "password": {"secret1"}, "qso_query": {"1"}, "qso_qslsince": {"1945-01-01"}}
	answer, _ := http.Get(server.URL + lotwtest.Path + "?" + query.Encode())
	report, _ := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	fmt.Println(strings.ReplaceAll(string(report[bytes.Index(report, []byte("<PROGRAMID")):]), "\r\n", "\n"))
	// Output:
	// <PROGRAMID:4>LoTW
	// <APP_LoTW_LASTQSL:19>2026-02-11 12:00:00
	//
	// <APP_LoTW_NUMREC:1>1
	//
	// <eoh>
	//
	// <CALL:5>W1AAA
	// <BAND:3>20M
	// <MODE:3>FT8
	// <APP_LoTW_MODEGROUP:4>DATA
	// <QSO_DATE:8>20260211
	// <APP_LoTW_RXQSO:19>2026-02-11 12:00:00 // QSO record inserted/modified at LoTW
	// <TIME_ON:6>110000
	// <APP_LoTW_QSO_TIMESTAMP:20>2026-02-11T11:00:00Z // QSO Date & Time; ISO-8601
	// <QSL_RCVD:1>Y
	// <QSLRDATE:8>20260211
	// <APP_LoTW_RXQSL:19>2026-02-11 12:00:00 // QSL record matched/modified at LoTW
	// <eor>
	//
	// <APP_LoTW_EOF>
}

func start(t *testing.T) (*lotwtest.Server, string) {
	t.Helper()
	lotw := lotwtest.New(lotwtest.Options{Login: "dk9xyz", Password: "a b+c&d", Now: func() time.Time { return noon }})
	lotw.Add(slices.Collect(lotwtest.Generate(120, "DK9XYZ", 1, 50, noon))...)
	server := httptest.NewServer(lotw)
	t.Cleanup(func() { server.Close(); http.DefaultTransport.(*http.Transport).CloseIdleConnections() })
	return lotw, server.URL + lotwtest.Path
}

func get(t *testing.T, address string, query url.Values) (int, string, error) {
	t.Helper()
	client := &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       2 * time.Second,
	}
	answer, err := client.Get(address + "?" + query.Encode())
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(body), err
}

func values(pairs ...string) url.Values {
	v := url.Values{"login": {"dk9xyz"}, "password": {"a b+c&d"}, "qso_query": {"1"}}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func TestQueries(t *testing.T) {
	lotw, address := start(t)
	log := lotw.Log()
	confirmed := 0
	for _, q := range log {
		if !q.Confirmed.IsZero() {
			confirmed++
		}
	}
	for _, test := range []struct {
		name  string
		query url.Values
		want  int
		says  string
	}{
		{"own QSOs", values("qso_qsl", "no", "qso_qsorxsince", "1945-01-01"), len(log), "APP_LoTW_LASTQSORX"},
		{"confirmations", values("qso_qslsince", "1945-01-01 00:00:00"), confirmed, "APP_LoTW_LASTQSL"},
		{"without since a recent date", values("qso_qsl", "no"), -1, "(system supplied default)"},
		{"without qso_query no records", values("qso_query", "0", "qso_qslsince", "1945-01-01"), 0, "<eoh>"},
		{"another own call", values("qso_qslsince", "1945-01-01", "qso_owncall", "DL0AAA"), 0, "OWN CALL: DL0AAA"},
		{"by call", values("qso_qsl", "no", "qso_qsorxsince", "1945-01-01", "qso_callsign", log[3].Call), 1, log[3].Call},
		{"window", values("qso_qsl", "no", "qso_qsorxsince", "1945-01-01", "qso_enddate", "2020-01-01"), 0, "NUMREC:1>0"},
		{"wrong password", values("password", "a b c&d"), 0, "Username/password incorrect"},
		{"since in the future", values("qso_qslsince", "2027-01-01"), 0, "future"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, body, err := get(t, address, test.query)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Count(body, "<eor>")
			if test.want < 0 && (got == 0 || got == len(log)) || test.want >= 0 && got != test.want {
				t.Errorf("%d records, want %d", got, test.want)
			}
			if !strings.Contains(body, test.says) {
				t.Errorf("%q is missing in:\n%.600s", test.says, body)
			}
		})
	}
}

func TestDetailIsAskedFor(t *testing.T) {
	_, address := start(t)
	_, bare, _ := get(t, address, values("qso_qslsince", "1945-01-01"))
	_, all, _ := get(t, address, values("qso_qslsince", "1945-01-01", "qso_mydetail", "yes", "qso_withown", "yes", "qso_qsldetail", "yes"))
	for _, name := range []string{"<MY_GRIDSQUARE:", "<STATION_CALLSIGN:", "<DXCC:", "<APP_LoTW_2xQSL:"} {
		if strings.Contains(bare, name) || !strings.Contains(all, name) {
			t.Errorf("%s: must come only when asked for", name)
		}
	}
}

func TestNewestFirst(t *testing.T) {
	lotw, address := start(t)
	lotw.ConfirmNext(1)
	_, body, _ := get(t, address, values("qso_qslsince", "1945-01-01"))
	if !strings.Contains(body, "LASTQSL:19>2026-02-11 12:00:00") || strings.Index(body, "RXQSL:19>2026-02-11 12:00:00") > strings.Index(body, "<eor>") {
		t.Errorf("the newest confirmation is not the first:\n%.900s", body)
	}
}

func TestFaults(t *testing.T) {
	for _, test := range []struct {
		fault  lotwtest.Fault
		status int
		failed bool
		check  func(body string) bool
	}{
		{lotwtest.WrongPassword(), 200, false, func(b string) bool { return strings.Contains(b, "password incorrect") }},
		{lotwtest.RequestLimit(), 200, false, func(b string) bool { return strings.Contains(b, "Page Request Limit!") }},
		{lotwtest.Maintenance(), 200, false, func(b string) bool { return strings.Contains(b, "offline") }},
		{lotwtest.CaptivePortal(), 200, false, func(b string) bool { return strings.Contains(b, "<EOH>") }},
		{lotwtest.Status(503, 60), 503, false, func(b string) bool { return b != "" }},
		{lotwtest.Redirect("http://198.51.100.7/"), 302, false, func(b string) bool { return b == "" }},
		{lotwtest.Empty(), 200, false, func(b string) bool { return b == "" }},
		{lotwtest.Refuse(), 0, true, func(b string) bool { return b == "" }},
		{lotwtest.Cut(900), 200, false, func(b string) bool { return len(b) == 900 }},
		{lotwtest.Cut(-20), 200, false, func(b string) bool { return !strings.Contains(b, "_EOF>") && len(b) > 900 }},
		{lotwtest.CutChunk(900), 200, true, func(b string) bool { return len(b) <= 900 }},
		{lotwtest.CutAfter(2), 200, false, func(b string) bool { return strings.Count(b, "<eor>") == 2 && !strings.Contains(b, "_EOF>") }},
		{lotwtest.WrongLength(10), 200, true, func(b string) bool { return strings.Contains(b, "_EOF>") }},
		{lotwtest.WrongLength(-10), 200, false, func(b string) bool { return !strings.Contains(b, "_EOF>") }},
		{lotwtest.BadRecords(), 200, false, func(b string) bool { return strings.Contains(b, "20250230") && strings.Contains(b, "_EOF>") }},
		{lotwtest.Fault{Twice: true}, 200, false, func(b string) bool { return strings.Count(b, "<eor>")%2 == 0 }},
		{lotwtest.Fault{Gzip: true}, 200, false, func(b string) bool { return strings.HasPrefix(b, "ARRL") }},
		{lotwtest.Fault{Garble: 3}, 200, false, func(b string) bool { return strings.HasPrefix(b, "ARRL") }},
		{lotwtest.Fault{CountOff: 2, NoEnd: true}, 200, false, func(b string) bool { return !strings.Contains(b, "_EOF>") }},
		{lotwtest.Fault{Last: "2099-01-01"}, 200, false, func(b string) bool { return strings.Contains(b, ">2099-01-01") }},
		{lotwtest.Fault{NoLast: true}, 200, false, func(b string) bool { return !strings.Contains(b, "LASTQSL:") }},
		{lotwtest.Fault{Tiny: 3}, 200, false, func(b string) bool { return strings.Count(b, "<eor>") == 3 }},
		{lotwtest.Stall(500, 50*time.Millisecond), 200, false, func(b string) bool { return strings.Contains(b, "_EOF>") }},
		{lotwtest.Fault{Name: "delay", Delay: 10 * time.Millisecond}, 200, false, func(b string) bool { return b != "" }},
	} {
		t.Run(test.fault.Name, func(t *testing.T) {
			lotw, address := start(t)
			lotw.Play(test.fault)
			status, body, err := get(t, address, values("qso_qslsince", "1945-01-01"))
			if status != test.status || (err != nil) != test.failed || !test.check(body) {
				t.Errorf("status %d, error %v, body:\n%.300s", status, err, body)
			}
			_, body, err = get(t, address, values("qso_qslsince", "1945-01-01"))
			if err != nil || !strings.Contains(body, "_EOF>") {
				t.Errorf("the answer after the fault is not good: %v", err)
			}
		})
	}
}

func TestStallEndsWhenTheClientLeaves(t *testing.T) {
	lotw, address := start(t)
	lotw.Play(lotwtest.Stall(100, time.Hour))
	if _, _, err := get(t, address, values("qso_qslsince", "1945-01-01")); err == nil {
		t.Fatal("a stalled answer came to an end")
	}
}

func TestEndless(t *testing.T) {
	lotw, address := start(t)
	lotw.Play(lotwtest.Fault{Endless: true})
	answer, err := http.Get(address + "?" + values("qso_qslsince", "1945-01-01").Encode())
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.CopyN(io.Discard, answer.Body, 1<<20); err != nil {
		t.Errorf("ended after %d bytes: %v", n, err)
	}
	_ = answer.Body.Close()
}

func TestRequestsAreKept(t *testing.T) {
	lotw, address := start(t)
	_, _, err := get(t, address, values("qso_qslsince", "1945-01-01"))
	if err = errors.Join(err); err != nil {
		t.Fatal(err)
	}
	got := lotw.Requests()[0]
	want := values("qso_qslsince", "1945-01-01")
	if diff := cmp.Diff(want, got.Query); diff != "" || got.Method != http.MethodGet || got.Path != lotwtest.Path || lotw.MostAtOnce() != 1 {
		t.Errorf("%s %s, query (-want +got):\n%s", got.Method, got.Path, diff)
	}
}

func TestTinySecondFullDownload(t *testing.T) {
	lotw := lotwtest.New(lotwtest.Options{Login: "l", Password: "p", Now: func() time.Time { return noon }, TinyFull: time.Minute})
	lotw.Many(500, "DK9XYZ", 2, 100, noon)
	server := httptest.NewServer(lotw)
	t.Cleanup(func() { server.Close(); http.DefaultTransport.(*http.Transport).CloseIdleConnections() })
	query := url.Values{"login": {"l"}, "password": {"p"}, "qso_query": {"1"}, "qso_qslsince": {"1945-01-01"}}
	for i, want := range []int{500, 5} {
		if _, body, _ := get(t, server.URL+lotwtest.Path, query); strings.Count(body, "<eor>") != want {
			t.Errorf("download %d: %d records, want %d", i, strings.Count(body, "<eor>"), want)
		}
	}
}
