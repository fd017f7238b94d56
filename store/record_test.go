package store_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"qslbox/qso"
	"qslbox/store"
)

func anyField() *rapid.Generator[qso.Field] {
	return rapid.Custom(func(t *rapid.T) qso.Field {
		f := qso.Field{ID: qso.FieldID(rapid.IntRange(0, qso.FieldCount()-1).Draw(t, "id")), Value: rapid.String().Draw(t, "value")}
		if f.ID == qso.NoField {
			f.Name = rapid.StringMatching("[A-Z_]{1,20}").Draw(t, "name")
		}
		if rapid.Bool().Draw(t, "typed") {
			f.Type = rapid.SampledFrom([]byte("DTNSMEB")).Draw(t, "type")
		}
		return f
	})
}

func anyTime() *rapid.Generator[qso.Time] {
	return rapid.Custom(func(t *rapid.T) qso.Time { return qso.Time(rapid.Int64Range(-2e9, 4e9).Draw(t, "time")) })
}

func anyQSO() *rapid.Generator[*qso.QSO] {
	return rapid.Custom(func(t *rapid.T) *qso.QSO {
		fields := rapid.SliceOfN(anyField(), 0, 5)
		q := &qso.QSO{
			ID: rapid.Uint64().Draw(t, "id"), Rev: rapid.Uint32().Draw(t, "rev"),
			Start: anyTime().Draw(t, "start"), End: anyTime().Draw(t, "end"),
			Call: qso.Call(rapid.String().Draw(t, "call")), Own: qso.Call(rapid.String().Draw(t, "own")), OwnAssumed: rapid.Bool().Draw(t, "assumed"),
			Band: qso.Band(rapid.Byte().Draw(t, "band")), BandRx: qso.Band(rapid.Byte().Draw(t, "band rx")),
			Freq: qso.Freq(rapid.Int64Range(0, 1<<62).Draw(t, "freq")), FreqRx: qso.Freq(rapid.Int64Range(0, 1e6).Draw(t, "freq rx")) * 1e6,
			Mode: qso.Mode{Name: rapid.String().Draw(t, "mode"), Sub: rapid.String().Draw(t, "submode")},
			DXCC: rapid.Uint16().Draw(t, "dxcc"), CQZ: rapid.Byte().Draw(t, "cqz"), ITUZ: rapid.Byte().Draw(t, "ituz"),
			MadeBy: qso.Source(rapid.IntRange(0, qso.SourceCount-1).Draw(t, "made by")), AtLoTW: anyTime().Draw(t, "at LoTW"),
			Fields: fields.Draw(t, "fields"),
		}
		for range rapid.IntRange(0, 3).Draw(t, "confirmations") {
			c := qso.Confirmation{
				Source: qso.Source(rapid.IntRange(0, qso.SourceCount-1).Draw(t, "source")), Status: rapid.Byte().Draw(t, "status"),
				Date: anyTime().Draw(t, "date"), Stated: rapid.Bool().Draw(t, "stated"),
			}
			if c.Stated {
				c.Record = fields.Draw(t, "record")
			}
			q.Confirmations = append(q.Confirmations, c)
		}
		for range rapid.IntRange(0, 3).Draw(t, "origins") {
			f := anyField().Draw(t, "field")
			q.Origins = append(q.Origins, qso.FieldOrigin{ID: f.ID, Name: f.Name, Origin: qso.Origin(rapid.Byte().Draw(t, "origin"))})
		}
		for range rapid.IntRange(0, 3).Draw(t, "differences") {
			q.Differences = append(q.Differences, qso.Difference{Field: anyField().Draw(t, "field"), Origin: qso.Origin(rapid.Byte().Draw(t, "origin"))})
		}
		return q
	})
}

func TestRecordRoundTrip(t *testing.T) {
	var got qso.QSO // used again and again, as readers do
	rapid.Check(t, func(t *rapid.T) {
		want := anyQSO().Draw(t, "QSO")
		data := store.AppendRecord(nil, want)
		if err := store.DecodeRecord(want.ID, data, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, &got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		for n := range data {
			if err := store.DecodeRecord(1, data[:n], &got); !errors.Is(err, store.ErrDamaged) {
				t.Fatalf("cut after %d bytes of %d: %v", n, len(data), err)
			}
		}
	})
}

func TestValueFindsEveryFlippedBit(t *testing.T) {
	key, payload := store.IDKey(77), []byte("the payload of a value")
	value := store.AppendValue(key, payload)
	if got, err := store.OpenValue(key, value); err != nil || string(got) != string(payload) {
		t.Fatalf("%q, %v", got, err)
	}
	for i := range 8 * (len(key) + len(value)) {
		k, v := append([]byte(nil), key...), append([]byte(nil), value...)
		if at := i / 8; at < len(k) {
			k[at] ^= 1 << (i % 8)
		} else {
			v[at-len(k)] ^= 1 << (i % 8)
		}
		if _, err := store.OpenValue(k, v); !errors.Is(err, store.ErrDamaged) {
			t.Errorf("bit %d: %v", i, err)
		}
	}
}

func FuzzDecodeRecord(f *testing.F) {
	f.Add(store.AppendRecord(nil, &qso.QSO{Call: "DL1ABC", Start: 1, Band: 9, Mode: qso.Mode{Name: "CW"}, Fields: []qso.Field{{Name: "APP_X", Value: "1"}}}))
	f.Add([]byte{0xff, 0xff, 3, 1, 1, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		var q, again qso.QSO
		if err := store.DecodeRecord(5, data, &q); err != nil {
			return
		}
		if err := store.DecodeRecord(5, store.AppendRecord(nil, &q), &again); err != nil {
			t.Fatalf("what was read cannot be written and read again: %v", err)
		}
		if diff := cmp.Diff(q, again, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-first +again):\n%s", diff)
		}
	})
}

func FuzzOpenValue(f *testing.F) {
	f.Add([]byte("key"), store.AppendValue([]byte("key"), []byte("payload")))
	f.Add([]byte(""), []byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, key, value []byte) {
		payload, err := store.OpenValue(key, value)
		if err == nil && len(payload) >= len(value) {
			t.Errorf("%d bytes of payload in a value of %d", len(payload), len(value))
		}
	})
}
