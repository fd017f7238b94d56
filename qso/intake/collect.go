package intake

import (
	"bytes"
	"strconv"
	"strings"

	"qslbox/qso"
	"qslbox/qso/adif"
)

// OriginalPrefix begins the name of a field that holds the text which its own
// field could not hold.
const OriginalPrefix = "APP_QSLBOX_ORIGINAL_"

// collect sorts the record's fields: typed ones into slots, all others into
// the QSO in their order. Empty values are not given; of a repeated field the
// first filled one counts (rule 5).
func (in *Intake) collect() {
	in.slots, in.given = [slotCount]uint16{}, 0
	clear(in.seen)
	in.fromDCL, in.noDXCC = in.from == qso.DCL, false
	in.qrzStatus, in.qrzDate = nil, nil
	fields := in.rec.Fields
	for i := range fields {
		f := &fields[i]
		if len(f.Value) == 0 {
			continue
		}
		if f.ID == qso.NoField {
			in.unknown(f)
			continue
		}
		r := in.roles[f.ID]
		if int(r) < slotCount {
			if in.slots[r] == 0 {
				in.slots[r] = uint16(i + 1)
				in.given |= 1 << r
			} else if first := &fields[in.slots[r]-1]; !bytes.Equal(first.Value, f.Value) {
				in.keepOriginal(f.ID, string(f.Value))
			}
			continue
		}
		if bit := uint64(1) << (f.ID % 64); in.seen[f.ID/64]&bit == 0 {
			in.seen[f.ID/64] |= bit
			in.addText(f, r)
		} else if in.q.Get(f.ID) != string(f.Value) {
			in.keepOriginal(f.ID, string(f.Value))
		}
	}
	if in.seen[qso.FieldAppDCLStatus/64]&(1<<(qso.FieldAppDCLStatus%64)) != 0 {
		in.seenDCLField()
	}
}

// seenDCLField notes a field that only DCL writes: without any PROGRAMID the
// record of a file is DCL's (rule 12).
func (in *Intake) seenDCLField() {
	if in.from == qso.NoSource && !in.named && !in.cfg.Plain {
		in.fromDCL = true
	}
}

// unknown keeps a field whose name package qso does not know.
func (in *Intake) unknown(f *adif.Field) {
	if strings.HasPrefix(f.Name, "APP_") {
		in.appField(f)
	}
	for i := range in.q.Fields {
		if have := &in.q.Fields[i]; have.ID == qso.NoField && have.Name == f.Name {
			if have.Value != string(f.Value) && !strings.HasPrefix(f.Name, OriginalPrefix) {
				in.keep(OriginalPrefix+f.Name, string(f.Value))
			}
			return
		}
	}
	in.q.Fields = append(in.q.Fields, qso.Field{Type: f.Type, Name: f.Name, Value: in.text(f)})
}

// appField notes what unknown fields of applications say about others.
func (in *Intake) appField(f *adif.Field) {
	switch {
	case strings.HasPrefix(f.Name, "APP_DCL_"):
		in.seenDCLField()
	case f.Name == "APP_QRZLOG_STATUS":
		in.qrzStatus = f.Value
	case f.Name == "APP_QRZLOG_QSLDATE":
		in.qrzDate = f.Value
	case f.Name == OriginalPrefix+"DXCC" && string(f.Value) == "0":
		in.noDXCC = true
	}
}

// addText adds a field that is no typed one to the QSO.
func (in *Intake) addText(f *adif.Field, r role) {
	value := ""
	switch r {
	case asText:
		value = in.text(f)
	case asUpper:
		value = in.upper(f)
	case asList:
		value = in.list(f)
	case asDOK:
		value = in.dok(f)
	case asGrid:
		in.grid(f)
		return
	case asGrids:
		in.grids(f)
		return
	case asArrival:
		value = in.text(f)
		in.q.AtLoTW = parseInstant(value)
	}
	in.q.Fields = append(in.q.Fields, qso.Field{ID: f.ID, Type: f.Type, Value: value})
}

// original keeps the text of a typed field that was not understood.
func (in *Intake) original(s slot) {
	if f := in.field(s); f != nil {
		in.keepOriginal(f.ID, string(f.Value))
	}
}

func (in *Intake) keepOriginal(id qso.FieldID, value string) {
	key, ok := in.invalid[id]
	if !ok {
		key = OriginalPrefix + id.String()
		in.invalid[id] = key
	}
	in.keep(key, value)
}

// keep adds a field by name; if the name is taken by another value, under a
// name with a number behind it.
func (in *Intake) keep(key, value string) {
	for n := 2; ; n++ {
		have := in.byName(key)
		if have == "" {
			in.q.Fields = append(in.q.Fields, qso.Field{Name: key, Value: value})
			return
		}
		if have == value || n > 9 {
			return
		}
		key = strings.TrimSuffix(key, "_"+strconv.Itoa(n-1)) + "_" + strconv.Itoa(n)
	}
}

// byName returns the value of a field by a name that package qso does not know.
func (in *Intake) byName(key string) string {
	for i := range in.q.Fields {
		if f := &in.q.Fields[i]; f.ID == qso.NoField && f.Name == key {
			return f.Value
		}
	}
	return ""
}
