package awards_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/qso/dxcc"
	"qslbox/stats/awards"
)

// TestAgreesWithSlow: on 200 random logs, the fold of every award, those of
// docs/awards.md and some others too, and the plain loops give the same table.
func TestAgreesWithSlow(t *testing.T) {
	files, _ := examples(t)
	for name, key := range map[string]string{
		"parks": `{"kind": "pota", "list": [{"key": "US-0001", "values": ["US-0001", "K-0001"]}]}`,
		"calls": `{"kind": "call"}`, "islands": `{"kind": "iota", "codes": "EU-005"}`,
	} {
		files[name+".json"] = []byte(`{"version": 1, "id": "` + name + `", "name": "X", "key": ` + key + `, "confirm": {"sources": ["lotw", "qsl"]}, "slots": {"bands": true, "classes": true}}`)
	}
	set, faults := newSet(t).With(files)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	table, err := dxcc.New()
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 7))
		qsos := randomLog(t, rng, 20+rng.IntN(100))
		log := columns.New()
		for _, q := range qsos {
			log.Put(q)
		}
		o := awards.Options{}
		if seed%5 == 1 {
			o.Sources = qso.Sources(2 * (1 + rng.IntN(62)))
		}
		if seed%7 == 1 {
			yes := true
			o.TwoWay = &yes
		}
		for _, a := range set.All() {
			s := newSlow(a.Definition(), table, o)
			s.count(qsos)
			if s.ownEntity == 0xffff {
				continue
			}
			want, got := s.figures(a), figures(a.Table(log, o))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("log %d, award %s (-slow +fold):\n%s", seed, a.ID(), diff)
			}
		}
	}
}

// tableFigures is a table in the words that both implementations share.
type tableFigures struct {
	Cells   map[string]string
	Total   awards.Count
	Deleted awards.Count
	Points  [2]int
	Slots   map[string]awards.Count
	Needed  []string
	Refused map[uint64]string
	Without []uint64
}

func figures(t *awards.Table) tableFigures {
	f := tableFigures{Cells: map[string]string{}, Total: t.Count, Deleted: t.WithDeleted, Slots: map[string]awards.Count{}, Refused: map[uint64]string{},
		Points: [2]int{t.Points.Worked, t.Points.Confirmed}, Needed: slices.Clone(t.Needed), Without: slices.Clone(t.LoTWWithoutValue)}
	for i := range t.Keys {
		k := &t.Keys[i]
		for at, name := range t.Award.SlotNames() {
			if state := k.In(at); state != awards.NotWorked {
				f.Cells[k.Key+"|"+name] = state.String()
			}
		}
		if k.State() != awards.NotWorked {
			f.Cells[k.Key] = k.State().String()
		}
	}
	for _, s := range t.Slots {
		if s.Worked > 0 {
			f.Slots[s.Name] = s.Count
		}
	}
	for _, q := range t.NotCountable {
		f.Refused[q.ID] = q.Reason
	}
	slices.Sort(f.Needed)
	slices.Sort(f.Without)
	return f
}

func (s *slow) figures(a *awards.Award) tableFigures {
	f := tableFigures{Cells: map[string]string{}, Slots: map[string]awards.Count{}, Refused: s.refused}
	add := func(to *awards.Count, c cell) {
		if c.worked {
			to.Worked++
		}
		if c.confirmed {
			to.Confirmed++
		}
		if c.granted {
			to.Granted++
		}
		if c.submitted && !c.granted {
			to.Submitted++
		}
	}
	names := a.SlotNames()
	for key, slots := range s.cells {
		deleted := s.keys[key].deleted
		points := [2]int{}
		for name, c := range slots {
			for _, shown := range shownAs(s.d, key, name) {
				if !slices.Contains(append(names, ""), shown) {
					continue
				}
				at := key
				if shown != "" {
					at += "|" + shown
				}
				state := awards.Worked
				switch {
				case c.granted:
					state = awards.Granted
				case c.submitted:
					state = awards.Submitted
				case c.confirmed:
					state = awards.Confirmed
				}
				f.Cells[at] = state.String()
				if shown == "" {
					add(&f.Deleted, c)
				}
				if deleted {
					continue
				}
				if shown == "" {
					add(&f.Total, c)
				} else {
					count := f.Slots[shown]
					add(&count, c)
					f.Slots[shown] = count
				}
			}
			if _, err := qso.ParseBand(name); err == nil && s.d.Points != nil && !deleted {
				points[0]++
				if c.confirmed {
					points[1]++
				}
			}
		}
		for i, n := range points {
			if s.d.Points != nil && s.d.Points.Cap > 0 {
				n = min(n, s.d.Points.Cap)
			}
			f.Points[i] += n
		}
	}
	for key := range s.cells {
		if c := s.cells[key][""]; len(s.keys) == 0 && c.worked && !c.confirmed {
			f.Needed = append(f.Needed, key)
		}
	}
	for key, k := range s.keys {
		if !k.deleted && !s.cells[key][""].confirmed {
			f.Needed = append(f.Needed, key)
		}
	}
	for id := range s.without {
		f.Without = append(f.Without, id)
	}
	slices.Sort(f.Needed)
	slices.Sort(f.Without)
	return f
}

// shownAs returns the slots in which a cell shows: its own, and that of its
// key's group.
func shownAs(d *awards.Definition, key, slot string) []string {
	group := ""
	switch d.Key.Groups {
	case "dok-kind":
		_, kind := qso.FoldDOK(key)
		group = kind.String()
	case "continent":
		group = groupContinent(key)
	}
	list := []string{slot}
	switch {
	case group == "":
	case slot == "":
		list = append(list, group)
	default:
		if _, err := qso.ParseBand(slot); err == nil {
			list = append(list, slot+" "+group)
		}
	}
	return list
}

func groupContinent(key string) string {
	var code uint16
	if _, err := fmt.Sscan(key, &code); err != nil {
		return key[:2]
	}
	e, _ := entityTable().Entity(code)
	return e.Continent
}

// entityTable is read once: building it is most of what a slow count costs.
var entityTable = sync.OnceValue(func() *dxcc.Table {
	table, err := dxcc.New()
	if err != nil {
		panic(err)
	}
	return table
})

// randomLog makes a log of values that awards trip over.
func randomLog(t testing.TB, rng *rand.Rand, n int) []*qso.QSO {
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	var log []*qso.QSO
	for i := range n {
		m := map[string]any{
			"call":             pick("DL1ABC", "DK9XYZ/P", "W1AAA", "W1AAA/4", "IT9AAA", "GM4AAA", "TA1AAA", "TA2AAA", "4U1VIC", "JA1ZZZ", "UA9AAA", "OK1AAA", "DL1ABC/MM", "KL7AAA"),
			"station_callsign": pick("DK9XYZ", "DK9XYZ", "DK9XYZ", "EA8/DK9XYZ", ""),
			"time": fmt.Sprintf("%s-%02d-%02dT%02d:%02d:00Z", pick("1944", "1945", "1958", "1959", "1972", "1974", "1975", "1979", "1980", "1982", "1983", "1990", "2008", "2009", "2014", "2025", "2026"),
				1+rng.IntN(12), 1+rng.IntN(28), rng.IntN(24), rng.IntN(60)),
			"band": pick("160m", "80m", "60m", "40m", "20m", "20m", "15m", "10m", "6m", "4m", "2m", "70cm", "23cm", "13cm"),
			"mode": pick("CW", "CW", "SSB", "FT8", "RTTY", "FM", "DIGITALVOICE", "SSTV"),
			"dxcc": pick("", "0", "230", "230", "291", "291", "6", "110", "248", "279", "390", "206", "1", "339", "287", "263", "229", "218", "15", "13", "522"),
			"cqz":  pick("", "1", "14", "15", "40", "41", "200"), "ituz": pick("", "1", "28", "90", "91"),
		}
		maybe := func(share int, name string, list ...string) {
			if rng.IntN(100) < share {
				m[name] = pick(list...)
			}
		}
		maybe(30, "state", "MD", "DC", "AK", "HI", "NY", "ON", "PR", "XX", "01", "13", "ZH", "GE", "GD", "GR", "LI")
		maybe(20, "cnty", "MA,MIDDLESEX", "MIDDLESEX", "1001", "100101", "10005")
		maybe(20, "cont", "EU", "NA", "AF", "AN", "AS")
		maybe(20, "region", "SY", "SI", "NONE", "KO", "AI", "ET")
		maybe(20, "iota", "EU-005", "NA-001", "EU5")
		maybe(30, "gridsquare", "JO31AB", "JO40", "FN42", "EM10DH", "JN58", "ZZ99", "JO")
		maybe(15, "vucc_grids", "FN42,FN43", "EN98, EN99,ZZ99", "XX00")
		maybe(25, "darc_dok", "B36", "A01", "Z85", "70DARC", "DVR", "NM", "??", "b36")
		maybe(10, "pota_ref", "US-0001", "K-0001", "K-0001,DE-0002@DE-BY", "nonsense")
		maybe(10, "sota_ref", "DM/BW-001", "W7W/LC-001", "X")
		maybe(10, "wwff_ref", "DLFF-0001", "KFF-1234", "DLFF")
		maybe(10, "my_pota_ref", "DE-0001", "DA-0001,US-0002")
		maybe(5, "my_sota_ref", "DM/BW-001")
		maybe(5, "my_wwff_ref", "DLFF-0001")
		maybe(20, "my_dxcc", "230", "281", "0")
		maybe(10, "my_gridsquare", "JO31", "JO31AB", "JN58TD")
		maybe(20, "prop_mode", "SAT", "SAT", "RPT", "ECH", "IRL", "INTERNET", "ES")
		maybe(15, "sat_name", "AO-73", "QO-100", "ISS")
		maybe(10, "band_rx", "20m", "2m", "70cm")
		maybe(15, "credit_granted", "DXCC", "DXCC,DXCC_BAND:LOTW&CARD", "DXCC_MODE,DXCC_BAND", "WAS,VUCC_BAND", "DXCC_SATELLITE", "IOTA")
		maybe(10, "credit_submitted", "DXCC,DXCC_BAND", "DXCC", "WAS:LOTW", "DXCC_MODE")
		maybe(40, "lotw_rcvd", "Y", "Y", "Y", "N")
		maybe(25, "qsl_rcvd", "Y", "R")
		maybe(25, "eqsl_rcvd", "Y")
		maybe(50, "eqsl_ag", "Y", "N")
		maybe(25, "dcl_rcvd", "Y")
		if m["lotw_rcvd"] == "Y" && rng.IntN(2) == 0 {
			m["lotw_record"] = randomRecord(rng, pick)
		}
		log = append(log, buildQSO(t, uint64(i+1), m))
	}
	return log
}

func randomRecord(rng *rand.Rand, pick func(...string) string) map[string]any {
	record := map[string]any{}
	for _, field := range [][]string{
		{"dxcc", "230", "291", "6", "1", "248", "229"}, {"cqz", "14", "5"}, {"ituz", "28", "8"}, {"state", "NY", "MD", "ON", "XX"},
		{"cnty", "MA,MIDDLESEX", "NY,KINGS"}, {"iota", "EU-005", "OC-001"}, {"gridsquare", "JO31AB", "FN42AA", "FN30"},
	} {
		if rng.IntN(4) > 0 {
			record[field[0]] = pick(field[1:]...)
		}
	}
	if rng.IntN(8) == 0 {
		delete(record, "gridsquare")
		record["vucc_grids"] = pick("FN42,FN43", "EN98")
	}
	if rng.IntN(3) > 0 {
		record["two_way"] = rng.IntN(2) == 0
	}
	return record
}
