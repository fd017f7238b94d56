package columns_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/qso/columns"
)

// TestCallIndex puts, changes and deletes QSOs of many calls in any order, ids
// in between included, and then asks for each call what a map says of it.
func TestCallIndex(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	l, want := columns.New(), map[uint64]qso.Call{}
	put := func(id uint64) {
		call := qso.Call(fmt.Sprintf("DL%dA%c%c", random.IntN(10), 'A'+random.IntN(26), 'A'+random.IntN(8)))
		l.Put(&qso.QSO{ID: id, Call: call, Start: qso.Time(id) * 60})
		want[id] = call
	}
	for i := range 10_000 {
		put(uint64(i)*2 + 2)
		if i%2 == 0 {
			id := uint64(random.IntN(i+1))*2 + 2
			l.Delete(id)
			delete(want, id)
		}
		if i%3 == 0 {
			put(uint64(random.IntN(i+1))*2 + 2) // another call
		}
		if i%500 == 0 {
			put(uint64(random.IntN(i+1))*2 + 1) // opens a row
		}
	}
	byCall := map[qso.Call][]uint64{}
	for id, call := range want {
		byCall[call] = append(byCall[call], id)
	}
	for call, ids := range byCall {
		slices.Sort(ids)
		var got []uint64
		for _, c := range l.Candidates(call) {
			got = append(got, c.ID)
		}
		slices.Sort(got)
		if diff := cmp.Diff(ids, got); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", call, diff)
		}
		l.View(func(v *columns.View) {
			if n := v.Match(columns.Filter{Call: string(call)}).Count(); n != len(ids) {
				t.Fatalf("%s: the filter finds %d, want %d", call, n, len(ids))
			}
		})
	}
	l.View(func(v *columns.View) {
		if n := v.Match(columns.Filter{Call: "DL1*"}).Count(); n != count(want, "DL1") {
			t.Errorf("DL1*: %d, want %d", n, count(want, "DL1"))
		}
	})
}

func count(calls map[uint64]qso.Call, prefix string) (n int) {
	for _, call := range calls {
		if string(call)[:len(prefix)] == prefix {
			n++
		}
	}
	return n
}

// TestSize holds the budget of 64 bytes a QSO: read from the store, where the
// size is known, and grown by an import. 59 of 100 calls are new ones.
func TestSize(t *testing.T) {
	qsos := generated[100_000]()
	for name, reserve := range map[string]bool{"loaded": true, "grown": false} {
		before := heap()
		l := build(qsos, reserve)
		if size := float64(heap()-before) / float64(l.Len()); size > 64 {
			t.Errorf("%s: %.1f bytes a QSO, want 64 at most", name, size)
		}
	}
}
