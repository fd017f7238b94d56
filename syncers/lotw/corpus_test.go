package lotw_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/syncers"
	"qslbox/syncers/lotw"
	"qslbox/syncers/lotw/lotwtest"
	"qslbox/syncers/syncerstest"
)

type corpusCase struct {
	Why        string        `json:"why"`
	Now        time.Time     `json:"now"`
	Before     string        `json:"cursor_before"`
	Class      syncers.Class `json:"class"`
	AcceptAlso []struct {
		Class syncers.Class `json:"class"`
		After *string       `json:"cursor_after"`
	} `json:"accept_also"`
	Confirmations int              `json:"confirmations"`
	Rejected      int              `json:"rejected"`
	Accepted      int              `json:"accepted_qsos"`
	After         *string          `json:"cursor_after"`
	QSOAfter      *string          `json:"qso_cursor_after"`
	RetryAfter    int              `json:"retry_after_s"`
	Warn          string           `json:"warn"`
	Details       []map[string]any `json:"details"`
}

// nothing is a whole report without records.
const nothing = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nARRL Logbook of the World Status Report\r\nGenerated at 2026-02-11 06:00:00\r\n\r\n" +
	"<PROGRAMID:4>LoTW\r\n<APP_LoTW_NUMREC:1>0\r\n\r\n<eoh>\r\n\r\n<APP_LoTW_EOF>\r\n"

func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("testdata/corpus/*.http")
	if err != nil || len(files) < 30 {
		t.Fatalf("corpus: %v, %d files", err, len(files))
	}
	for _, file := range files {
		name := strings.TrimSuffix(file, ".http")
		t.Run(filepath.Base(name), func(t *testing.T) { testCorpus(t, name) })
	}
}

func testCorpus(t *testing.T, name string) {
	answer, err := os.ReadFile(name + ".http")
	if err != nil {
		t.Fatal(err)
	}
	var c corpusCase
	load(t, name+".json", &c)
	answers := [][]byte{[]byte(nothing), answer}
	if c.QSOAfter != nil { // it is the own-QSO report
		answers = [][]byte{answer, []byte(nothing)}
	}
	r := newRig(t, 0, lotw.Config{Override: syncerstest.Raw(t, answers...)}, lotwtest.Options{})
	r.now = c.Now
	account, _ := r.Account(qso.LoTW)
	account.Cursor = syncers.Cursor{QSL: c.Before, QSO: c.Before}
	r.SetAccount(account)
	run := r.run(t, syncers.Options{})
	for _, also := range c.AcceptAlso {
		if run.Class == also.Class {
			c.Class, c.After = also.Class, also.After
		}
	}
	if run.Class != c.Class || run.Rejected != c.Rejected {
		t.Errorf("%s\nclass %s, rejected %d (%s), want %s, %d", c.Why, run.Class, run.Rejected, run.Message, c.Class, c.Rejected)
	}
	want := syncers.Cursor{QSL: c.Before, QSO: c.Before}
	if c.After != nil {
		want.QSL = *c.After
	}
	if c.QSOAfter != nil {
		want.QSO = *c.QSOAfter
	}
	if diff := cmp.Diff(want, run.Cursor); diff != "" {
		t.Errorf("%s\ncursor (-want +got):\n%s", c.Why, diff)
	}
	if wait := time.Duration(c.RetryAfter) * time.Second; wait > 0 && run.NotBefore.Sub(run.Ended) < wait {
		t.Errorf("next try %v after the end, want %v", run.NotBefore.Sub(run.Ended), wait)
	}
	if c.Warn != "" && (len(run.Warnings) != 1 || run.Warnings[0].Code != c.Warn) {
		t.Errorf("warnings %v, want %s", run.Warnings, c.Warn)
	}
	if c.Accepted > 0 && len(r.Records) != c.Accepted {
		t.Errorf("%d own QSOs, want %d", len(r.Records), c.Accepted)
	}
	compareDetails(t, r, &c)
}

// compareDetails compares the confirmations with what the corpus says of them.
func compareDetails(t *testing.T, r *rig, c *corpusCase) {
	t.Helper()
	var got []*qso.QSO
	for _, rec := range r.Records {
		if rec.Kind == syncers.Confirmation {
			got = append(got, rec.QSO)
		}
	}
	if len(got) != c.Confirmations || len(c.Details) > len(got) {
		t.Fatalf("%d confirmations, want %d", len(got), c.Confirmations)
	}
	for i, detail := range c.Details {
		for key, want := range detail {
			if have := value(got[i], key); have != fmt.Sprint(want) {
				t.Errorf("record %d: %s is %q, want %q", i, key, have, fmt.Sprint(want))
			}
		}
	}
}

// value returns a detail as the corpus names it.
func value(q *qso.QSO, key string) string {
	switch key {
	case "call":
		return string(q.Call)
	case "time":
		return q.Start.String()
	case "station_callsign":
		return string(q.Own)
	case "band":
		return q.Band.String()
	case "mode":
		return q.Mode.Name
	case "submode":
		return q.Mode.Sub
	case "freq_mhz":
		return fmt.Sprint(math.Round(q.Freq.MHz()*1e6) / 1e6)
	case "dxcc":
		return fmt.Sprint(q.DXCC)
	case "mode_group":
		return q.Get(qso.FieldAppLoTWModeGroup)
	case "rxqsl":
		return q.Get(qso.FieldAppLoTWRXQSL)
	case "two_way":
		return fmt.Sprint(q.Get(qso.FieldAppLoTW2xQSL) == "Y")
	case "deleted":
		return fmt.Sprint(strings.EqualFold(q.Get(qso.FieldAppLoTWDXCCEntityStatus), "Deleted"))
	}
	return q.Text(qso.LookupField([]byte(strings.ToUpper(key))))
}

func load(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

type requestCase struct {
	Name  string `json:"name"`
	Why   string `json:"why"`
	Input struct {
		Kind, Login, Password, Cursor string
		OwnCall                       qso.Call `json:"own_call"`
	} `json:"input"`
	Expect struct {
		Method, Path string
		Contains     map[string]string              `json:"query_contains"`
		Any          map[string][]map[string]string `json:"query_any"`
		Since        string                         `json:"since_parameter"`
		SinceAtMost  string                         `json:"since_at_most"`
		Password     string                         `json:"encoded_password"`
		Never        []string                       `json:"never_in_logs"`
	} `json:"expect"`
}

func TestRequests(t *testing.T) {
	var cases []requestCase
	load(t, "testdata/requests.json", &cases)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) { testRequest(t, &c) })
	}
}

func testRequest(t *testing.T, c *requestCase) {
	r := newRig(t, 0, lotw.Config{}, lotwtest.Options{})
	r.SetAccount(syncers.Account{
		Source: qso.LoTW, Login: c.Input.Login, Secret: qso.NewSecret(c.Input.Password), OwnCall: c.Input.OwnCall,
		Cursor: syncers.Cursor{QSL: c.Input.Cursor, QSO: c.Input.Cursor},
	})
	r.lotw.SetPassword(c.Input.Password)
	if run := r.run(t, syncers.Options{}); run.Class != syncers.OK {
		t.Fatalf("%s: %s", run.Class, run.Message)
	}
	r.lotw.Always(lotwtest.Refuse())
	failed := r.run(t, syncers.Options{})
	text, err := json.Marshal(failed)
	if err != nil {
		t.Fatal(err)
	}
	for _, never := range c.Expect.Never {
		if all := string(text) + r.log.String(); strings.Contains(all, never) {
			t.Errorf("%q stands in %s", never, all)
		}
	}
	request := r.lotw.Requests()[0]
	if c.Input.Kind == "confirmations" {
		request = r.lotw.Requests()[1]
	}
	if request.Method != c.Expect.Method || request.Path != c.Expect.Path {
		t.Errorf("%s %s, want %s %s", request.Method, request.Path, c.Expect.Method, c.Expect.Path)
	}
	if !strings.Contains(request.RawQuery, "password="+c.Expect.Password+"&") {
		t.Errorf("query %s, want the password as %s", request.RawQuery, c.Expect.Password)
	}
	compareQuery(t, c, request.Query)
}

func compareQuery(t *testing.T, c *requestCase, query url.Values) {
	t.Helper()
	for name, want := range c.Expect.Contains {
		if got := query.Get(name); got != want || len(query[name]) != 1 {
			t.Errorf("%s: %q, want %q", name, query[name], want)
		}
	}
	for what, choices := range c.Expect.Any {
		found := false
		for _, choice := range choices {
			for name, want := range choice {
				found = found || query.Get(name) == want
			}
		}
		if !found {
			t.Errorf("%s: none of %v in %v", what, choices, query)
		}
	}
	if since := query.Get(c.Expect.Since); since == "" || since > c.Expect.SinceAtMost {
		t.Errorf("%s is %q, want at most %q", c.Expect.Since, since, c.Expect.SinceAtMost)
	}
}
