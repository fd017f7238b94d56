package dcl_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/syncers"
	"qslbox/syncers/dcl"
	"qslbox/syncers/syncerstest"
)

type corpusCase struct {
	Why           string                          `json:"why"`
	Now           time.Time                       `json:"now"`
	Before        string                          `json:"cursor_before"`
	Class         syncers.Class                   `json:"class"`
	AcceptAlso    []struct{ Class syncers.Class } `json:"accept_also"`
	Confirmations int                             `json:"confirmations"`
	Rejected      int                             `json:"rejected"`
	After         *string                         `json:"cursor_after"`
	RetryAfter    int                             `json:"retry_after_s"`
	Request       struct{ Limit int }             `json:"request"`
	Details       []map[string]any                `json:"details"`
}

func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("testdata/corpus/*.http")
	if err != nil || len(files) < 20 {
		t.Fatalf("corpus: %v, %d files", err, len(files))
	}
	for _, file := range files {
		name := strings.TrimSuffix(file, ".http")
		t.Run(filepath.Base(name), func(t *testing.T) { testCorpus(t, name) })
	}
}

func testCorpus(t *testing.T, name string) {
	answer, err := os.ReadFile(name + ".http")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var c corpusCase
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	book := newBook(c.Before)
	cfg := dcl.Config{Override: syncerstest.Raw(t, answer), Limit: c.Request.Limit, Now: func() time.Time { return c.Now }}
	r := run(t, syncer(t, cfg), book, syncers.Options{})
	for _, also := range c.AcceptAlso {
		if r.Class == also.Class {
			c.Class = r.Class
		}
	}
	if r.Class != c.Class || r.Rejected != c.Rejected {
		t.Errorf("%s\nclass %s, rejected %d (%s), want %s, %d", c.Why, r.Class, r.Rejected, r.Message, c.Class, c.Rejected)
	}
	want := c.Before
	if c.After != nil {
		want = *c.After
	}
	if r.Cursor.QSL != want {
		t.Errorf("%s\ncursor %q, want %q", c.Why, r.Cursor.QSL, want)
	}
	if wait := time.Duration(c.RetryAfter) * time.Second; wait > 0 && r.NotBefore.Sub(r.Ended) < wait {
		t.Errorf("next try %v after the end, want %v", r.NotBefore.Sub(r.Ended), wait)
	}
	got := seen(book.Records)
	if len(got) != c.Confirmations {
		t.Errorf("%d confirmations, want %d", len(got), c.Confirmations)
	}
	for i, detail := range c.Details {
		if i >= len(got) {
			break
		}
		for key, value := range detail {
			if diff := cmp.Diff(value, got[i][key]); diff != "" {
				t.Errorf("record %d: %s (-want +got):\n%s", i, key, diff)
			}
		}
	}
}

// seen returns the records as the corpus writes them, each once.
func seen(records []syncers.Record) []map[string]any {
	var out []map[string]any
	had := map[syncers.RecordID]bool{}
	for _, r := range records {
		q := r.QSO
		if id := r.ID(qso.DCL); had[id] {
			continue
		} else {
			had[id] = true
		}
		m := map[string]any{
			"call": string(q.Call), "time": q.Start.String(), "band": q.Band.String(), "mode": q.Mode.Name, "station_callsign": string(q.Own),
			"prop_mode": q.Get(qso.FieldPropMode), "sat_name": q.Get(qso.FieldSatName), "name": q.Get(qso.FieldName),
		}
		confirmed := []any{}
		for _, source := range q.Confirmed().Names() {
			confirmed = append(confirmed, source)
		}
		m["confirmed"] = confirmed
		dok, kind := qso.FoldDOK(q.Get(qso.FieldDARCDOK))
		m["darc_dok"] = dok
		m["dok_kind"] = kind.String()
		if c := q.Confirmation(qso.DCL); c != nil && c.Date.Given() {
			m["dcl_qslrdate"] = c.Date.Std().Format(time.DateOnly)
		}
		out = append(out, m)
	}
	return out
}
