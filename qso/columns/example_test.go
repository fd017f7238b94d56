package columns_test

import (
	"fmt"
	"time"

	"qslbox/qso"
	"qslbox/qso/columns"
)

func exampleLog() *columns.Log {
	log := columns.New()
	for i, call := range []qso.Call{"DL1ABC", "W1AAA", "DL1ABC", "JA1ZZZ"} {
		q := &qso.QSO{
			ID: uint64(i + 1), Call: call, Own: "DK9XYZ", Band: must(qso.ParseBand([]string{"20m", "40m"}[i%2])), Mode: qso.Mode{Name: "CW"},
			Start: qso.TimeOf(time.Date(2025, 3, 14, 10+i, 15, 0, 0, time.UTC)), DXCC: []uint16{230, 291, 230, 339}[i],
		}
		if i < 2 {
			q.Confirmations = []qso.Confirmation{{Source: qso.LoTW, Status: 'Y'}}
		}
		log.Put(q)
	}
	return log
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A fold walks over columns: here, entities worked.
func ExampleLog_View() {
	exampleLog().View(func(v *columns.View) {
		worked := map[uint16]bool{}
		for row := range v.Rows() {
			if v.Live(row) {
				worked[v.DXCC[row]] = true
			}
		}
		fmt.Println(len(worked), "entities")
	})
	// Output: 3 entities
}

// Any filter works with any fold.
func ExampleView_Match() {
	exampleLog().View(func(v *columns.View) {
		walk := v.Match(columns.Filter{Modes: []string{"cw"}, ConfirmedBy: qso.SourceSet(qso.LoTW)}).Rows(0, v.Rows())
		var rows [64]uint32
		for n := walk.Next(rows[:]); n > 0; n = walk.Next(rows[:]) {
			for _, row := range rows[:n] {
				fmt.Println(v.ID(int(row)), v.CallText(v.Call[row]))
			}
		}
	})
	// Output:
	// 1 DL1ABC
	// 2 W1AAA
}

// The log page shows the newest QSOs first, some at a time.
func ExampleView_Page() {
	exampleLog().View(func(v *columns.View) {
		page, _ := v.Page(columns.Filter{}, columns.Sort{By: columns.ByTime, Descending: true}, "", 3)
		fmt.Println(page.IDs)
		page, _ = v.Page(columns.Filter{}, columns.Sort{By: columns.ByTime, Descending: true}, page.Next, 3)
		fmt.Println(page.IDs)
	})
	// Output:
	// [4 3 2]
	// [1]
}

// Worked before? The station is, but not on 40 m.
func ExampleView_Before() {
	exampleLog().View(func(v *columns.View) {
		b := v.Before(columns.Filter{Call: "DL1ABC"}, must(qso.ParseBand("40m")), qso.Mode{Name: "CW"}, 0)
		fmt.Printf("%d QSOs, last %s: %s; this band %q\n", b.QSOs, b.Last, b.Any, b.Band)
	})
	// Output: 2 QSOs, last 2025-03-14T12:15:00Z: confirmed; this band ""
}

// The store asks for what may be the same contact.
func ExampleLog_Near() {
	start := qso.TimeOf(time.Date(2025, 3, 14, 12, 10, 0, 0, time.UTC))
	for _, c := range exampleLog().Near(nil, "DL1ABC", start-1800, start+1800) {
		fmt.Println(c.ID, c.Own, c.Band, c.Mode, c.Start)
	}
	// Output: 3 DK9XYZ 20m CW 2025-03-14T12:15:00Z
}
