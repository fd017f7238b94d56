package syncers_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/syncers"
)

func ExampleSchedule_Preview() {
	schedule, err := syncers.ParseSchedule("15 */6 * * *", syncers.ShortestSync)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range schedule.Preview(time.Date(2026, 2, 11, 7, 0, 0, 0, time.UTC), 3) {
		fmt.Println(t.Format(time.DateTime))
	}
	// Output:
	// 2026-02-11 12:15:00
	// 2026-02-11 18:15:00
	// 2026-02-12 00:15:00
}

func TestParseSchedule(t *testing.T) {
	for text, good := range map[string]bool{
		"": true, " @every  6h ": true, "@daily": true, "0 4 * * 1-5": true, "@every 1h": true, "5,20 3 29 2 *": false, "0 0 29 2 *": true,
		"* * * * *": false, "*/30 * * * *": false, "@every 59m": false, "0 0 30 2 *": false, "CRON_TZ=UTC 0 4 * * *": false,
		"TZ=Europe/Berlin @daily": false, "every day": false, "0 25 * * *": false, "@reboot": false, "0 0,23 * * *": true,
	} {
		schedule, err := syncers.ParseSchedule(text, syncers.ShortestSync)
		if (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
		if err != nil {
			continue
		}
		if again, err := syncers.ParseSchedule(schedule.String(), syncers.ShortestSync); err != nil || again.String() != schedule.String() {
			t.Errorf("%q is printed as %q: %v", text, schedule, err)
		}
	}
}

func TestBackoff(t *testing.T) {
	for _, test := range []struct {
		class syncers.Class
		n     int
		asked time.Duration
		want  time.Duration
	}{
		{syncers.Down, 1, 0, 10 * time.Minute},
		{syncers.Down, 3, 0, 40 * time.Minute},
		{syncers.Down, 1, time.Hour, time.Hour},
		{syncers.Down, 1, 365 * 24 * time.Hour, 7 * 24 * time.Hour},
		{syncers.Down, 1000, 0, 24 * time.Hour},
		{syncers.Rate, 1, time.Minute, 3 * time.Hour},
		{syncers.Truncated, 2, 0, 30 * time.Minute},
		{syncers.Protocol, 1, 0, time.Hour},
		{syncers.Auth, 1, 0, time.Hour},
	} {
		if got := syncers.Backoff(test.class, test.n, test.asked); got != test.want {
			t.Errorf("%s, failure %d, asked for %v: %v, want %v", test.class, test.n, test.asked, got, test.want)
		}
	}
}

func TestNextDue(t *testing.T) {
	at := func(hours float64) time.Time { return bubble.Add(time.Duration(hours * float64(time.Hour))) }
	schedule, err := syncers.ParseSchedule("", 0)
	if err != nil {
		t.Fatal(err)
	}
	clock, err := syncers.ParseSchedule("0 */6 * * *", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name     string
		schedule syncers.Schedule
		account  syncers.Account
		last     syncers.Run
		want     syncers.Due
	}{
		{"never ran", schedule, syncers.Account{}, syncers.Run{}, syncers.Due{At: at(100)}},
		{"switched off", schedule, syncers.Account{Paused: true}, syncers.Run{}, syncers.Due{Paused: "switched off"}},
		{"after a good run", schedule, syncers.Account{}, syncers.Run{Run: 1, Class: syncers.OK, Started: at(99)}, syncers.Due{At: at(105)}},
		{"missed", schedule, syncers.Account{}, syncers.Run{Run: 1, Class: syncers.OK, Started: at(3)}, syncers.Due{At: at(9)}},
		{"down: again before the schedule", schedule, syncers.Account{}, syncers.Run{Run: 2, Class: syncers.Down, Started: at(99), NotBefore: at(99.5)}, syncers.Due{At: at(99.5), Retry: true}},
		{"rate: not before it may, by the schedule", clock, syncers.Account{}, syncers.Run{Run: 2, Class: syncers.Rate, Started: at(95), NotBefore: at(97)}, syncers.Due{At: at(102)}},
		{"rate: a distance only", schedule, syncers.Account{}, syncers.Run{Run: 2, Class: syncers.Rate, Started: at(90), NotBefore: at(98)}, syncers.Due{At: at(98)}},
		{"protocol: by the schedule", schedule, syncers.Account{}, syncers.Run{Run: 2, Class: syncers.Protocol, Started: at(99), NotBefore: at(100)}, syncers.Due{At: at(105)}},
		{"one refusal", schedule, syncers.Account{Revision: 3}, syncers.Run{Run: 2, Class: syncers.Auth, Refusals: 1, Revision: 3, Started: at(99), NotBefore: at(100)}, syncers.Due{At: at(105)}},
		{"two refusals", schedule, syncers.Account{Revision: 3}, syncers.Run{Run: 2, Class: syncers.Auth, Refusals: 2, Revision: 3, Started: at(99)}, syncers.Due{Paused: "login refused"}},
		{"two refusals, then edited", schedule, syncers.Account{Revision: 4}, syncers.Run{Run: 2, Class: syncers.Auth, Refusals: 2, Revision: 3, Started: at(99), NotBefore: at(100)}, syncers.Due{At: at(105)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, syncers.NextDue(test.schedule, test.account, test.last, at(100))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
