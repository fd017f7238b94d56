package intake_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"qslbox/qso"
	"qslbox/qso/intake"
)

// counter counts what it is given; it fails after some batches.
type counter struct {
	batches []int
	fail    int // batches that go well; negative: all
	got     intake.MergeOptions
}

var errFull = errors.New("disk full")

func (c *counter) Merge(_ context.Context, batch []*qso.QSO, opt intake.MergeOptions) ([]intake.Outcome, error) {
	if c.fail >= 0 && len(c.batches) >= c.fail {
		return nil, errFull
	}
	c.got = opt
	c.batches = append(c.batches, len(batch))
	out := make([]intake.Outcome, len(batch))
	for i := range out {
		out[i].Result = intake.Result(i%4) + intake.Added
	}
	return out, nil
}

// goodThenBad returns n good records with a bad one behind every tenth.
func goodThenBad(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(required + "<STATION_CALLSIGN:6>DK9XYZ<EOR>\n")
		if i%10 == 9 {
			b.WriteString("<CALL:3>---<NAME:2>Al<EOR>\n")
		}
	}
	return b.String()
}

func options() intake.Options { return intake.Options{Config: intake.Config{Now: corpusNow}} }

func TestFileAccount(t *testing.T) {
	defer goleak.VerifyNone(t)
	log, into := goodThenBad(25_000), &counter{fail: -1}
	opt := options()
	opt.Merge = intake.MergeOptions{By: "test", Rule: qso.MergeRule{Overwrite: true}}
	var rejects strings.Builder
	opt.Rejects = &rejects
	calls := 0
	opt.Progress = func(intake.Account) { calls++ }
	account, err := intake.File(t.Context(), strings.NewReader(log), opt, into)
	if err != nil {
		t.Fatal(err)
	}
	// Five batches of 5,000 records and one of 2,500 hold ten good ones in
	// eleven, and the counter begins anew with each.
	want := intake.Account{Outcome: "imported", Read: 27_500, Added: 6253, Updated: 6251, Unchanged: 6248, Skipped: 6248, Rejected: 2500}
	if diff := cmp.Diff(want, account, cmpopts.IgnoreFields(intake.Account{}, "Rejects")); diff != "" {
		t.Errorf("account (-want +got):\n%s", diff)
	}
	if len(account.Rejects) != intake.MaxRejects {
		t.Errorf("%d rejects shown, want %d", len(account.Rejects), intake.MaxRejects)
	}
	first := intake.Rejection{
		Record: 11, Offset: int64(strings.Index(log, "<CALL:3>")), Reason: intake.BadCall, Text: "<CALL:3>---<NAME:2>Al<EOR>",
		Message: `CALL "---" is no call sign (A-Z, 0-9 and /, with a letter and a digit); correct it and import the record again`,
	}
	if diff := cmp.Diff(first, account.Rejects[0]); diff != "" {
		t.Errorf("first reject (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(strings.Repeat("<CALL:3>---<NAME:2>Al<EOR>\n", 2500), rejects.String()); diff != "" {
		t.Errorf("rejected records written out (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(opt.Merge, into.got); diff != "" {
		t.Errorf("merge options (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{4546, 4545, 4546, 4545, 4546, 2272}, into.batches); diff != "" || calls != 6 {
		t.Errorf("progress called %d times for batches (-want +got):\n%s", calls, diff)
	}
}

func TestFileOwnCallMissing(t *testing.T) {
	account, err := intake.File(t.Context(), strings.NewReader(required+"<EOR>"+required+"<STATION_CALLSIGN:6>DK9XYZ<EOR>"), options(), &counter{fail: -1})
	if err != nil || account.OwnCallMissing != 1 {
		t.Errorf("%d without own call (%v), want 1", account.OwnCallMissing, err)
	}
}

func TestFileRefused(t *testing.T) {
	account, err := intake.File(t.Context(), strings.NewReader("<html>"), options(), &counter{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(account)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"outcome":"refused","refused_kind":"html","message":"adif: html: this is a web page (HTML), not a log; perhaps a sign-in page was saved instead of the log",` +
		`"read":0,"added":0,"updated":0,"unchanged":0,"skipped":0,"rejected":0,"own_call_missing":0,"rejects":[]}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("account (-want +got):\n%s", diff)
	}
}

// TestFileErrors holds that an error ends the import, says so, and leaves no
// goroutine behind.
func TestFileErrors(t *testing.T) {
	log := goodThenBad(40_000)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name string
		ctx  context.Context
		src  io.Reader
		into *counter
		want error
		read int // at least
	}{
		{"merger", t.Context(), strings.NewReader(log), &counter{fail: 1}, errFull, 5_000},
		{"source", t.Context(), io.MultiReader(strings.NewReader(log), iotest.ErrReader(io.ErrUnexpectedEOF)), &counter{fail: -1}, io.ErrUnexpectedEOF, 44_000},
		{"cancelled", cancelled, strings.NewReader(log), &counter{fail: -1}, context.Canceled, 0},
		{"rejects cannot be written", t.Context(), strings.NewReader(log), &counter{fail: -1}, io.ErrClosedPipe, 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			opt := options()
			if c.want == io.ErrClosedPipe {
				r, w := io.Pipe()
				_ = r.Close()
				opt.Rejects = w
			}
			account, err := intake.File(c.ctx, c.src, opt, c.into)
			if !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if account.Read < c.read {
				t.Errorf("account says %d read, want %d or more", account.Read, c.read)
			}
		})
	}
}

func ExampleFile() {
	log := "<CALL:6>DL1ABC<QSO_DATE:8>20250314<TIME_ON:4>1015<BAND:3>20m<MODE:2>CW<EOR>"
	account, err := intake.File(context.Background(), strings.NewReader(log), options(), &memoryLog{})
	fmt.Println(account.Outcome, account.Read, "read,", account.Added, "added", err)
	// Output:
	// imported 1 read, 1 added <nil>
}

// TestFileHugeFields holds the size of batches: memory must not grow with what
// records hold.
func TestFileHugeFields(t *testing.T) {
	record := required + "<STATION_CALLSIGN:6>DK9XYZ<NOTES:1000000>" + strings.Repeat("x", 1_000_000) + "<EOR>\n"
	into := &counter{fail: -1}
	account, err := intake.File(t.Context(), strings.NewReader(strings.Repeat(record, 50)), options(), into)
	if err != nil || account.Read != 50 {
		t.Fatalf("%+v, %v", account, err)
	}
	if diff := cmp.Diff([]int{17, 17, 16}, into.batches); diff != "" {
		t.Errorf("batches (-want +got):\n%s", diff)
	}
}
