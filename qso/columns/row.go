package columns

import (
	"strings"

	"qslbox/qso"
)

// Flag says something about a row that is true or not.
type Flag uint16

// The flags.
const (
	Dead         Flag = 1 << iota // deleted: counts for nothing
	Satellite                     // PROP_MODE SAT
	CrossBand                     // BAND_RX differs, outside satellite
	Repeater                      // PROP_MODE RPT
	EchoLink                      // PROP_MODE ECH
	IRLP                          // PROP_MODE IRL
	Internet                      // PROP_MODE INTERNET
	OwnAssumed                    // the own call was a guess
	AtLoTW                        // LoTW's own-QSO report holds it
	LoTWStated                    // LoTW's own record is known: see Blank and Statement
	TwoWay                        // LoTW's record says 2xQSL
	NotTwoWay                     // LoTW's record says that the modes differ
	EQSLAG                        // EQSL_AG Y: authenticity guaranteed
	BadGrid                       // there is a GRIDSQUARE, but it is none
	HasStatement                  // LoTW says something else than the log: see Statement
	Synced                        // made by a sync and not adopted yet: see Candidate
)

// NotCountable are the flags of QSOs that no award counts unless it says so.
const NotCountable = CrossBand | Repeater | EchoLink | IRLP | Internet

// Reason names why a QSO with these flags is not countable: repeater, echolink,
// irlp, internet or cross-band; "" if it is.
func (f Flag) Reason() string {
	switch {
	case f&Repeater != 0:
		return "repeater"
	case f&EchoLink != 0:
		return "echolink"
	case f&IRLP != 0:
		return "irlp"
	case f&Internet != 0:
		return "internet"
	case f&CrossBand != 0:
		return "cross-band"
	}
	return ""
}

// channels are the flags of the values of PROP_MODE that matter.
var channels = map[string]Flag{"SAT": Satellite, "RPT": Repeater, "ECH": EchoLink, "IRL": IRLP, "INTERNET": Internet}

// epoch is the zero of the Time column: 1930-01-01, the first day of a QSO.
const epoch qso.Time = -1_262_304_000

// TimeOf returns the instant of a value of the Time column.
func TimeOf(t uint32) qso.Time { return epoch + qso.Time(t) }

// ToColumn returns the value of the Time column for an instant, which is
// clipped to the column's range (1930 to 2066).
func ToColumn(t qso.Time) uint32 {
	return uint32(min(max(t-epoch, 0), 1<<32-1))
}

// DayOf returns the day number of an instant as the date columns hold it; 0
// means "not known".
func DayOf(t qso.Time) uint16 {
	if !t.Given() {
		return 0
	}
	return uint16(min(max((t-epoch)/86400, 1), 1<<16-1))
}

// TimeOfDay returns the start of a day of the date columns.
func TimeOfDay(day uint16) qso.Time { return epoch + qso.Time(day)*86400 }

// PackGrid returns the number of the four-character square that a locator in
// upper case begins with, 1 to 32,400; 0 if the text is none.
func PackGrid(s string) uint16 {
	if len(s) < 4 {
		return 0
	}
	a, b, c, d := s[0]-'A', s[1]-'A', s[2]-'0', s[3]-'0'
	if a > 17 || b > 17 || c > 9 || d > 9 {
		return 0
	}
	return 1 + ((uint16(a)*18+uint16(b))*10+uint16(c))*10 + uint16(d)
}

// UnpackGrid returns the square of a number of PackGrid, "" for 0.
func UnpackGrid(g uint16) string {
	if g == 0 || g > 32400 {
		return ""
	}
	g--
	return string([]byte{byte('A' + g/1800), byte('A' + g/100%18), byte('0' + g/10%10), byte('0' + g%10)})
}

// row is what of one QSO goes into the columns.
type row struct {
	time            uint32
	band            uint8
	mode            qso.Mode
	dxcc            uint16
	cqz, ituz       uint8
	confirmed       uint8
	flags           Flag
	blank           Blank
	grid            uint16
	lotw, card, dcl uint16 // days of confirmation
	session         Session
	place           Place
	stated          stated
}

// originalGrid is where a locator that is none stays (package intake).
const originalGrid = "APP_QSLBOX_ORIGINAL_GRIDSQUARE"

// read makes the row of a QSO.
func (r *row) read(q *qso.QSO) {
	*r = row{} // by itself: a literal would be made beside it and copied, 500 bytes
	r.time, r.band, r.mode, r.confirmed = ToColumn(q.Start), uint8(q.Band), q.Mode, uint8(q.Confirmed())
	r.dxcc, r.cqz, r.ituz = q.DXCC, q.CQZ, q.ITUZ
	r.session.Own = q.Own
	for i := range q.Fields {
		if f := &q.Fields[i]; f.ID != qso.NoField {
			r.field(f.ID, f.Value)
		} else if f.Name == originalGrid {
			r.flags |= BadGrid
		}
	}
	if r.grid != 0 {
		r.flags &^= BadGrid
	}
	if q.BandRx != 0 && q.BandRx != q.Band && r.flags&Satellite == 0 {
		r.flags |= CrossBand
	}
	if q.OwnAssumed {
		r.flags |= OwnAssumed
	}
	if q.AtLoTW.Given() {
		r.flags |= AtLoTW
	}
	if q.MadeBy != qso.NoSource {
		r.flags |= Synced
	}
	for i := range q.Confirmations {
		r.confirmation(&q.Confirmations[i])
	}
}

// field takes one of the QSO's other fields.
func (r *row) field(id qso.FieldID, value string) {
	switch id {
	case qso.FieldGridsquare:
		if r.grid = PackGrid(strings.ToUpper(value)); r.grid == 0 && value != "" {
			r.flags |= BadGrid
		}
	case qso.FieldPropMode:
		r.place.PropMode = strings.ToUpper(value)
		r.flags |= channels[r.place.PropMode]
	case qso.FieldEQSLAG:
		if strings.EqualFold(value, "Y") {
			r.flags |= EQSLAG
		}
	case qso.FieldOperator, qso.FieldContestID, qso.FieldMyGridsquare, qso.FieldMyDXCC, qso.FieldMyState, qso.FieldMyCnty,
		qso.FieldMyIOTA, qso.FieldMyDARCDOK, qso.FieldMyPOTARef, qso.FieldMySOTARef, qso.FieldMyWWFFRef, qso.FieldMySig, qso.FieldMySigInfo:
		r.session.field(id, value)
	default:
		r.place.field(id, value)
	}
}

// field takes a field about our side.
func (s *Session) field(id qso.FieldID, value string) {
	switch id {
	case qso.FieldOperator:
		s.Operator = strings.ToUpper(value)
	case qso.FieldContestID:
		s.Contest = strings.ToUpper(value)
	case qso.FieldMyGridsquare:
		s.MyGrid = strings.ToUpper(value)
	case qso.FieldMyDXCC:
		s.MyDXCC = value
	case qso.FieldMyState:
		s.MyState = strings.ToUpper(value)
	case qso.FieldMyCnty:
		s.MyCnty = strings.ToUpper(value)
	case qso.FieldMyIOTA:
		s.MyIOTA = strings.ToUpper(value)
	case qso.FieldMyDARCDOK:
		s.MyDOK, _ = qso.FoldDOK(value)
	case qso.FieldMyPOTARef:
		s.MyPOTA = strings.ToUpper(value)
	case qso.FieldMySOTARef:
		s.MySOTA = strings.ToUpper(value)
	case qso.FieldMyWWFFRef:
		s.MyWWFF = strings.ToUpper(value)
	case qso.FieldMySig:
		s.MySIG = joinSIG(value, "", s.MySIG)
	case qso.FieldMySigInfo:
		s.MySIG = joinSIG("", value, s.MySIG)
	}
}

// field takes a field about the other side; LoTW's record has some of them,
// too.
func (p *Place) field(id qso.FieldID, value string) {
	switch id {
	case qso.FieldState:
		p.State = strings.ToUpper(value)
	case qso.FieldCnty:
		p.Cnty = strings.ToUpper(value)
	case qso.FieldIOTA:
		p.IOTA = strings.ToUpper(value)
	case qso.FieldDARCDOK:
		if p.DOK, _ = qso.FoldDOK(value); p.DOK == "" && value != "" {
			p.DOK = BadDOK
		}
	case qso.FieldRegion:
		p.Region = strings.ToUpper(value)
	case qso.FieldCont:
		p.Cont = strings.ToUpper(value)
	case qso.FieldVUCCGrids:
		p.VUCC = strings.ToUpper(value)
	case qso.FieldPOTARef:
		p.POTA = strings.ToUpper(value)
	case qso.FieldSOTARef:
		p.SOTA = strings.ToUpper(value)
	case qso.FieldWWFFRef:
		p.WWFF = strings.ToUpper(value)
	case qso.FieldSig:
		p.SIG = joinSIG(value, "", p.SIG)
	case qso.FieldSigInfo:
		p.SIG = joinSIG("", value, p.SIG)
	case qso.FieldSatName:
		p.SatName = strings.ToUpper(value)
	case qso.FieldCreditGranted, qso.FieldAppLoTWCreditGranted:
		p.Granted = alsoCredits(p.Granted, value)
	case qso.FieldCreditSubmitted, qso.FieldAppLoTWCreditSubmitted:
		p.Submitted = alsoCredits(p.Submitted, value)
	case qso.FieldQSLSent:
		if value == "Q" || value == "R" {
			p.CardWaits = value
		}
	}
}

// alsoCredits adds a list of credits to another.
func alsoCredits(have, more string) string {
	switch {
	case have == "":
		return more
	case more == "" || have == more:
		return have
	}
	return have + "," + more
}

// joinSIG puts a programme or a reference into "PROGRAMME:REFERENCE".
func joinSIG(programme, reference, have string) string {
	p, r, _ := strings.Cut(have, ":")
	if programme != "" {
		p = programme
	}
	if reference != "" {
		r = reference
	}
	return p + ":" + r
}
