package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/qso/intake"
	"qslbox/store"
	"qslbox/syncers"
)

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
	} `json:"lotw_record"`
}

func (c *contact) qso() *qso.QSO {
	start, errTime := qso.ParseTime(c.Time)
	band, errBand := qso.ParseBand(c.Band)
	mode, errMode := qso.ParseMode(c.Mode, c.Submode)
	if err := errors.Join(errTime, errBand, errMode); err != nil {
		panic(err)
	}
	q := &qso.QSO{Own: qso.Call(c.Own), Call: qso.Call(c.Call), Start: start, Band: band, Mode: mode}
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

func (c *contact) record() syncers.Record {
	kind := syncers.OwnQSO
	if c.Kind == "confirmation" {
		kind = syncers.Confirmation
	}
	return syncers.Record{Kind: kind, QSO: c.qso()}
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

// player plays a case of the corpus against a logbook.
type player struct {
	*testing.T
	l             *store.Logbook
	c             *importCase
	made          []uint64 // the QSO of each record
	added, listed int
}

func TestImportCorpus(t *testing.T) {
	text, err := os.ReadFile("testdata/import_cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []importCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for i := range cases {
		t.Run(cases[i].Name, func(t *testing.T) {
			_, l := mainBook(t)
			p := &player{T: t, l: l, c: &cases[i], made: make([]uint64, len(cases[i].Records))}
			p.play()
		})
	}
}

func (p *player) play() {
	ctx, c := context.Background(), p.c
	for _, source := range [...]qso.Source{qso.LoTW, qso.DCL} {
		if err := p.l.SetAccount(ctx, syncers.Account{Source: source, Login: "dk9xyz"}); err != nil {
			p.Fatal(err)
		}
	}
	for i := range c.Log {
		if out, err := p.l.Merge(ctx, []*qso.QSO{c.Log[i].qso()}, intake.MergeOptions{}); err != nil || out[0].ID != c.Log[i].ID {
			p.Fatalf("log %d: %+v, %v", i, out, err)
		}
	}
	for from := 0; from < len(c.Records); {
		to := from
		for to < len(c.Records) && c.Records[to].Run == c.Records[from].Run {
			to++
		}
		if c.Records[from].Kind == "import" {
			p.importFile(from, to)
		} else {
			p.sync(from, to)
		}
		from = to
	}
	if p.l.Size() != c.Expect.LogSize || p.added != c.Expect.Added || p.listed != c.Expect.Listed {
		p.Errorf("%s: log %d, added %d, listed %d; want %d, %d, %d", c.Why, p.l.Size(), p.added, p.listed, c.Expect.LogSize, c.Expect.Added, c.Expect.Listed)
	}
	for _, want := range c.Expect.QSOs {
		q, err := p.l.Get(p.made[int(want["qso_of"].(float64))])
		if err != nil {
			p.Fatal(err)
		}
		have := map[string]any{"qso_of": want["qso_of"], "mode": q.Mode.Name, "submode": q.Mode.Sub, "time": q.Start.String()}
		if diff := cmp.Diff(want, have); diff != "" {
			p.Errorf("QSO at the end (-want +got):\n%s", diff)
		}
	}
}

// want returns the QSO that a record must be about, 0 for a new one.
func (p *player) want(i int) (id uint64, isNew bool) {
	want := p.c.Expect.Records[i]
	if of, ok := want["qso_of"].(float64); ok {
		return p.made[int(of)], false
	}
	if at, ok := want["qso"].(float64); ok {
		return uint64(at), false
	}
	return 0, want["added"] == true
}

func (p *player) importFile(from, to int) {
	for i := from; i < to; i++ { // one by one, as the same file twice is one by one
		out, err := p.l.Merge(context.Background(), []*qso.QSO{p.c.Records[i].qso()}, intake.MergeOptions{By: "import"})
		if err != nil {
			p.Fatal(err)
		}
		p.made[i] = out[0].ID
		id, isNew := p.want(i)
		if isNew != (out[0].Result == intake.Added) || !isNew && id != out[0].ID {
			p.Errorf("record %d: %s: %+v, want %v", i, p.c.Why, out[0], p.c.Expect.Records[i])
		}
		if isNew {
			p.added++
		}
	}
}

func (p *player) sync(from, to int) {
	source, _ := qso.ParseSource(p.c.Records[from].Source)
	account, err := p.l.Account(source)
	if err != nil {
		p.Fatal(err)
	}
	before := p.listedOf(source)
	batch := syncers.Batch{Source: source, Revision: account.Revision, Run: p.c.Records[from].Run}
	for i := from; i < to; i++ {
		batch.Records = append(batch.Records, p.c.Records[i].record())
	}
	result, err := p.l.MergeSync(context.Background(), batch)
	if err != nil {
		p.Fatal(err)
	}
	known, added, ids := p.l.Size()-result.Added, 0, result.IDs
	for i := from; i < to; i++ {
		if p.c.Expect.Records[i]["unmatched"] != nil || p.c.Expect.Records[i]["ambiguous"] != nil || p.c.Expect.Records[i]["other_own_call"] != nil {
			p.checkListed(i, p.listedOf(source)[0])
			continue
		}
		if len(ids) == 0 {
			p.Fatalf("record %d: %s: %+v", i, p.c.Why, result)
		}
		p.made[i], ids = ids[0], ids[1:]
		id, isNew := p.want(i)
		if isNew && (p.made[i] <= uint64(known) || added >= result.Added) || !isNew && id != p.made[i] {
			p.Errorf("record %d: %s: %d of %+v, want %v", i, p.c.Why, p.made[i], result, p.c.Expect.Records[i])
		}
		if isNew {
			added++
		}
	}
	p.added += result.Added
	p.listed += len(p.listedOf(source)) - len(before)
}

func (p *player) listedOf(source qso.Source) []syncers.Listed {
	list, err := p.l.Listed(source)
	if err != nil {
		p.Fatal(err)
	}
	return list
}

// checkListed compares why a record is listed.
func (p *player) checkListed(i int, e syncers.Listed) {
	have := map[string]any{"unmatched": string(e.Reason)}
	if e.OtherOwn != 0 {
		have = map[string]any{"other_own_call": float64(e.OtherOwn)}
	}
	if len(e.Ambiguous) > 0 {
		ids := []any{}
		for _, id := range e.Ambiguous {
			ids = append(ids, float64(id))
		}
		have = map[string]any{"ambiguous": ids}
	}
	if diff := cmp.Diff(p.c.Expect.Records[i], have); diff != "" {
		p.Errorf("record %d: %s (-want +got):\n%s", i, p.c.Why, diff)
	}
}
