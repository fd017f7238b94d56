package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"qslbox/qso"
	"qslbox/store"
)

// sector is what a disk writes whole or not at all.
const sector = 512

// TestTornWrites records what the service writes to the data file while it
// imports, edits, syncs and backs up, and builds the file as a power cut may
// leave it at any moment: what was written before the last sync that had
// ended is there; of all writes since then any may be missing, or be there
// without those before it, or in part. Each of these files has to be whole,
// with every QSO and every edit that had been answered.
func TestTornWrites(t *testing.T) {
	output := filepath.Join(t.TempDir(), "calls")
	v := &victim{TB: t, binary: build(t), dir: filepath.Join(t.TempDir(), "data")}
	under := strace(t, output)
	v.withLoTW()
	file := filepath.Join(v.dir, "qslbox.db")
	r := v.start()
	v.healthy(r)
	v.account()
	if _, err := r.call("PUT", "/api/accounts/lotw", strings.NewReader(`{"import_missing":false}`)); err != nil {
		t.Fatal(err)
	}
	r.stop(t)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	v.under = under
	r = v.start()
	v.healthy(r)
	batches := v.tornWork(r, rounds(t, "QSLBOX_TORN_BATCHES", 2, 120))
	r.stop(t)
	after, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	w := &tornFile{TB: t, path: filepath.Join(t.TempDir(), "torn", "qslbox.db"), image: before, batches: batches, random: rand.New(rand.NewPCG(1, 2))}
	w.each(readRecording(t, output), v.dir, rounds(t, "QSLBOX_TORN_STATES", 2, 12))
	if !bytes.Equal(w.image, after) {
		t.Error("the recording does not lead to the file that is there")
	}
	if w.states == 0 || w.acks != 2*len(batches) {
		t.Errorf("%d states, %d answers, want %d", w.states, w.acks, 2*len(batches))
	}
	if t.Failed() {
		return
	}
	t.Logf("%d writes between %d syncs, %d answers: %d files, all whole; of the last writes %d were missing and %d torn", w.writes, w.syncs, w.acks, w.states, w.missing, w.torn)
}

// tornWork imports batches and edits one QSO of each, and lets the service
// sync and back up in between. It returns the number of the last QSO of each
// batch.
func (v *victim) tornWork(r *running, n int) (last []int) {
	v.Helper()
	must := func(text []byte, err error) []byte {
		v.Helper()
		if err != nil {
			v.Fatal(err)
		}
		return text
	}
	for k := range n {
		size := 1 + rand.IntN(40)
		if k%4 == 3 {
			size = 1000
		}
		must(r.call("POST", "/api/import", v.batch(size)))
		v.next += size
		last = append(last, v.next-1)
		var found struct{ Items []struct{ ID int } }
		text := must(r.call("GET", "/api/qsos?call="+callOf("DL", v.next-1), nil))
		if err := json.Unmarshal(text, &found); err != nil || len(found.Items) == 0 {
			v.Fatalf("%v: %s", err, text)
		}
		must(r.call("PATCH", fmt.Sprintf("/api/qsos/%d", found.Items[0].ID), strings.NewReader(fmt.Sprintf(`{"comment":"edit %d"}`, k))))
		switch k % 4 {
		case 0:
			_, _ = r.call("POST", "/api/sync/lotw?wait=1", nil)
		case 1:
			must(r.call("POST", "/api/logbooks", strings.NewReader(`{"name":"club"}`)))
			must(r.call("DELETE", "/api/logbooks/club", nil))
		case 2:
			_, _ = r.call("POST", "/api/db/backup", nil)
		}
	}
	return last
}

// tornFile is the data file as a power cut may leave it.
type tornFile struct {
	testing.TB
	path    string
	image   []byte // what is on the disk for certain
	pending []call // what was asked since
	random  *rand.Rand

	batches                                     []int // the last QSO of each batch
	acks                                        int   // answers to imports and edits so far, in turn
	writes, syncs, states, missing, torn, shown int
}

// each walks through a recording and makes some files for each sync.
func (w *tornFile) each(all recording, dir string, states int) {
	w.Helper()
	if err := os.Mkdir(filepath.Dir(w.path), 0o700); err != nil {
		w.Fatal(err)
	}
	file := filepath.Join(dir, "qslbox.db")
	for _, c := range all {
		switch {
		case c.answers(`"outcome":"imported"`) || c.answers(`"comment":"edit `):
			w.acks++
		case c.path != file:
		case c.name == "pwrite64" || c.name == "ftruncate":
			w.writes++
			w.pending = append(w.pending, c)
		case c.name == "fsync" || c.name == "fdatasync":
			w.syncs++
			for range min(states, 1<<min(len(w.pending)*2, 10)) {
				w.cut()
			}
			for i := range w.pending {
				w.image = w.pending[i].apply(w.image, nil)
			}
			w.pending = w.pending[:0]
		default:
			w.Fatalf("%s of the data file is not understood", c.name)
		}
	}
}

// apply carries a write out, of which only some sectors arrive; nil: all.
func (c *call) apply(image []byte, arrives func() bool) []byte {
	if c.name == "ftruncate" {
		return append(image, make([]byte, max(0, int(c.at)-len(image)))...)[:c.at]
	}
	if end := int(c.at) + len(c.data); end > len(image) {
		image = append(image, make([]byte, end-len(image))...)
	}
	for from := 0; from < len(c.data); from += sector {
		if arrives == nil || arrives() {
			copy(image[int(c.at)+from:], c.data[from:min(from+sector, len(c.data))])
		}
	}
	return image
}

// cut makes one file: the power goes at some moment since the last sync, and
// of what was written since then the disk has some.
func (w *tornFile) cut() {
	w.Helper()
	until := 0
	if len(w.pending) > 0 {
		until = 1 + w.random.IntN(len(w.pending))
	}
	image := bytes.Clone(w.image)
	often := []float64{0, 0.5, 0.9, 1}[w.random.IntN(4)]
	for _, i := range w.random.Perm(until) {
		if w.random.Float64() >= often {
			w.missing++
			continue
		}
		var arrives func() bool
		if w.random.IntN(3) == 0 {
			w.torn++
			arrives = func() bool { return w.random.IntN(2) == 0 }
		}
		image = w.pending[i].apply(image, arrives)
	}
	w.states++
	if problem := w.look(image); problem != "" && w.shown < 5 {
		w.shown++
		w.Errorf("after sync %d, %d answers and %d further writes: %s", w.syncs-1, w.acks, until, problem)
	}
}

// look opens the file and looks for what was answered.
func (w *tornFile) look(image []byte) string {
	written := bytes.TrimRight(image, "\x00") // the rest is a hole
	if err := errors.Join(os.WriteFile(w.path, written, 0o600), os.Truncate(w.path, int64(len(image)))); err != nil {
		w.Fatal(err)
	}
	if r, err := store.CheckFile(w.path); err != nil || !r.OK() {
		return fmt.Sprintf("%+v, %v", r, err)
	}
	s, err := store.Open(context.Background(), store.Config{Dir: filepath.Dir(w.path), Now: time.Now})
	if err != nil {
		return err.Error()
	}
	defer s.Close()
	l, err := s.Logbook(store.MainLogbook)
	if err != nil {
		return err.Error()
	}
	there, edits := map[int]bool{}, map[string]bool{}
	err = l.Scan(context.Background(), 0, func(q *qso.QSO) bool {
		there[int(q.Start.Std().Sub(base)/time.Minute)] = true
		edits[q.Get(qso.FieldComment)] = true
		return true
	})
	if err != nil || len(there) != l.Size() {
		return fmt.Sprintf("%d QSOs of %d, %v", len(there), l.Size(), err)
	}
	return w.complete(there, edits)
}

// complete reports what of the answered is missing, and batches that are there
// in part.
func (w *tornFile) complete(there map[int]bool, edits map[string]bool) string {
	first := 0
	for k, last := range w.batches {
		n := 0
		for i := first; i <= last; i++ {
			if there[i] {
				n++
			}
		}
		switch {
		case n != 0 && n != last-first+1:
			return fmt.Sprintf("%d of the %d QSOs of import %d", n, last-first+1, k)
		case n == 0 && w.acks > 2*k:
			return fmt.Sprintf("import %d was answered, and is not there", k)
		case w.acks > 2*k+1 && !edits[fmt.Sprint("edit ", k)]:
			return fmt.Sprintf("edit %d was answered, and is not there", k)
		}
		first = last + 1
	}
	return ""
}
