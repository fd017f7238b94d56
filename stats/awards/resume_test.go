package awards_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/stats/awards"
)

// resumeExtras are awards with what no built-in one has: keys that the log
// brings, and too many keys to keep what each has.
var resumeExtras = map[string]string{
	"calls":   `"key": {"kind": "call"}`,
	"squares": `"key": {"kind": "grid4"}, "filter": {"bands": ["20m", "2m"]}`,
	"some":    `"key": {"kind": "state"}, "filter": {"calls": ["W1*", "*/P"]}, "own": {"one_entity": true}`,
}

// TestResumeProperty: whatever happens to a log, what goes on from where it was
// is what counting the whole log gives, after each step and after several.
func TestResumeProperty(t *testing.T) {
	files, _ := examples(t)
	for name, members := range resumeExtras {
		files[name+".json"] = []byte(`{"version": 1, "id": "` + name + `", "name": "X", ` + members +
			`, "confirm": {"sources": ["lotw", "qsl"]}, "slots": {"bands": true, "classes": true, "band_classes": true}}`)
	}
	set, faults := newSet(t).With(files)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	all := set.All()
	for seed := range seeds(1) {
		rng := rand.New(rand.NewPCG(seed, 11))
		steps := randomLog(t, rng, 100)
		log, live, next := columns.New(), []*qso.QSO(nil), uint64(0)
		seen := map[string]seenTable{}
		for i := 0; i < len(steps); i++ {
			switch what := rng.IntN(12); {
			case len(live) < 60 || what < 8:
				next++
				steps[i].ID = next
				log.Put(steps[i])
				live = append(live, steps[i])
			case what == 8:
				at := rng.IntN(len(live))
				log.Delete(live[at].ID)
				live = slices.Delete(live, at, at+1)
			case what == 9: // edited
				at := rng.IntN(len(live))
				steps[i].ID = live[at].ID
				log.Put(steps[i])
				live[at] = steps[i]
			default:
				q := live[rng.IntN(len(live))]
				q.Confirmations = append(slices.Clone(q.Confirmations), qso.Confirmation{Source: qso.Card, Status: 'Y'})
				log.Put(q)
			}
			if len(live) >= 60 && rng.IntN(3) > 0 {
				resumed(t, log, all, seen)
			}
		}
	}
}

// seenTable is what was returned of an award the last time.
type seenTable struct {
	edition uint64
	body    string
}

// resumed compares both ways to count a log as it stands.
func resumed(t *testing.T, log *columns.Log, all []*awards.Award, seen map[string]seenTable) {
	t.Helper()
	log.View(func(v *columns.View) {
		want, got := awards.Progress(v, all, awards.Options{}), awards.Resume(v, all)
		for i, a := range all {
			if diff := cmp.Diff(want[i], got[i], cmpopts.IgnoreUnexported(awards.Table{}), cmpopts.IgnoreFields(awards.Table{}, "Award"), cmpopts.EquateEmpty()); diff != "" || got[i].Award != a {
				t.Fatalf("%d rows, award %s (-whole +resumed):\n%s", v.Rows(), a.ID(), diff)
			}
			if i%3 != v.Rows()%3 {
				continue // the whole tables take their time
			}
			had := seen[a.ID()]
			table, edition := a.Resume(v, had.edition)
			if table != nil {
				had = seenTable{edition, string(table.AppendJSON(nil))}
				seen[a.ID()] = had
			}
			if diff := cmp.Diff(string(a.Count(v, awards.Options{}).AppendJSON(nil)), had.body); diff != "" {
				t.Fatalf("%d rows, award %s, edition %d, new %v (-whole +resumed):\n%s", v.Rows(), a.ID(), edition, table != nil, diff)
			}
		}
	})
}

// TestResumeLogs: more logs than are kept, in turn, do not get into each other's
// way, and neither do editions.
func TestResumeLogs(t *testing.T) {
	set := newSet(t)
	rng := rand.New(rand.NewPCG(1, 2))
	type book struct {
		log  *columns.Log
		seen map[string]seenTable
	}
	books := make([]book, 6)
	for i := range books {
		books[i] = book{columns.New(), map[string]seenTable{}}
	}
	for round := range uint64(3) {
		for i, q := range randomLog(t, rng, len(books)) {
			q.ID = round + 1
			books[i].log.Put(q)
			resumed(t, books[i].log, set.All(), books[i].seen)
		}
	}
}

// TestResumeAllocates holds that one more QSO does not cost memory for each key
// or row: 29 awards are looked at in some 200 allocations.
func TestResumeAllocates(t *testing.T) {
	all, log := newSet(t).All(), generated(t, 5_000)
	q := fromGenerated(5_000)
	one := func() {
		q.ID++
		log.Put(q)
		log.View(func(v *columns.View) { awards.Resume(v, all) })
	}
	one()
	one()
	if n := testing.AllocsPerRun(100, one); n > 250 {
		t.Errorf("one more QSO allocates %v times, want 250 at most", n)
	}
	if seen := testing.AllocsPerRun(100, func() { log.View(func(v *columns.View) { awards.Resume(v, all) }) }); seen > 100 {
		t.Errorf("nothing new allocates %v times, want 100 at most", seen)
	}
}

func fromGenerated(id uint64) *qso.QSO {
	q := &qso.QSO{ID: id, Start: 1_700_000_000, Call: "DL1ABC", Own: "DK9XYZ", DXCC: 230, CQZ: 14, ITUZ: 28, Mode: qso.Mode{Name: "CW"}}
	q.Band, _ = qso.ParseBand("20m")
	return q
}

// BenchmarkResume is one more QSO, beside counting all anew: all awards.
func BenchmarkResume(b *testing.B) {
	all, log := newSet(b).All(), generated(b, 100_000)
	q := fromGenerated(100_000)
	b.Run("one more", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			q.ID++
			log.Put(q)
			log.View(func(v *columns.View) { awards.Resume(v, all) })
		}
	})
	b.Run("anew", func(b *testing.B) {
		for b.Loop() {
			log.View(func(v *columns.View) { awards.Progress(v, all, awards.Options{}) })
		}
	})
}
