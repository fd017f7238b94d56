package store

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"unsafe"

	"qslbox/qso"
)

// Bits of a record's first number: which values follow. Stored: never change
// one's meaning.
const (
	hasEnd = 1 << iota
	hasOwn
	ownAssumed
	hasBandRx
	hasFreq
	hasFreqRx
	hasSub
	hasDXCC
	hasCQZ
	hasITUZ
	hasMadeBy
	hasAtLoTW
	hasFields
	hasConfirmations
	hasOrigins
	hasDifferences
)

// appendRecord appends a QSO in its stored form; the id is the key. Numbers
// are varints, texts have their length in front.
func appendRecord(b []byte, q *qso.QSO) []byte {
	flags := flagsOf(q)
	b = binary.AppendUvarint(b, flags)
	b = binary.AppendUvarint(b, uint64(q.Rev))
	b = binary.AppendVarint(b, int64(q.Start))
	b = appendText(b, string(q.Call))
	b = append(b, byte(q.Band))
	b = appendText(b, q.Mode.Name)
	if flags&hasEnd != 0 {
		b = binary.AppendVarint(b, int64(q.End-q.Start))
	}
	if flags&hasOwn != 0 {
		b = appendText(b, string(q.Own))
	}
	if flags&hasBandRx != 0 {
		b = append(b, byte(q.BandRx))
	}
	if flags&hasFreq != 0 {
		b = appendFreq(b, q.Freq)
	}
	if flags&hasFreqRx != 0 {
		b = appendFreq(b, q.FreqRx)
	}
	if flags&hasSub != 0 {
		b = appendText(b, q.Mode.Sub)
	}
	if flags&hasDXCC != 0 {
		b = binary.AppendUvarint(b, uint64(q.DXCC))
	}
	if flags&hasCQZ != 0 {
		b = append(b, q.CQZ)
	}
	if flags&hasITUZ != 0 {
		b = append(b, q.ITUZ)
	}
	if flags&hasMadeBy != 0 {
		b = append(b, byte(q.MadeBy))
	}
	if flags&hasAtLoTW != 0 {
		b = binary.AppendVarint(b, int64(q.AtLoTW-q.Start))
	}
	return appendLists(b, q)
}

func flagsOf(q *qso.QSO) uint64 {
	var flags uint64
	for bit, set := range [...]bool{
		q.End.Given(), q.Own != "", q.OwnAssumed, q.BandRx != 0, q.Freq != 0, q.FreqRx != 0, q.Mode.Sub != "", q.DXCC != 0, q.CQZ != 0,
		q.ITUZ != 0, q.MadeBy != 0, q.AtLoTW.Given(), len(q.Fields) > 0, len(q.Confirmations) > 0, len(q.Origins) > 0, len(q.Differences) > 0,
	} {
		if set {
			flags |= 1 << bit
		}
	}
	return flags
}

func appendLists(b []byte, q *qso.QSO) []byte {
	if len(q.Fields) > 0 {
		b = appendFields(b, q.Fields)
	}
	if n := len(q.Confirmations); n > 0 {
		b = binary.AppendUvarint(b, uint64(n))
		for i := range q.Confirmations {
			c := &q.Confirmations[i]
			stated := byte(0)
			if c.Stated {
				stated = 0x80
			}
			b = append(b, byte(c.Source)|stated, c.Status)
			b = appendWhen(b, c.Date)
			if c.Stated {
				b = appendFields(b, c.Record)
			}
		}
	}
	if n := len(q.Origins); n > 0 {
		b = binary.AppendUvarint(b, uint64(n))
		for _, o := range q.Origins {
			b = append(appendName(b, qso.Field{ID: o.ID, Name: o.Name}), byte(o.Origin))
		}
	}
	if n := len(q.Differences); n > 0 {
		b = binary.AppendUvarint(b, uint64(n))
		for _, d := range q.Differences {
			b = append(appendText(appendName(b, d.Field), d.Field.Value), byte(d.Origin))
		}
	}
	return b
}

// appendFreq appends a frequency: in kHz if it is a whole number of them, else
// in mHz; the lowest bit tells which.
func appendFreq(b []byte, f qso.Freq) []byte {
	const kHz = 1_000_000
	if f%kHz == 0 {
		return binary.AppendUvarint(b, uint64(f/kHz)<<1)
	}
	return binary.AppendUvarint(b, uint64(f)<<1|1)
}

// appendWhen appends a time: a whole day by its number, else the second; the
// lowest bit tells which.
func appendWhen(b []byte, t qso.Time) []byte {
	const day = 24 * 60 * 60
	if t%day == 0 {
		return binary.AppendVarint(b, int64(t/day)<<1)
	}
	return binary.AppendVarint(b, int64(t)<<1|1)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// appendName appends what a field is called, and its type letter if it has
// one: id<<1, lowest bit for the type; unknown names follow as text.
func appendName(b []byte, f qso.Field) []byte {
	n := uint64(f.ID) << 1
	if f.Type != 0 {
		n |= 1
	}
	b = binary.AppendUvarint(b, n)
	if f.Type != 0 {
		b = append(b, f.Type)
	}
	if f.ID == qso.NoField {
		b = appendText(b, f.Name)
	}
	return b
}

func appendFields(b []byte, fields []qso.Field) []byte {
	b = binary.AppendUvarint(b, uint64(len(fields)))
	for i := range fields {
		b = appendText(appendName(b, fields[i]), fields[i].Value)
	}
	return b
}

// decodeRecord reads a stored QSO into q, whose memory is used again. All
// texts are parts of one copy of the data.
func decodeRecord(id uint64, data []byte, q *qso.QSO) error {
	return decodeText(id, string(data), q)
}

// decodeShared is decodeRecord without the copy: q must not be used after the
// data is gone.
func decodeShared(id uint64, data []byte, q *qso.QSO) error {
	return decodeText(id, unsafe.String(unsafe.SliceData(data), len(data)), q)
}

func decodeText(id uint64, data string, q *qso.QSO) error {
	q.Reset()
	d := decoder{rest: data}
	flags := d.uint()
	q.ID, q.Rev = id, uint32(d.uint())
	q.Start = qso.Time(d.int())
	q.Call = qso.Call(d.text())
	q.Band = qso.Band(d.byte())
	q.Mode.Name = d.text()
	d.typed(flags, q)
	if flags&hasFields != 0 {
		q.Fields = d.fields(q.Fields)
	}
	if flags&hasConfirmations != 0 {
		d.confirmations(q)
	}
	if flags&hasOrigins != 0 {
		for range d.count() {
			f := d.name()
			q.Origins = append(q.Origins, qso.FieldOrigin{ID: f.ID, Name: f.Name, Origin: qso.Origin(d.byte())})
		}
	}
	if flags&hasDifferences != 0 {
		for range d.count() {
			f := d.name()
			f.Value = d.text()
			q.Differences = append(q.Differences, qso.Difference{Field: f, Origin: qso.Origin(d.byte())})
		}
	}
	if d.bad || d.rest != "" {
		return fmt.Errorf("%w: QSO %d cannot be read", ErrDamaged, id)
	}
	return nil
}

// decoder reads numbers and texts; after the first fault it returns zeros.
type decoder struct {
	rest string
	bad  bool
}

func (d *decoder) fail() {
	d.bad, d.rest = true, ""
}

func (d *decoder) uint() uint64 {
	var x uint64
	for i := 0; i < len(d.rest) && i < binary.MaxVarintLen64; i++ {
		c := d.rest[i]
		x |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			d.rest = d.rest[i+1:]
			return x
		}
	}
	d.fail()
	return 0
}

func (d *decoder) int() int64 {
	u := d.uint()
	return int64(u>>1) ^ -int64(u&1)
}

func (d *decoder) byte() byte {
	if d.rest == "" {
		d.fail()
		return 0
	}
	c := d.rest[0]
	d.rest = d.rest[1:]
	return c
}

func (d *decoder) text() string {
	n := d.uint()
	if n > uint64(len(d.rest)) {
		d.fail()
		return ""
	}
	s := d.rest[:n]
	d.rest = d.rest[n:]
	return s
}

// count reads the length of a list, each entry of which takes a byte at least.
func (d *decoder) count() int {
	n := d.uint()
	if n > uint64(len(d.rest)) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) freq() qso.Freq {
	n := d.uint()
	if n&1 != 0 {
		return qso.Freq(n >> 1)
	}
	if n>>1 > math.MaxInt64/1_000_000 {
		d.fail()
		return 0
	}
	return qso.Freq(n>>1) * 1_000_000
}

func (d *decoder) when() qso.Time {
	n := d.int()
	if n&1 == 0 {
		return qso.Time(n>>1) * (24 * 60 * 60)
	}
	return qso.Time(n >> 1)
}

func (d *decoder) name() (f qso.Field) {
	n := d.uint()
	if n>>1 > math.MaxUint16 {
		d.fail()
		return f
	}
	f.ID = qso.FieldID(n >> 1)
	if n&1 != 0 {
		f.Type = d.byte()
	}
	if f.ID == qso.NoField {
		f.Name = d.text()
	}
	return f
}

func (d *decoder) fields(to []qso.Field) []qso.Field {
	n := d.count()
	to = slices.Grow(to, n)
	for range n {
		f := d.name()
		f.Value = d.text()
		to = append(to, f)
	}
	return to
}

func (d *decoder) typed(flags uint64, q *qso.QSO) {
	if flags&hasEnd != 0 {
		q.End = q.Start + qso.Time(d.int())
	}
	if flags&hasOwn != 0 {
		q.Own = qso.Call(d.text())
	}
	q.OwnAssumed = flags&ownAssumed != 0
	if flags&hasBandRx != 0 {
		q.BandRx = qso.Band(d.byte())
	}
	if flags&hasFreq != 0 {
		q.Freq = d.freq()
	}
	if flags&hasFreqRx != 0 {
		q.FreqRx = d.freq()
	}
	if flags&hasSub != 0 {
		q.Mode.Sub = d.text()
	}
	if flags&hasDXCC != 0 {
		q.DXCC = uint16(d.uint())
	}
	if flags&hasCQZ != 0 {
		q.CQZ = d.byte()
	}
	if flags&hasITUZ != 0 {
		q.ITUZ = d.byte()
	}
	if flags&hasMadeBy != 0 {
		q.MadeBy = qso.Source(d.byte())
	}
	if flags&hasAtLoTW != 0 {
		q.AtLoTW = q.Start + qso.Time(d.int())
	}
}

func (d *decoder) confirmations(q *qso.QSO) {
	for range d.count() {
		s := d.byte()
		c := qso.Confirmation{Source: qso.Source(s &^ 0x80), Stated: s&0x80 != 0, Status: d.byte(), Date: d.when()}
		if c.Stated {
			c.Record = d.fields(nil)
		}
		if int(c.Source) >= qso.SourceCount {
			d.fail()
			return
		}
		q.Confirmations = append(q.Confirmations, c)
	}
}
