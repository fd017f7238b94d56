package adif_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/qso/adif"
)

// dump reads everything and returns one line a record, error or header.
func dump(tb testing.TB, src io.Reader, opts ...adif.Option) []string {
	tb.Helper()
	var lines []string
	r := adif.NewReader(src, opts...)
	var header *adif.Header
	for rec, err := range r.Records() {
		if r.Header() != header {
			header = r.Header()
			lines = append(lines, headerLine(header))
		}
		var bad *adif.RecordError
		var refused *adif.RefusedError
		switch {
		case errors.As(err, &bad):
			lines = append(lines, fmt.Sprintf("%d@%d %s %s %q", bad.Record, bad.Offset, bad.Reason, bad.Field, bad.Text))
		case errors.As(err, &refused):
			lines = append(lines, "refused "+string(refused.Kind))
		case err != nil:
			lines = append(lines, "error "+err.Error())
		default:
			lines = append(lines, recordLine(rec))
		}
	}
	if r.Header() != header {
		lines = append(lines, headerLine(r.Header()))
	}
	if r.EndMark() {
		lines = append(lines, "end mark")
	}
	return lines
}

func headerLine(h *adif.Header) string {
	var b strings.Builder
	b.WriteString("header")
	for _, f := range h.Fields {
		fmt.Fprintf(&b, " %s=%s", f.Key(), f.Value)
	}
	return b.String()
}

func recordLine(rec *adif.Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d@%d", rec.Number, rec.Offset)
	for i := range rec.Fields {
		f := &rec.Fields[i]
		fmt.Fprintf(&b, " %s=%s", f.Key(), f.Value)
		if f.Type != 0 {
			fmt.Fprintf(&b, "(%c)", f.Type)
		}
	}
	return b.String()
}

var readerCases = []struct {
	name, in string
	want     []string
}{
	{"usual", "x<EOH>\n<CALL:6>DL1ABC <BAND:3>20m <EOR>\n", []string{"header", "1@7 CALL=DL1ABC BAND=20m"}},
	{"no header, no final EOR", "<CALL:6>DL1ABC<BAND:3>20m", []string{"1@0 CALL=DL1ABC BAND=20m"}},
	{"any letter case, unknown names in upper case", "<Call:5>W1AAA<app_x_y:1>z<eOr>", []string{"1@0 CALL=W1AAA APP_X_Y=z"}},
	{"type indicators", "<CALL:5:S>W1AAA <MY_OWN:1:n>7 <EOR>", []string{"1@0 CALL=W1AAA(S) MY_OWN=7(N)"}},
	{"blanks trimmed, inner ones kept", "<NAME:8>  A  B   <QTH:2>   <EOR>", []string{"1@0 NAME=A  B QTH="}},
	{"zero length", "<NAME:0><CALL:5>W1AAA<EOR>", []string{"1@0 NAME= CALL=W1AAA"}},
	{"EOR without fields is no record", "<EOH><EOR> <EOR:0>\n<CALL:5>W1AAA<EOR:0>", []string{"header", "1@19 CALL=W1AAA"}},
	{"lengths win over tags", "<NOTES:11>a<EOR>b<c>d <EOR>", []string{"1@0 NOTES=a<EOR>b<c>d"}},
	{"length into the next tag", "<CALL:7>DL1ABC<BAND:3>20m<RST_RCVD:3><NAME:2>Al<EOR>", []string{"1@0 CALL=DL1ABC BAND=20m RST_RCVD= NAME=Al"}},
	{"length into EOR", "<CALL:9>DL1ABC<EOR><CALL:5>W1AAA<EOR>", []string{"1@0 CALL=DL1ABC", "2@19 CALL=W1AAA"}},
	{"length into an unknown tag", "<APP_A:3>x<APP_B:1>y<EOR>", []string{"1@0 APP_A=x APP_B=y"}},
	{"length ends inside what is no tag", "<NOTES:3>a<b<c>d <EOR>", []string{"1@0 NOTES=a<b"}},
	{"length ends inside a word", "<CALL:5>DL1ABC <BAND:2>40m<MODE:3>RTTY <DXCC:2>230 <QTH:3>Berlin\r\n<EOR>", []string{"1@0 CALL=DL1ABC BAND=40m MODE=RTTY DXCC=230 QTH=Berlin"}},
	{"length ends inside a word at the end of the input", "<CALL:5>DL1ABC/P", []string{"1@0 CALL=DL1ABC/P"}},
	{"length ends inside a number", "<FREQ:4>14.074 <TX_PWR:3>100W<EOR>", []string{"1@0 FREQ=14.074 TX_PWR=100"}},
	{"length is what counts", "<QSL_RCVD:1>Yes <TIME_ON:4>1015Z <QSO_DATE:8>202503140 <NAME:5>Peter: OM <MODE:3>SSBloud signal <EOR>", []string{"1@0 QSL_RCVD=Y TIME_ON=1015 QSO_DATE=20250314 NAME=Peter MODE=SSB"}},
	{"EOR missing between QSOs",
		"<CALL:5>W1AAA<QSO_DATE:8>20250314<TIME_ON:4>1015<BAND:3>20m<MODE:2>CW\n<CALL:5>W1AAB<QSO_DATE:8>20250314<TIME_ON:4>1016<BAND:3>20m<MODE:2>CW\n" +
			"<CALL:5>W1AAC<QSO_DATE:8>20250314<TIME_ON:4>1017<BAND:3>20m<MODE:2>CW<EOR><CALL:5>W1AAD<EOR>",
		[]string{"1@0 CALL=W1AAA QSO_DATE=20250314 TIME_ON=1015 BAND=20m MODE=CW", "2@70 CALL=W1AAB QSO_DATE=20250314 TIME_ON=1016 BAND=20m MODE=CW",
			"3@140 CALL=W1AAC QSO_DATE=20250314 TIME_ON=1017 BAND=20m MODE=CW", "4@214 CALL=W1AAD"}},
	{"EOR missing, CALL is not the first field",
		"<BAND:3>20m<CALL:5>W1AAA<QSO_DATE:8>20250314<TIME_ON:4>1015<MODE:2>CW <BAND:3>40m<CALL:5>W1AAB<QSO_DATE:8>20250314<TIME_ON:4>1016<MODE:2>CW",
		[]string{"1@0 BAND=20m CALL=W1AAA QSO_DATE=20250314 TIME_ON=1015 MODE=CW", "2@70 BAND=40m CALL=W1AAB QSO_DATE=20250314 TIME_ON=1016 MODE=CW"}},
	{"two calls in one QSO", "<CALL:5>W1AAA<QSO_DATE:8>20250314<TIME_ON:4>1015<BAND:3>20m<MODE:2>CW<CALL:5>W1AAB<NAME:2>Al<EOR>",
		[]string{"1@0 CALL=W1AAA QSO_DATE=20250314 TIME_ON=1015 BAND=20m MODE=CW CALL=W1AAB NAME=Al"}},
	{"letters counted", "<NAME:6>Jürgen<QTH:4>Köln <EOR>", []string{"1@0 NAME=Jürgen QTH=Köln"}},
	{"bytes counted", "<NAME:7>Jürgen<QTH:5>Köln <EOR>", []string{"1@0 NAME=Jürgen QTH=Köln"}},
	{"bytes counted, remark behind", "<NAME:7>Jürgen // OM <EOR>", []string{"1@0 NAME=Jürgen"}},
	{"letters counted at the end of the input", "<NAME:6>Jürgen", []string{"1@0 NAME=Jürgen"}},
	{"letters would swallow the next tag", "<NAME:5>äöü <QTH:1>X<EOR>", []string{"1@0 NAME=äöü QTH=X"}},
	{"ISO-8859-1", "<NAME:6>J\xfcrgen <QTH:4>K\xf6ln<EOR>", []string{"1@0 NAME=Jürgen QTH=Köln"}},
	{"lengthless tags are comment", "<tag> <X:S> <CALL:-3> <CALL:5>W1AAA <Y:> <1> < Z:1>a <EOR>", []string{"1@22 CALL=W1AAA"}},
	{"brackets in comment", "a < b <<CALL:5>W1AAA <5 <EOR>", []string{"1@7 CALL=W1AAA"}},
	{"end mark", "<CALL:5>W1AAA<EOR>\n<APP_LoTW_EOF>\n", []string{"1@0 CALL=W1AAA", "end mark"}},
	{"end mark not at the end", "<APP_LoTW_EOF><CALL:5>W1AAA<EOR>", []string{"1@14 CALL=W1AAA"}},
	{"BOM in front and between", "\xef\xbb\xbf<CALL:5>W1AAA<EOR>\xef\xbb\xbf<CALL:5>W1AAB<EOR>", []string{"1@3 CALL=W1AAA", "2@24 CALL=W1AAB"}},
	{"second header", "<EOH><CALL:5>W1AAA<EOR>x<PROGRAMID:3>ABC<EOH><CALL:5>W1AAB<EOR>", []string{"header", "1@5 CALL=W1AAA", "header PROGRAMID=ABC", "2@45 CALL=W1AAB"}},
	{"second header behind a record without EOR",
		"<CALL:5>W1AAA<QSO_DATE:8>20250314<TIME_ON:4>1015<BAND:3>20m<MODE:2>CW\n<PROGRAMID:3>ABC<EOH><CALL:5>W1AAB<EOR>",
		[]string{"header PROGRAMID=ABC", "1@0 CALL=W1AAA QSO_DATE=20250314 TIME_ON=1015 BAND=20m MODE=CW", "2@91 CALL=W1AAB"}},
	{"bare EOH between two records",
		"<CALL:5>W1AAA<QSO_DATE:8>20250314<TIME_ON:4>1015<BAND:3>20m<MODE:2>CW<EOH><CALL:5>W1AAB<EOR>",
		[]string{"1@0 CALL=W1AAA QSO_DATE=20250314 TIME_ON=1015 BAND=20m MODE=CW", "2@74 CALL=W1AAB"}},
	{"stray EOH inside a record",
		"<CALL:5>W1AAA<QSO_DATE:8>20250314<TIME_ON:4>1015<BAND:3>20m<MODE:2>CW<EOH><NAME:2>Al<EOR>",
		[]string{"1@0 CALL=W1AAA QSO_DATE=20250314 TIME_ON=1015 BAND=20m MODE=CW NAME=Al"}},
	{"length beyond the record", "<CALL:5>W1AAA<NAME:99999999>Al<EOR><CALL:5>W1AAB<EOR>", []string{`1@0 bad-length NAME "<CALL:5>W1AAA<NAME:99999999>Al<EOR>"`, "2@35 CALL=W1AAB"}},
	{"length beyond the end", "<CALL:5>W1AAA<NAME:99>Al<EOR><CALL:5>W1AAB<EOR>", []string{`1@0 bad-length NAME "<CALL:5>W1AAA<NAME:99>Al<EOR>"`, "2@29 CALL=W1AAB"}},
	{"end inside a value", "<CALL:5>W1AAA<EOR><CALL:5>W1AAB<NAME:9>Al", []string{"1@0 CALL=W1AAA", `2@18 truncated NAME "<CALL:5>W1AAB<NAME:9>Al"`}},
	{"end inside a tag", "<CALL:5>W1AAA<EOR><CALL:5>W1AAB <NAM", []string{"1@0 CALL=W1AAA", `2@18 truncated  "<CALL:5>W1AAB <NAM"`}},
	{"end inside EOR", "<CALL:5>W1AAA<EO", []string{"1@0 CALL=W1AAA"}},
	{"bracket in the last value", "<CALL:5>W1AAA<NAME:3>a<b", []string{"1@0 CALL=W1AAA NAME=a<b"}},
	{"number too large for any integer", "<NAME:99999999999999999999999999>Al<EOR><CALL:5>W1AAA<EOR>", []string{`1@0 bad-length NAME "<NAME:99999999999999999999999999>Al<EOR>"`, "2@40 CALL=W1AAA"}},
}

func TestReader(t *testing.T) {
	for _, c := range readerCases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, dump(t, strings.NewReader(c.in))); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     adif.Kind
	}{
		{"nothing", "", adif.Empty},
		{"only blanks", "\xef\xbb\xbf \r\n", adif.Empty},
		{"text", "Dear user,\nyour log <is> attached.", adif.NotADIF},
		{"long text", strings.Repeat("Dear user, ", 100_000), adif.NotADIF},
		{"blank records only", "<EOR><EOR>", adif.NotADIF},
		{"web page", "\n<!DOCTYPE html><html><p>sign in</p>", adif.HTML},
		{"web page in upper case", "<HTML><BODY>", adif.HTML},
		{"XHTML", `<?xml version="1.0"?><!DOCTYPE html PUBLIC ""><html>`, adif.HTML},
		{"ADX", `<?xml version="1.0"?><ADX><RECORDS>`, adif.ADX},
		{"gzip", "\x1f\x8b\x08\x00abc", adif.Archive},
		{"zip with a log inside", "PK\x03\x04log.adi<CALL:5>W1AAA<EOR>", adif.Archive},
		{"tar", strings.Repeat("a", 257) + "ustar\x0000", adif.Archive},
		{"database", "SQLite format 3\x00", adif.Binary},
		{"control characters", "\x01\x02\x03abc", adif.Binary},
		{"UTF-16", "\xff\xfe<\x00C\x00A\x00L\x00L\x00", adif.Binary},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := adif.NewReader(strings.NewReader(c.in)).Next()
			var refused *adif.RefusedError
			if !errors.As(err, &refused) || refused.Kind != c.want {
				t.Errorf("Next: %v, want kind %s", err, c.want)
			}
		})
	}
}

func TestCaps(t *testing.T) {
	long := strings.Repeat("x", 3000)
	next := "<CALL:5>W1AAB<EOR>"
	for _, c := range []struct {
		name, in  string
		maxRecord int
		want      adif.Reason
	}{
		{"value over the cap", "<CALL:5>W1AAA<NAME:3000>" + long + "<EOR>" + next, 8000, adif.TooBig},
		{"record over the cap", "<CALL:5>W1AAA" + strings.Repeat("<NAME:900>"+long[:900], 9) + "<EOR>" + next, 8000, adif.TooBig},
		{"remark over the cap", "<CALL:5>W1AAA" + strings.Repeat(long, 9) + "<EOR>" + next, 8000, adif.TooBig},
		{"too many fields", strings.Repeat("<A:1>b", 2001) + "<EOR>" + next, 100_000, adif.TooBig},
		{"wrong length over the cap", "<CALL:5>W1AAA<NAME:3000>Al<EOR>" + next, 8000, adif.BadLength},
		{"value over the cap and the end", "<CALL:5>W1AAA<NAME:3000>" + long, 8000, adif.TooBig},
		{"wrong length, then the end", "<CALL:5>W1AAA<NAME:3000>Al", 8000, adif.Truncated},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, size := range []int{256, 1 << 20} {
				r := adif.NewReader(strings.NewReader(c.in), adif.BufferSize(size), adif.MaxField(1000), adif.MaxRecord(c.maxRecord))
				_, err := r.Next()
				var bad *adif.RecordError
				if !errors.As(err, &bad) || bad.Reason != c.want {
					t.Fatalf("buffer %d: %v, want %s", size, err, c.want)
				}
				rec, err := r.Next()
				if strings.HasSuffix(c.in, next) && (err != nil || rec.Number != 2) {
					t.Errorf("buffer %d: record behind it: %v", size, err)
				}
			}
		})
	}
}

// TestNoEORAtAll reads a log of more fields than a record may have.
func TestNoEORAtAll(t *testing.T) {
	const qsos = 2500
	var log strings.Builder
	for i := range qsos {
		fmt.Fprintf(&log, "<CALL:6>W%05d<QSO_DATE:8>20250314<TIME_ON:4>1015<BAND:3>20m<MODE:2>CW\n", i)
	}
	each := log.Len() / qsos
	for _, size := range []int{256, 1 << 20} {
		n := 0
		for rec, err := range adif.NewReader(strings.NewReader(log.String()), adif.BufferSize(size)).Records() {
			if err != nil {
				t.Fatal(err)
			}
			if want := fmt.Sprintf("W%05d", n); string(rec.Get(qso.FieldCall)) != want || rec.Number != n+1 || rec.Offset != int64(n*each) {
				t.Fatalf("buffer %d: record %d at %d is %s, want %s at %d", size, rec.Number, rec.Offset, rec.Get(qso.FieldCall), want, n*each)
			}
			n++
		}
		if n != qsos {
			t.Errorf("buffer %d: %d records, want %d", size, n, qsos)
		}
	}
}

func TestRawAndText(t *testing.T) {
	const log = "remark <CALL:5>W1AAA remark <NAME:2>Al <EOR>\n<CALL:5>W1AAB<EOR>"
	r := adif.NewReader(strings.NewReader(log))
	for _, want := range []string{"<CALL:5>W1AAA remark <NAME:2>Al <EOR>", "<CALL:5>W1AAB<EOR>"} {
		rec, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(rec.Raw)); diff != "" {
			t.Errorf("Raw (-want +got):\n%s", diff)
		}
	}
	header := "Status Report\nQUERY: x\n<PROGRAMID:4>LoTW\n<EOH>"
	r = adif.NewReader(strings.NewReader(header))
	if _, err := r.Next(); err != io.EOF {
		t.Fatalf("header alone: %v, want EOF", err)
	}
	if got := r.Header(); got.Text != header || got.ProgramID() != "LoTW" {
		t.Errorf("header: %q, program %q", got.Text, got.ProgramID())
	}
}

func TestSourceError(t *testing.T) {
	for _, records := range []int{1, 1000} { // within the first bytes, and behind them
		log := strings.Repeat("<CALL:5>W1AAA<EOR>", records) + "<CALL:5>W1A"
		broken := io.MultiReader(strings.NewReader(log), iotest.ErrReader(io.ErrUnexpectedEOF))
		read, last := 0, error(nil)
		for rec, err := range adif.NewReader(broken).Records() {
			if last = err; rec != nil {
				read++
			}
		}
		if read != records || !errors.Is(last, io.ErrUnexpectedEOF) {
			t.Errorf("%d records, last error %v; want %d and the source's", read, last, records)
		}
	}
}

// TestBufferEdges lays every input across buffers of many sizes.
func TestBufferEdges(t *testing.T) {
	inputs := map[string][]byte{}
	for _, c := range readerCases {
		inputs[c.name] = []byte(c.in)
	}
	files, err := filepath.Glob("testdata/corpus/*.adi")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		inputs[filepath.Base(f)] = data
	}
	for name, in := range inputs {
		padded := append(bytes.Repeat([]byte{' '}, 200), in...)
		want := dump(t, bytes.NewReader(padded))
		for _, size := range []int{256, 257, 300, 333, 1000} {
			if diff := cmp.Diff(want, dump(t, iotest.OneByteReader(bytes.NewReader(padded)), adif.BufferSize(size))); diff != "" {
				t.Errorf("%s, buffer of %d (-want +got):\n%s", name, size, diff)
			}
		}
	}
}

// TestNoAllocation holds the promise of constant memory.
func TestNoAllocation(t *testing.T) {
	record := "<CALL:5>W1AAA <QSO_DATE:8>20250314 <APP_X_Y:3>abc <NAME:6>J\xfcrgen <EOR>\n"
	r := adif.NewReader(strings.NewReader(strings.Repeat(record, 10_000)))
	for range 100 { // tables and buffers get their size
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(5000, func() { _, _ = r.Next() }); n != 0 {
		t.Errorf("%v allocations a record, want none", n)
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"CALL:", "CALL"}, {"call:", "CALL"}, {"QSO_DATE:", "QSO_DATE"}, {"my_gridsquare:", "MY_GRIDSQUARE"},
		{"HAMLOGEU_QSO_UPLOAD_STATUS:", "HAMLOGEU_QSO_UPLOAD_STATUS"}, {"APP_LoTW_DXCC_ENTITY_STATUS:", "APP_LOTW_DXCC_ENTITY_STATUS"},
		{"CAL:", ""}, {"CALLS:", ""}, {"QSO\x7fDATE:", ""}, {"EOR>:", ""}, {"CALL>", ""},
	} {
		padded := append([]byte(c.in), make([]byte, 64)...)
		if got := adif.Find(padded); got != c.want {
			t.Errorf("Find(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}
