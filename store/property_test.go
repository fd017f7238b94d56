package store_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"pgregory.net/rapid"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/qso/intake"
	"qslbox/store"
)

// aContact draws one of few contacts, so that they meet each other.
func aContact(t *rapid.T) *qso.QSO {
	band, _ := qso.ParseBand(rapid.SampledFrom([]string{"20m", "40m"}).Draw(t, "band"))
	q := &qso.QSO{
		Call:  qso.Call(rapid.SampledFrom([]string{"DL1ABC", "W1AAA", "JA1ZZZ"}).Draw(t, "call")),
		Own:   qso.Call(rapid.SampledFrom([]string{"", "DK9XYZ", "DL0XYZ"}).Draw(t, "own")),
		Start: qso.TimeOf(noon) - qso.Time(60*rapid.IntRange(0, 5).Draw(t, "minutes")) + qso.Time(rapid.SampledFrom([]int{0, 30}).Draw(t, "seconds")),
		Band:  band, Mode: qso.Mode{Name: rapid.SampledFrom([]string{"CW", "SSB"}).Draw(t, "mode")},
		DXCC: uint16(rapid.SampledFrom([]int{0, 230, 291}).Draw(t, "entity")),
	}
	for _, id := range [...]qso.FieldID{qso.FieldMyGridsquare, qso.FieldGridsquare, qso.FieldName, qso.FieldState} {
		q.Set(id, rapid.SampledFrom([]string{"", "", "JO31", "JO32"}).Draw(t, "field"))
	}
	if rapid.Bool().Draw(t, "confirmed") {
		q.Confirmations = []qso.Confirmation{{Source: rapid.SampledFrom([]qso.Source{qso.LoTW, qso.Card}).Draw(t, "source"), Status: 'Y', Date: qso.TimeOf(noon)}}
	}
	return q
}

// allowed are errors that a person's change may meet.
func allowed(t *rapid.T, err error) {
	if err != nil && !errors.Is(err, qso.ErrNoQSO) && !errors.Is(err, qso.ErrDuplicate) {
		t.Fatal(err)
	}
}

func TestColumnsFollowAnySequence(t *testing.T) {
	ctx := context.Background()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "store")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		s, err := store.Open(ctx, store.Config{Dir: dir, Now: now, Create: true})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		l, _ := s.Logbook(store.MainLogbook)
		id := func() uint64 { return rapid.Uint64Range(1, 12).Draw(t, "id") }
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			before, was := s.Generation(store.MainLogbook), stored(t, l)
			switch rapid.IntRange(0, 6).Draw(t, "action") {
			case 0, 1:
				var batch []*qso.QSO
				for range rapid.IntRange(1, 4).Draw(t, "records") {
					batch = append(batch, aContact(t))
				}
				if _, err := l.Merge(ctx, batch, intake.MergeOptions{}); err != nil {
					t.Fatal(err)
				}
			case 2:
				other := aContact(t)
				_, err := l.Edit(ctx, id(), 0, "me", func(q *qso.QSO) error {
					q.Call, q.Start, q.Band, q.Own = other.Call, other.Start, other.Band, other.Own
					return nil
				})
				allowed(t, err)
			case 3:
				allowed(t, l.Delete(ctx, id(), 0, "me"))
			case 4:
				_, err := l.Restore(ctx, id(), "me")
				allowed(t, err)
			case 5:
				band := rapid.SampledFrom([]string{"20m", "40m"}).Draw(t, "to band")
				_, err := l.EditMany(ctx, []qso.Ref{{ID: id()}, {ID: id()}}, "me", "band", band, toBand(band))
				allowed(t, err)
			case 6:
				_, err := l.UndoMany(ctx, rapid.Uint64Range(1, 3).Draw(t, "change"), "me")
				if !errors.Is(err, qso.ErrNoEdit) {
					allowed(t, err)
				}
			}
			if moved := s.Generation(store.MainLogbook) - before; moved > 1 || (moved == 1) == (stored(t, l) == was) {
				t.Fatalf("the generation moved by %d", moved)
			}
		}
		want := image(t, l)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s2, err := store.Open(ctx, store.Config{Dir: dir, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s2.Close() }()
		l2, _ := s2.Logbook(store.MainLogbook)
		if diff := cmp.Diff(want, image(t, l2)); diff != "" {
			t.Fatalf("rebuilt columns (-before +after):\n%s", diff)
		}
		if l.Size() != l2.Size() {
			t.Fatalf("size %d, after a restart %d", l.Size(), l2.Size())
		}
	})
}
