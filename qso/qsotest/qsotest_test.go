package qsotest_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"qslbox/qso/qsotest"

	"github.com/google/go-cmp/cmp"
)

func ExampleWrite() {
	o := qsotest.Options{N: 1, Seed: 7, KnownUntil: time.Unix(0, 0)}
	if err := qsotest.Write(os.Stdout, o); err != nil {
		fmt.Println(err)
	}
	// Output:
	// A made-up log for tests. Any likeness to a licensed station is chance.
	// <ADIF_VER:5>3.1.6 <PROGRAMID:7>qsotest <CREATED_TIMESTAMP:15>20251231 235900 <USERDEF1:7:S>WEATHER
	// <EOH>
	//
	// <CALL:6>DM2CFC <QSO_DATE:8>20251231 <TIME_ON:6>235900 <TIME_OFF:6>235900 <BAND:3>40m <FREQ:6>7.0755 <MODE:3>FT8 <RST_SENT:3>+02 <RST_RCVD:3>+00 <STATION_CALLSIGN:6>DK9XYZ <MY_GRIDSQUARE:6>JO30OM <TX_PWR:3>100 <COUNTRY:27>FEDERAL REPUBLIC OF GERMANY <DXCC:3>230 <CONT:2>EU <CQZ:2>14 <ITUZ:2>28 <GRIDSQUARE:4>JO40 <LOTW_QSL_SENT:1>Y <EOR>
}

func ExampleEach() {
	confirmed := 0
	for e := range qsotest.Each(qsotest.Options{N: 1000, Seed: 7}) {
		if !e.Confirmed.LoTW.IsZero() {
			confirmed++
		}
	}
	fmt.Println(confirmed > 400, confirmed < 700)
	// Output: true true
}

// end is a Wednesday morning: little of the day has passed.
var end = time.Date(2025, 3, 5, 6, 30, 0, 0, time.UTC)

func TestSameSeedSameBytes(t *testing.T) {
	o := qsotest.Options{N: 2000, Seed: 3, End: end}
	a, b := qsotest.ADIF(o), qsotest.ADIF(o)
	if !bytes.Equal(a, b) {
		t.Error("two logs of one seed differ")
	}
	o.Seed = 4
	if bytes.Equal(a, qsotest.ADIF(o)) {
		t.Error("two seeds give the same log")
	}
}

func TestNumberAndOrder(t *testing.T) {
	for _, n := range []int{-1, 0, 1, 2, 10, 999, 20_000} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			log := qsotest.Log(qsotest.Options{N: n, Seed: 1, End: end})
			if len(log) != max(n, 0) {
				t.Fatalf("got %d QSOs, want %d", len(log), n)
			}
			for i := 1; i < len(log); i++ {
				if log[i].Start.Before(log[i-1].Start) {
					t.Fatalf("QSO %d at %v follows one at %v", i, log[i].Start, log[i-1].Start)
				}
			}
			if n > 0 && !log[n-1].Start.Equal(end) {
				t.Errorf("last QSO at %v, want %v", log[n-1].Start, end)
			}
		})
	}
}

func TestEachStopsEarly(t *testing.T) {
	n := 0
	for range qsotest.Each(qsotest.Options{N: 1_000_000_000, Seed: 1}) {
		if n++; n == 10 {
			break
		}
	}
	if n != 10 {
		t.Errorf("went on to %d", n)
	}
}

func TestEndsToday(t *testing.T) {
	midnight := time.Date(2025, 1, 1, 0, 0, 5, 0, time.UTC)
	for _, at := range []time.Time{end, midnight} {
		log := qsotest.Log(qsotest.Options{N: 5000, Seed: 9, End: at})
		today := 0
		for _, e := range log {
			if e.Start.After(at) || e.End.After(at) {
				t.Fatalf("QSO at %v to %v is after the end %v", e.Start, e.End, at)
			}
			if e.Start.Truncate(24 * time.Hour).Equal(at.Truncate(24 * time.Hour)) {
				today++
			}
		}
		if today == 0 || today > 100 {
			t.Errorf("end %v: %d QSOs of the last day", at, today)
		}
	}
}

func TestShortSpan(t *testing.T) {
	o := qsotest.Options{N: 300, Seed: 1, End: end, Start: end.AddDate(0, 0, 5)}
	for _, e := range qsotest.Log(o) {
		if e.Start.After(end) || e.Start.Before(end.Truncate(24*time.Hour)) {
			t.Fatalf("QSO at %v is not of the day of %v", e.Start, end)
		}
	}
}

// TestNoDuplicates uses the key of an import: own call, call, band, mode, minute.
func TestNoDuplicates(t *testing.T) {
	for seed := range uint64(3) {
		seen := map[string]bool{}
		for e := range qsotest.Each(qsotest.Options{N: 60_000, Seed: seed, End: end}) {
			key := fmt.Sprint(e.OwnCall, e.Worked.Call, e.Band, e.Mode, e.Start.Unix()/60)
			if seen[key] {
				t.Fatalf("seed %d: twice: %s", seed, key)
			}
			seen[key] = true
		}
	}
}

// TestShares holds the make-up of a log against bounds wide enough for any
// seed, so that each kind of QSO that others test with is there.
func TestShares(t *testing.T) {
	const n = 40_000
	count := map[string]int{}
	calls, entities := map[string]bool{}, map[int]bool{}
	perMinute := map[int64]int{}
	for e := range qsotest.Each(qsotest.Options{N: n, Seed: 5, End: end}) {
		calls[e.Worked.Call], entities[e.Worked.DXCC] = true, true
		perMinute[e.Start.Unix()/60]++
		for _, k := range traits(e) {
			count[k]++
		}
	}
	for _, p := range perMinute {
		count["busiest minute"] = max(count["busiest minute"], p)
	}
	count["calls"], count["entities"] = len(calls), len(entities)
	for _, w := range []struct {
		what     string
		low, top int
	}{
		{"calls", n * 50 / 100, n * 65 / 100}, {"entities", 180, 230}, {"busiest minute", 3, 40},
		{"own DK9XYZ", n / 2, n}, {"own DK9XYZ/P", n / 100, n / 10}, {"own DL0XYZ", n / 20, n / 2}, {"operator DL1ABC", n / 100, n / 4},
		{"band 20m", n / 10, n / 2}, {"band 160m", n / 200, n / 10}, {"band 6m", n / 1000, n / 20}, {"band 13cm", n / 2000, n / 20},
		{"mode FT8", n / 10, n / 2}, {"mode CW", n / 10, n / 2}, {"mode SSB", n / 10, n / 2}, {"mode RTTY", n / 50, n / 5}, {"mode FM", n / 500, n / 10},
		{"submode FT4", n / 500, n / 10}, {"submode JS8", 1, n / 50}, {"submode PSK31", n / 200, n / 5}, {"submode C4FM", 1, n / 100},
		{"prop SAT", n / 100, n / 10}, {"prop RPT", n / 1000, n / 20}, {"prop EME", 1, n / 50}, {"prop MS", 1, n / 50}, {"sat QO-100", n / 1000, n / 20},
		{"contest", n / 5, n * 6 / 10}, {"serial", n / 20, n / 2}, {"POTA", n / 200, n / 20}, {"SOTA", 1, n / 50}, {"my POTA", 1, n / 20}, {"my SOTA", 1, n / 20},
		{"LoTW", n * 45 / 100, n * 65 / 100}, {"DCL", n / 50, n / 10}, {"eQSL", n / 10, n / 3}, {"card", n / 50, n / 8},
		{"DOK regular", n / 25, n / 8}, {"DOK special", n / 500, n / 50}, {"DOK NM", n / 500, n / 50}, {"DOK logged", n / 200, n / 10},
		{"state", n / 20, n / 4}, {"county", n / 20, n / 4}, {"IOTA", n / 50, n / 4}, {"grid line", 1, n / 100}, {"maritime", 1, n / 200},
		{"odd", n / 50, n / 8}, {"comment", n / 50, n / 8}, {"umlaut", n / 50, n / 2}, {"no entity", n / 20, n / 3},
	} {
		if got := count[w.what]; got < w.low || got > w.top {
			t.Errorf("%s: %d of %d, want %d to %d", w.what, got, n, w.low, w.top)
		}
	}
}

var regularDOK = regexp.MustCompile(`^[A-IK-Z](0[1-9]|[1-9][0-9])$`)

func traits(e qsotest.Entry) []string {
	w, l, c := e.Worked, e.Logged, e.Confirmed
	out := []string{"own " + e.OwnCall, "operator " + e.Operator, "band " + e.Band, "mode " + e.Mode, "submode " + e.Submode, "prop " + e.PropMode, "sat " + e.SatName}
	for trait, has := range map[string]bool{
		"contest": e.Contest != "", "serial": e.Rcvd > 0, "POTA": e.POTA != "", "SOTA": e.SOTA != "", "my POTA": e.MyPOTA != "", "my SOTA": e.MySOTA != "",
		"LoTW": !c.LoTW.IsZero(), "DCL": !c.DCL.IsZero(), "eQSL": !c.EQSL.IsZero(), "card": !c.Card.IsZero(),
		"DOK regular": regularDOK.MatchString(w.DOK), "DOK NM": w.DOK == "NM", "DOK logged": l.DOK && w.DOK != "",
		"DOK special": w.DOK != "" && w.DOK != "NM" && !regularDOK.MatchString(w.DOK),
		"state":       w.State != "", "county": w.County != "", "IOTA": w.IOTA != "", "grid line": l.Lines != "", "maritime": strings.HasSuffix(w.Call, "/MM"),
		"odd": len(e.Odd) > 0, "comment": e.Comment != "", "umlaut": strings.ContainsFunc(w.Name+w.QTH, func(r rune) bool { return r > 127 }), "no entity": !l.Entity,
	} {
		if has {
			out = append(out, trait)
		}
	}
	return out
}

// TestFile reads the file with a few lines of its own, by the lengths alone.
func TestFile(t *testing.T) {
	o := qsotest.Options{N: 3000, Seed: 2, End: end}
	raw := qsotest.ADIF(o)
	if perQSO := len(raw) / o.N; perQSO < 280 || perQSO > 420 {
		t.Errorf("%d bytes a QSO", perQSO)
	}
	_, body, _ := bytes.Cut(raw, []byte("<EOH>"))
	records := read(t, body)
	log := qsotest.Log(o)
	if len(records) != len(log) {
		t.Fatalf("%d records for %d QSOs", len(records), len(log))
	}
	for i, e := range log {
		want := map[string]string{
			"CALL": e.Worked.Call, "STATION_CALLSIGN": e.OwnCall, "BAND": e.Band, "MODE": e.Mode,
			"QSO_DATE": e.Start.Format("20060102"), "FREQ": fmt.Sprintf("%.4f", e.MHz),
		}
		got := map[string]string{}
		for k := range want {
			got[k] = records[i][k]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("QSO %d (-want +got):\n%s", i, diff)
		}
		if len(e.Odd) > 0 && records[i][e.Odd[0].Name] != e.Odd[0].Value {
			t.Errorf("QSO %d: field %s is %q, want %q", i, e.Odd[0].Name, records[i][e.Odd[0].Name], e.Odd[0].Value)
		}
	}
}

func TestKnownUntil(t *testing.T) {
	o := qsotest.Options{N: 3000, Seed: 2, End: end}
	all := bytes.Count(qsotest.ADIF(o), []byte("<LOTW_QSL_RCVD:1>Y"))
	o.KnownUntil = end.AddDate(0, -6, 0)
	some := bytes.Count(qsotest.ADIF(o), []byte("<LOTW_QSL_RCVD:1>Y"))
	o.KnownUntil = time.Unix(0, 0)
	none := bytes.Count(qsotest.ADIF(o), []byte("QSL_RCVD"))
	if none != 0 || some == 0 || some >= all {
		t.Errorf("%d confirmations none known, %d half a year ago, %d now", none, some, all)
	}
}

func TestWriteError(t *testing.T) {
	want := errors.New("full")
	if err := qsotest.Write(broken{want}, qsotest.Options{N: 5}); !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

type broken struct{ err error }

func (b broken) Write([]byte) (int, error) { return 0, b.err }

func read(t *testing.T, b []byte) []map[string]string {
	t.Helper()
	var out []map[string]string
	record := map[string]string{}
	for {
		i := bytes.IndexByte(b, '<')
		if i < 0 {
			return out
		}
		j := bytes.IndexByte(b, '>')
		tag := string(b[i+1 : j])
		b = b[j+1:]
		if tag == "EOR" {
			out, record = append(out, record), map[string]string{}
			continue
		}
		name, length, _ := strings.Cut(tag, ":")
		n, err := strconv.Atoi(length)
		if err != nil || n > len(b) {
			t.Fatalf("record %d: tag %q", len(out), tag)
		}
		record[name], b = string(b[:n]), b[n:]
	}
}

func BenchmarkWrite(b *testing.B) {
	const n = 10_000
	for b.Loop() {
		if err := qsotest.Write(discard{}, qsotest.Options{N: n, Seed: 1}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "QSO/s")
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
