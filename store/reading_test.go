package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/monitor"
	"qslbox/qso"
	"qslbox/store"
)

// slowWriter calls fn at its first write.
type slowWriter struct{ fn func() }

func (w *slowWriter) Write(p []byte) (int, error) {
	if w.fn != nil {
		w.fn()
		w.fn = nil
	}
	return len(p), nil
}

// TestOpenReads shows a backup to a slow disk as what it is for the data file:
// a reading transaction that stays open.
func TestOpenReads(t *testing.T) {
	type reads struct {
		Open     int
		OldestMS int64
	}
	at := noon
	s := openWith(t, store.Config{Dir: t.TempDir(), Now: func() time.Time { return at }, Create: true})
	look := func() reads { st := s.Stats(); return reads{st.OpenReads, st.OldestReadMS} }
	during := reads{}
	w := &slowWriter{func() { at = at.Add(90 * time.Second); during = look() }}
	if err := s.WriteBackup(context.Background(), w); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]reads{{1, 90_000}, {}}, []reads{during, look()}); diff != "" {
		t.Errorf("during a backup and after it (-want +got):\n%s", diff)
	}
}

// TestWritesByKind finds each sort of writing transaction under its own name.
func TestWritesByKind(t *testing.T) {
	m, err := monitor.New(monitor.Config{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	s := openWith(t, store.Config{Dir: t.TempDir(), Now: now, Create: true, Monitor: m})
	l := book(t, s, store.MainLogbook)
	importADIF(t, l, []byte("<CALL:6>DL1ABC <QSO_DATE:8>20250314 <TIME_ON:4>1015 <BAND:3>20m <MODE:2>CW <EOR>"))
	if err := l.SetSettings(qso.Settings{DefaultOwn: "DK9XYZ"}); err != nil {
		t.Fatal(err)
	}
	got := map[string]uint64{}
	for _, op := range m.Operations() {
		if op.Kind == monitor.Store && op.Count > 0 {
			got[op.Name] = op.Count
		}
	}
	if diff := cmp.Diff(map[string]uint64{"write qsos": 1, "write settings": 1}, got); diff != "" {
		t.Errorf("store operations (-want +got):\n%s", diff)
	}
}
