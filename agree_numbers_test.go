package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// figures are the numbers of an award that every way shows.
type figures struct{ worked, confirmed int }

// number reads a number as pages write it.
func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text))
	if err != nil {
		t.Fatalf("%q is no number", text)
	}
	return n
}

// TestNumbersAgree walks dashboard, list of awards, award pages, API, CSV and
// command line on the sample log: each award has the same numbers everywhere.
func TestNumbersAgree(t *testing.T) {
	b := newBox(t)
	b.ok("import", b.sample(1500))
	want := map[string]figures{}
	var ids []string
	for _, line := range strings.Split(strings.TrimSpace(b.ok("award")), "\n")[1:] {
		cells := strings.Fields(line)
		ids = append(ids, cells[0])
		want[cells[0]] = figures{number(t, cells[1]), number(t, cells[2])}
	}
	if len(ids) < 29 || want["dxcc"].confirmed == 0 || want["dxcc"].worked == want["dxcc"].confirmed {
		t.Fatalf("qslbox award: %v", want)
	}
	differ := func(where, id string, got figures) {
		t.Helper()
		if got != want[id] {
			t.Errorf("%s: %s has %+v, qslbox award %+v", where, id, got, want[id])
		}
	}
	if out := b.ok("award", "dxcc"); !strings.HasPrefix(out, fmt.Sprintf("dxcc: %d worked, %d confirmed", want["dxcc"].worked, want["dxcc"].confirmed)) {
		t.Errorf("qslbox award dxcc: %.80s", out)
	}
	var stats struct {
		Unique struct{ Entities int }
	}
	if err := json.Unmarshal([]byte(b.ok("stats", "--json")), &stats); err != nil || stats.Unique.Entities != want["dxcc"].worked {
		t.Errorf("qslbox stats: %d entities (%v), dxcc has %d", stats.Unique.Entities, err, want["dxcc"].worked)
	}

	a := opened(t, b)
	defer a.close()
	page := func(path string) string {
		t.Helper()
		status, body := asked(a, path)
		if status != 200 {
			t.Fatalf("%s: %d", path, status)
		}
		return body
	}
	list, home := page("/awards"), page("/")
	figure := func(body, name string) int {
		t.Helper()
		m := regexp.MustCompile(`<dt[^>]*>(?:<a[^>]*>)?` + name + `(?:</a>)?</dt><dd>(?:<a[^>]*>)?([^<]*)(?:</a>)?</dd>`).FindStringSubmatch(body)
		if m == nil {
			t.Fatalf("the page has no figure %q", name)
		}
		return number(t, m[1])
	}
	for _, id := range ids {
		body := page("/awards/" + id)
		differ("the award's page", id, figures{figure(body, "Worked"), figure(body, "Confirmed")})
		differ("the API", id, ofJSON(t, page("/api/awards/"+id)))
		differ("the CSV", id, ofCSV(t, page("/api/awards/"+id+"/table.csv")))
		shown := func(body, where string) bool {
			m := regexp.MustCompile(`(?s)href="/awards/` + id + `">.{0,400}?([0-9,.]+)<small> / ([0-9,.]+)`).FindStringSubmatch(body)
			if m != nil {
				differ(where, id, figures{number(t, m[2]), number(t, m[1])})
			}
			return m != nil
		}
		if !shown(list, "the list of awards") {
			t.Errorf("the list of awards lacks %s", id)
		}
		if !shown(home, "the dashboard") && id == "dxcc" {
			t.Error("the dashboard lacks dxcc")
		}
	}
}

// ofJSON counts an award's keys and holds them to its figures.
func ofJSON(t *testing.T, body string) (f figures) {
	t.Helper()
	var table struct {
		Worked, Confirmed int
		Keys              []struct{ Worked, Confirmed, Deleted bool }
	}
	if err := json.Unmarshal([]byte(body), &table); err != nil {
		t.Fatal(err)
	}
	for _, k := range table.Keys {
		if k.Worked && !k.Deleted {
			f.worked++
		}
		if k.Confirmed && !k.Deleted {
			f.confirmed++
		}
	}
	if all := (figures{table.Worked, table.Confirmed}); all != f && !strings.Contains(body, `"deleted":true`) {
		t.Errorf("the figures are %+v, the keys %+v", all, f)
	}
	return figures{table.Worked, table.Confirmed}
}

// ofCSV counts the lines of an award's file.
func ofCSV(t *testing.T, body string) (f figures) {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:] {
		if strings.HasSuffix(line[1], "(deleted)") {
			continue
		}
		switch line[2] {
		case "C":
			f.confirmed++
			f.worked++
		case "W":
			f.worked++
		}
	}
	return f
}
