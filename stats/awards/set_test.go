package awards_test

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/qso/dxcc"
	"qslbox/stats/awards"
)

// A club's own award is a file. A faulty one is reported and hides no other.
func ExampleSet_With() {
	table, _ := dxcc.New()
	builtIn, _ := awards.NewSet(table)
	set, faults := builtIn.With(map[string][]byte{
		"club.json": []byte(`{
			"version": 1, "id": "club-50", "name": "50 years of our club",
			"key": {"kind": "call", "list": [{"key": "DL1ABC"}, {"key": "DK9XYZ"}, {"key": "DL0XYZ"}]},
			"confirm": {"sources": ["log"]},
			"levels": [{"name": "Bronze", "need": 2}, {"name": "Gold", "need": 3}]
		}`),
		"typo.json": []byte(`{"version": 1, "id": "typo", "name": "Typo", "key": {"kind": "cal"}, "confirm": {"sources": ["log"]}}`),
	})
	for _, err := range faults {
		fmt.Println(err.Error()[:46])
	}
	log := columns.New()
	for i, call := range []qso.Call{"DL1ABC", "DK9XYZ", "DL1ABC"} {
		log.Put(&qso.QSO{ID: uint64(i + 1), Call: call, Own: "DK9XYZ", Band: 9, Mode: qso.Mode{Name: "CW"}, Start: qso.Time(1_700_000_000 + i)})
	}
	award, _ := set.Get("club-50")
	t := award.Table(log, awards.Options{})
	fmt.Println(t.Count.Worked, "members, needed:", t.Needed)
	for _, l := range t.Levels {
		fmt.Println(l.Name, l.Have, "of", l.Need)
	}
	// Output:
	// typo.json: key.kind: "cal" is not known; write
	// 2 members, needed: [DL0XYZ]
	// Bronze 2 of 2
	// Gold 2 of 3
}

// TestBuiltIn holds each definition that comes with the program to what pages
// show of it.
func TestBuiltIn(t *testing.T) {
	set := newSet(t)
	files, err := os.ReadDir("definitions")
	if err != nil {
		t.Fatal(err)
	}
	if len(set.All()) != len(files) || len(files) < 29 {
		t.Errorf("%d awards of %d files", len(set.All()), len(files))
	}
	kinds := regexp.MustCompile(`https://[a-z0-9.-]+`)
	for i, a := range set.All() {
		d := a.Definition()
		if i == 0 && d.ID != "dxcc" {
			t.Errorf("the list begins with %s", d.ID)
		}
		if a.File() != d.ID+".json" || a.Custom() {
			t.Errorf("%s is in %s, custom %v", d.ID, a.File(), a.Custom())
		}
		for what, text := range map[string]string{
			"name": d.Name.EN, "name.de": d.Name.DE, "rules.text": d.Rules.Text.EN, "rules.text.de": d.Rules.Text.DE, "issuer": d.Issuer,
		} {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s: %s is missing", d.ID, what)
			}
		}
		if d.Rules.Text.EN == d.Rules.Text.DE {
			t.Errorf("%s: the rules are not translated", d.ID)
		}
		if !kinds.MatchString(d.Rules.Source) {
			t.Errorf("%s: rules.source %q says not where the rules are written", d.ID, d.Rules.Source)
		}
		if len(d.Levels) == 0 && !strings.HasPrefix(d.ID, "dok-") {
			t.Errorf("%s has no level", d.ID)
		}
		if got, ok := set.Get(d.ID); !ok || got != a {
			t.Errorf("Get(%q) = %v, %v", d.ID, got, ok)
		}
		if n := len(a.SlotNames()); n != len(slices.Compact(slices.Sorted(slices.Values(a.SlotNames())))) {
			t.Errorf("%s: two slots of one name: %v", d.ID, a.SlotNames())
		}
	}
}

// base is a definition that is right; the faults below change one thing each.
const base = `{"version": 1, "id": "x", "name": "X", "key": {"kind": "call"}, "confirm": {"sources": ["log"]}}`

func TestFaults(t *testing.T) {
	set := newSet(t)
	if _, faults := set.With(map[string][]byte{"x.json": []byte(base)}); len(faults) > 0 {
		t.Fatal(faults)
	}
	change := func(from, to string) string {
		if !strings.Contains(base, from) {
			t.Fatalf("%q is not in the base", from)
		}
		return strings.Replace(base, from, to, 1)
	}
	add := func(member string) string { return change(`"name": "X"`, `"name": "X", `+member) }
	key := func(text string) string { return change(`{"kind": "call"}`, text) }
	for name, tc := range map[string]struct{ text, member string }{
		"no JSON":             {"{\n\"version\": 1,\n}", "line 3"},
		"empty":               {"", ""},
		"cut off":             {base[:40], ""},
		"two of them":         {base + base, ""},
		"wrong kind of value": {change(`"x"`, `7`), "id"},
		"unknown member":      {add(`"colour": "red"`), "colour"},
		"unknown deep member": {add(`"slots": {"band": true}`), "band"},
		"version":             {change(`"version": 1`, `"version": 2`), "version"},
		"no id":               {change(`"x"`, `""`), "id"},
		"id with blanks":      {change(`"x"`, `"my award"`), "id"},
		"id as a path":        {change(`"x"`, `"../x"`), "id"},
		"no name":             {change(`"X"`, `""`), "name"},
		"kind":                {key(`{"kind": "planet"}`), "key.kind"},
		"no kind":             {key(`{}`), "key.kind"},
		"table":               {key(`{"kind": "call", "from": "planets"}`), "key.from"},
		"keys are missing":    {key(`{"kind": "cqzone"}`), "key.from"},
		"pattern":             {key(`{"kind": "state", "pattern": "("}`), "key.pattern"},
		"sig":                 {key(`{"kind": "sig"}`), "key.sig"},
		"deleted":             {key(`{"kind": "call", "deleted": "maybe"}`), "key.deleted"},
		"groups":              {key(`{"kind": "call", "groups": "colour"}`), "key.groups"},
		"key twice":           {key(`{"kind": "state", "list": [{"key": "A"}, {"key": "A"}]}`), "key.list"},
		"key without text":    {key(`{"kind": "state", "list": [{"name": "A"}]}`), "key.list"},
		"key's day":           {key(`{"kind": "state", "list": [{"key": "A", "from": "1.1.1980"}]}`), "key.list.from"},
		"moved nowhere":       {key(`{"kind": "continent", "continents": {"248": "XX"}}`), "key.continents"},
		"satellite":           {add(`"satellite": "yes"`), "satellite"},
		"entity":              {add(`"filter": {"entities": [999]}`), "filter.entities"},
		"own entity":          {add(`"filter": {"own_entities": [-1]}`), "filter.own_entities"},
		"band":                {add(`"filter": {"bands": ["19m"]}`), "filter.bands"},
		"band left out":       {add(`"filter": {"not_bands": ["19m"]}`), "filter.not_bands"},
		"class":               {add(`"filter": {"classes": ["FM"]}`), "filter.classes"},
		"date":                {add(`"filter": {"from": "1980-02-30"}`), "filter.from"},
		"no days left":        {add(`"filter": {"from": "2020-01-01", "to": "2020-01-01"}`), "filter.to"},
		"call":                {add(`"filter": {"calls": ["["]}`), "filter.calls"},
		"own call":            {add(`"filter": {"own_calls": [""]}`), "filter.own_calls"},
		"source":              {change(`["log"]`, `["cloud"]`), "confirm.sources"},
		"no source":           {change(`["log"]`, `[]`), "confirm.sources"},
		"credit":              {add(`"credits": [{"credit": "DXCC", "slot": "key"}]`), "credits.slot"},
		"class rule":          {add(`"class_rules": [{"class": "SSB"}]`), "class_rules.class"},
		"level":               {add(`"levels": [{"name": "A"}]`), "levels[0]"},
		"level of two kinds":  {add(`"levels": [{"need": 1, "steps": [1]}]`), "levels[0]"},
		"steps":               {add(`"levels": [{"need": 1}, {"steps": [3, 2]}]`), "levels[1].steps"},
		"slot":                {add(`"levels": [{"need": 1, "slot": "20m"}]`), "levels[0].slot"},
		"bands not counted":   {add(`"levels": [{"need": 1, "per": ["bands"]}]`), "levels[0].per"},
		"points nobody gives": {add(`"levels": [{"need": 1, "points": 5}]`), "levels[0].points"},
		"points":              {add(`"points": {"per": "mode"}`), "points.per"},
		"cap":                 {add(`"points": {"per": "band", "cap": -1}`), "points.cap"},
		"distance":            {add(`"own": {"within": [{"km": 0}]}`), "own.within.km"},
		"distance's band":     {add(`"own": {"within": [{"km": 80, "bands": ["9m"]}]}`), "own.within.bands"},
		"built-in":            {change(`"x"`, `"dxcc"`), "id"},
	} {
		t.Run(name, func(t *testing.T) {
			with, faults := set.With(map[string][]byte{"a-good.json": []byte(change(`"x"`, `"good"`)), "faulty.json": []byte(tc.text)})
			if len(faults) != 1 || len(with.All()) != len(set.All())+1 {
				t.Fatalf("faults %v, %d awards, want one of each more than %d", faults, len(with.All()), len(set.All()))
			}
			var fault *awards.FileError
			if !errors.As(faults[0], &fault) || !errors.Is(faults[0], awards.ErrDefinition) {
				t.Fatalf("error %T: %v", faults[0], faults[0])
			}
			if fault.File != "faulty.json" || fault.Member != tc.member || fault.Problem == "" || fault.Remedy == "" {
				t.Errorf("fault %+v, want in %s", *fault, tc.member)
			}
		})
	}
}

func TestSameIDTwice(t *testing.T) {
	set, faults := newSet(t).With(map[string][]byte{"b.json": []byte(base), "a.json": []byte(base)})
	a, ok := set.Get("x")
	if !ok || a.File() != "a.json" || len(faults) != 1 || !strings.HasPrefix(faults[0].Error(), "b.json: id: ") {
		t.Errorf("award of %v, faults %v", a, faults)
	}
}

// examples are the definitions in docs/awards.md, and that page.
func examples(tb testing.TB) (files map[string][]byte, page string) {
	tb.Helper()
	data, err := os.ReadFile("../../docs/awards.md")
	if err != nil {
		tb.Fatal(err)
	}
	files = map[string][]byte{}
	for _, block := range regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(string(data), -1) {
		files[fmt.Sprintf("%d.json", len(files)+1)] = []byte(block[1])
	}
	return files, string(data)
}

// TestDocs compiles the examples of docs/awards.md and finds every member of a
// definition in it.
func TestDocs(t *testing.T) {
	files, page := examples(t)
	if _, faults := newSet(t).With(files); len(faults) > 0 || len(files) != 2 {
		t.Errorf("%d examples: %v", len(files), faults)
	}
	var missing []string
	members(reflect.TypeFor[awards.Definition](), func(name string) {
		if !strings.Contains(page, "`"+name+"`") {
			missing = append(missing, name)
		}
	})
	if diff := cmp.Diff([]string(nil), missing); diff != "" {
		t.Errorf("docs/awards.md does not name (-want +got):\n%s", diff)
	}
}

// members calls fn with the JSON names of a type's fields, deep ones too.
func members(of reflect.Type, fn func(name string)) {
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice:
		members(of.Elem(), fn)
	case reflect.Struct:
		for i := range of.NumField() {
			fn(of.Field(i).Tag.Get("json"))
			members(of.Field(i).Type, fn)
		}
	}
}

// FuzzParse: no text makes the program fall over, and what is taken compiles or
// is refused with a reason.
func FuzzParse(f *testing.F) {
	files, err := os.ReadDir("definitions")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile("definitions/" + file.Name())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(base))
	set := newSet(f)
	log := columns.New()
	log.Put(&qso.QSO{ID: 1, Call: "DL1ABC", Own: "DK9XYZ", Band: 9, Mode: qso.Mode{Name: "CW"}, Start: 1_700_000_000, DXCC: 230})
	f.Fuzz(func(t *testing.T, data []byte) {
		with, faults := set.With(map[string][]byte{"f.json": data})
		if len(with.All())+len(faults) != len(set.All())+1 {
			t.Fatalf("%d awards and %v", len(with.All()), faults)
		}
		for _, a := range with.All() {
			if a.Custom() {
				a.Table(log, awards.Options{}).AppendJSON(nil)
			}
		}
	})
}
