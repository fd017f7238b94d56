package syncers

import (
	"slices"
	"strings"

	"qslbox/qso"
)

// DOKRule says what happens if DCL knows another DOK than the log. DCL takes
// the DOK from the member register, not from the air.
type DOKRule uint8

// The rules.
const (
	AskDOK  DOKRule = iota // keep the log's, note the difference (default)
	KeepDOK                // keep the log's
	TakeDOK                // take DCL's, keep the old one in the history
)

var dokRules = [...]string{"ask", "mine", "dcl"}

// String returns ask, mine or dcl.
func (r DOKRule) String() string {
	if int(r) >= len(dokRules) {
		return dokRules[AskDOK]
	}
	return dokRules[r]
}

// ParseDOKRule reads what String prints; blank means ask. ok is false for
// other texts.
func ParseDOKRule(s string) (rule DOKRule, ok bool) {
	i := slices.Index(dokRules[:], s)
	return DOKRule(max(i, 0)), i >= 0 || s == ""
}

// otherSide are the fields in which a confirmation by LoTW speaks of the other
// side and is believed more than the log (DESIGN.md section 3).
var otherSide = [...]qso.FieldID{
	qso.FieldDXCC, qso.FieldCQZ, qso.FieldITUZ, qso.FieldGridsquare, qso.FieldVUCCGrids,
	qso.FieldState, qso.FieldCnty, qso.FieldIOTA,
}

// doubts are the fields with which LoTW marks a value of its own as derived or
// wrong; then it does not replace the log's.
var doubts = [...][2]qso.FieldID{
	{qso.FieldCQZ, qso.FieldAppLoTWCQZInferred}, {qso.FieldCQZ, qso.FieldAppLoTWCQZInvalid},
	{qso.FieldITUZ, qso.FieldAppLoTWITUZInferred}, {qso.FieldITUZ, qso.FieldAppLoTWITUZInvalid},
	{qso.FieldGridsquare, qso.FieldAppLoTWGridsquareInvalid},
}

// redundant are fields of a LoTW record that stand elsewhere in the QSO or say
// nothing lasting.
var redundant = [...]qso.FieldID{
	qso.FieldAppLoTWOwnCall, qso.FieldAppLoTWRXQSO, qso.FieldAppLoTWRXQSL, qso.FieldAppLoTWModeGroup,
	qso.FieldAppLoTW2xQSL, qso.FieldAppLoTWQSLMode, qso.FieldAppLoTWDXCCEntityStatus,
	qso.FieldAppLoTWCQZInferred, qso.FieldAppLoTWCQZInvalid, qso.FieldAppLoTWITUZInferred, qso.FieldAppLoTWITUZInvalid,
	qso.FieldAppLoTWGridsquareInvalid,
}

// Make returns the QSO that a sync adds for a record: marked with its origin,
// and, from LoTW, holding its LoTW record. The record's own QSO is not changed
// and not kept.
func Make(rec *Record, source qso.Source) *qso.QSO {
	q := prepare(rec, source)
	q.MadeBy = source
	q.ID, q.Rev = 0, 0
	return q
}

// prepare copies a record's QSO, takes out what is redundant and notes where
// its values are from.
func prepare(rec *Record, source qso.Source) *qso.QSO {
	q := rec.QSO.Clone()
	switch source {
	case qso.LoTW:
		prepareLoTW(q)
	case qso.DCL:
		if q.Get(qso.FieldDARCDOK) != "" {
			q.SetOrigin(qso.FieldDARCDOK, "", qso.FromDCL)
		}
		q.Confirmations = slices.DeleteFunc(q.Confirmations, func(c qso.Confirmation) bool { return c.Source != qso.DCL || !c.Confirms() })
	}
	return q
}

func prepareLoTW(q *qso.QSO) {
	confirmed := q.Confirmed().Has(qso.LoTW)
	doubted := map[qso.FieldID]bool{}
	for _, d := range doubts {
		doubted[d[0]] = doubted[d[0]] || q.Get(d[1]) != ""
	}
	for _, id := range otherSide {
		if confirmed && !doubted[id] && q.Text(id) != "" && q.Origin(id, "") == qso.Imported {
			q.SetOrigin(id, "", qso.FromLoTW)
		}
	}
	for _, id := range redundant {
		q.Set(id, "")
	}
	q.Set(qso.FieldAppLoTWQSOTimestamp, q.Start.Std().Format("2006-01-02T15:04:05Z"))
	if !q.AtLoTW.Given() { // a report without RXQSO: at least then
		q.AtLoTW = q.Start
	}
	q.Confirmations = slices.DeleteFunc(q.Confirmations, func(c qso.Confirmation) bool { return !c.Confirms() })
}

// Merge puts what a record says into the QSO that it is about: the
// confirmation with the other side's values by the order of belief, our own
// side only where the log is blank, never mode and time. It returns what
// changed.
func Merge(old *qso.QSO, rec *Record, source qso.Source, dok DOKRule) qso.Change {
	in := prepare(rec, source)
	leaveOwnSide(old, in)
	change := qso.Change{}
	switch source {
	case qso.LoTW:
		change.Differences += noteWithdrawn(old, rec.QSO)
	case qso.DCL:
		change.Differences += settleDOK(old, in, qso.FieldDARCDOK, dok)
		change.Differences += settleDOK(old, in, qso.FieldMyDARCDOK, dok)
	}
	merged := qso.Merge(old, in, qso.MergeRule{})
	merged.Differences += change.Differences
	return merged
}

// leaveOwnSide takes out of a record what the log knows already and the service
// is not believed more in: only blanks of it are filled.
func leaveOwnSide(old, in *qso.QSO) {
	if old.Freq != 0 {
		in.Freq = 0
	}
	if old.FreqRx != 0 {
		in.FreqRx = 0
	}
	if old.BandRx != 0 {
		in.BandRx = 0
	}
	if old.End.Given() {
		in.End = qso.NoTime
	}
	if old.Mode.Name != in.Mode.Name || old.Mode.Sub != "" {
		in.Mode.Sub = ""
	}
	for _, id := range [...]qso.FieldID{qso.FieldDXCC, qso.FieldCQZ, qso.FieldITUZ} {
		if o := in.Origin(id, ""); o != qso.FromLoTW && old.Text(id) != "" {
			clearNumber(in, id)
		}
	}
	in.Fields = slices.DeleteFunc(in.Fields, func(f qso.Field) bool {
		have := fieldOf(old, &f)
		switch {
		case have == "":
			return false
		case f.ID == qso.FieldGridsquare && len(have) > len(f.Value) && strings.EqualFold(have[:len(f.Value)], f.Value):
			return true // the log knows the place more exactly
		case f.ID == qso.FieldCreditGranted, f.ID == qso.FieldDARCDOK, f.ID == qso.FieldMyDARCDOK:
			return false
		}
		return in.Origin(f.ID, f.Name) != qso.FromLoTW
	})
}

func clearNumber(q *qso.QSO, id qso.FieldID) {
	switch id {
	case qso.FieldDXCC:
		q.DXCC = 0
	case qso.FieldCQZ:
		q.CQZ = 0
	case qso.FieldITUZ:
		q.ITUZ = 0
	}
}

// fieldOf returns the value of a field of the same name.
func fieldOf(q *qso.QSO, f *qso.Field) string {
	if f.ID != qso.NoField {
		return q.Get(f.ID)
	}
	for i := range q.Fields {
		if q.Fields[i].ID == qso.NoField && q.Fields[i].Name == f.Name {
			return q.Fields[i].Value
		}
	}
	return ""
}

// noteWithdrawn notes that LoTW's record no longer confirms what it confirmed:
// the confirmation stays, the difference is shown.
func noteWithdrawn(old, in *qso.QSO) int {
	c := in.Confirmation(qso.LoTW)
	was := old.Confirmation(qso.LoTW)
	if c == nil || c.Confirms() || was == nil || !was.Confirms() || !was.Stated {
		return 0
	}
	return note(old, qso.Field{ID: qso.FieldLoTWQSLRcvd, Value: string(rune(c.Status))}, qso.FromLoTW)
}

// settleDOK applies the rule for a DOK that differs: it stays in the record
// only if it may replace or fill the log's.
func settleDOK(old, in *qso.QSO, id qso.FieldID, rule DOKRule) int {
	have, want := old.Get(id), in.Get(id)
	if have == "" || want == "" {
		return 0
	}
	mine, _ := qso.FoldDOK(have)
	theirs, _ := qso.FoldDOK(want)
	if rule == TakeDOK && mine != theirs && id == qso.FieldDARCDOK {
		return 0
	}
	in.Set(id, "")
	if mine == theirs || rule == KeepDOK {
		return 0
	}
	return note(old, qso.Field{ID: id, Value: want}, qso.FromDCL)
}

// note adds a difference, once, and returns how many it added.
func note(q *qso.QSO, f qso.Field, origin qso.Origin) int {
	for _, d := range q.Differences {
		if d.Field.ID == f.ID && d.Field.Value == f.Value && d.Origin == origin {
			return 0
		}
	}
	q.Differences = append(q.Differences, qso.Difference{Field: f, Origin: origin})
	return 1
}
