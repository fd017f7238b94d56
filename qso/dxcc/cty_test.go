package dxcc_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso/dxcc"
)

func ExampleLoad() {
	_, err := dxcc.Load(strings.NewReader("<!DOCTYPE html>"))
	fmt.Println(err)
	// Output: dxcc: unusable country file, line 1: "<!DOCTYPE html>" is not the head of an entity (eight fields, each ended by a colon); download cty.dat again from https://www.country-files.com, or remove the file to use the built-in prefixes
}

// countryFile writes all current entities as a country file with one prefix
// each, and lets edit change the text.
func countryFile(t testing.TB, edit func(string) string) io.Reader {
	t.Helper()
	var b strings.Builder
	for _, e := range newTable(t).Entities() {
		if e.Deleted {
			continue
		}
		fmt.Fprintf(&b, "%s: %02d: %02d: %s: %8.2f: %8.2f: -1.0: %s:\r\n    %s;\r\n",
			e.Name, e.CQZone, e.ITUZone, e.Continent, e.Lat, -e.Lon, e.Prefix, strings.ToUpper(e.Prefix))
	}
	return strings.NewReader(edit(b.String()))
}

func TestLoad(t *testing.T) {
	const head = "Federal Republic of Germany: 14: 28: EU:    51.00:   -10.00: -1.0: DL:\r\n    DL"
	table, err := dxcc.Load(countryFile(t, func(s string) string {
		if !strings.Contains(s, head) {
			t.Fatal("the file lost Germany")
		}
		s = strings.Replace(s, head, head+",DK(15)[29]<50.5/-12.25>{AS}~-2~,\r\n   =DL1ABC/X(16),=DL0VERYLONGCALL/P", 1)
		s += "Sicily: 15: 28: EU: 37.50: -14.00: -1.0: *IT9:\r\n   IT9;\r\n"
		return s + "Atlantis: 14: 28: EU: 37.50: 30.00: 2.0: XX0:\r\n   XX0;\r\n"
	}))
	if err != nil {
		t.Fatal(err)
	}
	german := dxcc.Result{Entity: 230, CQZone: 14, ITUZone: 28, Continent: "EU", Lat: 51, Lon: 10}
	other := german
	other.CQZone, other.ITUZone, other.Continent, other.Lat, other.Lon = 15, 29, "AS", 50.5, 12.25
	exact := german
	exact.CQZone = 16
	for call, want := range map[string]dxcc.Result{
		"DL1ABC":            german,
		"DK1ABC":            other,
		"DL1ABC/X":          exact,
		"DL0VERYLONGCALL/P": german,
		"XX0A":              {},
		"DA1ABC":            {},
		"IT9AAA":            {Entity: 248, CQZone: 15, ITUZone: 28, Continent: "EU", Region: "SY", Lat: 37.5, Lon: 14},
	} {
		if diff := cmp.Diff(want, table.Lookup(qsoCall(call), dxcc.Today)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", call, diff)
		}
	}
	if got := table.Lookup("DM1ABC", date(t, "1975-05-05")); got.Entity != 229 {
		t.Errorf("dated prefixes are gone: DM1ABC in 1975 = %d", got.Entity)
	}
	if diff := cmp.Diff([]string{"Atlantis (XX0)"}, table.Skipped()); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"zone 41", "Canada: 05", "Canada: 41", `line 1: "41" is not a CQ zone from 1 to 40`},
		{"ITU zone", "Canada: 05: 09", "Canada: 05: 91", `line 1: "91" is not an ITU zone from 1 to 90`},
		{"latitude", "   44.35", "   94.35", `line 1: "94.35/78.75" is not latitude/longitude`},
		{"override", "    VE;", "    VE(x);", `line 2: "x" is not a CQ zone`},
		{"open override", "    VE;", "    VE(4;", `line 2: "VE(4" has an override without end`},
		{"text behind override", "    VE;", "    VE(4)x;", `line 2: "VE(4)x" is no key with overrides`},
		{"key", "    VE;", "    V-E;", `line 2: "V-E" is no key`},
		{"cut", "    VE;\r\n", "    VE\r\n", "is no key"},
		{"few", "", "", "only 1 known entities"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := dxcc.Load(countryFile(t, func(s string) string {
				if c.old == "" {
					return s[:strings.Index(s, ";")+1]
				}
				return strings.Replace(s, c.old, c.new, 1)
			}))
			if !errors.Is(err, dxcc.ErrCountryFile) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "country-files.com") {
				t.Errorf("error %q, want %q and the remedy", err, c.want)
			}
		})
	}
}

// TestLoadMany: more keys than the first room of the index.
func TestLoadMany(t *testing.T) {
	var keys strings.Builder
	for i := range 40_000 {
		fmt.Fprintf(&keys, ",\n=VE%dAAA", i)
	}
	table, err := dxcc.Load(countryFile(t, func(s string) string {
		return strings.Replace(s, "    VE;", "    VE"+keys.String()+";", 1)
	}))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 40_000 {
		if got := table.Lookup(qsoCall(fmt.Sprintf("VE%dAAA", i)), dxcc.Today); got.Entity != 1 {
			t.Fatalf("VE%dAAA = %d", i, got.Entity)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("Canada: 05: 09: NA: 44.35: 78.75: 5.0: VE:\n VE,=VE1A(4)[2]<1/2>{NA}~3~;\n")
	f.Add("A:1:1:EU:0:0:0:*IT9:\nIT9,;")
	f.Fuzz(func(t *testing.T, text string) {
		table, err := dxcc.Load(countryFile(t, func(s string) string { return s + text }))
		if err != nil {
			return
		}
		if got := table.Lookup("VE1AAA", dxcc.Today); math.IsNaN(got.Lat) || math.IsNaN(got.Lon) {
			t.Errorf("VE1AAA = %+v", got)
		}
	})
}
