package dcl_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/qso/intake"
	"qslbox/store"
	"qslbox/syncers"
	"qslbox/syncers/dcl"
	"qslbox/syncers/syncerstest"
)

// answerADIF returns the ADIF text of a recorded answer; "" if it has none.
func answerADIF(t *testing.T, answer []byte) string {
	t.Helper()
	_, body, _ := bytes.Cut(answer, []byte("\r\n\r\n"))
	var members struct{ ADIF string }
	_ = json.Unmarshal(body, &members) // other answers are no file that DCL gives
	return members.ADIF
}

// importText imports ADIF text by hand.
func importText(t *testing.T, book *store.Logbook, text string, opt intake.Options) intake.Account {
	t.Helper()
	if opt.Now == nil {
		opt.Now = atNoon
	}
	account, err := syncers.File(context.Background(), strings.NewReader(text), opt, book)
	if err != nil {
		t.Fatal(err)
	}
	if account.Read != account.Added+account.Updated+account.Unchanged+account.Skipped+account.Rejected {
		t.Errorf("the account does not add up: %+v", account)
	}
	return account
}

// A download of DCL imported by hand gives what the same records give when they
// come from DCL's interface: in an empty log, and in one that has QSOs.
func TestFileIsSync(t *testing.T) {
	files, err := filepath.Glob("testdata/corpus/*.http")
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, file := range files {
		answer, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := answerADIF(t, answer)
		if text == "" {
			continue
		}
		for name, log := range map[string]string{"empty log": "", "log": logbookFile(text)} {
			t.Run(filepath.Base(file)+" "+name, func(t *testing.T) { compareFile(t, answer, text, log) })
		}
		compared++
	}
	if compared < 10 {
		t.Errorf("only %d answers hold a log", compared)
	}
}

// logbookFile writes a log by another program that knows every second record
// of a download: some minutes off, under a portable call, with another DOK.
func logbookFile(download string) string {
	var b strings.Builder
	b.WriteString("<PROGRAMID:6>logger<EOH>\n")
	for i, record := range strings.Split(download[strings.Index(strings.ToUpper(download), "<EOH>")+5:], "<EOR>") {
		if i%2 == 0 && strings.Contains(record, "<CALL") {
			record = strings.NewReplacer("<STATION_CALLSIGN:6>DK9XYZ", "<STATION_CALLSIGN:8>DK9XYZ/P", "<DARC_DOK:3>B36", "<DARC_DOK:3>B37",
				"DCL_QSL_RCVD:1>Y", "DCL_QSL_RCVD:1>N", "DCL_QSLRDATE", "APP_LOGGER_DATE", "<QSL_RCVD:1>Y", "").Replace(record)
			b.WriteString(record + "<EOR>\n")
		}
	}
	return b.String()
}

func compareFile(t *testing.T, answer []byte, text, log string) {
	now := func() time.Time { return time.Date(2026, 2, 11, 6, 0, 0, 0, time.UTC) }
	cfg := dcl.Config{Override: syncerstest.Raw(t, answer), Now: now}
	opt := intake.Options{Config: intake.Config{Now: now}}
	var want, got []string
	withStore(t, t.TempDir(), func(book *store.Logbook) {
		if log != "" {
			importText(t, book, log, opt)
		}
		if _, err := syncer(t, cfg).Run(context.Background(), book, syncers.Options{}); err != nil {
			t.Fatal(err)
		}
		want = dumpStore(t, book)
	})
	withStore(t, t.TempDir(), func(book *store.Logbook) {
		if log != "" {
			importText(t, book, log, opt)
		}
		if err := book.RemoveAccount(context.Background(), qso.DCL); err != nil { // nobody needs a key for it
			t.Fatal(err)
		}
		before := book.Size()
		importText(t, book, text, intake.Options{Config: opt.Config, Merge: intake.MergeOptions{DryRun: true}})
		if book.Size() != before {
			t.Error("a dry run changed the log")
		}
		account := importText(t, book, text, opt)
		if account.From != "dcl" || account.NotInLog != len(dumpListed(t, book)) {
			t.Errorf("account: %+v, %d listed", account, len(dumpListed(t, book)))
		}
		if again := importText(t, book, text, opt); again.Added+again.Updated != 0 {
			t.Errorf("the same file again: %+v", again)
		}
		got = dumpQSOs(t, book, log == "")
		got = append(got, dumpListed(t, book)...)
		slices.Sort(got)
	})
	if diff := cmp.Diff(want[:len(want)-1], got); diff != "" { // the last line is the cursor
		t.Errorf("(-from the interface +from the file):\n%s", diff)
	}
}

// A QSO that DCL merely has, without a confirmation, fills an empty log: that is
// what the file is for then. A log that has QSOs takes confirmations only.
func TestFileWithUnconfirmed(t *testing.T) {
	record := func(call, status string) string {
		return fmt.Sprintf("<CALL:6>%s<QSO_DATE:8>20260110<TIME_ON:4>1015<BAND:3>80m<MODE:3>SSB<STATION_CALLSIGN:6>DK9XYZ<DARC_DOK:3>B36<APP_DCL_STATUS:1>%s<EOR>\n", call, status)
	}
	download := record("DL1AAA", "c") + record("DL1AAB", "w") + record("DL1AAC", "x")
	other := "<PROGRAMID:6>logger<EOH>" + strings.ReplaceAll(record("DL1AAB", "w"), "<DARC_DOK:3>B36", "")
	for _, test := range []struct {
		name, log, file string
		want            intake.Account
	}{
		{"empty log", "", download, intake.Account{From: "dcl", Read: 3, Added: 3}},
		{"log", other, download, intake.Account{From: "dcl", Read: 3, Skipped: 3, NotInLog: 1, NotConfirmed: 2}},
		{"a logger's file with DCL's fields", other, "<PROGRAMID:6>logger<EOH>" + download, intake.Account{Read: 3, Added: 2, Updated: 1}},
		{"no header, fields of a logger", other, strings.ReplaceAll(download, "<EOR>", "<APP_LOGGER_ID:1>7<EOR>"), intake.Account{Read: 3, Added: 2, Updated: 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			withStore(t, t.TempDir(), func(book *store.Logbook) {
				if test.log != "" {
					importText(t, book, test.log, intake.Options{})
				}
				test.want.Outcome, test.want.Rejects = "imported", []intake.Rejection{}
				if diff := cmp.Diff(test.want, importText(t, book, test.file, intake.Options{})); diff != "" {
					t.Errorf("account (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// What cannot be read is refused or counted as in any other import.
func TestBadFile(t *testing.T) {
	withStore(t, t.TempDir(), func(book *store.Logbook) {
		var rejects bytes.Buffer
		text := "<PROGRAMID:3>DCL<EOH>\n<CALL:6>DL1AAA<QSO_DATE:8>20260230<EOR>\n<CALL:99999>DL1AAB<EOR>\n<CALL:6>DL1AAC<QSO_DATE:8>2026"
		account := importText(t, book, text, intake.Options{Rejects: &rejects})
		if account.Rejected != 3 || len(account.Rejects) != 3 || strings.Count(rejects.String(), "CALL") != 3 {
			t.Errorf("%+v, %q", account, rejects.String())
		}
		if account := importText(t, book, "<html>", intake.Options{}); account.Outcome != "refused" {
			t.Errorf("%+v", account)
		}
		lost := fmt.Errorf("the line is dead")
		stream := broken{strings.NewReader("<PROGRAMID:3>DCL<EOH>\n<CALL:6>DL1AAA<QSO_DATE:8>20260110<TIME_ON:4>1015<BAND:3>80m<MODE:3>SSB<DCL_QSL_RCVD:1>Y<EOR>\n"), lost}
		if account, err := syncers.File(context.Background(), stream, intake.Options{Config: intake.Config{Now: atNoon}}, book); !errors.Is(err, lost) || account.Read != 1 {
			t.Errorf("%+v, %v", account, err)
		}
	})
}

// broken is a stream that ends with an error.
type broken struct {
	r   *strings.Reader
	err error
}

func (e broken) Read(b []byte) (int, error) {
	if e.r.Len() == 0 {
		return 0, e.err
	}
	return e.r.Read(b)
}
