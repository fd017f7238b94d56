package adif_test

import (
	"fmt"
	"os"
	"strings"
	"time"

	"qslbox/qso"
	"qslbox/qso/adif"
)

func ExampleReader_Records() {
	log := "<EOH>\n" +
		"<CALL:6>DL1ABC <QSO_DATE:8>20250314 <NAME:6>Jürgen <EOR>\n" +
		"<CALL:99999999>W1AAA <EOR>\n" +
		"<call:6>JA1ZZZ <qso_date:8>20250315 <eor>\n"
	for rec, err := range adif.NewReader(strings.NewReader(log)).Records() {
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Printf("%d: %s on %s, %s\n", rec.Number, rec.Get(qso.FieldCall), rec.Get(qso.FieldQSODate), rec.Get(qso.FieldName))
	}
	// Output:
	// 1: DL1ABC on 20250314, Jürgen
	// adif: record 2 at byte 64: the length 99999999 of field CALL is wrong
	// 3: JA1ZZZ on 20250315,
}

func ExampleWriter() {
	w := adif.NewWriter(os.Stdout, adif.FileHeader{
		Text: "qslbox export", ProgramID: "qslbox", Created: time.Date(2025, 3, 14, 10, 15, 0, 0, time.UTC),
	})
	q := qso.QSO{Call: "DL1ABC", Start: 1741947300, Mode: qso.Mode{Name: "MFSK", Sub: "FT4"}}
	q.Set(qso.FieldName, "Jürgen")
	if err := w.Write(q.ADIF()); err != nil {
		fmt.Println(err)
	}
	if err := w.Flush(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// qslbox export
	// <ADIF_VER:5>3.1.6
	// <CREATED_TIMESTAMP:15>20250314 101500
	// <PROGRAMID:6>qslbox
	// <EOH>
	// <CALL:6>DL1ABC <QSO_DATE:8>20250314 <TIME_ON:6>101500 <MODE:4>MFSK <SUBMODE:3>FT4 <NAME:7>Jürgen <EOR>
}
