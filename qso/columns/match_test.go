package columns_test

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"qslbox/qso"
	"qslbox/qso/columns"
)

// passes is the filter once more, in plain words over one QSO.
func passes(f *columns.Filter, q *qso.QSO) bool {
	confirmed := func(set qso.Sources) bool { return set == 0 && q.Confirmed() != 0 || set&q.Confirmed() != 0 }
	prefix := func(text, prefix string) bool {
		return strings.HasPrefix(strings.ToUpper(text), strings.ToUpper(prefix))
	}
	called := func(name string) bool {
		return strings.EqualFold(name, q.Mode.Name) || strings.EqualFold(name, q.Mode.Sub) || strings.EqualFold(name, q.Mode.Class().String())
	}
	modes := func() bool {
		asked, found := false, false
		for _, name := range f.Modes {
			if name[0] != '-' {
				asked, found = true, found || called(name)
			} else if called(name[1:]) {
				return false
			}
		}
		return found || !asked
	}
	call, _ := path.Match(strings.ReplaceAll(f.Call, "/", "_"), strings.ReplaceAll(string(q.Call), "/", "_"))
	at := columns.TimeOf(columns.ToColumn(q.Start)).Std()
	sat := map[string]bool{"": true, "none": !q.Satellite(), "any": q.Satellite(), "QO-100": q.Satellite() && q.Get(qso.FieldSatName) == "QO-100"}
	for _, ok := range []bool{
		len(f.Own) == 0 || slices.Contains(f.Own, q.Own), f.Holder == "" || len(f.Own) > 0,
		f.From == 0 || q.Start >= f.From, f.To == 0 || q.Start < f.To,
		len(f.Bands) == 0 || slices.Contains(f.Bands, q.Band), modes(),
		sat[f.Sat], f.Operator == "" || q.Get(qso.FieldOperator) == f.Operator, f.Contest == "" || q.Get(qso.FieldContestID) == f.Contest,
		prefix(q.Get(qso.FieldMyGridsquare), f.Grid), f.ConfirmedBy == 0 || f.Confirmed != nil || confirmed(f.ConfirmedBy),
		f.Confirmed == nil || confirmed(f.ConfirmedBy) == *f.Confirmed, f.Call == "" || call,
		f.Entity == 0 || q.DXCC == f.Entity, f.Square == "" || prefix(q.Get(qso.FieldGridsquare), f.Square),
		f.Prop == "" || strings.EqualFold(q.Get(qso.FieldPropMode), f.Prop), f.Continent == "" || onContinent(f, q),
		f.Hours == 0 || f.Hours>>at.Hour()&1 == 1, f.Weekdays == 0 || f.Weekdays>>((at.Weekday()+6)%7)&1 == 1, q.ID > f.Above,
	} {
		if !ok {
			return false
		}
	}
	return true
}

// drawFilter asks for one thing mostly, and for a few at times.
func drawFilter(t *rapid.T) columns.Filter {
	var f columns.Filter
	some := func(label string) bool { return rapid.IntRange(0, 7).Draw(t, label) == 0 }
	if some("own") {
		f.Own = []qso.Call{"DK9XYZ"}
	}
	if some("holder") {
		f.Holder = "club"
	}
	if some("from") {
		f.From = qso.Time(rapid.Int64Range(-1_000_000, 5_000_000_000).Draw(t, "from"))
	}
	if some("to") {
		f.To = qso.Time(rapid.Int64Range(-3_000_000_000, 5_000_000_000).Draw(t, "to"))
	}
	if some("bands") {
		f.Bands = []qso.Band{qso.Band(rapid.IntRange(1, 33).Draw(t, "band")), 9, 11}
	}
	if some("modes") {
		f.Modes = []string{pick(t, "mode", "cw", "PHONE", "DIGITAL", "usb", "FT4", "MFSK", "-FT8", "-phone")}
		if some("one more mode") {
			f.Modes = append(f.Modes, pick(t, "more", "-cw", "ssb"))
		}
	}
	if some("sat") {
		f.Sat = pick(t, "sat", "none", "any", "QO-100")
	}
	if some("operator") {
		f.Operator = "DK9XYZ"
	}
	if some("contest") {
		f.Contest = "CQ-WW-CW"
	}
	if some("grid") {
		f.Grid = pick(t, "grid", "JO", "jn49")
	}
	if some("by") {
		f.ConfirmedBy = pick(t, "by", qso.SourceSet(qso.LoTW), qso.SourceSet(qso.Card, qso.DCL))
	}
	if some("confirmed") {
		is := rapid.Bool().Draw(t, "is")
		f.Confirmed = &is
	}
	if some("call") {
		f.Call = pick(t, "call", "DL1ABC", "DL*", "*A?C*", "?1AAA", "*/P", "nobody", "*")
		f.Call = strings.ToUpper(f.Call)
	}
	if some("entity") {
		f.Entity = 230
	}
	if some("square") {
		f.Square = pick(t, "square", "JO31", "FN42")
	}
	if some("continent") {
		f.Continent, f.Entities = pick(t, "continent", "EU", "NA"), []uint16{230}
	}
	if some("prop") {
		f.Prop = pick(t, "prop", "sat", "TR", "RPT")
	}
	if some("hours") {
		f.Hours = rapid.Uint32Range(0, 1<<24-1).Draw(t, "hour")
	}
	if some("weekdays") {
		f.Weekdays = rapid.Uint8Range(0, 1<<7-1).Draw(t, "weekday")
	}
	if some("above") {
		f.Above = rapid.Uint64Range(0, 80).Draw(t, "id")
	}
	return f
}

// onContinent is what the log says, else where the entity is.
func onContinent(f *columns.Filter, q *qso.QSO) bool {
	if said := strings.ToUpper(q.Get(qso.FieldCont)); slices.Contains(columns.Continents(), said) {
		return said == f.Continent
	}
	return slices.Contains(f.Entities, q.DXCC)
}

// drawLog makes a log with deleted QSOs, and the QSOs that are left by id.
func drawLog(t *rapid.T, most int) (*columns.Log, []*qso.QSO) {
	l := columns.New()
	var qsos []*qso.QSO
	for id := range uint64(rapid.IntRange(0, most).Draw(t, "n")) {
		q := drawQSO(t, id+1)
		l.Put(q)
		if rapid.IntRange(0, 9).Draw(t, "delete") == 0 {
			l.Delete(id + 1)
			continue
		}
		qsos = append(qsos, q)
	}
	return l, qsos
}

func TestMatchAgreesWithPlainWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, qsos := drawLog(t, 150)
		f := drawFilter(t)
		var want []uint64
		for _, q := range qsos {
			if passes(&f, q) {
				want = append(want, q.ID)
			}
		}
		l.View(func(v *columns.View) {
			m := v.Match(f)
			var walked, has, bits []uint64
			rows := make([]uint32, rapid.IntRange(1, 90).Draw(t, "block"))
			middle := rapid.IntRange(0, v.Rows()).Draw(t, "middle")
			for _, part := range [][2]int{{0, middle}, {middle, v.Rows()}} {
				walk := m.Rows(part[0], part[1])
				for n := walk.Next(rows); n > 0; n = walk.Next(rows) {
					for _, row := range rows[:n] {
						walked = append(walked, v.ID(int(row)))
					}
				}
			}
			set := m.Bits()
			for row := range v.Rows() {
				if m.Has(uint32(row)) {
					has = append(has, v.ID(row))
				}
				if set[row/64]>>(row%64)&1 != 0 {
					bits = append(bits, v.ID(row))
				}
			}
			for name, got := range map[string][]uint64{"walk": walked, "Has": has, "Bits": bits} {
				if diff := gocmp.Diff(want, got); diff != "" {
					t.Errorf("%s with %q (-want +got):\n%s", name, f.Key(), diff)
				}
			}
			if m.Count() != len(want) || m.All() && len(want) != len(qsos) {
				t.Errorf("count %d, all %v; want %d of %d", m.Count(), m.All(), len(want), len(qsos))
			}
		})
	})
}

func TestPageAgreesWithSortedList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, qsos := drawLog(t, 80)
		f := drawFilter(t)
		s := columns.Sort{By: columns.SortKey(rapid.IntRange(0, 5).Draw(t, "by")), Descending: rapid.Bool().Draw(t, "down")}
		qsos = slices.DeleteFunc(qsos, func(q *qso.QSO) bool { return !passes(&f, q) })
		slices.SortFunc(qsos, func(a, b *qso.QSO) int {
			c := map[columns.SortKey]int{
				columns.ByCall: strings.Compare(string(a.Call), string(b.Call)), columns.ByBand: cmp.Compare(a.Band, b.Band),
				columns.ByMode: strings.Compare(a.Mode.String(), b.Mode.String()), columns.ByEntity: cmp.Compare(a.DXCC, b.DXCC),
				columns.ByID: cmp.Compare(a.ID, b.ID),
			}[s.By]
			if c = cmp.Or(c, cmp.Compare(a.Start, b.Start), cmp.Compare(a.ID, b.ID)); s.Descending {
				return -c
			}
			return c
		})
		var want, got []uint64
		for _, q := range qsos {
			want = append(want, q.ID)
		}
		limit, after := rapid.IntRange(1, 20).Draw(t, "limit"), ""
		for range 100 {
			var page columns.Page
			var err error
			l.View(func(v *columns.View) { page, err = v.Page(f, s, after, limit) })
			if err != nil || len(page.IDs) > limit || page.Next != "" && len(page.IDs) < limit {
				t.Fatalf("page after %q: %d QSOs of at most %d, %v", after, len(page.IDs), limit, err)
			}
			got = append(got, page.IDs...)
			if after = page.Next; after == "" {
				break
			}
			if rapid.IntRange(0, 3).Draw(t, "delete") == 0 { // the place outlives its QSO
				l.Delete(page.IDs[len(page.IDs)-1])
			}
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("pages by %s with %q (-want +got):\n%s", s, f.Key(), diff)
		}
	})
}

func TestBeforeAgreesWithPlainWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, qsos := drawLog(t, 60)
		f := columns.Filter{Call: pick(t, "call", "", "DL1ABC"), Entity: pick(t, "entity", uint16(0), 230), Square: pick(t, "square", "", "JO31")}
		band, mode := qso.Band(rapid.IntRange(1, 33).Draw(t, "band")), pick(t, "mode", qso.Mode{Name: "CW"}, qso.Mode{Name: "MFSK", Sub: "FT4"})
		by := pick(t, "by", 0, qso.SourceSet(qso.LoTW))
		want := columns.Before{}
		for _, q := range qsos {
			if !passes(&f, q) {
				continue
			}
			s := columns.Worked
			if by == 0 && q.Confirmed() != 0 || q.Confirmed()&by != 0 {
				s = columns.Confirmed
				want.Confirmed++
			}
			for _, part := range []struct {
				to *columns.Standing
				ok bool
			}{{&want.Any, true}, {&want.Band, q.Band == band}, {&want.Mode, q.Mode == mode}, {&want.Class, q.Mode.Class() == mode.Class()},
				{&want.BandMode, q.Band == band && q.Mode == mode}, {&want.BandClass, q.Band == band && q.Mode.Class() == mode.Class()}} {
				if part.ok && *part.to < s {
					*part.to = s
				}
			}
			if want.QSOs++; want.QSOs == 1 || q.Start < want.First {
				want.First = q.Start
			}
			if want.QSOs == 1 || q.Start >= want.Last {
				want.Last, want.LastID = q.Start, q.ID
			}
		}
		l.View(func(v *columns.View) {
			if diff := gocmp.Diff(want, v.Before(f, band, mode, by)); diff != "" {
				t.Errorf("before %q (-want +got):\n%s", f.Key(), diff)
			}
		})
	})
}

func TestFilterKey(t *testing.T) {
	yes := true
	m20, m40 := must(qso.ParseBand("20m")), must(qso.ParseBand("40m"))
	for want, f := range map[string]columns.Filter{
		"":                                       {},
		"band=20m%2C40m":                         {Bands: []qso.Band{m20, m40, m20}},
		"mode=CW%2CPHONE":                        {Modes: []string{"phone", "cw"}},
		"own=DK9XYZ%2CDL0XYZ":                    {Own: []qso.Call{"DL0XYZ", "DK9XYZ"}},
		"confirmed=true":                         {Confirmed: &yes},
		"confirmed_by=dcl%2Cqsl":                 {ConfirmedBy: qso.SourceSet(qso.Card, qso.DCL)},
		"from=2025-01-01T00%3A00%3A00Z&sat=NONE": {From: must(qso.ParseTime("2025-01-01T00:00:00Z")), Sat: "none"},
		"hour=0%2C23&id_above=7&weekday=1%2C7":   {Hours: 1<<23 | 1, Weekdays: 1<<6 | 1, Above: 7},
		"call=DL%2A&dxcc=230&square=JO31":        {Call: "dl*", Entity: 230, Square: "jo31"},
		"contest=A%26B&grid=JO&holder=club&operator=DK9XYZ": {Contest: "a&b", Grid: "jo", Operator: "dk9xyz", Holder: "club"},
	} {
		if got := f.Key(); got != want || f.Empty() != (want == "") {
			t.Errorf("key %q, empty %v; want %q", got, f.Empty(), want)
		}
	}
}

func TestFilterCheck(t *testing.T) {
	for name, f := range map[string]columns.Filter{"from after to": {From: 200, To: 100}, "square": {Square: "XX99"}} {
		if err := f.Check(); !errors.Is(err, columns.ErrBadFilter) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := (&columns.Filter{From: 100, To: 200, Square: "jo31"}).Check(); err != nil {
		t.Errorf("a good filter: %v", err)
	}
}

func TestSortText(t *testing.T) {
	for by := columns.ByTime; by <= columns.ByID; by++ {
		for _, down := range []bool{false, true} {
			s := columns.Sort{By: by, Descending: down}
			if got, err := columns.ParseSort(s.String()); err != nil || got != s {
				t.Errorf("%s parses to %v, %v", s, got, err)
			}
		}
	}
	if s, err := columns.ParseSort(""); err != nil || s.String() != "-time" {
		t.Errorf("no order gives %s, %v", s, err)
	}
	if _, err := columns.ParseSort("name"); !errors.Is(err, columns.ErrBadSort) {
		t.Errorf("an unknown order gives %v", err)
	}
}

func TestBadPlaces(t *testing.T) {
	exampleLog().View(func(v *columns.View) {
		for _, text := range []string{"x", "1.2", "-1.2.", "1.x.", "99999999999.1.", "1.2.DL1ABC", strings.Repeat("9", 5000)} {
			if _, err := v.Page(columns.Filter{}, columns.Sort{}, text, 5); !errors.Is(err, columns.ErrBadCursor) {
				t.Errorf("place %.20q: %v", text, err)
			}
		}
		for _, text := range []string{"1.2.", "1.2.?", "1.2.3"} {
			if _, err := v.Page(columns.Filter{}, columns.Sort{By: columns.ByCall}, text, 5); !errors.Is(err, columns.ErrBadCursor) {
				t.Errorf("place %q by call: %v", text, err)
			}
		}
	})
}

func ExampleFilter_Key() {
	f := columns.Filter{Modes: []string{"cw"}, Sat: "none"}
	fmt.Println(f.Key())
	// Output: mode=CW&sat=NONE
}
