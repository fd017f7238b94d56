package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"qslbox/qso"
	"qslbox/qso/adif"
	"qslbox/qso/columns"
	"qslbox/qso/dxcc"
	"qslbox/qso/intake"
	"qslbox/qso/qsotest"
	"qslbox/stats"
	"qslbox/stats/awards"
	"qslbox/store"
)

// worker is one measurement in a process of its own; it prints figures.
func worker(name string, args []string) error {
	jobs := map[string]struct {
		args int
		run  func([]string) error
	}{
		"generate": {2, generate}, "plain": {2, simplify}, "rows": {2, makeRows}, "fold": {2, fold}, "parse": {1, parse},
		"sqlite-insert": {3, sqliteInsert}, "sqlite-query": {3, sqliteQuery},
	}
	job, ok := jobs[name]
	if !ok || len(args) != job.args {
		return fmt.Errorf("worker %s %q: no such job", name, args)
	}
	return job.run(args)
}

func say(name string, value float64) { fmt.Println(name, strconv.FormatFloat(value, 'f', -1, 64)) }

// generate writes the log: FILE SIZE.
func generate(args []string) error {
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	f, err := os.Create(args[0])
	if err != nil {
		return err
	}
	return errors.Join(qsotest.Write(f, qsotest.Options{N: n, Seed: 1}), f.Close())
}

// simplify copies a log with nothing in its values that a simple reader stumbles
// over, no brackets and ASCII only: FROM TO.
func simplify(args []string) (err error) {
	from, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.Create(args[1])
	if err != nil {
		return err
	}
	out := bufio.NewWriter(to)
	defer func() { err = errors.Join(err, out.Flush(), to.Close()) }()
	fmt.Fprint(out, "A made-up log.\n<ADIF_VER:5>3.1.6 <EOH>\n")
	simple := func(r rune) rune {
		if r == '<' || r == '>' || r > '~' {
			return '?'
		}
		return r
	}
	for rec, err := range adif.NewReader(from).Records() {
		if err != nil {
			return err
		}
		for _, f := range rec.Fields {
			value := strings.Map(simple, string(f.Value))
			fmt.Fprintf(out, "<%s:%d>%s ", fieldName(f), len(value), value)
		}
		fmt.Fprint(out, "<EOR>\n")
	}
	return nil
}

// makeRows turns an export, one QSO a line, into rows for SQL: JSON FILE. The
// peers need not parse, nor look anything up.
func makeRows(args []string) (err error) {
	exported, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer exported.Close()
	f, err := os.Create(args[1])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out, in := bufio.NewWriter(f), json.NewDecoder(bufio.NewReader(exported))
	for in.More() {
		var c contact
		if err := in.Decode(&c); err != nil {
			return err
		}
		fmt.Fprintln(out, c.row())
	}
	return out.Flush()
}

// contact is what a row takes of a QSO.
type contact struct {
	ID        uint64   `json:"id"`
	Time      string   `json:"time"`
	Call      string   `json:"call"`
	Own       string   `json:"station_callsign"`
	Band      string   `json:"band"`
	Mode      string   `json:"mode"`
	Submode   string   `json:"submode"`
	MHz       float64  `json:"freq_mhz"`
	DXCC      int      `json:"dxcc"`
	CQZ       int      `json:"cqz"`
	ITUZ      int      `json:"ituz"`
	State     string   `json:"state"`
	Grid      string   `json:"gridsquare"`
	IOTA      string   `json:"iota"`
	DOK       string   `json:"darc_dok"`
	Confirmed []string `json:"confirmed"`
}

func (c *contact) row() string {
	by := func(source string) int {
		if slices.Contains(c.Confirmed, source) {
			return 1
		}
		return 0
	}
	cells := []any{c.ID, c.Call, c.Own, c.Time, c.Time[:4], c.Band, c.Mode, c.Submode, c.MHz, c.DXCC, c.CQZ, c.ITUZ, c.State, c.Grid, c.IOTA, c.DOK,
		by("lotw"), by("dcl"), by("qsl"), min(len(c.Confirmed), 1)}
	texts := make([]string, len(cells))
	for i, c := range cells {
		texts[i] = fmt.Sprint(c)
	}
	return strings.Join(texts, "\t")
}

// fold computes the dashboard, the DXCC table and both from the columns, with
// nothing kept, and both once more as JSON: DATA REPEATS. The peers answer with
// rows in memory, so ours with tables.
func fold(args []string) error {
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	s, err := store.Open(context.Background(), store.Config{Dir: args[0], Now: time.Now})
	if err != nil {
		return err
	}
	defer s.Close()
	log, err := s.Columns(context.Background(), store.MainLogbook)
	if err != nil {
		return err
	}
	table, err := dxcc.New()
	if err != nil {
		return err
	}
	set, err := awards.NewSet(table)
	if err != nil {
		return err
	}
	dx, ok := set.Get("dxcc")
	if !ok {
		return errors.New("there is no award dxcc")
	}
	board := stats.NewBoard(table, dx)
	var body []byte
	var counted *stats.Statistics
	var matrix *awards.Table
	both := func() {
		log.View(func(v *columns.View) { counted, matrix = board.WithDXCC(v, columns.Filter{}, time.Now()) })
	}
	say("dashboard_ms", median(n, both))
	say("statistics_ms", median(n, func() {
		log.View(func(v *columns.View) { counted = board.Statistics(v, columns.Filter{}, time.Now()) })
	}))
	say("matrix_ms", median(n, func() { matrix = dx.Table(log, awards.Options{}) }))
	say("json_ms", median(n, func() { both(); body = matrix.AppendJSON(counted.AppendJSON(body[:0])) }))
	say("count_total", float64(counted.Total))
	say("count_confirmed", float64(counted.ConfirmedBy["any"]))
	say("count_entities", float64(counted.Unique.Entities))
	return nil
}

// parse reads the log into records, and then again into typed QSOs as an import
// does, without a store: FILE.
func parse(args []string) error {
	f, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	table, err := dxcc.New()
	if err != nil {
		return err
	}
	size, records := float64(info.Size()), 0
	read, err := passes(f, func() error {
		for _, err := range adif.NewReader(f).Records() {
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	say("read_mb_per_s", size/1e6/read.Seconds())
	typed, err := passes(f, func() error {
		records = 0
		in, q := intake.New(intake.Config{Now: time.Now, Resolver: table}), qso.QSO{}
		for rec, err := range adif.NewReader(f).Records() {
			if err != nil {
				return err
			}
			if rejected := in.QSO(rec, &q); rejected != nil {
				return errors.New(rejected.Message)
			}
			records++
		}
		return nil
	})
	if err != nil {
		return err
	}
	say("parse_mb_per_s", size/1e6/typed.Seconds())
	say("count_records", float64(records))
	return nil
}

// passes returns the mean time of reading a file ten times: once takes a tenth
// of a second, which one turn of another process doubles, where a peer takes
// seconds.
func passes(f *os.File, read func() error) (time.Duration, error) {
	const n = 10
	began := time.Now()
	for range n {
		if _, err := f.Seek(0, 0); err != nil {
			return 0, err
		}
		if err := read(); err != nil {
			return 0, err
		}
	}
	return time.Since(began) / n, nil
}

// median runs a job once, then n times, and returns the middle in ms.
func median(n int, job func()) float64 {
	job()
	took := make([]float64, n)
	for i := range took {
		began := time.Now()
		job()
		took[i] = float64(time.Since(began)) / float64(time.Millisecond)
	}
	return middle(took)
}

func middle(x []float64) float64 {
	slices.Sort(x)
	return x[len(x)/2]
}

func fieldName(f adif.Field) string {
	if f.ID != qso.NoField {
		return f.ID.String()
	}
	return f.Name
}
