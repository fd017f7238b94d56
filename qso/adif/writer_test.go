package adif_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/qso/adif"
)

func write(tb testing.TB, header adif.FileHeader, records ...[]qso.Field) string {
	tb.Helper()
	var out bytes.Buffer
	w := adif.NewWriter(&out, header)
	for _, fields := range records {
		if err := w.Write(slices.Values(fields)); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	return out.String()
}

func TestWriter(t *testing.T) {
	const head = "ADIF export\n<ADIF_VER:5>3.1.6\n<EOH>\n"
	for _, c := range []struct {
		name    string
		records [][]qso.Field
		want    string
	}{
		{"no record", nil, head},
		{"bytes counted", [][]qso.Field{{{ID: qso.FieldName, Value: "Jürgen"}}}, head + "<NAME:7>Jürgen <EOR>\n"},
		{"empty fields and records left out", [][]qso.Field{{{ID: qso.FieldName}}, {{ID: qso.FieldName}, {ID: qso.FieldQTH, Value: "X"}}}, head + "<QTH:1>X <EOR>\n"},
		{"type indicator", [][]qso.Field{{{Name: "MY_OWN", Type: 'N', Value: "7"}}}, head + "<MY_OWN:1:N>7 <EOR>\n"},
		{"names cannot break the file", [][]qso.Field{{{Name: "a>b:1<c ", Value: "x"}, {Name: "EOR", Value: "y"}, {Name: "", Value: "z"}}}, head + "<A_B_1_C_:1>x <EOR_:1>y <_:1>z <EOR>\n"},
		{"tags in values", [][]qso.Field{{{ID: qso.FieldNotes, Value: "a<EOR>b<CALL"}}}, head + "<NOTES:12>a<EOR>b<CALL <EOR>\n"},
		{"no UTF-8", [][]qso.Field{{{ID: qso.FieldName, Value: "J\xfcrgen"}}}, head + "<NAME:7>Jürgen <EOR>\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, write(t, adif.FileHeader{}, c.records...)); diff != "" {
				t.Errorf("written (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWriterHeaderText(t *testing.T) {
	got := write(t, adif.FileHeader{Text: "a <CALL:1>b", ProgramID: "P", ProgramVersion: "1"})
	want := "a CALL:1>b\n<ADIF_VER:5>3.1.6\n<PROGRAMID:1>P\n<PROGRAMVERSION:1>1\n<EOH>\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("written (-want +got):\n%s", diff)
	}
}

type fullDisk struct{}

var errFull = errors.New("no space left")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestWriterErrorSticks(t *testing.T) {
	w := adif.NewWriter(fullDisk{}, adif.FileHeader{})
	if err := w.Flush(); !errors.Is(err, errFull) {
		t.Errorf("Flush: %v, want the disk's error", err)
	}
	if err := w.Write(slices.Values([]qso.Field{{ID: qso.FieldName, Value: "x"}})); !errors.Is(err, errFull) {
		t.Errorf("Write after it: %v, want the disk's error", err)
	}
}

func TestNewRecord(t *testing.T) {
	rec := adif.NewRecord([]qso.Field{{ID: qso.FieldCall, Value: "DL1ABC"}, {Name: "APP_X", Value: "y"}})
	if got := string(rec.Get(qso.FieldCall)); got != "DL1ABC" {
		t.Errorf("call %q", got)
	}
	if diff := cmp.Diff("<CALL:6>DL1ABC <APP_X:1>y <EOR>", string(rec.Raw)); diff != "" {
		t.Errorf("Raw (-want +got):\n%s", diff)
	}
}

// copyOf reads an input and returns its records written again.
func copyOf(tb testing.TB, in string, opts ...adif.Option) string {
	tb.Helper()
	var records [][]qso.Field
	for rec, err := range adif.NewReader(strings.NewReader(in), opts...).Records() {
		if err != nil {
			continue
		}
		var fields []qso.Field
		for _, f := range rec.Fields {
			fields = append(fields, qso.Field{ID: f.ID, Type: f.Type, Name: f.Name, Value: string(f.Value)})
		}
		records = append(records, fields)
	}
	return write(tb, adif.FileHeader{}, records...)
}
