package awards

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"weak"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/qso/dxcc"
)

// field is one text of a place or a session that awards look at.
type field uint8

const (
	fieldState field = iota
	fieldCounty
	fieldIOTA
	fieldDOK
	fieldRegion
	fieldVUCC
	fieldPOTA
	fieldSOTA
	fieldWWFF
	fieldSIG
	fieldSat
	fieldGranted
	fieldSubmitted
	placeFields
	fieldMyPOTA = iota - 1
	fieldMySOTA
	fieldMyWWFF
	allFields
)

// keyField is the field that holds the key, for kinds that have one.
var keyField = map[kind]field{
	byState: fieldState, byCounty: fieldCounty, byIOTA: fieldIOTA, byDOK: fieldDOK, byDistrict: fieldDOK,
	byPOTA: fieldPOTA, bySOTA: fieldSOTA, byWWFF: fieldWWFF, bySIG: fieldSIG,
	byMyPOTA: fieldMyPOTA, byMySOTA: fieldMySOTA, byMyWWFF: fieldMyWWFF,
	byGrid: fieldVUCC, byWAE: fieldRegion,
}

// words numbers different texts; 0 is the empty one. It only grows.
type words struct {
	list []string
	ids  map[string]uint32
}

func newWords() words { return words{[]string{""}, map[string]uint32{"": 0}} }

func (w *words) number(s string) uint32 {
	if id, ok := w.ids[s]; ok {
		return id
	}
	id := uint32(len(w.list))
	w.list = append(w.list, s)
	w.ids[s] = id
	return id
}

// atlas is what awards remember of one log: which value each place, session
// and call has in each field. Places, sessions and calls of a log are numbered
// for good, so the atlas only grows.
type atlas struct {
	mu          sync.Mutex
	values      [allFields][]uint32 // of each place or session: number of its word
	words       [allFields]words
	sessions    int
	ownEntities []uint16 // of each session
	has         []uint16 // of each place: a bit a field that is not empty
	conts       []int8   // of each place: number of the logged continent, or -1
	prefixes    []uint32 // of each call: number of its WPX prefix
	prefix      words
	regions     []uint8 // of each call: place in waeRegions
	meanings    map[*Award]*meaning

	running *running // of atlases.running, under its lock
	asked   uint64   // and when, in its count
}

// meaning is which keys the words of a field stand for in one award.
type meaning struct {
	codes []int32   // of each word: a key, none, faulty, or a place in lists
	lists [][]int32 // keys of words that stand for several
	open  words     // keys of an award that lists none; key = number - 1
	// groups and order are of the open keys.
	groups []uint8
	order  []int32
}

// Codes that are no keys. From several on, they are places in lists.
const (
	none    int32 = -1
	faulty  int32 = -2
	several int32 = -3
)

// atlases finds the atlas of a log and drops it with the log.
type atlases struct {
	mu    sync.Mutex
	byLog map[weak.Pointer[columns.Log]]*atlas
	asked uint64 // how often running was
}

func (a *atlases) of(log *columns.Log) *atlas {
	key := weak.Make(log)
	a.mu.Lock()
	defer a.mu.Unlock()
	if found := a.byLog[key]; found != nil {
		return found
	}
	for old := range a.byLog {
		if old.Value() == nil {
			delete(a.byLog, old)
		}
	}
	made := &atlas{meanings: map[*Award]*meaning{}, prefix: newWords()}
	for i := range made.words {
		made.words[i] = newWords()
	}
	if a.byLog == nil {
		a.byLog = map[weak.Pointer[columns.Log]]*atlas{}
	}
	a.byLog[key] = made
	return made
}

// chart is what one fold reads: the atlas as it stands, and the award's
// meaning.
type chart struct {
	values      [allFields][]uint32
	words       [allFields][]string
	ownEntities []uint16
	has         []uint16
	conts       []int8
	prefixes    []uint32
	regions     []uint8
	codes       []int32
	lists       [][]int32
	keys        []string // of an award that lists none
	groups      []uint8  // of these keys, see fold.groupOf
	order       []int32  // these keys in alphabetical order
}

// chart brings the atlas up to the view and returns what the award needs of it.
func (t *atlas) chart(a *Award, v *columns.View) *chart {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.readPlaces(v)
	t.readSessions(a.facts.table, v)
	switch a.kind {
	case byPrefix:
		t.readPrefixes(v)
	case byWAE:
		t.readRegions(a.facts.table, v)
	}
	m := t.meanings[a]
	if m == nil {
		if len(t.meanings) > 128 { // definitions that were replaced
			t.meanings = map[*Award]*meaning{}
		}
		m = &meaning{open: newWords()}
		t.meanings[a] = m
	}
	switch f, ok := keyField[a.kind]; {
	case a.kind == byPrefix:
		m.extend(a, t.prefix.list)
	case ok:
		m.extend(a, t.words[f].list)
	}
	m.sort(a)
	c := &chart{
		values: t.values, ownEntities: t.ownEntities, has: t.has, conts: t.conts, prefixes: t.prefixes, regions: t.regions,
		codes: m.codes, lists: m.lists, keys: m.open.list[1:], groups: m.groups, order: m.order,
	}
	for f := range c.words {
		c.words[f] = t.words[f].list
	}
	return c
}

func (t *atlas) readPlaces(v *columns.View) {
	for at := len(t.values[fieldState]); at < len(v.Places); at++ {
		p, has := v.PlaceOf(uint32(at)), uint16(0)
		for f, text := range [placeFields]string{
			fieldState: p.State, fieldCounty: countyOf(p), fieldIOTA: p.IOTA, fieldDOK: p.DOK, fieldRegion: strings.ToUpper(p.Region),
			fieldVUCC: p.VUCC, fieldPOTA: p.POTA, fieldSOTA: p.SOTA, fieldWWFF: p.WWFF, fieldSIG: p.SIG,
			fieldSat: p.SatName, fieldGranted: p.Granted, fieldSubmitted: p.Submitted,
		} {
			t.values[f] = append(t.values[f], t.words[f].number(text))
			if text != "" {
				has |= 1 << f
			}
		}
		t.has = append(t.has, has)
		t.conts = append(t.conts, int8(continentNumber(strings.ToUpper(p.Cont))))
	}
}

const hasCredits = uint16(1)<<fieldGranted | uint16(1)<<fieldSubmitted

// countyOf returns CNTY with the state in front where the log left it out.
func countyOf(p *columns.Place) string {
	if p.Cnty != "" && p.State != "" && p.Cnty[0] > '9' && strings.IndexByte(p.Cnty, ',') < 0 {
		return p.State + "," + p.Cnty
	}
	return p.Cnty
}

func (t *atlas) readSessions(table *dxcc.Table, v *columns.View) {
	for ; t.sessions < len(v.Sessions); t.sessions++ {
		s := &v.Sessions[t.sessions]
		for f, text := range map[field]string{fieldMyPOTA: s.MyPOTA, fieldMySOTA: s.MySOTA, fieldMyWWFF: s.MyWWFF} {
			t.values[f] = append(t.values[f], t.words[f].number(text))
		}
		entity, err := strconv.ParseUint(s.MyDXCC, 10, 16)
		if err != nil || entity == 0 {
			entity = uint64(table.Lookup(s.Own, dxcc.Today).Entity)
		}
		t.ownEntities = append(t.ownEntities, uint16(entity))
	}
}

func (t *atlas) readPrefixes(v *columns.View) {
	for at := len(t.prefixes); at < v.Calls(); at++ {
		t.prefixes = append(t.prefixes, t.prefix.number(dxcc.Prefix(qso.Call(v.CallText(uint32(at))))))
	}
}

// readRegions finds the WAE regions that calls stand for. Calls that begin with
// other letters, and have no slash, stand for none.
func (t *atlas) readRegions(table *dxcc.Table, v *columns.View) {
	for at := len(t.regions); at < v.Calls(); at++ {
		region := 0
		call := v.CallText(uint32(at))
		if call != "" && (strings.IndexByte("24CGIJMTY", call[0]) >= 0 || strings.IndexByte(call, '/') >= 0) {
			here := table.Lookup(qso.Call(call), dxcc.Today).Region
			region = max(0, slices.Index(waeRegions[:], here))
		}
		t.regions = append(t.regions, uint8(region))
	}
}

// sort brings order and groups of the open keys up to date.
func (m *meaning) sort(a *Award) {
	keys := m.open.list[1:]
	if len(m.order) == len(keys) {
		return
	}
	order := make([]int32, len(keys))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(x, y int32) int { return strings.Compare(keys[x], keys[y]) })
	m.order = order
	for at := len(m.groups); at < len(keys); at++ {
		m.groups = append(m.groups, a.groupOf(keys[at], 0))
	}
}

// extend finds out what new words mean.
func (m *meaning) extend(a *Award, words []string) {
	for at := len(m.codes); at < len(words); at++ {
		code := none
		if words[at] != "" {
			code = m.code(a, words[at])
		}
		m.codes = append(m.codes, code)
	}
}

// code returns the key of a text of the log in the award's field.
func (m *meaning) code(a *Award, text string) int32 {
	if text == columns.BadDOK && a.field == fieldDOK {
		return faulty
	}
	switch a.kind {
	case byWAE:
		if at, ok := a.region[text]; ok {
			return at
		}
		return none
	case byDistrict:
		letter, _ := qso.DOKDistrict(text)
		return a.listed(letter, none)
	case byDOK:
		if _, kind := qso.FoldDOK(text); kind == qso.NoDOK {
			return none
		}
		if len(a.items) > 0 {
			return a.listed(text, none) // another DOK is no mistake
		}
		return m.key(a, text)
	case bySIG:
		programme, ref, _ := strings.Cut(text, ":")
		if !strings.EqualFold(programme, a.def.Key.SIG) || ref == "" {
			return none
		}
		return m.key(a, strings.ToUpper(ref))
	case byGrid, byPOTA, bySOTA, byWWFF, byMyPOTA, byMySOTA, byMyWWFF:
		return m.codeList(a, text)
	}
	return m.key(a, text)
}

// codeList reads a comma list of references or squares.
func (m *meaning) codeList(a *Award, text string) int32 {
	var list []int32
	code := none
	for part := range strings.SplitSeq(text, ",") {
		part, _, _ = strings.Cut(strings.ToUpper(strings.TrimSpace(part)), "@")
		if part == "" {
			continue
		}
		if code = m.single(a, part); code >= 0 {
			list = append(list, code)
		}
	}
	switch len(list) {
	case 0:
		return code
	case 1:
		return list[0]
	}
	m.lists = append(m.lists, list)
	return several - int32(len(m.lists)-1)
}

// single returns the key of one reference or square.
func (m *meaning) single(a *Award, part string) int32 {
	if a.kind == byGrid {
		if g := columns.PackGrid(part); g != 0 {
			return a.byKey[g]
		}
		return faulty
	}
	if programme, number, ok := strings.Cut(part, "-"); ok && a.def.Key.Prefixes[programme] != "" {
		part = a.def.Key.Prefixes[programme] + "-" + number
	}
	return m.key(a, part)
}

// key returns the key of a value: a listed one, or any valid one where none
// are listed.
func (m *meaning) key(a *Award, value string) int32 {
	if len(a.items) > 0 {
		if a.valid != nil && a.valid.MatchString(value) { // a reference that the award does not ask for is no mistake
			return a.listed(value, none)
		}
		return a.listed(value, faulty)
	}
	if a.valid != nil && !a.valid.MatchString(value) {
		return faulty
	}
	if cut := a.def.Key.Cut; cut > 0 && cut < len(value) {
		value = value[:cut]
	}
	return int32(m.open.number(value)) - 1
}
