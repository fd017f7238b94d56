package intake

import "qslbox/qso"

// lotwStatement are the fields in which LoTW says something of the other side
// or of the confirmation itself; they are kept with its confirmation.
var lotwStatement = [...]qso.FieldID{
	qso.FieldDXCC, qso.FieldCountry, qso.FieldCont, qso.FieldPFX, qso.FieldCQZ, qso.FieldITUZ,
	qso.FieldGridsquare, qso.FieldVUCCGrids, qso.FieldState, qso.FieldCnty, qso.FieldIOTA, qso.FieldCreditGranted,
	qso.FieldAppLoTWRXQSL, qso.FieldAppLoTWModeGroup, qso.FieldAppLoTWMode, qso.FieldAppLoTWQSLMode, qso.FieldAppLoTW2xQSL,
	qso.FieldAppLoTWDXCCEntityStatus, qso.FieldAppLoTWCreditGranted, qso.FieldAppLoTWCreditSubmitted,
	qso.FieldAppLoTWCQZInferred, qso.FieldAppLoTWCQZInvalid, qso.FieldAppLoTWITUZInferred, qso.FieldAppLoTWITUZInvalid,
	qso.FieldAppLoTWGridsquareInvalid,
}

// dclStatement are the fields in which DCL says something of the other side.
var dclStatement = [...]qso.FieldID{qso.FieldDARCDOK, qso.FieldAppDCLStatus}

// confirmations reads what each source says (rule 12).
func (in *Intake) confirmations() {
	if in.given>>slotStates == 0 && in.qrzStatus == nil && in.q.Get(qso.FieldAppDCLStatus) == "" {
		return
	}
	for s := qso.LoTW; int(s) < qso.SourceCount; s++ {
		status, date := statusSlot(s), dateSlot(s)
		switch {
		case in.given>>status&3 == 0 && s != qso.DCL && s != qso.QRZ && in.from != qso.LoTW:
			continue
		case s == qso.LoTW && in.from == qso.LoTW:
			status, date = in.orCard(status), in.orCard(date)
		case s == qso.Card && in.from == qso.LoTW:
			continue
		case s == qso.Card && in.fromDCL: // never a card
			in.original(status)
			in.original(date)
			continue
		}
		in.confirmation(s, status, date)
	}
}

// orCard returns the card's slot for LoTW's if LoTW's is not given: in a
// report of LoTW, QSL_RCVD and QSLRDATE are LoTW's.
func (in *Intake) orCard(s slot) slot {
	card := s - statusSlot(qso.LoTW) + statusSlot(qso.Card)
	if in.slots[card] != 0 {
		if in.slots[s] != 0 {
			in.original(card)
			return s
		}
		return card
	}
	return s
}

// confirmation adds what one source says, if it says something.
func (in *Intake) confirmation(s qso.Source, status, date slot) {
	byQRZ := s == qso.QRZ && confirmedByQRZ(in.qrzStatus)
	if in.slots[status] == 0 && in.slots[date] == 0 && s != qso.DCL && !byQRZ {
		return
	}
	c := qso.Confirmation{Source: s}
	if text := in.value(status); text != nil {
		if c.Status = state(text); c.Status == 0 {
			in.original(status)
		}
	}
	if s == qso.DCL && confirmedByDCL(in.q.Get(qso.FieldAppDCLStatus)) && !c.Confirms() {
		c.Status = 'Y'
	}
	if byQRZ && !c.Confirms() {
		c.Status = 'Y'
	}
	if text := in.value(date); text != nil {
		day, ok := in.date(text)
		if !ok {
			in.original(date)
		}
		c.Date = day
	} else if byQRZ {
		c.Date, _ = in.date(in.qrzDate)
	}
	if c.Status == 0 && !c.Date.Given() {
		return
	}
	switch {
	case s == qso.LoTW && in.from == qso.LoTW && c.Confirms():
		in.statement(&c, lotwStatement[:])
	case s == qso.DCL && in.fromDCL && c.Confirms():
		in.statement(&c, dclStatement[:])
	}
	in.q.Confirmations = append(in.q.Confirmations, c)
}

// statement keeps with a confirmation what its source says in the fields; it
// must run before anything is looked up.
func (in *Intake) statement(c *qso.Confirmation, fields []qso.FieldID) {
	c.Stated = true
	for _, id := range fields {
		if value := in.q.Text(id); value != "" {
			c.Record = append(c.Record, qso.Field{ID: id, Value: value})
		}
	}
}

// state reads a state letter of the received fields (ADIF QSL_RCVD: Y N R I
// V); 0 for anything else.
func state(text []byte) byte {
	if len(text) != 1 {
		return 0
	}
	switch letter := text[0] &^ 0x20; letter {
	case 'Y', 'N', 'R', 'I', 'V':
		return letter
	}
	return 0
}

// confirmedByQRZ reports whether the APP_QRZLOG_STATUS of a QRZ.com logbook
// export confirms: C, as against N (QRZ.com, Logbook API).
func confirmedByQRZ(status []byte) bool {
	return len(status) == 1 && status[0]&^0x20 == 'C'
}

// confirmedByDCL reports whether an APP_DCL_STATUS confirms: c (import from
// LoTW, Club Log, eQSL or a contest), m, n, o (an award manager) or i (inside
// DCL). Source: corpus/dcl/REQUESTS.md.
func confirmedByDCL(status string) bool {
	switch status {
	case "c", "m", "n", "o", "i", "C", "M", "N", "O", "I":
		return true
	}
	return false
}
