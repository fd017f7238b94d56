package awards_test

import (
	"testing"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/qso/dxcc"
	"qslbox/qso/qsotest"
	"qslbox/stats/awards"
)

// generated puts a generated log into columns.
func generated(tb testing.TB, n int) *columns.Log {
	tb.Helper()
	log := columns.New()
	id := uint64(0)
	for e := range qsotest.Each(qsotest.Options{N: n, Seed: 1}) {
		id++
		log.Put(fromEntry(id, &e))
	}
	return log
}

// fromEntry makes the QSO that a logger would have.
func fromEntry(id uint64, e *qsotest.Entry) *qso.QSO {
	q := &qso.QSO{ID: id, Start: qso.TimeOf(e.Start), Call: qso.Call(e.Worked.Call), Own: qso.Call(e.OwnCall)}
	q.Band, _ = qso.ParseBand(e.Band)
	q.BandRx, _ = qso.ParseBand(e.BandRX)
	q.Mode, _ = qso.ParseMode(e.Mode, e.Submode)
	w, known := &e.Worked, &e.Logged
	q.DXCC, q.CQZ, q.ITUZ = uint16(w.DXCC), uint8(w.CQZone), uint8(w.ITUZone)
	set := func(on bool, id qso.FieldID, value string) {
		if on && value != "" {
			q.Set(id, value)
		}
	}
	set(known.Entity, qso.FieldCont, w.Continent)
	set(known.Grid > 0, qso.FieldGridsquare, w.Grid[:min(known.Grid, len(w.Grid))])
	set(known.Lines != "", qso.FieldVUCCGrids, known.Lines)
	set(known.State, qso.FieldState, w.State)
	set(known.County, qso.FieldCnty, w.County)
	set(known.IOTA, qso.FieldIOTA, w.IOTA)
	set(known.DOK, qso.FieldDARCDOK, w.DOK)
	set(true, qso.FieldMyGridsquare, e.MyGrid)
	set(true, qso.FieldMyPOTARef, e.MyPOTA)
	set(true, qso.FieldMySOTARef, e.MySOTA)
	set(true, qso.FieldPOTARef, e.POTA)
	set(true, qso.FieldSOTARef, e.SOTA)
	set(true, qso.FieldWWFFRef, e.WWFF)
	set(true, qso.FieldPropMode, e.PropMode)
	set(true, qso.FieldSatName, e.SatName)
	set(true, qso.FieldOperator, e.Operator)
	set(true, qso.FieldContestID, e.Contest)
	if t := e.Confirmed.LoTW; !t.IsZero() {
		q.Confirmations = append(q.Confirmations, qso.Confirmation{Source: qso.LoTW, Status: 'Y', Date: qso.TimeOf(t), Stated: true, Record: []qso.Field{
			{ID: qso.FieldDXCC, Value: q.Text(qso.FieldDXCC)}, {ID: qso.FieldCQZ, Value: q.Text(qso.FieldCQZ)}, {ID: qso.FieldITUZ, Value: q.Text(qso.FieldITUZ)},
			{ID: qso.FieldGridsquare, Value: w.Grid}, {ID: qso.FieldState, Value: w.State}, {ID: qso.FieldCnty, Value: w.County}, {ID: qso.FieldIOTA, Value: w.IOTA},
		}})
	}
	if t := e.Confirmed.Card; !t.IsZero() {
		q.Confirmations = append(q.Confirmations, qso.Confirmation{Source: qso.Card, Status: 'Y', Date: qso.TimeOf(t)})
	}
	if t := e.Confirmed.DCL; !t.IsZero() {
		q.Confirmations = append(q.Confirmations, qso.Confirmation{Source: qso.DCL, Status: 'Y', Date: qso.TimeOf(t)})
	}
	if t := e.Confirmed.EQSL; !t.IsZero() {
		q.Confirmations = append(q.Confirmations, qso.Confirmation{Source: qso.EQSL, Status: 'Y', Date: qso.TimeOf(t)})
	}
	return q
}

// BenchmarkTable is one award from scratch, with 100,000 QSOs.
func BenchmarkTable(b *testing.B) {
	set, log := newSet(b), generated(b, 100_000)
	for _, a := range set.All() {
		b.Run(a.ID(), func(b *testing.B) {
			a.Table(log, awards.Options{})
			b.ReportAllocs()
			for b.Loop() {
				a.Table(log, awards.Options{})
			}
		})
	}
}

// BenchmarkAll is all awards at once: their tables, their JSON, and what the
// list of awards shows.
func BenchmarkAll(b *testing.B) {
	set, log := newSet(b), generated(b, 100_000)
	var body []byte
	json := func(v *columns.View, list []*awards.Award, o awards.Options) (tables []*awards.Table) {
		for _, t := range awards.CountAll(v, list, o) {
			body = t.AppendJSON(body[:0])
		}
		return nil
	}
	filter := awards.Options{Filter: columns.Filter{Own: []qso.Call{qsotest.OwnCall}, Modes: []string{"CW"}}}
	for _, tc := range []struct {
		name  string
		count func(*columns.View, []*awards.Award, awards.Options) []*awards.Table
		o     awards.Options
	}{
		{"tables", awards.CountAll, awards.Options{}}, {"json", json, awards.Options{}},
		{"progress", awards.Progress, awards.Options{}}, {"filtered", awards.Progress, filter},
	} {
		b.Run(tc.name, func(b *testing.B) {
			for b.Loop() {
				log.View(func(v *columns.View) { tc.count(v, set.All(), tc.o) })
			}
		})
	}
}

// BenchmarkNewSet is what a start pays.
func BenchmarkNewSet(b *testing.B) {
	table, err := dxcc.New()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		set, err := awards.NewSet(table)
		if err != nil {
			b.Fatal(err)
		}
		set.Get("dxcc")
	}
}
