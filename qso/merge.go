package qso

import "strings"

// Difference is what a lesser belief says otherwise about a field.
type Difference struct {
	Field  Field
	Origin Origin
}

// FieldChange is one value before and after.
type FieldChange struct {
	ID   FieldID
	Name string // only if ID is NoField
	From string
	To   string
}

// Key returns the field's name.
func (f FieldChange) Key() string { return Field{ID: f.ID, Name: f.Name}.Key() }

// Change is what happened to one QSO.
type Change struct {
	Added       bool          // the QSO is new
	Fields      []FieldChange // values filled or replaced
	Confirmed   Sources       // sources that confirm now and did not before
	States      bool          // a confirmation state, date or record changed
	Differences int           // differences newly noted
}

// Empty reports whether nothing changed.
func (c *Change) Empty() bool {
	return !c.Added && len(c.Fields) == 0 && c.Confirmed == 0 && !c.States && c.Differences == 0
}

// Replaced returns the fields that had another value before: what goes into
// the history.
func (c *Change) Replaced() []FieldChange {
	var out []FieldChange
	for _, f := range c.Fields {
		if f.From != "" {
			out = append(out, f)
		}
	}
	return out
}

// MergeRule says with what right a second record changes a first.
type MergeRule struct {
	Origin    Origin // of the second record's values; zero means Imported
	Overwrite bool   // replace whatever differs (import --overwrite)
}

// Merge puts what a second record of the same contact says into old: blanks
// are filled, lists united, confirmations raised and never lowered, the finer
// time kept. A value that differs replaces the old one if its origin is
// believed more (see Origin) or the rule overwrites; otherwise it is kept as a
// difference. It returns what changed; ID, Rev and the key stay.
func Merge(old, in *QSO, rule MergeRule) Change {
	if rule.Origin == 0 {
		rule.Origin = Imported
	}
	m := merger{old: old, rule: rule}
	m.times(in)
	m.typed(in)
	for _, f := range in.Fields {
		origin := rule.Origin
		if o := in.Origin(f.ID, f.Name); o != Imported {
			origin = o
		}
		m.text(f, origin)
	}
	for i := range in.Confirmations {
		m.confirmation(&in.Confirmations[i])
	}
	if !old.AtLoTW.Given() && in.AtLoTW.Given() {
		old.AtLoTW, m.change.States = in.AtLoTW, true
	}
	return m.change
}

type merger struct {
	old    *QSO
	rule   MergeRule
	change Change
}

func (m *merger) note(id FieldID, name, from, to string) {
	m.change.Fields = append(m.change.Fields, FieldChange{id, name, from, to})
}

// times keeps the finer start and fills the end.
func (m *merger) times(in *QSO) {
	old := m.old
	if old.Start%60 == 0 && in.Start%60 != 0 && old.Start.Minute() == in.Start.Minute() {
		m.note(FieldTimeOn, "", old.Start.Clock(), in.Start.Clock())
		old.Start = in.Start
	}
	if in.End.Given() && in.End != old.End {
		finer := old.End.Minute() == in.End.Minute() && old.End%60 == 0
		if coarser := old.End.Minute() == in.End.Minute() && in.End%60 == 0; old.End.Given() && coarser {
			return
		}
		if !old.End.Given() || finer || m.wins(FieldTimeOff, "", m.rule.Origin) {
			m.note(FieldTimeOff, "", old.endText(FieldTimeOff), in.End.Clock())
			old.End = in.End
			m.mark(FieldTimeOff, "", m.rule.Origin)
			return
		}
		m.differs(Field{ID: FieldTimeOff, Value: in.End.Clock()}, m.rule.Origin)
	}
}

// wins reports whether a value of the given origin replaces the old one.
func (m *merger) wins(id FieldID, name string, origin Origin) bool {
	return m.rule.Overwrite || origin > m.old.Origin(id, name)
}

func (m *merger) mark(id FieldID, name string, origin Origin) { m.old.SetOrigin(id, name, origin) }

// differs notes a lesser belief, once.
func (m *merger) differs(f Field, origin Origin) {
	for _, d := range m.old.Differences {
		if d.Field.ID == f.ID && d.Field.Name == f.Name && d.Field.Value == f.Value && d.Origin == origin {
			return
		}
	}
	m.old.Differences = append(m.old.Differences, Difference{f, origin})
	m.change.Differences++
}

// decide handles one typed value: have and want are its texts before and in
// the new record; set stores the new one.
func (m *merger) decide(id FieldID, have, want string, origin Origin, set func()) {
	if want == "" || want == have {
		return
	}
	if have == "" || m.wins(id, "", origin) {
		m.note(id, "", have, want)
		set()
		m.mark(id, "", origin)
		return
	}
	if origin != LookedUp {
		m.differs(Field{ID: id, Value: want}, origin)
	}
}

func (m *merger) typed(in *QSO) {
	old := m.old
	origin := func(id FieldID) Origin {
		if o := in.Origin(id, ""); o != Imported {
			return o
		}
		return m.rule.Origin
	}
	set := func(id FieldID, store func()) {
		m.decide(id, old.Text(id), in.Text(id), origin(id), store)
	}
	set(FieldSubmode, func() { old.Mode.Sub = in.Mode.Sub })
	set(FieldFreq, func() { old.Freq = in.Freq })
	set(FieldFreqRX, func() { old.FreqRx = in.FreqRx })
	set(FieldBandRX, func() { old.BandRx = in.BandRx })
	set(FieldDXCC, func() { old.DXCC = in.DXCC })
	set(FieldCQZ, func() { old.CQZ = in.CQZ })
	set(FieldITUZ, func() { old.ITUZ = in.ITUZ })
	if old.Own == "" && in.Own != "" {
		m.note(FieldStationCallsign, "", "", string(in.Own))
		old.Own, old.OwnAssumed = in.Own, in.OwnAssumed
	}
	if old.OwnAssumed && !in.OwnAssumed && old.Own == in.Own && in.Own != "" {
		old.OwnAssumed, m.change.States = false, true
	}
}

// text handles one field of the second record.
func (m *merger) text(f Field, origin Origin) {
	i := m.old.find(f.ID, f.Name)
	if i < 0 {
		m.old.Fields = append(m.old.Fields, f)
		m.note(f.ID, f.Name, "", f.Value)
		m.mark(f.ID, f.Name, origin)
		return
	}
	have := m.old.Fields[i].Value
	want, same := f.Value, have == f.Value || foldsCase(f.ID) && strings.EqualFold(have, f.Value)
	switch sep := listSeparator(f.ID); {
	case same:
		return
	case sep != "":
		if want = unite(have, f.Value, sep); want == have {
			return
		}
	case isSentState(f.ID):
		if stateRank(firstByte(want)) <= stateRank(firstByte(have)) && !m.rule.Overwrite {
			return
		}
	case !m.wins(f.ID, f.Name, origin) && !refines(f.ID, have, want):
		if !refines(f.ID, want, have) {
			m.differs(f, origin)
		}
		return
	}
	m.note(f.ID, f.Name, have, want)
	m.old.Fields[i].Value = want
	m.mark(f.ID, f.Name, origin)
}

// confirmation raises what a source says; a newer record of the source itself
// replaces its older one.
func (m *merger) confirmation(in *Confirmation) {
	old := m.old.Confirmation(in.Source)
	if old == nil {
		m.old.Confirmations = append(m.old.Confirmations, *in)
		m.change.States = true
		if in.Confirms() {
			m.change.Confirmed |= 1 << in.Source
		}
		return
	}
	if stateRank(in.Status) > stateRank(old.Status) {
		if in.Confirms() && !old.Confirms() {
			m.change.Confirmed |= 1 << in.Source
			old.Date = in.Date
		}
		old.Status, m.change.States = in.Status, true
	}
	if !old.Date.Given() && in.Date.Given() {
		old.Date, m.change.States = in.Date, true
	}
	if in.Stated && (in.Confirms() || !old.Confirms()) && (!old.Stated || !sameFields(old.Record, in.Record)) {
		old.Stated, old.Record, m.change.States = true, in.Record, true
	}
}

func sameFields(a, b []Field) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// refines reports whether a locator says the same place more exactly.
func refines(id FieldID, have, want string) bool {
	switch id {
	case FieldGridsquare, FieldMyGridsquare:
		return len(want) > len(have) && strings.EqualFold(want[:len(have)], have)
	}
	return false
}

func firstByte(s string) byte {
	if s == "" {
		return 0
	}
	return s[0] &^ 0x20
}

// isSentState reports whether the field says how far our own QSL or upload
// got; like confirmations it is never lowered by a second record.
func isSentState(id FieldID) bool {
	switch id {
	case FieldQSLSent, FieldLoTWQSLSent, FieldEQSLQSLSent, FieldDCLQSLSent,
		FieldClubLogQSOUploadStatus, FieldQRZComQSOUploadStatus, FieldHRDLogQSOUploadStatus,
		FieldHamQTHQSOUploadStatus, FieldHamlogEUQSOUploadStatus:
		return true
	}
	return false
}

// foldsCase reports whether two spellings of a field's value that differ in
// letter case say the same.
func foldsCase(id FieldID) bool {
	switch id.ADIFType() {
	case "Enumeration", "GridSquare", "GridSquareExt", "GridSquareList", "IOTARefNo", "SOTARef", "POTARefList", "WWFFRef", "Boolean":
		return true
	}
	switch id {
	case FieldOperator, FieldOwnerCallsign, FieldSatName, FieldPFX, FieldCountry, FieldContestID:
		return true
	}
	return false
}

// listSeparator returns what divides the entries of a list field, "" for
// fields that are no lists.
func listSeparator(id FieldID) string {
	switch id.ADIFType() {
	case "GridSquareList", "POTARefList", "CreditList", "SponsoredAwardList":
		return ","
	case "SecondarySubdivisionList":
		return ":"
	case "SecondaryAdministrativeSubdivisionListAlt":
		return ";"
	}
	return ""
}

// unite adds to a list what another has and it lacks, letter case aside.
func unite(have, more, sep string) string {
	for _, entry := range strings.Split(more, sep) {
		entry = strings.TrimSpace(entry)
		if entry != "" && !inList(have, entry, sep) {
			have += sep + entry
		}
	}
	return have
}

func inList(list, entry, sep string) bool {
	for _, e := range strings.Split(list, sep) {
		if strings.EqualFold(strings.TrimSpace(e), entry) {
			return true
		}
	}
	return false
}

// Adopt lets a QSO that a sync created become the one a logger tells of: it
// keeps its id and takes the record's mode, submode and exact time; everything
// else is merged.
func Adopt(old, in *QSO) Change {
	change := Change{}
	note := func(id FieldID) {
		if from, to := old.Text(id), in.Text(id); from != to {
			change.Fields = append(change.Fields, FieldChange{ID: id, From: from, To: to})
		}
	}
	note(FieldQSODate)
	note(FieldTimeOn)
	note(FieldMode)
	note(FieldSubmode)
	old.Start, old.Mode, old.MadeBy = in.Start, in.Mode, NoSource
	merged := Merge(old, in, MergeRule{})
	merged.Fields = append(change.Fields, merged.Fields...)
	merged.States = true
	return merged
}
