package words_test

import (
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/webui/words"
)

func ExampleFor() {
	de := words.For(words.German)
	now := time.Date(2025, 3, 14, 14, 6, 0, 0, time.UTC)
	fmt.Println(de.Number(12345))
	fmt.Println(de.Ago(now.Add(-73*time.Hour), now))
	fmt.Println(words.For(words.English).Count("span.hour", 1))
	// Output:
	// 12.345
	// vor 3 Tagen
	// 1 hour
}

func TestMatch(t *testing.T) {
	cases := []struct {
		name, accept string
		want         words.Language
	}{
		{"none", "", words.English},
		{"german first", "de-DE,de;q=0.9,en;q=0.8", words.German},
		{"english first", "en-GB,de;q=0.9", words.English},
		{"unknown first", "ja,de;q=0.5,en;q=0.3", words.German},
		{"weights out of order", "en;q=0.2, de;q=0.7", words.German},
		{"garbage", ";;;q=,de;q=x", words.English},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := words.Match(c.accept); got != c.want {
				t.Errorf("Match(%q) = %s, want %s", c.accept, got, c.want)
			}
		})
	}
}

// TestCatalogue holds the languages together: same keys, same arguments.
func TestCatalogue(t *testing.T) {
	argument := regexp.MustCompile(`\{\d+\}`)
	args := func(text string) []string {
		found := argument.FindAllString(text, -1)
		slices.Sort(found)
		return slices.Compact(found)
	}
	base := words.For(words.English).Keys()
	for _, l := range words.Languages()[1:] {
		other := words.For(l).Keys()
		for key, text := range base {
			theirs, ok := other[key]
			if !ok {
				t.Errorf("%s: no text for %s", l, key)
				continue
			}
			if diff := cmp.Diff(args(text), args(theirs)); diff != "" {
				t.Errorf("%s: %s: arguments (-want +got):\n%s", l, key, diff)
			}
		}
		for key := range other {
			if _, ok := base[key]; !ok {
				t.Errorf("%s: %s is not in English", l, key)
			}
		}
	}
}

func TestFormat(t *testing.T) {
	en, de := words.For(words.English), words.For(words.German)
	now := time.Date(2025, 3, 14, 14, 5, 0, 0, time.UTC)
	cases := []struct{ name, got, want string }{
		{"small number", en.Number(999), "999"},
		{"number", en.Number(1234567), "1,234,567"},
		{"negative", en.Number(-1234), "−1,234"},
		{"decimal", de.Decimal(1234.5, 2), "1.234,5"},
		{"no trailing zeros", en.Decimal(3, 2), "3"},
		{"percent", en.Percent(1, 3), "33%"},
		{"percent in German", de.Percent(1, 2), "50\u00a0%"},
		{"a little", en.Percent(1, 100000), "<1%"},
		{"not quite all", en.Percent(9999, 10000), "99%"},
		{"all", en.Percent(7, 7), "100%"},
		{"nothing of nothing", en.Percent(0, 0), "0%"},
		{"long date", en.LongDate(now), "14 March 2025"},
		{"long date in German", de.LongDate(now), "14. März 2025"},
		{"month", de.MonthShort(3), "Mär"},
		{"weekday", de.WeekdayShort(6), "So"},
		{"weekday in English", en.WeekdayShort(0), "Mon"},
		{"today", en.AsOf(now, now), "as of 14:05\u00a0UTC"},
		{"today in German", de.AsOf(now, now), "Stand 14:05\u00a0UTC"},
		{"yesterday", en.Stamp(now.AddDate(0, 0, -1), now), "2025-03-13 14:05\u00a0UTC"},
		{"yesterday in German", de.Stamp(now.AddDate(0, 0, -1), now), "13.03.2025 14:05\u00a0UTC"},
		{"day in German", de.Date(now), "14.03.2025"},
		{"day in English", en.Date(now), "2025-03-14"},
		{"frequency in German", de.Decimals("14.0437"), "14,0437"},
		{"frequency in English", en.Decimals("14.0437"), "14.0437"},
		{"sentence", en.Say("18994 records: 6 added to the log, 12007 updated."), "18,994 records: 6 added to the log, 12,007 updated."},
		{"sentence in German", de.Say("18994 records: 6 added to the log, 12007 updated."), "18.994 Einträge: 6 neu im Log, 12.007 ergänzt."},
		{"day of a sentence", de.Say("since 2026-11-01"), "seit 01.11.2026"},
		{"number of a QSO", en.Say("QSO 18994 is gone"), "QSO 18994 is gone"},
		{"just now", en.Ago(now.Add(-5*time.Second), now), "just now"},
		{"an hour", en.Ago(now.Add(-61*time.Minute), now), "1 hour ago"},
		{"in days", de.In(now.Add(49*time.Hour), now), "in 2 Tagen"},
		{"span", de.Span(49*time.Hour, false), "2 Tage"},
		{"micro", en.Millis(1500 * time.Nanosecond), "1.5\u00a0µs"},
		{"milli", de.Millis(12345 * time.Microsecond), "12,3\u00a0ms"},
		{"seconds", en.Millis(1500 * time.Millisecond), "1.5\u00a0s"},
		{"no time", en.Millis(0), "0\u00a0ms"},
		{"bytes", en.Bytes(512), "512\u00a0B"},
		{"megabytes", de.Bytes(40 << 20), "40\u00a0MB"},
		{"unknown key", en.Text("no.such.key"), "no.such.key"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, c.got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
