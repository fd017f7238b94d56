package awards_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/qso/dxcc"
	"qslbox/stats/awards"
)

// corpusCase is one case of the corpus (testdata/cases.json).
type corpusCase struct {
	Name, Award, Why string
	Params           struct {
		IncludeDeleted bool `json:"include_deleted"`
		MyDXCC         int  `json:"my_dxcc"`
		Variant        string
		Sources        []string
		TwoWay         *bool `json:"two_way"`
	}
	QSOs   []map[string]any
	Expect map[string]any
}

// corpusIDs are the awards the corpus names otherwise.
var corpusIDs = map[string]string{"DXCC_CHALLENGE": "dxcc-challenge", "DOK": "dld"}

func TestCorpus(t *testing.T) {
	data, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []corpusCase
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(&cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 64 {
		t.Errorf("only %d cases", len(cases))
	}
	set := newSet(t)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			if c.Award == "WPX_PREFIX" {
				checkPrefixes(t, c.Expect)
				return
			}
			checkCase(t, set, c)
		})
	}
}

func newSet(t testing.TB) *awards.Set {
	t.Helper()
	table, err := dxcc.New()
	if err != nil {
		t.Fatal(err)
	}
	set, err := awards.NewSet(table)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func getAward(t testing.TB, set *awards.Set, id string) *awards.Award {
	t.Helper()
	a, ok := set.Get(id)
	if !ok {
		t.Fatalf("no award %q", id)
	}
	return a
}

func checkPrefixes(t *testing.T, want map[string]any) {
	got := map[string]any{}
	for call := range want {
		got[call] = dxcc.Prefix(qso.Call(call))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("prefixes (-want +got):\n%s", diff)
	}
}

func checkCase(t *testing.T, set *awards.Set, c corpusCase) {
	id := strings.ToLower(c.Award)
	if other := corpusIDs[c.Award]; other != "" {
		id = other
	}
	if c.Params.Variant == "triple_play" {
		id += "-triple-play"
	}
	o := awards.Options{Deleted: c.Params.IncludeDeleted, OwnEntity: uint16(c.Params.MyDXCC), TwoWay: c.Params.TwoWay}
	for _, name := range c.Params.Sources {
		source, err := qso.ParseSource(name)
		if err != nil {
			t.Fatal(err)
		}
		o.Sources |= qso.SourceSet(source)
	}
	log := columns.New()
	for i, members := range c.QSOs {
		log.Put(buildQSO(t, uint64(i+1), members))
	}
	a := getAward(t, set, id)
	table := a.Table(log, o)
	got := map[string]any{}
	for name := range c.Expect {
		got[name] = measure(t, table, c, name)
	}
	want := asPlain(t, c.Expect)
	if diff := cmp.Diff(want, asPlain(t, got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", c.Why, diff)
	}
}

// asPlain brings a value into the form that encoding/json gives.
func asPlain(t *testing.T, v any) any {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(data, &plain); err != nil {
		t.Fatal(err)
	}
	return plain
}

// measure reads the figure that a case names from the table.
func measure(t *testing.T, table *awards.Table, c corpusCase, name string) any {
	switch name {
	case "worked":
		if c.Award == "DXCC_CHALLENGE" {
			return table.Points.Worked
		}
		return table.Count.Worked
	case "confirmed":
		if c.Award == "DXCC_CHALLENGE" {
			return table.Points.Confirmed
		}
		return table.Count.Confirmed
	case "with_deleted":
		return pair(table.WithDeleted)
	case "points":
		return pair(table.Points)
	case "points_with_deleted":
		return pair(table.PointsWithDeleted)
	case "items", "confirmed_items":
		return keysOf(table, name == "confirmed_items", c.Expect[name].([]any))
	case "by_band", "by_mode", "regular_by_band", "special_by_band":
		return slotsOf(table, name, c.Expect[name].(map[string]any))
	case "class_by_band":
		return classes(table, c.Expect[name].(map[string]any))
	case "not_countable":
		places := []int{}
		for _, q := range table.NotCountable {
			places = append(places, int(q.ID)-1)
		}
		return places
	case "lotw_without_value":
		places := []int{}
		for _, id := range table.LoTWWithoutValue {
			places = append(places, int(id)-1)
		}
		return places
	}
	t.Fatalf("the case asks for %q", name)
	return nil
}

func pair(c awards.Count) []int { return []int{c.Worked, c.Confirmed} }

// keysOf returns the worked or confirmed keys, numbers where the case has
// numbers.
func keysOf(table *awards.Table, confirmed bool, like []any) []any {
	keys := []any{}
	for i := range table.Keys {
		k := &table.Keys[i]
		if !k.Worked || confirmed && !k.Confirmed {
			continue
		}
		if _, number := like[0].(json.Number); number {
			n, _ := strconv.Atoi(k.Key)
			keys = append(keys, n)
		} else {
			keys = append(keys, k.Key)
		}
	}
	return keys
}

func slotsOf(table *awards.Table, name string, want map[string]any) map[string][]int {
	got := map[string][]int{}
	for key := range want {
		slot := key
		switch name {
		case "regular_by_band":
			slot += " regular"
		case "special_by_band":
			slot += " special"
		}
		got[key] = []int{0, 0}
		at := slices.IndexFunc(table.Slots, func(s awards.SlotCount) bool { return s.Name == slot })
		if at >= 0 {
			got[key] = pair(table.Slots[at].Count)
		}
	}
	return got
}

func classes(table *awards.Table, want map[string]any) map[string]int {
	got := map[string]int{}
	for band := range want {
		got[band] = 0
		for _, l := range table.Levels {
			if l.Slot == band && l.Reached {
				got[band] = l.Need
			}
		}
	}
	return got
}

// buildQSO makes a QSO of the members of a case.
func buildQSO(t testing.TB, id uint64, members map[string]any) *qso.QSO {
	t.Helper()
	q := &qso.QSO{ID: id}
	text := func(name string) string {
		if v, ok := members[name]; ok && v != nil {
			return fmt.Sprint(v)
		}
		return ""
	}
	number := func(name string) int {
		n, _ := strconv.Atoi(text(name))
		return n
	}
	var err error
	if q.Start, err = qso.ParseTime(text("time")); err != nil {
		t.Fatal(err)
	}
	q.Call, q.Own = qso.Call(text("call")), qso.Call(text("station_callsign"))
	q.Band, _ = qso.ParseBand(text("band"))
	q.BandRx, _ = qso.ParseBand(text("band_rx"))
	if q.Mode, err = qso.ParseMode(text("mode"), text("submode")); err != nil {
		t.Fatal(err)
	}
	q.DXCC, q.CQZ, q.ITUZ = uint16(number("dxcc")), uint8(number("cqz")), uint8(number("ituz"))
	for name := range members {
		switch name {
		case "call", "station_callsign", "time", "band", "band_rx", "mode", "submode", "dxcc", "cqz", "ituz", "lotw_record",
			"lotw_rcvd", "qsl_rcvd", "eqsl_rcvd", "dcl_rcvd":
		case "gridsquare":
			q.Set(qso.FieldGridsquare, strings.ToUpper(text(name)))
		default:
			q.SetNamed(name, text(name))
		}
	}
	for name, source := range map[string]qso.Source{"lotw_rcvd": qso.LoTW, "qsl_rcvd": qso.Card, "eqsl_rcvd": qso.EQSL, "dcl_rcvd": qso.DCL} {
		if text(name) != "" {
			q.Confirmations = append(q.Confirmations, qso.Confirmation{Source: source, Status: text(name)[0]})
		}
	}
	if record, ok := members["lotw_record"].(map[string]any); ok {
		addRecord(q, record)
	}
	return q
}

// addRecord puts LoTW's own record into the QSO, as a sync would.
func addRecord(q *qso.QSO, record map[string]any) {
	c := q.Confirmation(qso.LoTW)
	c.Stated = true
	for name, v := range record {
		switch v := v.(type) {
		case nil:
		case bool:
			letter := "N"
			if v {
				letter = "Y"
			}
			c.Record = append(c.Record, qso.Field{ID: qso.FieldAppLoTW2xQSL, Value: letter})
		default:
			c.Record = append(c.Record, qso.Field{ID: qso.LookupField([]byte(name)), Value: fmt.Sprint(v)})
		}
	}
}
