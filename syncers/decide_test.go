package syncers_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/syncers"
	"qslbox/syncers/syncerstest"
)

// The QSO under another own call is found although the log holds other QSOs
// with that call under the very own call, as it does in the middle of a
// download.
func TestUnderAnotherOwnCall(t *testing.T) {
	portable := contact{ID: 1, Own: "DK9XYZ/P", Call: "DL1ABC", Time: "2025-03-14T10:00:00Z", Band: "20m", Mode: "CW"}
	otherBand := contact{ID: 2, Own: "DK9XYZ", Call: "DL1ABC", Time: "2025-03-14T10:00:00Z", Band: "40m", Mode: "CW"}
	otherDay := contact{ID: 3, Own: "DK9XYZ", Call: "DL1ABC", Time: "2025-03-15T10:00:00Z", Band: "20m", Mode: "CW"}
	taken := contact{ID: 4, Own: "DK9XYZ", Call: "DL1ABC", Time: "2025-03-14T10:00:00Z", Band: "20m", Mode: "CW"}
	held := portable
	held.LoTWRecord = &struct {
		Time string `json:"time"`
		Mode string `json:"mode"`
	}{"2025-03-14T10:00:00Z", "CW"}
	record := contact{Own: "DK9XYZ", Call: "DL1ABC", Time: "2025-03-14T10:02:00Z", Band: "20m", Mode: "CW", Source: "lotw", Kind: "own"}
	better := record
	better.Time = "2025-03-14T10:00:00Z"
	listed := syncers.Decision{Verdict: syncers.Verdict{OtherOwn: 1}, Action: syncers.DoList}
	for _, test := range []struct {
		name    string
		log     []contact
		records []contact
		want    syncers.Decision // of the first record
	}{
		{"nothing else", []contact{portable}, []contact{record}, listed},
		{"another band is there", []contact{portable, otherBand}, []contact{record}, listed},
		{"another day is there", []contact{portable, otherDay}, []contact{record}, listed},
		{"its own QSO is another record's", []contact{portable, taken}, []contact{record, better}, listed},
		{"that one has a record of its own", []contact{held}, []contact{record}, syncers.Decision{Action: syncers.DoAdd}},
		{"that one has a record of its own, another day is there", []contact{held, otherDay}, []contact{record}, syncers.Decision{Action: syncers.DoAdd}},
	} {
		t.Run(test.name, func(t *testing.T) {
			book := syncerstest.NewBook()
			for _, q := range test.log {
				book.Put(q.qso())
			}
			var records []syncers.Record
			for _, r := range test.records {
				records = append(records, syncers.Record{Kind: syncers.OwnQSO, QSO: r.qso()})
			}
			got := syncers.Decide(records, book, syncers.DecideRules{Rules: syncers.Rules{Source: qso.LoTW}, AddMissing: true})[0]
			got.Nearest = 0
			if got.Action == syncers.DoAdd {
				got.Verdict = syncers.Verdict{}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
