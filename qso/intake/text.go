package intake

import (
	"bytes"
	"strings"

	"qslbox/qso"
	"qslbox/qso/adif"
)

// arenaSize is how much text is allocated at a time. The strings of some QSOs
// in turn share one block.
const arenaSize = 32 << 10

// copyRecord copies the record's text out of the reader's buffer, at once and
// into a block that other records share: values are then parts of it, which
// costs a third of copying each (BenchmarkIntake).
func (in *Intake) copyRecord() {
	raw := in.rec.Raw
	in.raw = ""
	if len(raw) > arenaSize/4 {
		return // each value by itself, lest a short one holds a long text
	}
	if in.arena.Cap()-in.arena.Len() < len(raw) {
		in.arena.Reset()
		in.arena.Grow(arenaSize)
	}
	from := in.arena.Len()
	in.arena.Write(raw)
	in.raw = in.arena.String()[from:]
}

// text returns a field's value as a string of its own.
func (in *Intake) text(f *adif.Field) string {
	if at := in.rec.At(f); at >= 0 && in.raw != "" {
		return in.raw[at : at+len(f.Value)]
	}
	return string(f.Value)
}

// upper returns a value in upper case.
func (in *Intake) upper(f *adif.Field) string {
	if isUpper(f.Value) {
		return in.text(f)
	}
	return strings.ToUpper(string(f.Value))
}

// isUpper reports whether b is ASCII without small letters.
func isUpper(b []byte) bool {
	for _, c := range b {
		if 'a' <= c && c <= 'z' || c >= 0x80 {
			return false
		}
	}
	return true
}

// list returns a list of references: upper case, commas, no blanks.
func (in *Intake) list(f *adif.Field) string {
	clean := isUpper(f.Value)
	for _, c := range f.Value {
		clean = clean && c > ' '
	}
	if clean {
		return in.text(f)
	}
	return strings.ToUpper(strings.Join(strings.Fields(string(f.Value)), ""))
}

// dok returns a DOK: upper case, Ø is a zero.
func (in *Intake) dok(f *adif.Field) string {
	if isUpper(f.Value) {
		return in.text(f)
	}
	return strings.ReplaceAll(strings.ToUpper(string(f.Value)), "Ø", "0")
}

// grid adds a locator: its first 8 characters, the rest as extension (rule
// 11). What is no locator is kept as original.
func (in *Intake) grid(f *adif.Field) {
	if in.isNowhere(f) {
		in.keepOriginal(f.ID, string(f.Value))
		return
	}
	if isPlainGrid(f.Value) {
		in.q.Fields = append(in.q.Fields, qso.Field{ID: f.ID, Type: f.Type, Value: in.text(f)})
		return
	}
	g, err := qso.ParseGrid(string(f.Value))
	if err != nil {
		in.keepOriginal(f.ID, string(f.Value))
		return
	}
	square, ext := g.Split()
	in.q.Fields = append(in.q.Fields, qso.Field{ID: f.ID, Type: f.Type, Value: square})
	if ext == "" {
		return
	}
	extension := qso.FieldGridsquareExt
	if f.ID == qso.FieldMyGridsquare {
		extension = qso.FieldMyGridsquareExt
	}
	if in.rec.Get(extension) == nil {
		in.q.Fields = append(in.q.Fields, qso.Field{ID: extension, Value: ext})
	}
}

// isNowhere reports whether a locator stands for "not known": logbook services
// write the point at 0 degrees north and east for stations whose place they do
// not have, as coordinates and as the locator made of them.
func (in *Intake) isNowhere(f *adif.Field) bool {
	if len(f.Value) != 6 || !strings.EqualFold(string(f.Value), "JJ00AA") {
		return false
	}
	lat, lon := qso.FieldLat, qso.FieldLon
	if f.ID == qso.FieldMyGridsquare {
		lat, lon = qso.FieldMyLat, qso.FieldMyLon
	}
	return isZeroDegrees(in.rec.Get(lat)) && isZeroDegrees(in.rec.Get(lon))
}

// isZeroDegrees reports whether an ADIF location ("S000 00.000") is zero.
func isZeroDegrees(b []byte) bool {
	return len(b) > 1 && len(bytes.Trim(b[1:], "0. ")) == 0
}

// grids adds a list of locators; a list with entries that are none is kept as
// original too.
func (in *Intake) grids(f *adif.Field) {
	given := in.list(f)
	list := qso.ParseGridList(given)
	if list != "" {
		in.q.Fields = append(in.q.Fields, qso.Field{ID: f.ID, Type: f.Type, Value: list})
	}
	if strings.Count(list, ",") < strings.Count(strings.Trim(given, ","), ",") || list == "" {
		in.keepOriginal(f.ID, string(f.Value))
	}
}

// isPlainGrid reports whether b is a locator of 4, 6 or 8 characters in its
// one spelling: qso.ParseGrid for the usual case.
func isPlainGrid(b []byte) bool {
	n := len(b)
	if n != 4 && n != 6 && n != 8 || b[0]-'A' > 17 || b[1]-'A' > 17 || b[2]-'0' > 9 || b[3]-'0' > 9 {
		return false
	}
	return (n < 6 || b[4]-'A' < 24 && b[5]-'A' < 24) && (n < 8 || b[6]-'0' < 10 && b[7]-'0' < 10)
}
