package qso_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
)

func ExampleParseMode() {
	for _, written := range [][2]string{{"FT4", ""}, {"MFSK", "JS8"}, {"USB", ""}, {"", "PSK31"}, {"DATA", ""}} {
		m, _ := qso.ParseMode(written[0], written[1])
		fmt.Println(m.Name, m.Sub, m.Class(), m.Group())
	}
	// Output:
	// MFSK FT4 DIGITAL DATA
	// MFSK JS8 DIGITAL DATA
	// SSB USB PHONE PHONE
	// PSK PSK31 DIGITAL DATA
	// DATA  DIGITAL DATA
}

func ExampleBandOf() {
	f, _ := qso.ParseMHz("14,0740")
	fmt.Println(qso.BandOf(f), f)
	// Output: 20m 14.074
}

func ExampleGrid_Center() {
	g, _ := qso.ParseGrid("jo31")
	lat, lon := g.Center()
	fmt.Println(g, lat, lon)
	// Output: JO31 51.5 7
}

func TestFieldIDsAreTheTable(t *testing.T) {
	for id := qso.FieldID(1); int(id) < qso.FieldCount(); id++ {
		if id.String() == "" || id.Kind() == 0 {
			t.Fatalf("id %d has no row in tables/fields.tsv", id)
		}
		if got := qso.LookupField([]byte(strings.ToLower(id.String()))); got != id {
			t.Errorf("%s is found as %d, want %d", id, got, id)
		}
	}
	// What is stored must never move: a sample of both ends.
	for id, want := range map[qso.FieldID]string{1: "CALL", 20: "STATE", 107: "EMAIL", 206: "APP_QSLBOX_ORIGIN"} {
		if got := id.String(); got != want {
			t.Errorf("stored id %d is %q, was %q", id, got, want)
		}
	}
	if got := qso.LookupField([]byte("APP_SOMETHING")); got != qso.NoField {
		t.Errorf("unknown name found as %s", got)
	}
	if n := testing.AllocsPerRun(100, func() { qso.LookupField([]byte("my_gridsquare")) }); n > 0 {
		t.Errorf("LookupField allocates %v times", n)
	}
}

func TestEveryModeOfTheTableHasItsClassAndComesBack(t *testing.T) {
	for _, tt := range []struct {
		mode, sub string
		want      qso.Mode
		class     qso.Class
		group     qso.Group
	}{
		{"ssb", "", qso.Mode{Name: "SSB"}, qso.ClassPhone, qso.GroupPhone},
		{"MFSK", "FT4", qso.Mode{Name: "MFSK", Sub: "FT4"}, qso.ClassDigital, qso.GroupData},
		{"FT4", "MFSK", qso.Mode{Name: "MFSK", Sub: "FT4"}, qso.ClassDigital, qso.GroupData},
		{"BPSK31", "", qso.Mode{Name: "PSK", Sub: "PSK31"}, qso.ClassDigital, qso.GroupData},
		{"C4FM", "", qso.Mode{Name: "DIGITALVOICE", Sub: "C4FM"}, qso.ClassPhone, qso.GroupPhone},
		{"SSTV", "", qso.Mode{Name: "SSTV"}, qso.ClassDigital, qso.GroupImage},
		{"PHONE", "", qso.Mode{Name: "PHONE"}, qso.ClassPhone, qso.GroupPhone},
		{"NEWMODE", "X1", qso.Mode{Name: "NEWMODE", Sub: "X1"}, qso.ClassDigital, qso.GroupData},
		{"SSB", "SSB", qso.Mode{Name: "SSB"}, qso.ClassPhone, qso.GroupPhone},
	} {
		got, err := qso.ParseMode(tt.mode, tt.sub)
		if err != nil || got != tt.want || got.Class() != tt.class || got.Group() != tt.group {
			t.Errorf("ParseMode(%q, %q) = %+v %s %s, %v", tt.mode, tt.sub, got, got.Class(), got.Group(), err)
		}
	}
	if _, err := qso.ParseMode(" ", ""); err == nil {
		t.Error("a blank mode was taken")
	}
}

func TestBandsAndFrequencies(t *testing.T) {
	for _, b := range qso.Bands() {
		got, err := qso.ParseBand(strings.ToUpper(b.String()))
		lower, higher := b.Limits()
		if err != nil || got != b || qso.BandOf(lower) != b || qso.BandOf(higher) != b {
			t.Errorf("band %s does not come back: %s %v", b, got, err)
		}
	}
	for text, want := range map[string]string{"7": "7", "0.136": "0.136", "14.074123456": "14.074123456", "1296,1": "1296.1", "241000.5": "241000.5", ".4725": "0.4725"} {
		f, err := qso.ParseMHz(text)
		if err != nil || f.String() != want {
			t.Errorf("ParseMHz(%q) = %s, %v", text, f, err)
		}
	}
	for _, text := range []string{"", "0", "-7", "abc", "1.2.3", "99999999", "0,0", "NaN", "1e3"} {
		if f, err := qso.ParseMHz(text); err == nil {
			t.Errorf("ParseMHz(%q) = %s", text, f)
		}
	}
}

func TestGridAndDistance(t *testing.T) {
	for text, ok := range map[string]bool{"JO31": true, "jo31ab": true, "JO31AB12CD34": true, "JO3": false, "SS00": false, "XX99": false, "JO31AZ": false, "JO31AB12CD345": false, "": false} {
		if _, err := qso.ParseGrid(text); (err == nil) != ok {
			t.Errorf("ParseGrid(%q): %v", text, err)
		}
	}
	if got := qso.ParseGridList("en98, fm08,EN98,xx"); got != "EN98,FM08" {
		t.Errorf("list = %q", got)
	}
	km, bearing := qso.Distance(51.5, 7, 40.5, -74)
	if math.Abs(km-6050) > 60 || math.Abs(bearing-293) > 3 {
		t.Errorf("JO31 to New York: %.0f km at %.0f degrees", km, bearing)
	}
}

func TestDatesAndTimes(t *testing.T) {
	latest := qso.TimeOf(time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC))
	for text, ok := range map[string]bool{"20250314": true, "19300101": true, "19291231": false, "20250230": false, "20991231": false, "00000000": false, "2025-3-1": false, "20240229": true} {
		if _, err := qso.ParseDate(text, latest); (err == nil) != ok {
			t.Errorf("ParseDate(%q): %v", text, err)
		}
	}
	for text, want := range map[string]int{"0000": 0, "2359": 86340, "235959": 86399, "2400": -1, "1260": -1, "12": -1, "12:30": -1} {
		got, err := qso.ParseClock(text)
		if (err == nil) != (want >= 0) || err == nil && got != want {
			t.Errorf("ParseClock(%q) = %d, %v", text, got, err)
		}
	}
	if got := qso.Time(-61).Minute(); got != -120 {
		t.Errorf("minute before 1970: %d", got)
	}
}

func TestFoldDOK(t *testing.T) {
	for in, want := range map[string]struct {
		dok  string
		kind qso.DOKKind
	}{
		"b36": {"B36", qso.RegularDOK}, " B 36 ": {"B36", qso.RegularDOK}, "Z01": {"Z01", qso.RegularDOK}, "b-36": {"B36", qso.RegularDOK},
		"nm": {"NM", qso.NoDOK}, "": {"", qso.NoDOK}, "DVA": {"DVA", qso.SpecialDOK}, "J01": {"J01", qso.SpecialDOK},
		"A00": {"A00", qso.SpecialDOK}, "500kät": {"500KÄT", qso.SpecialDOK}, "BØ1": {"B01", qso.RegularDOK},
		"a remark that says what was said": {"AREMARKTHATSAYSWHATWASSAID", qso.NoDOK},
	} {
		dok, kind := qso.FoldDOK(in)
		if dok != want.dok || kind != want.kind {
			t.Errorf("FoldDOK(%q) = %q %s", in, dok, kind)
		}
	}
	if letter, name := qso.DOKDistrict("D03"); letter != "D" || name != "Berlin" {
		t.Errorf("district of D03 = %q %q", letter, name)
	}
}

func TestSecretNeverShows(t *testing.T) {
	s := qso.NewSecret("hunter2&#+% ü")
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("signed in", "password", s, "all", []any{s})
	data, _ := json.Marshal(map[string]any{"password": s})
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%+v %#v %s %q %x %d", s, s, s, s, s, s), string(data), log.String(), fmt.Sprintf("%v", struct{ P qso.Secret }{s})} {
		if strings.Contains(text, "hunter2") || strings.Contains(text, "68756e") {
			t.Errorf("shows: %s", text)
		}
	}
	if diff := cmp.Diff("hunter2&#+% ü", s.Reveal()); diff != "" {
		t.Error(diff)
	}
}

func FuzzParseMHz(f *testing.F) {
	f.Add("14.074")
	f.Add("0,1357")
	f.Fuzz(func(t *testing.T, text string) {
		v, err := qso.ParseMHz(text)
		if err != nil {
			return
		}
		if again, err := qso.ParseMHz(v.String()); err != nil || again != v {
			t.Fatalf("%q: %d comes back as %d, %v", text, v, again, err)
		}
	})
}

func FuzzParseGrid(f *testing.F) {
	f.Add("JO31ab")
	f.Fuzz(func(t *testing.T, text string) {
		g, err := qso.ParseGrid(text)
		if err != nil {
			return
		}
		lat, lon := g.Center()
		if again, err := qso.ParseGrid(g.String()); err != nil || again != g || math.Abs(lat) > 90 || math.Abs(lon) > 180 {
			t.Fatalf("%q: %s %v %v %v", text, g, lat, lon, err)
		}
	})
}

func FuzzParseMode(f *testing.F) {
	f.Add("USB", "")
	f.Add("MFSK", "FT4")
	f.Fuzz(func(t *testing.T, mode, sub string) {
		m, err := qso.ParseMode(mode, sub)
		if err != nil {
			return
		}
		again, err := qso.ParseMode(m.Name, m.Sub)
		if err != nil || again != m {
			t.Fatalf("%q %q: %+v comes back as %+v, %v", mode, sub, m, again, err)
		}
	})
}
