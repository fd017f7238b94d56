package qso

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ErrBadJSON says that a JSON text is no QSO.
var ErrBadJSON = errors.New("not a QSO in JSON")

// jsonNames are the members whose name is not the ADIF name in lower case
// (DESIGN.md section 9).
var jsonNames = map[FieldID]string{
	FieldLoTWQSLRcvd: "lotw_rcvd", FieldEQSLQSLRcvd: "eqsl_rcvd", FieldDCLQSLRcvd: "dcl_rcvd",
}

// JSONName returns the name of a field in JSON.
func (id FieldID) JSONName() string {
	if name, ok := jsonNames[id]; ok {
		return name
	}
	return id.Lower()
}

// AppendJSON appends the QSO as the one JSON object that the API, the export
// and the commands share.
func (q *QSO) AppendJSON(b []byte) []byte {
	w := objectWriter{b: append(b, '{')}
	w.number("id", int64(q.ID), q.ID != 0)
	w.number("rev", int64(q.Rev), q.Rev != 0)
	w.text("time", q.Start.Std().Format("2006-01-02T15:04:05Z"))
	w.text("time_off", q.End.String())
	w.text("call", string(q.Call))
	w.text("station_callsign", string(q.Own))
	w.text("band", q.Band.String())
	w.text("band_rx", q.BandRx.String())
	w.text("mode", q.Mode.Name)
	w.text("submode", q.Mode.Sub)
	w.raw("freq_mhz", q.Freq.String())
	w.raw("freq_rx_mhz", q.FreqRx.String())
	w.number("dxcc", int64(q.DXCC), q.DXCC != 0)
	w.number("cqz", int64(q.CQZ), q.CQZ != 0)
	w.number("ituz", int64(q.ITUZ), q.ITUZ != 0)
	for s := LoTW; int(s) < SourceCount; s++ {
		status, date := s.Fields()
		w.text(status.JSONName(), q.Text(status))
		w.text(date.JSONName(), q.Text(date))
	}
	for i := range q.Fields {
		if f := &q.Fields[i]; f.ID != NoField && f.ID.Kind() != KindApp {
			w.text(f.ID.JSONName(), f.Value)
		}
	}
	w.key("confirmed")
	w.b = append(w.b, '[')
	for i, name := range q.Confirmed().Names() {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.b = AppendJSONString(w.b, name)
	}
	w.b = append(w.b, ']')
	q.appendExtra(&w)
	return append(w.b, '}')
}

// appendExtra writes the fields that ADIF does not know.
func (q *QSO) appendExtra(w *objectWriter) {
	extra := objectWriter{b: []byte{'{'}}
	for i := range q.Fields {
		if f := &q.Fields[i]; f.ID == NoField || f.ID.Kind() == KindApp {
			extra.text(f.Key(), f.Value)
		}
	}
	if q.OwnAssumed {
		extra.text(FieldAppQSLBoxOwnAssumed.String(), "Y")
	}
	if len(extra.b) > 1 {
		w.key("extra")
		w.b = append(append(w.b, extra.b...), '}')
	}
}

// MarshalJSON returns what AppendJSON appends.
func (q *QSO) MarshalJSON() ([]byte, error) { return q.AppendJSON(nil), nil }

// objectWriter writes the members of one object in order.
type objectWriter struct{ b []byte }

func (w *objectWriter) key(name string) {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ',')
	}
	w.b = append(AppendJSONString(w.b, name), ':')
}

func (w *objectWriter) text(name, value string) {
	if value != "" {
		w.key(name)
		w.b = AppendJSONString(w.b, value)
	}
}

func (w *objectWriter) raw(name, value string) {
	if value != "" {
		w.key(name)
		w.b = append(w.b, value...)
	}
}

func (w *objectWriter) number(name string, n int64, given bool) {
	if given {
		w.raw(name, strconv.FormatInt(n, 10))
	}
}

const hexDigits = "0123456789abcdef"

// AppendJSONString appends s as a JSON string that is also safe inside HTML:
// <, >, & and the two line separators of JavaScript are escaped, bytes that
// are no UTF-8 become the replacement character.
func AppendJSONString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 || r == '\u2028' || r == '\u2029' {
				b = append(append(b, s[start:i]...), fmt.Sprintf("\\u%04x", r)...)
				start = i + size
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' && c != 0x7f {
			i++
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

// FieldsOfJSON reads the members of a QSO object into ADIF fields, sorted by
// name, for the same rules that a file goes through (package intake). Members
// that say what the appliance made of a QSO (id, rev, confirmed) are left out.
// It returns ErrBadJSON, naming the member, for values that are neither text
// nor number.
func FieldsOfJSON(data []byte) ([]Field, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrBadJSON, strings.TrimPrefix(err.Error(), "json: "))
	}
	var fields []Field
	for name, raw := range members {
		switch name {
		case "id", "rev", "confirmed":
			continue
		case "extra":
			var extra map[string]json.RawMessage
			if err := json.Unmarshal(raw, &extra); err != nil {
				return nil, fmt.Errorf("%w: extra is no object of texts", ErrBadJSON)
			}
			for k, v := range extra {
				text, err := jsonText(k, v)
				if err != nil {
					return nil, err
				}
				fields = append(fields, namedField(k, text))
			}
			continue
		}
		text, err := jsonText(name, raw)
		if err != nil {
			return nil, err
		}
		more, err := memberFields(name, text)
		if err != nil {
			return nil, err
		}
		fields = append(fields, more...)
	}
	slices.SortFunc(fields, func(a, b Field) int { return strings.Compare(a.Key(), b.Key()) })
	return fields, nil
}

func jsonText(name string, raw json.RawMessage) (string, error) {
	var value any
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.UseNumber()
	if err := dec.Decode(&value); err != nil {
		return "", fmt.Errorf("%w: %s: %s", ErrBadJSON, clip(name, 40), err)
	}
	switch v := value.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	}
	return "", fmt.Errorf("%w: %s is neither text nor number", ErrBadJSON, clip(name, 40))
}

// memberFields turns one member into the ADIF fields it stands for.
func memberFields(name, text string) ([]Field, error) {
	switch name {
	case "time", "time_off":
		date, clock := FieldQSODate, FieldTimeOn
		if name == "time_off" {
			date, clock = FieldQSODateOff, FieldTimeOff
		}
		if text == "" {
			return []Field{{ID: date}, {ID: clock}}, nil
		}
		t, err := ParseTime(text)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrBadJSON, name, err)
		}
		return []Field{{ID: date, Value: t.Date()}, {ID: clock, Value: t.Clock()}}, nil
	case "freq_mhz":
		return []Field{{ID: FieldFreq, Value: text}}, nil
	case "freq_rx_mhz":
		return []Field{{ID: FieldFreqRX, Value: text}}, nil
	}
	for id, alias := range jsonNames {
		if alias == name {
			return []Field{{ID: id, Value: text}}, nil
		}
	}
	return []Field{namedField(name, text)}, nil
}

func namedField(name, text string) Field {
	f := Field{ID: LookupField([]byte(name)), Value: text}
	if f.ID == NoField {
		f.Name = strings.ToUpper(name)
	}
	return f
}
