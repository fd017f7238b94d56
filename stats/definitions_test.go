package stats_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/stats"
	"qslbox/stats/awards"
)

// optionCases are options, and whether they make a variant.
func optionCases() map[string]awards.Options {
	yes, no := true, false
	return map[string]awards.Options{
		"none":       {},
		"sources":    {Sources: qso.SourceSet(qso.LoTW) | qso.SourceSet(qso.EQSL)},
		"two-way":    {TwoWay: &yes},
		"any mode":   {TwoWay: &no},
		"deleted":    {Deleted: true},
		"own entity": {OwnEntity: 230},
		"as of":      {AsOf: day("2020-02-29")},
		"all":        {Sources: qso.SourceSet(qso.Card), TwoWay: &no, Deleted: true, OwnEntity: 230, AsOf: day("2021-01-01")},
	}
}

// TestAwardSnapshots: a snapshot by name says what the award's table says.
func TestAwardSnapshots(t *testing.T) {
	board, _, set := newBoard(t)
	define := stats.Definitions(board, func() *awards.Set { return set })
	qsos := generated(4_000, 5)
	for i, q := range qsos {
		if i%9 == 0 {
			q.DXCC = 81 // deleted
			q.Start = day("1970-01-01") + qso.Time(i)
		}
		if i%5 == 0 && q.Confirmation(qso.LoTW) != nil {
			q.Confirmation(qso.LoTW).Stated = true
			q.Confirmation(qso.LoTW).Record = []qso.Field{{ID: qso.FieldDXCC, Value: q.Text(qso.FieldDXCC)}, {ID: qso.FieldAppLoTW2xQSL, Value: "N"}}
		}
	}
	log := put(qsos)
	bodies := map[string]string{}
	for name, o := range optionCases() {
		for _, f := range []columns.Filter{{}, {Modes: []string{"CW"}}} {
			for _, id := range []string{"dxcc", "wae"} {
				d, ok := define(stats.AwardName(id, o))
				if !ok {
					t.Fatalf("%s: no definition of %s", name, stats.AwardName(id, o))
				}
				if d.Name != "award/"+id || !d.Award || d.Variant != (name != "none") {
					t.Errorf("%s: defined as %s, award %v, variant %v", name, d.Name, d.Award, d.Variant)
				}
				got, err := d.Compute(t.Context(), log, f, time.Now())
				if err != nil {
					t.Fatal(err)
				}
				o.Filter = f
				a, _ := set.Get(id)
				if diff := cmp.Diff(string(a.Table(log, o).AppendJSON(nil)), string(got)); diff != "" {
					t.Errorf("%s, %s (-table +snapshot):\n%s", name, id, diff)
				}
				bodies[name+id+f.Key()] = string(got)
			}
		}
	}
	for _, name := range []string{"sources", "two-way", "deleted", "as of", "all"} {
		if bodies[name+"dxcc"] == bodies["nonedxcc"] {
			t.Errorf("%s changes nothing in this log: the test shows nothing", name)
		}
	}
}

func TestUnknownNames(t *testing.T) {
	board, _, set := newBoard(t)
	define := stats.Definitions(board, func() *awards.Set { return set })
	for _, name := range []string{"", "stat", "award", "award/", "award/nothing", "award/dxcc?", "award/dxcc?sources=cloud", "award/dxcc?my_dxcc=-1",
		"award/dxcc?my_dxcc=70000", "award/dxcc?as_of=yesterday", "award/dxcc?colour=red", "award/dxcc?%zz", "award/dxcc?two_way=maybe", "award/dxcc?deleted=1"} {
		if d, ok := define(name); ok {
			t.Errorf("%q is defined as %+v", name, d)
		}
	}
}

// TestOverview: each line has the numbers of the award's own table.
func TestOverview(t *testing.T) {
	board, _, set := newBoard(t)
	set, faults := set.With(map[string][]byte{"club.json": []byte(`{"version": 1, "id": "club", "name": "Club", "key": {"kind": "call"},
		"confirm": {"sources": ["log"]}, "levels": [{"name": "First", "need": 10}, {"name": "All", "need": 100000}]}`)})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	d, _ := stats.Definitions(board, func() *awards.Set { return set })(stats.Overview)
	log := put(generated(3_000, 6))
	for _, f := range []columns.Filter{{}, {Modes: []string{"CW"}}} {
		body, err := d.Compute(t.Context(), log, f, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		type group struct {
			Key                       string
			Worked, Confirmed, Target int
		}
		type progress struct {
			ID, Name, Issuer           string
			NameDE                     string `json:"name_de"`
			Custom                     bool
			Worked, Confirmed, Granted int
			Groups                     []group
			Next                       *struct {
				Name       string
				Need, Have int
			}
		}
		var got, want struct{ Items []progress }
		if err := json.Unmarshal(body, &got); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		for _, a := range set.All() {
			table := a.Table(log, awards.Options{Filter: f})
			p := progress{ID: a.ID(), Name: a.Definition().Name.EN, NameDE: a.Definition().Name.DE, Issuer: a.Definition().Issuer, Custom: a.ID() == "club",
				Worked: table.Count.Worked, Confirmed: table.Count.Confirmed, Granted: table.Count.Granted}
			for _, g := range table.Groups() {
				p.Groups = append(p.Groups, group{g.Name, g.Worked, g.Confirmed, g.Target})
			}
			for _, l := range table.Levels {
				if !l.Reached && p.Next == nil {
					p.Next = &struct {
						Name       string
						Need, Have int
					}{l.Name, l.Need, l.Have}
				}
			}
			want.Items = append(want.Items, p)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("overview (-want +got):\n%s", diff)
		}
	}
}

// TestAwardGoes: a custom award that was taken away is unknown, also where a
// snapshot of it is kept.
func TestAwardGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		board, _, builtIn := newBoard(t)
		set, _ := builtIn.With(map[string][]byte{"club.json": []byte(`{"version": 1, "id": "club", "name": "Club", "key": {"kind": "call"}, "confirm": {"sources": ["log"]}}`)})
		m := newMemory("main")
		k, err := stats.NewKeeper(stats.Config{Source: m, Define: stats.Definitions(board, func() *awards.Set { return set }), Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		defer k.Close()
		if s := get(t, k, stats.AwardName("club", awards.Options{})); !strings.HasPrefix(string(s.JSON()), `{"as_of":"2000-01-01T00:00:00Z","generation":0,"id":"club",`) {
			t.Errorf("snapshot %s", s.JSON())
		}
		set = builtIn
		m.put("main", contact(1))
		if _, err := k.Get(t.Context(), "main", "award/club", nil); err == nil || !strings.Contains(err.Error(), "club") {
			t.Errorf("error %v", err)
		}
		get(t, k, stats.Dashboard)
	})
}
