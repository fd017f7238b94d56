package dxcc_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/qso/dxcc"
)

func ExampleTable_Lookup() {
	table, err := dxcc.New()
	if err != nil {
		panic(err)
	}
	here := table.Lookup("KH6/W1AAA/P", dxcc.Today)
	entity, _ := table.Entity(here.Entity)
	fmt.Println(entity.Name, here.Entity, here.CQZone, here.Continent)

	then := table.Lookup("DM2ABC", qso.TimeOf(time.Date(1975, 5, 5, 0, 0, 0, 0, time.UTC)))
	entity, _ = table.Entity(then.Entity)
	fmt.Println(entity.Name, entity.Deleted)
	// Output:
	// Hawaii 110 31 OC
	// German Democratic Republic true
}

func ExamplePrefix() {
	fmt.Println(dxcc.Prefix("PA/DL1ABC"), dxcc.Prefix("W1AAA/4"), dxcc.Prefix("DL1ABC/P"))
	// Output: PA0 W4 DL1
}

func ExampleTable_ByName() {
	table, _ := dxcc.New()
	fmt.Println(table.ByName("Fed. Rep. of Germany"))
	// Output: 230 true
}

func newTable(t testing.TB) *dxcc.Table {
	t.Helper()
	table, err := dxcc.New()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// date reads YYYY-MM-DD; a blank is today.
func date(t testing.TB, s string) qso.Time {
	t.Helper()
	if s == "" {
		return dxcc.Today
	}
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return qso.TimeOf(d)
}

// TestLookupTable: every call of the reference table.
func TestLookupTable(t *testing.T) {
	data, err := os.ReadFile("testdata/callsigns.tsv")
	if err != nil {
		t.Fatal(err)
	}
	table, n := newTable(t), 0
	for line := range strings.Lines(string(data)) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") {
			continue
		}
		n++
		t.Run(strings.ReplaceAll(f[0], "/", "_")+" "+f[1], func(t *testing.T) {
			got := table.Lookup(qso.Call(f[0]), date(t, f[1]))
			zone := strconv.Itoa(int(got.CQZone))
			if f[3] == "" {
				zone = ""
			}
			if entity := strconv.Itoa(int(got.Entity)); entity != f[2] || zone != f[3] {
				t.Errorf("entity %s zone %s, want %s zone %s (%s)", entity, zone, f[2], f[3], f[4])
			}
		})
	}
	if n < 198 {
		t.Errorf("only %d calls in the table", n)
	}
}

func TestLookupRules(t *testing.T) {
	table := newTable(t)
	for _, c := range []struct {
		name, call, date string
		entity           uint16
		region           string
	}{
		{"lower case and blanks", " dl1abc ", "", 230, ""},
		{"slashed zero", "OHØABC", "", 5, ""},
		{"no call", "???", "", 0, ""},
		{"empty", "", "", 0, ""},
		{"slashes only", "///", "", 0, ""},
		{"aeronautical mobile", "DL1ABC/AM", "", 0, ""},
		{"at sea, low power", "DL1ABC/MM/QRP", "", 0, ""},
		{"AM in front is Spain", "AM1ABC", "", 281, ""},
		{"word behind", "DL1ABC/JOTA", "", 230, ""},
		{"year behind", "DL1ABC/2025", "", 230, ""},
		{"area of a call with a digit country", "A60AB/5", "", 391, ""},
		{"Finland moved to Aland", "OH1ABC/0", "", 5, ""},
		{"Hawaiian call on the mainland", "KH6ABC/4", "", 291, ""},
		{"place, home and area", "KH6/W1AAA/4", "", 110, ""},
		{"Guantanamo in front", "KG4/W1AAA", "", 105, ""},
		{"three letters after KG4", "KG4ABC/P", "", 291, ""},
		{"place ending in a letter after a digit", "VP2E/W1AAA", "", 12, ""},
		{"Kerguelen in front", "FT5X/F5ABC", "", 131, ""},
		{"both look like places", "F/OE", "", 227, ""},
		{"Sicily", "IT9ABC", "", 248, "SY"},
		{"Lampedusa", "IG9/I2ABC", "", 248, "AI"},
		{"European Turkey", "TA1ABC", "", 390, "ET"},
		{"Vienna", "4U1VIC", "", 206, "IV"},
		{"exact call with slash", "JW/LB2PG", "", 259, "BI"},
		{"Kosovo today", "Z61AA", "", 522, "KO"},
		{"Kosovo, WAE only", "Z61AA", "2015-06-01", 0, "KO"},
		{"last day of Czechoslovakia", "OK1ABC", "1992-12-31", 218, ""},
		{"first day of the Czech Republic", "OK1ABC", "1993-01-01", 503, ""},
		{"long exact call", "VP8/DL1ABC/MM", "", 0, ""},
		{"very long", strings.Repeat("DL1ABC", 50), "", 230, ""},
		{"very long with digit", strings.Repeat("DL1ABC", 50) + "/2", "", 230, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := table.Lookup(qso.Call(c.call), date(t, c.date))
			if got.Entity != c.entity || got.Region != c.region {
				t.Errorf("%s = %d %q, want %d %q", c.call, got.Entity, got.Region, c.entity, c.region)
			}
		})
	}
}

// TestLookupPlace: zones, continent and coordinates, the region's before the
// entity's, east positive.
func TestLookupPlace(t *testing.T) {
	table := newTable(t)
	want := map[string]dxcc.Result{
		"W6AAA":  {Entity: 291, CQZone: 3, ITUZone: 6, Continent: "NA", Lat: 37.6, Lon: -91.87},
		"DL1ABC": {Entity: 230, CQZone: 14, ITUZone: 28, Continent: "EU", Lat: 51, Lon: 10},
		"IG9A":   {Entity: 248, CQZone: 33, ITUZone: 37, Continent: "AF", Region: "AI", Lat: 35.67, Lon: 12.67},
		"TA1AAA": {Entity: 390, CQZone: 20, ITUZone: 39, Continent: "EU", Region: "ET", Lat: 41.02, Lon: 28.97},
	}
	got := map[string]dxcc.Result{}
	for call := range want {
		got[call] = table.Lookup(qso.Call(call), dxcc.Today)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
}

func TestLookupDoesNotAllocate(t *testing.T) {
	table := newTable(t)
	at := date(t, "1985-01-01")
	for _, call := range []qso.Call{"DL1ABC", "KH6/W1AAA/P", "UA9ABC/3", "OHØABC"} {
		want := 0.0
		if call == "OHØABC" {
			want = 2 // folding makes a new text
		}
		if n := testing.AllocsPerRun(100, func() { table.Lookup(call, at) }); n > want {
			t.Errorf("%s: %v allocations", call, n)
		}
	}
}

// TestPrefixTable: every call of the corpus of WPX prefixes.
func TestPrefixTable(t *testing.T) {
	data, err := os.ReadFile("testdata/wpx_prefix.json")
	if err != nil {
		t.Fatal(err)
	}
	want, got := map[string]string{}, map[string]string{}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	for call := range want {
		got[call] = dxcc.Prefix(qso.Call(call))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("prefixes (-want +got):\n%s", diff)
	}
}

func TestPrefixRules(t *testing.T) {
	for _, c := range []struct{ call, want string }{
		{"", ""},
		{"DL1ABC/MM", ""},
		{"DL1ABC/AM/QRP", ""},
		{"9A/DL1ABC", "9A0"},
		{"VP2E/W1AAA", "VP2"},
		{"A60AB/5", "A65"},
		{"RAEM1", "RAEM1"},
	} {
		if got := dxcc.Prefix(qso.Call(c.call)); got != c.want {
			t.Errorf("Prefix(%q) = %q, want %q", c.call, got, c.want)
		}
	}
}

func FuzzLookup(f *testing.F) {
	for _, call := range []string{"DL1ABC", "KH6/W1AAA/P", "W1AAA/4", "KG4AB", "///", "F/", "/M", "ABCDEFGHIJKLMNO1/2", "OHØABC"} {
		f.Add(call, int64(0))
		f.Add(call, int64(-500_000_000))
	}
	table := newTable(f)
	f.Fuzz(func(t *testing.T, call string, at int64) {
		got := table.Lookup(qso.Call(call), qso.Time(at))
		if got.Entity != 0 {
			if _, ok := table.Entity(got.Entity); !ok || got.CQZone == 0 || got.ITUZone == 0 || len(got.Continent) != 2 {
				t.Errorf("%q: %+v", call, got)
			}
		}
		if prefix := dxcc.Prefix(qso.Call(call)); prefix != "" && (len(prefix) < 2 || strings.Contains(prefix, "/")) {
			t.Errorf("Prefix(%q) = %q", call, prefix)
		}
	})
}

func BenchmarkLookup(b *testing.B) {
	table := newTable(b)
	old := date(b, "1985-01-01")
	for _, c := range []struct {
		name, call string
		at         qso.Time
	}{
		{"plain", "DL1ABC", dxcc.Today},
		{"dated", "DM2ABC", old},
		{"slash", "KH6/W1AAA/P", dxcc.Today},
		{"area", "UA9ABC/3", dxcc.Today},
	} {
		b.Run(c.name, func(b *testing.B) {
			table.Lookup("DL1ABC", dxcc.Today)
			b.ReportAllocs()
			for b.Loop() {
				table.Lookup(qso.Call(c.call), c.at)
			}
		})
	}
}

// BenchmarkFirstLookup is what the first question costs: reading the tables.
func BenchmarkFirstLookup(b *testing.B) {
	for b.Loop() {
		newTable(b).Lookup("DL1ABC", dxcc.Today)
	}
}
