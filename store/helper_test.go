package store_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/qso/intake"
	"qslbox/qso/qsotest"
	"qslbox/store"
)

// noon is the time of the tests unless they move it.
var noon = time.Date(2026, 2, 1, 12, 0, 0, 0, time.UTC)

func now() time.Time { return noon }

func open(tb testing.TB, dir string) *store.Store {
	tb.Helper()
	return openWith(tb, store.Config{Dir: dir, Now: now, Create: true})
}

func openWith(tb testing.TB, cfg store.Config) *store.Store {
	tb.Helper()
	s, err := store.Open(context.Background(), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

func book(tb testing.TB, s *store.Store, name string) *store.Logbook {
	tb.Helper()
	l, err := s.Logbook(name)
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

// mainBook opens a store in a new directory and returns its logbook main.
func mainBook(tb testing.TB) (*store.Store, *store.Logbook) {
	tb.Helper()
	s := open(tb, tb.TempDir())
	return s, book(tb, s, store.MainLogbook)
}

// importADIF puts ADIF text into a logbook.
func importADIF(tb testing.TB, l *store.Logbook, text []byte) intake.Account {
	tb.Helper()
	account, err := intake.File(context.Background(), bytes.NewReader(text), intake.Options{
		Config: intake.Config{Now: now}, Merge: intake.MergeOptions{By: "import"},
	}, l)
	if err != nil {
		tb.Fatal(err)
	}
	return account
}

// importLog puts a generated log into a logbook.
func importLog(tb testing.TB, l *store.Logbook, n int) intake.Account {
	tb.Helper()
	return importADIF(tb, l, qsotest.ADIF(qsotest.Options{N: n, Seed: 1}))
}

// adif writes a record of alternating names and values.
func adif(pairs ...string) []byte {
	var b []byte
	for i := 0; i < len(pairs); i += 2 {
		b = fmt.Appendf(b, "<%s:%d>%s", pairs[i], len(pairs[i+1]), pairs[i+1])
	}
	return append(b, "<eor>\n"...)
}

// contactWith is a record of one contact, and what is to be said besides.
func contactWith(call, clock string, more ...string) []byte {
	return adif(append([]string{"CALL", call, "QSO_DATE", "20250314", "TIME_ON", clock, "BAND", "20m", "MODE", "CW"}, more...)...)
}

func counts(a intake.Account) string {
	return fmt.Sprintf("read %d, added %d, updated %d, unchanged %d, skipped %d, rejected %d", a.Read, a.Added, a.Updated, a.Unchanged, a.Skipped, a.Rejected)
}

// blocks returns how many bytes a file takes on the disk.
func blocks(tb testing.TB, s *store.Store) int64 {
	tb.Helper()
	info, err := os.Stat(filepath.Join(s.Dir(), store.FileName))
	if err != nil {
		tb.Fatal(err)
	}
	return info.Sys().(*syscall.Stat_t).Blocks * 512
}

// fataler is what testing.TB and rapid.T have in common.
type fataler interface {
	Helper()
	Fatal(args ...any)
}

// allQSOs returns the QSOs of a logbook in the order of ids.
func allQSOs(tb fataler, l *store.Logbook) []*qso.QSO {
	tb.Helper()
	var out []*qso.QSO
	if err := l.Scan(context.Background(), 0, func(q *qso.QSO) bool { out = append(out, q); return true }); err != nil {
		tb.Fatal(err)
	}
	return out
}

// image shows everything a reader of the columns can see, one line a QSO, so
// that two logs in memory can be compared.
func image(tb fataler, l *store.Logbook) string {
	tb.Helper()
	log, err := l.Columns(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	var b strings.Builder
	log.View(func(v *columns.View) {
		fmt.Fprintln(&b, "QSOs", v.Len())
		for row := range v.Time {
			if !v.Live(row) {
				continue
			}
			fmt.Fprintln(&b, v.ID(row), columns.TimeOf(v.Time[row]), v.CallText(v.Call[row]), qso.Band(v.Band[row]), v.Modes[v.Mode[row]],
				v.Sessions[v.Session[row]], v.PlaceOf(v.Place[row]), v.DXCC[row], v.CQZ[row], v.ITUZ[row], v.Grid[row], v.Flags[row],
				v.LoTWDay[row], v.CardDay[row], v.DCLDay[row], v.Confirmed[row], v.Blank[row])
		}
		order := v.Order()
		for i := range order.Len() {
			if row := int(order.At(i)); v.Live(row) {
				fmt.Fprint(&b, v.ID(row), " ")
			}
		}
	})
	return b.String()
}

// stored shows every QSO as it is stored.
func stored(tb fataler, l *store.Logbook) string {
	tb.Helper()
	var b strings.Builder
	for _, q := range allQSOs(tb, l) {
		fmt.Fprintf(&b, "%+v\n", *q)
	}
	return b.String()
}

// closeOf closes the store of a logbook.
func closeOf(tb testing.TB, l *store.Logbook) {
	tb.Helper()
	if err := l.Store().Close(); err != nil {
		tb.Fatal(err)
	}
}

// checkNotIn looks for a secret in the bytes of the data file.
func checkNotIn(tb testing.TB, dir, secret string) {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(dir, store.FileName))
	if err != nil {
		tb.Fatal(err)
	}
	if bytes.Contains(data, []byte(secret)) {
		tb.Errorf("the file holds %q", secret)
	}
}
