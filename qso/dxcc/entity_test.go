package dxcc_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/qso/dxcc"
)

func qsoCall(s string) qso.Call { return qso.Call(s) }

func TestEntities(t *testing.T) {
	table := newTable(t)
	current, names := 0, map[string]bool{}
	for _, e := range table.Entities() {
		if !e.Deleted {
			current++
		}
		if names[e.Name] {
			t.Errorf("two entities are named %q", e.Name)
		}
		names[e.Name] = true
		if e.Deleted != e.Ended.Given() || e.CQZone < 1 || e.CQZone > 40 || e.ITUZone < 1 || e.ITUZone > 90 {
			t.Errorf("%d %s: deleted %v, ended %v, zones %d %d", e.Code, e.Name, e.Deleted, e.Ended, e.CQZone, e.ITUZone)
		}
	}
	if len(names) != 402 || current != 340 {
		t.Errorf("%d entities, %d current; want 402, 340", len(names), current)
	}
	gdr, ok := table.Entity(229)
	if !ok || !gdr.Valid(date(t, "1990-10-02")) || gdr.Valid(date(t, "1990-10-03")) || gdr.Valid(date(t, "1973-09-16")) {
		t.Errorf("German Democratic Republic: %+v", gdr)
	}
	for _, none := range []uint16{0, 73, 999} {
		if e, ok := table.Entity(none); ok {
			t.Errorf("Entity(%d) = %v", none, e.Name)
		}
	}
}

func TestByName(t *testing.T) {
	table := newTable(t)
	for name, want := range map[string]uint16{
		"Germany": 230, "FEDERAL REPUBLIC OF GERMANY": 230, "Fed. Rep. of Germany": 230, "united states": 291,
		"Comoros": 411, "Palestine": 510, "Dem. Rep. of the Congo": 414, "Republic of the Congo": 412, "St. Lucia": 97,
		"Saint Lucia": 97, "Peter I Island": 199, "PETER 1 I.": 199, "Cocos (Keeling) Islands": 38, "Cocos Island": 37,
		"Cote d'Ivoire": 428, "VIRGIN IS.": 285, "British Virgin Islands": 65, "Åland Islands": 5, "Curaçao": 517,
		"Atlantis": 0, "": 0, "- None - (E.g. /Mm, /Am)": 0,
	} {
		if got, ok := table.ByName(name); got != want || ok != (want != 0) {
			t.Errorf("ByName(%q) = %d, %v, want %d", name, got, ok, want)
		}
	}
	for _, e := range table.Entities() {
		if e.Deleted {
			continue
		}
		for _, name := range []string{e.Name, e.ADIFName, strings.ToLower(e.Name)} {
			if got, _ := table.ByName(name); got != e.Code {
				t.Errorf("ByName(%q) = %d, want %d", name, got, e.Code)
			}
		}
	}
}

func TestState(t *testing.T) {
	table := newTable(t)
	for _, c := range []struct {
		dxcc            uint16
		code, name, was string
	}{
		{291, "dc", "District of Columbia", "MD"},
		{6, "AK", "Alaska", "AK"},
		{1, "ON", "Ontario", ""},
		{15, "PM", "Perm'", ""},
		{291, "XX", "", ""},
		{291, "", "", ""},
		{0, "MD", "", ""},
	} {
		got, ok := table.State(c.dxcc, c.code)
		if got.Name != c.name || got.WAS != c.was || ok != (c.name != "") {
			t.Errorf("State(%d, %q) = %+v, %v", c.dxcc, c.code, got, ok)
		}
	}
	was := map[string]bool{}
	for _, entity := range []uint16{6, 110, 291} {
		for _, s := range table.States(entity) {
			was[s.WAS] = true
		}
	}
	if delete(was, ""); len(was) != 50 {
		t.Errorf("%d states count for WAS, want 50", len(was))
	}
}

func TestRegions(t *testing.T) {
	var codes []string
	for _, r := range dxcc.Regions() {
		if r.WAE {
			codes = append(codes, r.Code)
		}
	}
	if diff := cmp.Diff([]string{"IV", "SY", "BI", "SI", "KO", "ET"}, slices.Compact(codes)); diff != "" {
		t.Errorf("WAE regions (-want +got):\n%s", diff)
	}
}
