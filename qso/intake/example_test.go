package intake_test

import (
	"fmt"
	"strings"
	"time"

	"qslbox/qso"
	"qslbox/qso/adif"
	"qslbox/qso/intake"
)

func ExampleIntake_QSO() {
	log := "<CALL:6>dl1abc <QSO_DATE:8>20250314 <TIME_ON:4>1015 <FREQ:6>14,080 <MODE:3>FT4 <GRIDSQUARE:4>home <EOR>\n" +
		"<CALL:5>W1AAA <QSO_DATE:8>20250230 <TIME_ON:4>1016 <BAND:3>20m <MODE:2>CW <EOR>\n"
	now := func() time.Time { return time.Date(2025, 3, 15, 12, 0, 0, 0, time.UTC) }
	in := intake.New(intake.Config{Now: now, DefaultOwn: "DK9XYZ"})
	var q qso.QSO
	for rec, err := range adif.NewReader(strings.NewReader(log)).Records() {
		if err != nil {
			fmt.Println(err)
			continue
		}
		if rejected := in.QSO(rec, &q); rejected != nil {
			fmt.Println(rejected.Reason, "-", rejected.Message)
			continue
		}
		fmt.Println(q.Call, q.Start, q.Band, q.Freq, q.Mode.Name, q.Mode.Sub, q.Own)
		for _, f := range q.Fields {
			fmt.Println(f.Key(), f.Value)
		}
	}
	// Output:
	// DL1ABC 2025-03-14T10:15:00Z 20m 14.08 MFSK FT4 DK9XYZ
	// APP_QSLBOX_ORIGINAL_GRIDSQUARE home
	// bad-date - QSO_DATE no calendar has 20250230; correct the date and import the record again
}
