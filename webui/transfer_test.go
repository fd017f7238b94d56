package webui_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/qso/intake"
	"qslbox/syncers"
	"qslbox/webui"
)

// file is a log with two good records and a bad one.
var file = adif("CALL", "DL1ABC", "QSO_DATE", "20250110", "TIME_ON", "1015", "BAND", "20m", "MODE", "CW", "STATION_CALLSIGN", "DK9XYZ") +
	adif("CALL", "W1AAA", "QSO_DATE", "20250110", "TIME_ON", "1016", "BAND", "20m", "MODE", "CW") +
	adif("CALL", "JA1ZZZ", "QSO_DATE", "20251399", "TIME_ON", "1017", "BAND", "20m", "MODE", "CW")

// TestImport sends a log in every way that programs and browsers do.
func TestImport(t *testing.T) {
	form := func(fields ...string) (string, string) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for i := 0; i < len(fields); i += 2 {
			_ = w.WriteField(fields[i], fields[i+1])
		}
		part, _ := w.CreateFormFile("file", "my.adi")
		_, _ = io.WriteString(part, file)
		_ = w.Close()
		return b.String(), w.FormDataContentType()
	}
	plain, plainType := form()
	withOwn, withOwnType := form("own", "DL0XYZ")
	for _, tt := range []struct {
		name, query, kind, body string
		want                    intake.Account
		second                  string // own call of the second QSO
	}{
		{"raw", "", "application/octet-stream", file, intake.Account{Outcome: "imported", Read: 3, Added: 2, Rejected: 1, OwnCallMissing: 1}, ""},
		{"raw, no type", "?own=DL0XYZ", "", file, intake.Account{Outcome: "imported", Read: 3, Added: 2, Rejected: 1}, "DL0XYZ"},
		{"form", "", plainType, plain, intake.Account{Outcome: "imported", Read: 3, Added: 2, Rejected: 1, OwnCallMissing: 1}, ""},
		{"form with own call", "", withOwnType, withOwn, intake.Account{Outcome: "imported", Read: 3, Added: 2, Rejected: 1}, "DL0XYZ"},
		{"dry run", "?dry_run=1", "", file, intake.Account{Outcome: "dry-run", Read: 3, Added: 2, Rejected: 1, OwnCallMissing: 1}, "none"},
		{"a page", "", "text/html", "<html><body>sign in</body></html>", intake.Account{Outcome: "refused", RefusedKind: "html"}, "none"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t, overNetwork)
			req, _ := http.NewRequest(http.MethodPost, f.url+"/api/import"+tt.query, strings.NewReader(tt.body))
			if tt.kind != "" {
				req.Header.Set("Content-Type", tt.kind)
			}
			resp, err := f.client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			text, _ := io.ReadAll(resp.Body)
			got := decode[intake.Account](t, string(text))
			link := got.RejectsLink
			if tt.want.Rejected > 0 && (len(got.Rejects) != 1 || got.Rejects[0].Reason != intake.BadDate) {
				t.Errorf("rejects: %+v", got.Rejects)
			}
			got.Rejects, got.RejectsLink, got.Message = nil, "", ""
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("account (-want +got):\n%s", diff)
			}
			if tt.second != "none" {
				q, err := f.books.book("main").Get(2)
				if err != nil || string(q.Own) != tt.second {
					t.Errorf("second QSO: %v, %v", q, err)
				}
			}
			if link == "" {
				return
			}
			if got := f.command(http.MethodGet, link, ""); !strings.Contains(got.body, "JA1ZZZ") || strings.Contains(got.body, "DL1ABC") {
				t.Errorf("rejected records: %s", got.body)
			}
		})
	}
	f := newFixture(t)
	for query, want := range map[string]int{"?own=no": 400, "?logbook=nothing": 404} {
		if got := f.do(ask{method: http.MethodPost, path: "/api/import" + query, body: file, full: true}); got.status != want {
			t.Errorf("%s: %d %s, want %d", query, got.status, got.body, want)
		}
	}
	cut := plain[:len(plain)/2]
	if got := f.do(ask{method: http.MethodPost, path: "/api/import", body: cut, header: map[string]string{"Content-Type": plainType}, full: true}); got.status != 400 {
		t.Errorf("half a form: %d %s", got.status, got.body)
	}
	noFile := "--x\r\nContent-Disposition: form-data; name=\"own\"\r\n\r\nDL0XYZ\r\n--x--\r\n"
	if got := f.do(ask{method: http.MethodPost, path: "/api/import", body: noFile, header: map[string]string{"Content-Type": "multipart/form-data; boundary=x"}, full: true}); got.status != 400 {
		t.Errorf("a form without a file: %d %s", got.status, got.body)
	}
}

// TestRejects shows that rejected records are for those who may read the log.
func TestRejects(t *testing.T) {
	f := newFixture(t).withPeople()
	account := decode[intake.Account](t, f.command(http.MethodPost, "/api/import?logbook=club", file).body)
	for name, want := range map[string]int{"clubber": 200, "admin": 200, "owner": 404} {
		if got := f.do(ask{path: account.RejectsLink, header: map[string]string{"Cookie": f.cookie(name)}}); got.status != want {
			t.Errorf("%s: %d, want %d", name, got.status, want)
		}
	}
	for range 16 {
		f.command(http.MethodPost, "/api/import", file)
	}
	if got := f.do(ask{path: account.RejectsLink, full: true}); got.status != 404 {
		t.Errorf("after 16 more imports: %d, want 404", got.status)
	}
}

// TestExport reads the log back in every format.
func TestExport(t *testing.T) {
	f := newFixture(t)
	one, two, three := contact("DL1ABC", "20m", "CW", started), contact("W1AAA", "40m", "SSB", started), contact("JA1ZZZ", "20m", "CW", started)
	one.AtLoTW = qso.TimeOf(started)
	two.Fields = []qso.Field{{ID: qso.FieldComment, Value: `=cmd("x")`}, {ID: qso.FieldRSTSent, Value: "-15"}, {ID: qso.FieldLoTWQSLSent, Value: "Y"}}
	f.books.book("main").add(one, two, three)
	calls := func(path string) (found []string) {
		for _, line := range strings.Split(strings.TrimSpace(f.command(http.MethodGet, path, "").body), "\n") {
			if line != "" {
				found = append(found, decode[struct{ Call string }](t, line).Call)
			}
		}
		return found
	}
	for path, want := range map[string][]string{
		"/api/export.json":                        {"DL1ABC", "W1AAA", "JA1ZZZ"},
		"/api/export.json?band=20m":               {"DL1ABC", "JA1ZZZ"},
		"/api/export.json?not_at=lotw":            {"JA1ZZZ"}, // nobody asked LoTW: what the logger noted counts
		"/api/export.json?not_at=lotw&band=40m":   nil,
		"/api/export.json?not_at=dcl&call=W1*":    {"W1AAA"},
		"/api/export.json?logbook=club":           nil,
		"/api/export.json?not_at=lotw&mode=PHONE": nil,
	} {
		if diff := cmp.Diff(want, calls(path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	f.books.book("main").runs = []syncers.Run{{Run: 1, Source: "lotw", Class: syncers.OK, LastOK: started}}
	if diff := cmp.Diff([]string{"W1AAA", "JA1ZZZ"}, calls("/api/export.json?not_at=lotw")); diff != "" {
		t.Errorf("once LoTW was read, only what it has counts (-want +got):\n%s", diff)
	}
	got := f.command(http.MethodGet, "/api/export.adi", "")
	if want := `attachment; filename=qslbox-main-20250121.adi`; got.header.Get("Content-Disposition") != want {
		t.Errorf("Content-Disposition %q", got.header.Get("Content-Disposition"))
	}
	again := decode[intake.Account](t, f.command(http.MethodPost, "/api/import?logbook=club", got.body).body)
	if again.Added != 3 || again.Rejected != 0 {
		t.Errorf("the export, imported: %+v", again)
	}
	lines := strings.Split(f.command(http.MethodGet, "/api/export.csv", "").body, "\n")
	if !strings.HasPrefix(lines[0], "id,time,call,station_callsign,band,mode,") || !strings.HasPrefix(lines[2], "2,2025-01-21T06:37:55Z,W1AAA,DK9XYZ,40m,SSB,") || !strings.Contains(lines[2], `"'=cmd(""x"")"`) {
		t.Errorf("CSV: %q", lines)
	}
}

// TestCSVText shows which cells a spreadsheet would take for formulas.
func TestCSVText(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "DL1ABC": "DL1ABC", "=1+1": "'=1+1", "@x": "'@x", "-15": "-15", "+05": "+05", "-": "-", "-1+cmd": "'-1+cmd", "\tx": "'\tx",
	} {
		if got := webui.CSVText(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestStreaming shows that an export is sent while it is read, and that one
// that fails half-way does not look whole.
func TestStreaming(t *testing.T) {
	f := newFixture(t, overNetwork)
	main := f.books.book("main")
	for i := range 2000 {
		main.add(contact(fmt.Sprintf("DL%dABC", i%10), "20m", "CW", started.Add(time.Duration(i)*time.Hour)))
	}
	main.failAt = 1500
	client := f.client()
	resp, err := client.Get(f.url + "/api/export.json")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if resp.StatusCode != 200 || err == nil || len(text) < 64<<10 {
		t.Errorf("status %d, %d bytes, error %v; want an answer that is cut", resp.StatusCode, len(text), err)
	}
	main.failAt = 10
	if resp, err := client.Get(f.url + "/api/export.json"); err != nil || resp.StatusCode != 500 {
		t.Errorf("failed at once: %v, %v; want status 500", resp, err)
	}
}
