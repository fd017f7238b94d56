package dcl_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/store"
	"qslbox/syncers"
	"qslbox/syncers/dcl"
	"qslbox/syncers/dcl/dcltest"
	"qslbox/syncers/syncerstest"
)

// withStore opens the main logbook of a directory, with an account, for as long
// as fn runs.
func withStore(t *testing.T, dir string, fn func(*store.Logbook)) {
	t.Helper()
	s, err := store.Open(context.Background(), store.Config{Dir: dir, Create: true, Now: atNoon, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	book, err := s.Logbook(store.MainLogbook)
	if err != nil {
		t.Fatal(err)
	}
	if err := book.SetAccount(context.Background(), syncers.Account{Source: qso.DCL, Secret: qso.NewSecret(key)}); err != nil {
		t.Fatal(err)
	}
	fn(book)
}

// dumpStore returns what a sync leaves in a store, apart from ids and revisions
// and the history of runs; the cursor is last.
func dumpStore(t *testing.T, book *store.Logbook) []string {
	t.Helper()
	rows := append(dumpQSOs(t, book, false), dumpListed(t, book)...)
	slices.Sort(rows)
	account, err := book.Account(qso.DCL)
	if err != nil {
		t.Fatal(err)
	}
	return append(rows, account.Cursor.QSL)
}

// dumpQSOs returns the QSOs with everything that is known of them, all or only
// those that DCL confirmed.
func dumpQSOs(t *testing.T, book *store.Logbook, confirmed bool) (rows []string) {
	t.Helper()
	err := book.Scan(context.Background(), 0, func(q *qso.QSO) bool {
		c := q.Clone()
		c.ID, c.Rev = 0, 0
		if !confirmed || c.Confirmed().Has(qso.DCL) {
			rows = append(rows, fmt.Sprintf("%s %v %v %v %s", c.AppendJSON(nil), c.Confirmations, c.Differences, c.Origins, c.MadeBy))
		}
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// dumpListed returns the records that are not in the log.
func dumpListed(t *testing.T, book *store.Logbook) (rows []string) {
	t.Helper()
	listed, err := book.Listed(qso.DCL)
	if err != nil {
		t.Fatal(err)
	}
	for i := range listed {
		rows = append(rows, fmt.Sprint(listed[i].ID, " ", listed[i].Reason, listed[i].Ambiguous))
	}
	return rows
}

// The same as TestAnyFaultsThenGood, with the real store, opened anew after
// each run.
func TestStoreFaults(t *testing.T) {
	for seed := range syncerstest.Seeds(40) {
		random := rand.New(rand.NewPCG(seed, 2))
		s, address := service(t, 8)
		sync := syncer(t, dcl.Config{Override: address})
		once := func(dir string) (r syncers.Run, dump []string) {
			withStore(t, dir, func(book *store.Logbook) {
				var err error
				if r, err = sync.Run(context.Background(), book, syncers.Options{}); err != nil {
					t.Fatal(err)
				}
				dump = dumpStore(t, book)
			})
			return r, dump
		}
		dir := t.TempDir()
		var names []string
		for range 3 {
			f := dcltest.Any(random)
			names = append(names, f.Name)
			s.Play(f)
			once(dir)
		}
		s.Calm()
		_, want := once(t.TempDir())
		r, got := once(dir)
		if diff := cmp.Diff(want, got); r.Class != syncers.OK || diff != "" || len(want) != 9 {
			t.Fatalf("seed %d, %s: %s (-clean +got):\n%s", seed, strings.Join(names, ", "), r.Message, diff)
		}
	}
}
