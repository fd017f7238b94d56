package awards_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"qslbox/qso"
	"qslbox/qso/dxcc"
	"qslbox/stats/awards"
)

// slow counts an award by plain loops over QSOs, straight from the definition
// and without columns: what the fold must agree with.
type slow struct {
	d     *awards.Definition
	table *dxcc.Table
	opts  awards.Options

	cells     map[string]map[string]cell // key -> slot -> what it has; "" is the total
	refused   map[uint64]string
	without   map[uint64]bool
	keys      map[string]slowKey
	values    map[string]string
	ownEntity uint16
}

type cell struct{ worked, confirmed, granted, submitted bool }

type slowKey struct {
	from, to string
	deleted  bool
}

// statement is what the log or LoTW says of the other side.
type statement struct {
	q                 *qso.QSO
	dxcc              int
	cqz, ituz         int
	state, cnty, iota string
	grid, vucc        string
	fromLoTW          bool
}

func newSlow(d *awards.Definition, table *dxcc.Table, o awards.Options) *slow {
	s := &slow{d: d, table: table, opts: o, cells: map[string]map[string]cell{},
		refused: map[uint64]string{}, without: map[uint64]bool{}, keys: map[string]slowKey{}, values: map[string]string{}}
	s.listKeys()
	return s
}

func (s *slow) listKeys() {
	put := func(key string, k slowKey, values ...string) {
		s.keys[key] = k
		for _, v := range append(values, key) {
			s.values[v] = key
		}
	}
	k := &s.d.Key
	for _, e := range s.table.Entities() {
		if k.From == "entities" || k.From == "wae" && e.Continent == "EU" {
			put(strconv.Itoa(int(e.Code)), slowKey{day(e.Started), day(e.Ended), e.Deleted})
		}
	}
	switch k.From {
	case "wae":
		for _, code := range []string{"SY", "SI", "BI", "IV", "ET"} {
			put(code, slowKey{})
		}
	case "cqzones":
		for i := range 40 {
			put(strconv.Itoa(i+1), slowKey{})
		}
	case "ituzones":
		for i := range 90 {
			put(strconv.Itoa(i+1), slowKey{})
		}
	case "continents":
		for _, c := range []string{"AF", "AS", "EU", "NA", "OC", "SA"} {
			put(c, slowKey{})
		}
	case "districts":
		for c := 'A'; c <= 'Z'; c++ {
			if c != 'J' {
				put(string(c), slowKey{})
			}
		}
	}
	for _, code := range strings.Fields(k.Codes) {
		put(code, slowKey{})
	}
	for _, it := range k.List {
		put(it.Key, slowKey{it.From, it.To, it.Deleted}, it.Values...)
	}
}

func day(t qso.Time) string {
	if !t.Given() {
		return ""
	}
	return t.Std().Format("2006-01-02")
}

// count goes over the log.
func (s *slow) count(log []*qso.QSO) {
	if s.d.Own != nil && s.d.Own.OneEntity {
		s.ownEntity = s.chooseEntity(log)
	}
	for _, q := range log {
		s.add(q)
	}
}

func ownEntity(table *dxcc.Table, q *qso.QSO) uint16 {
	if n, err := strconv.Atoi(q.Get(qso.FieldMyDXCC)); err == nil && n != 0 {
		return uint16(n)
	}
	return table.Lookup(q.Own, dxcc.Today).Entity
}

func (s *slow) chooseEntity(log []*qso.QSO) uint16 {
	total := map[uint16]int{}
	for _, q := range log {
		if e := ownEntity(s.table, q); e != 0 {
			total[e]++
		}
	}
	if len(total) < 2 {
		return 0
	}
	best, tie := uint16(0), false
	for e, n := range total {
		switch {
		case n > total[best]:
			best, tie = e, false
		case n == total[best]:
			tie = true
		}
	}
	if tie {
		return 0xffff // not decided here: the test makes another log
	}
	return best
}

func (s *slow) add(q *qso.QSO) {
	f := &s.d.Filter
	date := q.Start.Std().Format("2006-01-02")
	sat := q.Satellite()
	class := q.Mode.Class().String()
	switch {
	case f.From != "" && date < f.From, f.To != "" && date >= f.To:
		return
	case len(f.Classes) > 0 && !slices.Contains(f.Classes, class):
		return
	case len(f.Modes) > 0 && !named(f.Modes, q.Mode), named(f.NotModes, q.Mode):
		return
	case sat && s.d.Satellite == "excluded", !sat && s.d.Satellite == "only":
		return
	case !sat && (len(f.Bands) > 0 && !slices.Contains(f.Bands, q.Band.String()) || slices.Contains(f.NotBands, q.Band.String())):
		return
	case len(f.Satellites) > 0 && !slices.Contains(f.Satellites, strings.ToUpper(q.Get(qso.FieldSatName))):
		return
	}
	if e := ownEntity(s.table, q); s.ownEntity != 0 && e != 0 && e != s.ownEntity {
		return
	}
	ours := logSays(q)
	logged, faulty := s.keysOf(ours)
	inside := s.entityOK(ours.dxcc)
	if reason := channel(q); reason != "" {
		if inside && (len(logged) > 0 || faulty) {
			s.refused[q.ID] = reason
		}
		return
	}
	if inside && faulty {
		s.refused[q.ID] = "unknown-" + strings.TrimPrefix(s.d.Key.Kind, "my-")
	}
	byOthers, byLoTW := s.confirmedBy(q)
	theirs := lotwSays(q)
	if !byLoTW || theirs == nil {
		if inside {
			s.mark(q, logged, byOthers || byLoTW)
		}
		return
	}
	if inside {
		s.mark(q, logged, byOthers)
	}
	if s.leftBlank(theirs) {
		if inside && (len(logged) > 0 || faulty) {
			s.without[q.ID] = true
		}
		return
	}
	if stated, _ := s.keysOf(*theirs); s.entityOK(theirs.dxcc) {
		s.mark(q, stated, true)
	}
}

func named(list []string, m qso.Mode) bool {
	return slices.Contains(list, m.Name) || m.Sub != "" && slices.Contains(list, m.Sub)
}

func channel(q *qso.QSO) string {
	switch q.Get(qso.FieldPropMode) {
	case "RPT":
		return "repeater"
	case "ECH":
		return "echolink"
	case "IRL":
		return "irlp"
	case "INTERNET":
		return "internet"
	case "SAT":
		return ""
	}
	if q.BandRx != 0 && q.BandRx != q.Band {
		return "cross-band"
	}
	return ""
}

func (s *slow) entityOK(dxcc int) bool {
	f := &s.d.Filter
	return len(f.Entities) == 0 || slices.Contains(f.Entities, dxcc) || dxcc == 0 && f.Unknown
}

func (s *slow) confirmedBy(q *qso.QSO) (others, lotw bool) {
	sources := s.d.Confirm.Sources
	if s.opts.Sources != 0 {
		sources = s.opts.Sources.Names()
	}
	for _, name := range sources {
		if name == "log" {
			others = true
			continue
		}
		source, _ := qso.ParseSource(name)
		c := q.Confirmation(source)
		switch {
		case c == nil || c.Status != 'Y':
		case source == qso.EQSL && s.d.Confirm.EQSLAG && q.Get(qso.FieldEQSLAG) != "Y":
		case source == qso.LoTW:
			lotw = !s.twoWay() || c.Value(qso.FieldAppLoTW2xQSL) != "N"
		default:
			others = true
		}
	}
	return others, lotw
}

func (s *slow) twoWay() bool {
	if s.opts.TwoWay != nil {
		return *s.opts.TwoWay
	}
	return s.d.Confirm.TwoWay
}

func logSays(q *qso.QSO) statement {
	return statement{q: q, dxcc: int(q.DXCC), cqz: int(q.CQZ), ituz: int(q.ITUZ), state: q.Get(qso.FieldState), cnty: q.Get(qso.FieldCnty),
		iota: q.Get(qso.FieldIOTA), grid: q.Get(qso.FieldGridsquare), vucc: q.Get(qso.FieldVUCCGrids)}
}

// lotwSays returns LoTW's own record, blanks filled from the log; nil without
// one.
func lotwSays(q *qso.QSO) *statement {
	c := q.Confirmation(qso.LoTW)
	if c == nil || !c.Stated {
		return nil
	}
	s := logSays(q)
	s.fromLoTW = true
	text := func(id qso.FieldID, to *string) {
		if v := c.Value(id); v != "" {
			*to = v
		}
	}
	number := func(id qso.FieldID, to *int) {
		if n, _ := strconv.Atoi(c.Value(id)); n != 0 {
			*to = n
		}
	}
	number(qso.FieldDXCC, &s.dxcc)
	number(qso.FieldCQZ, &s.cqz)
	number(qso.FieldITUZ, &s.ituz)
	text(qso.FieldState, &s.state)
	text(qso.FieldCnty, &s.cnty)
	text(qso.FieldIOTA, &s.iota)
	if grid, vucc := c.Value(qso.FieldGridsquare), c.Value(qso.FieldVUCCGrids); grid+vucc != "" {
		s.grid, s.vucc = grid, vucc
	}
	return &s
}

// leftBlank reports whether LoTW does not say what the award needs.
func (s *slow) leftBlank(st *statement) bool {
	c := st.q.Confirmation(qso.LoTW)
	field := map[string]qso.FieldID{
		"entity": qso.FieldDXCC, "wae": qso.FieldDXCC, "cqzone": qso.FieldCQZ, "ituzone": qso.FieldITUZ,
		"state": qso.FieldState, "county": qso.FieldCnty, "grid4": qso.FieldGridsquare, "iota": qso.FieldIOTA,
	}[s.d.Key.Kind]
	return field != qso.NoField && c.Value(field) == "" && (s.d.Key.Kind != "grid4" || c.Value(qso.FieldVUCCGrids) == "")
}

// keysOf returns the keys of a QSO; faulty says that a value stands for none.
func (s *slow) keysOf(st statement) (keys []string, faulty bool) {
	q := st.q
	one := func(text string) ([]string, bool) {
		if text == "" {
			return nil, false
		}
		return s.valid(text)
	}
	list := func(text string) ([]string, bool) {
		var all []string
		var last bool
		for _, part := range strings.Split(text, ",") {
			part, _, _ = strings.Cut(strings.TrimSpace(part), "@")
			if part == "" {
				continue
			}
			key, bad := s.valid(s.renamed(part))
			all, last = append(all, key...), bad
		}
		return all, last && len(all) == 0
	}
	switch s.d.Key.Kind {
	case "entity":
		return s.listed(strconv.Itoa(st.dxcc)), false
	case "wae":
		return s.waeKeys(st), false
	case "cqzone":
		return s.listed(strconv.Itoa(st.cqz)), st.cqz > 40
	case "ituzone":
		return s.listed(strconv.Itoa(st.ituz)), st.ituz > 90
	case "continent":
		return s.listed(s.continent(st)), false
	case "state":
		return one(st.state)
	case "county":
		if st.cnty != "" && st.state != "" && !strings.Contains(st.cnty, ",") && st.cnty[0] > '9' {
			return one(st.state + "," + st.cnty)
		}
		return one(st.cnty)
	case "prefix":
		return one(dxcc.Prefix(q.Call))
	case "grid4":
		if st.vucc != "" {
			return s.squares(strings.Split(st.vucc, ","))
		}
		if st.grid != "" {
			return s.squares([]string{st.grid})
		}
		return nil, false
	case "iota":
		return one(st.iota)
	case "dok":
		text, kind := qso.FoldDOK(q.Get(qso.FieldDARCDOK))
		if kind == qso.NoDOK {
			return nil, text == "" && q.Get(qso.FieldDARCDOK) != ""
		}
		if len(s.keys) > 0 {
			return s.listed(text), false
		}
		return []string{text}, false
	case "district":
		text, kind := qso.FoldDOK(q.Get(qso.FieldDARCDOK))
		if kind != qso.RegularDOK {
			return nil, text == "" && q.Get(qso.FieldDARCDOK) != ""
		}
		return []string{text[:1]}, false
	case "pota":
		return list(q.Get(qso.FieldPOTARef))
	case "sota":
		return list(q.Get(qso.FieldSOTARef))
	case "wwff":
		return list(q.Get(qso.FieldWWFFRef))
	case "my-pota":
		return list(q.Get(qso.FieldMyPOTARef))
	case "my-sota":
		return list(q.Get(qso.FieldMySOTARef))
	case "my-wwff":
		return list(q.Get(qso.FieldMyWWFFRef))
	case "call":
		if len(s.keys) > 0 {
			return s.listed(string(q.Call)), false
		}
		return []string{string(q.Call)}, false
	}
	panic(fmt.Sprintf("kind %q", s.d.Key.Kind))
}

func (s *slow) renamed(ref string) string {
	programme, number, ok := strings.Cut(ref, "-")
	if to := s.d.Key.Prefixes[programme]; ok && to != "" {
		return to + "-" + number
	}
	return ref
}

func (s *slow) listed(value string) []string {
	if key, ok := s.values[value]; ok {
		return []string{key}
	}
	return nil
}

var slowPatterns = map[string]string{
	"iota": `^(AF|AN|AS|EU|NA|OC|SA)-[0-9]{3}$`,
	"pota": `^[A-Z0-9]{1,4}-[0-9]{4,5}$`, "my-pota": `^[A-Z0-9]{1,4}-[0-9]{4,5}$`,
	"sota": `^[A-Z0-9]{1,8}/[A-Z]{2}-[0-9]{3}$`, "my-sota": `^[A-Z0-9]{1,8}/[A-Z]{2}-[0-9]{3}$`,
	"wwff": `^[A-Z0-9]{1,4}FF-[0-9]{4}$`, "my-wwff": `^[A-Z0-9]{1,4}FF-[0-9]{4}$`,
}

func (s *slow) valid(text string) (keys []string, faulty bool) {
	pattern := s.d.Key.Pattern
	if pattern == "" {
		pattern = slowPatterns[s.d.Key.Kind]
	}
	if len(s.keys) > 0 {
		keys = s.listed(text)
		regular, _ := regexp.MatchString(pattern, text)
		return keys, len(keys) == 0 && (pattern == "" || !regular)
	}
	if ok, _ := regexp.MatchString(pattern, text); !ok {
		return nil, true
	}
	if cut := s.d.Key.Cut; cut > 0 && len(text) > cut {
		text = text[:cut]
	}
	return []string{text}, false
}

var slowSquare = regexp.MustCompile(`^[A-R][A-R][0-9][0-9]`)

func (s *slow) squares(list []string) (keys []string, faulty bool) {
	for _, grid := range list {
		grid = strings.TrimSpace(grid)
		if len(grid) < 4 || !slowSquare.MatchString(grid) {
			faulty = true
			continue
		}
		faulty = false
		if len(s.keys) == 0 {
			keys = append(keys, grid[:4])
		} else {
			keys = append(keys, s.listed(grid[:4])...)
		}
	}
	return keys, faulty && len(keys) == 0
}

func (s *slow) waeKeys(st statement) []string {
	region := st.q.Get(qso.FieldRegion)
	entity := s.listed(strconv.Itoa(st.dxcc))
	if st.fromLoTW && st.dxcc != int(st.q.DXCC) {
		return entity
	}
	if region == "KO" {
		return []string{"522"}
	}
	if region == "" && slices.Contains([]int{206, 248, 259, 279, 390}, st.dxcc) {
		region = s.table.Lookup(st.q.Call, dxcc.Today).Region
	}
	if slices.Contains([]string{"SY", "SI", "BI", "IV", "ET"}, region) {
		return []string{region}
	}
	return entity
}

func (s *slow) continent(st statement) string {
	if to := s.d.Key.Continents[strconv.Itoa(int(st.q.DXCC))]; to != "" {
		return to
	}
	if cont := st.q.Get(qso.FieldCont); cont != "" {
		return cont
	}
	e, _ := s.table.Entity(st.q.DXCC)
	return e.Continent
}

// mark fills the cells of the keys.
func (s *slow) mark(q *qso.QSO, keys []string, confirmed bool) {
	date := q.Start.Std().Format("2006-01-02")
	for _, key := range keys {
		k := s.keys[key]
		if k.from != "" && date < k.from || k.to != "" && date >= k.to {
			continue
		}
		granted, submitted := s.credits(q.Get(qso.FieldCreditGranted)), s.credits(q.Get(qso.FieldCreditSubmitted))
		for _, slot := range s.slotsOf(q) {
			if s.cells[key] == nil {
				s.cells[key] = map[string]cell{}
			}
			c := s.cells[key][slot.name]
			c.worked = true
			c.confirmed = c.confirmed || confirmed
			c.granted = c.granted || credited(granted, slot.kind)
			c.submitted = c.submitted || credited(submitted, slot.kind)
			s.cells[key][slot.name] = c
		}
	}
}

// credited reports whether credits of some kinds count for a slot of a kind.
func credited(kinds []string, kind string) bool {
	return slices.Contains(kinds, kind) || kind == "total" && len(kinds) > 0 && !slices.Equal(kinds, []string{"sat"})
}

// credits returns the kinds of slots that a list of credits is about.
func (s *slow) credits(text string) (kinds []string) {
	for part := range strings.SplitSeq(text, ",") {
		name, _, _ := strings.Cut(part, ":")
		for _, c := range s.d.Credits {
			if c.Credit == name {
				slot := c.Slot
				if slot == "" {
					slot = "total"
				}
				kinds = append(kinds, slot)
			}
		}
	}
	if slices.Contains(kinds, "band") && slices.Contains(kinds, "class") {
		kinds = append(kinds, "both")
	}
	return kinds
}

type slowSlot struct{ name, kind string }

func (s *slow) slotsOf(q *qso.QSO) []slowSlot {
	sat, sl := q.Satellite(), &s.d.Slots
	if sat && (s.d.Satellite == "separate" || s.d.Satellite == "") {
		return []slowSlot{{"SAT", "sat"}}
	}
	list := []slowSlot{{"", "total"}}
	if sat {
		list = append(list, slowSlot{"SAT", "sat"})
	}
	band, class := q.Band.String(), q.Mode.Class().String()
	inClass := true
	for _, r := range s.d.ClassRule {
		if r.Class == class && (q.Start.Std().Format("2006-01-02") < r.From || named(r.NotModes, q.Mode)) {
			inClass = false
		}
	}
	if !sat {
		list = append(list, slowSlot{band, "band"})
	}
	if inClass && (sl.Classes || sl.BandClasses) {
		list = append(list, slowSlot{class, "class"})
		if !sat {
			list = append(list, slowSlot{band + " " + class, "both"})
		}
	}
	if cont := s.continent(logSays(q)); sl.Continents && cont != "" {
		list = append(list, slowSlot{cont, "continent"})
	}
	return list
}
