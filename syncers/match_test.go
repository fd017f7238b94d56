package syncers_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"qslbox/qso"
	"qslbox/syncers"
	"qslbox/syncers/syncerstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func ExampleMatch() {
	book := syncerstest.NewBook()
	worked := contact{Own: "DK9XYZ", Call: "DL1ABC", Time: "2025-03-14T10:15:00Z", Band: "20m", Mode: "MFSK", Submode: "JS8"}
	book.Put(worked.qso())
	record := contact{Own: "DK9XYZ", Call: "DL1ABC", Time: "2025-03-14T10:17:30Z", Band: "20m", Mode: "DATA"}
	late := contact{Own: "DK9XYZ", Call: "DL1ABC", Time: "2025-03-14T12:00:00Z", Band: "20m", Mode: "DATA"}

	records := []syncers.Record{{Kind: syncers.Confirmation, QSO: record.qso()}, {Kind: syncers.Confirmation, QSO: late.qso()}}
	for _, v := range syncers.Match(records, book, syncers.Rules{Source: qso.LoTW}) {
		fmt.Printf("QSO %d, unmatched because of %q, nearest %d\n", v.QSO, v.Unmatched, v.Nearest)
	}
	// Output:
	// QSO 1, unmatched because of "", nearest 0
	// QSO 0, unmatched because of "time", nearest 1
}

// contact is a QSO or a record as the corpus writes it.
type contact struct {
	ID         uint64 `json:"id"`
	Own        string `json:"station_callsign"`
	Call       string `json:"call"`
	Time       string `json:"time"`
	Band       string `json:"band"`
	Mode       string `json:"mode"`
	Submode    string `json:"submode"`
	PropMode   string `json:"prop_mode"`
	SatName    string `json:"sat_name"`
	Source     string `json:"source"`
	Run        int    `json:"run"`
	Kind       string `json:"kind"`
	LoTWRecord *struct {
		Time string `json:"time"`
		Mode string `json:"mode"`
	} `json:"lotw_record"`
}

func (c *contact) qso() *qso.QSO {
	start, err := qso.ParseTime(c.Time)
	if err != nil {
		panic(err)
	}
	band, err := qso.ParseBand(c.Band)
	if err != nil {
		panic(err)
	}
	mode, err := qso.ParseMode(c.Mode, c.Submode)
	if err != nil {
		panic(err)
	}
	q := &qso.QSO{ID: c.ID, Own: qso.Call(c.Own), Call: qso.Call(c.Call), Start: start, Band: band, Mode: mode}
	q.Set(qso.FieldPropMode, c.PropMode)
	q.Set(qso.FieldSatName, c.SatName)
	if c.LoTWRecord != nil {
		q.AtLoTW = start
		q.Set(qso.FieldAppLoTWQSOTimestamp, c.LoTWRecord.Time)
	}
	source, _ := qso.ParseSource(c.Source)
	if c.Kind == "confirmation" || c.Kind == "" && source != qso.NoSource {
		q.Confirmations = []qso.Confirmation{{Source: source, Status: 'Y', Stated: true}}
	}
	return q
}

func load(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// said is a verdict as the corpus writes it.
func said(v syncers.Verdict) map[string]any {
	switch {
	case v.Repeat:
		return map[string]any{"repeat_of": float64(v.RepeatOf)}
	case v.QSO != 0:
		return map[string]any{"qso": float64(v.QSO)}
	case v.OtherOwn != 0:
		return map[string]any{"other_own_call": float64(v.OtherOwn)}
	case len(v.Ambiguous) > 0:
		ids := []any{}
		for _, id := range v.Ambiguous {
			ids = append(ids, float64(id))
		}
		return map[string]any{"ambiguous": ids}
	}
	return map[string]any{"unmatched": string(v.Unmatched)}
}

func TestMatchCorpus(t *testing.T) {
	var cases []struct {
		Name          string          `json:"name"`
		Why           string          `json:"why"`
		Log           []contact       `json:"log"`
		Confirmation  *contact        `json:"confirmation"`
		Confirmations []contact       `json:"confirmations"`
		Expect        json.RawMessage `json:"expect"`
	}
	load(t, "cases.json", &cases)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			var want []map[string]any
			if c.Confirmation != nil {
				c.Confirmations = []contact{*c.Confirmation}
				c.Expect = slices.Concat([]byte("["), c.Expect, []byte("]"))
			}
			if err := json.Unmarshal(c.Expect, &want); err != nil {
				t.Fatal(err)
			}
			book, source := syncerstest.NewBook(), qso.NoSource
			for _, q := range c.Log {
				book.Put(q.qso())
			}
			var records []syncers.Record
			for _, r := range c.Confirmations {
				source, _ = qso.ParseSource(r.Source)
				records = append(records, syncers.Record{Kind: syncers.Confirmation, QSO: r.qso()})
			}
			var got []map[string]any
			for _, v := range syncers.Match(records, book, syncers.Rules{Source: source}) {
				got = append(got, said(v))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.Why, diff)
			}
		})
	}
}

type importCase struct {
	Name    string    `json:"name"`
	Why     string    `json:"why"`
	Log     []contact `json:"log"`
	Records []contact `json:"records"`
	Expect  struct {
		LogSize int              `json:"log_size"`
		Added   int              `json:"added"`
		Listed  int              `json:"listed"`
		Records []map[string]any `json:"records"`
		QSOs    []map[string]any `json:"qsos"`
	} `json:"expect"`
}

func TestImportCorpus(t *testing.T) {
	var cases []importCase
	load(t, "import_cases.json", &cases)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) { testImport(t, &c) })
	}
}

// testImport plays the runs of a case.
func testImport(t *testing.T, c *importCase) {
	book := syncerstest.NewBook()
	for _, q := range c.Log {
		book.Put(q.qso())
	}
	added, listed := 0, 0
	made := make([]uint64, len(c.Records)) // the QSO of each record
	got := make([]map[string]any, len(c.Records))
	for from := 0; from < len(c.Records); {
		to := from
		for to < len(c.Records) && c.Records[to].Run == c.Records[from].Run {
			to++
		}
		batch := c.Records[from:to]
		var out []outcome
		if batch[0].Kind == "import" {
			out = importBatch(book, batch)
		} else {
			out = syncBatch(book, batch)
		}
		for i, o := range out {
			made[from+i] = o.id
			got[from+i] = o.says
			if o.says["added"] == true {
				added++
			} else if o.id == 0 {
				listed++
			}
		}
		from = to
	}
	for i, want := range c.Expect.Records {
		if n, ok := want["qso_of"].(float64); ok {
			want = map[string]any{"qso": float64(made[int(n)])}
		}
		if diff := cmp.Diff(want, got[i]); diff != "" {
			t.Errorf("record %d: %s (-want +got):\n%s", i, c.Why, diff)
		}
	}
	if len(book.QSOs) != c.Expect.LogSize || added != c.Expect.Added || listed != c.Expect.Listed {
		t.Errorf("log %d, added %d, listed %d; want %d, %d, %d", len(book.QSOs), added, listed, c.Expect.LogSize, c.Expect.Added, c.Expect.Listed)
	}
	for _, want := range c.Expect.QSOs {
		q := book.QSOs[made[int(want["qso_of"].(float64))]]
		have := map[string]any{"qso_of": want["qso_of"], "mode": q.Mode.Name, "submode": q.Mode.Sub, "time": q.Start.String()}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("QSO at the end (-want +got):\n%s", diff)
		}
	}
}

type outcome struct {
	id   uint64
	says map[string]any
}

func syncBatch(book *syncerstest.Book, batch []contact) []outcome {
	source, _ := qso.ParseSource(batch[0].Source)
	records := make([]syncers.Record, len(batch))
	for i := range batch {
		kind := syncers.OwnQSO
		if batch[i].Kind == "confirmation" {
			kind = syncers.Confirmation
		}
		records[i] = syncers.Record{Kind: kind, QSO: batch[i].qso()}
	}
	rules := syncers.DecideRules{Rules: syncers.Rules{Source: source}, AddMissing: syncers.AddsMissing(nil, source, book.Elsewhere())}
	decisions := syncers.Decide(records, book, rules)
	before := book.Next
	book.Apply(syncers.Batch{Source: source, Records: records}, decisions, syncers.Account{})
	out := make([]outcome, len(batch))
	for i, d := range decisions {
		switch d.Action {
		case syncers.DoAdd:
			out[i] = outcome{before, map[string]any{"added": true}}
			before++
		case syncers.DoMatch:
			out[i] = outcome{d.QSO, map[string]any{"qso": float64(d.QSO)}}
		default:
			out[i] = outcome{0, said(d.Verdict)}
		}
	}
	return out
}

// importBatch does what the store does with an imported file: duplicates are
// merged, what fits a QSO made by a sync adopts it, the rest is added.
func importBatch(book *syncerstest.Book, batch []contact) []outcome {
	qsos := make([]*qso.QSO, len(batch))
	for i := range batch {
		qsos[i] = batch[i].qso()
	}
	adopted := syncers.Adopt(qsos, book)
	out := make([]outcome, len(batch))
	for i, q := range qsos {
		if id := adopted[i]; id != 0 {
			qso.Adopt(book.QSOs[id], q)
			out[i] = outcome{id, map[string]any{"qso": float64(id)}}
			continue
		}
		id := book.Put(q)
		out[i] = outcome{id, map[string]any{"added": true}}
	}
	return out
}
