package awards_test

import (
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/stats/awards"
)

// dated gives the confirmations of a random log dates, some of them none or impossible.
func dated(qsos []*qso.QSO, rng *rand.Rand) {
	for _, q := range qsos {
		for i := range q.Confirmations {
			if rng.IntN(4) > 0 {
				q.Confirmations[i].Date = q.Start + qso.Time(86400*(rng.IntN(3000)-100))
			}
		}
	}
}

// seeds returns how many random logs a test looks at: some, or with `make soak`
// twenty times as many.
func seeds(some uint64) uint64 {
	if os.Getenv("QSLBOX_SOAK") != "" {
		return 20 * some
	}
	return some
}

func putAll(qsos []*qso.QSO) *columns.Log {
	log := columns.New()
	for _, q := range qsos {
		log.Put(q)
	}
	return log
}

// TestCellsAgreeWithTable: a cell is worked if there are QSOs behind it, and
// confirmed if one of them confirms.
func TestCellsAgreeWithTable(t *testing.T) {
	set := newSet(t)
	for seed := range seeds(2) {
		rng := rand.New(rand.NewPCG(seed, 11))
		log := putAll(randomLog(t, rng, 150))
		o := awards.Options{OwnEntity: 230}
		for _, a := range set.All() {
			table := a.Table(log, o)
			slots := append([]string{""}, a.SlotNames()...)
			checked := map[string]bool{}
			for i := range table.Keys {
				k := &table.Keys[i]
				if k.State() == awards.NotWorked && checked["idle"] {
					continue // one is enough
				}
				checked["idle"] = checked["idle"] || k.State() == awards.NotWorked
				for at, slot := range slots {
					worked, confirmed := k.Worked, k.Confirmed
					if at > 0 {
						if k.In(at-1) >= awards.Submitted {
							continue // by a credit, not by a QSO
						}
						worked, confirmed = k.In(at-1) >= awards.Worked, k.In(at-1) >= awards.Confirmed
					}
					contacts := a.Contacts(log, o, k.Key, slot)
					if got := len(contacts) > 0; got != worked {
						t.Errorf("log %d, %s, %s in %q: worked %v, contacts %v", seed, a.ID(), k.Key, slot, worked, contacts)
					}
					if got := slices.ContainsFunc(contacts, func(c awards.Contact) bool { return c.Confirmed }); got != confirmed {
						t.Errorf("log %d, %s, %s in %q: confirmed %v, contacts %v", seed, a.ID(), k.Key, slot, confirmed, contacts)
					}
				}
			}
			if got := a.Contacts(log, o, "", "no such slot"); got != nil {
				t.Errorf("%s: contacts of a slot that is none: %v", a.ID(), got)
			}
		}
	}
}

// TestUnconfirmed: what to chase is what the table says is worked and not
// confirmed, with the QSOs of the cell.
func TestUnconfirmed(t *testing.T) {
	set, log := newSet(t), putAll(randomLog(t, rand.New(rand.NewPCG(3, 12)), 250))
	for _, a := range set.All() {
		o := awards.Options{OwnEntity: 230}
		table := a.Table(log, o)
		var want []awards.Open
		for i := range table.Keys {
			k := &table.Keys[i]
			if !k.Worked || k.Confirmed {
				continue
			}
			open := awards.Open{Key: k.Key, Name: k.Name}
			for _, c := range a.Contacts(log, o, k.Key, "") {
				open.IDs = append(open.IDs, c.ID)
			}
			want = append(want, open)
		}
		got := a.Unconfirmed(log, o)
		for i := range got {
			got[i].IDs = slices.Compact(got[i].IDs)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", a.ID(), diff)
		}
	}
}

// TestTimelineAgreesWithAsOf: each point of the timeline is the award as of the
// end of that day, and the last one is the award of today.
func TestTimelineAgreesWithAsOf(t *testing.T) {
	set := newSet(t)
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 13))
		qsos := randomLog(t, rng, 120)
		dated(qsos, rng)
		log := putAll(qsos)
		o := awards.Options{OwnEntity: 230}
		for _, a := range set.All() {
			points := a.Timeline(log, o)
			for i, p := range points {
				if i%7 != 0 && i != len(points)-1 {
					continue // a sample
				}
				at := o
				at.AsOf = qso.TimeOf(p.Day.Std().Add(24*time.Hour - time.Second))
				count := a.Table(log, at).Count
				if p.Worked != count.Worked || p.Confirmed != count.Confirmed {
					t.Errorf("log %d, %s on %s: point %+v, table %+v", seed, a.ID(), p.Day.Date(), p, count)
				}
			}
			last := awards.Point{}
			if len(points) > 0 {
				last = points[len(points)-1]
			}
			if count := a.Table(log, o).Count; last.Worked != count.Worked || last.Confirmed != count.Confirmed {
				t.Errorf("log %d, %s: timeline ends with %+v, table %+v", seed, a.ID(), last, count)
			}
			if !slices.IsSortedFunc(points, func(a, b awards.Point) int { return int(a.Day - b.Day) }) {
				t.Errorf("log %d, %s: points %v", seed, a.ID(), points)
			}
		}
	}
}

// TestFilterIsALogOfItsOwn: an award seen through a filter is the award of a
// log that has only those QSOs.
func TestFilterIsALogOfItsOwn(t *testing.T) {
	set := newSet(t)
	qsos := randomLog(t, rand.New(rand.NewPCG(5, 14)), 400)
	for name, tc := range map[string]struct {
		f    columns.Filter
		keep func(q *qso.QSO) bool
	}{
		"class":     {columns.Filter{Modes: []string{"CW"}}, func(q *qso.QSO) bool { return q.Mode.Class() == qso.ClassCW }},
		"own call":  {columns.Filter{Own: []qso.Call{"DK9XYZ"}}, func(q *qso.QSO) bool { return q.Own == "DK9XYZ" }},
		"confirmed": {columns.Filter{ConfirmedBy: qso.SourceSet(qso.Card)}, func(q *qso.QSO) bool { return q.Confirmed()&qso.SourceSet(qso.Card) != 0 }},
	} {
		all, some := putAll(qsos), columns.New()
		for _, q := range qsos {
			if tc.keep(q) {
				some.Put(q)
			}
		}
		for _, a := range set.All() {
			want := a.Table(some, awards.Options{OwnEntity: 230}).AppendJSON(nil)
			got := a.Table(all, awards.Options{OwnEntity: 230, Filter: tc.f}).AppendJSON(nil)
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", name, a.ID(), diff)
			}
		}
	}
}

// TestChangedLog: what is remembered of a log holds while it changes.
func TestChangedLog(t *testing.T) {
	set := newSet(t)
	rng := rand.New(rand.NewPCG(6, 15))
	qsos, log := randomLog(t, rng, 300), columns.New()
	left := map[uint64]*qso.QSO{}
	for i, q := range qsos {
		log.Put(q)
		left[q.ID] = q
		if rng.IntN(3) == 0 {
			gone := qsos[rng.IntN(i+1)].ID
			log.Delete(gone)
			delete(left, gone)
		}
		if i%60 != 59 {
			continue
		}
		fresh := columns.New()
		for _, q := range qsos {
			if left[q.ID] != nil {
				fresh.Put(q)
			}
		}
		for _, a := range set.All() {
			want, got := a.Table(fresh, awards.Options{}).AppendJSON(nil), a.Table(log, awards.Options{}).AppendJSON(nil)
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s after %d QSOs (-want +got):\n%s", a.ID(), i+1, diff)
			}
		}
	}
}
