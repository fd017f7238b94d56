package stats_test

import (
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/stats"
	"qslbox/stats/awards"
)

// TestResumeProperty: whatever happens to a log, snapshots that go on from what
// was kept say what computing them from the whole log does.
func TestResumeProperty(t *testing.T) {
	board, _, set := newBoard(t)
	define := stats.Definitions(board, func() *awards.Set { return set })
	seeds := uint64(1)
	if os.Getenv("QSLBOX_SOAK") != "" {
		seeds = 20
	}
	for seed := range seeds {
		rng := rand.New(rand.NewPCG(seed, 5))
		qsos := generated(900, seed)
		rng.Shuffle(len(qsos), func(i, j int) { qsos[i].Start, qsos[j].Start = qsos[j].Start, qsos[i].Start })
		log, live, last := columns.New(), []*qso.QSO(nil), map[string]stats.Resumed{}
		for i, q := range qsos {
			switch what := rng.IntN(40); {
			case i < 500 || what < 30:
				q.ID = uint64(i + 1)
				log.Put(q)
				live = append(live, q)
			case what < 33:
				at := rng.IntN(len(live))
				log.Delete(live[at].ID)
				live = slices.Delete(live, at, at+1)
			case what < 36: // edited
				at := rng.IntN(len(live))
				q.ID = live[at].ID
				log.Put(q)
				live[at] = q
			default:
				q := live[rng.IntN(len(live))]
				q.Confirmations = []qso.Confirmation{{Source: qso.Card, Status: 'Y'}}
				log.Put(q)
			}
			if i < 500 && i%100 > 0 || rng.IntN(4) > 0 {
				continue
			}
			now := live[rng.IntN(len(live))].Start.Std()
			for _, name := range []string{stats.Dashboard, stats.Overview, stats.AwardName("dxcc", awards.Options{}), stats.AwardName("wpx", awards.Options{})} {
				d, _ := define(name)
				want, err := d.Compute(t.Context(), log, columns.Filter{}, now)
				if err != nil {
					t.Fatal(err)
				}
				got, err := d.Resume(t.Context(), log, now, last[name])
				if diff := cmp.Diff(string(want), string(got.Body)); diff != "" || err != nil {
					t.Fatalf("seed %d, step %d, %s: %v (-whole +resumed):\n%s", seed, i, name, err, diff)
				}
				last[name] = got
			}
		}
	}
}

// TestResumeOnlyWhole: what is kept is of the whole log, so a filtered snapshot
// and one with options do not use it.
func TestResumeOnlyWhole(t *testing.T) {
	board, _, set := newBoard(t)
	m := newMemory("main")
	m.put("main", generated(400, 3)...)
	define := stats.Definitions(board, func() *awards.Set { return set })
	k, err := stats.NewKeeper(stats.Config{Source: m, Define: define, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	for name, o := range optionCases() {
		if d, _ := define(stats.AwardName("dxcc", o)); (d.Resume == nil) != (name != "none") {
			t.Errorf("%s: resumed %v", name, d.Resume != nil)
		}
	}
	get(t, k, stats.Dashboard)
	d, _ := define(stats.Dashboard)
	f := columns.Filter{Modes: []string{"CW"}}
	s, err := k.Get(t.Context(), "main", stats.Dashboard, &f)
	if err != nil {
		t.Fatal(err)
	}
	want, err := d.Compute(t.Context(), m.books["main"].log, f, s.Computed)
	if diff := cmp.Diff(string(want), string(s.Body)); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
