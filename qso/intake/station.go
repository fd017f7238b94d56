package intake

import (
	"strings"

	"qslbox/qso"
	"qslbox/qso/adif"
)

// maxCall is the longest call that is taken, slashes included.
const maxCall = 40

// call reads CALL (rule 7).
func (in *Intake) call() *Rejection {
	f := in.field(slotCall)
	if f == nil {
		return reject(in.rec, NoCall, "CALL is missing; add the station worked and import the record again")
	}
	call, ok := in.parseCall(f)
	if !ok {
		return reject(in.rec, BadCall, "CALL %s is no call sign (A-Z, 0-9 and /, with a letter and a digit); correct it and import the record again", quote(f.Value))
	}
	in.q.Call = call
	return nil
}

func (in *Intake) parseCall(f *adif.Field) (qso.Call, bool) {
	if len(f.Value) > 2*maxCall {
		return "", false
	}
	if isCleanCall(f.Value) {
		return qso.Call(in.text(f)), len(f.Value) <= maxCall
	}
	call, err := qso.ParseCall(string(f.Value))
	return call, err == nil && len(call) <= maxCall
}

// isCleanCall reports whether b is a call in its one spelling.
func isCleanCall(b []byte) bool {
	var letter, digit bool
	for _, c := range b {
		switch {
		case c-'A' < 26:
			letter = true
		case c-'0' < 10:
			digit = true
		case c != '/':
			return false
		}
	}
	return letter && digit && len(b) >= 3
}

// ownCall finds the own call (rule 7): STATION_CALLSIGN, else --own, else
// OPERATOR if that is a call, else the logbook's default, which is marked.
func (in *Intake) ownCall() {
	q := in.q
	if f := in.field(slotOwn); f != nil {
		if string(f.Value) != in.own {
			call, ok := in.parseCall(f)
			in.own = ""
			if ok {
				in.own = strings.Clone(string(call))
			}
		}
		if in.own != "" {
			q.Own = qso.Call(in.own)
			in.assumedBefore()
			return
		}
		in.original(slotOwn)
	}
	if call, err := qso.ParseCall(q.Get(qso.FieldAppLoTWOwnCall)); err == nil {
		q.Own = call
		return
	}
	if q.Own = in.cfg.Own; q.Own != "" {
		return
	}
	if in.cfg.From != qso.NoSource {
		return
	}
	if call, err := qso.ParseCall(q.Get(qso.FieldOperator)); err == nil {
		q.Own = call
		return
	}
	q.Own = in.cfg.DefaultOwn
	q.OwnAssumed = q.Own != ""
}

// assumedBefore takes over qslbox's own mark that the own call was assumed.
func (in *Intake) assumedBefore() {
	mark := in.value(slotOwnAssumed)
	in.q.OwnAssumed = len(mark) == 1 && mark[0]|0x20 == 'y'
}

// place reads DXCC, CQZ and ITUZ.
func (in *Intake) place() {
	q := in.q
	if text := in.value(slotDXCC); text != nil {
		code, ok := small(text)
		switch {
		case ok && code == 0:
			in.noDXCC = true // known to lie in no entity; kept, so that nobody looks it up
			in.original(slotDXCC)
		case ok && in.isEntity(code):
			q.DXCC = uint16(code)
		default:
			in.original(slotDXCC)
		}
	}
	q.CQZ = in.zone(slotCQZ, 40)
	q.ITUZ = in.zone(slotITUZ, 90)
}

func (in *Intake) zone(s slot, last int) uint8 {
	text := in.value(s)
	if text == nil {
		return 0
	}
	zone, ok := small(text)
	if !ok || zone == 0 && len(text) < 2 || zone > last {
		in.original(s)
		return 0
	}
	return uint8(zone)
}

// small reads a number of up to four digits.
func small(b []byte) (int, bool) {
	if len(b) > 4 || !allDigits(b) {
		return 0, false
	}
	n := 0
	for _, c := range b {
		n = n*10 + int(c-'0')
	}
	return n, true
}

// isEntity reports whether DXCC has, or had, an entity of that number. Without
// a resolver all numbers up to 999 pass.
func (in *Intake) isEntity(code int) bool {
	if in.cfg.Resolver == nil {
		return code <= 999
	}
	return code < 64*len(in.entity) && in.entity[code/64]&(1<<(code%64)) != 0
}

// lookUp finds what the record does not say, and marks it as looked up: the
// entity by the country's name, else by the call; the zones by the call.
func (in *Intake) lookUp() {
	q := in.q
	if in.cfg.Resolver == nil || q.DXCC != 0 && q.CQZ != 0 && q.ITUZ != 0 {
		return
	}
	if q.DXCC == 0 {
		if code, ok := in.cfg.Resolver.ByName(q.Get(qso.FieldCountry)); ok && code != 0 {
			q.DXCC = code
			q.SetOrigin(qso.FieldDXCC, "", qso.LookedUp)
		}
	}
	if q.DXCC == 0 && in.noDXCC {
		return
	}
	found := in.cfg.Resolver.Lookup(q.Call, q.Start)
	if q.DXCC == 0 && found.Entity != 0 {
		q.DXCC = found.Entity
		q.SetOrigin(qso.FieldDXCC, "", qso.LookedUp)
	}
	if found.Entity != q.DXCC {
		return // the log knows better where the station was
	}
	if q.CQZ == 0 && found.CQZone != 0 {
		q.CQZ = found.CQZone
		q.SetOrigin(qso.FieldCQZ, "", qso.LookedUp)
	}
	if q.ITUZ == 0 && found.ITUZone != 0 {
		q.ITUZ = found.ITUZone
		q.SetOrigin(qso.FieldITUZ, "", qso.LookedUp)
	}
}
