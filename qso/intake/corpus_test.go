package intake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/qso/adif"
	"qslbox/qso/intake"
)

// corpusCase is one case of the corpus; see its README for the members.
type corpusCase struct {
	Outcome         string
	RefusedKind     string `json:"refused_kind"`
	Records         int
	Duplicates      int
	Rejected        int
	RejectedReasons []string `json:"rejected_reasons"`
	QSOs            []map[string]any
	Generate        []map[string]any
	SpotChecks      []map[string]any `json:"spot_checks"`
	MustNotContain  []string         `json:"must_not_contain"`
	DefaultOwnCall  string           `json:"default_own_call"`
	AcceptAlso      []map[string]any `json:"accept_also"`
}

// memoryLog is a log in memory that merges by the rules of package qso.
type memoryLog struct{ qsos []*qso.QSO }

func (l *memoryLog) Merge(_ context.Context, batch []*qso.QSO, opt intake.MergeOptions) ([]intake.Outcome, error) {
	var out []intake.Outcome
	for _, q := range batch {
		out = append(out, l.one(q, opt))
	}
	return out, nil
}

func (l *memoryLog) one(q *qso.QSO, opt intake.MergeOptions) intake.Outcome {
	for _, old := range l.qsos {
		if qso.Same(old, q) {
			change := qso.Merge(old, q, opt.Rule)
			result := intake.Updated
			if change.Empty() {
				result = intake.Unchanged
			}
			return intake.Outcome{ID: old.ID, Result: result, Change: change}
		}
	}
	added := q.Clone()
	added.ID = uint64(len(l.qsos) + 1)
	l.qsos = append(l.qsos, added)
	return intake.Outcome{ID: added.ID, Result: intake.Added}
}

// export writes the log as ADIF, as an export of qslbox does.
func (l *memoryLog) export(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	w := adif.NewWriter(&out, adif.FileHeader{ProgramID: "qslbox"})
	for _, q := range l.qsos {
		if err := w.Write(q.ADIF()); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func corpusNow() time.Time { return time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC) }

func importInto(t testing.TB, l *memoryLog, data []byte, defaultOwn string) intake.Account {
	t.Helper()
	opt := intake.Options{Config: intake.Config{Now: corpusNow, DefaultOwn: qso.Call(defaultOwn)}}
	account, err := intake.File(t.Context(), bytes.NewReader(data), opt, l)
	if err != nil {
		t.Fatal(err)
	}
	return account
}

func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("testdata/corpus/*.json")
	if err != nil || len(files) < 78 {
		t.Fatalf("found %d cases: %v", len(files), err)
	}
	quirks, err := filepath.Glob("testdata/quirks/*.json")
	if err != nil || len(quirks) < 12 {
		t.Fatalf("found %d quirks: %v", len(quirks), err)
	}
	for _, file := range append(files, quirks...) {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			var want corpusCase
			data, err := os.ReadFile(file)
			if err == nil {
				err = json.Unmarshal(data, &want)
			}
			if err != nil {
				t.Fatal(err)
			}
			input := generate(want.Generate)
			if want.Generate == nil {
				if input, err = os.ReadFile(strings.TrimSuffix(file, ".json") + ".adi"); err != nil {
					t.Fatal(err)
				}
			}
			checkCase(t, input, &want)
		})
	}
}

func checkCase(t *testing.T, input []byte, want *corpusCase) {
	l := &memoryLog{}
	account := importInto(t, l, input, want.DefaultOwnCall)
	got := map[string]any{
		"outcome": account.Outcome, "refused_kind": string(account.RefusedKind), "records": account.Added,
		"duplicates": account.Updated + account.Unchanged, "rejected": account.Rejected, "rejected_reasons": reasons(account),
	}
	main := map[string]any{
		"outcome": want.Outcome, "refused_kind": want.RefusedKind, "records": want.Records,
		"duplicates": want.Duplicates, "rejected": want.Rejected, "rejected_reasons": append([]string{}, want.RejectedReasons...),
	}
	checkQSOs, diff := true, cmp.Diff(main, got)
	for _, also := range want.AcceptAlso {
		if diff == "" {
			break
		}
		if accepted(main, also, got) {
			diff, checkQSOs = "", false
		}
	}
	if diff != "" {
		t.Fatalf("account (-want +got):\n%s\n%+v", diff, account.Rejects)
	}
	if sum := account.Added + account.Updated + account.Unchanged + account.Skipped + account.Rejected; sum != account.Read {
		t.Errorf("read %d, but the parts add up to %d", account.Read, sum)
	}
	for _, text := range want.MustNotContain {
		for _, q := range l.qsos {
			if strings.Contains(fmt.Sprintf("%+v", *q), text) {
				t.Errorf("%q occurs in %+v", text, *q)
			}
		}
	}
	if checkQSOs && len(want.QSOs) > 0 {
		if len(want.QSOs) != len(l.qsos) {
			t.Fatalf("%d QSOs stored, want %d", len(l.qsos), len(want.QSOs))
		}
		for i, q := range l.qsos {
			checkQSO(t, i, want.QSOs[i], q)
		}
	}
	for _, spot := range want.SpotChecks {
		i := int(spot["index"].(float64))
		checkQSO(t, i, spot, l.qsos[i])
	}
	checkRoundTrip(t, l, input, want)
}

// checkRoundTrip exports, imports into an empty log, compares; then imports
// the first input once more.
func checkRoundTrip(t *testing.T, l *memoryLog, input []byte, want *corpusCase) {
	if want.Outcome == "refused" {
		return
	}
	first := l.export(t)
	second := &memoryLog{}
	importInto(t, second, first, want.DefaultOwnCall)
	if diff := cmp.Diff(string(first), string(second.export(t))); diff != "" {
		t.Errorf("export, import, export (-first +second):\n%s", diff)
	}
	if again := importInto(t, l, input, want.DefaultOwnCall); again.Added != 0 || again.Updated != 0 {
		t.Errorf("the same file again: %d added, %d updated", again.Added, again.Updated)
	}
}

func reasons(a intake.Account) []string {
	out := []string{}
	for _, r := range a.Rejects {
		out = append(out, string(r.Reason))
	}
	return out
}

// accepted reports whether got is the main answer with the differing keys of
// an accept_also entry.
func accepted(main, also, got map[string]any) bool {
	for key, value := range main {
		if other, ok := also[key]; ok {
			value = other
		}
		a, _ := json.Marshal(value)
		b, _ := json.Marshal(got[key])
		if !bytes.Equal(a, b) {
			return false
		}
	}
	return true
}

// checkQSO compares the members that the case names.
func checkQSO(t *testing.T, i int, want map[string]any, q *qso.QSO) {
	t.Helper()
	var got map[string]any
	if err := json.Unmarshal(q.AppendJSON(nil), &got); err != nil {
		t.Fatal(err)
	}
	for key, value := range want {
		switch key {
		case "index":
		case "extra":
			for name, text := range value.(map[string]any) {
				if have, ok := member(got, name); !ok || have != text {
					t.Errorf("QSO %d: field %s = %v, want %v", i, name, have, text)
				}
			}
		case "absent":
			for _, name := range value.([]any) {
				if have, ok := got[name.(string)]; ok {
					t.Errorf("QSO %d: %s = %v, want none", i, name, have)
				}
			}
		case "any_of":
			for name, allowed := range value.(map[string]any) {
				have, ok := got[name]
				if !ok {
					have = ""
				}
				if !slices.Contains(allowed.([]any), have) {
					t.Errorf("QSO %d: %s = %v, want one of %v", i, name, have, allowed)
				}
			}
		case "gridsquare_starts":
			if have, _ := got["gridsquare"].(string); !strings.HasPrefix(have, value.(string)) {
				t.Errorf("QSO %d: gridsquare %q does not begin with %s", i, have, value)
			}
		case "dxcc":
			if have, ok := got[key]; (ok || value != 0.0) && have != value {
				t.Errorf("QSO %d: dxcc = %v, want %v", i, have, value)
			}
		default:
			if diff := cmp.Diff(value, got[key]); diff != "" {
				t.Errorf("QSO %d: %s (-want +got):\n%s", i, key, diff)
			}
		}
	}
}

// member finds a field by name in any letter case, at the top or under extra.
func member(got map[string]any, name string) (any, bool) {
	for key, value := range got {
		if strings.EqualFold(key, name) {
			return value, true
		}
	}
	extra, _ := got["extra"].(map[string]any)
	for key, value := range extra {
		if strings.EqualFold(key, name) {
			return value, true
		}
	}
	return nil, false
}

// generate builds the bytes of a generated case.
func generate(steps []map[string]any) []byte {
	var out bytes.Buffer
	for _, step := range steps {
		switch {
		case step["text"] != nil:
			out.WriteString(step["text"].(string))
		case step["repeat"] != nil:
			out.WriteString(strings.Repeat(step["repeat"].(string), int(step["times"].(float64))))
		case step["pad_to"] != nil:
			for out.Len() < int(step["pad_to"].(float64)) {
				out.WriteString(step["with"].(string))
			}
		case step["seq"] != nil:
			for n := int(step["from"].(float64)); n <= int(step["to"].(float64)); n++ {
				letters := string([]byte{byte('A' + n/676%26), byte('A' + n/26%26), byte('A' + n%26)})
				out.WriteString(strings.NewReplacer("{aaa}", letters, "{hh}", fmt.Sprintf("%02d", n/60%24),
					"{mm}", fmt.Sprintf("%02d", n%60), "{dd}", fmt.Sprintf("%02d", 1+n/1440)).Replace(step["seq"].(string)))
			}
		}
	}
	return out.Bytes()
}
