package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"qslbox/qso/intake"
)

// TestDownloadOfDCL imports what DCL gives for download: on the command line,
// through the inbox and over HTTP it is treated like a sync.
func TestDownloadOfDCL(t *testing.T) {
	b := newBox(t)
	var text strings.Builder
	text.WriteString("DCL ADIF export\n<PROGRAMID:3>DCL<EOH>\n")
	for i := range 3 {
		fmt.Fprintf(&text, "<CALL:6>DL1AA%c<QSO_DATE:8>20260110<TIME_ON:4>1015<BAND:3>80m<MODE:3>SSB<STATION_CALLSIGN:6>DK9XYZ<DCL_QSL_RCVD:1>Y<DARC_DOK:3>B36<QSL_RCVD:1>Y<EOR>\n", 'A'+i)
	}
	file := filepath.Join(t.TempDir(), "dcl.adi")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	account := func(out string) (a intake.Account) {
		if err := json.Unmarshal([]byte(out), &a); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return a
	}
	if a := account(b.ok("import", "--json", "--dry-run", file)); a.From != "dcl" || a.Outcome != "dry-run" || a.Added != 3 {
		t.Errorf("dry run: %+v", a)
	}
	if a := account(b.ok("import", "--json", file)); a.From != "dcl" || a.Added != 3 {
		t.Errorf("command: %+v", a)
	}
	if out := b.ok("import", file); !strings.Contains(out, "3 unchanged") || !strings.Contains(out, "download of DCL") {
		t.Errorf("command again: %s", out)
	}
	if q := b.ok("export", "--format", "json"); strings.Count(q, `"confirmed":["dcl"]`) != 3 {
		t.Errorf("confirmed by DCL only, never by card: %s", q)
	}
	inbox := filepath.Join(b.dir, "inbox")
	if err := os.MkdirAll(inbox, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file, filepath.Join(inbox, "dcl.adi")); err != nil {
		t.Fatal(err)
	}
	b.serve()
	for range 400 {
		if done, _ := filepath.Glob(filepath.Join(inbox, "done", "*.json")); len(done) == 1 {
			report, err := os.ReadFile(done[0])
			if err != nil {
				t.Fatal(err)
			}
			if a := account(string(report)); a.From != "dcl" || a.Unchanged != 3 {
				t.Errorf("inbox: %+v", a)
			}
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("the file was not taken out of the inbox")
}
