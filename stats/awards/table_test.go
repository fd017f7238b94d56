package awards_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/stats/awards"
)

// custom compiles a definition by the members it has besides the usual ones.
func custom(t *testing.T, members string) *awards.Award {
	t.Helper()
	set, faults := newSet(t).With(map[string][]byte{"x.json": []byte(`{"version": 1, "id": "x", "name": "X", ` + members + `}`)})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return getAward(t, set, "x")
}

// onBands puts calls on bands, confirmed where the call ends in +.
func onBands(t *testing.T, bands map[string]string) *columns.Log {
	t.Helper()
	log, id := columns.New(), uint64(0)
	for _, band := range slices.Sorted(maps.Keys(bands)) {
		for _, call := range strings.Fields(bands[band]) {
			id++
			m := map[string]any{"call": strings.TrimSuffix(call, "+"), "station_callsign": "DK9XYZ", "time": "2024-05-01T12:00:00Z", "band": band, "mode": "CW", "dxcc": "230"}
			if strings.HasSuffix(call, "+") {
				m["qsl_rcvd"] = "Y"
			}
			log.Put(buildQSO(t, id, m))
		}
	}
	return log
}

func TestLevels(t *testing.T) {
	const calls = `"key": {"kind": "call"}, "confirm": {"sources": ["qsl"]}, "slots": {"bands": true}, "levels": `
	log := onBands(t, map[string]string{"20m": "DL1ABC+ DL1ABD+ DL1ABE+ DL1ABF", "40m": "DL1ABC+ DL1ABD", "2m": "DL1ABC"})
	for name, tc := range map[string]struct {
		award string
		want  []string
	}{
		"need":                  {calls + `[{"name": "A", "need": 3}, {"name": "B", "need": 4}]`, []string{"A 3/3 yes", "B 3/4"}},
		"steps":                 {calls + `[{"name": "{n} calls", "steps": [1, 2, 5]}]`, []string{"2 calls 3/2 yes", "5 calls 3/5"}},
		"first step":            {calls + `[{"name": "{n}", "steps": [4, 5]}]`, []string{"4 3/4"}},
		"all steps":             {calls + `[{"name": "{n}", "steps": [1, 2]}]`, []string{"2 3/2 yes"}},
		"steps without a name":  {calls + `[{"steps": [2]}]`, []string{"2 3/2 yes"}},
		"on and on":             {calls + `[{"name": "{n}", "steps": [1], "every": 1}]`, []string{"3 3/3 yes", "4 3/4"}},
		"one slot":              {calls + `[{"name": "{slot} {n}", "need": 1, "slot": "40M"}]`, []string{"40m 1 1/1 yes"}},
		"every band":            {calls + `[{"name": "{slot} {n}", "steps": [1, 2], "per": ["bands"]}]`, []string{"40m 1 1/1 yes", "40m 2 1/2", "20m 2 3/2 yes"}},
		"each of several":       {calls + `[{"name": "A", "need": 1, "each": ["20m", "40m"]}, {"name": "B", "need": 2, "each": ["20m", "40m"]}]`, []string{"A 2/2 yes", "B 3/4"}},
		"several together":      {calls + `[{"name": "A", "need": 4, "sum": ["20m", "40m"]}, {"name": "B", "need": 5, "sum": ["20m", "40m", "2m"]}]`, []string{"A 4/4 yes", "B 4/5"}},
		"all but one":           {`"key": {"kind": "call", "codes": "DL1ABC DL1ABD DL1ABE DL1ABF"}, "confirm": {"sources": ["qsl"]}, "levels": [{"name": "A", "lack": 1}, {"name": "B", "lack": 0}]`, []string{"A 3/3 yes", "B 3/4"}},
		"points":                {calls + `[{"name": "A", "need": 2, "points": 4}, {"name": "B", "need": 2, "points": 5}], "points": {"per": "band"}`, []string{"A 3/2 4/4 yes", "B 3/2 4/5"}},
		"points with a limit":   {calls + `[{"name": "A", "need": 2, "points": 4}], "points": {"per": "band", "cap": 1}`, []string{"A 3/2 3/4"}},
		"points by year":        {calls + `[{"name": "A", "need": 2, "points": 4}], "points": {"per": "band-year"}`, []string{"A 3/2 4/4 yes"}},
		"deleted do not count":  {`"key": {"kind": "call", "list": [{"key": "DL1ABC", "deleted": true}, {"key": "DL1ABD"}]}, "confirm": {"sources": ["qsl"]}, "levels": [{"name": "A", "need": 2}]`, []string{"A 1/2"}},
		"deleted count":         {`"key": {"kind": "call", "list": [{"key": "DL1ABC", "deleted": true}, {"key": "DL1ABD"}]}, "confirm": {"sources": ["qsl"]}, "levels": [{"name": "A", "need": 2, "with_deleted": true}]`, []string{"A 2/2 yes"}},
		"deleted are counted":   {`"key": {"kind": "call", "deleted": "counted", "list": [{"key": "DL1ABC", "deleted": true}, {"key": "DL1ABD"}]}, "confirm": {"sources": ["qsl"]}, "levels": [{"name": "A", "need": 2}]`, []string{"A 2/2 yes"}},
		"the log is enough":     {`"key": {"kind": "call"}, "confirm": {"sources": ["log"]}, "levels": [{"name": "A", "need": 4}]`, []string{"A 4/4 yes"}},
		"another source counts": {`"key": {"kind": "call"}, "confirm": {"sources": ["lotw"]}, "levels": [{"name": "A", "need": 1}]`, []string{"A 0/1"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, l := range custom(t, tc.award).Table(log, awards.Options{}).Levels {
				line := fmt.Sprintf("%s %d/%d", l.Name, l.Have, l.Need)
				if l.Points > 0 {
					line += fmt.Sprintf(" %d/%d", l.HavePoints, l.Points)
				}
				if l.Reached {
					line += " yes"
				}
				if l.ToGo() != max(0, l.Need-l.Have) {
					t.Errorf("%s: %d to go", line, l.ToGo())
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("levels (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPlaces(t *testing.T) {
	for name, tc := range map[string]struct {
		km    float64
		grids []string
		want  string
	}{
		"one place":                      {80, []string{"JO31AB", "JO31AB"}, "yes"},
		"near":                           {80, []string{"JO31AB", "JO31BC"}, "yes"},
		"far":                            {80, []string{"JO31AB", "JN48XX"}, "no"},
		"one square, may be wide":        {80, []string{"JO31"}, "cannot-tell"},
		"one square, wide enough":        {200, []string{"JO31"}, "yes"},
		"squares that may touch":         {200, []string{"JO31", "JO32"}, "cannot-tell"},
		"squares that are far":           {200, []string{"JO31", "FN42"}, "no"},
		"squares whose centres are far":  {100, []string{"JO31", "JO41"}, "cannot-tell"},
		"no locator":                     {80, []string{""}, "cannot-tell"},
		"no locator and far":             {80, []string{"", "JO31AB", "FN42AB"}, "no"},
		"six letters are not 300 m":      {0.3, []string{"JO31AB"}, "cannot-tell"},
		"eight letters within a place":   {0.9, []string{"JO31AB55"}, "yes"},
		"over the date line, not around": {80, []string{"AJ01AA", "RJ91XA"}, "yes"},
	} {
		t.Run(name, func(t *testing.T) {
			a := custom(t, fmt.Sprintf(`"key": {"kind": "call"}, "confirm": {"sources": ["log"]}, "own": {"within": [{"km": %v, "bands": ["20m"]}, {"km": 1, "bands": ["2m"]}]}`, tc.km))
			log := columns.New()
			for i, grid := range tc.grids {
				log.Put(buildQSO(t, uint64(i+1), map[string]any{"call": "DL1ABC", "station_callsign": "DK9XYZ", "time": "2024-05-01T12:00:00Z",
					"band": "20m", "mode": "CW", "my_gridsquare": grid}))
			}
			places := a.Table(log, awards.Options{}).Places
			if len(places) != 1 || places[0].Answer != tc.want {
				t.Errorf("places %+v, want one rule: %s", places, tc.want)
			}
		})
	}
}

// TestCSV: the file has the states of the table.
func TestCSV(t *testing.T) {
	log := putAll(randomLog(t, rand.New(rand.NewPCG(1, 16)), 300))
	for _, a := range newSet(t).All() {
		table := a.Table(log, awards.Options{})
		var text strings.Builder
		if err := table.WriteCSV(&text); err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(strings.NewReader(text.String())).ReadAll()
		if err != nil || len(lines) != len(table.Keys)+1 {
			t.Fatalf("%s: %d lines of %d keys: %v", a.ID(), len(lines), len(table.Keys), err)
		}
		for i := range table.Keys {
			k := &table.Keys[i]
			got := map[string]string{}
			for at, name := range lines[0] {
				if value := lines[i+1][at]; at > 1 && value != "" {
					got[name] = value
				}
			}
			want := map[string]string{}
			if letter := k.State().Letter(); letter != "" {
				want["total"] = letter
			}
			for at, name := range a.SlotNames() {
				if letter := k.In(at).Letter(); letter != "" {
					want[name] = letter
				}
			}
			if diff := cmp.Diff(want, got); diff != "" || lines[i+1][0] != k.Key {
				t.Fatalf("%s: line %v (-want +got):\n%s", a.ID(), lines[i+1], diff)
			}
		}
	}
}

func TestCSVIsNoFormula(t *testing.T) {
	a := custom(t, `"key": {"kind": "state", "list": [{"key": "=1+1", "name": "@cmd"}, {"key": "-A", "name": "+B"}]}, "confirm": {"sources": ["log"]}`)
	var text strings.Builder
	if err := a.Table(columns.New(), awards.Options{}).WriteCSV(&text); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("key,name,total\n'=1+1,'@cmd,\n'-A,'+B,\n", text.String()); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
}

// TestJSON: the text has the numbers of the table, and is right for every
// award.
func TestJSON(t *testing.T) {
	type count struct{ Worked, Confirmed, Granted, Submitted int }
	log := putAll(randomLog(t, rand.New(rand.NewPCG(2, 17)), 300))
	for _, a := range newSet(t).All() {
		table := a.Table(log, awards.Options{})
		var got struct {
			ID, Name string
			count
			WithDeleted *count `json:"with_deleted"`
			Slots       map[string]count
			Keys        []struct {
				Key                                   string
				Worked, Confirmed, Granted, Submitted bool
				Slots                                 map[string]struct{ Worked, Confirmed, Granted, Submitted bool }
			}
			Needed       []string
			Levels       []struct{ Need, Have int }
			NotCountable []struct {
				ID     uint64
				Reason string
			} `json:"not_countable"`
			Unsure []string
		}
		body := table.AppendJSON(nil)
		if err := json.Unmarshal(body, &got); err != nil {
			t.Fatalf("%s: %v\n%s", a.ID(), err, body)
		}
		if got.ID != a.ID() || got.Name != a.Definition().Name.EN || got.count != count(table.Count) || len(got.Keys) != len(table.Keys) ||
			len(got.Levels) != len(table.Levels) || !slices.Equal(got.Needed, table.Needed) || len(got.NotCountable) != len(table.NotCountable) ||
			!slices.Equal(got.Unsure, a.Definition().Rules.Unsure) || got.WithDeleted == nil && table.WithDeleted != table.Count {
			t.Errorf("%s: %+v", a.ID(), got)
		}
		for _, s := range table.Slots {
			if got.Slots[s.Name] != count(s.Count) {
				t.Errorf("%s: slot %s %+v, want %+v", a.ID(), s.Name, got.Slots[s.Name], s.Count)
			}
		}
		for i := range table.Keys {
			k := &table.Keys[i]
			for at, name := range a.SlotNames() {
				s := got.Keys[i].Slots[name]
				if s.Worked != (k.In(at) != awards.NotWorked) || s.Granted != (k.In(at) == awards.Granted) || s.Submitted != (k.In(at) == awards.Submitted) {
					t.Errorf("%s: %s in %s %+v, want %s", a.ID(), k.Key, name, s, k.In(at))
				}
			}
			if got.Keys[i].Key != k.Key || got.Keys[i].Worked != k.Worked || got.Keys[i].Confirmed != k.Confirmed || got.Keys[i].Granted != k.Granted || got.Keys[i].Submitted != k.Submitted {
				t.Errorf("%s: key %+v, want %+v", a.ID(), got.Keys[i], k)
			}
		}
	}
}

// TestNotCountable: a value that stands for no key does not count, and the QSO
// is listed with the reason.
func TestNotCountable(t *testing.T) {
	set := newSet(t)
	base := func(id uint64) *qso.QSO {
		q := &qso.QSO{ID: id, Call: "W1AAA", Own: "DK9XYZ", DXCC: 291, CQZ: 5, ITUZ: 8, Mode: qso.Mode{Name: "CW"}, Start: qso.Time(1_700_000_000)}
		q.Band, _ = qso.ParseBand("2m")
		return q
	}
	state, zone, ituZone, square, dok := base(1), base(2), base(3), base(4), base(5)
	state.Set(qso.FieldState, "XX")
	zone.CQZ, ituZone.ITUZ = 41, 91
	square.Set(qso.FieldGridsquare, "XX99")
	dok.DXCC = 230
	dok.Set(qso.FieldDARCDOK, "??")
	log := putAll([]*qso.QSO{state, zone, ituZone, square, dok})
	for award, want := range map[string]awards.NotCountable{
		"was": {ID: 1, Reason: "unknown-state"}, "waz": {ID: 2, Reason: "unknown-cqzone"}, "itu": {ID: 3, Reason: "unknown-ituzone"},
		"vucc": {ID: 4, Reason: "unknown-grid4"}, "dld": {ID: 5, Reason: "unknown-dok"}, "dok-district": {ID: 5, Reason: "unknown-district"},
	} {
		a, _ := set.Get(award)
		if diff := cmp.Diff([]awards.NotCountable{want}, a.Table(log, awards.Options{}).NotCountable); diff != "" {
			t.Errorf("%s (-want +got):\n%s", award, diff)
		}
	}
}

// TestGroups: what a group of keys counts and how many keys it has are what the
// rows say; together they are the award.
func TestGroups(t *testing.T) {
	log := onBands(t, map[string]string{"20m": "DL1ABC+ DL1ABD"})
	for i, code := range []string{"291", "339", "110", "81"} { // United States, Japan, Hawaii, and a deleted one
		q := buildQSO(t, uint64(10+i), map[string]any{"call": "W1AAA", "station_callsign": "DK9XYZ", "time": "2024-05-01T12:00:00Z", "band": "20m", "mode": "CW", "dxcc": code})
		log.Put(q)
	}
	for _, id := range []string{"dxcc", "iota", "dld", "was"} {
		table := getAward(t, newSet(t), id).Table(log, awards.Options{})
		want, listed := map[string]awards.SlotCount{}, id != "iota"
		for _, k := range table.Keys {
			if k.Group == "" || k.Deleted {
				continue
			}
			g := want[k.Group]
			g.Name = k.Group
			if listed {
				g.Target++
			}
			if k.Worked {
				g.Worked++
			}
			if k.Confirmed {
				g.Confirmed++
			}
			want[k.Group] = g
		}
		got := map[string]awards.SlotCount{}
		for _, g := range table.Groups() {
			if g.Worked+g.Target > 0 {
				got[g.Name] = g
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-rows +groups):\n%s", id, diff)
		}
		if id == "dxcc" && (got["EU"].Confirmed != 1 || got["OC"].Worked != 1 || got["EU"].Target < 60) {
			t.Errorf("dxcc by continent is %+v", got)
		}
	}
}

// TestEntityWindows has entities worked before they began and after they ended: alone and in one walk with others.
func TestEntityWindows(t *testing.T) {
	set := newSet(t)
	dx, waz := getAward(t, set, "dxcc"), getAward(t, set, "waz")
	for name, tc := range map[string]struct {
		years string // of a QSO with Bonaire and Curacao, until 2010, and of one with Kosovo, since 2018
		want  []string
	}{
		"both in time":         {"2009 2019", []string{"230", "522", "85"}},
		"after the end":        {"2015 2019", []string{"230", "522"}},
		"before the beginning": {"2009 2015", []string{"230", "85"}},
		"neither":              {"2015 2016", []string{"230"}},
	} {
		t.Run(name, func(t *testing.T) {
			log, years := columns.New(), strings.Fields(tc.years)
			for i, q := range [][2]string{{"85", years[0]}, {"522", years[1]}, {"230", "2008"}, {"230", "2024"}} {
				log.Put(buildQSO(t, uint64(i+1), map[string]any{"call": "W1AAA", "station_callsign": "DK9XYZ", "time": q[1] + "-05-01T12:00:00Z", "band": "20m", "mode": "CW", "dxcc": q[0]}))
			}
			log.View(func(v *columns.View) {
				for _, list := range [][]*awards.Award{{dx}, {dx, waz}} {
					var worked []string
					for _, k := range awards.CountAll(v, list, awards.Options{Deleted: true})[0].Keys {
						if k.Worked {
							worked = append(worked, k.Key)
						}
					}
					slices.Sort(worked)
					if diff := cmp.Diff(tc.want, worked); diff != "" {
						t.Errorf("with %d awards (-want +got):\n%s", len(list), diff)
					}
				}
			})
		})
	}
}
