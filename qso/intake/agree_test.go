package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"qslbox/qso"
	"qslbox/qso/adif"
	"qslbox/qso/intake"
)

// agree holds that the quick forms read what package qso reads.
func agree(t *testing.T, s string) {
	t.Helper()
	b := []byte(s)
	far := qso.TimeOf(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))
	day, ok := intake.ParseDay(b)
	if want, err := qso.ParseDate(s, far); ok != (err == nil) || ok && day != want {
		t.Errorf("date %q: %v %v, package qso %v %v", s, day, ok, want, err)
	}
	clock, ok := intake.ParseClock(b)
	if want, err := qso.ParseClock(s); ok != (err == nil) || ok && clock != want {
		t.Errorf("clock %q: %v %v, package qso %v %v", s, clock, ok, want, err)
	}
	if intake.IsPlainGrid(b) {
		if g, err := qso.ParseGrid(s); err != nil || string(g) != s {
			t.Errorf("locator %q: package qso %q %v", s, g, err)
		}
	}
	if intake.IsCleanCall(b) {
		if c, err := qso.ParseCall(s); err != nil || string(c) != s {
			t.Errorf("call %q: package qso %q %v", s, c, err)
		}
	}
	if strings.TrimSpace(s) == s && len(s) < 14 {
		want, err := qso.ParseMHz(s)
		if got := intake.ParseMHz(s); err == nil && (got-want > 1 || want-got > 1) {
			t.Errorf("frequency %q: %d, package qso %d", s, got, want)
		}
	}
}

func TestQuickForms(t *testing.T) {
	for y := 1925; y < 2110; y += 1 + y%7 {
		for m := range 14 {
			for _, d := range []int{0, 1, 28, 29, 30, 31, 32} {
				agree(t, fmt.Sprintf("%04d%02d%02d", y, m, d))
			}
		}
	}
	for _, s := range []string{"", "0000", "2359", "2400", "235959", "235960", "10150", "1a15", "JO31", "JO31AB", "jo31ab",
		"SA00", "RR99XX09", "JO31AY", "JO31AB1", "DL1ABC", "D1", "ABC", "123", "A/1", "14.074", "14,074", "0", ".", "7", "7.", ".5", "1.2.3"} {
		agree(t, s)
	}
}

func FuzzQuickForms(f *testing.F) {
	for _, s := range []string{"20250314", "20240229", "1015", "JO31AB12", "DK9XYZ/P", "14,074"} {
		f.Add(s)
	}
	f.Fuzz(agree)
}

// FuzzRoundTrip holds that a QSO made of any record is the same after export
// and import.
func FuzzRoundTrip(f *testing.F) {
	for _, more := range []string{"", "<GRIDSQUARE:10>JO31AB12CD<NAME:6>J\xfcrgen", "<FREQ:5>14074<CQZ:2>41<DXCC:1>0", "<QSL_RCVD:1>Y<LOTW_QSLRDATE:8>20250401<APP_X:1>y<APP_X:1>z",
		"<TIME_OFF:4>1014<QSO_DATE_OFF:8>20250314<STATION_CALLSIGN:3>Jim", "<NAME:2>Al<NAME:2>Bo", "<MODE:4>RTTY<SUBMODE:5>ASCI <APP_DCL_STATUS:1>c"} {
		f.Add(required + more + "<EOR>")
	}
	f.Fuzz(func(t *testing.T, log string) {
		in := intake.New(intake.Config{Now: corpusNow})
		var q qso.QSO
		for rec, err := range adif.NewReader(strings.NewReader(log)).Records() {
			if err != nil || in.QSO(rec, &q) != nil {
				continue
			}
			var out strings.Builder
			w := adif.NewWriter(&out, adif.FileHeader{ProgramID: "qslbox"})
			if err := w.Write(q.ADIF()); err != nil {
				t.Fatal(err)
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			copied := one(t, intake.Config{}, out.String())
			if want, got := string(q.AppendJSON(nil)), string(copied.AppendJSON(nil)); want != got {
				t.Fatalf("after export and import\n%s\nwas\n%s\nby\n%s", got, want, out.String())
			}
		}
	})
}
