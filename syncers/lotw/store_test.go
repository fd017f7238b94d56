package lotw_test

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/store"
	"qslbox/syncers"
	"qslbox/syncers/lotw"
	"qslbox/syncers/lotw/lotwtest"
	"qslbox/syncers/syncerstest"
)

// openBook opens the main logbook of a new store, with an account.
func openBook(t *testing.T, dir string) (*store.Store, *store.Logbook) {
	t.Helper()
	s, err := store.Open(context.Background(), store.Config{Dir: dir, Create: true, Now: atNoon, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	book, err := s.Logbook(store.MainLogbook)
	if err != nil {
		t.Fatal(err)
	}
	return s, book
}

// dumpStore returns what a sync leaves in a store, apart from ids and revisions
// and the history of runs.
func dumpStore(t *testing.T, book *store.Logbook) string {
	t.Helper()
	var rows []string
	err := book.Scan(context.Background(), 0, func(q *qso.QSO) bool {
		c := q.Clone()
		c.ID, c.Rev = 0, 0
		rows = append(rows, string(c.AppendJSON(nil))+" "+c.AtLoTW.String())
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	listed, err := book.Listed(qso.LoTW)
	if err != nil {
		t.Fatal(err)
	}
	for i := range listed {
		rows = append(rows, listed[i].ID+" "+string(listed[i].Reason))
	}
	slices.Sort(rows)
	return strings.Join(rows, "\n")
}

// The same as TestAnyFaultsThenGood, with the real store, opened anew after
// each run.
func TestStoreFaults(t *testing.T) {
	for seed := range syncerstest.Seeds(40) {
		random := rand.New(rand.NewPCG(seed, 2))
		fake := lotwtest.New(lotwtest.Options{Login: "dk9xyz", Password: password, Now: atNoon})
		fake.Add(slices.Collect(lotwtest.Generate(16, "DK9XYZ", seed, 50, noon))...)
		server := httptest.NewServer(fake)
		client, err := lotw.New(lotw.Config{Now: atNoon, Gate: syncers.NewGate(atNoon), Agent: "t", Override: server.URL, Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		syncer := syncers.NewSyncer(client, atNoon, slog.New(slog.DiscardHandler))
		sync := func(dir string, first bool) (run syncers.Run, dump string) {
			s, book := openBook(t, dir)
			defer s.Close()
			if first {
				if err := book.SetAccount(context.Background(), syncers.Account{Source: qso.LoTW, Login: "dk9xyz", Secret: qso.NewSecret(password)}); err != nil {
					t.Fatal(err)
				}
			}
			if run, err = syncer.Run(context.Background(), book, syncers.Options{}); err != nil {
				t.Fatal(err)
			}
			return run, dumpStore(t, book)
		}
		dir := t.TempDir()
		var names []string
		for round := range 3 {
			f := lotwtest.Any(random)
			names = append(names, f.Name)
			fake.Play(f)
			sync(dir, round == 0)
			fake.ConfirmNext(1)
		}
		fake.Calm()
		_, want := sync(t.TempDir(), true)
		run, got := sync(dir, false)
		if run.Class != syncers.OK || want != got || want == "" {
			t.Fatalf("seed %d, %q: %s (-clean +got):\n%s", seed, names, run.Message, cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
		}
		server.Close()
	}
}
