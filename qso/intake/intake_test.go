package intake_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/qso/adif"
	"qslbox/qso/dxcc"
	"qslbox/qso/intake"
)

// required is a record's required part; tests add to it.
const required = "<CALL:6>DL1ABC <QSO_DATE:8>20250314 <TIME_ON:6>101500 <BAND:3>20m <MODE:2>CW "

// judge reads one record and returns the QSO in JSON, or the rejection.
func judge(t *testing.T, cfg intake.Config, log string) string {
	t.Helper()
	cfg.Now = corpusNow
	in := intake.New(cfg)
	var q qso.QSO
	for rec, err := range adif.NewReader(strings.NewReader(log)).Records() {
		if err != nil {
			t.Fatal(err)
		}
		if rejected := in.QSO(rec, &q); rejected != nil {
			return string(rejected.Reason) + ": " + rejected.Message
		}
	}
	return string(q.AppendJSON(nil))
}

func TestRules(t *testing.T) {
	const base = `"time":"2025-03-14T10:15:00Z","call":"DL1ABC","band":"20m","mode":"CW","confirmed":[]`
	for _, c := range []struct{ name, more, want string }{
		{"nothing more", "", ``},
		{"end in the same minute without seconds", "<TIME_OFF:4>1015", `,"time_off":"2025-03-14T10:15:00Z"`},
		{"end before the start", "<TIME_OFF:4>1014", `,"time_off":"2025-03-15T10:14:00Z"`},
		{"end before the start by date", "<TIME_OFF:4>1014<QSO_DATE_OFF:8>20250314", `,"extra":{"APP_QSLBOX_ORIGINAL_TIME_OFF":"1014","APP_QSLBOX_ORIGINAL_QSO_DATE_OFF":"20250314"}`},
		{"impossible end", "<TIME_OFF:4>2575", `,"extra":{"APP_QSLBOX_ORIGINAL_TIME_OFF":"2575"}`},
		{"impossible end date", "<TIME_OFF:4>1020<QSO_DATE_OFF:8>20250399", `,"time_off":"2025-03-14T10:20:00Z","extra":{"APP_QSLBOX_ORIGINAL_QSO_DATE_OFF":"20250399"}`},
		{"end date alone", "<QSO_DATE_OFF:8>20250315", `,"qso_date_off":"20250315"`},
		{"frequency in kHz", "<FREQ:7>14025.5", `,"freq_mhz":14.0255`},
		{"frequency outside its band", "<FREQ:6>14.400", `,"freq_mhz":14.4`},
		{"frequency outside its band in kHz", "<FREQ:5>14400", `,"freq_mhz":14.4`},
		{"frequency is garbage", "<FREQ:4>QRV!", `,"extra":{"APP_QSLBOX_ORIGINAL_FREQ":"QRV!"}`},
		{"frequency is negative", "<FREQ:5>-14.1", `,"extra":{"APP_QSLBOX_ORIGINAL_FREQ":"-14.1"}`},
		{"frequency is zero", "<FREQ:3>0,0", ``},
		{"receiving side", "<BAND_RX:3>40M<FREQ_RX:4>7025", `,"band_rx":"40m","freq_rx_mhz":7.025`},
		{"receiving band unknown", "<BAND_RX:3>99m<FREQ_RX:5>7.025", `,"freq_rx_mhz":7.025,"extra":{"APP_QSLBOX_ORIGINAL_BAND_RX":"99m"}`},
		{"receiving outside all bands", "<FREQ_RX:6>27.555", `,"freq_rx_mhz":27.555`},
		{"zones", "<CQZ:2>05<ITUZ:1>8", `,"cqz":5,"ituz":8`},
		{"zones out of range", "<CQZ:2>41<ITUZ:1>x", `,"extra":{"APP_QSLBOX_ORIGINAL_CQZ":"41","APP_QSLBOX_ORIGINAL_ITUZ":"x"}`},
		{"entity", "<DXCC:3>230", `,"dxcc":230`},
		{"no entity", "<DXCC:1>0", `,"extra":{"APP_QSLBOX_ORIGINAL_DXCC":"0"}`},
		{"locators", "<GRIDSQUARE:4>jo31<MY_GRIDSQUARE:10>jo30ab12cd", `,"gridsquare":"JO31","my_gridsquare":"JO30AB12","my_gridsquare_ext":"CD"`},
		{"locator with its extension given", "<GRIDSQUARE:10>JO31AB12CD<GRIDSQUARE_EXT:2>ef", `,"gridsquare":"JO31AB12","gridsquare_ext":"ef"`},
		{"locators that are none", "<GRIDSQUARE:2>JO<MY_GRIDSQUARE:6>JO31ZZ", `,"extra":{"APP_QSLBOX_ORIGINAL_GRIDSQUARE":"JO","APP_QSLBOX_ORIGINAL_MY_GRIDSQUARE":"JO31ZZ"}`},
		{"locator of nowhere", "<GRIDSQUARE:6>JJ00aa<LAT:11>S000 00.000<LON:11>W000 00.000<MY_GRIDSQUARE:6>JJ00AA<MY_LAT:11>N000 01.000<MY_LON:11>E000 00.000",
			`,"my_gridsquare":"JJ00AA","lat":"S000 00.000","lon":"W000 00.000","my_lat":"N000 01.000","my_lon":"E000 00.000","extra":{"APP_QSLBOX_ORIGINAL_GRIDSQUARE":"JJ00aa"}`},
		{"locator list", "<VUCC_GRIDS:15>en98, FM08,here", `,"vucc_grids":"EN98,FM08","extra":{"APP_QSLBOX_ORIGINAL_VUCC_GRIDS":"en98, FM08,here"}`},
		{"references", "<POTA_REF:17>us-0001, us-0002 <SOTA_REF:9>g/ld-003 <IOTA:6>eu-005", `,"pota_ref":"US-0001,US-0002","sota_ref":"G/LD-003","iota":"EU-005"`},
		{"DOK", "<DARC_DOK:4>Ø01<MY_DARC_DOK:3>b36", `,"darc_dok":"001","my_darc_dok":"B36"`},
		{"satellite", "<PROP_MODE:3>sat<SAT_NAME:6>qo-100", `,"prop_mode":"SAT","sat_name":"QO-100"`},
		{"states", "<QSL_RCVD:1>y<QSLRDATE:8>20250401<LOTW_QSL_RCVD:1>R<QRZCOM_QSO_DOWNLOAD_STATUS:1>Y", `,"lotw_rcvd":"R","qsl_rcvd":"Y","qslrdate":"20250401","qrzcom_qso_download_status":"Y","confirmed":["qrz","qsl"]`},
		{"state unknown, date impossible", "<QSL_RCVD:3>Yes<QSLRDATE:8>20250499<LOTW_QSL_RCVD:1>X", `,"extra":{"APP_QSLBOX_ORIGINAL_LOTW_QSL_RCVD":"X","APP_QSLBOX_ORIGINAL_QSL_RCVD":"Yes","APP_QSLBOX_ORIGINAL_QSLRDATE":"20250499"}`},
		{"date in the future", "<LOTW_QSL_RCVD:1>Y<LOTW_QSLRDATE:8>20990101", `,"lotw_rcvd":"Y","confirmed":["lotw"],"extra":{"APP_QSLBOX_ORIGINAL_LOTW_QSLRDATE":"20990101"}`},
		{"QRZ.com's own fields", "<APP_QRZLOG_STATUS:1>C<APP_QRZLOG_QSLDATE:8>20250401", `,"qrzcom_qso_download_status":"Y","qrzcom_qso_download_date":"20250401","confirmed":["qrz"],"extra":{"APP_QRZLOG_STATUS":"C","APP_QRZLOG_QSLDATE":"20250401"}`},
		{"QRZ.com does not confirm", "<APP_QRZLOG_STATUS:1>N", `,"extra":{"APP_QRZLOG_STATUS":"N"}`},
		{"date without state", "<LOTW_QSLRDATE:8>20250401", `,"lotw_qslrdate":"20250401"`},
		{"field given twice, the same", "<NAME:0><NAME:2>Al<NAME:2>Al<APP_X:1>y<APP_X:1>y", `,"name":"Al","extra":{"APP_X":"y"}`},
		{"fields given twice and differently", "<NAME:2>Al<NAME:2>Bo<NAME:2>Cy<APP_X:1>y<APP_X:1>z<FREQ:5>14.01<FREQ:5>14.02",
			`,"freq_mhz":14.01,"name":"Al","extra":{"APP_QSLBOX_ORIGINAL_NAME":"Bo","APP_QSLBOX_ORIGINAL_NAME_2":"Cy","APP_X":"y","APP_QSLBOX_ORIGINAL_APP_X":"z","APP_QSLBOX_ORIGINAL_FREQ":"14.02"}`},
		{"long modes", "<SUBMODE:12>OLIVIA 8/250", `,"submode":"OLIVIA 8/250"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got, want map[string]any
			if err := json.Unmarshal([]byte(judge(t, intake.Config{}, required+c.more+"<EOR>")), &got); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte("{"+base+c.want+"}"), &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("QSO (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRejections(t *testing.T) {
	for _, c := range []struct{ name, log, want string }{
		{"no call", "<CALL:2>   <EOR>", "no-call: CALL is missing; add the station worked and import the record again"},
		{"no call sign", "<CALL:5>HELLO <EOR>", `bad-call: CALL "HELLO" is no call sign (A-Z, 0-9 and /, with a letter and a digit); correct it and import the record again`},
		{"very long call", "<CALL:120>" + strings.Repeat("DL1ABC", 20) + "<EOR>", `bad-call: CALL "DL1ABCDL1ABCDL1ABCDL1ABCDL1ABCDL1ABCDL1A…" is no call sign (A-Z, 0-9 and /, with a letter and a digit); correct it and import the record again`},
		{"no date", "<CALL:6>DL1ABC <EOR>", "bad-date: QSO_DATE is missing; add the date and import the record again"},
		{"day after tomorrow", "<CALL:6>DL1ABC <QSO_DATE:8>20261127 <EOR>", "bad-date: QSO_DATE 20261127 is in the future; correct the date and import the record again"},
		{"date with dashes", "<CALL:6>DL1ABC <QSO_DATE:10>2025-03-14 <EOR>", `bad-date: QSO_DATE "2025-03-14" is not YYYYMMDD; correct the date and import the record again`},
		{"no time", "<CALL:6>DL1ABC <QSO_DATE:8>20261126 <EOR>", "bad-time: TIME_ON is missing; add the time in UTC and import the record again"},
		{"no clock", "<CALL:6>DL1ABC <QSO_DATE:8>20261126 <TIME_ON:3>915 <EOR>", `bad-time: TIME_ON "915" is not HHMM or HHMMSS; correct the time and import the record again`},
		{"no band", "<CALL:6>DL1ABC <QSO_DATE:8>20261126 <TIME_ON:4>0915 <EOR>", "no-band-or-freq: BAND and FREQ are missing; add the band and import the record again"},
		{"both units hit", "<CALL:6>DL1ABC <QSO_DATE:8>20261126 <TIME_ON:4>0915 <FREQ:8>10120000 <EOR>", `bad-band: FREQ "10120000" is in no amateur band in MHz, and in not exactly one in kHz or Hz; correct it or add BAND, and import the record again`},
		{"date of NUL", "<CALL:6>DL1ABC <QSO_DATE:8>\x00\x00\x00\x00\x00\x00\x00\x00 <EOR>", `bad-date: QSO_DATE "\x00\x00\x00\x00\x00\x00\x00\x00" is not YYYYMMDD; correct the date and import the record again`},
		{"bare number that is no band", "<CALL:6>DL1ABC <QSO_DATE:8>20261126 <TIME_ON:4>0915 <BAND:2>70 <EOR>", `bad-band: BAND "70" is no amateur band, and there is no usable FREQ; correct the band and import the record again`},
		{"unknown band with good frequency", "<CALL:6>DL1ABC <QSO_DATE:8>20261126 <TIME_ON:4>0915 <BAND:2>HF <FREQ:4>14.0 <EOR>", "no-mode: MODE and SUBMODE are missing; add the mode and import the record again"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, judge(t, intake.Config{}, c.log)); diff != "" {
				t.Errorf("rejection (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOwnCall(t *testing.T) {
	for _, c := range []struct {
		name, more string
		cfg        intake.Config
		want       string
	}{
		{"in the record", "<STATION_CALLSIGN:6>dk9xyz<OPERATOR:6>DL9AAA", intake.Config{Own: "DL0AAA", DefaultOwn: "DL0AAB"}, "DK9XYZ"},
		{"own before operator", "<OPERATOR:6>DL9AAA", intake.Config{Own: "DL0AAA", DefaultOwn: "DL0AAB"}, "DL0AAA"},
		{"operator before the default", "<OPERATOR:6>DL9AAA", intake.Config{DefaultOwn: "DL0AAB"}, "DL9AAA"},
		{"default is assumed", "<OPERATOR:5>Peter", intake.Config{DefaultOwn: "DL0AAB"}, "DL0AAB assumed"},
		{"none", "", intake.Config{}, ""},
		{"no call in the record", "<STATION_CALLSIGN:5>Peter", intake.Config{DefaultOwn: "DL0AAB"}, "DL0AAB assumed"},
		{"assumed before an export", "<STATION_CALLSIGN:6>DK9XYZ<APP_QSLBOX_OWN_ASSUMED:1>Y", intake.Config{}, "DK9XYZ assumed"},
		{"LoTW's own field", "<APP_LoTW_OWNCALL:6>DK9XYZ", intake.Config{From: qso.LoTW}, "DK9XYZ"},
		{"never guessed in an answer", "<OPERATOR:6>DL9AAA", intake.Config{From: qso.LoTW, DefaultOwn: "DL0AAB"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := one(t, c.cfg, required+c.more+"<EOR>")
			got := q.Own.String()
			if q.OwnAssumed {
				got += " assumed"
			}
			if got != c.want {
				t.Errorf("own call %q, want %q", got, c.want)
			}
		})
	}
}

// one reads one record that must be a QSO.
func one(t *testing.T, cfg intake.Config, log string) *qso.QSO {
	t.Helper()
	cfg.Now = corpusNow
	in, q := intake.New(cfg), &qso.QSO{}
	rec, err := adif.NewReader(strings.NewReader(log)).Next()
	if err != nil {
		t.Fatal(err)
	}
	if rejected := in.QSO(rec, q); rejected != nil {
		t.Fatal(rejected.Message)
	}
	return q
}

func TestLookUp(t *testing.T) {
	table, err := dxcc.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, more string
		want       string
	}{
		{"by the call", "", "230 looked-up, 14 looked-up, 28 looked-up"},
		{"the record knows", "<DXCC:3>230<CQZ:2>15<ITUZ:2>29", "230 imported, 15 imported, 29 imported"},
		{"zones to the record's entity", "<DXCC:3>230", "230 imported, 14 looked-up, 28 looked-up"},
		{"no zones for another entity", "<DXCC:3>206", "206 imported, 0 imported, 0 imported"},
		{"no such entity", "<DXCC:3>999", "230 looked-up, 14 looked-up, 28 looked-up"},
		{"country alone", "<COUNTRY:7>AUSTRIA", "206 looked-up, 0 imported, 0 imported"},
		{"no entity", "<DXCC:1>0", "0 imported, 0 imported, 0 imported"},
		{"no entity, from an export", "<APP_QSLBOX_ORIGINAL_DXCC:1>0", "0 imported, 0 imported, 0 imported"},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := one(t, intake.Config{Resolver: table}, required+c.more+"<EOR>")
			origin := func(id qso.FieldID) qso.Origin { return q.Origin(id, "") }
			got := fmt.Sprintf("%d %v, %d %v, %d %v", q.DXCC, origin(qso.FieldDXCC), q.CQZ, origin(qso.FieldCQZ), q.ITUZ, origin(qso.FieldITUZ))
			if got != c.want {
				t.Errorf("place %s, want %s", got, c.want)
			}
		})
	}
}

func TestStatements(t *testing.T) {
	lotw := "<PROGRAMID:4>LoTW<EOH>" + required +
		"<QSL_RCVD:1>Y<QSLRDATE:8>20250401<DXCC:3>230<CQZ:3>014<GRIDSQUARE:6>jo31ab<APP_LoTW_RXQSO:19>2025-03-20 11:12:13<APP_LoTW_2xQSL:1>Y<EOR>"
	q := one(t, intake.Config{}, lotw)
	want := []qso.Confirmation{{
		Source: qso.LoTW, Status: 'Y', Date: qso.TimeOf(time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC)), Stated: true,
		Record: []qso.Field{
			{ID: qso.FieldDXCC, Value: "230"}, {ID: qso.FieldCQZ, Value: "14"},
			{ID: qso.FieldGridsquare, Value: "JO31AB"}, {ID: qso.FieldAppLoTW2xQSL, Value: "Y"},
		},
	}}
	if diff := cmp.Diff(want, q.Confirmations); diff != "" {
		t.Errorf("LoTW report (-want +got):\n%s", diff)
	}
	if got := q.AtLoTW.String(); got != "2025-03-20T11:12:13Z" {
		t.Errorf("at LoTW since %s", got)
	}
	flag := one(t, intake.Config{}, required+"<LOTW_QSL_RCVD:1>Y<GRIDSQUARE:4>JO31<EOR>")
	if c := flag.Confirmation(qso.LoTW); c.Stated || c.Record != nil {
		t.Errorf("a logger's flag became LoTW's statement: %+v", c)
	}
	dcl := one(t, intake.Config{From: qso.DCL}, required+"<DCL_QSL_RCVD:1>Y<DARC_DOK:3>b36<QSL_RCVD:1>Y<EOR>")
	want = []qso.Confirmation{{Source: qso.DCL, Status: 'Y', Stated: true, Record: []qso.Field{{ID: qso.FieldDARCDOK, Value: "B36"}}}}
	if diff := cmp.Diff(want, dcl.Confirmations); diff != "" {
		t.Errorf("DCL answer (-want +got):\n%s", diff)
	}
	plain := one(t, intake.Config{Plain: true}, required+"<APP_DCL_STATUS:1>c<QSL_RCVD:1>Y<EOR>")
	if got, want := plain.Confirmed(), qso.SourceSet(qso.DCL, qso.Card); got != want {
		t.Errorf("plain record confirmed by %v, want dcl and qsl", got.Names())
	}
}

// TestMemory holds that a QSO stays as it is when the reader goes on, and that
// the same QSO is filled again without traces of the one before.
func TestMemory(t *testing.T) {
	first := required + "<NAME:5>First<LOTW_QSL_RCVD:1>Y<STATION_CALLSIGN:6>DK9XYZ<EOR>"
	log := strings.Repeat(first+strings.ReplaceAll(required, "DL1ABC", "W1AAAA")+"<NOTES:6>Second<EOR>", 200)
	in := intake.New(intake.Config{Now: corpusNow})
	var kept []*qso.QSO
	var q qso.QSO
	for rec, err := range adif.NewReader(strings.NewReader(log), adif.BufferSize(300)).Records() {
		if err != nil {
			t.Fatal(err)
		}
		if rejected := in.QSO(rec, &q); rejected != nil {
			t.Fatal(rejected.Message)
		}
		kept = append(kept, q.Clone())
	}
	for i, q := range kept {
		want := one(t, intake.Config{}, log[:len(first)])
		if i%2 == 1 {
			want = one(t, intake.Config{}, log[len(first):])
		}
		if diff := cmp.Diff(string(want.AppendJSON(nil)), string(q.AppendJSON(nil))); diff != "" {
			t.Fatalf("QSO %d (-want +got):\n%s", i, diff)
		}
	}
}

func TestFewAllocations(t *testing.T) {
	reader := adif.NewReader(strings.NewReader(strings.Repeat(required+"<NAME:5>Peter<STATION_CALLSIGN:6>DK9XYZ<GRIDSQUARE:6>JO31AB<EOR>\n", 10_000)))
	in, q := intake.New(intake.Config{Now: corpusNow}), qso.QSO{}
	n := testing.AllocsPerRun(5000, func() {
		rec, err := reader.Next()
		if err != nil || in.QSO(rec, &q) != nil {
			t.Fatal(err)
		}
	})
	if n > 0.1 {
		t.Errorf("%v allocations a record, want a block of text now and then", n)
	}
}
