package intake

import (
	"strings"
	"time"

	"qslbox/qso"
	"qslbox/qso/adif"
	"qslbox/qso/dxcc"
)

// Resolver knows where on Earth a call is. *dxcc.Table is one.
type Resolver interface {
	Lookup(call qso.Call, at qso.Time) dxcc.Result
	Entity(code uint16) (dxcc.Entity, bool)
	ByName(country string) (code uint16, ok bool)
}

// Config says how records are judged. Now is needed; the rest may be zero.
type Config struct {
	// Now is the clock: dates may be one day in its future.
	Now func() time.Time
	// Own is the own call of records that name none (import --own).
	Own qso.Call
	// DefaultOwn is the logbook's own call, assumed (and marked so) where
	// neither the record nor Own gives one.
	DefaultOwn qso.Call
	// From is LoTW or DCL for an answer of theirs: QSL_RCVD is never a card's
	// there, and an own call is never guessed. NoSource is a file of any
	// program; that LoTW or DCL wrote it is seen by its header (or, DCL, by
	// its fields).
	From qso.Source
	// Plain is for records that come field by field, not out of a file (the
	// API): fields mean what their names say, whoever wrote them first.
	Plain bool
	// Resolver looks up what the record does not say; nil looks up nothing.
	Resolver Resolver
}

// Intake turns records into QSOs. It keeps memory from record to record and is
// not safe for concurrent use.
type Intake struct {
	cfg    Config
	latest qso.Time // last day a QSO may have; refreshed by the clock

	roles   []role // by field id
	bands   bandNames
	limits  []bandLimits
	modes   modeMemo
	entity  [16]uint64 // set of known entity codes
	arena   strings.Builder
	own     string // the last own call, clean
	dayWord uint64 // the last date as text, and what it is
	day     qso.Time
	invalid map[qso.FieldID]string

	header *adif.Header // the one that from and named speak of
	from   qso.Source   // whose file or answer it is
	named  bool         // the header names a program

	// The record under way.
	rec     *adif.Record
	q       *qso.QSO
	raw     string            // the record's text; empty if it is long
	slots   [slotCount]uint16 // place of a typed field in rec.Fields, plus 1
	given   uint64            // set of slots that are filled
	seen    []uint64          // set of text fields that are in q.Fields
	fromDCL bool              // the record is DCL's
	noDXCC  bool              // it says that there is no entity

	// QRZ.com's own fields in it: state and date of its confirmation.
	qrzStatus, qrzDate []byte
}

// New returns an Intake.
func New(cfg Config) *Intake {
	in := &Intake{cfg: cfg, roles: fieldRoles(), bands: newBandNames(), limits: newBandLimits(), invalid: map[qso.FieldID]string{}}
	in.seen = make([]uint64, qso.FieldCount()/64+1)
	in.refreshClock()
	in.readHeader(nil)
	if cfg.Resolver != nil {
		for code := range 64 * len(in.entity) {
			if _, ok := cfg.Resolver.Entity(uint16(code)); ok {
				in.entity[code/64] |= 1 << (code % 64)
			}
		}
	}
	return in
}

// QSO judges one record: it fills into and returns nil, or says why the record
// is rejected; then into holds nothing of use. The memory of into is reused; nothing in it
// points into the record.
func (in *Intake) QSO(rec *adif.Record, into *qso.QSO) *Rejection {
	into.Reset()
	in.rec, in.q = rec, into
	if rec.Header != in.header {
		in.readHeader(rec.Header)
	}
	in.copyRecord()
	in.collect()
	if r := in.call(); r != nil {
		return r
	}
	if r := in.start(); r != nil {
		return r
	}
	if r := in.band(); r != nil {
		return r
	}
	if r := in.mode(); r != nil {
		return r
	}
	in.end()
	in.ownCall()
	in.place()
	in.confirmations()
	in.lookUp()
	return nil
}

// readHeader notes whose file the following records are from (rule 12).
func (in *Intake) readHeader(h *adif.Header) {
	in.header = h
	program := h.ProgramID()
	in.named = program != ""
	in.from = in.cfg.From
	switch {
	case in.from != qso.NoSource || in.cfg.Plain:
	case strings.EqualFold(program, "LoTW"):
		in.from = qso.LoTW
	case strings.EqualFold(program, "DCL"):
		in.from = qso.DCL
	}
}

// field returns the field in a slot, or nil.
func (in *Intake) field(s slot) *adif.Field {
	if i := in.slots[s]; i > 0 {
		return &in.rec.Fields[i-1]
	}
	return nil
}

// value returns the value in a slot, or nil.
func (in *Intake) value(s slot) []byte {
	if i := in.slots[s]; i > 0 {
		return in.rec.Fields[i-1].Value
	}
	return nil
}
